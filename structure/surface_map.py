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
from .precision import full_precision
from .scanlines import scanlines
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
        signs = (-1.0 if convention == "controlnet" else 1.0, 1.0, 1.0)
        picture = torch.zeros(self.normals.shape, device=self.normals.device)
        if convention == "opengl":
            picture += picture.new_tensor([0.5, 0.5, 1.0])
        rows, columns = (self.coverage.amax((0, axis)).nonzero() for axis in (2, 1))
        if not len(rows):
            return picture
        here = (slice(None), slice(int(rows[0]), int(rows[-1]) + 1), slice(int(columns[0]), int(columns[-1]) + 1))
        coverage, there = self.coverage[here], self.normals[here].unbind(-1)
        length = (there[0].square() + there[1].square()).add_(there[2].square()).sqrt_().clamp_min_(1e-12)
        for into, sign, across in zip(picture[here].unbind(-1), signs, there, strict=True):
            into += ((across / length).mul_(sign / 2).add_(0.5) - into).mul_(coverage)
        return picture

    def labels(self) -> Tensor:
        """Return the (batch, height, width) uint8 labels of `FacePart` that cover most of each pixel."""
        return self.parts.argmax(-1).to(torch.uint8)

    def mask(self, *parts: FacePart) -> Tensor:
        """Return the (batch, height, width) share of the pixel that parts have together, 0 to 1.

        Args:
            *parts: Which parts, one or more, each once.

        Raises:
            ValueError: There is no part, or one twice.
        """
        if not parts or len(set(parts)) != len(parts):
            raise ValueError(f"`parts` are {[part.name for part in parts]}; accepted are one or more, each once.")
        together = self.parts[..., int(parts[0])].clone()
        for part in parts[1:]:
            together += self.parts[..., int(part)]
        return together


@full_precision
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
    triangles, parts = shared.triangles.to(points.device), shared.parts.to(points.device, torch.uint8)
    turned = with_cavity(points.float()) @ rotation.to(points).T
    pixels, facing = camera.project(turned), _facing(turned)
    top, bottom, left, right = window(pixels[..., :2], height, width)
    shifted, nearest = pixels - pixels.new_tensor([left, top, 0]), pixels[:, :478, 2].amin(1)
    rows = scanlines(shifted, triangles, bottom - top, right - left)
    labels = rows.of_pixels(parts.index_select(0, rows.triangle), FacePart.BACKGROUND)
    empty = labels == FacePart.BACKGROUND
    corner = triangles.T.index_select(1, rows.triangle) + rows.picture * facing.shape[1]  # (3, rows)
    direction = facing.view(-1, 3).T.index_select(1, corner.view(-1)).view(3, *corner.shape)
    inverse, *direction = rows.interpolated(torch.cat([torch.ones_like(direction[:1]), direction]))
    distance = (inverse + empty).reciprocal_()
    maps = _empty_maps(len(points), height, width, points.device)
    here = (slice(None), slice(top, bottom), slice(left, right))
    depth, normal, coverage, share = (each[here] for each in (maps.depth, maps.normals, maps.coverage, maps.parts))
    torch.mul(_white_near(distance, nearest[:, None, None]), ~empty, out=depth)
    for axis, across in enumerate(direction):
        torch.mul(across, distance, out=normal[..., axis])
    coverage[:] = ~empty
    plane = height * width
    place = torch.arange(plane, device=points.device).view(height, width)[here[1:]] + labels.long() * plane
    place += (len(FacePart) * plane * torch.arange(len(points), device=points.device))[:, None, None]
    maps.parts.permute(0, 3, 1, 2).view(-1).index_fill_(0, place.view(-1), 1.0)
    share[..., FacePart.BACKGROUND] = empty
    if antialias:
        edge = edge_samples(shifted, triangles, rows.of_pixels(rows.triangle, -1), labels, facing)
        at, there = edge.pixels.unbind(1), edge.triangle >= 0
        coverage[at] = there.float().mean(0)
        depth[at] = (_white_near(edge.depth, nearest[at[0]]) * there).mean(0)
        normal[at] = edge.values.mean(1).T
        found = torch.where(there, parts[edge.triangle.clamp_min(0)].long(), int(FacePart.BACKGROUND))
        shares = torch.zeros(found.shape[1], len(FacePart), device=points.device)
        share[at] = shares.scatter_add_(1, found.T, torch.full_like(edge.depth.T, 1 / len(found)))
    _give_to_irises(share, shifted[:, :478, :2])
    return maps


def _empty_maps(batch: int, height: int, width: int, device: torch.device) -> SurfaceMaps:
    """Return maps of no face; one plane for each channel, because what is drawn or read is mostly one channel."""
    depth, coverage = (torch.zeros(batch, height, width, device=device) for _ in range(2))
    normals, parts = (
        torch.zeros(batch, channels, height, width, device=device).permute(0, 2, 3, 1)
        for channels in (3, len(FacePart))
    )
    parts[..., FacePart.BACKGROUND] = 1
    return SurfaceMaps(depth, normals, coverage, parts)


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
