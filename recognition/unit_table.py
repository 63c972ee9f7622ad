"""`UNITS`: the action units that AUFace reads from a face, in the order of all arrays here."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from auface.facs import ActionUnit, Expression, Sides

UNITS: tuple[ActionUnit, ...] = tuple(
    ActionUnit(number)
    for number in (
        *(1, 2, 4, 5, 6, 7, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28),
        *(29, 30, 34, 38, 39, 43, 46),
    )
)
"""The units that are read. Head turns (51 to 56) are the pose; gaze (61 to 66) is not read."""

WEAK_UNITS = tuple(map(ActionUnit, (11, 13, 19, 21, 29, 38, 39)))
"""Units among them that synthetic heads show so weakly, or so seldom, that a reading means little."""

COUNTED: tuple[ActionUnit, ...] = tuple(unit for unit in UNITS if unit not in WEAK_UNITS)
"""The others, which scores and losses count."""

TOGETHER = np.array([unit.sides is Sides.TOGETHER for unit in UNITS])
"""(units,) which units have no sides."""

EMOTIONS = ("neutral", "happiness", "sadness", "surprise", "fear", "anger", "disgust", "contempt")
"""What the crop network tells apart, in the order of its output."""


def intensities(expression: Expression) -> NDArray[np.float32]:
    """Return the (units, 2) intensities of an expression, 0 to 5: left, right. Other units are left out.

    Args:
        expression: The expression.
    """
    return np.array([(expression.left(unit), expression.right(unit)) for unit in UNITS], np.float32)
