"""`Sight`: a look at what latents would show: only the part with the face is decoded, which is most of the time."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from auface.lora_training.face_consistency import FaceLoss, Shown

_MARGIN = 1  # latents beyond the square round the face: the decoder looks at neighbors


class Sight:
    """Decodes the faces in latents and reads them, with gradients.

    Args:
        decode: Latents, (batch, channels, height, width), to pictures, (batch, 3, ...) from -1 to 1.
        face_loss: The recognizer's eyes.
        scale: Pixels of a latent.
    """

    def __init__(self, decode: Callable[[Tensor], Tensor], face_loss: FaceLoss, scale: int = 8) -> None:
        self._decode, self._face_loss, self._scale = decode, face_loss, scale

    def errors(self, latents: Tensor, shown: Sequence[Shown]) -> tuple[Tensor, Tensor]:
        """Return the errors of units and of landmarks, (batch,) each, 0 where no landmarks are known.

        Args:
            latents: (batch, channels, height, width).
            shown: What each would show, in pixels of the whole picture.
        """
        units, landmarks = latents.sum((1, 2, 3)) * 0, latents.sum((1, 2, 3)) * 0
        look = self._look(latents, shown)
        if look is None:
            return units, landmarks
        found = self._face_loss(look.pictures, look.shown)
        place = torch.tensor(look.seen, device=latents.device)
        return units.index_add(0, place, found[0].to(units)), landmarks.index_add(0, place, found[1].to(landmarks))

    @torch.no_grad()
    def misplaced(self, latents: Tensor, shown: Sequence[Shown]) -> list[NDArray[np.float32] | None]:
        """Return how far landmarks are seen from where they are to be, (478, 2) pixels, or None where none are known.

        Args:
            latents: (batch, channels, height, width).
            shown: What each would show, in pixels of the whole picture.
        """
        found: list[NDArray[np.float32] | None] = [None] * len(shown)
        if (look := self._look(latents, shown)) is not None:
            for number, one, seen in zip(
                look.seen, look.shown, self._face_loss.landmarks(look.pictures, look.shown), strict=True
            ):
                found[number] = None if one.landmarks is None else seen - one.landmarks
        return found

    def _look(self, latents: Tensor, shown: Sequence[Shown]) -> _Look | None:
        """Decode the parts with a face, or return None where there is none."""
        seen = [number for number, one in enumerate(shown) if bool(torch.isfinite(one.frame).all())]
        if not seen:
            return None
        height, width = latents.shape[-2:]
        boxes = [_box(shown[number].frame, self._scale, height, width) for number in seen]
        rows, columns = (max(box[axis] for box in boxes) for axis in (2, 3))
        parts: list[Tensor] = []
        told: list[Shown] = []
        for number, (top, left, *_) in zip(seen, boxes, strict=True):
            top, left = min(top, height - rows), min(left, width - columns)
            parts.append(latents[number, :, top : top + rows, left : left + columns])
            told.append(shown[number].moved(-left * self._scale, -top * self._scale))
        return _Look(seen, self._decode(torch.stack(parts)).float(), told)


class _Look(NamedTuple):
    """Which pictures have a face, (faces, 3, ...) the parts with it, and what these would show."""

    seen: list[int]
    pictures: Tensor
    shown: list[Shown]


def _box(frame: Tensor, scale: int, height: int, width: int) -> tuple[int, int, int, int]:
    """Return top, left, rows and columns of the latents that a turned square covers."""
    x, y, side, roll = frame.tolist()
    turn = math.radians(roll)
    reach = side / 2 * (abs(math.cos(turn)) + abs(math.sin(turn)))
    found: list[tuple[int, int]] = []
    for middle, most in ((y, height), (x, width)):
        first = min(max(0, math.floor((middle - reach) / scale) - _MARGIN), most - 1)
        last = max(min(most, math.ceil((middle + reach) / scale) + _MARGIN), first + 1)
        found.append((first, last - first))
    (top, rows), (left, columns) = found
    return top, left, rows, columns
