"""`retarget`: the landmarks of a photo and a request -> new landmarks, displacement field, soft mask, preview."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Literal, get_args

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from auface.facs import Expression

from .face_structure import FaceStructure
from .model import StructureModel
from .photo import PhotoFit, fit_photo
from .precision import full_precision
from .rasterizer import interpolate, rasterize
from .topology import LANDMARKS, topology

Floats = NDArray[np.float32]

Mode = Literal["absolute", "relative"]
"""`absolute`: the face shows the request and nothing else; `relative`: the request is added to what is there."""

_RIM = (1.12, 1.3, 1.6)  # rings round the face over which the displacement fades, relative to its oval
_FADE = (0.7, 0.25, 0.0)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Retargeted:
    """A person of a photo with another expression.

    Attributes:
        fit: What was read from the photo.
        expression: What the face shows now.
        before: (478, 3) landmarks of the photo: pixels, and the distance from the camera's plane.
        after: (478, 3) landmarks of the new face, in the same picture.
        displacement: (478, 3) what the new expression adds to the person's neutral face, in the frame of the face.
    """

    fit: PhotoFit
    expression: Expression
    before: Floats
    after: Floats
    displacement: Floats

    @property
    def structure(self) -> FaceStructure:
        """The new face, turned as in the photo; `fit.camera` sees it where the photo has it."""
        return FaceStructure(
            expression=self.expression,
            neutral=self.fit.neutral,
            displacement=self.displacement,
            tokens=np.zeros((2, 0), np.int64),
            pose=self.fit.pose,
        )

    @full_precision
    def field(self, height: int, width: int) -> Tensor:
        """Return where each pixel of the new picture comes from, as a shift in pixels, (height, width, 2) x and y.

        Outside of the face and in the mouth as far as it was shut, the field fades smoothly to 0.

        Args:
            height: Height of the picture in pixels.
            width: Width of the picture in pixels.
        """
        shift = torch.from_numpy(self.before - self.after)[:, :2]
        points = torch.from_numpy(self.after)
        oval = torch.from_numpy(_oval())
        middle = points[oval, :2].mean(0)
        rings = [middle + factor * (points[oval, :2] - middle) for factor in _RIM]
        distance = points[:, 2:].amax()
        vertices = torch.cat(
            [points, *(torch.cat([ring, (distance + k).expand(len(ring), 1)], 1) for k, ring in enumerate(rings, 1))]
        )
        shifts = torch.cat([shift, *(fade * shift[oval] for fade in _FADE)])
        triangles = torch.from_numpy(_triangles())
        fragments = rasterize(vertices[None].float(), triangles, height, width)
        return interpolate(fragments, triangles, shifts.float())[0]

    @full_precision
    def mask(self, height: int, width: int, threshold: float = 0.01, softness: float = 0.06) -> Tensor:
        """Return what changes, (height, width) from 0 to 1, with a soft edge.

        Args:
            height: Height of the picture in pixels.
            width: Width of the picture in pixels.
            threshold: Shift that counts as change, in inter-ocular distances.
            softness: Width of the edge, in inter-ocular distances.
        """
        moved = self.field(height, width).norm(dim=-1) / self.fit.camera.scale
        changed = ((moved - threshold / 2) / threshold).clamp(0, 1)[None, None]
        radius = max(1, round(softness * self.fit.camera.scale / 2))
        grown = torch.nn.functional.max_pool2d(changed, 2 * radius + 1, 1, radius)
        for _ in range(2):
            grown = torch.nn.functional.avg_pool2d(grown, 2 * radius + 1, 1, radius, count_include_pad=False)
        return grown[0, 0]

    @full_precision
    def preview(self, image: Tensor) -> Tensor:
        """Return a photo warped to the new face; geometry only: no new skin, teeth or folds.

        Args:
            image: (height, width, channels) the photo, any range.
        """
        height, width, _ = image.shape
        field = self.field(height, width).to(image.device)
        y, x = torch.meshgrid(
            torch.arange(height, device=image.device), torch.arange(width, device=image.device), indexing="ij"
        )
        source = torch.stack([x + 0.5 + field[..., 0], y + 0.5 + field[..., 1]], -1)
        grid = source / torch.tensor([width, height], device=image.device) * 2 - 1
        warped = torch.nn.functional.grid_sample(
            image.permute(2, 0, 1)[None].float(), grid[None], padding_mode="border", align_corners=False
        )
        return warped[0].permute(1, 2, 0).to(image.dtype)


def retarget(
    landmarks: Floats, request: Expression | str, model: StructureModel, *, mode: Mode = "absolute"
) -> Retargeted:
    """Give the person of a photo another expression.

    Args:
        landmarks: (468 or 478, 2 or 3) landmarks in pixels, y down.
        request: An expression, FACS notation, or English.
        model: What knows how faces move.
        mode: `absolute`, or `relative` to what the face shows.

    Raises:
        ValueError: Unknown mode, the landmarks are no face, or the request is not understood.
    """
    if mode not in get_args(Mode):
        raise ValueError(f"`mode` is {mode!r}; accepted are 'absolute' and 'relative'.")
    fit = fit_photo(landmarks)
    wanted = model.structure(request, neutral=fit.neutral)
    shown, displacement = wanted.expression, wanted.displacement
    if mode == "relative":
        both = model.structure(fit.expression.added(shown), neutral=fit.neutral)
        there = model.structure(fit.expression, neutral=fit.neutral)
        shown, displacement = both.expression, both.displacement - there.displacement + fit.displacement
    rotation = fit.pose.rotation.T
    before = fit.camera.project((fit.neutral + fit.displacement) @ rotation)
    after = fit.camera.project((fit.neutral + displacement) @ rotation)
    return Retargeted(fit=fit, expression=shown, before=before, after=after, displacement=displacement)


@cache
def _oval() -> NDArray[np.int64]:
    """Landmarks of the face oval, in order."""
    following = {int(start): int(end) for start, end in topology().edges["face_oval"]}
    ring = [next(iter(following))]
    while (onward := following[ring[-1]]) != ring[0]:
        ring.append(onward)
    return np.array(ring)


@cache
def _triangles() -> NDArray[np.int64]:
    """Triangles of the face and of the rings round it."""
    ring = _oval()
    count = len(ring)
    found = [topology().triangles]
    inner = ring
    for number in range(len(_RIM)):
        outer = LANDMARKS + number * count + np.arange(count)
        following = np.roll(np.arange(count), -1)
        found.append(np.stack([inner, outer, inner[following]], 1))
        found.append(np.stack([inner[following], outer, outer[following]], 1))
        inner = outer
    return np.concatenate(found)
