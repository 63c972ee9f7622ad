"""Nodes that put an expression into words, and the words into a prompt."""

from __future__ import annotations

from typing import Any

from comfy_api.latest import io

from auface.facs import Expression, describe
from auface.facs.prompt import PLACEHOLDER, insert_words

from .socket import CATEGORY, expression_input, policy_input


class DescribeExpression(io.ComfyNode):
    """An expression in, English out."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        """Return the node's inputs and outputs."""
        return io.Schema(
            node_id="AUFaceDescribeExpression",
            display_name="Describe Expression",
            category=CATEGORY,
            description="Say in English what the face does, for prompts and training captions.",
            search_aliases=["expression to text", "caption", "prompt", "FACS to text", "AU text"],
            inputs=[
                expression_input(),
                io.Combo.Input(
                    "length",
                    options=["tag", "sentence", "detailed"],
                    default="tag",
                    tooltip="tag: prompt tags. sentence: one sentence. detailed: several sentences that also say what "
                    "else then shows. Tags and sentences fit into one CLIP window.",
                ),
                io.Boolean.Input(
                    "vary",
                    default=False,
                    label_on="by seed",
                    label_off="fixed",
                    tooltip="Vary synonyms and order by the seed, as captions for training need it.",
                ),
                io.Int.Input(
                    "seed",
                    default=0,
                    min=0,
                    max=0xFFFFFFFFFFFFFFFF,
                    control_after_generate=True,
                    tooltip="Which wording, where it varies.",
                ),
                policy_input(),
            ],
            outputs=[
                io.String.Output("text", tooltip="The description."),
                io.String.Output("notation", tooltip="The expression in FACS notation."),
            ],
        )

    @classmethod
    def execute(cls, expression: Expression, length: str, vary: bool, seed: int, conflicts: str) -> io.NodeOutput:
        """Describe.

        Args:
            expression: What the face does.
            length: "tag", "sentence" or "detailed".
            vary: Whether the seed chooses the wording.
            seed: Any whole number.
            conflicts: "natural", "strict" or "keep".
        """
        text = describe(expression, length=length, seed=seed if vary else None, conflict_policy=conflicts)  # type: ignore[arg-type]
        return io.NodeOutput(text, expression.notation())


class EncodeAUText(io.ComfyNode):
    """A prompt with the words of an expression in it, encoded by any text encoder of the host."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        """Return the node's inputs and outputs."""
        return io.Schema(
            node_id="AUFaceEncodeAUText",
            display_name="Encode AU Text",
            category=CATEGORY,
            description="Put an expression into a prompt and encode it, for any model: SD 1.5, SDXL, Flux and others.",
            search_aliases=["CLIP Text Encode", "prompt", "expression prompt", "conditioning", "positive"],
            inputs=[
                io.Clip.Input("clip", tooltip="The text encoder."),
                expression_input(),
                io.String.Input(
                    "prompt",
                    multiline=True,
                    default=f"portrait photo of a woman, {PLACEHOLDER}, soft light",
                    tooltip="The prompt. The word expression in curly braces says where the words of the expression "
                    "go; without it they go to the end.",
                ),
                io.Float.Input(
                    "weight",
                    default=1.0,
                    min=0.0,
                    max=2.0,
                    step=0.05,
                    display_mode=io.NumberDisplay.slider,
                    tooltip="Emphasis on the words of the expression; 1 is none.",
                ),
                io.Combo.Input(
                    "length",
                    options=["tag", "sentence", "detailed"],
                    default="tag",
                    tooltip="tag suits CLIP (SD 1.5, SDXL); sentence and detailed suit encoders of long text such as "
                    "T5 (Flux).",
                ),
                policy_input(),
            ],
            outputs=[
                io.Conditioning.Output("conditioning", tooltip="The encoded prompt, for a sampler."),
                io.String.Output("text", tooltip="The prompt that was encoded."),
            ],
        )

    @classmethod
    def execute(
        cls, clip: Any, expression: Expression, prompt: str, weight: float, length: str, conflicts: str
    ) -> io.NodeOutput:
        """Describe the expression, put the words into the prompt, encode.

        Args:
            clip: ComfyUI's text encoder.
            expression: What the face does.
            prompt: The prompt, with or without the placeholder.
            weight: Emphasis, 0 to 2.
            length: "tag", "sentence" or "detailed".
            conflicts: "natural", "strict" or "keep".

        Raises:
            ValueError: There is no text encoder; `strict` and a conflict.
        """
        if clip is None:
            raise ValueError("`clip` is empty: the checkpoint holds no text encoder; load one and link it.")
        words = describe(expression, length=length, conflict_policy=conflicts)  # type: ignore[arg-type]
        text = insert_words(prompt, words, weight)
        return io.NodeOutput(clip.encode_from_tokens_scheduled(clip.tokenize(text)), text)


NODES: list[type[io.ComfyNode]] = [DescribeExpression, EncodeAUText]
"""The nodes of this module."""
