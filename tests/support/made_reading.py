"""Readings as a good, a noisy or a blind recognizer would give them, made from expressions."""

import random

from auface.facs import ActionUnit, Expression, Sides
from auface.recognition.result import Unjudged, UnitReading, UnitValue

UNITS = tuple(map(ActionUnit, (1, 2, 4, 5, 6, 7, 9, 10, 12, 14, 15, 16, 17, 18, 20, 22, 23, 24, 25, 26, 27, 28, 43)))
"""What the recognizer of the tests looks for."""


def reading_of(
    expression: Expression | str,
    error: float = 0.0,
    seed: int = 0,
    unjudged: tuple[Unjudged, ...] = (),
    units: tuple[ActionUnit, ...] = UNITS,
) -> UnitReading:
    """Return what a recognizer with some mean absolute error reads in a face that shows an expression."""
    shown = Expression.parse(expression) if isinstance(expression, str) else expression
    rng = random.Random(f"{seed} {shown.notation()}")
    values: dict[ActionUnit, UnitValue] = {}
    for unit in units:
        noise = [rng.gauss(0, error * 1.2533) for _ in range(2)]
        left, right = (min(5.0, max(0.0, value + bit)) for value, bit in zip(_sides(shown, unit), noise, strict=True))
        if unit.sides is Sides.TOGETHER:
            right = left
        values[unit] = UnitValue(left=left, right=right, left_uncertainty=error, right_uncertainty=error)
    return UnitReading(values, unjudged)


def _sides(expression: Expression, unit: ActionUnit) -> tuple[float, float]:
    return expression.left(unit), expression.right(unit)
