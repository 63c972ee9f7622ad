"""What can be judged of a face: not what is turned away, outside the picture, too small, or not read reliably."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from auface.facs import ActionUnit, Sides
from auface.facs.action_unit import Region
from auface.facs.expression import Side
from auface.structure.topology import REGIONS, topology

from .crop_frame import SIDE, frame_of_landmarks
from .result import PRESENT, Face, UnitReading, UnitValue, Unjudged
from .unit_table import UNITS

Floats = NDArray[np.float32]

Outside: TypeAlias = "dict[tuple[Region, Side], float]"
"""Share of a part of the face that is outside the picture, by region and side; what is missing is inside."""

TURNED = 38.0
"""Degrees of yaw beyond which the farther half of a face is hidden."""

TURNED_FAR = 60.0
"""Degrees of yaw, or of pitch, beyond which nothing is judged."""

SMALLEST = 8.0
"""Pixels between the eyes below which nothing is judged."""

DOUBTFUL = 2.0
"""Uncertainty from which a unit is not judged, if it may as well be absent as present."""

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
    hidden = _hidden(face)
    outside = {} if size is None or hidden else _outside(face, size)
    for unit, sides, errors, sure in zip(UNITS, units.tolist(), scale.tolist(), reliable, strict=True):
        (left, right), (left_error, right_error) = sides, errors
        values[unit] = UnitValue(left=left, right=right, left_uncertainty=left_error, right_uncertainty=right_error)
        if not sure:
            unjudged.append(Unjudged(unit, "both", "cannot be read"))
        elif hidden:
            unjudged.append(Unjudged(unit, "both", hidden))
        else:
            unjudged += _sides_not_judged(unit, values[unit], face, outside)
    return UnitReading(values, tuple(unjudged))


def _hidden(face: Face) -> str | None:
    """Return why nothing of a face can be judged, or None."""
    if eye_distance(face) < SMALLEST:
        return "too small"
    return "turned away" if max(abs(face.pose.yaw), abs(face.pose.pitch)) > TURNED_FAR else None


def _sides_not_judged(unit: ActionUnit, value: UnitValue, face: Face, outside: Outside) -> list[Unjudged]:
    sides: tuple[Side, ...] = ("both",) if unit.sides is Sides.TOGETHER else ("left", "right")
    return [
        Unjudged(unit, side, reason) for side in sides if (reason := _side_reason(unit, side, value, face, outside))
    ]


def _side_reason(unit: ActionUnit, side: Side, value: UnitValue, face: Face, outside: Outside) -> str | None:
    away = (face.pose.yaw > TURNED and side == "left") or (face.pose.yaw < -TURNED and side == "right")
    if away:
        return "turned away"
    if outside.get((unit.facts.region, side), 0.0) > 0.5:
        return "outside the picture"
    error = value.right_uncertainty if side == "right" else value.left_uncertainty
    intensity = value.right if side == "right" else value.left
    return "unclear" if error > DOUBTFUL and abs(intensity - PRESENT) < error else None


def _outside(face: Face, size: tuple[int, int]) -> Outside:
    """Return, for each region and side, the share of that part of the face which is outside the picture."""
    x, y = face.landmarks[:, 0], face.landmarks[:, 1]
    out = (x < 0) | (y < 0) | (x > size[0]) | (y > size[1])
    if not out.any():
        return {}
    shared = topology()
    found: Outside = {}
    for region, parts in _PARTS.items():
        left = shared.region[[REGIONS.index(part) for part in parts]].sum(0)
        right = left[shared.mirror]
        weights: dict[Side, Floats] = {"left": left, "right": right, "both": left + right}
        found |= {(region, side): float((weight * out).sum() / weight.sum()) for side, weight in weights.items()}
    return found


def eye_distance(face: Face) -> float:
    """Return the distance between the eyes in pixels, as it would be with the head straight.

    Args:
        face: The face.
    """
    return frame_of_landmarks(face.landmarks)[0].side / SIDE
