"""Both pipelines with tiny components, for tests that they share."""

from __future__ import annotations

from typing import Any

import numpy as np
import tiny_diffusion as tiny
import torch
from diffusers.pipelines.stable_diffusion.pipeline_stable_diffusion import StableDiffusionPipeline
from diffusers.pipelines.stable_diffusion_xl.pipeline_stable_diffusion_xl import StableDiffusionXLPipeline
from numpy.typing import NDArray

from auface.pipelines import AUFacePipeline, AUFaceXLPipeline

KINDS = {"sd1": (AUFacePipeline, tiny.sd_components), "sdxl": (AUFaceXLPipeline, tiny.xl_components)}
PLAIN: dict[str, Any] = {"sd1": StableDiffusionPipeline, "sdxl": StableDiffusionXLPipeline}


def pipeline(kind: str, **changes: Any) -> Any:
    """A new pipeline of a kind, which a test may change."""
    made, components = KINDS[kind]
    pipe = made(**{**components(), **changes})
    pipe.set_progress_bar_config(disable=True)
    return pipe


def drawn(pipe: Any, **arguments: Any) -> NDArray[np.float32]:
    """The pictures of a short call, (batch, height, width, 3) from 0 to 1."""
    given = {"prompt": "a face", "num_inference_steps": 2, "output_type": "np", "generator": seeded(3), **arguments}
    return pipe(**given).images


def seeded(seed: int) -> torch.Generator:
    """A generator on the CPU."""
    return torch.Generator().manual_seed(seed)


def apart(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    """The largest difference of two pictures."""
    return float(np.abs(one - other).max())
