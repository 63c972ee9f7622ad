"""`LinearYardstick`: the one-hot linear way, which is what the field does today, as something to compare with.

Intensities of the units of both sides go through one linear layer; displacements of units are summed. It knows
nothing of conflicts, of people or of the geometry of lips and lids.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from auface.facs import Expression

from .action_vector import SIZE, action_vector
from .topology import LANDMARKS

Floats = NDArray[np.float32]

_RIDGE = 0.1


@dataclass(frozen=True, slots=True, eq=False)
class LinearYardstick:
    """A linear layer from action units to displacement.

    Attributes:
        weight: (SIZE, 478, 3) displacement at full intensity, in inter-ocular distances.
    """

    weight: Floats

    @classmethod
    def fit(cls, asked: Sequence[Expression], displacement: Floats) -> LinearYardstick:
        """Return the layer with the least squared error.

        Args:
            asked: What was asked for.
            displacement: (batch, 478, 3) what faces did.
        """
        inputs = vectors(asked).astype(np.float64)
        targets = displacement.reshape(len(inputs), -1).astype(np.float64)
        normal = inputs.T @ inputs + _RIDGE * np.eye(SIZE)
        weight = np.linalg.solve(normal, inputs.T @ targets)
        return cls(weight.reshape(SIZE, LANDMARKS, 3).astype(np.float32))

    def displacement(self, asked: Sequence[Expression]) -> Floats:
        """Return the (batch, 478, 3) sums of displacements.

        Args:
            asked: What the faces are to do.
        """
        return np.einsum("bs,snc->bnc", vectors(asked), self.weight, optimize=True)


def vectors(expressions: Sequence[Expression]) -> Floats:
    """Return (batch, SIZE) vectors of whole faces: the intensities of all units on the left, then on the right.

    Args:
        expressions: The expressions.
    """
    return np.stack([action_vector(expression)[0] for expression in expressions])
