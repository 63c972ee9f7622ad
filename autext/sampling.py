"""`Sampler`: which face each picture of a synthetic set shows. The seed and the index alone decide.

Every block of 20 pictures has, in an order of its own, 5 single units, 1 neutral face, 3 published prototypes, 3
compound emotions, 5 natural combinations and 3 conflicts (15 %): also a small or unfinished set is balanced. Single
units run through every unit, level and side before any comes again. People come in groups of pictures, and a person is
in one split only; sex, age and skin tone are uniform by `sample_identity`.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import combinations
from random import Random
from typing import Literal, TypeVar

from auface.facs import ActionUnit, Expression, compound_emotions, find_conflicts, prototypes, resolve
from auface.facs.action_unit import Sides
from auface.facs.intensity import MAXIMUM
from auface.facs.prototype import THEORIES

from .record import SPLITS, Split
from .seed import derived_seed

Category = Literal["single", "neutral", "prototype", "compound", "natural", "conflict"]
"""Why a face was chosen."""

BLOCK: tuple[Category, ...] = (
    *("single", "single", "single", "single", "single"),
    "neutral",
    *("prototype", "prototype", "prototype"),
    *("compound", "compound", "compound"),
    *("natural", "natural", "natural", "natural", "natural"),
    *("conflict", "conflict", "conflict"),
)
"""The categories of every 20 pictures."""

PICTURES_PER_PERSON = 10
"""Pictures of one person in a row, unless asked otherwise; two people share a block."""

_TRAIN: Split = "train"
SPLIT_CYCLE: tuple[Split, ...] = (*(_TRAIN for _ in range(18)), "validation", "test")
"""The splits of twenty people in a row: 90 % train, 5 % validation, 5 % test."""

_COMMON_UNITS = (1, 2, 4, 5, 6, 7, 9, 10, 12, 14, 15, 16, 17, 18, 20, 22, 23, 24, 25, 26, 27, 28, 43)
_RARE_UNITS = (11, 13, 19, 21, 29, 30, 34, 38, 39, 46)
SYNTH_UNITS = tuple(map(ActionUnit, sorted((*_COMMON_UNITS, *_RARE_UNITS))))
"""The units that heads show by themselves, unless others are asked for."""

_T = TypeVar("_T")
_NATURAL_SIZES = (2, 2, 2, 3, 3, 3, 4, 4, 5, 6, 7)  # smaller combinations are the commoner ones in life
_COMMON = {1: 3, 2: 3, 4: 3, 6: 3, 7: 2, 12: 4, 25: 4, 26: 3, 17: 2, 10: 2, 5: 2}  # weight in natural combinations
_RARE = 0.3  # the same for rare units; all others weigh 1
_ONE_SIDED = 0.15  # share of units in natural combinations that act on one side


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """What one picture shows.

    Attributes:
        index: Which picture.
        category: Why this face was chosen.
        expression: The expression asked for; in the category "conflict" no face can do all of it.
        identity_seed: Seed of the person.
        view_seed: Seed of the view.
        caption_seed: Seed of the caption.
        subject: Name of the person.
        split: Split; all pictures of a person are in the same.
    """

    index: int
    category: Category
    expression: Expression
    identity_seed: int
    view_seed: int
    caption_seed: int
    subject: str
    split: Split


class Sampler:
    """Draws the faces of one synthetic set."""

    def __init__(
        self,
        seed: int,
        units: Collection[int | ActionUnit] = SYNTH_UNITS,
        per_person: int = PICTURES_PER_PERSON,
    ) -> None:
        """Prepare what is drawn from.

        Args:
            seed: Seed of the set, 0 or more.
            units: The units that the heads can show; prototypes and compounds with others are left out.
            per_person: Pictures of one person in a row, 1 or more.

        Raises:
            ValueError: The seed is negative, there are fewer than two units, or a person has no picture.
        """
        if seed < 0:
            raise ValueError(f"`seed` is {seed}; accepted is a whole number from 0.")
        if per_person < 1:
            raise ValueError(f"`per_person` is {per_person}; accepted is a whole number from 1.")
        self._seed, self._per_person = seed, per_person
        self._units = tuple(sorted({ActionUnit(unit) for unit in units}))
        if len(self._units) < 2:
            raise ValueError(f"`units` has {len(self._units)} units; accepted are two or more.")
        allowed = set(self._units)
        self._singles = _shuffled(_singles(self._units), derived_seed(seed, "singles"))
        self._prototypes = _shuffled(_within(_prototypes(), allowed), derived_seed(seed, "prototypes"))
        self._compounds = _shuffled(_within(_compounds(), allowed), derived_seed(seed, "compounds"))
        self._conflicts = _shuffled(_conflicting(self._units), derived_seed(seed, "conflicts"))

    def __getitem__(self, index: int) -> Sample:
        block, place = divmod(index, len(BLOCK))
        order = _shuffled(tuple(range(len(BLOCK))), derived_seed(self._seed, "block", block))
        slot = order[place]
        category = BLOCK[slot]
        turn = block * BLOCK.count(category) + slot - BLOCK.index(category)
        person = index // self._per_person
        rng = Random(derived_seed(self._seed, "expression", index))
        return Sample(
            index=index,
            category=category,
            expression=self._expression(category, turn, rng),
            identity_seed=derived_seed(self._seed, "identity", person),
            view_seed=derived_seed(self._seed, "view", index),
            caption_seed=derived_seed(self._seed, "caption", index),
            subject=f"P{self._seed}-{person:06d}",
            split=self._split(person),
        )

    def _split(self, person: int) -> Split:
        """Return the split of a person; the first three are one of each, so that also a small set has all splits."""
        if person < len(SPLITS):
            return SPLITS[person]
        cycle, member = divmod(person, len(SPLIT_CYCLE))
        cycle_splits: tuple[Split, ...] = _shuffled(SPLIT_CYCLE, derived_seed(self._seed, "split", cycle))
        return cycle_splits[member]

    def _expression(self, category: Category, turn: int, rng: Random) -> Expression:
        if category == "single":
            return self._singles[turn % len(self._singles)]
        if category == "prototype" and self._prototypes:
            return _varied(self._prototypes[turn % len(self._prototypes)], rng)
        if category == "compound" and self._compounds:
            return _varied(self._compounds[turn % len(self._compounds)], rng)
        if category == "conflict" and self._conflicts:
            return self._conflict(self._conflicts[turn % len(self._conflicts)], rng)
        return Expression() if category == "neutral" else self._natural(rng)

    def _natural(self, rng: Random) -> Expression:
        """Return some units that a face can do together as strongly as they are asked for."""
        expression = Expression()
        for _ in range(rng.choice(_NATURAL_SIZES)):
            for _ in range(20):
                more = expression.added(_random_unit(self._units, rng))
                if len(more) > len(expression) and resolve(more) == more:
                    expression = more
                    break
        return expression

    def _conflict(self, pair: tuple[ActionUnit, ActionUnit], rng: Random) -> Expression:
        """Return two units that fight, with up to two others, so strong that a face cannot do both."""
        left = rng.random() < 0.5
        asked = Expression.of({unit: _on_side(unit, rng.choice((3.0, 4.0, 5.0)), left) for unit in pair})
        for _ in range(rng.choice((0, 0, 1, 2))):
            asked = asked.added(_random_unit(self._units, rng))
        if resolve(asked) == asked:
            asked = asked.added(Expression.of({unit: _on_side(unit, MAXIMUM, left) for unit in pair}))
        return asked


def _singles(units: tuple[ActionUnit, ...]) -> tuple[Expression, ...]:
    """Return every unit at every level on every side."""
    found: list[Expression] = []
    for unit in units:
        for number in range(1, int(MAXIMUM) + 1):
            value = float(number)
            sides = [] if unit.sides is Sides.ONE else [(value, value)]
            sides += [] if unit.sides is Sides.TOGETHER else [(value, 0.0), (0.0, value)]
            found += [Expression.of({unit: side}) for side in sides]
    return tuple(found)


@cache
def _prototypes() -> tuple[Expression, ...]:
    tables = [prototypes(theory) for theory in THEORIES]
    every = {face for table in tables for variants in table.values() for face in variants}
    return tuple(sorted(every, key=Expression.notation))


@cache
def _compounds() -> tuple[Expression, ...]:
    every = {emotion.expression for emotion in compound_emotions().values() if len(emotion.components) != 1}
    return tuple(sorted(every, key=Expression.notation))


def _within(expressions: tuple[Expression, ...], units: set[ActionUnit]) -> tuple[Expression, ...]:
    return tuple(face for face in expressions if not face.is_neutral and units.issuperset(face.units))


def _conflicting(units: tuple[ActionUnit, ...]) -> tuple[tuple[ActionUnit, ActionUnit], ...]:
    """Return the pairs that no face can do together at full strength."""
    found: list[tuple[ActionUnit, ActionUnit]] = []
    for pair in combinations(units, 2):
        conflicts = find_conflicts(Expression.of({unit: _on_side(unit, MAXIMUM, True) for unit in pair}))
        if any(not conflict.possible for conflict in conflicts):
            found.append(pair)
    return tuple(found)


def _varied(expression: Expression, rng: Random) -> Expression:
    """Return an expression stronger or weaker as a whole and unit by unit, in quarters of a level."""
    factor = rng.uniform(0.5, 1.6)
    values: dict[ActionUnit, tuple[float, float]] = {}
    for unit, left, right in expression:
        own = factor * rng.uniform(0.85, 1.15)
        values[unit] = (_quartered(left * own), _quartered(right * own))
    return Expression.of(values)


def _random_unit(units: tuple[ActionUnit, ...], rng: Random) -> Expression:
    weights = [_RARE if unit in _RARE_UNITS else _COMMON.get(unit, 1) for unit in units]
    unit = rng.choices(units, weights)[0]
    value = _quartered(rng.uniform(1, MAXIMUM))
    left = rng.random() < 0.5
    if unit.sides is Sides.EACH and rng.random() < _ONE_SIDED:
        return Expression.of({unit: (value, 0.0) if left else (0.0, value)})
    return Expression.of({unit: _on_side(unit, value, left)})


def _on_side(unit: ActionUnit, value: float, left: bool) -> tuple[float, float]:
    """Return (left, right) intensities: both sides, or the one side that the unit needs."""
    if unit.sides is not Sides.ONE:
        return (value, value)
    return (value, 0.0) if left else (0.0, value)


def _quartered(value: float) -> float:
    return 0.0 if value <= 0 else min(MAXIMUM, max(0.25, round(4 * value) / 4))


def _shuffled(items: Sequence[_T], seed: int) -> tuple[_T, ...]:
    order = list(items)
    Random(seed).shuffle(order)
    return tuple(order)
