"""Steps and guidance of pictures that benchmarks draw: those of `auface generate`, in a form that results can hold."""

from __future__ import annotations

from typing import Any

from auface.pipelines import LaterGuidanceCallback
from auface.pipelines.generation.artist import Artist
from auface.pipelines.generation.request import PictureRequest


def picture_settings(base: str, pipe: Any, steps: int | None) -> dict[str, Any]:
    """Return steps and guidance as `auface generate` chooses them.

    Args:
        base: The base model.
        pipe: Its pipeline.
        steps: Other steps, or None.
    """
    request = Artist(PictureRequest(expression="neutral"), pipe).settled(
        PictureRequest(expression="neutral", base=base, steps=steps)
    )
    return {
        "num_inference_steps": request.steps,
        "guidance_scale": request.guidance,
        "early_guidance_scale": request.early_guidance,
        "expression_guidance_scale": request.expression_guidance,
    }


def pipeline_arguments(settings: dict[str, Any]) -> dict[str, Any]:
    """Return settings by the names of the pipeline's arguments.

    Args:
        settings: As `picture_settings` returns them, or arguments already.
    """
    arguments = dict(settings)
    early = arguments.pop("early_guidance_scale", None)
    if early is not None:
        arguments["callback_on_step_end"] = LaterGuidanceCallback(arguments["guidance_scale"])
        arguments["guidance_scale"] = early
    return arguments
