"""What verdicts and anatomy are worth with a recognizer of a known error: readings simulated from expressions."""

from __future__ import annotations

import math
import random
from collections.abc import Callable

import numpy as np

from auface.facs import ActionUnit, Expression, Sides
from auface.facs.prototype_table import C_EXPR_DB
from auface.recognition.agreement import macro_f1
from auface.recognition.emotion.anatomy import compound_opinion
from auface.recognition.result import Face, FaceReading, UnitReading, UnitValue
from auface.recognition.unit_table import UNITS
from auface.recognition.verdict import judge
from auface.structure.identity import default_neutral
from auface.structure.pose import HeadPose

ERRORS = (0.4, 0.7, 1.0)
"""Expected absolute errors of an intensity."""

_EACH = 100


def simulated(expression: Expression, error: float, rng: random.Random) -> FaceReading:
    """Return a reading of an expression with a Gaussian error, kept within 0 to 5."""
    values: dict[ActionUnit, UnitValue] = {}
    for unit in UNITS:
        noise = [rng.gauss(0, error * math.sqrt(math.pi / 2)) for _ in range(2)]
        shown = (expression.left(unit), expression.right(unit))
        left, right = (min(5.0, max(0.0, value + bit)) for value, bit in zip(shown, noise, strict=True))
        right = left if unit.sides is Sides.TOGETHER else right
        values[unit] = UnitValue(left=left, right=right, left_uncertainty=error, right_uncertainty=error)
    face = Face((0.0, 0.0, 100.0, 100.0), default_neutral(), 1.0, HeadPose())
    return FaceReading(face, UnitReading(values))


def simulated_part(
    expressions: list[Expression], ways: dict[str, Callable[[str, random.Random], Expression]]
) -> dict[str, object]:
    """Return ranking accuracy of verdicts and macro F1 of the seven classes by anatomy alone, for each error."""
    result: dict[str, object] = {}
    for error in ERRORS:
        rng = random.Random(f"simulated {error}")
        better: list[float] = []
        passing: list[tuple[bool, bool]] = []
        for shown in expressions:
            other = rng.choice([one for one in rng.sample(expressions, 8) if one.distance(shown) > 1])
            face = simulated(shown, error, rng)
            right, wrong = judge(face, shown), judge(face, other)
            better.append((right.score > wrong.score) + 0.5 * (right.score == wrong.score))
            passing.append((right.passed, wrong.passed))
        row: dict[str, object] = {
            "right above another, ranking accuracy": round(float(np.mean(better)), 4),
            "passing, right request": round(float(np.mean([one for one, _ in passing])), 3),
            "passing, another request": round(float(np.mean([two for _, two in passing])), 3),
        }
        for title, way in ways.items():
            truth = [name for name in C_EXPR_DB for _ in range(_EACH)]
            said = [compound_opinion(simulated(way(name, rng), error, rng).units, C_EXPR_DB).best for name in truth]
            row[f"macro F1 of seven classes, anatomy, {title}"] = round(macro_f1(truth, said, C_EXPR_DB), 3)
        result[f"mean absolute error {error}"] = row
    return result
