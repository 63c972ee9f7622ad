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

_LOW_BITS = (1 << 32) - 1
_SLACK = 1e-4  # of a triangle, so that no place falls between two


@dataclass(frozen=True, slots=True, eq=False)
class EdgeSamples:
    """What pixels on borders see.

    Attributes:
        pixels: (N, 3) picture, row and column.
        triangle: (4, N) number of the triangle at each place, -1 where there is none.
        depth: (4, N) in the unit of the vertices; 0 where there is no triangle.
        values: (channels, 4, N) what was given for the vertices; 0 where there is no triangle.
    """

    pixels: Tensor
    triangle: Tensor
    depth: Tensor
    values: Tensor


def edge_samples(vertices: Tensor, triangles: Tensor, seen: Tensor, labels: Tensor, values: Tensor) -> EdgeSamples:
    """Look closer at pixels whose label differs from that of a neighbor.

    Args:
        vertices: (batch, V, 3) x and y in pixels, and depth.
        triangles: (T, 3).
        seen: (batch, height, width) the triangle that the middle of each pixel sees, counted through all pictures;
            batch times T for none.
        labels: (batch, height, width) label of that triangle.
        values: (batch, V, channels) what to interpolate.
    """
    pixels = _borders(labels).nonzero()
    picture, row, column = pixels.unbind(1)
    planes = _Planes.of(vertices, triangles, values)
    count, nothing = len(triangles), len(triangles) * len(vertices)
    padded = torch.nn.functional.pad(seen, (1, 1, 1, 1), value=nothing)
    middle = (picture * padded.shape[1] + row + 1) * padded.shape[2] + column + 1
    steps = torch.tensor([[down * padded.shape[2] + right] for down in (-1, 0, 1) for right in (-1, 0, 1)])
    around = padded.view(-1)[middle + steps.to(middle.device)].view(3, 3, -1)  # down, right, pixels
    own, there = around[1, 1], around != nothing
    surrounded = there.all(0).all(0)
    there[:, 1:] &= around[:, 1:] != around[:, :-1]  # most neighbors see the same triangle; once is enough
    there[1:] &= around[1:] != around[:-1]
    pixel = there.flatten(0, 1).nonzero()[:, 1]
    near = around[there]
    inside_x, inside_y = torch.tensor(PLACES, device=seen.device).T[..., None]
    x, y = column + inside_x, row + inside_y  # (4, N)
    second, third, nearness = planes.at(near, x.index_select(1, pixel), y.index_select(1, pixel), slice(3))
    inside = torch.minimum(torch.minimum(second, third), 1 - second - third) >= -_SLACK
    # Of those that cover a place the nearest, and of equals the first, by one integer maximum; bits of floats above 0
    # are in the order of the floats.
    turn = torch.arange(len(near) - 1, -1, -1, device=seen.device)
    key = torch.where(inside, (nearness.view(torch.int32).long() << 32) | turn, -1)
    place = pixel + torch.arange(len(PLACES), device=seen.device)[:, None] * len(pixels)
    best = torch.full((x.numel(),), -1, device=seen.device)
    best = best.scatter_reduce_(0, place.view(-1), key.view(-1), "amax").view(x.shape)
    known = best >= 0
    # A sliver that no middle of a pixel sees may cover a place: where no background is near, what the middle sees.
    found = torch.where(surrounded, own, nothing).repeat(len(PLACES), 1)
    found[known] = near[len(near) - 1 - (best[known] & _LOW_BITS)]
    x, y = torch.where(known, x, column + 0.5), torch.where(known, y, row + 0.5)
    nearness, *over = planes.at(found.view(-1), x.view(-1), y.view(-1), slice(2, None))
    there = found != nothing
    depth = torch.where(there, 1 / nearness.view(there.shape), 0)
    triangle = torch.where(there, found % max(count, 1), -1)
    return EdgeSamples(pixels, triangle, depth, torch.stack([each.view(there.shape) * depth for each in over]))


@dataclass(frozen=True, slots=True, eq=False)
class _Planes:
    """What changes linearly over the screen on each triangle, and last on the background.

    Channels are the weights of the second and third corner, 1 / depth, and values divided by depth.

    Attributes:
        origin: (2, triangles + 1) x and y of the first corner.
        start: (channels, triangles + 1) value there.
        across: (channels, triangles + 1) change for a pixel to the right.
        down: (channels, triangles + 1) change for a pixel down.
    """

    origin: Tensor
    start: Tensor
    across: Tensor
    down: Tensor

    @classmethod
    def of(cls, vertices: Tensor, triangles: Tensor, values: Tensor) -> _Planes:
        inverse = 1 / vertices[..., 2:]
        linear = torch.cat([vertices[..., :2], inverse, values * inverse], 2).index_select(1, triangles.reshape(-1))
        corners = linear.view(-1, 3, linear.shape[2]).permute(1, 2, 0)
        first, second, third = corners[0], corners[1] - corners[0], corners[2] - corners[0]
        area = second[0] * third[1] - second[1] * third[0]
        area = torch.where(area == 0, 1e-12, area)
        across, down = ((third[1], -second[1]), (-third[0], second[0]))
        across, down = (torch.stack(pair) / area for pair in (across, down))
        across, down = (torch.cat([each, each[:1] * second[2:] + each[1:] * third[2:]]) for each in (across, down))
        start = torch.cat([torch.zeros_like(first[:2]), first[2:]])
        origin, start, across, down = (
            torch.nn.functional.pad(each, (0, 1)) for each in (first[:2], start, across, down)
        )
        start[2, -1] = -torch.inf  # the background is behind everything
        return cls(origin, start, across, down)

    def at(self, number: Tensor, x: Tensor, y: Tensor, channels: slice) -> list[Tensor]:
        """Return channels of triangles at places; `number` is (N,), x and y are (N,) or (places, N)."""
        left, top = self.origin.index_select(1, number)
        right, below = x - left, y - top
        parts = (each[channels].index_select(1, number) for each in (self.start, self.across, self.down))
        return [
            torch.addcmul(torch.addcmul(start, across, right), down, below)
            for start, across, down in zip(*parts, strict=True)
        ]


def _borders(labels: Tensor) -> Tensor:
    """Return which pixels have a neighbor of another label, (batch, height, width)."""
    border = torch.zeros_like(labels, dtype=torch.bool)
    across, down = labels[:, :, 1:] != labels[:, :, :-1], labels[:, 1:] != labels[:, :-1]
    border[:, :, 1:] |= across
    border[:, :, :-1] |= across
    border[:, 1:] |= down
    border[:, :-1] |= down
    return border
