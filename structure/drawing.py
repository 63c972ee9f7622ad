"""Antialiased lines, discs and convex polygons on tensors, batched, on any torch device.

Positions are in pixels, origin at the outer corner of the top left pixel, x to the right and y down. Coverage is that
of a shape whose edge is blurred over one pixel.
"""

from __future__ import annotations

import torch
from torch import Tensor

from .scanlines import expanded

_LARGEST_RADIUS = 4096
_CHUNK = 1 << 21  # pixels that are looked at at a time
_LEVEL = 1e-6  # of a normal across: an edge that no row meets


def line_coverage(starts: Tensor, ends: Tensor, thickness: float, height: int, width: int) -> Tensor:
    """Return how much of each pixel lines cover, (batch, height, width) from 0 to 1; ends are round.

    Args:
        starts: (batch, lines, 2) x, y.
        ends: (batch, lines, 2) x, y.
        thickness: In pixels.
        height: Height of the picture in pixels.
        width: Width of the picture in pixels.
    """
    batch, lines, _ = starts.shape
    if lines == 0:
        return starts.new_zeros(batch, height, width)
    one, other = starts.reshape(-1, 2).float(), ends.reshape(-1, 2).float()
    downward = (one[:, 1] <= other[:, 1])[:, None]
    one, other = torch.where(downward, one, other), torch.where(downward, other, one)
    reach = thickness / 2 + 0.5
    top = (one[:, 1] - reach - 0.5).ceil().clamp(0, height).long()
    bottom = (other[:, 1] + reach - 0.5).floor().clamp(-1, height - 1).long()
    row, owner = expanded(top, (bottom - top + 1).clamp_min(0))
    # Only the part of a line that is near a row can cover pixels of it.
    fall = (other[:, 1] - one[:, 1]).index_select(0, owner)
    above = (row + 0.5) - one[:, 1].index_select(0, owner)
    shares = (((above + away) / fall.clamp_min(1e-9)).clamp(0, 1) for away in (-reach, reach))
    run, start = ((other - one)[:, 0].index_select(0, owner), one[:, 0].index_select(0, owner))
    first, last = (start + share * run for share in shares)
    left = (torch.minimum(first, last) - reach - 0.5).ceil().clamp(0, width).long()
    right = (torch.maximum(first, last) + reach - 0.5).floor().clamp(-1, width - 1).long()
    length = (right - left + 1).clamp_min(0)
    covered = torch.zeros(batch * height * width, device=starts.device)
    lines_of = torch.cat([one, other - one], 1).T.contiguous()
    for part in torch.arange(len(row), device=row.device).split(max(1, _CHUNK // max(1, width))):
        x, number = expanded(left[part], length[part])
        line, y = owner[part].index_select(0, number), row[part].index_select(0, number)
        value = reach - _distance_to_line(x + 0.5, y + 0.5, *lines_of.index_select(1, line))
        place = (line // lines * height + y) * width + x
        covered.scatter_reduce_(0, place, value.clamp_(0, 1), "amax")
    return covered.reshape(batch, height, width)


def disc_coverage(centers: Tensor, radii: Tensor, height: int, width: int) -> Tensor:
    """Return how much of each pixel discs cover, (batch, height, width) from 0 to 1.

    Args:
        centers: (batch, discs, 2) x, y.
        radii: (batch, discs) in pixels.
        height: Height of the picture in pixels.
        width: Width of the picture in pixels.
    """
    batch, discs, _ = centers.shape
    reach = int(radii.max().clamp(0, _LARGEST_RADIUS)) + 2 if discs else 0
    covered = torch.zeros(batch * height * width, device=centers.device)
    flat, radius = centers.reshape(-1, 2).float(), radii.reshape(-1).float()
    picture = torch.arange(batch, device=centers.device).repeat_interleave(discs)
    steps = torch.arange(-reach, reach + 1, device=centers.device)
    for rows in torch.arange(len(flat), device=centers.device).split(max(1, _CHUNK // (2 * reach + 1) ** 2)):
        middle = flat[rows].floor().long()
        x, y = (middle[:, 0, None] + steps)[:, None, :], (middle[:, 1, None] + steps)[:, :, None]
        away = torch.hypot(x + 0.5 - flat[rows, 0, None, None], y + 0.5 - flat[rows, 1, None, None])
        value = (radius[rows, None, None] + 0.5 - away).clamp(0, 1)
        _keep_largest(covered, value, picture[rows], x, y, height, width)
    return covered.reshape(batch, height, width)


def polygon_coverage(corners: Tensor, height: int, width: int) -> Tensor:
    """Return how much of each pixel convex polygons cover, (batch, height, width) from 0 to 1.

    Args:
        corners: (batch, corners, 2) x, y of one convex polygon for each picture, in either direction.
        height: Height of the picture in pixels.
        width: Width of the picture in pixels.
    """
    batch, normal = len(corners), _inward(corners)
    middle = torch.arange(height, device=corners.device) + 0.5
    level = normal[..., 1:] * (middle - corners[..., 1:])  # (batch, corners, height): distance inside of each edge at
    across = torch.where(normal[..., :1].abs() < _LEVEL, _LEVEL, normal[..., :1])  # its first corner's x
    runs: list[Tensor] = []
    for inside in (-0.5, 0.5):  # each row is in part covered between the first, wholly between the second
        reached = corners[..., :1] + (inside - level) / across
        first = torch.where(across > 0, reached, -torch.inf).amax(1)
        last = torch.where(across > 0, torch.inf, reached).amin(1)
        runs += [(first - 0.5).ceil().clamp(0, width), (last - 0.5).floor().clamp(-1, width - 1) + 1]
    left, right, begin, end = (run.long().view(-1) for run in runs)
    begin = begin.clamp(left, right.clamp_min(left))
    end = end.clamp(begin, right.clamp_min(begin))
    column = torch.arange(width, device=corners.device)
    whole = (torch.ge(column, each[:, None], out=corners.new_empty(len(each), width)) for each in (begin, end))
    covered = torch.sub(*whole)
    column, run = expanded(torch.cat([left, end]), torch.cat([begin - left, (right - end).clamp_min(0)]))
    row = run % (batch * height)
    covered[row, column] = polygon_share(corners, row // height, column + 0.5, row % height + 0.5)
    return covered.view(batch, height, width)


def polygon_share(corners: Tensor, picture: Tensor, x: Tensor, y: Tensor) -> Tensor:
    """Return how much of the pixels round some places convex polygons cover, (N,) from 0 to 1.

    Args:
        corners: (batch, corners, 2) x, y of one convex polygon for each picture, in either direction.
        picture: (N,) int64, picture of each place.
        x: (N,) middle of the pixel.
        y: (N,) middle of the pixel.
    """
    edges = torch.cat([corners, _inward(corners)], 2).permute(2, 1, 0).flatten(0, 1).index_select(1, picture)
    start_x, start_y, across, down = edges.chunk(4)
    return ((across * (x - start_x) + down * (y - start_y)).amin(0) + 0.5).clamp(0, 1)


def window(points: Tensor, height: int, width: int, margin: float = 1.0) -> tuple[int, int, int, int]:
    """Return the rows and columns that points lie in, as top, bottom, left and right; empty if none is in the picture.

    Args:
        points: (..., 2) x, y.
        height: Height of the picture in pixels.
        width: Width of the picture in pixels.
        margin: What is drawn round a point, in pixels.
    """
    flat = points.reshape(-1, 2)
    low, high = (flat.amin(0) - margin).floor().tolist(), (flat.amax(0) + margin).ceil().tolist()
    left, top = (min(max(0, int(value)), most) for value, most in zip(low, (width, height), strict=True))
    right, bottom = (min(max(0, int(value)), most) for value, most in zip(high, (width, height), strict=True))
    return top, max(top, bottom), left, max(left, right)


def hull(points: Tensor) -> Tensor:
    """Return the corners of the convex hull of points, (corners, 2), in order.

    Args:
        points: (N, 2).
    """
    ordered = sorted({(float(x), float(y)) for x, y in points.tolist()})
    chains: list[list[tuple[float, float]]] = []
    for sequence in (ordered, ordered[::-1]):
        chain: list[tuple[float, float]] = []
        for point in sequence:
            while len(chain) > 1 and _turn(chain[-2], chain[-1], point) <= 0:
                chain.pop()
            chain.append(point)
        chains.append(chain[:-1])
    return points.new_tensor(chains[0] + chains[1])


def _turn(a: tuple[float, float], b: tuple[float, float], c: tuple[float, float]) -> float:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def _inward(corners: Tensor) -> Tensor:
    """Return the unit normals of the edges of convex polygons, (batch, corners, 2), toward the inside."""
    following = corners.roll(-1, 1)
    along = following - corners
    twice_area = (corners[..., 0] * following[..., 1] - corners[..., 1] * following[..., 0]).sum(1)
    normal = torch.stack([-along[..., 1], along[..., 0]], -1) * twice_area.sign()[:, None, None]
    return normal / along.norm(dim=-1, keepdim=True).clamp_min(1e-6)


def _distance_to_line(x: Tensor, y: Tensor, start_x: Tensor, start_y: Tensor, run: Tensor, fall: Tensor) -> Tensor:
    from_x, from_y = x - start_x, y - start_y
    share = ((from_x * run + from_y * fall) / (run.square() + fall.square()).clamp_min(1e-9)).clamp_(0, 1)
    return torch.hypot(from_x - share * run, from_y - share * fall)


def _keep_largest(
    covered: Tensor, value: Tensor, picture: Tensor, x: Tensor, y: Tensor, height: int, width: int
) -> None:
    inside = (value > 0) & (x >= 0) & (x < width) & (y >= 0) & (y < height)
    place = (picture[:, None, None] * height + y) * width + x
    covered.scatter_reduce_(0, place[inside], value[inside], "amax")
