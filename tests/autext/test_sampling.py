"""The sampler: determined by seed and index, balanced, and with people in one split only."""

from collections import Counter

import pytest

from auface.autext.sampling import BLOCK, SYNTH_UNITS, Sampler
from auface.facs import ActionUnit, compound_emotions, prototypes, resolve
from auface.facs.action_unit import Sides

SAMPLER = Sampler(0)
MANY = [SAMPLER[index] for index in range(2000)]


def test_seed_and_index_alone_decide() -> None:
    other = Sampler(0)
    assert [other[index] for index in (1999, 3, 700)] == [MANY[1999], MANY[3], MANY[700]]
    assert Sampler(1)[3] != MANY[3]


def test_every_block_has_the_same_mixture() -> None:
    for start in range(0, 200, len(BLOCK)):
        assert Counter(sample.category for sample in MANY[start : start + len(BLOCK)]) == Counter(BLOCK)
    assert BLOCK.count("conflict") / len(BLOCK) == 0.15


def test_conflicts_are_conflicts_and_naturals_are_none() -> None:
    for sample in MANY:
        if sample.category == "conflict":
            assert resolve(sample.expression) != sample.expression, sample
        if sample.category in ("single", "neutral", "natural"):
            assert resolve(sample.expression) == sample.expression, sample
        if sample.category == "natural":
            assert 2 <= len(sample.expression) <= 7


def test_singles_run_through_every_unit_level_and_side() -> None:
    singles = {sample.expression for sample in MANY if sample.category == "single"}
    expected = sum(5 * {Sides.TOGETHER: 1, Sides.ONE: 2, Sides.EACH: 3}[unit.sides] for unit in SYNTH_UNITS)
    assert len(singles) == expected
    assert all(len(expression) == 1 for expression in singles)


def test_prototypes_and_compounds_are_the_published_ones() -> None:
    published = {face.units for variants in prototypes().values() for face in variants}
    assert published & {sample.expression.units for sample in MANY if sample.category == "prototype"}
    compounds = {emotion.expression.units for emotion in compound_emotions().values()}
    assert {sample.expression.units for sample in MANY if sample.category == "compound"} <= compounds


def test_a_person_is_in_one_split_and_all_splits_are_there() -> None:
    splits: dict[str, set[str]] = {}
    seeds: dict[int, set[str]] = {}
    for sample in MANY:
        splits.setdefault(sample.subject, set()).add(sample.split)
        seeds.setdefault(sample.identity_seed, set()).add(sample.split)
    assert all(len(found) == 1 for found in [*splits.values(), *seeds.values()])
    shares = Counter(sample.split for sample in MANY)
    assert 0.85 < shares["train"] / len(MANY) < 0.95
    assert {sample.split for sample in MANY[:30]} == {"train", "validation", "test"}


def test_the_same_faces_can_be_shown_by_more_people() -> None:
    sampler = Sampler(0, per_person=2)
    many = [sampler[index] for index in range(2000)]
    assert len({sample.identity_seed for sample in many}) == len({sample.subject for sample in many}) == 1000
    assert [sample.expression for sample in many] == [sample.expression for sample in MANY]
    assert 0.85 < sum(sample.split == "train" for sample in many) / len(many) < 0.95


def test_only_units_that_are_asked_for_are_used() -> None:
    units = {ActionUnit(number) for number in (1, 4, 12, 15)}
    sampler = Sampler(0, units)
    assert {unit for index in range(200) for unit in sampler[index].expression.units} == units


def test_bad_input_is_refused() -> None:
    with pytest.raises(ValueError, match="two or more"):
        Sampler(0, (12,))
    with pytest.raises(ValueError, match="-1"):
        Sampler(-1)
    with pytest.raises(ValueError, match="`per_person` is 0"):
        Sampler(0, per_person=0)


def test_units_that_need_a_side_get_one() -> None:
    sampler = Sampler(0, (12, 30, 46))
    for index in range(200):
        for unit, left, right in sampler[index].expression:
            assert unit not in (30, 46) or (left > 0) != (right > 0)
