"""`action_vector`: an expression as numbers for a network, seen from one half of the face.

Each half of the face is described by what its own side does and what the other side does. The mirror image of an
expression then has the same two vectors with halves exchanged, so a network that treats both halves alike is exactly
left/right symmetric.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from auface.facs import ActionUnit, Expression

UNITS: tuple[ActionUnit, ...] = tuple(
    ActionUnit(number)
    for number in (
        *(1, 2, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30),
        *(31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 43, 45, 46, 61, 62, 63, 64, 65, 66),
    )
)
"""The units that change face geometry, in the order of the vector. Units 51 to 58 turn the head; see `HeadPose`."""

SIZE = 2 * len(UNITS)
"""Length of the vector of one half."""

_PLACE = {unit: number for number, unit in enumerate(UNITS)}


def action_vector(expression: Expression) -> NDArray[np.float32]:
    """Return the (2, SIZE) vectors of the left and of the right half: own side of all units, then the other side.

    Values are intensities divided by 5, so 0 to 1. Of the turns of gaze (61, 62), "left" is "toward the own side" for
    the left half and "toward the other side" for the right half. Head positions (51 to 58) are left out.

    Args:
        expression: The expression.
    """
    vector = np.zeros((2, 2, len(UNITS)), np.float32)
    for unit, left, right in expression:
        if unit in _PLACE:
            vector[0, :, _PLACE[unit]] = left / 5, right / 5
            vector[1, :, _PLACE[unit.mirrored]] = right / 5, left / 5
    return vector.reshape(2, SIZE)


def without_geometry(expression: Expression) -> tuple[ActionUnit, ...]:
    """Return the units of an expression that no vector holds: turns of the head, which are a pose.

    Args:
        expression: The expression.
    """
    return tuple(unit for unit in expression.units if unit not in _PLACE)
