"""`Sampler`: which pictures each step sees. Seed and step alone decide, so that a run can go on anywhere."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import numpy as np
from numpy.typing import NDArray

from auface.autext.seed import derived_seed


class Sampler:
    """Divides epochs into groups of pictures of the same size.

    In an epoch each bucket gives as many pictures as it has, each as often as its weight says (rounded up or down by
    chance); the last group of a bucket is filled with pictures that the epoch already had.

    Attributes:
        steps_per_epoch: Groups of an epoch.

    Args:
        buckets: The bucket of each picture.
        weights: How often each is drawn; only their proportions count.
        group: Pictures of a step, of all processes and goes together.
        seed: Decides the order.
    """

    def __init__(self, buckets: Sequence[Hashable], weights: NDArray[np.float64], group: int, seed: int) -> None:
        self._group, self._seed = group, seed
        self._members = [
            np.array([number for number, own in enumerate(buckets) if own == bucket])
            for bucket in dict.fromkeys(buckets)
        ]
        self._weights = weights
        self._counts = [-(-len(members) // group) for members in self._members]
        self.steps_per_epoch = sum(self._counts)
        self._epoch, self._groups = -1, list[list[int]]()

    def __getitem__(self, step: int) -> tuple[int, list[int]]:
        """Return the epoch of a step and its pictures.

        Args:
            step: Steps done before.
        """
        epoch, place = divmod(step, self.steps_per_epoch)
        if epoch != self._epoch:
            self._epoch, self._groups = epoch, self._plan(epoch)
        return epoch, self._groups[place]

    def _plan(self, epoch: int) -> list[list[int]]:
        rng = np.random.default_rng(derived_seed(self._seed, "epoch", epoch))
        groups: list[list[int]] = []
        for members, count in zip(self._members, self._counts, strict=True):
            drawn = self._drawn(members, rng)
            while len(drawn) < count * self._group:
                drawn = np.concatenate([drawn, drawn[: count * self._group - len(drawn)]])
            groups += drawn.reshape(count, self._group).tolist()
        rng.shuffle(groups)  # pyright: ignore[reportArgumentType]
        return groups

    def _drawn(self, members: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.int64]:
        order = rng.permutation(members)
        weights = self._weights[order]
        # Systematic sampling: one random start, equal steps; with equal weights each picture comes exactly once.
        places = (np.arange(len(order)) + rng.random()) / len(order)
        ends = np.cumsum(weights / weights.sum())
        ends[-1] = 1.0
        return rng.permutation(order[np.minimum(np.searchsorted(ends, places, side="right"), len(order) - 1)])
