"""`Ridge`: the best linear reading of very many numbers, through few of them.

What is seen at the landmarks of a face are thousands of numbers, most of them nearly alike. A gradient finds its way
among them slowly: after ten thousand steps of the cascade the closed form still takes a third of the error away. Of its
solution only the directions are kept that say most (reduced-rank regression, Izenman 1975,
doi 10.1016/0047-259X(75)90042-1).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

Rows = Callable[[], Iterator[tuple[Tensor, Tensor]]]
"""Gives, each time it is called, all rows in parts: (n, seen) numbers, and (n, goals) what they should say."""

_LEAST_SPREAD = 0.01  # numbers that differ less say little; batch normalization in float16 could not tell it from 0


@dataclass(frozen=True, slots=True, eq=False)
class Ridge:
    """A linear reading.

    Attributes:
        mean: (seen,) of each number.
        spread: (seen,) its standard deviation.
        weights: (seen, goals) of the numbers, at mean 0 and spread 1.
        middle: (goals,) what is read from the mean.
        correlation: (seen, seen) of the numbers.
    """

    mean: Tensor
    spread: Tensor
    weights: Tensor
    middle: Tensor
    correlation: Tensor

    def error(self, rows: Rows) -> float:
        """Return the mean squared error.

        Args:
            rows: What is seen, and what it should say.
        """
        total, count = 0.0, 0
        for seen, goals in rows():
            read = ((seen - self.mean) / self.spread) @ self.weights + self.middle
            total, count = total + float((read - goals).square().mean(1).sum()), count + len(seen)
        return total / count

    def kept(self, rank: int) -> tuple[Tensor, Tensor]:
        """Return the few numbers that say most of what all say.

        Args:
            rank: How many; at most as many as there are goals.

        Returns:
            (rank, seen) how they are made of the numbers at mean 0 and spread 1; each has spread 1. And (rank, goals)
            what each of them says.
        """
        said = self.weights.T @ (self.correlation @ self.weights)
        _, vectors = torch.linalg.eigh(said.double())
        best = vectors[:, -rank:].flip(1).to(said.dtype)
        keep = self.weights @ best
        size = (keep * (self.correlation @ keep)).sum(0).clamp_min(1e-12).sqrt()
        return (keep / size).T.contiguous(), size[:, None] * best.T


def ridge(rows: Rows, penalties: tuple[float, ...], others: Rows) -> tuple[Ridge, float]:
    """Return the ridge regression with the penalty that reads other rows best, and that penalty.

    Args:
        rows: What is learned from.
        penalties: To try, in shares of the variance of a number.
        others: What decides between them.

    Raises:
        ValueError: There are no rows.
    """
    count, sums, squares = 0, torch.zeros(()), torch.zeros(())
    for seen, _ in rows():
        count, sums = count + len(seen), sums + seen.double().sum(0)
        squares = squares + seen.double().square().sum(0)
    if not count:
        raise ValueError("`rows` has no rows; accepted is at least one.")
    middle = sums / count
    mean, spread = middle.float(), (squares / count - middle**2).clamp_min(_LEAST_SPREAD**2).sqrt().float()
    together, said, goal = torch.zeros(len(mean), len(mean)), torch.zeros(()), torch.zeros(())
    for seen, goals in rows():
        even = (seen - mean) / spread
        together.addmm_(even.T, even)
        said, goal = said + even.T @ goals, goal + goals.sum(0)
    together, said, goal = together / count, said / count, goal / count
    found = list[tuple[float, float, Ridge]]()
    for penalty in penalties:
        factor = torch.linalg.cholesky(together + penalty * torch.eye(len(mean)))
        one = Ridge(mean, spread, torch.cholesky_solve(said, factor), goal, together)
        found.append((one.error(others), penalty, one))
    _, penalty, best = min(found, key=lambda one: one[0])
    return best, penalty
