"""Whether a picture shows a unit: how far landmarks go the unit's own way, against the same seed's neutral face.

The measure of a unit is the part of the landmarks' movement that goes its way, as a share of what was asked for: with d
the movement that the unit alone makes at intensity 4 on that person (in the picture, by the structural prior) and m the
movement between two pictures, it is (m . d) / (d . d). 1 is the whole movement, 0 none, below 0 the wrong direction.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from auface.facs import ActionUnit, Expression

Floats = NDArray[np.float32]

LEVEL = 4.0
"""Intensity at which units are asked for."""

EXPRESSIVE = tuple(unit for unit in ActionUnit if unit in {*range(1, 29), 43} - {3, 8, 19, 21})
"""Units that express something and move landmarks."""


@dataclass(frozen=True, slots=True)
class UnitShown:
    """How a picture shows one unit of its request.

    Attributes:
        unit: The unit.
        request: What the picture was asked to show.
        wanted: The measure of the geometry that was asked for.
        shown: The measure of the landmarks read in the picture; NaN where no face was found.
    """

    unit: ActionUnit
    request: Expression
    wanted: float
    shown: float

    @property
    def right(self) -> bool:
        """Whether it goes the right way; a picture without a face does not."""
        return self.shown * np.sign(self.wanted) > 0

    @property
    def clear(self) -> bool:
        """Whether it goes at least a quarter of the way."""
        return self.shown * np.sign(self.wanted) > 0.25 * abs(self.wanted)


def measure(movement: Floats | None, direction: Floats) -> float:
    """Return how far landmarks go a unit's way.

    Args:
        movement: (478, 2) between two pictures, in pixels; None where no face was found.
        direction: (478, 2) of the unit alone, in pixels.
    """
    if movement is None:
        return float("nan")
    return float((movement * direction).sum() / (direction**2).sum())


def summary(rows: list[UnitShown]) -> dict[str, object]:
    """Return shares of units that are shown, and which are not.

    Args:
        rows: All units of all pictures.
    """
    wrong: dict[str, int] = {}
    for row in rows:
        if not row.right:
            wrong[row.unit.name] = wrong.get(row.unit.name, 0) + 1
    values = [row.shown / row.wanted for row in rows if np.isfinite(row.shown)]
    return {
        "units": len(rows),
        "right direction, percent": round(100 * float(np.mean([row.right for row in rows])), 1),
        "at least a quarter of the way, percent": round(100 * float(np.mean([row.clear for row in rows])), 1),
        "median share of the movement": round(float(np.median(values)), 2) if values else None,
        "wrong": wrong,
    }
