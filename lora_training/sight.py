"""`Sight`: a look at what latents would show: only the part with the face is decoded, which is most of the time."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from auface.lora_training.face_consistency import FaceLoss, Shown

_MARGIN = 1  # latents beyond the square round the face: the decoder looks at neighbors


class Sight:
    """Decodes the faces in latents and reads them, with gradients.

    Args:
        decode: Latents, (batch, channels, height, width), to pictures, (batch, 3, ...) from -1 to 1.
        face_loss: The recognizer's errors.
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
        seen = [number for number, one in enumerate(shown) if bool(torch.isfinite(one.frame).all())]
        if not seen:
            return units, landmarks
        height, width = latents.shape[-2:]
        boxes = [_box(shown[number].frame, self._scale, height, width) for number in seen]
        rows, columns = (max(box[axis] for box in boxes) for axis in (2, 3))
        parts: list[Tensor] = []
        told: list[Shown] = []
        for number, (top, left, *_) in zip(seen, boxes, strict=True):
            top, left = min(top, height - rows), min(left, width - columns)
            parts.append(latents[number, :, top : top + rows, left : left + columns])
            told.append(shown[number].moved(-left * self._scale, -top * self._scale))
        found = self._face_loss(self._decode(torch.stack(parts)).float(), told)
        place = torch.tensor(seen, device=latents.device)
        return units.index_add(0, place, found[0].to(units)), landmarks.index_add(0, place, found[1].to(landmarks))


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
