"""`random_request`: expressions to learn from, weighted toward those that people ask for and those that conflict.

Of 20 requests 4 are single units, 3 emotions, 5 natural combinations, 5 conflicts, 2 any combination, and 1 in turn is
a unit that needs a side, a gaze, or the neutral face. Intensities are continuous, 0.5 to 5.
"""

from __future__ import annotations

from functools import cache
from itertools import combinations
from random import Random

from auface.facs import ActionUnit, Expression, Sides, compound_emotions, find_conflicts, prototypes, resolve
from auface.facs.intensity import MAXIMUM
from auface.facs.prototype import THEORIES
from auface.structure.action_vector import UNITS

_USUAL = (1, 2, 4, 5, 6, 7, 9, 10, 12, 14, 15, 16, 17, 18, 20, 22, 23, 24, 25, 26, 27, 28, 43)
_COMMON = {1: 6, 2: 6, 4: 6, 6: 6, 7: 4, 12: 8, 25: 8, 26: 6, 17: 4, 10: 4, 5: 4}
_WEIGHT = {unit: _COMMON.get(int(unit), 3 if int(unit) in _USUAL else 1) for unit in UNITS}
_SIZES = (2, 2, 2, 3, 3, 3, 4, 4, 5, 6, 7)
_ONE_SIDED = 0.2
_KINDS = (*["single"] * 4, *["emotion"] * 3, *["natural"] * 5, *["conflict"] * 5, *["any"] * 2, "rare")


def random_request(rng: Random) -> Expression:
    """Return a random expression, conflicts included.

    Args:
        rng: Source of randomness.
    """
    kind = rng.choice(_KINDS)
    if kind == "single":
        return _unit(rng, rng.choice(UNITS))
    if kind == "emotion":
        return varied(rng.choice(emotions()), rng)
    if kind == "natural":
        return natural_request(rng)
    if kind == "conflict":
        return conflicting_request(rng)
    if kind == "rare":
        return Expression() if rng.random() < 0.4 else _unit(rng, rng.choice(UNITS))
    expression = Expression()
    for _ in range(rng.choice(_SIZES)):
        expression = expression.added(_any_unit(rng))
    return expression


def natural_request(rng: Random) -> Expression:
    """Return some units that a face can do together as strongly as they are asked for.

    Args:
        rng: Source of randomness.
    """
    expression = Expression()
    for _ in range(rng.choice(_SIZES)):
        for _ in range(20):
            more = expression.added(_any_unit(rng))
            if len(more) > len(expression) and resolve(more) == more:
                expression = more
                break
    return expression


def conflicting_request(rng: Random) -> Expression:
    """Return two units that a face cannot do together as strongly as they are asked for, with up to two others.

    Args:
        rng: Source of randomness.
    """
    pair = rng.choice(conflicting_pairs())
    asked = Expression.of({unit: _level(rng) for unit in pair})
    for _ in range(rng.choice((0, 0, 1, 2))):
        asked = asked.added(_any_unit(rng))
    if resolve(asked) == asked:
        asked = asked.added(Expression.of({unit: MAXIMUM for unit in pair}))
    return asked


def varied(expression: Expression, rng: Random) -> Expression:
    """Return an expression stronger or weaker as a whole and unit by unit.

    Args:
        expression: The expression.
        rng: Source of randomness.
    """
    factor = rng.uniform(0.5, 1.6)
    values: dict[ActionUnit, tuple[float, float]] = {}
    for unit, left, right in expression:
        own = factor * rng.uniform(0.85, 1.15)
        values[unit] = (min(MAXIMUM, left * own), min(MAXIMUM, right * own))
    return Expression.of(values)


@cache
def emotions() -> tuple[Expression, ...]:
    """Return the published prototypes and compound emotions, without the neutral face."""
    found = {face for theory in THEORIES for variants in prototypes(theory).values() for face in variants}
    found |= {emotion.expression for emotion in compound_emotions().values()}
    return tuple(sorted((face for face in found if not face.is_neutral), key=Expression.notation))


@cache
def conflicting_pairs() -> tuple[tuple[ActionUnit, ActionUnit], ...]:
    """Return the pairs of units with geometry that no face can do together at full strength."""
    free = [unit for unit in UNITS if unit.sides is not Sides.ONE]
    return tuple(
        pair
        for pair in combinations(free, 2)
        if any(not conflict.possible for conflict in find_conflicts(Expression.of({unit: MAXIMUM for unit in pair})))
    )


def _any_unit(rng: Random) -> Expression:
    return _unit(rng, rng.choices(UNITS, [_WEIGHT[unit] for unit in UNITS])[0])


def _unit(rng: Random, unit: ActionUnit) -> Expression:
    value = _level(rng)
    one_sided = rng.random() < _ONE_SIDED
    if unit.sides is Sides.ONE or (unit.sides is Sides.EACH and one_sided):
        return Expression.of({unit: (value, 0.0) if rng.random() < 0.5 else (0.0, value)})
    return Expression.of({unit: value})


def _level(rng: Random) -> float:
    return float(rng.randint(1, 5)) if rng.random() < 0.5 else round(rng.uniform(0.5, MAXIMUM), 2)
