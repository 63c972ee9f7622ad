"""The surface of a face for drawing: the triangles with the mouth's cavity, which part each is, and normals."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from functools import cache

import torch
from torch import Tensor

from .topology import INNER_LIPS, LEFT_LIDS, OUTER_LIPS, RIGHT_LIDS, topology

_DEEPEST = 0.45  # of the mouth's cavity, in inter-ocular distances


class FacePart(IntEnum):
    """Labels of the part masks. Left and right are the subject's."""

    BACKGROUND = 0
    SKIN = 1
    LEFT_BROW = 2
    RIGHT_BROW = 3
    LEFT_EYE = 4
    RIGHT_EYE = 5
    LEFT_IRIS = 6
    RIGHT_IRIS = 7
    NOSE = 8
    LIPS = 9
    MOUTH = 10  # the inside of the mouth, seen between the lips


@dataclass(frozen=True, slots=True, eq=False)
class Surface:
    """Triangles of a face.

    Attributes:
        triangles: (T, 3) int64 into the 478 landmarks, and after them the floor of the mouth.
        parts: (T,) int64 labels of `FacePart`.
        outside: (T', 3) those of the triangles that are not in the mouth.
        ring: Landmarks of the inner edge of the lips, in order; the floor of the mouth has one vertex for each.
    """

    triangles: Tensor
    parts: Tensor
    outside: Tensor
    ring: Tensor


@cache
def surface() -> Surface:
    """Return the surface of all faces."""
    shared = topology()
    triangles = torch.from_numpy(shared.triangles)
    upper, lower = INNER_LIPS
    ring = torch.tensor([*upper, *lower[-2:0:-1]])
    parts = torch.full((len(triangles),), int(FacePart.SKIN))
    brow_right, brow_left = _names("right_eyebrow"), _names("left_eyebrow")
    neutral = shared.neutral
    middle = neutral[shared.triangles].mean(1)
    nose = (
        (abs(middle[:, 0]) < 0.3) & (middle[:, 1] < 0.0) & (middle[:, 1] > neutral[2, 1] + 0.01) & (middle[:, 2] > 0.12)
    )
    parts[torch.from_numpy(nose)] = int(FacePart.NOSE)
    outline = torch.from_numpy(neutral[list(OUTER_LIPS), :2])
    parts[_inside(torch.from_numpy(middle[:, :2]), outline)] = int(FacePart.LIPS)
    for label, inside in (
        (FacePart.RIGHT_BROW, brow_right),
        (FacePart.LEFT_BROW, brow_left),
        (FacePart.RIGHT_EYE, torch.tensor([*RIGHT_LIDS[0], *RIGHT_LIDS[1]])),
        (FacePart.LEFT_EYE, torch.tensor([*LEFT_LIDS[0], *LEFT_LIDS[1]])),
        (FacePart.MOUTH, ring),
    ):
        parts[torch.isin(triangles, inside).all(1)] = int(label)
    open_skin = parts != FacePart.MOUTH
    count = len(ring)
    floor = 478 + torch.arange(count)
    following = torch.arange(count).roll(-1)
    walls = torch.cat(
        [
            torch.stack([ring, floor, ring[following]], 1),
            torch.stack([ring[following], floor, floor[following]], 1),
        ]
    )
    fan = torch.stack([floor[0].expand(count - 2), floor[2:], floor[1:-1]], 1)
    outside = triangles[open_skin]
    parts = torch.cat([parts[open_skin], torch.full((2 * count + count - 2,), int(FacePart.MOUTH))])
    return Surface(torch.cat([outside, walls, fan]), parts, outside, ring)


def with_cavity(points: Tensor) -> Tensor:
    """Return the vertices of `surface`: the landmarks, then the floor of the mouth behind the lips.

    Args:
        points: (batch, 478, 3) in the frame of the face.
    """
    ring = points[:, surface().ring.to(points.device)]
    middle = ring.mean(1, keepdim=True)
    height = (ring[..., 1].amax(1) - ring[..., 1].amin(1))[:, None, None]
    back = torch.tensor([0.0, 0.0, 1.0], device=points.device) * (0.6 * height).clamp(0.02, _DEEPEST)
    return torch.cat([points, middle + 0.8 * (ring - middle) - back], 1)


def normals(vertices: Tensor) -> Tensor:
    """Return the (batch, V, 3) unit normals of the vertices of `surface`, outward; those of the mouth's floor are 0.

    Args:
        vertices: (batch, V, 3) the landmarks and the floor of the mouth.
    """
    triangles = surface().outside.to(vertices.device)
    a, b, c = vertices[:, triangles].unbind(2)
    facing = torch.linalg.cross(b - a, c - a)
    total = torch.zeros_like(vertices)
    for corner in range(3):
        total.index_add_(1, triangles[:, corner], facing)
    return torch.nn.functional.normalize(total, dim=-1)


def _inside(points: Tensor, outline: Tensor) -> Tensor:
    """Return which points, (N, 2), lie inside of a polygon, (corners, 2), by counting crossings to the right."""
    start, end = outline, outline.roll(-1, 0)
    x, y = points[:, None, 0], points[:, None, 1]
    between = (start[:, 1] > y) != (end[:, 1] > y)
    rise = torch.where(end[:, 1] == start[:, 1], 1e-9, end[:, 1] - start[:, 1])
    crossing = start[:, 0] + (y - start[:, 1]) / rise * (end[:, 0] - start[:, 0])
    return (between & (x < crossing)).sum(1) % 2 == 1


def _names(name: str) -> Tensor:
    return torch.from_numpy(topology().edges[name]).unique()
