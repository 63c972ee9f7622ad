"""What can be judged of a face: not what is turned away, outside the picture, too small, or not read reliably."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from auface.facs import ActionUnit, Sides
from auface.facs.action_unit import Region
from auface.facs.expression import Side
from auface.structure.topology import REGIONS, topology

from .crop_frame import SIDE, frame_of_landmarks
from .result import Face, UnitReading, UnitValue, Unjudged
from .unit_table import UNITS

Floats = NDArray[np.float32]

TURNED = 38.0
"""Degrees of yaw beyond which the farther half of a face is hidden."""

TURNED_FAR = 60.0
"""Degrees of yaw, or of pitch, beyond which nothing is judged."""

SMALLEST = 8.0
"""Pixels between the eyes below which nothing is judged."""

DOUBTFUL = 1.5
"""Uncertainty from which a unit is not judged."""

_PARTS: dict[Region, tuple[str, ...]] = {
    Region.BROW: ("brow",),
    Region.EYE: ("eye",),
    Region.NOSE: ("nose",),
    Region.CHEEK: ("cheek",),
    Region.MOUTH: ("mouth",),
    Region.CHIN: ("jaw",),
    Region.JAW: ("jaw",),
    Region.NECK: ("jaw",),
}


def unit_reading(
    units: Floats, scale: Floats, face: Face, size: tuple[int, int] | None, reliable: Iterable[bool]
) -> UnitReading:
    """Return a reading that says what of it can be judged.

    Args:
        units: (units, 2) intensities, 0 to 5.
        scale: (units, 2) expected absolute errors.
        face: The face.
        size: Width and height of the picture in pixels, or None where there is no picture.
        reliable: Of each unit, whether it can be read at all.
    """
    values: dict[ActionUnit, UnitValue] = {}
    unjudged: list[Unjudged] = []
    for unit, sides, errors, sure in zip(UNITS, units.tolist(), scale.tolist(), reliable, strict=True):
        (left, right), (left_error, right_error) = sides, errors
        values[unit] = UnitValue(left=left, right=right, left_uncertainty=left_error, right_uncertainty=right_error)
        unjudged += _why_not(unit, values[unit], face, size, sure)
    return UnitReading(values, tuple(unjudged))


def _why_not(
    unit: ActionUnit, value: UnitValue, face: Face, size: tuple[int, int] | None, reliable: bool
) -> list[Unjudged]:
    if not reliable:
        return [Unjudged(unit, "both", "cannot be read")]
    if eye_distance(face) < SMALLEST:
        return [Unjudged(unit, "both", "too small")]
    if max(abs(face.pose.yaw), abs(face.pose.pitch)) > TURNED_FAR:
        return [Unjudged(unit, "both", "turned away")]
    if unit.sides is Sides.TOGETHER:
        return [Unjudged(unit, "both", reason)] if (reason := _side_reason(unit, "both", value, face, size)) else []
    sides: tuple[Side, ...] = ("left", "right")
    return [Unjudged(unit, side, reason) for side in sides if (reason := _side_reason(unit, side, value, face, size))]


def _side_reason(
    unit: ActionUnit, side: Side, value: UnitValue, face: Face, size: tuple[int, int] | None
) -> str | None:
    away = (face.pose.yaw > TURNED and side == "left") or (face.pose.yaw < -TURNED and side == "right")
    if away:
        return "turned away"
    if size is not None and _outside(unit, side, face, size) > 0.5:
        return "outside the picture"
    error = value.right_uncertainty if side == "right" else value.left_uncertainty
    return "unclear" if error > DOUBTFUL else None


def _outside(unit: ActionUnit, side: Side, face: Face, size: tuple[int, int]) -> float:
    """Return the share of the unit's part of the face that is outside the picture."""
    shared = topology()
    left = shared.region[[REGIONS.index(part) for part in _PARTS[unit.facts.region]]].sum(0)
    weight = left if side == "left" else left[shared.mirror] if side == "right" else left + left[shared.mirror]
    x, y = face.landmarks[:, 0], face.landmarks[:, 1]
    out = (x < 0) | (y < 0) | (x > size[0]) | (y > size[1])
    return float((weight * out).sum() / weight.sum())


def eye_distance(face: Face) -> float:
    """Return the distance between the eyes in pixels, as it would be with the head straight.

    Args:
        face: The face.
    """
    return frame_of_landmarks(face.landmarks)[0].side / SIDE
