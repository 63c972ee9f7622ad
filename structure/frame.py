"""The frame of a face: where its origin is, which way it looks, and how large its unit is.

Origin midway between the eyes, x toward the subject's left, y up, z out of the face, unit the distance between the
eyes of the neutral face (the inter-ocular distance). An eye is the middle of its two corners.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

RIGHT_EYE_CORNERS = (33, 133)
"""Landmarks of the outer and the inner corner of the subject's right eye."""

LEFT_EYE_CORNERS = (263, 362)
"""Landmarks of the outer and the inner corner of the subject's left eye."""

_SMALLEST = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """Moves points into the frame of a face: shift, then scale. Both directions of view are the same.

    Attributes:
        origin: (3,) midway between the eyes, in the unit of the points given.
        unit: Inter-ocular distance in that unit.
    """

    origin: Floats
    unit: float

    def apply(self, points: Floats) -> Floats:
        """Return points in the frame of the face.

        Args:
            points: (..., 3).
        """
        return ((points - self.origin) / self.unit).astype(np.float32)

    def undo(self, points: Floats) -> Floats:
        """Return points of the frame of the face in the unit that the frame was made from.

        Args:
            points: (..., 3).
        """
        return (points * self.unit + self.origin).astype(np.float32)


def frame_of(points: Floats) -> Frame:
    """Return the frame of a neutral face that already looks along z and stands upright.

    Args:
        points: (468, 3) or (478, 3) landmarks in any unit.

    Raises:
        ValueError: Another shape, or both eyes are at one place.
    """
    if points.shape not in ((468, 3), (478, 3)):
        raise ValueError(f"`points` has shape {points.shape}; accepted are (468, 3) and (478, 3).")
    right, left = points[list(RIGHT_EYE_CORNERS)].mean(0), points[list(LEFT_EYE_CORNERS)].mean(0)
    unit = float(np.linalg.norm(left - right))
    if not unit > _SMALLEST:  # also true for NaN
        raise ValueError(f"`points` has both eyes at one place or NaN (distance {unit:g}); accepted is a face.")
    return Frame(((left + right) / 2).astype(np.float32), unit)
