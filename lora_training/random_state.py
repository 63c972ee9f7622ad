"""The state of a `random.Random` as checkpoints hold it: JSON, no tuples."""

from __future__ import annotations

from random import Random
from typing import Any


def random_state(source: Random) -> list[Any]:
    """Return where a random source stands.

    Args:
        source: The source.
    """
    version, internal, gauss = source.getstate()
    return [version, list(internal), gauss]


def set_random_state(source: Random, state: list[Any]) -> None:
    """Let a random source go on from a state.

    Args:
        source: The source, which is changed.
        state: What `random_state` returned.
    """
    version, internal, gauss = state
    source.setstate((version, tuple(internal), gauss))
