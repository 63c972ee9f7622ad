"""Nodes that make an expression: from text, by hand on a drawn face, or from a published emotion."""

from __future__ import annotations

from comfy_api.latest import io

from auface.facs import Expression, as_expression, read
from auface.facs.preset import AUTOMATIC, SOURCE_NAMES, preset, preset_names
from auface.facs.request import is_english

from .socket import CATEGORY, expression_output, why_not


class MakeExpression(io.ComfyNode):
    """FACS notation or English in, an expression out."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        """Return the node's inputs and outputs."""
        return io.Schema(
            node_id="AUFaceMakeExpression",
            display_name="Make Expression",
            category=CATEGORY,
            description="Make an expression from FACS notation (1+2C+L12D+26) or plain English "
            "(a crooked grin, eyes half-closed).",
            search_aliases=["FACS", "action units", "facial expression", "emotion", "parse expression"],
            inputs=[
                io.String.Input(
                    "text",
                    multiline=True,
                    default="a slight smile, one eyebrow raised",
                    tooltip="FACS notation such as 1+2C+L12D+26 (A trace to E maximum, L and R the person's own "
                    "sides), or English that says what the face does.",
                ),
            ],
            outputs=[
                expression_output(),
                io.String.Output("notation", tooltip="The expression in FACS notation."),
                io.String.Output("unread", tooltip="What was not understood of an English text; empty if all was."),
            ],
        )

    @classmethod
    def validate_inputs(cls, text: str = "neutral") -> bool | str:
        """Return True or what is wrong with the text.

        Args:
            text: As for `execute`; a linked text is not known yet.
        """
        return why_not(text)

    @classmethod
    def execute(cls, text: str) -> io.NodeOutput:
        """Read the text.

        Args:
            text: FACS notation or English.
        """
        expression = as_expression(text)
        unread = [piece.text for piece in read(text).unread] if is_english(text) else []
        return io.NodeOutput(expression, expression.notation(), ", ".join(unread))


class PickExpression(io.ComfyNode):
    """The face picker: its value is FACS notation, so workflows and scripts need no page."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        """Return the node's inputs and outputs."""
        return io.Schema(
            node_id="AUFacePickExpression",
            display_name="Pick Expression",
            category=CATEGORY,
            description="Pick an expression on a drawn face: drag brows, eyes, cheeks, mouth and jaw, or move the "
            "sliders.",
            search_aliases=["expression editor", "face editor", "sliders", "FACS", "action units", "face picker"],
            inputs=[
                io.String.Input(
                    "face",
                    default="neutral",
                    extra_dict={"widgetType": "AUFACE_PICKER"},
                    tooltip="The picked expression in FACS notation; the drawn face writes it, and it can be typed.",
                ),
            ],
            outputs=[
                expression_output(),
                io.String.Output("notation", tooltip="The expression in FACS notation."),
            ],
        )

    @classmethod
    def validate_inputs(cls, face: str = "neutral") -> bool | str:
        """Return True or what is wrong with the notation.

        Args:
            face: As for `execute`; a linked text is not known yet.
        """
        return why_not(face)

    @classmethod
    def execute(cls, face: str) -> io.NodeOutput:
        """Read what was picked.

        Args:
            face: FACS notation, or English from a link.
        """
        expression = as_expression(face)
        return io.NodeOutput(expression, expression.notation())


class ExpressionPreset(io.ComfyNode):
    """A basic or compound emotion as a published source has it."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        """Return the node's inputs and outputs."""
        return io.Schema(
            node_id="AUFaceExpressionPreset",
            display_name="Choose Expression Preset",
            category=CATEGORY,
            description="Choose an emotion as a published source has it: seven basic ones, by several theories, and "
            "compound ones such as happily surprised.",
            search_aliases=["emotion", "happy", "sad", "angry", "surprised", "compound emotion", "expression preset"],
            inputs=[
                io.Combo.Input(
                    "emotion",
                    options=list(preset_names()),
                    default="happiness",
                    tooltip="A basic emotion, or one that joins two.",
                ),
                io.Float.Input(
                    "strength",
                    default=1.0,
                    min=0.0,
                    max=2.0,
                    step=0.05,
                    display_mode=io.NumberDisplay.slider,
                    tooltip="1 is as strong as published, 0 the neutral face, 2 twice as strong.",
                ),
                io.Combo.Input(
                    "source",
                    options=list(SOURCE_NAMES),
                    default=AUTOMATIC,
                    advanced=True,
                    tooltip="Who says which units belong to it; sources disagree. Automatic takes the first that has "
                    "the emotion. Compound emotions are in du2014 and emotionet2016.",
                ),
            ],
            outputs=[expression_output()],
        )

    @classmethod
    def validate_inputs(cls, emotion: str = "happiness", source: str = AUTOMATIC) -> bool | str:
        """Return True or why this source does not go with this emotion.

        Args:
            emotion: As for `execute`.
            source: As for `execute`.
        """
        try:
            preset(emotion, source)
        except ValueError as error:
            return str(error)
        return True

    @classmethod
    def execute(cls, emotion: str, strength: float, source: str) -> io.NodeOutput:
        """Take the preset and scale it.

        Args:
            emotion: A basic or compound emotion.
            strength: Factor, 0 to 2.
            source: Whose prototype.
        """
        expression: Expression = preset(emotion, source).scaled(strength)
        return io.NodeOutput(expression)


NODES: list[type[io.ComfyNode]] = [MakeExpression, PickExpression, ExpressionPreset]
"""The nodes of this module."""
