"""A small rasterizer: which triangle of a mesh each pixel sees. Batched, on any torch device, deterministic.

Made for meshes of 1,000 to 10,000 small triangles. Each row of each triangle tests the pixels between its edges, all
rows at once; the nearest wins by one integer minimum over (depth, triangle), which does not depend on the order of the
work. There are no gradients through visibility. For antialiasing, draw larger and average
with `averaged`.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

_CHUNK = 1 << 20  # candidate pixels that are tested at a time
_DEPTH_STEPS = (1 << 30) - 1
_NOTHING = torch.iinfo(torch.int64).max


@dataclass(frozen=True, slots=True, eq=False)
class Fragments:
    """What each pixel sees.

    Attributes:
        triangle: (batch, height, width) int64, number of the triangle, -1 where there is none.
        weights: (batch, height, width, 3) float32, perspective-correct barycentric weights of its corners; they sum
            to 1, and are 0 where there is no triangle.
        depth: (batch, height, width) float32, depth in the unit of the vertices; 0 where there is no triangle.
    """

    triangle: Tensor
    weights: Tensor
    depth: Tensor


@dataclass(frozen=True, slots=True, eq=False)
class Hits:
    """The pixels that see a triangle; the same as `Fragments`, without those that see none.

    Attributes:
        pixel: (N,) int64, place of the pixel, counted by rows through all pictures; each once.
        triangle: (N,) int64, number of the triangle.
        weights: (N, 3) float32, perspective-correct barycentric weights of its corners.
        depth: (N,) float32, depth in the unit of the vertices.
    """

    pixel: Tensor
    triangle: Tensor
    weights: Tensor
    depth: Tensor


def rasterize(vertices: Tensor, triangles: Tensor, height: int, width: int, *, cull: bool = False) -> Fragments:
    """Find the nearest triangle for each pixel.

    Args:
        vertices: (batch, vertices, 3) float32: x to the right and y down in pixels, where the center of the top left
            pixel is (0.5, 0.5); then the distance from the camera's plane, above 0.
        triangles: (triangles, 3) int64, corners.
        height: Height of the picture in pixels.
        width: Width of the picture in pixels.
        cull: Whether triangles whose corners run clockwise on the screen are left out. (With x right and y down, those
            of a closed surface that is counterclockwise seen from outside are the far side.)

    Raises:
        ValueError: The shapes are others.
    """
    found = hits(vertices, triangles, height, width, cull=cull)
    shape, device = (vertices.shape[0], height, width), vertices.device
    triangle = torch.full(shape, -1, dtype=torch.int64, device=device)
    triangle.view(-1)[found.pixel] = found.triangle
    weights = torch.zeros(*shape, 3, device=device)
    weights.view(-1, 3)[found.pixel] = found.weights
    depth = torch.zeros(shape, device=device)
    depth.view(-1)[found.pixel] = found.depth
    return Fragments(triangle, weights, depth)


def hits(vertices: Tensor, triangles: Tensor, height: int, width: int, *, cull: bool = False) -> Hits:
    """Find the nearest triangle for each pixel that sees one; arguments and errors are those of `rasterize`."""
    if vertices.ndim != 3 or vertices.shape[-1] != 3:
        raise ValueError(f"`vertices` has shape {tuple(vertices.shape)}; accepted is (batch, vertices, 3).")
    if triangles.ndim != 2 or triangles.shape[-1] != 3:
        raise ValueError(f"`triangles` has shape {tuple(triangles.shape)}; accepted is (triangles, 3).")
    batch, device, count = vertices.shape[0], vertices.device, triangles.shape[0]
    corners = vertices.float()[:, triangles].reshape(-1, 3, 3)  # one row for each triangle of each picture
    near, far = corners[..., 2].amin(), corners[..., 2].amax()
    screen = corners[..., :2]
    low = (screen.amin(1) - 0.5).ceil().long().clamp_min(0)  # first pixel center inside the box
    high = (screen.amax(1) - 0.5).floor().long()
    high = torch.minimum(high, torch.tensor([width - 1, height - 1], device=device))
    area = _cross(screen[:, 1] - screen[:, 0], screen[:, 2] - screen[:, 0])
    seen = ((high >= low).all(1)) & (corners[..., 2].amin(1) > 0) & (area < 0 if cull else area != 0)
    rows = _rows(corners, area, low, high, seen.nonzero().squeeze(1))
    found = [_inside(part, corners, count, height, width) for part in rows.parts()]
    pixel, owner, flat = (torch.cat(pieces) for pieces in zip(*found, strict=True))
    depth = 1 / (flat / corners[owner, :, 2]).sum(1)
    step = ((depth - near) / (far - near).clamp_min(1e-12) * _DEPTH_STEPS).clamp(0, _DEPTH_STEPS).long()
    rank = (step << 32) | (owner % count)
    best = torch.full((batch * height * width,), _NOTHING, dtype=torch.int64, device=device)
    best.scatter_reduce_(0, pixel, rank, "amin")
    won = (best[pixel] == rank).nonzero().squeeze(1)
    owner, flat = owner[won], flat[won]
    over = flat / corners[owner, :, 2]  # perspective: linear in 1 / depth
    total = over.sum(1, keepdim=True)
    return Hits(pixel[won], owner % count, over / total, flat.sum(1) / total[:, 0])


def interpolate(fragments: Fragments, triangles: Tensor, attributes: Tensor) -> Tensor:
    """Return attributes of the vertices at each pixel, (batch, height, width, channels); 0 where there is no triangle.

    Args:
        fragments: What each pixel sees.
        triangles: (triangles, 3) int64, as they were drawn.
        attributes: (batch, vertices, channels), or (vertices, channels) for all pictures alike.
    """
    if attributes.ndim == 2:
        attributes = attributes.expand(fragments.triangle.shape[0], -1, -1)
    found = triangles[fragments.triangle.clamp_min(0)]  # (batch, height, width, 3)
    batch = torch.arange(found.shape[0], device=found.device)[:, None, None, None]
    values = attributes[batch, found]  # (batch, height, width, 3, channels)
    return (values * fragments.weights[..., None].to(values.dtype)).sum(-2)


def averaged(picture: Tensor, factor: int) -> Tensor:
    """Return a picture made smaller by averaging squares of pixels, (batch, height / factor, width / factor, channels).

    Args:
        picture: (batch, height, width, channels), with height and width divisible by the factor.
        factor: Side of the squares.

    Raises:
        ValueError: Height or width is not divisible by the factor.
    """
    batch, height, width, channels = picture.shape
    if height % factor or width % factor:
        raise ValueError(f"`picture` is {height} x {width}; accepted are multiples of the factor {factor}.")
    return picture.reshape(batch, height // factor, factor, width // factor, factor, channels).mean((2, 4))


@dataclass(frozen=True, slots=True, eq=False)
class _Rows:
    """Rows of triangles, from one edge to the other.

    Attributes:
        owner: (N,) triangle of each row, counted through all pictures.
        y: (N,) row of the picture.
        left: (N,) first pixel.
        length: (N,) number of pixels, above 0.
        weight: Two times (N, 3): for the first and the second corner, its weight on the screen is
            (x - weight[0]) * weight[1] + weight[2].
    """

    owner: Tensor
    y: Tensor
    left: Tensor
    length: Tensor
    weight: tuple[Tensor, Tensor]

    def parts(self) -> list[_Rows]:
        """Return the rows in parts that are tested at a time; one at least, which may be empty."""
        longest = int(self.length.max()) if self.length.numel() else 1
        size = max(1, _CHUNK // longest)
        columns = (self.owner, self.y, self.left, self.length, *self.weight)
        return [
            _Rows(owner, y, left, length, (first, second))
            for owner, y, left, length, first, second in zip(*(column.split(size) for column in columns), strict=True)
        ]


def _rows(corners: Tensor, area: Tensor, low: Tensor, high: Tensor, seen: Tensor) -> _Rows:
    """Return where each row of pixels can meet each triangle that is seen, a pixel too wide to either side."""
    lines = high[seen, 1] - low[seen, 1] + 1
    owner = seen.repeat_interleave(lines)
    y = torch.arange(len(owner), device=owner.device) - (lines.cumsum(0) - lines - low[seen, 1]).repeat_interleave(
        lines
    )
    own, size = corners[owner], area[owner]
    weights: list[Tensor] = []
    for start, end in ((1, 2), (2, 0)):
        across = (own[:, start, 1] - own[:, end, 1]) / size  # change for each pixel to the right
        down = (own[:, end, 0] - own[:, start, 0]) / size
        weights.append(torch.stack([own[:, start, 0], across, (y + 0.5 - own[:, start, 1]) * down], 1))
    rise = torch.stack([weights[0][:, 1], weights[1][:, 1], -weights[0][:, 1] - weights[1][:, 1]], 1)
    level = torch.stack([weight[:, 2] - weight[:, 0] * weight[:, 1] for weight in weights], 1)
    level = torch.cat([level, 1 - level.sum(1, keepdim=True)], 1)
    zero = -level / rise
    left = torch.where(rise > 0, zero, -torch.inf).amax(1).clamp(-1, 1 << 24).floor().long() - 1
    right = torch.where(rise < 0, zero, torch.inf).amin(1).clamp(-1, 1 << 24).ceil().long()
    left, right = torch.maximum(left, low[owner, 0]), torch.minimum(right, high[owner, 0])
    some = (right >= left).nonzero().squeeze(1)
    left = left[some]
    return _Rows(owner[some], y[some], left, right[some] - left + 1, (weights[0][some], weights[1][some]))


def _inside(rows: _Rows, corners: Tensor, count: int, height: int, width: int) -> tuple[Tensor, Tensor, Tensor]:
    """Return pixels whose center is inside of a triangle: place, triangle and (N, 3) weights on the screen."""
    row = torch.arange(len(rows.owner), device=corners.device).repeat_interleave(rows.length)
    x = torch.arange(len(row), device=corners.device) - (rows.length.cumsum(0) - rows.length - rows.left)[row]
    middle = x + 0.5
    first, second = ((middle - w[:, 0][row]) * w[:, 1][row] + w[:, 2][row] for w in rows.weight)
    third = 1 - first - second
    inside = (torch.minimum(torch.minimum(first, second), third) >= 0).nonzero().squeeze(1)
    row, owner = row[inside], rows.owner[row[inside]]
    flat = torch.stack([first[inside], second[inside], third[inside]], 1)
    pixel = (owner // count * height + rows.y[row]) * width + x[inside]
    return pixel, owner, flat


def _cross(first: Tensor, second: Tensor) -> Tensor:
    return first[..., 0] * second[..., 1] - first[..., 1] * second[..., 0]
