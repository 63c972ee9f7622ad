"""How pleasant and how aroused an emotion is: published ratings of emotion words, and the way back.

Ratings are the means of Russell & Mehrabian 1977 (Journal of Research in Personality 11, 273-294, doi
10.1016/0092-6566(77)90037-X), who had 151 terms rated for pleasure, arousal and dominance, each scaled to -1 .. 1.
Pleasure is what later work calls valence. Angles are those of Russell 1980 (doi 10.1037/h0077714), direct circular
scaling.

A row is `verified` where two independent public transcriptions of the table agree in all three numbers; the others are
marked. Terms that no source rates, such as the compound emotions, are not here. The values -0.62, 0.82, -0.43 that are
often quoted for fear are the row of "terrified". Contempt is the row "contemptuous". Neutral is the origin by
definition of the scales.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import NamedTuple


class Affect(NamedTuple):
    """One rated term.

    Attributes:
        term: The word that was rated.
        valence: Pleasure, -1 (displeasure) to 1.
        arousal: -1 (sleepy) to 1 (frantic).
        dominance: -1 (controlled) to 1 (in control).
        verified: Whether two independent transcriptions of the table agree.
    """

    term: str
    valence: float
    arousal: float
    dominance: float
    verified: bool


def _rows(verified: bool, rows: Iterable[tuple[str, float, float, float]]) -> dict[str, Affect]:
    return {term: Affect(term, valence, arousal, dominance, verified) for term, valence, arousal, dominance in rows}


RATINGS: dict[str, Affect] = {
    **_rows(
        True,
        (
            ("neutral", 0.0, 0.0, 0.0),
            ("happy", 0.81, 0.51, 0.46),
            ("sad", -0.63, -0.27, -0.33),
            ("surprised", 0.40, 0.67, -0.13),
            ("fearful", -0.64, 0.60, -0.43),
            ("angry", -0.51, 0.59, 0.25),
            ("disgusted", -0.60, 0.35, 0.11),
            ("contemptuous", -0.24, 0.31, 0.21),
            ("affectionate", 0.64, 0.35, 0.24),
            ("alert", 0.49, 0.57, 0.45),
            ("anguished", -0.50, 0.08, -0.20),
            ("anxious", 0.01, 0.59, -0.15),
            ("aroused", 0.24, 0.57, 0.22),
            ("arrogant", 0.00, 0.34, 0.48),
            ("astonished", 0.16, 0.88, -0.15),
            ("awed", 0.18, 0.40, -0.38),
            ("bored", -0.65, -0.62, -0.33),
            ("concentrating", 0.42, 0.28, 0.39),
            ("curious", 0.22, 0.62, -0.01),
            ("defiant", -0.16, 0.54, 0.32),
            ("depressed", -0.72, -0.29, -0.41),
            ("despairing", -0.72, -0.16, -0.38),
            ("detached", -0.37, -0.26, -0.14),
            ("discontented", -0.53, -0.16, -0.26),
            ("discouraged", -0.61, -0.15, -0.29),
            ("disdainful", -0.32, -0.11, 0.05),
            ("displeased", -0.55, 0.16, -0.05),
            ("distressed", -0.61, 0.28, -0.36),
            ("elated", 0.50, 0.42, 0.23),
            ("embarrassed", -0.46, 0.54, -0.24),
            ("enraged", -0.44, 0.72, 0.32),
            ("excited", 0.62, 0.75, 0.38),
            ("fascinated", 0.55, 0.51, -0.07),
            ("fatigued", -0.18, -0.57, -0.29),
            ("friendly", 0.69, 0.35, 0.30),
            ("guilty", -0.57, 0.28, -0.34),
            ("hate", -0.56, 0.59, 0.13),
            ("helpless", -0.71, 0.42, -0.51),
            ("hopeful", 0.51, 0.23, 0.14),
            ("hostile", -0.42, 0.53, 0.30),
            ("humiliated", -0.63, 0.43, -0.38),
            ("impressed", 0.41, 0.30, -0.32),
            ("inspired", 0.71, 0.63, 0.34),
            ("interested", 0.64, 0.51, 0.17),
            ("joyful", 0.76, 0.48, 0.35),
            ("lonely", -0.66, -0.43, -0.32),
            ("mildly annoyed", -0.28, 0.17, 0.04),
            ("nauseated", -0.61, -0.01, -0.36),
            ("overwhelmed", 0.14, 0.45, -0.24),
            ("pain", -0.58, 0.41, -0.34),
            ("quiet", 0.19, -0.40, -0.04),
            ("regretful", -0.52, 0.02, -0.21),
            ("rejected", -0.62, -0.01, -0.33),
            ("relaxed", 0.68, -0.46, 0.06),
            ("scornful", -0.35, 0.35, 0.29),
            ("serious", 0.27, 0.24, 0.42),
            ("shamed", -0.57, 0.01, -0.34),
            ("shy", -0.15, 0.06, -0.34),
            ("skeptical", -0.22, 0.21, 0.03),
            ("solemn", 0.03, -0.32, -0.11),
            ("startled", -0.09, 0.65, -0.33),
            ("suspicious", -0.25, 0.42, 0.11),
            ("tense", -0.33, 0.58, -0.11),
            ("terrified", -0.62, 0.82, -0.43),
            ("thankful", 0.61, 0.10, -0.13),
            ("timid", -0.15, -0.12, -0.47),
            ("triumphant", 0.69, 0.57, 0.63),
            ("troubled", -0.63, 0.16, -0.40),
            ("uninterested", -0.47, -0.50, -0.08),
            ("upset", -0.63, 0.30, -0.24),
            ("weary", -0.18, -0.33, -0.24),
        ),
    ),
    **_rows(
        False,
        (
            ("confused", -0.53, 0.27, -0.32),  # a third transcription has -0.53, 0.28, -0.03
            ("frustrated", -0.64, 0.52, -0.35),  # another gives dominance as +0.35
            ("irritated", -0.58, 0.40, 0.01),  # in one transcription only
            ("proud", 0.77, 0.38, 0.65),  # in one transcription only
        ),
    ),
}
"""Term -> its rating. The first eight are neutral and the words for the seven basic emotions."""

CIRCUMPLEX: dict[str, float] = {
    "happy": 7.8,
    "delighted": 24.9,
    "excited": 48.6,
    "astonished": 69.8,
    "aroused": 73.8,
    "tense": 92.8,
    "alarmed": 96.5,
    "miserable": 188.7,
    "sad": 207.5,
    "droopy": 256.6,
    "tired": 267.7,
    "sleepy": 271.9,
    "calm": 316.2,
    "serene": 328.6,
    "pleased": 353.2,
}
"""Term -> angle in degrees (0 pleasure, 90 arousal, 180 displeasure, 270 sleepiness), Russell 1980.

Fifteen of its 28 terms. For the others, angry and afraid among them, public transcriptions differ by up to ten degrees.
"""

_WORDS = {
    "happiness": "happy",
    "joy": "joyful",
    "sadness": "sad",
    "surprise": "surprised",
    "fear": "fearful",
    "afraid": "fearful",
    "anger": "angry",
    "disgust": "disgusted",
    "contempt": "contemptuous",
    "hatred": "hate",
}


def affect(emotion: str) -> Affect:
    """Return the rating of an emotion.

    Args:
        emotion: A term of `RATINGS`, or the noun of a basic emotion such as "anger"; in any case.

    Raises:
        ValueError: The term has no published rating here.
    """
    return RATINGS[_term(emotion, RATINGS, "RATINGS")]


def valence_arousal(emotion: str) -> tuple[float, float]:
    """Return (valence, arousal) of an emotion, each -1 to 1 (Russell & Mehrabian 1977).

    Args:
        emotion: A term of `RATINGS`, or the noun of a basic emotion such as "anger"; in any case.

    Raises:
        ValueError: The term has no published rating here.
    """
    row = affect(emotion)
    return row.valence, row.arousal


def nearest_emotions(
    valence: float, arousal: float, count: int = 5, among: Iterable[str] | None = None
) -> tuple[tuple[str, float], ...]:
    """Return the rated terms nearest to a point, each with its Euclidean distance (0 to 2.83), nearest first.

    Args:
        valence: -1 (displeasure) to 1 (pleasure).
        arousal: -1 (sleepy) to 1 (frantic).
        count: How many terms, from 1.
        among: The terms to choose from, as `affect` accepts them; None takes all of `RATINGS`.

    Raises:
        ValueError: A coordinate lies outside -1 to 1, `count` is less than 1, or a term has no rating.
    """
    for name, value in (("valence", valence), ("arousal", arousal)):
        if not -1 <= value <= 1:
            raise ValueError(f"`{name}` is {value!r}; accepted is a number from -1 to 1.")
    if count < 1:
        raise ValueError(f"`count` is {count!r}; accepted is a whole number from 1.")
    rows = RATINGS.values() if among is None else [affect(emotion) for emotion in among]
    ranked = sorted((math.hypot(row.valence - valence, row.arousal - arousal), row.term) for row in rows)
    return tuple((term, distance) for distance, term in ranked[:count])


def circumplex_angle(emotion: str) -> float:
    """Return the angle of an emotion on Russell's circle, in degrees: 0 is pleasure, 90 arousal.

    Args:
        emotion: A term of `CIRCUMPLEX`, or the noun of one; in any case.

    Raises:
        ValueError: The term has no angle here.
    """
    return CIRCUMPLEX[_term(emotion, CIRCUMPLEX, "CIRCUMPLEX")]


def _term(emotion: object, table: Iterable[str], name: str) -> str:
    """Return the term that the table has for an emotion."""
    word = " ".join(emotion.replace("_", " ").lower().split()) if isinstance(emotion, str) else ""
    term = _WORDS.get(word, word)
    terms = list(table)
    if term not in terms:
        raise ValueError(f"`emotion` is {emotion!r}, which has no row in {name}; accepted are {', '.join(terms)}.")
    return term
