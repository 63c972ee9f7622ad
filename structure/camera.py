"""Cameras: from the frame of a face to pixels and back.

Pixels have their origin at the outer corner of the top left pixel, x to the right and y down. Toward the camera is +z
of the face's frame; the third projected coordinate is the distance from the camera's plane, in inter-ocular distances.
Arrays give arrays, tensors give tensors on the same device.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from .frame import LEFT_EYE_CORNERS, RIGHT_EYE_CORNERS

Floats = NDArray[np.float32]
Points = TypeVar("Points", Floats, Tensor)

FAR = 100.0
"""Distance of the camera's plane of a `WeakPerspective` from the origin; it does not change the picture."""

_SENSOR = 24.0  # mm


@dataclass(frozen=True, slots=True, kw_only=True)
class WeakPerspective:
    """A camera infinitely far away.

    Attributes:
        scale: Pixels for one inter-ocular distance, above 0.
        center: x, y in pixels of the origin of the face's frame.
    """

    scale: float
    center: tuple[float, float]

    def __post_init__(self) -> None:
        _check_positive("scale", self.scale)

    def project(self, points: Points) -> Points:
        """Return (..., 3): x and y in pixels, and distance.

        Args:
            points: (..., 3) in the frame of the face, head turned.
        """
        u, v = self.center
        x, y, z = points[..., 0], points[..., 1], points[..., 2]
        return _stacked(points, u + self.scale * x, v - self.scale * y, FAR - z)

    def unproject(self, pixels: Points) -> Points:
        """Return (..., 3) points of projected ones; the inverse of `project`.

        Args:
            pixels: (..., 3) x and y in pixels, and distance.
        """
        u, v = self.center
        x, y, distance = pixels[..., 0], pixels[..., 1], pixels[..., 2]
        return _stacked(pixels, (x - u) / self.scale, (v - y) / self.scale, FAR - distance)


@dataclass(frozen=True, slots=True, kw_only=True)
class Perspective:
    """A pinhole camera on the z axis through a given center, looking along -z.

    Attributes:
        focal_length: In pixels, above 0.
        center: x, y in pixels of the optical axis.
        eye: (x, y, z) of the camera in the frame of the face; the face must be in front of it.
    """

    focal_length: float
    center: tuple[float, float]
    eye: tuple[float, float, float]

    def __post_init__(self) -> None:
        _check_positive("focal_length", self.focal_length)
        _check_positive("eye[2]", self.eye[2])

    def project(self, points: Points) -> Points:
        """Return (..., 3): x and y in pixels, and distance.

        Args:
            points: (..., 3) in the frame of the face, head turned.

        Raises:
            ValueError: A point is not in front of the camera.
        """
        x, y, z = (points[..., axis] - self.eye[axis] for axis in range(3))
        if not bool((z < 0).all()):
            raise ValueError("`points` has a point that is not in front of the camera; accepted is a face before it.")
        u, v = self.center
        return _stacked(points, u - self.focal_length * x / z, v + self.focal_length * y / z, -z)

    def unproject(self, pixels: Points) -> Points:
        """Return (..., 3) points of projected ones; the inverse of `project`.

        Args:
            pixels: (..., 3) x and y in pixels, and distance.
        """
        u, v = self.center
        x, y, z = self.eye
        distance = pixels[..., 2]
        scale = distance / self.focal_length
        across, up = (pixels[..., 0] - u) * scale, (v - pixels[..., 1]) * scale
        return _stacked(pixels, across + x, up + y, z - distance)


Camera = WeakPerspective | Perspective
"""Any camera."""


def portrait_camera(neutral: Floats, size: int, *, focal_length: float | None = 85.0, zoom: float = 1.0) -> Camera:
    """Return the camera that frames a face as FFHQ does (arXiv 1812.04948, appendix A).

    The crop is centered a tenth of the way from the eyes to the mouth; its side is the larger of 4 times the distance
    of the eyes and 3.6 times that to the mouth.

    Args:
        neutral: (478, 3) or (468, 3) the person at rest.
        size: Height and width in pixels.
        focal_length: Of a lens on a square sensor of 24 mm, in mm; None for a camera infinitely far away.
        zoom: Size of the face; 1 is FFHQ's crop.

    Raises:
        ValueError: Size, focal length or zoom is not above 0.
    """
    _check_positive("size", size)
    _check_positive("zoom", zoom)
    right, left = neutral[list(RIGHT_EYE_CORNERS)].mean(0), neutral[list(LEFT_EYE_CORNERS)].mean(0)
    eyes, mouth = (right + left) / 2, neutral[[61, 291]].mean(0)
    down = mouth - eyes
    x, y, z = (float(value) for value in eyes + 0.1 * down)
    side = max(4 * float(np.linalg.norm(left - right)), 3.6 * float(np.linalg.norm(down[:2]))) / zoom
    if focal_length is None:
        scale = size / side
        return WeakPerspective(scale=scale, center=(size / 2 - scale * x, size / 2 + scale * y))
    _check_positive("focal_length", focal_length)
    distance = side * focal_length / _SENSOR
    return Perspective(
        focal_length=size * focal_length / _SENSOR, center=(size / 2, size / 2), eye=(x, y, z + distance)
    )


def _stacked(like: Points, *columns: Any) -> Points:
    if isinstance(like, Tensor):
        return torch.stack(columns, -1)
    return np.stack(columns, -1).astype(np.float32)


def _check_positive(name: str, value: float) -> None:
    if not (0 < value < math.inf):  # also true for NaN
        raise ValueError(f"`{name}` is {value!r}; accepted is a finite number above 0.")
