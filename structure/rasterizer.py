"""A small rasterizer: which triangle of a mesh each pixel sees. Batched, on any torch device, deterministic.

Made for meshes of 1,000 to 10,000 small triangles; see `scanlines` for how. There are no gradients through visibility.
For antialiasing, draw larger and average with `averaged`.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from .scanlines import scanlines


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
    rows = scanlines(vertices, triangles, height, width, cull=cull)
    corners = torch.eye(3, device=vertices.device)[..., None].expand(3, 3, len(rows.triangle))
    over = rows.interpolated(corners).clamp_min_(0)  # perspective: linear in 1 / depth
    total = over.sum(0)
    depth = torch.where(total > 0, 1 / total, 0)
    return Fragments(rows.of_pixels(rows.triangle, -1), (over * depth).permute(1, 2, 3, 0).contiguous(), depth)


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
