"""A small rasterizer: which triangle of a mesh each pixel sees. Batched, on any torch device, deterministic.

Made for meshes of 1,000 to 10,000 small triangles. Each triangle tests the pixels of its bounding box, all triangles
with boxes of similar size at once; the nearest wins by one integer minimum over (depth, triangle), which does not
depend on the order of the work. There are no gradients through visibility. For antialiasing, draw larger and average
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
    if vertices.ndim != 3 or vertices.shape[-1] != 3:
        raise ValueError(f"`vertices` has shape {tuple(vertices.shape)}; accepted is (batch, vertices, 3).")
    if triangles.ndim != 2 or triangles.shape[-1] != 3:
        raise ValueError(f"`triangles` has shape {tuple(triangles.shape)}; accepted is (triangles, 3).")
    batch, device = vertices.shape[0], vertices.device
    corners = vertices.float()[:, triangles].reshape(-1, 3, 3)  # one row for each triangle of each picture
    near, far = corners[..., 2].amin(), corners[..., 2].amax()
    screen = corners[..., :2]
    low = (screen.amin(1) - 0.5).ceil().long().clamp_min(0)  # first pixel center inside the box
    high = (screen.amax(1) - 0.5).floor().long()
    high = torch.minimum(high, torch.tensor([width - 1, height - 1], device=device))
    extent = (high - low + 1).amax(1)
    area = _cross(screen[:, 1] - screen[:, 0], screen[:, 2] - screen[:, 0])
    seen = ((high >= low).all(1)) & (corners[..., 2].amin(1) > 0) & (area < 0 if cull else area != 0)
    best = torch.full((batch * height * width,), _NOTHING, dtype=torch.int64, device=device)
    size = 1
    while True:
        smaller = extent <= size if size == 1 else (extent <= size) & (extent > size // 2)
        chosen = (seen & smaller).nonzero().squeeze(1)
        for part in chosen.split(max(1, _CHUNK // size**2)):
            _draw(best, corners, low, high, area, part, size, triangles.shape[0], height, width, near, far)
        if size >= max(height, width):
            break
        size *= 2
    return _fragments(best.reshape(batch, height, width), corners, area, triangles.shape[0])


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


def _draw(
    best: Tensor,
    corners: Tensor,
    low: Tensor,
    high: Tensor,
    area: Tensor,
    part: Tensor,
    size: int,
    triangles: int,
    height: int,
    width: int,
    near: Tensor,
    far: Tensor,
) -> None:
    """Draw some triangles whose boxes fit into a square of `size` pixels."""
    steps = torch.arange(size, device=best.device)
    x = low[part, 0, None, None] + steps[None, None, :]  # (part, 1, size)
    y = low[part, 1, None, None] + steps[None, :, None]  # (part, size, 1)
    first, second, third = _edges(corners[part], area[part], x + 0.5, y + 0.5)
    inside = (first >= 0) & (second >= 0) & (third >= 0)
    inside &= (x <= high[part, 0, None, None]) & (y <= high[part, 1, None, None])
    row, line, column = inside.nonzero(as_tuple=True)
    z = corners[part][row, :, 2]
    depth = 1 / (
        first[row, line, column] / z[:, 0] + second[row, line, column] / z[:, 1] + third[row, line, column] / z[:, 2]
    )
    step = ((depth - near) / (far - near).clamp_min(1e-12) * _DEPTH_STEPS).clamp(0, _DEPTH_STEPS).long()
    owner = part[row]
    pixel = (owner // triangles * height + y[row, line, 0]) * width + x[row, 0, column]
    best.scatter_reduce_(0, pixel, (step << 32) | (owner % triangles), "amin")


def _fragments(best: Tensor, corners: Tensor, area: Tensor, triangles: int) -> Fragments:
    hit = best != _NOTHING
    triangle = torch.where(hit, best & 0xFFFFFFFF, -1)
    picture, y, x = hit.nonzero(as_tuple=True)
    owner = picture * triangles + triangle[picture, y, x]
    own = corners[owner]
    flat = torch.stack(_edges(own, area[owner], x[:, None, None] + 0.5, y[:, None, None] + 0.5), -1)[:, 0, 0]
    over = flat.clamp_min(0) / own[..., 2]  # perspective: linear in 1 / depth
    total = over.sum(1, keepdim=True)
    weights = torch.zeros(*best.shape, 3, device=best.device)
    weights[picture, y, x] = over / total
    depth = torch.zeros(best.shape, device=best.device)
    depth[picture, y, x] = flat.clamp_min(0).sum(1) / total[:, 0]
    return Fragments(triangle, weights, depth)


def _edges(corners: Tensor, area: Tensor, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Return the barycentric weights on the screen, (rows, lines, columns) each."""
    found: list[Tensor] = []
    for start, end in ((1, 2), (2, 0)):
        across = (corners[:, start, 1] - corners[:, end, 1]) / area  # change for each pixel to the right
        down = (corners[:, end, 0] - corners[:, start, 0]) / area
        left = (x - corners[:, start, 0, None, None]) * across[:, None, None]
        found.append(left + (y - corners[:, start, 1, None, None]) * down[:, None, None])
    return found[0], found[1], 1 - found[0] - found[1]


def _cross(first: Tensor, second: Tensor) -> Tensor:
    return first[..., 0] * second[..., 1] - first[..., 1] * second[..., 0]
