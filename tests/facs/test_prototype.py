"""Prototypes say what was published, can be held by a face, and keep their sources."""

from collections.abc import Callable

import pytest
from hypothesis import given, strategies as st

from auface.facs.action_unit import ActionUnit
from auface.facs.conflict import find_conflicts
from auface.facs.expression import NEUTRAL, Expression
from auface.facs.prototype import (
    BASIC_EMOTIONS,
    THEORIES,
    Theory,
    basic_emotion,
    compound,
    compound_emotions,
    compound_name,
    prototype,
    prototypes,
    theory_source,
)
from auface.facs.prototype_table import C_EXPR_DB, PROTOTYPES, RAF_CE, RAF_DB_COMPOUND

DEFAULTS = {
    "happiness": "6+12",
    "sadness": "1+4+15+17",
    "surprise": "1+2+5+26",
    "fear": "1+2+4+5+20+25",
    "anger": "4+5+7+23",
    "disgust": "9+17",
}

IMPOSSIBLE = {
    ("jack_schyns", "happiness", 12, 13): "units that follow each other in time",
    ("jack_schyns", "surprise", 27, 26): "units that follow each other in time",
}

every_variant = pytest.mark.parametrize(
    ("theory", "emotion", "variant"),
    [
        (theory, emotion, variant)
        for theory in THEORIES
        for emotion, variants in prototypes(theory).items()
        for variant in range(len(variants))
    ],
)


def test_the_default_table() -> None:
    assert {emotion: prototype(emotion) for emotion in DEFAULTS} == {
        emotion: Expression.parse(notation) for emotion, notation in DEFAULTS.items()
    }
    assert list(prototypes()) == list(DEFAULTS)


@every_variant
def test_a_face_can_hold_every_variant(theory: Theory, emotion: str, variant: int) -> None:
    expression = prototype(emotion, theory, variant)
    assert not expression.is_neutral
    impossible = {(int(each.first), int(each.second)) for each in find_conflicts(expression) if not each.possible}
    assert impossible == {(one, two) for name, what, one, two in IMPOSSIBLE if (name, what) == (theory, emotion)}


@every_variant
def test_intensity_changes_neither_units_nor_sides(theory: Theory, emotion: str, variant: int) -> None:
    published, weak = prototype(emotion, theory, variant), prototype(emotion, theory, variant, intensity=1)
    assert weak.units == published.units
    for unit, left, right in published:
        assert (weak.left(unit), weak.right(unit)) == (float(left > 0), float(right > 0))


def test_variants_are_not_repeated() -> None:
    for theory in THEORIES:
        for emotion, variants in prototypes(theory).items():
            assert len(set(variants)) == len(variants), (theory, emotion)


def test_theories_have_the_six_and_only_emfacs_has_contempt() -> None:
    for theory in THEORIES:
        assert list(prototypes(theory)) == list(BASIC_EMOTIONS[: 7 if theory == "emfacs" else 6])


def test_theories_that_share_data_agree() -> None:
    assert set(THEORIES) - set(PROTOTYPES) == {"du2014", "emotionet2016"}
    assert prototype("anger", "du2014") == compound("angry", "du2014") == Expression.parse("4+7+24")
    assert prototype("anger", "emotionet2016") == compound("angry", "emotionet2016") == Expression.parse("4+7+24")


def test_published_intensities_and_sides_are_kept() -> None:
    assert prototype("surprise", "emfacs") == Expression.parse("1+2+5B+26")
    assert prototype("contempt", "emfacs") == Expression.parse("R12A+R14A")
    assert prototype("contempt", "emfacs", intensity=4) == Expression.parse("R12D+R14D")
    assert prototype("sadness", "cordaro2018_ipc") == Expression.of({4: 3, 43: 5})


def test_adjectives_name_emotions_too() -> None:
    assert prototype("Happy") == prototype("joy") == prototype("happiness")
    assert basic_emotion(" contemptuous ") == "contempt"


def test_intensity_0_is_neutral() -> None:
    assert prototype("fear", intensity=0) == NEUTRAL


def test_every_theory_has_a_source() -> None:
    for theory in THEORIES:
        assert theory_source(theory).title
        assert theory_source(theory).where


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("boredom",), "'boredom'.*happiness"),
        (("contempt",), "'ekman'.*no contempt.*emfacs"),
        (("fear", "plutchik"), "'plutchik'.*darwin"),
        (("fear", "darwin", 1), "`variant` is 1.*0 to 0"),
        (("fear", "darwin", -1), "`variant` is -1"),
        (("fear", "darwin", True), "`variant` is True"),
        (("fear", "darwin", 0, 6), "6.*0 .*5"),
    ],
)
def test_wrong_requests_say_what_is_accepted(arguments: tuple[object, ...], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        prototype(*arguments)  # type: ignore[arg-type]


# Compound emotions


def test_the_categories() -> None:
    table = compound_emotions()
    du = [name for name, emotion in table.items() if "du2014" in emotion.sources]
    assert len(du) == 22
    assert len([name for name in du if "_" in name]) == 12
    assert set(table) - set(du) == {"happily_sad", "happily_fearful"}
    assert sum("emotionet2016" in emotion.sources for emotion in table.values()) == 23


@pytest.mark.parametrize("name", list(compound_emotions()))
def test_a_face_can_hold_every_compound(name: str) -> None:
    emotion = compound_emotions()[name]
    for source in emotion.sources:
        assert all(each.possible for each in find_conflicts(compound(name, source)))
    assert emotion.expression == compound(name)
    assert emotion.expression.is_neutral == (name == "neutral")


def test_units_come_from_the_first_source_that_has_them() -> None:
    assert compound("sadly_angry").units == (4, 15)
    assert compound("sadly_angry", "emotionet2016").units == (4, 7, 15)
    assert (
        compound("happily_fearful") == compound("happily_fearful", "emotionet2016") == Expression.parse("1+2+12+25+26")
    )
    assert compound("awed", intensity=2) == Expression.parse("1B+2B+5B+25B")


def test_components_are_the_name() -> None:
    stems = {"happiness": "happ", "sadness": "sad", "fear": "fear", "anger": "ang", "surprise": "surpris"}
    stems["disgust"] = "disgust"
    for name, emotion in compound_emotions().items():
        words = name.split("_")
        if emotion.components:
            assert all(word.startswith(stems[part]) for word, part in zip(words, emotion.components, strict=True))
        else:
            assert name in {"neutral", "appalled", "hatred", "awed"}


def test_what_was_not_checked_is_marked() -> None:
    table = compound_emotions()
    assert [(seen.unit, seen.checked) for seen in table["angry"].prototypical] == [(4, True), (7, False), (24, False)]
    assert [name for name, emotion in table.items() if not emotion.checked] == ["angry", "appalled"]
    assert not any(seen.checked for seen in (*table["appalled"].prototypical, *table["appalled"].seen_in_some))


def test_shares_are_of_units_that_are_not_prototypical() -> None:
    for emotion in compound_emotions().values():
        units = {seen.unit for seen in emotion.prototypical}
        assert all(seen.share is None for seen in emotion.prototypical)
        for seen in emotion.seen_in_some:
            assert isinstance(seen.unit, ActionUnit)
            assert seen.share is not None
            assert 0.2 <= seen.share <= 0.7
            assert seen.unit not in units


def test_class_orders() -> None:
    assert (len(C_EXPR_DB), len(RAF_DB_COMPOUND), len(RAF_CE)) == (7, 11, 14)
    for order in (C_EXPR_DB, RAF_DB_COMPOUND, RAF_CE):
        assert len(set(order)) == len(order)
        assert set(order) <= set(compound_emotions())
    assert set(C_EXPR_DB) < set(RAF_DB_COMPOUND) < set(RAF_CE)
    assert C_EXPR_DB[0] == "fearfully_surprised"
    assert RAF_DB_COMPOUND[8 - 1] == "fearfully_surprised"
    assert RAF_CE[7] == "fearfully_surprised"


@given(
    name=st.sampled_from(list(compound_emotions())),
    gap=st.sampled_from(["_", " ", "-", "  "]),
    change=st.sampled_from([str.lower, str.upper, str.title]),
)
def test_names_are_read_in_any_spelling(name: str, gap: str, change: Callable[[str], str]) -> None:
    assert compound_name(f" {change(name.replace('_', gap))} ") == name


def test_unknown_compounds_say_what_is_accepted() -> None:
    with pytest.raises(ValueError, match=r"'fearfully_happy'.*fearfully_surprised"):
        compound("fearfully_happy")
    with pytest.raises(ValueError, match=r"'du2014'.*happily_sad are emotionet2016"):
        compound("happily_sad", "du2014")
