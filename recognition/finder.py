"""`Finder`: the squares round all faces of a picture, found at several scales."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch.nn import functional as F  # noqa: N812

from .crop_frame import CropFrame
from .face_network import crops_to_input
from .finder_network import MIDDLE_SIDE, STRIDE, FinderNetwork, FinderOutput

Bytes = NDArray[np.uint8]

SCALES = (160, 320)
"""Longer sides, in pixels, of the small pictures that are searched; faces from about 18 pixels in one are found."""

_OVERLAP = 0.5  # distance of two middles in sides, below which both are the same face


class Found(NamedTuple):
    """A face that was found.

    Attributes:
        frame: The square round it.
        score: How sure, 0 to 1.
    """

    frame: CropFrame
    score: float


class Finder:
    """Finds faces.

    Args:
        network: The network, in evaluation mode.
        threshold: Least score, 0 to 1.
        scales: Longer sides of the small pictures that are searched; with larger ones smaller faces are found.
    """

    def __init__(self, network: FinderNetwork, threshold: float = 0.3, scales: tuple[int, ...] = SCALES) -> None:
        self.network, self.threshold, self.scales = network, threshold, scales

    @torch.no_grad()
    def find(self, pictures: Sequence[Bytes]) -> list[list[Found]]:
        """Return the faces of each picture, the surest first; pictures of one size are searched together.

        Args:
            pictures: (H, W, 3) RGB each.
        """
        found: list[list[Found]] = [[] for _ in pictures]
        alike: dict[tuple[int, ...], list[tuple[int, Bytes, float]]] = {}
        for number, picture in enumerate(pictures):
            image = Image.fromarray(picture)
            for scale in self._sides(max(image.size)):
                small, factor = _small(image, scale)
                alike.setdefault(small.shape, []).append((number, small, factor))
        device = next(self.network.parameters()).device
        for copies in alike.values():
            stack = torch.from_numpy(np.stack([small for _, small, _ in copies]))
            output = self.network(crops_to_input(stack).to(device))
            for place, (number, _, factor) in enumerate(copies):
                own = FinderOutput(*(value[place : place + 1] for value in output))
                found[number] += _peaks(own, factor, self.threshold)
        return [_apart(sorted(faces, key=lambda face: -face.score)) for faces in found]

    def _sides(self, longest: int) -> list[int]:
        """Return the scales for a picture: a larger one than its own would show no more, except the first."""
        first, *rest = self.scales
        return sorted({first, *(max(first, min(scale, longest)) for scale in rest)})


def _small(image: Image.Image, longest: int) -> tuple[Bytes, float]:
    """Return a small picture with sides of multiples of 32, padded with black, and how much smaller it is."""
    factor = longest / max(image.size)
    width, height = (max(1, round(side * factor)) for side in image.size)
    reduced = image.reduce(int(0.5 / factor)) if factor < 0.5 else image
    small = np.asarray(reduced.resize((width, height), Image.Resampling.BILINEAR))
    padded = np.zeros((32 * math.ceil(height / 32), 32 * math.ceil(width / 32), 3), np.uint8)
    padded[:height, :width] = small
    return padded, factor


def _peaks(output: FinderOutput, factor: float, threshold: float) -> list[Found]:
    heat = torch.sigmoid(output.heat)
    highest = F.max_pool2d(heat[:, None], 3, 1, 1)[:, 0]
    rows, columns = torch.nonzero((heat[0] == highest[0]) & (heat[0] >= threshold), as_tuple=True)
    found: list[Found] = []
    for row, column in zip(rows.tolist(), columns.tolist(), strict=True):
        x, y = (float(value) for value in output.shift[0, :, row, column])
        side = MIDDLE_SIDE * math.exp(float(output.size[0, row, column].clamp(-3, 3)))
        frame = CropFrame(
            (column + 0.5 + x) * STRIDE / factor,
            (row + 0.5 + y) * STRIDE / factor,
            side / factor,
            45 * float(output.roll[0, row, column].clamp(-2, 2)),
        )
        found.append(Found(frame, float(heat[0, row, column])))
    return found


def _apart(found: list[Found]) -> list[Found]:
    """Keep the surest of those that are at one place and of about one size."""
    kept: list[Found] = []
    for face in found:
        if not any(same_face(face.frame, other.frame) for other in kept):
            kept.append(face)
    return kept


def same_face(one: CropFrame, other: CropFrame) -> bool:
    """Return whether two squares are round the same face.

    Args:
        one: A square.
        other: Another.
    """
    larger = max(one.side, other.side)
    return math.hypot(one.x - other.x, one.y - other.y) < _OVERLAP * larger
