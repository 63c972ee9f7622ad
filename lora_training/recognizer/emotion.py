"""What the emotion head learns: how near an expression is to the published prototypes. Our own definition.

The pictures are synthetic and have no emotion; only their units are known. The share of an emotion is the softmax, at
`SHARPNESS`, of the cosine between the expression and the emotion's nearest prototype of any theory; a variant counts a
little less than a theory's first prototype, because variants of different emotions can be the same face. Rest is as
near as the face is still: 1 for no unit, falling to 0 at the length of a usual prototype.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from auface.facs import Expression, prototypes
from auface.facs.prototype import THEORIES
from auface.recognition.unit_table import EMOTIONS, intensities

SHARPNESS = 10.0
"""Factor of the cosines before the softmax."""

_VARIANT = 0.9  # what the nearness to a variant counts
_STILL = 5.0  # length of an expression that is no longer at rest: two units at C on both sides have 6

Floats = NDArray[np.float32]


def emotion_shares(expression: Expression) -> Floats:
    """Return the (emotions,) shares of an expression, which sum to 1.

    Args:
        expression: What a face shows.
    """
    vector = intensities(expression).ravel()
    length = float(np.linalg.norm(vector))
    near = [max(0.0, 1 - length / _STILL)]
    for emotion in EMOTIONS[1:]:
        near.append(max(float(one @ vector) / max(length, 1e-6) for one in _directions()[emotion]))
    shares = np.exp(SHARPNESS * (np.array(near) - max(near)))
    return (shares / shares.sum()).astype(np.float32)


@cache
def _directions() -> dict[str, list[Floats]]:
    """Return emotion -> vectors of its prototypes, both ways round where they are one-sided; length 1 or `_VARIANT`."""
    first: set[tuple[str, Expression]] = set()
    every: set[tuple[str, Expression]] = set()
    for theory in THEORIES:
        for emotion, faces in prototypes(theory).items():
            first.add((emotion, faces[0]))
            every |= {(emotion, face) for face in faces}
    found: dict[str, list[Floats]] = {emotion: [] for emotion in EMOTIONS[1:]}
    for emotion, face in sorted(every, key=lambda pair: (pair[0], pair[1].notation())):
        weight = 1.0 if (emotion, face) in first else _VARIANT
        for expression in {face, face.mirrored()}:
            vector = intensities(expression).ravel()
            if (length := float(np.linalg.norm(vector))) > 0:
                found[emotion].append((weight / length * vector).astype(np.float32))
    return found
