"""`VerdictBlock`: pictures and what was asked -> whether they show it."""

from __future__ import annotations

from typing import Any

from diffusers.modular_pipelines import ModularPipelineBlocks, PipelineState
from diffusers.modular_pipelines.modular_pipeline_utils import InputParam, OutputParam
from PIL.Image import Image

from auface.pipelines.modular.recognition.block import recognitions
from auface.recognition.verdict import Verdict, judge


class VerdictBlock(ModularPipelineBlocks):
    """Compares what pictures show with what was asked, and names the best of them."""

    _requirements = {"auface": ">=0.1.0"}  # noqa: RUF012 - diffusers' own attribute

    @property
    def description(self) -> str:
        """What the block does."""
        return "Judges whether pictures show the expression that was asked for, unit by unit and as a score."

    @property
    def inputs(self) -> list[InputParam]:
        """What it takes."""
        return [
            InputParam("expression", required=True, description="What was asked; one for all pictures, or a list."),
            InputParam("images", type_hint=list[Image], description="Pictures; needed without `recognitions`."),
            InputParam("recognitions", description="What was read in them; by default it is read here."),
            InputParam("recognizer", description="An `auface.recognition.Recognizer`; by default the shipped one."),
        ]

    @property
    def intermediate_outputs(self) -> list[OutputParam]:
        """What it adds to the state."""
        return [
            OutputParam("verdicts", type_hint=list[Verdict], description="One verdict for each picture."),
            OutputParam("best", type_hint=int, description="Place of the picture with the highest score, from 0."),
        ]

    def __call__(self, components: Any, state: PipelineState) -> tuple[Any, PipelineState]:
        """Run.

        Args:
            components: The pipeline; nothing of it is used.
            state: Inputs and what earlier blocks made.

        Raises:
            ValueError: There are no pictures, or another number of expressions than they can have.
        """
        block: Any = self.get_block_state(state)
        read = block.recognitions if block.recognitions is not None else recognitions(block.images, block.recognizer)
        asked = block.expression if isinstance(block.expression, list) else [block.expression]
        if not read or not asked or len(read) % len(asked):
            raise ValueError(
                f"`expression` has {len(asked)} entries for {len(read)} pictures; accepted is one, or one for each "
                "prompt."
            )
        each = len(read) // len(asked)
        block.verdicts = [
            judge(one.face() if one.faces else None, asked[place // each]) for place, one in enumerate(read)
        ]
        block.best = max(range(len(read)), key=lambda place: block.verdicts[place].score)
        self.set_block_state(state, block)
        return components, state
