"""`Opinion`: how probable each of some emotions is, and who says so; with a margin, and the right to abstain."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from auface.facs.prototype import BASIC_EMOTIONS, compound_emotions

Doubles = NDArray[np.float64]

BASIC: tuple[str, ...] = ("neutral", *BASIC_EMOTIONS)
"""Neutral and the seven basic emotions."""

COMPOUND: tuple[str, ...] = tuple(name for name, row in compound_emotions().items() if "du2014" in row.sources)
"""The 22 categories of Du, Tao & Martinez 2014, in their order: neutral, six basic and fifteen compound ones."""

LEAST_PROBABILITY = 0.3
"""An answer needs at least this probability by default."""

LEAST_MARGIN = 0.1
"""An answer has to lead the next by at least this by default."""

_FLOOR = 1e-6  # no opinion is so sure that no other could ever outweigh it


@dataclass(frozen=True, slots=True)
class Opinion:
    """How probable each of some emotions is.

    Attributes:
        source: Who says so, such as "anatomy", "cnn", "vlm" or "fusion".
        probabilities: Emotion -> probability, 0 to 1; they sum to 1.

    Raises:
        ValueError: There are fewer than two emotions, or a probability is none, or they do not sum to 1.
    """

    source: str
    probabilities: Mapping[str, float]

    def __post_init__(self) -> None:
        values = list(self.probabilities.values())
        if len(values) < 2 or not all(0 <= value <= 1 for value in values) or abs(sum(values) - 1) > 1e-3:
            raise ValueError(
                f"`probabilities` are {dict(self.probabilities)!r}; accepted are two or more from 0 to 1 that sum to 1."
            )

    @classmethod
    def of_scores(cls, source: str, classes: Sequence[str], scores: ArrayLike) -> Opinion:
        """Make an opinion from log-probabilities that need not be normalized.

        Args:
            source: Who says so.
            classes: The emotions.
            scores: (K,) one for each, any real numbers.

        Raises:
            ValueError: There are not as many scores as emotions, or one is not finite.
        """
        values = np.asarray(scores, np.float64)
        if values.shape != (len(classes),) or not np.isfinite(values).all():
            raise ValueError(f"`scores` are {values!r}; accepted are {len(classes)} finite numbers.")
        weights = np.exp(values - values.max())
        return cls(source, dict(zip(classes, (weights / weights.sum()).tolist(), strict=True)))

    @property
    def classes(self) -> tuple[str, ...]:
        """The emotions, in order."""
        return tuple(self.probabilities)

    @property
    def best(self) -> str:
        """The most probable emotion; the first of equals."""
        return max(self.probabilities, key=lambda name: self.probabilities[name])

    @property
    def margin(self) -> float:
        """By how much the most probable emotion leads the next, 0 to 1."""
        first, second = sorted(self.probabilities.values(), reverse=True)[:2]
        return first - second

    def answer(self, least: float = LEAST_PROBABILITY, margin: float = LEAST_MARGIN) -> str | None:
        """Return the most probable emotion, or None (no answer) where it is not probable or not ahead enough.

        Args:
            least: Smallest probability of an answer, 0 to 1.
            margin: Smallest lead over the next emotion, 0 to 1; 0 and 0 always answer.

        Raises:
            ValueError: One of the two lies outside.
        """
        for name, value in (("least", least), ("margin", margin)):
            if not 0 <= value <= 1:
                raise ValueError(f"`{name}` is {value!r}; accepted is a number from 0 to 1.")
        return self.best if self.probabilities[self.best] >= least and self.margin >= margin else None

    def restricted(self, classes: Iterable[str]) -> Opinion:
        """Return the opinion when only some of the emotions are possible.

        Args:
            classes: Some of the emotions, in the order of the result.

        Raises:
            ValueError: One of them is not in this opinion.
        """
        wanted = tuple(classes)
        if missing := [name for name in wanted if name not in self.probabilities]:
            raise ValueError(f"`classes` has {', '.join(missing)}; accepted are {', '.join(self.classes)}.")
        return Opinion.of_scores(self.source, wanted, self.logarithms(wanted))

    def logarithms(self, classes: Iterable[str]) -> Doubles:
        """Return the natural logarithm of the probabilities, none below 1e-6.

        Args:
            classes: The emotions, in the order of the result.
        """
        return np.array([math.log(max(_FLOOR, self.probabilities[name])) for name in classes])

    def to_dict(self) -> dict[str, Any]:
        """Return what JSON holds: the answer, or None, with its margin, and all probabilities, the highest first."""
        ranked = sorted(self.probabilities.items(), key=lambda item: -item[1])
        return {
            "source": self.source,
            "answer": self.answer(),
            "margin": round(self.margin, 4),
            "probabilities": {name: round(value, 4) for name, value in ranked},
        }


def spread_over_compounds(basic: Opinion, classes: Sequence[str] = COMPOUND) -> Opinion:
    """Return what an opinion on basic emotions says of compound ones, our definition.

    A compound emotion scores the weighted geometric mean of its components' probabilities, a basic one its own. Of
    appalled, hatred and awed, whose names join none, Du et al. say which two they lie between, and nearer to which.

    Args:
        basic: Opinion on neutral and basic emotions.
        classes: The compound emotions to answer for.

    Raises:
        ValueError: The opinion lacks an emotion that a compound one is made of.
    """
    scores = []
    for name in classes:
        parts = components(name)
        if missing := [part for part in parts if part not in basic.probabilities]:
            raise ValueError(f"`basic` has no {', '.join(missing)}, of which {name} is made.")
        scores.append(sum(weight * basic.logarithms([part])[0] for part, weight in parts.items()))
    return Opinion.of_scores(basic.source, classes, scores)


def components(name: str) -> dict[str, float]:
    """Return the basic emotions (or neutral) that a compound emotion is made of, with weights that sum to 1.

    Args:
        name: A compound emotion of Du et al. or of EmotioNet.
    """
    if name in _BETWEEN:
        return _BETWEEN[name]
    parts = compound_emotions()[name].components or ("neutral",)
    return {part: 1 / len(parts) for part in parts}


_BETWEEN: dict[str, dict[str, float]] = {
    "appalled": {"disgust": 2 / 3, "anger": 1 / 3},
    "hatred": {"anger": 2 / 3, "disgust": 1 / 3},
    "awed": {"surprise": 2 / 3, "fear": 1 / 3},
}
"""Which two emotions lie next to those that name none: from the text of Du et al. 2014, the weights are ours."""
