"""`Verdict`: does a face show what was asked? Unit by unit, and as one score from 0 to 1.

The request is resolved first: nobody is blamed for not doing what no face can do. Then, on each side s of each unit u
that could be judged, the reading x is off from the request r by

    z = min(3, |x - r| / sqrt(deviation^2 + 1))

standard deviations, of the reading's own error and of one letter of tolerance (what trained coders differ by). With
weights w = 0.04 + max(r, x) / 5, which let strong units count most, whether they were asked for or only shown, and a
half of that for each side of a unit that has two,

    score = exp(-1/2 * sum(w z^2) / sum(w))

This is the likelihood of the reading if the face does exactly what was asked, as a share of that of a perfect reading,
on the weighted average of units. 1 is as asked; 0.61 is off by one deviation on average, 0.14 by two; nothing falls
under 0.011. A face passes
from 0.6: when it is off by no more than one deviation on average.

What cannot be judged does not count, and is named. Where less than half of what was asked (by intensity) could be
judged, the outcome is undecided rather than a pass or a failure. Units that follow from others do not count against a
face: a dropped jaw parts the lips. Head positions (51 to 56) are judged by the pose, and only when they are asked for.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from auface.facs import ActionUnit, Expression, Sides, as_expression, resolve
from auface.structure.pose import REACH, HeadPose

from .presence import deviation
from .result import PRESENT, FaceReading, UnitReading, UnitValue
from .unit_verdict import HEADINGS, SideVerdict, UnitVerdict

PASS = 0.6
"""A face passes from this score, e^(-1/2) rounded; docs/verification.md shows what right and wrong faces score."""

TOLERANCE = 1.0
"""How far a face may be off at the cost of one deviation: one letter."""

LEAST_JUDGED = 0.5
"""Share of what was asked that has to be judged for a pass or a failure."""

Outcome = Literal["pass", "fail", "undecided", "no face"]
"""What came out."""

_FARTHEST = 3.0  # deviations; a face that is wrong in one unit may still be right in others
_ABSENT_WEIGHT = 0.04
_POSE_ERROR = 5.0  # degrees that an estimated pose is off by
_JAW = (ActionUnit.AU26, ActionUnit.AU27)
_TURNS = {51: (0, 1), 52: (0, -1), 53: (1, 1), 54: (1, -1), 55: (2, 1), 56: (2, -1)}  # axis of a pose, direction
_SAME_LID = {ActionUnit.AU45: ActionUnit.AU43, ActionUnit.AU46: ActionUnit.AU43}  # what one picture shows of them


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Whether a face shows what was asked.

    Attributes:
        asked: The request as it was given.
        request: What a face can do of it, which the face was compared with.
        units: Every unit that was read or asked for, by number.
        score: 0 to 1, as the module says; 0 where there is no face.
        judged: Share of what was asked, by intensity, that could be judged, 0 to 1.
        threshold: The face passes from this score.
        face: The face that was judged, or None where there is none.
    """

    asked: Expression
    request: Expression
    units: tuple[UnitVerdict, ...]
    score: float
    judged: float
    threshold: float = PASS
    face: FaceReading | None = None

    @property
    def outcome(self) -> Outcome:
        """Pass, fail, undecided (too little of the request could be judged), or no face."""
        if not self.units:
            return "no face"
        if self.judged < LEAST_JUDGED:
            return "undecided"
        return "pass" if self.score >= self.threshold else "fail"

    @property
    def passed(self) -> bool:
        """Whether the outcome is a pass."""
        return self.outcome == "pass"

    @property
    def of_interest(self) -> tuple[UnitVerdict, ...]:
        """The units that were asked for or that the face shows, by number."""
        return tuple(row for row in self.units if row.requested > 0 or (row.detected or 0.0) >= PRESENT)

    @property
    def unjudged(self) -> tuple[UnitVerdict, ...]:
        """The units that were asked for but could not be judged."""
        return tuple(row for row in self.units if row.requested > 0 and not row.judged)

    def __str__(self) -> str:
        if not self.units:
            return f"no face; asked for {self.asked.notation()}"
        return f"{self.outcome} {self.score:.2f}; asked for {self.asked.notation()}"

    def to_dict(self) -> dict[str, Any]:
        """Return what JSON holds: outcome, score, threshold and every unit."""
        return {
            "schema": "auface.verdict/1",
            "outcome": self.outcome,
            "passed": self.passed,
            "score": round(self.score, 4),
            "threshold": self.threshold,
            "judged": round(self.judged, 4),
            "asked": self.asked.notation(),
            "request": self.request.notation(),
            "units": [row.to_dict() for row in self.units],
            "unjudged": [int(row.unit) for row in self.unjudged],
        }

    def table(self) -> str:
        """Return the units of interest as lines of text: unit, name, asked, seen, difference, remark."""
        lines = [HEADINGS, *(line for row in self.of_interest for line in row.lines())]
        widths = [max(len(line[place]) for line in lines) for place in range(len(HEADINGS))]
        padded = ([f"{cell:<{width}}" for cell, width in zip(line, widths, strict=True)] for line in lines)
        return "\n".join("  ".join(cells).rstrip() for cells in padded)


def judge(face: FaceReading | None, expression: Expression | str, threshold: float = PASS) -> Verdict:
    """Compare what was read in a face with a request.

    Args:
        face: The face; None where the picture has none.
        expression: The request: an expression, FACS notation, or English.
        threshold: The face passes from this score, 0 to 1.

    Raises:
        ValueError: The request says nothing about a face, or the threshold lies outside 0 to 1.
    """
    if not 0 <= threshold <= 1:
        raise ValueError(f"`threshold` is {threshold!r}; accepted is a number from 0 to 1.")
    asked = as_expression(expression)
    request = resolve(asked)
    if face is None:
        return Verdict(asked=asked, request=request, units=(), score=0.0, judged=0.0, threshold=threshold)
    wanted = _as_seen(request, face.units)
    units = tuple(_unit_verdicts(face, wanted))
    counted = [side for row in units for side in row.sides if side.weight]
    weight = sum(side.weight for side in counted)
    score = math.exp(-0.5 * sum(side.weight * side.deviations**2 for side in counted) / weight) if weight else 0.0
    return Verdict(
        asked=asked,
        request=request,
        units=units,
        score=score,
        judged=_judged_share(units),
        threshold=threshold,
        face=face,
    )


def _unit_verdicts(face: FaceReading, request: Expression) -> Iterator[UnitVerdict]:
    reading = face.units
    for unit in sorted({*reading.values, *request.units}):
        asked = (request.left(unit), request.right(unit))
        if int(unit) in _TURNS and unit not in reading.values:
            value = _turn(unit, face.face.pose)
            yield _verdict(unit, asked, value, ("left", "right"), "")
            continue
        value = reading.values.get(unit)
        if value is None:
            yield _verdict(unit, asked, None, (), "this recognizer does not read it")
            continue
        sides = [side for side in ("left", "right") if reading.is_judged(unit, side)]
        reason = next((item.reason for item in reading.unjudged if item.unit is unit), "")
        if unit is ActionUnit.AU25:
            jaw = max((reading.values[one].intensity for one in _JAW if reading.is_judged(one)), default=0.0)
            if any(one in request for one in _JAW) and unit not in request:
                yield _verdict(unit, asked, value, sides, "follows from the dropped jaw", counts=False)
                continue
            if asked[0] and jaw >= PRESENT:  # open already, however it is labelled
                value = _at_least(value, min(jaw, asked[0]))
        yield _verdict(unit, asked, value, sides, reason)


def _verdict(
    unit: ActionUnit,
    asked: tuple[float, float],
    value: UnitValue | None,
    judged: Iterable[str],
    reason: str,
    counts: bool = True,
) -> UnitVerdict:
    share = 1.0 if unit.sides is Sides.TOGETHER else 0.5
    found: dict[str, SideVerdict] = {}
    for name, requested in zip(("left", "right"), asked, strict=True):
        if value is None or name not in judged:
            found[name] = SideVerdict(requested=requested, detected=None, deviations=0.0, weight=0.0)
            continue
        seen = float(getattr(value, name))
        own = deviation(getattr(value, f"{name}_uncertainty"))
        spread = math.hypot(own, TOLERANCE)
        found[name] = SideVerdict(
            requested=requested,
            detected=seen,
            deviations=min(_FARTHEST, abs(seen - requested) / spread) if counts else 0.0,
            weight=share * (_ABSENT_WEIGHT + max(requested, seen) / 5) if counts else 0.0,
            spread=own,
        )
    return UnitVerdict(unit=unit, left=found["left"], right=found["right"], reason=reason)


def _as_seen(request: Expression, reading: UnitReading) -> Expression:
    """Ask for closed lids where a blink or wink is asked for that is not read as such: one picture shows no more."""
    for unit, lid in _SAME_LID.items():
        if unit in request and unit not in reading.values and lid in reading.values:
            left, right = max(request.left(unit), request.left(lid)), max(request.right(unit), request.right(lid))
            request = Expression.of({**request.removed([unit, lid]).values(), lid: (left, right)})
    return request


def _turn(unit: ActionUnit, pose: HeadPose) -> UnitValue:
    axis, sign = _TURNS[int(unit)]
    per_degree = 5 / REACH[axis]
    value = min(5.0, max(0.0, sign * (pose.yaw, pose.pitch, pose.roll)[axis] * per_degree))
    error = _POSE_ERROR * per_degree
    return UnitValue(left=value, right=value, left_uncertainty=error, right_uncertainty=error)


def _at_least(value: UnitValue, intensity: float) -> UnitValue:
    return UnitValue(
        left=max(value.left, intensity),
        right=max(value.right, intensity),
        left_uncertainty=value.left_uncertainty,
        right_uncertainty=value.right_uncertainty,
    )


def _judged_share(units: Iterable[UnitVerdict]) -> float:
    """Return the share of requested intensity that could be judged; 1 where nothing is asked (the neutral face)."""
    asked = [(side.requested / len(row.sides), side.detected is not None) for row in units for side in row.sides]
    total = sum(value for value, _ in asked)
    return sum(value for value, known in asked if known) / total if total else 1.0
