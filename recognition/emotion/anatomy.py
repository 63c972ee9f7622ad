"""What the action units of a face say of its emotion, against published prototypes. Needs no network and no training.

A prototype says how often a unit is seen with an emotion; a reading says how probable the unit is in this face. With
s the share and q the probability, and over all units that were judged,

    log P(reading | emotion) = sum over units of log( s q + (1 - s)(1 - q) )  +  constant

which is the exact likelihood where units are independent given the emotion (they are not quite: the weights of the
fusion make up for overconfidence). The share of a unit is
    - for the compound emotions: what Du, Tao & Martinez 2014 print: 0.85 for a prototypical unit (seen in more than
      70 % of the subjects; the middle of what that leaves), the printed share for units seen in some, 0.1 for all
      others (they print none under 20 %);
    - for the basic emotions: 0.85 for a unit of a prototype and 0.1 for others; an emotion is the mixture of the
      prototypes of eleven theories, every theory counting alike, and its variants alike within it.
A dropped jaw parts the lips and a stretched mouth drops the jaw, so AU27 counts as AU26, and both as AU25, in faces and
in prototypes. One-sidedness of the mouth corners (12, 14) is a unit of its own, prototypical for contempt.

A unit that was not judged is left out, so that it speaks for no emotion. All emotions are equally probable beforehand.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from auface.facs import ActionUnit, Expression
from auface.facs.prototype import BASIC_EMOTIONS, THEORIES, compound_emotions, prototypes
from auface.recognition.presence import deviation, normal_cdf, presence_of_reading
from auface.recognition.result import PRESENT, UnitReading

from .opinion import BASIC, COMPOUND, Opinion

Doubles = NDArray[np.float64]

PROTOTYPICAL = 0.85
"""Share of faces with an emotion that show a unit of its prototype."""

OTHERWISE = 0.1
"""Share of faces with an emotion that show a unit of which its prototype says nothing."""

ONE_SIDED = 0
"""Stands for one-sided mouth corners among the FACS numbers of units."""

_SUREST = 0.98  # no reading is believed further than this, so that one wrong unit cannot decide alone
_CORNERS = (ActionUnit.AU12, ActionUnit.AU14)


@dataclass(frozen=True, slots=True, eq=False)
class _Table:
    """Prototypes as numbers: V prototypes of K emotions over U units."""

    units: tuple[int, ...]  # (U,) FACS numbers, and ONE_SIDED
    shares: Doubles  # (V, U)
    weights: Doubles  # (V,) log of each prototype's weight within its emotion
    emotions: NDArray[np.int64]  # (V,) which emotion each belongs to


def basic_opinion(reading: UnitReading) -> Opinion:
    """Return how probable neutral and the seven basic emotions are.

    Args:
        reading: The units of a face.
    """
    return _opinion(unit_probabilities(reading), _basic_table(), BASIC)


def compound_opinion(reading: UnitReading, classes: Sequence[str] = COMPOUND) -> Opinion:
    """Return how probable the compound emotions are.

    Args:
        reading: The units of a face.
        classes: Compound emotions of Du et al. or of EmotioNet, at least two; by default the 22 of Du et al.

    Raises:
        ValueError: There is no such compound emotion.
    """
    return compound_opinion_of(unit_probabilities(reading), classes)


def compound_opinion_of(probabilities: Mapping[int, float], classes: Sequence[str] = COMPOUND) -> Opinion:
    """Return how probable the compound emotions are, from probabilities of units.

    Args:
        probabilities: FACS number (or `ONE_SIDED`) -> how probable it is that the face shows it, 0 to 1.
        classes: Compound emotions of Du et al. or of EmotioNet, at least two.

    Raises:
        ValueError: There is no such compound emotion.
    """
    if strange := [name for name in classes if name not in compound_emotions()]:
        raise ValueError(f"`classes` has {', '.join(strange)}; accepted are {', '.join(compound_emotions())}.")
    return _opinion(probabilities, _compound_table(tuple(classes)), classes)


def basic_opinion_of(probabilities: Mapping[int, float]) -> Opinion:
    """Return how probable neutral and the basic emotions are, from probabilities of units.

    Args:
        probabilities: FACS number (or `ONE_SIDED`) -> how probable it is that the face shows it, 0 to 1.
    """
    return _opinion(probabilities, _basic_table(), BASIC)


def unit_probabilities(reading: UnitReading) -> dict[int, float]:
    """Return FACS number -> how probable it is that a face shows the unit, with what AU26 and AU27 imply.

    Args:
        reading: The units of the face.
    """
    found: dict[int, float] = {int(unit): value for unit, value in presence_of_reading(reading).items()}
    for stronger, weaker in ((27, 26), (26, 25)):
        if stronger in found:
            found[weaker] = max(found[stronger], found.get(weaker, 0.0))
    differences: list[float] = []
    for unit in _CORNERS:
        if reading.is_judged(unit):
            value = reading.values[unit]
            spread = math.hypot(deviation(value.left_uncertainty), deviation(value.right_uncertainty))
            differences.append(normal_cdf((abs(value.left - value.right) - PRESENT) / spread))
    if differences:
        found[ONE_SIDED] = max(differences)
    return found


def _opinion(probabilities: Mapping[int, float], table: _Table, classes: Sequence[str]) -> Opinion:
    judged = [place for place, unit in enumerate(table.units) if unit in probabilities]
    seen = np.array([probabilities[table.units[place]] for place in judged]).clip(1 - _SUREST, _SUREST)
    shares = table.shares[:, judged]
    likelihood = np.log(shares * seen + (1 - shares) * (1 - seen)).sum(1) + table.weights
    scores = [float(np.logaddexp.reduce(likelihood[table.emotions == place])) for place in range(len(classes))]
    return Opinion.of_scores("anatomy", classes, scores)


@cache
def _basic_table() -> _Table:
    rows: list[dict[int, float]] = [{}]
    weights: list[float] = [0.0]
    emotions: list[int] = [0]
    for place, emotion in enumerate(BASIC_EMOTIONS, start=1):
        theories = [table[emotion] for theory in THEORIES if emotion in (table := prototypes(theory))]
        for variants in theories:
            for variant in variants:
                rows.append(_prototype(variant))
                weights.append(-math.log(len(theories) * len(variants)))
                emotions.append(place)
    return _table(rows, weights, emotions)


@cache
def _compound_table(classes: tuple[str, ...]) -> _Table:
    rows: list[dict[int, float]] = []
    for name in classes:
        emotion = compound_emotions()[name]
        row = {int(seen.unit): seen.share for seen in emotion.seen_in_some if seen.share is not None}
        row |= {int(unit): PROTOTYPICAL for unit in emotion.expression.units}
        rows.append(row)
    return _table(rows, [0.0] * len(rows), list(range(len(rows))))


def _prototype(expression: Expression) -> dict[int, float]:
    row = {int(unit): PROTOTYPICAL for unit in expression.units}
    for stronger, weaker in ((27, 26), (26, 25)):
        if stronger in row:
            row[weaker] = PROTOTYPICAL
    if any(expression.left(unit) != expression.right(unit) for unit in _CORNERS):
        row[ONE_SIDED] = PROTOTYPICAL
    return row


def _table(rows: list[dict[int, float]], weights: list[float], emotions: list[int]) -> _Table:
    units = tuple(sorted({ONE_SIDED} | {unit for table in (rows, _every_row()) for row in table for unit in row}))
    shares = np.array([[row.get(unit, OTHERWISE) for unit in units] for row in rows])
    return _Table(units, shares, np.array(weights), np.array(emotions))


@cache
def _every_row() -> list[dict[int, float]]:
    """Return the units of all compound emotions, so that every choice of classes looks at the same units."""
    return [
        {int(unit): 1.0 for unit in (*emotion.expression.units, *(seen.unit for seen in emotion.seen_in_some))}
        for emotion in compound_emotions().values()
    ]
