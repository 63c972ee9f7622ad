"""`edge_samples`: what pixels on the border of two parts see, at four places each; the rest of a picture needs one.

A place is compared with the triangles that the pixel and its eight neighbors see in the middle, which is nearly always
all that there is. Antialiasing so costs a few thousand pixels instead of three more pictures.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

PLACES = ((0.375, 0.125), (0.875, 0.375), (0.125, 0.625), (0.625, 0.875))
"""x and y inside of the pixel: a rotated grid."""

_NEAR = ((1, 1), *((y, x) for y in range(3) for x in range(3) if (y, x) != (1, 1)))  # the pixel itself comes first


@dataclass(frozen=True, slots=True, eq=False)
class EdgeSamples:
    """What pixels on borders see.

    Attributes:
        pixels: (N, 3) picture, row and column.
        triangle: (N, 4) number of the triangle at each place, -1 where there is none.
        weights: (N, 4, 3) barycentric weights of its corners; 0 where there is no triangle.
        depth: (N, 4) in the unit of the vertices; 0 where there is no triangle.
    """

    pixels: Tensor
    triangle: Tensor
    weights: Tensor
    depth: Tensor


def edge_samples(vertices: Tensor, triangles: Tensor, seen: Tensor, labels: Tensor) -> EdgeSamples:
    """Look closer at pixels whose label differs from that of a neighbor.

    Args:
        vertices: (batch, V, 3) x and y in pixels, and depth.
        triangles: (T, 3).
        seen: (batch, height, width) the triangle that the middle of each pixel sees, -1 for none.
        labels: (batch, height, width) label of that triangle.
    """
    border = torch.zeros_like(labels, dtype=torch.bool)
    across, down = labels[:, :, 1:] != labels[:, :, :-1], labels[:, 1:] != labels[:, :-1]
    border[:, :, 1:] |= across
    border[:, :, :-1] |= across
    border[:, 1:] |= down
    border[:, :-1] |= down
    picture, row, column = border.nonzero(as_tuple=True)
    padded = torch.nn.functional.pad(seen, (1, 1, 1, 1), value=-1)
    near = torch.stack([padded[picture, row + y, column + x] for y, x in _NEAR], 1)
    corners = vertices[picture[:, None, None], triangles[near.clamp_min(0)]]  # (N, 9, 3, 3)
    pixel = torch.stack([column, row], 1)[:, None].to(corners)
    a, b, c = (corners[:, :, corner, :2] - pixel for corner in range(3))  # (N, 9, 2)
    area = _cross(b - a, c - a)
    area = torch.where(area == 0, 1e-12, area)
    # Weights on the screen and 1 / depth change linearly from place to place, all (N, 4, 9).
    first, second = _at_places(_cross(b, c), b, c, area), _at_places(_cross(c, a), c, a, area)
    third = 1 - first - second
    inside = (torch.minimum(torch.minimum(first, second), third) >= -1e-4) & (near >= 0)[:, None]
    inverse = 1 / corners[..., 2]  # (N, 9, 3)
    one, two, three = (inverse[:, None, :, corner] for corner in range(3))
    nearness = torch.addcmul(torch.addcmul(first * one, second, two), third, three)
    largest, which = torch.where(inside, nearness, -torch.inf).max(2)
    # A sliver that no middle of a pixel sees may cover a place: where no background is near, the pixel's own triangle.
    hit = largest.isfinite() | (near >= 0).all(1, keepdim=True)
    which = torch.where(largest.isfinite(), which, 0)
    flat = torch.stack([weight.gather(2, which[..., None])[..., 0] for weight in (first, second, third)], -1)
    flat = flat.clamp_min(0)
    over = flat * inverse.gather(1, which[..., None].expand(-1, -1, 3))
    total = over.sum(-1, keepdim=True).clamp_min(1e-12)
    triangle = torch.where(hit, near.gather(1, which), -1)
    depth = torch.where(hit, flat.sum(-1) / total[..., 0], 0.0)
    return EdgeSamples(torch.stack([picture, row, column], 1), triangle, over / total * hit[..., None], depth)


def _at_places(cross: Tensor, start: Tensor, end: Tensor, area: Tensor) -> Tensor:
    """Return the weight of the corner opposite to an edge at all places, (N, 4, 9)."""
    across, down = (start[..., 1] - end[..., 1]) / area, (end[..., 0] - start[..., 0]) / area
    corner = (cross / area)[:, None]
    x, y = torch.tensor(PLACES, device=area.device).T[:, None, :, None]
    return torch.addcmul(torch.addcmul(corner, across[:, None], x), down[:, None], y)


def _cross(first: Tensor, second: Tensor) -> Tensor:
    return first[..., 0] * second[..., 1] - first[..., 1] * second[..., 0]
