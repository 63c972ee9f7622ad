"""Readings as a good, a noisy or a blind recognizer would give them, made from expressions."""

import random

import numpy as np

from auface.facs import ActionUnit, Expression, Sides
from auface.recognition.result import Face, FaceReading, Recognition, UnitReading, UnitValue, Unjudged
from auface.structure.identity import default_neutral
from auface.structure.pose import HeadPose

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


def face_of(
    expression: Expression | str,
    error: float = 0.0,
    seed: int = 0,
    unjudged: tuple[Unjudged, ...] = (),
    pose: HeadPose | None = None,
    box: tuple[float, float, float, float] = (64.0, 48.0, 192.0, 208.0),
) -> FaceReading:
    """Return a face with the mean neutral geometry in a box, that shows an expression."""
    points = default_neutral().astype(np.float32) * [1, -1, -1]
    low, high = points.min(0), points.max(0)
    scale = (box[3] - box[1]) / (high - low)[1]
    middle = np.array([(box[0] + box[2]) / 2, (box[1] + box[3]) / 2, 0.0])
    landmarks = ((points - (low + high) / 2 * [1, 1, 0]) * scale + middle).astype(np.float32)
    face = Face(box, landmarks, 0.97, pose or HeadPose())
    return FaceReading(face, reading_of(expression, error, seed, unjudged))


def recognition_of(*expressions: str, source: str = "made.png", error: float = 0.2) -> Recognition:
    """Return a picture with a row of faces, one for each expression, the first the largest."""
    faces = [
        face_of(shown, error, box=(10.0 + 120 * place, 10.0, 110.0 + 120 * place - place, 130.0 - place))
        for place, shown in enumerate(expressions)
    ]
    return Recognition(source, (140 * max(1, len(faces)), 150), tuple(faces))


def _sides(expression: Expression, unit: ActionUnit) -> tuple[float, float]:
    return expression.left(unit), expression.right(unit)
