"""`RecognitionBlock`: pictures -> the faces in them and what these show."""

from __future__ import annotations

from typing import Any

from diffusers.modular_pipelines import ModularPipelineBlocks, PipelineState
from diffusers.modular_pipelines.modular_pipeline_utils import InputParam, OutputParam
from PIL.Image import Image

from auface.recognition.result import Recognition


class RecognitionBlock(ModularPipelineBlocks):
    """Reads the faces of pictures, those that a workflow has just drawn or any others."""

    _requirements = {"auface": ">=0.1.0"}  # noqa: RUF012 - diffusers' own attribute

    @property
    def description(self) -> str:
        """What the block does."""
        return "Finds faces in pictures and reads the intensity of their action units, left and right."

    @property
    def inputs(self) -> list[InputParam]:
        """What it takes."""
        return [
            InputParam("images", type_hint=list[Image], required=True, description="Pictures, as PIL images."),
            InputParam("recognizer", description="An `auface.recognition.Recognizer`; by default the shipped one."),
        ]

    @property
    def intermediate_outputs(self) -> list[OutputParam]:
        """What it adds to the state."""
        return [OutputParam("recognitions", type_hint=list[Recognition], description="What was read, per picture.")]

    def __call__(self, components: Any, state: PipelineState) -> tuple[Any, PipelineState]:
        """Run.

        Args:
            components: The pipeline; nothing of it is used.
            state: Inputs and what earlier blocks made.

        Raises:
            ValueError: The pictures are none.
        """
        block: Any = self.get_block_state(state)
        block.recognitions = recognitions(block.images, block.recognizer)
        self.set_block_state(state, block)
        return components, state


def recognitions(images: Any, recognizer: Any = None) -> list[Recognition]:
    """Return what was read in each picture.

    Args:
        images: A list of PIL images.
        recognizer: What reads them; by default the shipped recognizer.

    Raises:
        ValueError: The pictures are no list of PIL images, such as latents or tensors.
    """
    if not isinstance(images, list) or not all(isinstance(image, Image) for image in images):
        raise ValueError(
            f"`images` is {type(images).__name__}; accepted is a list of PIL images, as `output_type='pil'` makes."
        )
    if recognizer is None:
        from auface.recognition.verification import shipped_recognizer

        recognizer = shipped_recognizer()
    return [recognizer.read(image) for image in images]
