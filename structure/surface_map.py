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
from .edge_samples import edge_samples
from .rasterizer import rasterize
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
        picture = torch.zeros_like(self.normals)
        if convention == "opengl":
            picture += picture.new_tensor([0.5, 0.5, 1.0])
        seen = self.coverage.nonzero(as_tuple=True)
        colors = (torch.nn.functional.normalize(self.normals[seen], dim=-1) * sign + 1) / 2
        picture[seen] += self.coverage[seen][:, None] * (colors - picture[seen])
        return picture

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
    points: Tensor, rotation: Tensor, camera: Camera, height: int, width: int, *, antialias: bool = True
) -> SurfaceMaps:
    """Draw depth, normals and parts.

    Args:
        points: (batch, 478, 3) faces in the frame of the face, head straight.
        rotation: (3, 3) turn of the head.
        camera: What sees the head.
        height: Height of the picture in pixels.
        width: Width of the picture in pixels.
        antialias: Whether pixels on the border of parts are looked at in four places.

    Raises:
        ValueError: Another shape.
    """
    if points.ndim != 3 or points.shape[1:] != (478, 3):
        raise ValueError(f"`points` has shape {tuple(points.shape)}; accepted is (batch, 478, 3).")
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
        torch.zeros(batch, height, width, len(FacePart), device=points.device),
    )
    maps.parts[..., FacePart.BACKGROUND] = 1
    if window is None:
        return maps
    top, bottom, left, right = window
    shifted = pixels - pixels.new_tensor([left, top, 0])
    fragments = rasterize(shifted, triangles, bottom - top, right - left)
    hit = fragments.triangle >= 0
    labels = torch.where(hit, parts[fragments.triangle.clamp_min(0)], 0)
    nearest = pixels[:, :478, 2].amin(1)
    facing = _facing(turned)
    here = (slice(None), slice(top, bottom), slice(left, right))
    depth, normal, coverage, share = (whole[here] for whole in (maps.depth, maps.normals, maps.coverage, maps.parts))
    depth.copy_(_white_near(fragments.depth, nearest[:, None, None]) * hit)
    picture, row, column = hit.nonzero(as_tuple=True)
    corners = facing[picture[:, None], triangles[fragments.triangle[picture, row, column]]]
    normal[picture, row, column] = (corners * fragments.weights[picture, row, column][..., None]).sum(1)
    share.zero_().scatter_(-1, labels[..., None], 1.0)
    coverage.copy_(hit)
    if antialias:
        edge = edge_samples(shifted, triangles, fragments.triangle, labels)
        picture, row, column = edge.pixels.unbind(1)
        there = edge.triangle >= 0
        coverage[picture, row, column] = there.float().mean(1)
        depth[picture, row, column] = (_white_near(edge.depth, nearest[picture, None]) * there).mean(1)
        corners = facing[picture[:, None, None], triangles[edge.triangle.clamp_min(0)]]
        normal[picture, row, column] = (corners * edge.weights[..., None]).sum(2).mean(1)
        found = torch.where(there, parts[edge.triangle.clamp_min(0)], 0)
        share[picture, row, column] = (
            share.new_zeros(*found.shape, len(FacePart)).scatter_(2, found[..., None], 1).mean(1)
        )
    _give_to_irises(share, shifted[:, :478, :2])
    return maps


def _white_near(distance: Tensor, nearest: Tensor) -> Tensor:
    return (1 - (distance - nearest) * ((1 - FARTHEST) / DEPTH_OF_HEAD)).clamp(0.02, 1)


def _window(pixels: Tensor, height: int, width: int) -> tuple[int, int, int, int] | None:
    """Return top, bottom, left and right of the part of the picture that faces are in, or None."""
    low, high = pixels[..., :2].flatten(0, 1).amin(0).floor(), pixels[..., :2].flatten(0, 1).amax(0).ceil()
    left, top = (max(0, int(value) - 1) for value in low)
    right, bottom = min(width, int(high[0]) + 2), min(height, int(high[1]) + 2)
    return (top, bottom, left, right) if top < bottom and left < right else None


def _facing(vertices: Tensor) -> Tensor:
    """Return normals; the floor of the mouth faces the camera, because what is in a mouth is not known."""
    facing = normals(vertices)
    facing[:, 478:] = facing.new_tensor([0, 0, 1])
    return facing


def _give_to_irises(parts: Tensor, pixels: Tensor) -> None:
    """Give the part of each eye that its iris covers to the iris, in place."""
    height, width = parts.shape[1:3]
    for iris, eye, label in (
        (LEFT_IRIS, FacePart.LEFT_EYE, FacePart.LEFT_IRIS),
        (RIGHT_IRIS, FacePart.RIGHT_EYE, FacePart.RIGHT_IRIS),
    ):
        window = _window(pixels[:, list(iris)], height, width)
        if window is None:
            continue
        top, bottom, left, right = window
        corner = pixels.new_tensor([left, top])
        center, rim = pixels[:, iris[0], None] - corner, pixels[:, list(iris[1:])] - pixels[:, iris[0], None]
        angle = torch.arange(16, device=pixels.device)[:, None] * (torch.pi / 8)
        across, up = (rim[:, :1] - rim[:, 2:3]) / 2, (rim[:, 1:2] - rim[:, 3:4]) / 2
        outline = center + angle.cos() * across + angle.sin() * up
        here = parts[:, top:bottom, left:right]
        covered = polygon_coverage(outline, bottom - top, right - left)
        here[..., label] = here[..., eye] * covered
        here[..., eye] *= 1 - covered
