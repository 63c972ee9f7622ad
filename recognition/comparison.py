"""`Comparison`: what changed in a face between two pictures of it, and whether it came nearer to a request."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from auface.facs import ActionUnit, Sides

from .presence import deviation
from .result import PRESENT, FaceReading, UnitValue
from .verdict import Verdict

CLEAR = 2.0
"""A change of this many standard deviations of both readings' errors is called clear."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitChange:
    """One side of a unit in two pictures.

    Attributes:
        unit: The unit.
        side: "left" or "right", the subject's own; "both" for units without sides.
        before: Intensity in the first picture, 0 to 5.
        after: Intensity in the second.
        deviations: The change in standard deviations of the two readings' own errors, with its sign.
    """

    unit: ActionUnit
    side: str
    before: float
    after: float
    deviations: float

    @property
    def change(self) -> float:
        """After minus before."""
        return self.after - self.before

    @property
    def is_clear(self) -> bool:
        """Whether the readings' errors are too small to explain the change."""
        return abs(self.deviations) >= CLEAR

    def to_dict(self) -> dict[str, Any]:
        """Return what JSON holds of it."""
        return {
            "unit": int(self.unit),
            "side": self.side,
            "before": round(self.before, 3),
            "after": round(self.after, 3),
            "change": round(self.change, 3),
            "clear": self.is_clear,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What changed between two pictures.

    Attributes:
        changes: Every side of every unit that could be judged in both, by number.
        before: Verdict on the first picture, where something was asked for.
        after: Verdict on the second.
    """

    changes: tuple[UnitChange, ...]
    before: Verdict | None = None
    after: Verdict | None = None

    @property
    def clear(self) -> tuple[UnitChange, ...]:
        """The changes that the readings' errors do not explain, the largest first."""
        return tuple(sorted((one for one in self.changes if one.is_clear), key=lambda one: -abs(one.change)))

    @property
    def gain(self) -> float | None:
        """By how much the score of the request rose, -1 to 1; None where nothing was asked for."""
        return None if self.before is None or self.after is None else self.after.score - self.before.score

    def __str__(self) -> str:
        said = [f"{_side(one)}{int(one.unit)} {one.before:.1f} to {one.after:.1f}" for one in self.clear]
        changes = ", ".join(said) or "no clear change"
        return changes if self.gain is None else f"{changes}; score {self.gain:+.2f}"

    def to_dict(self) -> dict[str, Any]:
        """Return what JSON holds: all changes, and the scores where something was asked for."""
        return {
            "schema": "auface.comparison/1",
            "changes": [one.to_dict() for one in self.changes],
            "gain": None if self.gain is None else round(self.gain, 4),
            "before": None if self.before is None else self.before.to_dict(),
            "after": None if self.after is None else self.after.to_dict(),
        }


def changes(before: FaceReading, after: FaceReading) -> tuple[UnitChange, ...]:
    """Return what changed from one reading to another, for every side of a unit that both could judge.

    Args:
        before: The face in the first picture.
        after: The face in the second.
    """
    found: list[UnitChange] = []
    for unit in before.units.units:
        if unit not in after.units.values:
            continue
        one, two = before.units.values[unit], after.units.values[unit]
        sides = ("left",) if unit.sides is Sides.TOGETHER else ("left", "right")
        for side in sides:
            if before.units.is_judged(unit, side) and after.units.is_judged(unit, side):
                name = "both" if len(sides) == 1 else side
                found.append(_change(unit, name, _side_of(one, side), _side_of(two, side)))
    return tuple(found)


def _change(unit: ActionUnit, side: str, before: tuple[float, float], after: tuple[float, float]) -> UnitChange:
    spread = (before[1] ** 2 + after[1] ** 2) ** 0.5
    seen = max(before[0], after[0]) >= PRESENT  # flicker under a trace is no change
    return UnitChange(
        unit=unit,
        side=side,
        before=before[0],
        after=after[0],
        deviations=(after[0] - before[0]) / spread if seen else 0.0,
    )


def _side_of(value: UnitValue, side: str) -> tuple[float, float]:
    """Return the intensity and its standard deviation."""
    return float(getattr(value, side)), deviation(getattr(value, f"{side}_uncertainty"))


def _side(change: UnitChange) -> str:
    return {"left": "L", "right": "R"}.get(change.side, "")
