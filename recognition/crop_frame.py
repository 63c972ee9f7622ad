"""`CropFrame`: the square that is cut out of a picture for a face, turned upright and centered on it.

Every network that looks at one face sees it through such a frame, so that a face is always at the same place and of the
same size, whatever the picture. Pixels have their origin at the outer corner of the top left pixel.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from auface.structure.fitting import checked_landmarks, fit_orthographic
from auface.structure.pose import HeadPose
from auface.structure.topology import topology

Floats = NDArray[np.float32]
Bytes = NDArray[np.uint8]

CROP = 128
"""Height and width, in pixels, of what the crop network sees."""

SIDE = 3.1
"""Side of the square in inter-ocular distances: forehead to chin with the jaw dropped."""

_MIDDLE = np.array([0.0, -0.62, 0.25])  # of the square, in the frame of the face


@dataclass(frozen=True, slots=True)
class CropFrame:
    """A square in a picture.

    Attributes:
        x: Center, in pixels of the picture.
        y: Center, in pixels of the picture, down.
        side: Length of a side in pixels of the picture, above 0.
        roll: Degrees by which the face leans toward the right of the picture (clockwise); the crop is upright.
    """

    x: float
    y: float
    side: float
    roll: float = 0.0

    def __post_init__(self) -> None:
        if not (0 < self.side < math.inf) or not all(map(math.isfinite, (self.x, self.y, self.roll))):
            raise ValueError(f"`frame` is {(self.x, self.y, self.side, self.roll)}; accepted is a square with a side.")

    def to_picture(self, points: Floats, size: float = 1.0) -> Floats:
        """Return points of the crop in pixels of the picture.

        Args:
            points: (..., 2 or 3) in pixels of the crop; a third column is a length, and is only scaled.
            size: Height and width of the crop.
        """
        return self._mapped(points, self._linear() * (self.side / size), size, inverse=False)

    def to_crop(self, points: Floats, size: float = 1.0) -> Floats:
        """Return points of the picture in pixels of the crop; the inverse of `to_picture`.

        Args:
            points: (..., 2 or 3) in pixels of the picture.
            size: Height and width of the crop.
        """
        return self._mapped(points, self._linear() * (self.side / size), size, inverse=True)

    def cut(self, picture: Bytes, size: int = CROP) -> Bytes:
        """Return the (size, size, 3) crop; what lies outside the picture is black.

        Args:
            picture: (H, W, 3) RGB.
            size: Height and width in pixels.
        """
        reach = 0.75 * self.side + 2
        height, width = picture.shape[:2]
        left, top = max(0, math.floor(self.x - reach)), max(0, math.floor(self.y - reach))
        right, bottom = min(width, math.ceil(self.x + reach)), min(height, math.ceil(self.y + reach))
        if right <= left or bottom <= top:
            return np.zeros((size, size, 3), np.uint8)
        part = Image.fromarray(np.ascontiguousarray(picture[top:bottom, left:right]))
        smaller = max(1, int(self.side / size / 1.2))
        if smaller > 1:  # bilinear looks at four pixels only
            part = part.reduce(smaller)
        linear = self._linear() * (self.side / size / smaller)
        corner = np.array([(self.x - left) / smaller, (self.y - top) / smaller]) - linear @ [size / 2, size / 2]
        (a, b), (c, d) = linear
        coefficients = (a, b, corner[0], c, d, corner[1])
        cut = part.transform((size, size), Image.Transform.AFFINE, coefficients, Image.Resampling.BILINEAR)
        return np.asarray(cut)

    def _linear(self) -> NDArray[np.float64]:
        turn = math.radians(self.roll)
        return np.array([[math.cos(turn), -math.sin(turn)], [math.sin(turn), math.cos(turn)]])

    def _mapped(self, points: Floats, linear: NDArray[np.float64], size: float, *, inverse: bool) -> Floats:
        flat, center = points[..., :2].astype(np.float64), np.array([self.x, self.y])
        factor = math.sqrt(abs(np.linalg.det(linear)))
        if inverse:
            moved = (flat - center) @ linear / factor**2 + size / 2
        else:
            moved = (flat - size / 2) @ linear.T + center
        depth = points[..., 2:] * (1 / factor if inverse else factor)
        return np.concatenate([moved, depth], -1).astype(np.float32)


def frame_of_landmarks(landmarks: Floats) -> tuple[CropFrame, HeadPose]:
    """Return the frame of a face and how the head is turned, from a scaled orthographic fit of the mean face.

    Args:
        landmarks: (468 or 478, 2 or 3) in pixels of the picture.

    Raises:
        ValueError: Another shape, NaN, or all landmarks on a point or line.
    """
    seen = checked_landmarks(landmarks)[:468] * [1, -1]
    shape = topology().neutral[:468].astype(np.float64)
    rotation, scale, shift = fit_orthographic(shape, seen)
    x, y = shift + scale * rotation[:2] @ _MIDDLE
    pose = HeadPose.of(rotation.astype(np.float32))
    up = rotation[:2] @ [0, 1, 0]
    return CropFrame(float(x), -float(y), SIDE * scale, math.degrees(math.atan2(up[0], up[1]))), pose
