"""`Artist`: draws what requests ask for, one picture at a time, so that each can be drawn again."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from auface.facs import as_expression, describe, resolve
from auface.facs.text import MAX_CLIP_TOKENS
from auface.pipelines.controls.words import prompt_within
from auface.pipelines.generation.base import load_base
from auface.pipelines.generation.person import identity_of
from auface.pipelines.generation.photo import PhotoFace
from auface.pipelines.generation.request import MINI, PictureRequest
from auface.structure.pose import HeadPose

if TYPE_CHECKING:
    from PIL.Image import Image

MINI_SETTINGS: dict[str, Any] = {"steps": 10, "guidance": 2.0, "early_guidance": 6.0, "expression_guidance": 2.5}
"""What suits the embedded default model; its card says why."""

Step = Callable[[int, int], None]
"""Told after each step: its number from 1, and how many there are."""


class Artist:
    """A loaded model that draws requests.

    Args:
        request: Names base, adapter, LoRAs, precision and device.
        pipe: The pipeline, if it is loaded already.

    Raises:
        ValueError: A file is missing, damaged or does not fit.
    """

    def __init__(self, request: PictureRequest, pipe: Any = None) -> None:
        self.pipe = load_base(request) if pipe is None else pipe
        self.shows_expressions = getattr(self.pipe, "adapter", None) is not None
        """Whether there is an adapter; without one the expression is in the prompt alone."""

    def settled(self, request: PictureRequest) -> PictureRequest:
        """Return a request in which nothing is left to the pipeline, so that it makes the same picture later too.

        Args:
            request: What is asked for.
        """
        from auface.pipelines.generation.base import base_print
        from auface.pipelines.generation.photo import file_print

        defaults = inspect.signature(type(self.pipe).__call__).parameters
        factor = self.pipe.vae_scale_factor
        values: dict[str, Any] = {
            "steps": defaults["num_inference_steps"].default,
            "guidance": defaults["guidance_scale"].default,
            "expression_guidance": defaults["expression_guidance_scale"].default,
            **(MINI_SETTINGS if request.base == MINI else {}),
            "size": self.pipe.default_size(None, None),
            "base_print": base_print(request.base),
        }
        if request.image is not None:
            values["image_print"] = file_print(request.image)
            values["strength"] = 0.6
        if request.guidance is not None or request.image is not None:  # it holds for all steps; a photo has its colors
            values.pop("early_guidance", None)
        missing = {name: value for name, value in values.items() if getattr(request, name) is None}
        settled = request.changed(**missing)
        assert settled.size is not None
        if any(length % factor or length < 2 * factor for length in settled.size):
            raise ValueError(f"`--size` is {settled.size}; accepted are multiples of {factor} from {2 * factor}.")
        return settled

    def draw(
        self, request: PictureRequest, step: Step = lambda done, steps: None, photo: PhotoFace | None = None
    ) -> Image:
        """Draw one picture.

        Args:
            request: What is asked for, settled.
            step: Told after each step.
            photo: The face that the expression is drawn onto, where the request names an image.

        Raises:
            ValueError: The pipeline refuses the request.
        """
        import torch

        from auface.pipelines.later_guidance import LaterGuidanceCallback

        height, width = request.size or (None, None)
        arguments: dict[str, Any] = {
            "negative_prompt": request.negative_prompt or None,
            "num_inference_steps": request.steps,
            "guidance_scale": request.guidance if request.early_guidance is None else request.early_guidance,
            "height": height,
            "width": width,
            "generator": torch.Generator("cpu").manual_seed(request.seed),
            "output_type": "np",
            **self._expression(request, photo),
        }
        steps = request.steps or 0
        if photo is not None:
            assert height is not None
            assert width is not None
            steps = max(1, int(steps * (request.strength or 1)))
            arguments |= {"image": photo.crop(height, width), "strength": request.strength}
            if not self.shows_expressions:  # then the pipeline does not know where the face moves
                arguments["mask_image"] = photo.mask(height, width, request.expression)

        assert request.guidance is not None
        later = LaterGuidanceCallback(request.guidance)

        def told(pipe: Any, number: int, timestep: Any, values: dict[str, Any]) -> dict[str, Any]:
            step(number + 1, steps)
            return later(pipe, number, timestep, values)

        drawn = np.asarray(self.pipe(callback_on_step_end=told, **arguments).images[0])
        if not np.isfinite(drawn).all():
            raise ValueError(f"`--precision` is {request.precision!r}, in which this model overflows; try another.")
        picture = _picture(drawn)
        return picture if photo is None else photo.pasted(picture, request.expression)

    def _expression(self, request: PictureRequest, photo: PhotoFace | None) -> dict[str, Any]:
        """Return the arguments that say what the face does; without an adapter it is said in the prompt."""
        if not self.shows_expressions:
            shown = resolve(as_expression(request.expression), request.conflict_policy)
            text, _ = prompt_within(shown, request.prompt, MAX_CLIP_TOKENS, self.pipe.tokenizer)
            return {"prompt": text}
        found: dict[str, Any] = {
            "prompt": _said(request),
            "expression": request.expression,
            "expression_scale": request.expression_scale,
            "expression_guidance_scale": request.expression_guidance,
            "conflict_policy": request.conflict_policy,
        }
        if photo is not None:
            assert request.size is not None
            return {**found, "landmarks": photo.crop_landmarks(*request.size)}
        pose = HeadPose.parse(request.pose)
        return {**found, "identity": identity_of(request.identity), "pose": None if pose == HeadPose() else pose}


def _said(request: PictureRequest) -> str:
    """Return the prompt; `{expression}` in it becomes the words of the expression."""
    if "{expression}" not in request.prompt:
        return request.prompt
    shown = resolve(as_expression(request.expression), request.conflict_policy)
    return request.prompt.replace("{expression}", describe(shown, length="tag", conflict_policy="keep"))


def _picture(values: np.ndarray) -> Image:
    from PIL import Image

    return Image.fromarray((255 * values.clip(0, 1)).round().astype(np.uint8))
