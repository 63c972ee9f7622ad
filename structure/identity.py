"""Neutral faces: the default head, and random people from a low-rank basis."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .frame import frame_of
from .topology import topology

Floats = NDArray[np.float32]

_WIDEST = 2.5  # standard deviations


def default_neutral() -> Floats:
    """Return the (478, 3) mean face at rest, in the frame of the face; exactly symmetric."""
    return topology().neutral.copy()


def sampled_neutral(seed: int, spread: float = 1.0) -> Floats:
    """Return the (478, 3) face of a random person at rest, in the frame of the face.

    Args:
        seed: 0 or more; another seed is another person.
        spread: 1 for people as different as those of the training set, 0 for the default head.

    Raises:
        ValueError: The seed is not a whole number from 0, or the spread is not from 0 to 2.
    """
    if isinstance(seed, bool) or not isinstance(seed, int) or seed < 0:
        raise ValueError(f"`seed` is {seed!r}; accepted is a whole number from 0.")
    if not 0 <= spread <= 2:
        raise ValueError(f"`spread` is {spread!r}; accepted is a number from 0 to 2.")
    shared = topology()
    weights = np.random.default_rng(seed).normal(size=len(shared.identity)).clip(-_WIDEST, _WIDEST) * spread
    points = shared.neutral + np.einsum("k,knc->nc", weights, shared.identity)
    return frame_of(points.astype(np.float32)).apply(points)
