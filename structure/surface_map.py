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
from .drawing import polygon_coverage, window
from .edge_samples import edge_samples
from .rasterizer import Hits, hits
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
        seen = self.coverage.view(-1).nonzero().squeeze(1)
        there, share = self.normals.view(-1, 3)[seen], self.coverage.view(-1)[seen][:, None]
        colors = (torch.nn.functional.normalize(there, dim=-1) * sign + 1) / 2
        picture.view(-1, 3)[seen] = torch.lerp(picture.view(-1, 3)[seen], colors, share)
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
    top, bottom, left, right = window(pixels[..., :2], height, width)
    here = (slice(None), slice(top, bottom), slice(left, right))
    shifted = pixels - pixels.new_tensor([left, top, 0])
    seen = hits(shifted, triangles, bottom - top, right - left)
    triangle = torch.full((len(points), bottom - top, right - left), -1, device=points.device)
    triangle.view(-1)[seen.pixel] = seen.triangle
    whole = torch.zeros(len(points), height, width, dtype=torch.int64, device=points.device)
    labels = whole[here]
    place = _places(seen.pixel, triangle.shape, whole.shape, top, left)
    whole.view(-1)[place] = parts[seen.triangle]
    alone = torch.eye(len(FacePart), device=points.device)
    maps = SurfaceMaps(
        torch.zeros(whole.shape, device=points.device),
        torch.zeros(*whole.shape, 3, device=points.device),
        torch.zeros(whole.shape, device=points.device),
        alone.index_select(0, whole.view(-1)).unflatten(0, whole.shape),
    )
    nearest = pixels[:, :478, 2].amin(1)
    facing = _facing(turned)
    owner = place // (height * width)
    maps.depth.view(-1)[place] = _white_near(seen.depth, nearest[owner])
    maps.normals.view(-1, 3)[place] = _interpolated(
        seen, triangles[seen.triangle] + owner[:, None] * facing.shape[1], facing
    )
    maps.coverage.view(-1)[place] = 1.0
    depth, normal, coverage, share = (each[here] for each in (maps.depth, maps.normals, maps.coverage, maps.parts))
    if antialias:
        edge = edge_samples(shifted, triangles, triangle, labels)
        picture, row, column = edge.pixels.unbind(1)
        there = edge.triangle >= 0
        coverage[picture, row, column] = there.float().mean(1)
        depth[picture, row, column] = (_white_near(edge.depth, nearest[picture, None]) * there).mean(1)
        corners = facing[picture[:, None, None], triangles[edge.triangle.clamp_min(0)]]
        normal[picture, row, column] = (corners * edge.weights[..., None]).sum(2).mean(1)
        found = torch.where(there, parts[edge.triangle.clamp_min(0)], 0)
        share[picture, row, column] = alone[found].mean(1)
    _give_to_irises(share, shifted[:, :478, :2])
    return maps


def _places(pixel: Tensor, part: torch.Size, whole: torch.Size, top: int, left: int) -> Tensor:
    """Return where pixels of parts of pictures are in the whole pictures, counted by rows through all pictures."""
    row, column = pixel // part[2], pixel % part[2]
    return ((row // part[1]) * whole[1] + row % part[1] + top) * whole[2] + column + left


def _interpolated(seen: Hits, corners: Tensor, facing: Tensor) -> Tensor:
    """Return normals between those of the corners, (N, 3).

    Args:
        seen: Pixels.
        corners: (N, 3) the corners of their triangles, counted through all faces.
        facing: (batch, V, 3) normals of the corners.
    """
    table, weights = facing.view(-1, 3), seen.weights
    one, two, three = (table.index_select(0, corners[:, place]) * weights[:, place, None] for place in range(3))
    return one + two + three


def _white_near(distance: Tensor, nearest: Tensor) -> Tensor:
    return (1 - (distance - nearest) * ((1 - FARTHEST) / DEPTH_OF_HEAD)).clamp(0.02, 1)


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
        top, bottom, left, right = window(pixels[:, list(iris)], height, width)
        corner = pixels.new_tensor([left, top])
        center, rim = pixels[:, iris[0], None] - corner, pixels[:, list(iris[1:])] - pixels[:, iris[0], None]
        angle = torch.arange(16, device=pixels.device)[:, None] * (torch.pi / 8)
        across, up = (rim[:, :1] - rim[:, 2:3]) / 2, (rim[:, 1:2] - rim[:, 3:4]) / 2
        outline = center + angle.cos() * across + angle.sin() * up
        here = parts[:, top:bottom, left:right]
        covered = polygon_coverage(outline, bottom - top, right - left)
        here[..., label] = here[..., eye] * covered
        here[..., eye] *= 1 - covered
