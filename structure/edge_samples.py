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
    a, b, c = corners[:, None, :, 0], corners[:, None, :, 1], corners[:, None, :, 2]  # (N, 1, 9, 3)
    offset = torch.tensor(PLACES, device=vertices.device)
    place = torch.nn.functional.pad(torch.stack([column, row], 1)[:, None] + offset, (0, 1))[:, :, None]  # (N, 4, 1, 3)
    area = _cross(b - a, c - a)
    area = torch.where(area == 0, 1e-12, area)
    first, second = _cross(b - place, c - place) / area, _cross(c - place, a - place) / area
    flat = torch.stack([first, second, 1 - first - second], -1)  # (N, 4, 9, 3)
    inside = (flat >= -1e-4).all(-1) & (near >= 0)[:, None]
    over = flat.clamp_min(0) / corners[:, None, :, :, 2]
    depth = flat.clamp_min(0).sum(-1) / over.sum(-1).clamp_min(1e-12)
    nearest, which = torch.where(inside, depth, torch.inf).min(2)
    # A sliver that no middle of a pixel sees may cover a place: where no background is near, the pixel's own triangle.
    lost = nearest.isinf() & (near >= 0).all(1, keepdim=True)
    which, nearest = torch.where(lost, 0, which), torch.where(lost, depth[:, :, 0], nearest)
    hit = nearest.isfinite()
    triangle = torch.where(hit, near.gather(1, which), -1)
    weights = over.gather(2, which[..., None, None].expand(-1, -1, 1, 3))[:, :, 0]
    weights = weights / weights.sum(-1, keepdim=True).clamp_min(1e-12) * hit[..., None]
    return EdgeSamples(torch.stack([picture, row, column], 1), triangle, weights, torch.where(hit, nearest, 0.0))


def _cross(first: Tensor, second: Tensor) -> Tensor:
    return first[..., 0] * second[..., 1] - first[..., 1] * second[..., 0]
