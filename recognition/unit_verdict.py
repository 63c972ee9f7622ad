"""`UnitVerdict`: one unit of a verdict, with what was asked, what was seen, and what an animator would say of it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from auface.facs import ActionUnit, Sides
from auface.facs.intensity import letter

from .result import PRESENT

HEADINGS = ("AU", "name", "asked", "seen", "diff", "remark")
"""What the columns of a table of units are called."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SideVerdict:
    """One side of a unit.

    Attributes:
        requested: Intensity asked for, 0 to 5, after resolving.
        detected: Intensity read, 0 to 5; None where it could not be judged.
        deviations: How far the two are apart in standard deviations, 0 to 3; 0 where it could not be judged.
        weight: How much it counts; 0 where it could not be judged or follows from another unit.
        spread: Standard deviation of the reading's own error, in intensities; 0 where it could not be judged.
    """

    requested: float
    detected: float | None
    deviations: float
    weight: float
    spread: float = 0.0

    @property
    def difference(self) -> float | None:
        """Detected minus requested, or None."""
        return None if self.detected is None else self.detected - self.requested


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitVerdict:
    """One unit.

    Attributes:
        unit: The unit.
        left: The subject's left; the same as `right` for a unit without sides.
        right: The subject's right.
        reason: Why it does not count, or "".
    """

    unit: ActionUnit
    left: SideVerdict
    right: SideVerdict
    reason: str = ""

    @property
    def sides(self) -> tuple[SideVerdict, ...]:
        """Left and right, or the one of a unit without sides."""
        return (self.left,) if self.unit.sides is Sides.TOGETHER else (self.left, self.right)

    @property
    def requested(self) -> float:
        """Intensity of the stronger requested side."""
        return max(self.left.requested, self.right.requested)

    @property
    def detected(self) -> float | None:
        """Intensity of the stronger detected side; None where neither could be judged."""
        return max((side.detected for side in self.sides if side.detected is not None), default=None)

    @property
    def judged(self) -> bool:
        """Whether any side could be judged."""
        return self.detected is not None

    @property
    def agreement(self) -> float | None:
        """The score of this unit alone, 0 to 1; None where it does not count."""
        weight = sum(side.weight for side in self.sides)
        if not weight:
            return None
        return math.exp(-0.5 * sum(side.weight * side.deviations**2 for side in self.sides) / weight)

    @property
    def remark(self) -> str:
        """What an animator would say: "as asked", "too weak on the left", "not asked for"."""
        if not self.judged:
            return f"cannot be judged: {self.reason}"
        if not any(side.weight for side in self.sides):
            return self.reason
        said = [_remark(side) for side in self.sides]
        if len(set(said)) == 1:
            return said[0]
        named = [f"{text} on the {name}" for text, name in zip(said, ("left", "right"), strict=True)]
        return ", ".join(text for text, bare in zip(named, said, strict=True) if bare not in ("as asked", "absent"))

    def to_dict(self) -> dict[str, Any]:
        """Return what JSON holds of it; numbers are rounded, null is what could not be judged."""

        def row(name: str) -> dict[str, float | None]:
            return {
                place: None if (value := getattr(side, name)) is None else round(value, 3)
                for place, side in (("left", self.left), ("right", self.right))
            }

        return {
            "unit": int(self.unit),
            "name": self.unit.label,
            "requested": row("requested"),
            "detected": row("detected"),
            "difference": row("difference"),
            "agreement": None if self.agreement is None else round(self.agreement, 3),
            "remark": self.remark,
        }

    def lines(self) -> list[tuple[str, ...]]:
        """Return the rows of a table: unit, name, asked, seen, difference, remark.

        A unit has as many rows as `rows` returns.
        """
        found: list[tuple[str, ...]] = []
        rows = self.rows()
        for name, side in rows:
            seen, difference = side.detected, side.difference
            remark = self.remark if len(rows) == 1 and not name else self.remark_on(side)
            found.append(
                (
                    f"{name}{int(self.unit)}",
                    self.unit.label,
                    _level(side.requested),
                    "?" if seen is None else _level(seen),
                    "?" if difference is None else f"{difference:+.1f}",
                    remark,
                )
            )
        return found

    def remark_on(self, side: SideVerdict) -> str:
        """Return what an animator would say of one side.

        Args:
            side: `left` or `right`.
        """
        return self.reason if side.detected is not None and not side.weight else _remark(side)

    def rows(self) -> list[tuple[str, SideVerdict]]:
        """Return what a table shows: one row named "" where both sides were asked and seen alike, else "L" and "R"."""
        left, right = self.left, self.right
        if self.unit.sides is Sides.TOGETHER:
            return [("", left)]
        if left.requested == right.requested and _alike(left.detected, right.detected):
            return [("", max(left, right, key=lambda side: side.deviations))]
        rows = [("L", left), ("R", right)]
        return [(name, side) for name, side in rows if side.requested or (side.detected or 0.0) >= PRESENT]


def _alike(left: float | None, right: float | None) -> bool:
    if left is None or right is None:
        return left is right
    return abs(left - right) < 0.5


def _remark(side: SideVerdict) -> str:
    if side.detected is None:
        return "cannot be judged"
    if side.deviations < 1:
        return "as asked" if side.requested or side.detected >= PRESENT else "absent"
    if not side.requested:
        return "not asked for"
    if side.detected < PRESENT:
        return "missing"
    return "too weak" if side.detected < side.requested else "too strong"


def _level(value: float) -> str:
    return f"{letter(value)} {value:.1f}" if value >= 0.05 else "-"
