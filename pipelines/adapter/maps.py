"""`face_maps`: what a picture is to show, where: landmarks as eight maps of the picture's size.

The maps depend on the landmarks in the picture and on nothing else, so those of a drawn geometry, of a photo, and of a
synthetic head are the same kind of thing. Areas tell how open lids and lips are; lines tell where they are when shut.
"""

from __future__ import annotations

from enum import IntEnum
from functools import cache
from itertools import pairwise

import torch
from torch import Tensor

from auface.structure.topology import (
    INNER_LIPS,
    LEFT_IRIS,
    LEFT_LIDS,
    OUTER_LIPS,
    RIGHT_IRIS,
    RIGHT_LIDS,
    topology,
)

from .outline import filled, strokes


class FaceMap(IntEnum):
    """The maps, in the order of channels."""

    FACE = 0  # inside of the oval
    BROWS = 1
    EYES = 2  # between the lids
    IRISES = 3  # as far as lids leave them to be seen
    LIPS = 4  # the red of the lips
    MOUTH = 5  # between the lips
    MARGINS = 6  # lines: margins of the lids, inner edges of the lips
    CONTOURS = 7  # lines: nose, oval, upper edges of the brows


_BROWS = (
    (46, 53, 52, 65, 55, 107, 66, 105, 63, 70),
    (276, 283, 282, 295, 285, 336, 296, 334, 293, 300),
)
_CORNERS = 16  # of the polygon that is drawn for an iris
_OUTER, _IRIS = len(FaceMap), len(FaceMap) + 1  # layers that are drawn on the way


def face_maps(landmarks: Tensor, height: int, width: int) -> Tensor:
    """Draw the maps of faces.

    Args:
        landmarks: (batch, 478, 2 or more) x and y in pixels, origin at the outer corner of the top left pixel, y down.
            Further columns are not used. What lies outside of the picture is cut off.
        height: Height of the picture in pixels.
        width: Width of the picture in pixels.

    Returns:
        (batch, len(FaceMap), height, width) from 0 to 1, on the device of the landmarks. On the CPU the same landmarks
        give the same maps, bit for bit.

    Raises:
        ValueError: Another shape, NaN, or an empty picture.
    """
    if landmarks.ndim != 3 or landmarks.shape[1] != 478 or landmarks.shape[2] < 2:
        raise ValueError(f"`landmarks` has shape {tuple(landmarks.shape)}; accepted is (batch, 478, 2 or more).")
    if not bool(landmarks[..., :2].isfinite().all()):
        raise ValueError("`landmarks` has NaN or infinite numbers; accepted are x and y in pixels.")
    if height < 1 or width < 1:
        raise ValueError(f"`height` and `width` are {height} and {width}; accepted are whole numbers from 1.")
    points = landmarks[..., :2].float()
    shared = _edges()
    irises = torch.cat([_iris(points, iris) for iris in (RIGHT_IRIS, LEFT_IRIS)], 1)
    points = torch.cat([points, irises], 1)
    areas, lines = (pairs.to(points.device) for pairs in (shared.areas, shared.lines))
    stroke = strokes(points[:, lines[:, 0]], points[:, lines[:, 1]], min(height, width) / 128)
    starts = torch.cat([points[:, areas[:, 0]], stroke[0]], 1)
    ends = torch.cat([points[:, areas[:, 1]], stroke[1]], 1)
    drawn = filled(starts, ends, shared.layers, len(FaceMap) + 2, height, width)
    drawn[:, FaceMap.LIPS] = (drawn[:, _OUTER] - drawn[:, FaceMap.MOUTH]).clamp_min(0)
    drawn[:, FaceMap.IRISES] = drawn[:, _IRIS] * drawn[:, FaceMap.EYES]
    return drawn[:, : len(FaceMap)]


class _Edges:
    """Which points the edges join, and in which layer: areas first, then four edges for each line."""

    def __init__(self) -> None:
        edges = topology().edges
        oval = _in_order({int(start): int(end) for start, end in edges["face_oval"]})
        upper, lower = INNER_LIPS
        mouth = (*upper, *lower[-2:0:-1])
        areas = [(oval, FaceMap.FACE), (OUTER_LIPS, _OUTER), (mouth, FaceMap.MOUTH)]
        areas += [(brow, FaceMap.BROWS) for brow in _BROWS]
        areas += [((*top, *bottom[-2:0:-1]), FaceMap.EYES) for top, bottom in (RIGHT_LIDS, LEFT_LIDS)]
        areas += [(tuple(range(478 + k * _CORNERS, 478 + (k + 1) * _CORNERS)), _IRIS) for k in (0, 1)]
        chains = [(chain, FaceMap.MARGINS) for chain in (*RIGHT_LIDS, *LEFT_LIDS, *INNER_LIPS)]
        chains += [(brow[5:], FaceMap.CONTOURS) for brow in _BROWS] + [((*oval, oval[0]), FaceMap.CONTOURS)]
        pairs = [(pair, layer) for chain, layer in chains for pair in pairwise(chain)]
        pairs += [((int(start), int(end)), FaceMap.CONTOURS) for start, end in edges["nose"]]
        closed = [(pair, layer) for ring, layer in areas for pair in zip(ring, (*ring[1:], ring[0]), strict=True)]
        self.areas = torch.tensor([pair for pair, _ in closed])
        self.lines = torch.tensor([pair for pair, _ in pairs])
        self.layers = torch.tensor([layer for _, layer in closed] + [layer for _, layer in pairs for _ in range(4)])


@cache
def _edges() -> _Edges:
    return _Edges()


def _in_order(following: dict[int, int]) -> tuple[int, ...]:
    ring = [next(iter(following))]
    while (onward := following[ring[-1]]) != ring[0]:
        ring.append(onward)
    return tuple(ring)


def _iris(points: Tensor, iris: tuple[int, ...]) -> Tensor:
    """Return the corners of an iris, (batch, _CORNERS, 2), from its center and four points of its edge."""
    center, rim = points[:, iris[0], None], points[:, list(iris[1:])]
    angle = torch.arange(_CORNERS, device=points.device)[:, None] * (2 * torch.pi / _CORNERS)
    across, up = (rim[:, :1] - rim[:, 2:3]) / 2, (rim[:, 1:2] - rim[:, 3:4]) / 2
    return center + angle.cos() * across + angle.sin() * up
