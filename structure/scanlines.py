"""`Scanlines`: which triangle of a mesh each pixel sees, as rows of pixels between the edges of triangles.

The way of scanline rasterizers, all rows of all triangles at once: where a row meets the edges is known exactly, so
that no pixel is tested in vain, and everything that is linear on a triangle is a start and a step for each row. The
nearest row of each pixel wins by one integer minimum over (distance, row), which does not depend on the order of the
work. Batched, on any torch device, deterministic, no gradients.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

_CHUNK = 1 << 20  # pixels of rows that are compared at a time
_STEPS = (1 << 30) - 1  # of distance
_LOW_BITS = (1 << 32) - 1
_NOTHING = torch.iinfo(torch.int64).max
_SHORT = 1e-3  # pixels between two edges, below which nothing changes from one to the other


@dataclass(frozen=True, slots=True, eq=False)
class Scanlines:
    """Rows of triangles, and which of them each pixel sees.

    Attributes:
        triangle: (rows,) int64, number of the triangle of each row.
        picture: (rows,) int64, picture of the batch that it is in.
        place: (rows + 1,) int64, its first pixel, counted by rows through all pictures.
        weights: (3, rows) float32, weights of the corners at that pixel on the screen, each divided by the distance of
            its corner: what perspective leaves linear.
        change: (3, rows) float32, what is added to the weights for each pixel to the right.
        seen: (batch, height, width) int64, number of the row that each pixel sees; `rows` where there is none.
    """

    triangle: Tensor
    picture: Tensor
    place: Tensor
    weights: Tensor
    change: Tensor
    seen: Tensor

    def of_pixels(self, values: Tensor, background: float = 0) -> Tensor:
        """Return for each pixel the value of the row that it sees, (batch, height, width).

        Args:
            values: (rows,) of any type.
            background: Value of a pixel that sees none.
        """
        table = torch.cat([values, values.new_full((1,), background)])
        return table.index_select(0, self.seen.view(-1)).view(self.seen.shape)

    def interpolated(self, corners: Tensor) -> Tensor:
        """Return what corners have, divided by distance, at each pixel; divide by that of ones to have it whole.

        Args:
            corners: (channels, 3, rows) what the three corners of each row have.

        Returns:
            (channels, batch, height, width); 0 where a pixel sees nothing.
        """
        seen = self.seen.view(-1)
        right = torch.arange(len(seen), device=seen.device) - self.place.index_select(0, seen)
        right = right.to(torch.float32)
        totals = (_total((corners * each).unbind(1)) for each in (self.weights, self.change))
        starts, steps = (torch.nn.functional.pad(each, (0, 1)) for each in totals)
        found = torch.empty(len(corners), len(seen), device=seen.device)
        for into, start, step in zip(found, starts, steps, strict=True):
            torch.mul(step.index_select(0, seen), right, out=into)
            into += start.index_select(0, seen)
        return found.view(len(corners), *self.seen.shape)


def scanlines(vertices: Tensor, triangles: Tensor, height: int, width: int, *, cull: bool = False) -> Scanlines:
    """Find the nearest triangle for each pixel; arguments and errors are those of `rasterizer.rasterize`."""
    if vertices.ndim != 3 or vertices.shape[-1] != 3:
        raise ValueError(f"`vertices` has shape {tuple(vertices.shape)}; accepted is (batch, vertices, 3).")
    if triangles.ndim != 2 or triangles.shape[-1] != 3:
        raise ValueError(f"`triangles` has shape {tuple(triangles.shape)}; accepted is (triangles, 3).")
    batch, count = len(vertices), len(triangles)
    # (3 coordinates, 3 corners, triangles of all pictures)
    corners = vertices.float().index_select(1, triangles.reshape(-1)).view(-1, 3, 3).permute(2, 1, 0).contiguous()
    x, y, distance = corners
    area = (x[1] - x[0]) * (y[2] - y[0]) - (y[1] - y[0]) * (x[2] - x[0])
    first = (y.amin(0) - 0.5).ceil().clamp(0, height).long()  # first row whose middle is inside
    last = (y.amax(0) - 0.5).floor().clamp(-1, height - 1).long()
    drawn = (last >= first) & (distance.amin(0) > 0) & (area < 0 if cull else area != 0)
    drawn &= (x.amax(0) > 0) & (x.amin(0) < width)
    kept = drawn.nonzero().squeeze(1)
    row, which = expanded(first[kept], (last - first + 1)[kept])
    rows = _Rows.between_edges(corners.index_select(2, kept), which, row, width)
    owner = kept.index_select(0, rows.which)
    triangle, picture = owner % count, owner // count
    place = (picture * height + rows.row) * width + rows.left
    seen = _nearest(place, rows, batch * height * width)
    place = torch.cat([place, place.new_zeros(1)])
    return Scanlines(triangle, picture, place, rows.weights, rows.change, seen.view(batch, height, width))


def expanded(first: Tensor, length: Tensor) -> tuple[Tensor, Tensor]:
    """Return runs of whole numbers, one after the other, and which run each belongs to.

    Args:
        first: (runs,) int64, where each starts.
        length: (runs,) int64, how many numbers it has, from 0.
    """
    run = torch.arange(len(first), device=first.device).repeat_interleave(length)
    before = first - (length.cumsum(0) - length)
    return torch.arange(len(run), device=first.device) + before.index_select(0, run), run


@dataclass(frozen=True, slots=True, eq=False)
class _Rows:
    """Rows of pixels between two edges of a triangle.

    Attributes:
        which: (N,) triangle among those that are drawn.
        row: (N,) row of the picture.
        left: (N,) first pixel.
        length: (N,) number of pixels, above 0.
        weights: (3, N) and
        change: (3, N) as those of `Scanlines`.
    """

    which: Tensor
    row: Tensor
    left: Tensor
    length: Tensor
    weights: Tensor
    change: Tensor

    @classmethod
    def between_edges(cls, corners: Tensor, which: Tensor, row: Tensor, width: int) -> _Rows:
        """Return where rows meet triangles, without rows in which no middle of a pixel is inside.

        Args:
            corners: (3, 3, triangles) x, y and distance of the corners.
            which: (M,) triangle of each row.
            row: (M,) its row of the picture.
            width: Width of the picture.
        """
        following = corners.roll(-1, 1)  # edge k goes from corner k to k + 1
        # Downward, so that two triangles that share an edge meet it at exactly the same place.
        upward = corners[1] > following[1]
        top, bottom = torch.where(upward, following, corners), torch.where(upward, corners, following)
        edges = torch.stack([top[0], top[1], bottom[1], 1 / (bottom[1] - top[1]), bottom[0] - top[0]])
        x, y, lowest, per_row, run = edges.flatten(0, 1).index_select(1, which).chunk(5)  # (3, M) each
        middle = row + 0.5
        share = (middle - y) * per_row
        met = (middle >= y) & (middle <= lowest) & (lowest > y)
        crossing = x + share * run
        left, left_edge = torch.where(met, crossing, torch.inf).min(0)
        right, right_edge = torch.where(met, crossing, -torch.inf).max(0)
        first, last = (left - 0.5).ceil().clamp_min(0), (right - 0.5).floor().clamp_max(width - 1)
        some = (last >= first).nonzero().squeeze(1)
        which, row, left, right, first, last, left_edge, right_edge = (
            each.index_select(0, some) for each in (which, row, left, right, first, last, left_edge, right_edge)
        )
        # From the start of an edge, as the triangle goes round, instead of from its top.
        along = torch.where(upward.index_select(1, which), 1 - share.index_select(1, some), share.index_select(1, some))
        near, far = (_weights(along, edge) for edge in (left_edge, right_edge))
        inverse = (1 / corners[2]).index_select(1, which)
        wide = right - left
        change = torch.where(wide > _SHORT, (far - near) / wide.clamp_min(_SHORT), 0)
        weights = near + change * (first + 0.5 - left)
        return cls(which, row, first.long(), (last - first).long() + 1, weights * inverse, change * inverse)


def _weights(along: Tensor, edge: Tensor) -> Tensor:
    """Return the (3, N) weights of the corners at a place of one of the edges.

    Args:
        along: (3, N) how far along each edge the place is, 0 to 1.
        edge: (N,) which edge it is on.
    """
    share, edge = along.gather(0, edge[None]), edge[None]
    weights = torch.zeros_like(along).scatter_(0, edge, 1 - share)
    return weights.scatter_(0, (edge + 1) % 3, share)


def _total(corners: Sequence[Tensor]) -> Tensor:
    """Return the sum over three corners; faster than `sum` over so few."""
    first, second, third = corners
    return first + second + third


def _nearest(place: Tensor, rows: _Rows, pixels: int) -> Tensor:
    """Return the number of the row that each pixel sees, (pixels,); the number of rows where there is none."""
    best = torch.full((pixels,), _NOTHING, dtype=torch.int64, device=place.device)
    if not len(place):
        return best.fill_(0)
    near, step = (_total(each.unbind(0)).double() for each in (rows.weights, rows.change))  # 1 / distance
    end = near + step * (rows.length - 1)
    closest, farthest = torch.maximum(near, end).max(), torch.minimum(near, end).min()
    scale = _STEPS / (closest - farthest).clamp_min(1e-30)
    near, step = (closest - near) * scale, -step * scale
    for part in torch.arange(len(place), device=place.device).split(max(1, _CHUNK // int(rows.length.max()))):
        length = rows.length[part]
        row = torch.arange(len(part), device=place.device).repeat_interleave(length)
        right = torch.arange(len(row), device=place.device)
        # Counted from the first pixel of the whole part, so that one look-up for each is enough.
        before = length.cumsum(0) - length
        pixel = right + (place[part] - before).index_select(0, row)
        start = near[part] - step[part] * before
        away = start.index_select(0, row) + step[part].index_select(0, row) * right
        key = (away.clamp_(0, _STEPS).long() << 32) | (row + part[0])
        best.scatter_reduce_(0, pixel, key, "amin")
    return (best & _LOW_BITS).clamp_max_(len(place))
