"""`verified_attempts`: calls of a pipeline that look at their pictures, and draw again what is not what was asked.

An attempt draws the whole batch anew, with noise that follows from the same generator. Of each picture the best attempt
is kept; when all pictures pass, no further attempt is made. The first attempt is the picture of a call without this.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import numpy as np
import torch

from auface.facs import Expression
from auface.recognition.verdict import Verdict
from auface.recognition.verification import verify

Call = TypeVar("Call", bound=Callable[..., Any])

_RANK = {"no face": 0, "undecided": 1}


def verified_attempts(call: Call) -> Call:
    """Give a pipeline's `__call__` the argument `verify_attempts`; with 1, the call stays as it is.

    Args:
        call: A `__call__` that has arguments `verify_attempts`, `expression`, `output_type`, `latents` and
            `return_dict`.
    """

    @functools.wraps(call)
    def calling(self: Any, *args: Any, verify_attempts: int = 1, **kwargs: Any) -> Any:
        if isinstance(verify_attempts, bool) or not isinstance(verify_attempts, int) or verify_attempts < 1:
            raise ValueError(f"`verify_attempts` is {verify_attempts!r}; accepted is a whole number from 1.")
        if verify_attempts == 1:
            return call(self, *args, **kwargs)
        asked = kwargs.get("expression")
        if asked is None or (isinstance(asked, list) and None in asked) or not kwargs.get("return_dict", True):
            raise ValueError(
                "`verify_attempts` is above 1; accepted is it with an `expression` for each picture and `return_dict`."
            )
        if kwargs.get("output_type") == "latent" or kwargs.get("latents") is not None:
            raise ValueError("`verify_attempts` is above 1 with latents; accepted is that with noise of a generator.")
        best = call(self, *args, **kwargs)
        best.verdicts = judged(self.recognizer, best.images, best.expressions)
        for _ in range(verify_attempts - 1):
            if self.interrupt or all(verdict.passed for verdict in best.verdicts):
                break
            other = call(self, *args, **kwargs)
            for place, verdict in enumerate(judged(self.recognizer, other.images, other.expressions)):
                if _worth(verdict) > _worth(best.verdicts[place]):
                    best.images[place], best.verdicts[place] = other.images[place], verdict
                    if getattr(best, "nsfw_content_detected", None) is not None:
                        best.nsfw_content_detected[place] = other.nsfw_content_detected[place]
        return best

    return calling  # pyright: ignore[reportReturnType] - a wrapped function is what it wraps


def judged(recognizer: Any, images: Any, expressions: Sequence[Expression]) -> list[Verdict]:
    """Return whether pictures show what was asked for.

    Args:
        recognizer: What reads faces.
        images: Pictures of a pipeline, of any type but latents.
        expressions: What each was to show.
    """
    return [
        verify(_picture(image), expression, recognizer=recognizer)
        for image, expression in zip(images, expressions, strict=True)
    ]


def _picture(image: Any) -> Any:
    if isinstance(image, torch.Tensor):
        return image.permute(1, 2, 0).float().clamp(0, 1).cpu().numpy()
    return image.clip(0, 1) if isinstance(image, np.ndarray) else image


def _worth(verdict: Verdict) -> tuple[int, float]:
    return _RANK.get(verdict.outcome, 2), verdict.score
