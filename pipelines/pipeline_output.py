"""What the pipelines return: pictures, and what their faces were asked to show."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from diffusers.pipelines.stable_diffusion.pipeline_output import StableDiffusionPipelineOutput
from diffusers.pipelines.stable_diffusion_xl.pipeline_output import StableDiffusionXLPipelineOutput
from numpy.typing import NDArray

from auface.facs import Expression
from auface.recognition.verdict import Verdict


@dataclass
class AUFacePipelineOutput(StableDiffusionPipelineOutput):
    """Pictures of `AUFacePipeline`.

    Attributes:
        images: Pictures, as `output_type` says.
        nsfw_content_detected: What the safety checker found in each picture, or None without one.
        expressions: What each face shows, after conflicts were resolved, and None for a plain picture among others;
            None if no expression was asked for.
        landmarks: (batch, 478, 3) where the landmarks were asked to be, x and y in pixels of the picture and the
            distance from the camera's plane; None if no expression was asked for.
        verdicts: Whether each picture shows its expression, if `verify_attempts` asked for a look.
    """

    expressions: list[Expression | None] | None = None
    landmarks: NDArray[np.float32] | None = None
    verdicts: list[Verdict] | None = None


@dataclass
class AUFaceXLPipelineOutput(StableDiffusionXLPipelineOutput):
    """Pictures of `AUFaceXLPipeline`.

    Attributes:
        images: Pictures, as `output_type` says.
        expressions: What each face shows, after conflicts were resolved, and None for a plain picture among others;
            None if no expression was asked for.
        landmarks: (batch, 478, 3) where the landmarks were asked to be, x and y in pixels of the picture and the
            distance from the camera's plane; None if no expression was asked for.
        verdicts: Whether each picture shows its expression, if `verify_attempts` asked for a look.
    """

    expressions: list[Expression | None] | None = None
    landmarks: NDArray[np.float32] | None = None
    verdicts: list[Verdict] | None = None
