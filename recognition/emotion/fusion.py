"""`Fusion`: several opinions into one, by calibrated log-linear weights; works with any of them alone.

    P(emotion) is proportional to  exp( 1/T * sum over the opinions m that are there of w_m log P_m(emotion) )

The weights w say how much each source is worth beside the others, and sum to 1 over the sources that were fitted
together; the temperature T, one for all, says how sure they may be. A source that is missing is left out and nothing is
put in its place, so that fewer opinions give a flatter answer. With all w / T = 1 this is the product of independent
experts; it is also what turns the likelihood of the anatomy, which takes units as independent, into a probability.

`fit_fusion` fits w / T >= 0 by the likelihood of labelled faces; the problem is convex, so the result does not depend
on a start. The origin of the shipped weights is said in `SHIPPED.origin`.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .opinion import Opinion

Doubles = NDArray[np.float64]

SCHEMA = "auface.fusion/1"
"""Name and version of the JSON form."""

_ROUNDS = 2000
_RIDGE = 1e-3  # keeps weights finite where a source is always right


@dataclass(frozen=True, slots=True, kw_only=True)
class Fusion:
    """Weights and temperature.

    Attributes:
        weights: Source of an opinion -> its weight, from 0.
        temperature: Above 0; the higher, the flatter.
        origin: What the numbers were fitted on.

    Raises:
        ValueError: A weight is negative, all are 0, or the temperature is not above 0.
    """

    weights: Mapping[str, float] = field(default_factory=dict[str, float])
    temperature: float = 1.0
    origin: str = ""

    def __post_init__(self) -> None:
        if not self.weights or not all(0 <= value < math.inf for value in self.weights.values()):
            raise ValueError(f"`weights` are {dict(self.weights)!r}; accepted are finite numbers from 0.")
        if sum(self.weights.values()) <= 0:
            raise ValueError(f"`weights` are {dict(self.weights)!r}; accepted is at least one above 0.")
        if not 0 < self.temperature < math.inf:
            raise ValueError(f"`temperature` is {self.temperature!r}; accepted is a finite number above 0.")

    def fuse(self, opinions: Sequence[Opinion]) -> Opinion:
        """Return one opinion.

        Args:
            opinions: At least one, on the same emotions, each from another source that has a weight.

        Raises:
            ValueError: There is none, a source has no weight or comes twice, or the emotions differ.
        """
        if not opinions:
            raise ValueError("`opinions` is empty; accepted is at least one.")
        classes = opinions[0].classes
        sources = [opinion.source for opinion in opinions]
        if strange := sorted(set(sources) - set(self.weights)):
            raise ValueError(f"`opinions` are from {', '.join(strange)}; accepted are {', '.join(self.weights)}.")
        if len(set(sources)) < len(sources):
            raise ValueError(f"`opinions` are from {', '.join(sources)}; accepted is one from each source.")
        total = np.zeros(len(classes))
        for opinion in opinions:
            if set(opinion.classes) != set(classes):
                named = ", ".join(opinion.classes)
                raise ValueError(f"`opinions` of {opinion.source} are on {named}; accepted are {', '.join(classes)}.")
            total += self.weights[opinion.source] * opinion.logarithms(classes)
        return Opinion.of_scores("fusion", classes, total / self.temperature)

    def to_json(self) -> str:
        """Return the fusion as JSON text with a schema version, which `from_json` reads back."""
        return json.dumps(
            {"schema": SCHEMA, "weights": dict(self.weights), "temperature": self.temperature, "origin": self.origin}
        )

    @classmethod
    def from_json(cls, text: str | Path) -> Fusion:
        """Read the JSON text that `to_json` writes.

        Args:
            text: JSON, or the path of a file with it.

        Raises:
            ValueError: The text is not such JSON.
        """
        try:
            data = json.loads(text.read_text(encoding="utf-8") if isinstance(text, Path) else text)
            if data["schema"] != SCHEMA:
                raise ValueError(f"its schema is {data['schema']!r}")
            return cls(weights=dict(data["weights"]), temperature=data["temperature"], origin=data["origin"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ValueError(f"fusion JSON cannot be read ({error}); accepted is what `to_json` writes.") from None


def fit_fusion(faces: Sequence[Sequence[Opinion]], truth: Sequence[str], origin: str = "") -> Fusion:
    """Fit weights and temperature to labelled faces, by the log-likelihood of the right emotion.

    Args:
        faces: The opinions on each face, from the same sources on every face.
        truth: The right emotion of each face.
        origin: What the faces are, to be kept with the numbers.

    Raises:
        ValueError: There are fewer than ten faces, not as many labels as faces, a label is no class of the opinions, or
            the sources or emotions differ from face to face.
    """
    if len(faces) != len(truth) or len(faces) < 10:
        raise ValueError(f"`faces` are {len(faces)} with {len(truth)} labels; accepted are as many, ten or more.")
    sources = [opinion.source for opinion in faces[0]]
    classes = faces[0][0].classes
    if any([opinion.source for opinion in face] != sources for face in faces):
        raise ValueError(f"`faces` have opinions of different sources; accepted are {', '.join(sources)} on each.")
    if strange := sorted(set(truth) - set(classes)):
        raise ValueError(f"`truth` has {', '.join(strange)}; accepted are {', '.join(classes)}.")
    table = np.array([[opinion.logarithms(classes) for opinion in face] for face in faces])
    exponents = _fit(table, np.array([classes.index(name) for name in truth]))
    total = float(exponents.sum())
    weights = {source: float(value) / total for source, value in zip(sources, exponents, strict=True)}
    return Fusion(weights=weights, temperature=1 / total, origin=origin)


def _fit(table: Doubles, right: NDArray[np.int64]) -> Doubles:
    """Return the exponents w / T that maximize the likelihood; (faces, sources, classes) log-probabilities.

    Newton's steps on a convex problem, halved until they help, each projected to exponents of at least 0.
    """
    rows = np.arange(len(right))
    exponents = np.full(table.shape[1], 0.5)
    value = _loss(table, right, exponents)
    for _ in range(_ROUNDS):
        chances = _softmax(np.einsum("fsc,s->fc", table, exponents))
        mean = np.einsum("fsc,fc->fs", table, chances)
        slope = (mean - table[rows, :, right]).mean(0) + _RIDGE * exponents
        centered = table - mean[..., None]
        bend = np.einsum("fsc,ftc,fc->st", centered, centered, chances) / len(right)
        bend += (_RIDGE + 1e-9) * np.eye(len(exponents))
        free = (exponents > 0) | (slope < 0)  # what is at 0 and would sink stays there
        step = np.zeros_like(exponents)
        if not free.any():
            break
        step[free] = np.linalg.solve(bend[np.ix_(free, free)], slope[free])
        length = 1.0
        while length > 1e-8:
            tried = np.maximum(0.0, exponents - length * step)
            if (better := _loss(table, right, tried)) < value - 1e-14:
                break
            length /= 2
        else:
            break
        done = value - better < 1e-12
        exponents, value = tried, better
        if done:
            break
    return exponents if exponents.sum() > 0 else np.full(len(exponents), 1e-3)


def _loss(table: Doubles, right: NDArray[np.int64], exponents: Doubles) -> float:
    scores = np.einsum("fsc,s->fc", table, exponents)
    top = scores.max(1, keepdims=True)
    likely = scores[np.arange(len(right)), right] - top[:, 0] - np.log(np.exp(scores - top).sum(1))
    return float(-likely.mean() + 0.5 * _RIDGE * (exponents**2).sum())


def _softmax(scores: Doubles) -> Doubles:
    weights = np.exp(scores - scores.max(1, keepdims=True))
    return weights / weights.sum(1, keepdims=True)


SHIPPED = Fusion(
    weights={"anatomy": 1.0, "cnn": 1.0, "classifier": 1.0, "vlm": 1.0, "vlm description": 0.5},
    temperature=1.0,
    origin="not fitted: a product of experts, a description counting half",
)
"""The weights for neutral and basic emotions that are used where none are given."""

COMPOUND_SHIPPED = SHIPPED
"""The same for compound emotions."""
