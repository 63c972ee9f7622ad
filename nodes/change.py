"""Nodes that make another expression of expressions: mix, mirror, scale, resolve what a face cannot combine."""

from __future__ import annotations

from comfy_api.latest import io

from auface.facs import Expression, find_conflicts, resolve

from .socket import CATEGORY, expression_input, expression_output


class BlendExpressions(io.ComfyNode):
    """Two expressions in, their mix or sum out."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        """Return the node's inputs and outputs."""
        return io.Schema(
            node_id="AUFaceBlendExpressions",
            display_name="Blend Expressions",
            category=CATEGORY,
            description="Mix two expressions, or let the face do the second one as well.",
            search_aliases=["mix expressions", "combine expressions", "add expressions", "interpolate"],
            inputs=[
                expression_input("first", "The expression at weight 0."),
                expression_input("second", "The expression that is mixed in or added."),
                io.Float.Input(
                    "weight",
                    default=0.5,
                    min=0.0,
                    max=1.0,
                    step=0.05,
                    display_mode=io.NumberDisplay.slider,
                    tooltip="How much of the second expression: 0 none, 1 all of it.",
                ),
                io.Combo.Input(
                    "mode",
                    options=["mix", "add"],
                    default="mix",
                    tooltip="mix goes from the first to the second; add keeps the first and takes the stronger of both "
                    "for every unit.",
                ),
            ],
            outputs=[expression_output("The blended expression.")],
        )

    @classmethod
    def execute(cls, first: Expression, second: Expression, weight: float, mode: str) -> io.NodeOutput:
        """Blend.

        Args:
            first: The expression at weight 0.
            second: The other expression.
            weight: 0 to 1.
            mode: "mix" or "add".
        """
        mixed = first.blended(second, weight) if mode == "mix" else first.added(second.scaled(weight))
        return io.NodeOutput(mixed)


class MirrorExpression(io.ComfyNode):
    """Left and right change places."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        """Return the node's inputs and outputs."""
        return io.Schema(
            node_id="AUFaceMirrorExpression",
            display_name="Mirror Expression",
            category=CATEGORY,
            description="Let left and right change places, also in gaze and head turns.",
            search_aliases=["flip expression", "swap sides", "left right"],
            inputs=[expression_input()],
            outputs=[expression_output("The mirror image.")],
        )

    @classmethod
    def execute(cls, expression: Expression) -> io.NodeOutput:
        """Mirror.

        Args:
            expression: What the face does.
        """
        return io.NodeOutput(expression.mirrored())


class ScaleExpression(io.ComfyNode):
    """Every intensity times a factor."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        """Return the node's inputs and outputs."""
        return io.Schema(
            node_id="AUFaceScaleExpression",
            display_name="Scale Expression",
            category=CATEGORY,
            description="Make an expression weaker or stronger.",
            search_aliases=["intensity", "strength", "exaggerate", "soften expression"],
            inputs=[
                expression_input(),
                io.Float.Input(
                    "factor",
                    default=1.0,
                    min=0.0,
                    max=3.0,
                    step=0.05,
                    display_mode=io.NumberDisplay.slider,
                    tooltip="0 is the neutral face, 1 changes nothing. No unit goes beyond its maximum.",
                ),
            ],
            outputs=[expression_output("The scaled expression.")],
        )

    @classmethod
    def execute(cls, expression: Expression, factor: float) -> io.NodeOutput:
        """Scale.

        Args:
            expression: What the face does.
            factor: 0 or more.
        """
        return io.NodeOutput(expression.scaled(factor))


class ResolveConflicts(io.ComfyNode):
    """What a face can do of what was asked, and why."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        """Return the node's inputs and outputs."""
        return io.Schema(
            node_id="AUFaceResolveConflicts",
            display_name="Resolve Expression Conflicts",
            category=CATEGORY,
            description="Find units that a face cannot combine, such as lips pressed and jaw dropped, and do what a "
            "face would. Says what it changed.",
            search_aliases=["fix expression", "check expression", "FACS conflicts", "antagonists"],
            inputs=[
                expression_input(),
                io.Combo.Input(
                    "policy",
                    options=["natural", "strict", "keep"],
                    default="natural",
                    tooltip="natural weakens or drops units as a face would, strict stops with an error if that is "
                    "needed, keep only reports.",
                ),
            ],
            outputs=[
                expression_output("What a face can do of it."),
                io.String.Output("report", tooltip="What was changed and why; conflicts that a face can hold as well."),
                io.Boolean.Output("changed", tooltip="Whether anything was changed."),
            ],
        )

    @classmethod
    def execute(cls, expression: Expression, policy: str) -> io.NodeOutput:
        """Resolve and report.

        Args:
            expression: What was asked for.
            policy: "natural", "strict" or "keep".
        """
        resolved = resolve(expression, policy)  # type: ignore[arg-type]
        changed = resolved != expression
        lines = [f"{expression} became {resolved}." if changed else f"{expression} stays as it is."]
        lines += [conflict.explanation for conflict in find_conflicts(expression)]
        return io.NodeOutput(resolved, "\n".join(lines), changed)


NODES: list[type[io.ComfyNode]] = [BlendExpressions, MirrorExpression, ScaleExpression, ResolveConflicts]
"""The nodes of this module."""
