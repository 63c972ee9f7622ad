"""The node that moves a face over time."""

from __future__ import annotations

from comfy_api.latest import io

from auface.facs import NEUTRAL, Expression
from auface.facs.timeline import EASINGS, MAX_FRAMES, animate, parse_timeline

from .socket import CATEGORY, AUExpression, expression_output

NAMES = ("a", "b", "c", "d")
"""Linked expressions that keyframes may call by name."""

EXAMPLE = "0: neutral\n12 ease-out: 1C+2C+5C+26C\n24: 6C+12D"


class ExpressionTimeline(io.ComfyNode):
    """Keyframes in, the expression of every frame out."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        """Return the node's inputs and outputs."""
        return io.Schema(
            node_id="AUFaceExpressionTimeline",
            display_name="Animate Expression",
            category=CATEGORY,
            description="Move a face through keyframes, with easing. The nodes behind it run once for every frame.",
            search_aliases=["timeline", "keyframes", "expression animation", "animate face", "schedule", "batch"],
            inputs=[
                io.String.Input(
                    "keyframes",
                    multiline=True,
                    default=EXAMPLE,
                    tooltip="One keyframe a line: frame, how the face moves there if you like, a colon, and FACS "
                    "notation, English, or the letter of a linked expression. Example: 12 ease-out: a broad smile",
                ),
                io.Combo.Input(
                    "easing",
                    options=list(EASINGS),
                    default="smooth",
                    tooltip="How the face moves into keyframes that do not say it themselves.",
                ),
                io.Int.Input(
                    "frames",
                    default=0,
                    min=0,
                    max=MAX_FRAMES,
                    tooltip="How many frames; 0 ends with the last keyframe.",
                ),
                *(
                    AUExpression.Input(name, optional=True, tooltip=f"An expression that keyframes call {name}.")
                    for name in NAMES
                ),
            ],
            outputs=[
                expression_output("The expression of every frame, as a list.", is_output_list=True),
                io.Int.Output("count", tooltip="How many frames there are."),
            ],
        )

    @classmethod
    def validate_inputs(cls, keyframes: str = EXAMPLE) -> bool | str:
        """Return True or what is wrong with the keyframes.

        Args:
            keyframes: As for `execute`; linked expressions are not known yet.
        """
        try:
            parse_timeline(keyframes, dict.fromkeys(NAMES, NEUTRAL))
        except ValueError as error:
            return str(error)
        return True

    @classmethod
    def execute(
        cls,
        keyframes: str,
        easing: str,
        frames: int,
        a: Expression | None = None,
        b: Expression | None = None,
        c: Expression | None = None,
        d: Expression | None = None,
    ) -> io.NodeOutput:
        """Read the keyframes and animate.

        Args:
            keyframes: One keyframe a line.
            easing: The easing of lines that name none.
            frames: How many frames, 0 for as many as the keyframes need.
            a: An expression that keyframes call a.
            b: An expression that keyframes call b.
            c: An expression that keyframes call c.
            d: An expression that keyframes call d.
        """
        linked = {name: given for name, given in zip(NAMES, (a, b, c, d), strict=True) if given is not None}
        faces = animate(parse_timeline(keyframes, linked, easing), frames or None)  # type: ignore[arg-type]
        return io.NodeOutput(list(faces), len(faces))


NODES: list[type[io.ComfyNode]] = [ExpressionTimeline]
"""The nodes of this module."""
