"""`SurfaceMaps`: depth, normals and parts of faces, from one rasterization, in the conventions of ControlNets.

Depth: white is near, as MiDaS draws it; the nearest point is 1, and 1 becomes 0.2 over the depth of a head (2.2
inter-ocular distances); black is where no face is. Normals: blue is front, red is left of the picture, green is up, as
the normal ControlNet 1.1 wants them (`controlnet`), or red to the right (`opengl`); no face is (0.5, 0.5, 1) for
`opengl` and black for `controlnet`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import torch
from torch import Tensor

from .camera import Camera
from .drawing import window
from .edge_samples import edge_samples
from .part_shares import SEVERAL, PartShares, with_irises
from .precision import full_precision
from .scanlines import scanlines
from .surface import FacePart, normals, surface, with_cavity

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
        shares: Which parts each pixel shows.
    """

    depth: Tensor
    normals: Tensor
    coverage: Tensor
    shares: PartShares

    @classmethod
    def joined(cls, several: Sequence[SurfaceMaps]) -> SurfaceMaps:
        """Return pictures of one size as one batch.

        Args:
            several: One or more.
        """
        depth, normals, coverage = (
            torch.cat([getattr(maps, name) for maps in several]) for name in ("depth", "normals", "coverage")
        )
        return cls(depth, normals, coverage, PartShares.joined([maps.shares for maps in several]))

    @property
    def parts(self) -> Tensor:
        """(batch, height, width, len(FacePart)) share of the pixel that each part has; sums to 1. Made at each call."""
        return torch.stack([self.mask(part) for part in FacePart], 1).movedim(1, -1)

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
            torch.lerp(into, (across / length).mul_(sign / 2).add_(0.5), coverage, out=into)
        return picture

    def labels(self) -> Tensor:
        """Return the (batch, height, width) uint8 labels of `FacePart` that cover most of each pixel."""
        return self.shares.largest()

    def mask(self, *parts: FacePart) -> Tensor:
        """Return the (batch, height, width) share of the pixel that parts have together, 0 to 1.

        Args:
            *parts: Which parts, one or more, each once.

        Raises:
            ValueError: There is no part, or one twice.
        """
        if not parts or len(set(parts)) != len(parts):
            raise ValueError(f"`parts` are {[part.name for part in parts]}; accepted are one or more, each once.")
        return self.shares.of(*parts)


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
    seen = rows.of_pixels(parts.index_select(0, rows.triangle), FacePart.BACKGROUND)
    there = torch.ne(seen, FacePart.BACKGROUND, out=torch.empty(seen.shape, device=points.device))
    corner = triangles.T.index_select(1, rows.triangle) + rows.picture * facing.shape[1]  # (3, rows)
    direction = facing.view(-1, 3).T.index_select(1, corner.view(-1)).view(3, *corner.shape)
    inverse, *direction = rows.interpolated(torch.cat([torch.ones_like(direction[:1]), direction]))
    distance = (inverse + (1 - there)).reciprocal_()
    depth, coverage = (torch.zeros(len(points), height, width, device=points.device) for _ in range(2))
    # One plane for each direction, because what is drawn or read is mostly one.
    normal = torch.zeros(3, len(points), height, width, device=points.device)
    labels = torch.zeros(len(points), height, width, dtype=torch.uint8, device=points.device)
    here = (slice(None), slice(top, bottom), slice(left, right))
    torch.mul(_white_near(distance, nearest[:, None, None]), there, out=depth[here])
    for into, across in zip(normal, direction, strict=True):
        torch.mul(across, distance, out=into[here])
    coverage[here], labels[here] = there, seen
    borders = torch.zeros(0, dtype=torch.int64, device=points.device)
    shares = torch.zeros(len(FacePart), 0, device=points.device)
    if antialias:
        number = rows.of_pixels(rows.triangle + rows.picture * len(triangles), len(triangles) * len(points))
        edge = edge_samples(shifted, triangles, number, seen, facing)
        picture, row, column = edge.pixels.unbind(1)
        borders = (picture * height + row + top) * width + column + left
        some = edge.triangle >= 0
        coverage.view(-1)[borders] = some.float().mean(0)
        depth.view(-1)[borders] = (_white_near(edge.depth, nearest[picture]) * some).mean(0)
        normal.view(3, -1)[:, borders] = edge.values.mean(1)
        found = torch.where(some, parts[edge.triangle.clamp_min(0)].long(), int(FacePart.BACKGROUND))
        shares = torch.zeros(len(FacePart), len(borders), device=points.device)
        shares.scatter_add_(0, found, torch.full_like(edge.depth, 1 / len(found)))
        labels.view(-1)[borders] = SEVERAL
    mixed = with_irises(PartShares(labels, borders, shares), pixels[:, :478, :2])
    return SurfaceMaps(depth, normal.permute(1, 2, 3, 0), coverage, mixed)


def _white_near(distance: Tensor, nearest: Tensor) -> Tensor:
    return (1 - (distance - nearest) * ((1 - FARTHEST) / DEPTH_OF_HEAD)).clamp(0.02, 1)


def _facing(vertices: Tensor) -> Tensor:
    """Return normals; the floor of the mouth faces the camera, because what is in a mouth is not known."""
    facing = normals(vertices)
    facing[:, 478:] = facing.new_tensor([0, 0, 1])
    return facing
