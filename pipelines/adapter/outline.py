"""`filled`: areas inside of closed outlines, antialiased, many at once; any simple polygon, convex or not.

The way of font rasterizers: along a few lines within each row of pixels, every edge that crosses the line adds what it
leaves to its right, with the sign of its direction. What is added up is the share of the pixel that is inside: exact
across, sampled down. Positions are in pixels, origin at the outer corner of the top left pixel, x right and y down.
"""

from __future__ import annotations

import torch
from torch import Tensor

LINES = 4
"""Lines within a row of pixels."""


def filled(starts: Tensor, ends: Tensor, layers: Tensor, count: int, height: int, width: int) -> Tensor:
    """Return how much of each pixel the outlines of each layer hold, (batch, count, height, width) from 0 to 1.

    Outlines that overlap within a layer, and run the same way round, are filled as one.

    Args:
        starts: (batch, edges, 2) x, y where edges begin.
        ends: (batch, edges, 2) where they end; the edges of an outline close it, in any order.
        layers: (edges,) int64, the layer of each edge.
        count: Number of layers.
        height: Height of the picture in pixels.
        width: Width of the picture in pixels.
    """
    batch, edges, _ = starts.shape
    one, other = starts.reshape(-1, 2).float(), ends.reshape(-1, 2).float()
    rows = (torch.stack([one[:, 1], other[:, 1]]).sort(0).values * LINES - 0.5).ceil().clamp(0, height * LINES).long()
    crossed = rows[1] - rows[0]
    owner = torch.repeat_interleave(crossed)
    first = crossed.cumsum(0) - crossed
    line = torch.arange(len(owner), device=owner.device) - first[owner] + rows[0, owner]
    along = other[owner] - one[owner]
    at = (line + 0.5) / LINES
    x = (one[owner, 0] + (at - one[owner, 1]) / along[:, 1] * along[:, 0]).clamp(0, width)
    column = x.floor()
    weight = along[:, 1].sign() / LINES
    start = (owner // edges * count + layers.to(owner)[owner % edges]) * height + line // LINES
    place = start * (width + 2) + column.long()
    change = torch.zeros(batch * count * height * (width + 2), device=starts.device)
    change.index_add_(0, place, weight * (column + 1 - x))
    change.index_add_(0, place + 1, weight * (x - column))
    area = change.reshape(batch, count, height, width + 2).cumsum(-1)[..., :width]
    return area.abs().clamp(0, 1)


def strokes(starts: Tensor, ends: Tensor, thickness: float) -> tuple[Tensor, Tensor]:
    """Return the outlines of lines as edges for `filled`: starts and ends, (batch, 4 lines, 2), all the same way round.

    Args:
        starts: (batch, lines, 2).
        ends: (batch, lines, 2).
        thickness: In pixels; lines end half of it beyond their ends.
    """
    along = torch.nn.functional.normalize(ends - starts, dim=-1, eps=1e-6) * (thickness / 2)
    along = torch.where(along.abs().amax(-1, keepdim=True) > 0, along, along.new_tensor([thickness / 2, 0.0]))
    across = torch.stack([-along[..., 1], along[..., 0]], -1)
    begin, finish = starts - along, ends + along
    corners = torch.stack([begin + across, begin - across, finish - across, finish + across], 2)
    return corners.flatten(1, 2), corners.roll(-1, 2).flatten(1, 2)
