"""`LaterGuidanceCallback`: another guidance by the prompt once the picture's colors and person are decided."""

from __future__ import annotations

import math
from numbers import Real
from typing import Any

from diffusers.callbacks import PipelineCallback
from diffusers.configuration_utils import register_to_config

EARLY = 0.4
"""Share of the steps in which auface-mini decides colors and the person."""


class LaterGuidanceCallback(PipelineCallback):
    """Changes `guidance_scale` after a share of the steps, for `callback_on_step_end`.

    A small model hears the prompt little. Strong guidance in the first, noisy steps makes it follow, and weaker
    guidance in the rest keeps the contrast natural. arXiv 2404.13040 compares ways in which guidance changes.

    Args:
        guidance_scale: The scale of the later steps, a finite number from 0; the call's own is that of the first ones.
            Both guide (above 1) or neither does, for the pipeline prepares the prompts for one of the two.
        cutoff_step_ratio: Share of the steps that come first, from 0 to 1; at least one step does.

    Raises:
        ValueError: A number is out of range.
    """

    @property
    def tensor_inputs(self) -> list[str]:
        """Tensors that it needs: none."""
        return []

    @register_to_config
    def __init__(self, guidance_scale: float, cutoff_step_ratio: float = EARLY) -> None:
        if not isinstance(guidance_scale, Real) or not 0 <= guidance_scale < math.inf:
            raise ValueError(f"`guidance_scale` is {guidance_scale!r}; accepted is a finite number from 0.")
        if not isinstance(cutoff_step_ratio, Real) or not 0 <= cutoff_step_ratio <= 1:
            raise ValueError(f"`cutoff_step_ratio` is {cutoff_step_ratio!r}; accepted is a number from 0 to 1.")

    def callback_fn(self, pipeline: Any, step_index: int, timesteps: Any, callback_kwargs: Any) -> dict[str, Any]:
        """Change the scale when its step has come.

        Args:
            pipeline: The pipeline that draws.
            step_index: The step that was done, from 0.
            timesteps: Its time.
            callback_kwargs: Tensors, which stay as they are.

        Raises:
            ValueError: One of the two scales guides and the other does not.
        """
        config: Any = self.config
        if step_index == 0 and (pipeline.guidance_scale > 1) != (config.guidance_scale > 1):
            raise ValueError(
                f"`guidance_scale` is {pipeline.guidance_scale}, and {config.guidance_scale} later; accepted are two "
                "above 1, or two up to 1."
            )
        if step_index + 1 == max(1, round(pipeline.num_timesteps * config.cutoff_step_ratio)):
            pipeline._guidance_scale = config.guidance_scale
        return callback_kwargs
