"""`ExpressionBlock`: text or FACS notation -> prompt and ControlNet map, for any modular pipeline."""

from __future__ import annotations

from typing import Any

import numpy as np
from diffusers.modular_pipelines import ModularPipelineBlocks, PipelineState
from diffusers.modular_pipelines.modular_pipeline_utils import InputParam, OutputParam
from PIL.Image import Image

from auface.facs import Expression
from auface.pipelines.controls import ExpressionControls, expression_to_controls


class ExpressionBlock(ModularPipelineBlocks):
    """Turns an expression into the prompt and the map that a ControlNet workflow takes.

    Put it before the text encoder of a workflow with `control_image`. One expression goes with one prompt; a list
    gives lists.
    """

    _requirements = {"auface": ">=0.1.0"}  # noqa: RUF012 - diffusers' own attribute

    @property
    def description(self) -> str:
        """What the block does."""
        return "Puts the words of a facial expression into the prompt and draws the map of a face that shows it."

    @property
    def inputs(self) -> list[InputParam]:
        """What it takes."""
        return [
            InputParam(
                "expression", required=True, description="An expression, FACS notation, or English; or a list of them."
            ),
            InputParam("prompt", default="", description="The prompt; words go to {expression}, or to its end."),
            InputParam("base", type_hint=str, default="sdxl", description="sd15, sdxl, flux or sd3."),
            InputParam("control_map", type_hint=str, default="depth", description="landmarks, depth or normal."),
            InputParam("height", type_hint=int, description="Height in pixels; by default that of the base."),
            InputParam("width", type_hint=int, description="Width in pixels; by default that of the base."),
            InputParam("identity", description="A seed, a (478, 3) neutral face, or None for the default head."),
            InputParam("pose", description="A HeadPose, or 'yaw,pitch,roll' in degrees."),
            InputParam("face_landmarks", description="(478, 2) landmarks of a photo of that size, in pixels."),
            InputParam("zoom", type_hint=float, default=1.0, description="Size of the face; 1 is FFHQ's crop."),
            InputParam("conflict_policy", type_hint=str, default="natural", description="natural, strict or keep."),
        ]

    @property
    def intermediate_outputs(self) -> list[OutputParam]:
        """What it adds to the state."""
        return [
            OutputParam("prompt", description="The prompt with the words of the expression in it."),
            OutputParam("control_image", type_hint=Image, description="The map."),
            OutputParam("height", type_hint=int, description="Height of the map in pixels."),
            OutputParam("width", type_hint=int, description="Width of the map in pixels."),
            OutputParam("expression", type_hint=Expression, description="What the map shows."),
            OutputParam("requested_landmarks", type_hint=np.ndarray, description="(478, 3) in pixels, as drawn."),
        ]

    def __call__(self, components: Any, state: PipelineState) -> tuple[Any, PipelineState]:
        """Run.

        Args:
            components: The pipeline; nothing of it is used.
            state: Inputs and what earlier blocks made.

        Raises:
            ValueError: An input is wrong, or lists have different lengths.
        """
        block: Any = self.get_block_state(state)
        many = isinstance(block.expression, list)
        asked = block.expression if many else [block.expression]
        prompts = block.prompt if isinstance(block.prompt, list) else [block.prompt] * len(asked)
        if len(prompts) != len(asked):
            raise ValueError(
                f"`prompt` has {len(prompts)} entries for {len(asked)} expressions; accepted is one, or one for each."
            )
        found = [self._controls(block, one, prompt) for one, prompt in zip(asked, prompts, strict=True)]
        made = {
            "prompt": [one.prompt for one in found],
            "control_image": [one.image(block.control_map) for one in found],
            "expression": [one.expression for one in found],
            "requested_landmarks": [one.landmarks for one in found],
        }
        for name, values in made.items():
            setattr(block, name, values if many else values[0])
        block.height, block.width = found[0].height, found[0].width
        self.set_block_state(state, block)
        return components, state

    def _controls(self, block: Any, expression: Expression | str, prompt: str) -> ExpressionControls:
        if (block.height is None) != (block.width is None):
            raise ValueError(f"`height` is {block.height} and `width` is {block.width}; accepted are both, or neither.")
        return expression_to_controls(
            expression,
            prompt,
            base=block.base,
            size=None if block.height is None else (block.height, block.width),
            identity=block.identity,
            pose=block.pose,
            landmarks=block.face_landmarks,
            zoom=block.zoom,
            conflict_policy=block.conflict_policy,
        )
