"""How often verdicts score the right request of a picture above another."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
from numpy.typing import NDArray

from auface.facs import Expression
from auface.recognition.result import FaceReading
from auface.recognition.verdict import Verdict, judge

_OTHERS = 30  # requests that a right one is ranked against


def against_many(faces: list[FaceReading | None], asked: list[Expression]) -> dict[str, Any]:
    """Return the ranking accuracy against more requests of the others, which depends less on chance.

    Args:
        faces: What is read in each picture; None without a face.
        asked: What each was to show.
    """
    rng, pairs = random.Random("many"), list[tuple[Verdict, Verdict]]()
    for face, request in zip(faces, asked, strict=True):
        right, others = judge(face, request), [one for one in asked if one.distance(request) > 1]
        pairs += [(right, judge(face, other)) for other in rng.sample(others, min(_OTHERS, len(others)))]
    return {f"right above {_OTHERS} others each, ranking accuracy": _ranked(pairs)}


def ranking(pairs: list[tuple[Verdict, Verdict]]) -> dict[str, Any]:
    """Return how often the right request scores higher than another, and how scores are spread.

    Args:
        pairs: Verdicts on the right and on another request of each picture.
    """
    decided = [pair for pair in pairs if not {one.outcome for one in pair} & {"undecided", "no face"}]
    right, wrong = (np.array([pair[place].score for pair in pairs]) for place in (0, 1))
    outcomes = [one.outcome for one, _ in pairs]
    return {
        "pictures": len(pairs),
        "right above another, ranking accuracy": _ranked(pairs),
        "the same where both could be judged": _ranked(decided),
        "pictures where both could be judged": len(decided),
        "outcomes of the right request": {name: outcomes.count(name) for name in sorted(set(outcomes))},
        "passing, another request": round(float(np.mean([other.passed for _, other in pairs])), 3),
        "score of the right request, 5 / 25 / 50 / 75 / 95 %": _spread(right),
        "score of another request, 5 / 25 / 50 / 75 / 95 %": _spread(wrong),
    }


def _ranked(pairs: list[tuple[Verdict, Verdict]]) -> float | None:
    better = [(one.score > two.score) + 0.5 * (one.score == two.score) for one, two in pairs]
    return round(float(np.mean(better)), 4) if better else None


def _spread(values: NDArray[np.float64]) -> list[float]:
    return [round(float(value), 2) for value in np.percentile(values, [5, 25, 50, 75, 95])]
