"""`SurfaceMaps`: depth, normals and parts of faces, from one rasterization, in the conventions of ControlNets.

Depth: white is near, as MiDaS draws it; the nearest point is 1, and 1 becomes 0.2 over the depth of a head (2.2
inter-ocular distances); black is where no face is. Normals: blue is front, red is left of the picture, green is up, as
the normal ControlNet 1.1 wants them (`controlnet`), or red to the right (`opengl`); no face is (0.5, 0.5, 1) for
`opengl` and black for `controlnet`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import torch
from torch import Tensor

from .camera import Camera
from .drawing import polygon_coverage
from .rasterizer import averaged, interpolate, rasterize
from .surface import FacePart, normals, surface, with_cavity
from .topology import LEFT_IRIS, RIGHT_IRIS

NormalConvention = Literal["controlnet", "opengl"]
"""Which way red grows."""

DEPTH_OF_HEAD = 2.2
"""Distance over which depth goes from 1 to `FARTHEST`, in inter-ocular distances."""

FARTHEST = 0.2
"""Depth at `DEPTH_OF_HEAD` behind the nearest point."""


@dataclass(frozen=True, slots=True, eq=False)
class SurfaceMaps:
    """Maps of faces.

    Attributes:
        depth: (batch, height, width) 1 near, `FARTHEST` and less far, 0 where no face is.
        normals: (batch, height, width, 3) unit vectors, x right, y up, z toward the camera; 0 where no face is.
        coverage: (batch, height, width) share of the pixel that is face, 0 to 1.
        parts: (batch, height, width, len(FacePart)) share of the pixel that each part has; sums to 1.
    """

    depth: Tensor
    normals: Tensor
    coverage: Tensor
    parts: Tensor

    def normal_picture(self, convention: NormalConvention = "controlnet") -> Tensor:
        """Return normals as colors, (batch, height, width, 3) from 0 to 1.

        Args:
            convention: `controlnet` or `opengl`.

        Raises:
            ValueError: Unknown convention.
        """
        if convention not in get_args(NormalConvention):
            raise ValueError(f"`convention` is {convention!r}; accepted are 'controlnet' and 'opengl'.")
        sign = torch.tensor([-1.0 if convention == "controlnet" else 1.0, 1, 1], device=self.normals.device)
        colors = (torch.nn.functional.normalize(self.normals, dim=-1) * sign + 1) / 2
        cover = self.coverage[..., None]
        behind = torch.tensor([0.5, 0.5, 1.0], device=colors.device) if convention == "opengl" else 0.0
        return colors * cover + behind * (1 - cover)

    def labels(self) -> Tensor:
        """Return the (batch, height, width) uint8 labels of `FacePart` that cover most of each pixel."""
        return self.parts.argmax(-1).to(torch.uint8)

    def mask(self, *parts: FacePart) -> Tensor:
        """Return the (batch, height, width) share of the pixel that parts have together, 0 to 1.

        Args:
            *parts: Which parts.
        """
        return self.parts[..., [int(part) for part in parts]].sum(-1)


def surface_maps(
    points: Tensor, rotation: Tensor, camera: Camera, height: int, width: int, *, samples: int = 2
) -> SurfaceMaps:
    """Draw depth, normals and parts.

    Args:
        points: (batch, 478, 3) faces in the frame of the face, head straight.
        rotation: (3, 3) turn of the head.
        camera: What sees the head.
        height: Height of the picture in pixels.
        width: Width of the picture in pixels.
        samples: Side of the square of samples for each pixel; 1 is without antialiasing.

    Raises:
        ValueError: Another shape, or no samples.
    """
    if points.ndim != 3 or points.shape[1:] != (478, 3):
        raise ValueError(f"`points` has shape {tuple(points.shape)}; accepted is (batch, 478, 3).")
    if samples < 1:
        raise ValueError(f"`samples` is {samples!r}; accepted is a whole number from 1.")
    shared = surface()
    triangles, parts = shared.triangles.to(points.device), shared.parts.to(points.device)
    turned = with_cavity(points.float()) @ rotation.to(points).T
    pixels = camera.project(turned)
    batch = len(points)
    window = _window(pixels, height, width)
    maps = SurfaceMaps(
        torch.zeros(batch, height, width, device=points.device),
        torch.zeros(batch, height, width, 3, device=points.device),
        torch.zeros(batch, height, width, device=points.device),
        torch.nn.functional.one_hot(
            torch.zeros(batch, height, width, dtype=torch.int64, device=points.device), len(FacePart)
        ).float(),
    )
    if window is None:
        return maps
    top, bottom, left, right = window
    shifted = (pixels - pixels.new_tensor([left, top, 0])) * pixels.new_tensor([samples, samples, 1])
    fragments = rasterize(shifted, triangles, (bottom - top) * samples, (right - left) * samples)
    seen = (fragments.triangle >= 0).float()[..., None]
    nearest = pixels[:, :478, 2].amin(1)[:, None, None]
    depth = 1 - (fragments.depth - nearest) * ((1 - FARTHEST) / DEPTH_OF_HEAD)
    facing = interpolate(fragments, triangles, _facing(turned))
    labels = torch.where(fragments.triangle >= 0, parts[fragments.triangle.clamp_min(0)], 0)
    channels = [depth.clamp(0.02, 1)[..., None] * seen, facing, seen]
    channels.append(torch.nn.functional.one_hot(labels, len(FacePart)).float())
    small = averaged(torch.cat(channels, -1), samples)
    here = (slice(None), slice(top, bottom), slice(left, right))
    maps.depth[here], maps.normals[here], maps.coverage[here] = small[..., 0], small[..., 1:4], small[..., 4]
    maps.parts[here] = _with_irises(small[..., 5:], pixels[:, :478, :2] - pixels.new_tensor([left, top]))
    return maps


def _facing(vertices: Tensor) -> Tensor:
    """Return normals; the floor of the mouth faces the camera, because what is in a mouth is not known."""
    facing = normals(vertices)
    facing[:, 478:] = facing.new_tensor([0, 0, 1])
    return facing


def _window(pixels: Tensor, height: int, width: int) -> tuple[int, int, int, int] | None:
    """Return top, bottom, left and right of the part of the picture that faces are in, or None."""
    low, high = pixels[..., :2].flatten(0, 1).amin(0).floor(), pixels[..., :2].flatten(0, 1).amax(0).ceil()
    left, top = (max(0, int(value)) for value in low)
    right, bottom = min(width, int(high[0]) + 1), min(height, int(high[1]) + 1)
    return (top, bottom, left, right) if top < bottom and left < right else None


def _with_irises(parts: Tensor, pixels: Tensor) -> Tensor:
    """Give the part of each eye that its iris covers to the iris."""
    parts = parts.clone()
    height, width = parts.shape[1:3]
    for iris, eye, label in (
        (LEFT_IRIS, FacePart.LEFT_EYE, FacePart.LEFT_IRIS),
        (RIGHT_IRIS, FacePart.RIGHT_EYE, FacePart.RIGHT_IRIS),
    ):
        center, rim = pixels[:, iris[0], None], pixels[:, list(iris[1:])] - pixels[:, iris[0], None]
        angle = torch.arange(16, device=pixels.device)[:, None] * (torch.pi / 8)
        across, up = (rim[:, :1] - rim[:, 2:3]) / 2, (rim[:, 1:2] - rim[:, 3:4]) / 2
        covered = polygon_coverage(center + angle.cos() * across + angle.sin() * up, height, width)
        parts[..., label] = parts[..., eye] * covered
        parts[..., eye] = parts[..., eye] * (1 - covered)
    return parts
