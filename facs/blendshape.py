"""Expressions to and from the 52 face blendshapes of ARKit (the names that MediaPipe and most face rigs use too).

Coefficients run from 0 to 1; left and right are the subject's own, as ARKit has them. A unit at intensity i (0 to 5)
writes weight * i / 5 into each of its shapes (`LINKS` is the table). What several units write into one shape adds up to
at most 1, except that only the strongest of the units that close the eyes, and of 26 and 27, counts.

Weights are those of this project's parametric heads, judged by eye. For 1 2 4 5 6 7 9 10 12 14 15 17 20 24 26 28 43 the
shapes are those of Melinda Ozel's ARKit to FACS cheat sheet (https://melindaozel.com/arkit-to-facs-cheat-sheet/), as
py-feat applies it; the others are this project's choice.

Decisions, forward (`to_arkit`):
    * 1 has one shape for both sides; it is written as strong as the stronger side.
    * 26 writes jawOpen up to 0.5, 27 up to 1. An open jaw parts the lips; only 8, 24 or 28 without 25 keep them closed,
      and then mouthClose equals jawOpen.
    * 25 writes a part of mouthLowerDown and mouthUpperUp. 11, 13, 23 and 33 are approximations.
    * 43, 45 and 46 write eyeBlink. Head positions (51 to 58) are no blendshapes.
Backward (`from_arkit`):
    * jawOpen up to 0.5 is 26, above it is 27 (so a 27 up to 2.5 comes back as 26). What mouthClose does not close of
      jawOpen parts the lips: 25 is at least 5 * (jawOpen - mouthClose).
    * What mouthLowerDown and mouthUpperUp have in common on both sides is 25, the rest 16 and 10. What mouthRoll and
      mouthPress have in common is 23, the rest 28 (both lips rolled) and 24.
    * 17 is the stronger of mouthShrugLower and mouthShrugUpper. eyeBlink is always 43: a still shows no blink.
    * eyeLookIn and eyeLookOut of both eyes give one direction: their mean turn is 61 or 62, or, where the eyes turn
      against each other more than together, 65 (both out) or 66 (both in).
    * mouthLeft and mouthRight are no FACS units; `arkit_residual` gives what an expression cannot hold.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Literal, NamedTuple

from .action_unit import ActionUnit, Sides
from .expression import Expression
from .intensity import MAXIMUM

ARKIT_SHAPES: tuple[str, ...] = (
    *("browDownLeft", "browDownRight", "browInnerUp", "browOuterUpLeft", "browOuterUpRight"),
    *("cheekPuff", "cheekSquintLeft", "cheekSquintRight", "eyeBlinkLeft", "eyeBlinkRight"),
    *("eyeLookDownLeft", "eyeLookDownRight", "eyeLookInLeft", "eyeLookInRight", "eyeLookOutLeft", "eyeLookOutRight"),
    *("eyeLookUpLeft", "eyeLookUpRight", "eyeSquintLeft", "eyeSquintRight", "eyeWideLeft", "eyeWideRight"),
    *("jawForward", "jawLeft", "jawOpen", "jawRight", "mouthClose", "mouthDimpleLeft", "mouthDimpleRight"),
    *("mouthFrownLeft", "mouthFrownRight", "mouthFunnel", "mouthLeft", "mouthLowerDownLeft", "mouthLowerDownRight"),
    *("mouthPressLeft", "mouthPressRight", "mouthPucker", "mouthRight", "mouthRollLower", "mouthRollUpper"),
    *("mouthShrugLower", "mouthShrugUpper", "mouthSmileLeft", "mouthSmileRight", "mouthStretchLeft"),
    *("mouthStretchRight", "mouthUpperUpLeft", "mouthUpperUpRight", "noseSneerLeft", "noseSneerRight", "tongueOut"),
)
"""The 52 names of ARKit's ARFaceAnchor.BlendShapeLocation, in alphabetical order."""

IGNORED = frozenset({"_neutral"})
"""Names that `from_arkit` accepts and ignores: MediaPipe's first category says how little of anything it saw."""


class Link(NamedTuple):
    """One row of the table: a unit writes `weight * intensity / 5` of one of its sides into a shape.

    Attributes:
        unit: FACS number.
        side: Which side's intensity; "both" is the stronger side.
        shape: ARKit name.
        weight: Coefficient at intensity 5, 0 to 1.
        exact: Whether the shape belongs to this unit, so that the unit is read back from it.
    """

    unit: ActionUnit
    side: Literal["left", "right", "both"]
    shape: str
    weight: float
    exact: bool


def _pair(unit: int, stem: str, weight: float = 1.0, exact: bool = True) -> tuple[Link, ...]:
    return (
        Link(ActionUnit(unit), "left", f"{stem}Left", weight, exact),
        Link(ActionUnit(unit), "right", f"{stem}Right", weight, exact),
    )


def _one(unit: int, shape: str, weight: float = 1.0, exact: bool = True) -> tuple[Link, ...]:
    return (Link(ActionUnit(unit), "both", shape, weight, exact),)


LINKS: tuple[Link, ...] = (
    *_one(1, "browInnerUp"),
    *_pair(2, "browOuterUp"),
    *_pair(4, "browDown"),
    *_pair(5, "eyeWide"),
    *_pair(6, "cheekSquint"),
    *_pair(7, "eyeSquint"),
    *_pair(9, "noseSneer"),
    *_pair(10, "mouthUpperUp"),
    *_pair(11, "noseSneer", 0.3, exact=False),
    *_pair(11, "mouthUpperUp", 0.2, exact=False),
    *_pair(12, "mouthSmile"),
    *_pair(13, "mouthSmile", 0.5, exact=False),
    *_one(13, "cheekPuff", 0.2, exact=False),
    *_pair(14, "mouthDimple"),
    *_pair(15, "mouthFrown"),
    *_pair(16, "mouthLowerDown"),
    *_one(17, "mouthShrugLower"),
    *_one(18, "mouthPucker"),
    *_one(19, "tongueOut"),
    *_pair(20, "mouthStretch"),
    *_one(22, "mouthFunnel"),
    *_pair(23, "mouthPress", 0.4),
    *_one(23, "mouthRollLower", 0.4),
    *_one(23, "mouthRollUpper", 0.4),
    *_pair(24, "mouthPress"),
    *_pair(25, "mouthLowerDown", 0.5),
    *_pair(25, "mouthUpperUp", 0.3),
    *_one(26, "jawOpen", 0.5),
    *_one(27, "jawOpen"),
    *_one(28, "mouthRollLower"),
    *_one(28, "mouthRollUpper"),
    *_one(29, "jawForward"),
    Link(ActionUnit.AU30, "left", "jawLeft", 1.0, True),
    Link(ActionUnit.AU30, "right", "jawRight", 1.0, True),
    *_one(33, "cheekPuff", exact=False),
    *_one(34, "cheekPuff"),
    *_pair(43, "eyeBlink"),
    *_pair(45, "eyeBlink", exact=False),
    *_pair(46, "eyeBlink", exact=False),
    *_one(61, "eyeLookOutLeft"),
    *_one(61, "eyeLookInRight"),
    *_one(62, "eyeLookInLeft"),
    *_one(62, "eyeLookOutRight"),
    *_pair(63, "eyeLookUp"),
    *_pair(64, "eyeLookDown"),
    *_pair(65, "eyeLookOut"),
    *_pair(66, "eyeLookIn"),
)
"""The table: every unit that ARKit can show, and how."""

UNITS_WITHOUT_SHAPE = frozenset(ActionUnit) - {link.unit for link in LINKS}
"""Units that no ARKit shape shows: 8 21 31 32 35 36 37 38 39 40 and the head positions 51 to 58."""

SHAPES_WITHOUT_UNIT = frozenset(ARKIT_SHAPES) - {link.shape for link in LINKS}
"""Shapes that no unit writes by itself: mouthLeft, mouthRight, mouthShrugUpper and mouthClose."""

_STRONGEST = frozenset({"jawOpen", "eyeBlinkLeft", "eyeBlinkRight"})  # degrees of one movement do not add up
_KEEP_LIPS_CLOSED = (ActionUnit.AU8, ActionUnit.AU24, ActionUnit.AU28)
_SHAPES_OF: dict[ActionUnit, set[str]] = {}
for _link in LINKS:
    _SHAPES_OF.setdefault(_link.unit, set()).add(_link.shape)
_JAW_OPEN_AT_26E = 0.5
_ROUNDING = 6  # decimals of coefficients; an intensity's four decimals divided by 5 and weighted fit
_TOLERANCE = 1e-4  # what the rounding of intensities can change in a coefficient, generously


def to_arkit(expression: Expression) -> dict[str, float]:
    """Return the ARKit coefficients of an expression: all 52 names, each 0 to 1.

    `without_arkit` says which units these coefficients do not hold.

    Args:
        expression: The expression to write.
    """
    coefficients = dict.fromkeys(ARKIT_SHAPES, 0.0)
    values = expression.values()
    for link in LINKS:
        if link.unit not in values:
            continue
        left, right = values[link.unit]
        intensity = {"left": left, "right": right, "both": max(left, right)}[link.side]
        amount = link.weight * intensity / MAXIMUM
        before = coefficients[link.shape]
        coefficients[link.shape] = max(before, amount) if link.shape in _STRONGEST else before + amount
    if ActionUnit.AU25 not in values and any(unit in values for unit in _KEEP_LIPS_CLOSED):
        coefficients["mouthClose"] = coefficients["jawOpen"]
    return {shape: round(min(1.0, value), _ROUNDING) for shape, value in coefficients.items()}


def from_arkit(coefficients: Mapping[str, float], threshold: float = 0.0) -> Expression:
    """Return the expression that ARKit coefficients show; the module text says how they are read.

    It undoes `to_arkit` where `without_arkit` is empty. Left and right eye looking differently, a mouth that is moved
    sideways and the like cannot be held; `arkit_residual` gives them.

    Args:
        coefficients: ARKit name -> coefficient, 0 to 1. Names that are missing count as 0 (MediaPipe has no tongueOut),
            and its "_neutral" is ignored.
        threshold: Coefficients below this count as 0. Estimates from pictures hardly ever reach 0: try 0.1 there.

    Raises:
        ValueError: A name is unknown, or a coefficient or the threshold is not a number from 0 to 1.
    """
    shape = _checked(coefficients, threshold)
    values: dict[ActionUnit, tuple[float, float]] = {}

    def put(unit: int, left: float, right: float | None = None) -> None:
        right = left if right is None else right
        values[ActionUnit(unit)] = (MAXIMUM * min(1.0, max(0.0, left)), MAXIMUM * min(1.0, max(0.0, right)))

    for unit, stem in _PAIRS.items():
        put(unit, shape[f"{stem}Left"], shape[f"{stem}Right"])
    for unit, name in _SINGLES.items():
        put(unit, shape[name])
    put(17, max(shape["mouthShrugLower"], shape["mouthShrugUpper"]))
    put(30, shape["jawLeft"], shape["jawRight"])

    lower, upper = _both(shape, "mouthLowerDown"), _both(shape, "mouthUpperUp")
    parted = min(1.0, min(lower) / 0.5, min(upper) / 0.3)
    jaw = shape["jawOpen"]
    put(25, max(parted, jaw - shape["mouthClose"]))
    put(16, lower[0] - 0.5 * parted, lower[1] - 0.5 * parted)
    put(10, upper[0] - 0.3 * parted, upper[1] - 0.3 * parted)
    put(26, jaw / _JAW_OPEN_AT_26E if jaw <= _JAW_OPEN_AT_26E else 0.0)
    put(27, jaw if jaw > _JAW_OPEN_AT_26E else 0.0)

    rolled, pressed = min(shape["mouthRollLower"], shape["mouthRollUpper"]), max(_both(shape, "mouthPress"))
    tightened = min(1.0, rolled / 0.4, pressed / 0.4)
    put(23, tightened)
    put(24, pressed - 0.4 * tightened)
    put(28, rolled - 0.4 * tightened)

    (out_left, out_right), (in_left, in_right) = _both(shape, "eyeLookOut"), _both(shape, "eyeLookIn")
    left_eye, right_eye = out_left - in_left, in_right - out_right  # each: how far to the subject's left
    together, apart = (left_eye + right_eye) / 2, (left_eye - right_eye) / 2
    turned = abs(together) >= abs(apart)
    put(61, together if turned else 0.0)
    put(62, -together if turned else 0.0)
    put(65, 0.0 if turned else apart)
    put(66, 0.0 if turned else -apart)
    lifted = (sum(_both(shape, "eyeLookUp")) - sum(_both(shape, "eyeLookDown"))) / 2
    put(63, lifted)
    put(64, -lifted)
    return Expression.of(
        {unit: sides if unit.sides is not Sides.TOGETHER else max(sides) for unit, sides in values.items()}
    )


def without_arkit(expression: Expression) -> dict[ActionUnit, str]:
    """Return the units that the coefficients of `to_arkit` do not hold exactly, each with the reason.

    Empty means that `from_arkit(to_arkit(expression))` equals the expression.

    Args:
        expression: The expression to look at.
    """
    back = from_arkit(to_arkit(expression))
    if back == expression:
        return {}
    asked, read = expression.values(), back.values()
    added = [unit for unit in read if unit not in asked]
    reasons: dict[ActionUnit, str] = {}
    for unit, sides in asked.items():
        if sides != read.get(unit):
            reasons[unit] = _reason(unit, sides, read)
        elif others := [other.name for other in added if _SHAPES_OF[unit] & _read_from(other)]:
            reasons[unit] = f"its shapes read back as {' and '.join(others)} as well"
    return reasons


def arkit_residual(coefficients: Mapping[str, float], threshold: float = 0.0) -> dict[str, float]:
    """Return what no expression holds: coefficient minus what the expression read from it writes, -1 to 1, if not 0.

    Args:
        coefficients: As for `from_arkit`.
        threshold: As for `from_arkit`; what lies below it is left over.

    Raises:
        ValueError: As for `from_arkit`.
    """
    held = to_arkit(from_arkit(coefficients, threshold))
    rest = {shape: coefficients.get(shape, 0.0) - value for shape, value in held.items()}
    return {shape: round(value, _ROUNDING) for shape, value in rest.items() if abs(value) > _TOLERANCE}


_OWN_WAY = {10, 16, 17, 23, 24, 25, 26, 27, 28, 30, 61, 62, 63, 64, 65, 66}  # read by rules of their own in from_arkit
_PAIRS = {
    link.unit: link.shape.removesuffix("Left")
    for link in LINKS
    if link.exact and link.side == "left" and link.unit not in _OWN_WAY
}
_SINGLES = {link.unit: link.shape for link in LINKS if link.exact and link.side == "both" and link.unit not in _OWN_WAY}


def _both(shape: Mapping[str, float], stem: str) -> tuple[float, float]:
    return shape[f"{stem}Left"], shape[f"{stem}Right"]


def _read_from(unit: ActionUnit) -> set[str]:
    return _SHAPES_OF[unit] | ({"jawOpen"} if unit is ActionUnit.AU25 else set())


def _reason(unit: ActionUnit, sides: tuple[float, float], read: Mapping[ActionUnit, tuple[float, float]]) -> str:
    if unit in UNITS_WITHOUT_SHAPE:
        return "no shape shows it"
    if not any(link.exact for link in LINKS if link.unit is unit):
        return "approximated by shapes of other units"
    if unit not in read:
        return "its shapes read back as another unit"
    left, right = read[unit]
    if unit is ActionUnit.AU1 and left == right == max(sides):
        return "one shape for both sides, written as strong as the stronger side"
    return f"shares shapes with other units; reads back as {left:g} left and {right:g} right"


def _checked(coefficients: Mapping[str, float], threshold: float) -> dict[str, float]:
    """Return all 52 coefficients, those below the threshold as 0."""
    if not 0 <= threshold <= 1:
        raise ValueError(f"`threshold` is {threshold!r}; accepted is a number from 0 to 1.")
    shape = dict.fromkeys(ARKIT_SHAPES, 0.0)
    for name, value in coefficients.items():
        if name in IGNORED:
            continue
        if name not in shape:
            raise ValueError(f"`coefficients` has {name!r}; accepted are ARKit's 52 names, such as 'mouthSmileLeft'.")
        try:
            number = math.nan if isinstance(value, (bool, str)) else float(value)
        except TypeError:
            number = math.nan
        if not 0 <= number <= 1:  # also false for NaN
            raise ValueError(f"`coefficients` has {value!r} for {name}; accepted is a number from 0 to 1.")
        shape[name] = number if number >= threshold else 0.0
    return shape
