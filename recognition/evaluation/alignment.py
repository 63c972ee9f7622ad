"""AAAD, our definition: how well the units that a picture shows agree with those that its text implies.

The name (Alignment Accuracy of AU Probability Distributions) is from arXiv 2603.18588, of which only the abstract is
known here; the formula is a definition of this project. Of every unit u the text gives a probability p_u of being
present, and the recognizer q_u (`auface.recognition.presence`). Presence of a unit is a Bernoulli variable, so the
distance of the two is the Jensen-Shannon divergence in bits, from 0 (the same) to 1 (one sure of it, the other of the
contrary). A picture's alignment weighs units by whether anybody speaks of them,

    A = 1 - sum_u w_u JSD(p_u, q_u) / sum_u w_u,    w_u = max(p_u, q_u)

so that the many units that are absent in both do not make every picture look well aligned. AAAD is the mean of A over
pictures, 0 to 1. Since 1 is out of reach (texts are vague and recognizers err), it is told with two yardsticks: the
same pictures with captions exchanged, and the share of pictures that agree better with their own caption than with
another one.

Blind spots: intensity counts only near the threshold of presence (a faint and a broad smile are both a smile); sides
are not compared; what a text leaves out counts as nearly absent, so that a laconic text is punished for a lively face;
units that the recognizer does not read or could not judge are left out, so that a picture in which little is visible
may align well; both sides share AUFace's reader and its idea of units, so an error common to text and picture is not
seen; and a generator trained against this recognizer would be flattered by it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from auface.facs import ActionUnit, Expression, as_expression, resolve
from auface.facs.request import is_english
from auface.facs.text import read
from auface.recognition.presence import presence_of_text

Presence = Mapping[ActionUnit, float]
"""Unit -> how probable it is, 0 to 1."""


@dataclass(frozen=True, slots=True)
class TextUnits:
    """The units that a text speaks of.

    Attributes:
        stated: What it states, after resolving.
        denied: What it denies.
    """

    stated: Expression
    denied: Expression

    @classmethod
    def of(cls, text: str) -> TextUnits:
        """Read a caption: English, or FACS notation.

        Args:
            text: The caption.

        Raises:
            ValueError: Nothing about a face is understood in it.
        """
        if not is_english(text):
            return cls(resolve(as_expression(text)), Expression())
        reading = read(text)
        if not reading.spans:
            raise ValueError(f"`text` is {text[:80]!r}, in which nothing about a face was understood.")
        stated = resolve(reading.expression)
        return cls(stated, reading.negated.removed(stated))

    def presence(self, units: Sequence[ActionUnit]) -> dict[ActionUnit, float]:
        """Return how probable the text makes each unit.

        Args:
            units: The units to answer for.
        """
        return presence_of_text(self.stated, units, self.denied)


def divergence(one: float, two: float) -> float:
    """Return the Jensen-Shannon divergence of two Bernoulli distributions in bits, 0 to 1.

    Args:
        one: Probability of the first, 0 to 1.
        two: Probability of the second, 0 to 1.
    """
    return max(0.0, _entropy((one + two) / 2) - (_entropy(one) + _entropy(two)) / 2)


def alignment(text: Presence, picture: Presence) -> float:
    """Return the alignment of one picture with one text, 0 to 1; NaN where they have no unit in common.

    Args:
        text: What the text implies.
        picture: What the recognizer sees; units that could not be judged are missing.
    """
    both = [unit for unit in picture if unit in text]
    weights = [max(text[unit], picture[unit]) for unit in both]
    total = sum(weights)
    if not total:
        return math.nan
    apart = sum(w * divergence(text[unit], picture[unit]) for w, unit in zip(weights, both, strict=True))
    return 1 - apart / total


def _entropy(chance: float) -> float:
    if not 0 < chance < 1:
        return 0.0
    return -chance * math.log2(chance) - (1 - chance) * math.log2(1 - chance)
