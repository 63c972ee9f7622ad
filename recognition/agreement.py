"""How well two codings of faces agree: F1 of presence, ICC(3,1), mean absolute error and correlation of intensity.

These are the figures in which the field reports action units. Where a figure is not defined (a unit that never occurs
has no F1, one that never changes has no ICC), it is NaN and stays out of means: never 0, never 1.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Doubles = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """How well two codings of one thing agree.

    Attributes:
        count: Number of faces that both coded.
        present: Share of the faces on which the truth has it, 0 to 1.
        f1: F1 of presence, 0 to 1; NaN where neither ever has it.
        icc: ICC(3,1) of intensity, -1 to 1; NaN where nothing varies.
        mae: Mean absolute error of intensity, 0 to 5.
        correlation: Pearson's correlation of intensity, -1 to 1; NaN where one of the two does not vary.
    """

    count: int
    present: float
    f1: float
    icc: float
    mae: float
    correlation: float

    def to_dict(self) -> dict[str, float | int | None]:
        """Return the figures by name, None for those that are not defined, as JSON has no NaN."""
        return {name: None if _undefined(value) else value for name, value in asdict(self).items()}


def agreement(truth: ArrayLike, detected: ArrayLike, threshold: float = 1.0) -> Agreement:
    """Compare detected intensities with the true ones.

    Args:
        truth: (N,) intensities, 0 to 5; NaN where the truth does not know.
        detected: (N,) intensities, 0 to 5; NaN where nothing could be said. Such faces are left out.
        threshold: Intensity from which a unit counts as present, in both.

    Raises:
        ValueError: The two are not equally long lists of numbers.
    """
    one, two = _pair(truth, detected)
    if not len(one):
        return Agreement(count=0, present=math.nan, f1=math.nan, icc=math.nan, mae=math.nan, correlation=math.nan)
    return Agreement(
        count=len(one),
        present=float(np.mean(one >= threshold)),
        f1=f1_score(one >= threshold, two >= threshold),
        icc=icc31(one, two),
        mae=float(np.mean(np.abs(one - two))),
        correlation=correlation(one, two),
    )


def mean_agreement(parts: Sequence[Agreement]) -> Agreement:
    """Return the mean of each figure over those that have it, every part counting alike; `count` is the largest.

    Args:
        parts: The agreement of each unit.
    """

    def mean(name: str) -> float:
        known = [value for part in parts if not math.isnan(value := getattr(part, name))]
        return float(np.mean(known)) if known else math.nan

    return Agreement(
        count=max((part.count for part in parts), default=0),
        present=mean("present"),
        f1=mean("f1"),
        icc=mean("icc"),
        mae=mean("mae"),
        correlation=mean("correlation"),
    )


def f1_score(truth: ArrayLike, detected: ArrayLike) -> float:
    """Return F1, 2 TP / (2 TP + FP + FN); NaN where neither list has a single True.

    Args:
        truth: (N,) whether it is there.
        detected: (N,) whether it was detected.
    """
    one, two = np.asarray(truth, bool), np.asarray(detected, bool)
    found, wrong = int((one & two).sum()), int((one ^ two).sum())
    return 2 * found / (2 * found + wrong) if found + wrong else math.nan


def icc31(truth: ArrayLike, detected: ArrayLike) -> float:
    """Return the intraclass correlation ICC(3,1) of two raters (Shrout & Fleiss 1979): consistency, single rater.

    (BMS - EMS) / (BMS + EMS), from the mean squares between faces and of the residual. A constant offset between the
    two does not lower it; a difference in scale does.

    Args:
        truth: (N,) ratings of one.
        detected: (N,) ratings of the other.

    Returns:
        -1 to 1; NaN for fewer than two faces, or where nothing varies.

    Raises:
        ValueError: The two are not equally long lists of numbers.
    """
    one, two = _pair(truth, detected)
    if len(one) < 2:
        return math.nan
    ratings = np.stack([one, two], 1)
    faces, raters, grand = ratings.mean(1), ratings.mean(0), ratings.mean()
    between = 2 * float(((faces - grand) ** 2).sum()) / (len(one) - 1)
    residual = ratings - faces[:, None] - raters[None] + grand
    error = float((residual**2).sum()) / (len(one) - 1)
    return (between - error) / (between + error) if between + error > 1e-12 else math.nan


def correlation(truth: ArrayLike, detected: ArrayLike) -> float:
    """Return Pearson's correlation, -1 to 1; NaN for fewer than two values, or where one list does not vary.

    Args:
        truth: (N,) numbers.
        detected: (N,) numbers.

    Raises:
        ValueError: The two are not equally long lists of numbers.
    """
    one, two = _pair(truth, detected)
    if len(one) < 2 or one.std() < 1e-9 or two.std() < 1e-9:
        return math.nan
    return float(np.clip(np.corrcoef(one, two)[0, 1], -1, 1))


def macro_f1(truth: Sequence[str], detected: Sequence[str | None], classes: Sequence[str]) -> float:
    """Return the mean of the F1 of each class, the figure of the C-EXPR-DB challenges.

    A class that occurs neither in the truth nor among the answers counts as 0, as in the challenges' code.

    Args:
        truth: The right class of each picture.
        detected: The answer to each picture; None (no answer) is wrong for every class.
        classes: The classes; every one counts alike.

    Raises:
        ValueError: The lists differ in length, are empty, or the truth has another class.
    """
    if len(truth) != len(detected) or not truth:
        raise ValueError(
            f"`truth` has {len(truth)} and `detected` {len(detected)} classes; accepted are as many, at least one."
        )
    if strange := sorted(set(truth) - set(classes)):
        raise ValueError(f"`truth` has {', '.join(strange)}; accepted are {', '.join(classes)}.")
    scores = [f1_score([one == name for one in truth], [two == name for two in detected]) for name in classes]
    return float(np.mean(np.nan_to_num(scores, nan=0.0)))


def confusion(truth: Sequence[str], detected: Sequence[str | None], classes: Sequence[str]) -> dict[str, Any]:
    """Return right class -> answer -> how often; "none" counts pictures without an answer.

    Args:
        truth: The right class of each picture.
        detected: The answer to each picture, or None.
        classes: The classes, in the order of rows and columns.
    """
    table = {row: dict.fromkeys((*classes, "none"), 0) for row in classes}
    for one, two in zip(truth, detected, strict=True):
        table[one]["none" if two is None else two] += 1
    return table


def _pair(truth: ArrayLike, detected: ArrayLike) -> tuple[Doubles, Doubles]:
    """Return both as numbers, without the faces that one of the two does not know."""
    one, two = np.asarray(truth, np.float64), np.asarray(detected, np.float64)
    if one.ndim != 1 or one.shape != two.shape:
        raise ValueError(f"`truth` has shape {one.shape} and `detected` {two.shape}; accepted are equal lists.")
    known = np.isfinite(one) & np.isfinite(two)
    return one[known], two[known]


def _undefined(value: float | int) -> bool:
    return isinstance(value, float) and math.isnan(value)
