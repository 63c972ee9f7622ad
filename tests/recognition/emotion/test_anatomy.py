"""Emotions from units: prototypes are recognized, doubt stays doubt, and the formula is the documented one."""

import math

import pytest
from made_reading import reading_of

from auface.facs import ActionUnit, Expression
from auface.facs.prototype import BASIC_EMOTIONS, compound, compound_emotions, prototype
from auface.facs.prototype_table import C_EXPR_DB
from auface.recognition.agreement import macro_f1
from auface.recognition.emotion.anatomy import basic_opinion, compound_opinion, compound_opinion_of
from auface.recognition.emotion.opinion import BASIC, COMPOUND, Opinion, components, spread_over_compounds
from auface.recognition.result import UnitReading, Unjudged


@pytest.mark.parametrize("emotion", BASIC_EMOTIONS)
def test_each_basic_prototype_is_its_own_emotion(emotion: str) -> None:
    shown = prototype(emotion, "emfacs" if emotion == "contempt" else "ekman", intensity=3.0)
    assert basic_opinion(reading_of(shown)).best == emotion


def test_a_face_at_rest_is_neutral() -> None:
    assert basic_opinion(reading_of("neutral", error=0.3)).answer() == "neutral"
    assert compound_opinion(reading_of("neutral", error=0.3)).best == "neutral"


@pytest.mark.parametrize("emotion", [name for name in COMPOUND if name not in ("appalled", "hatred")])
def test_each_compound_prototype_is_among_the_best_three(emotion: str) -> None:
    found = compound_opinion(reading_of(compound(emotion)))
    assert emotion in sorted(found.probabilities, key=lambda name: -found.probabilities[name])[:3]


def test_seven_classes_survive_noise() -> None:
    truth, answers = [], []
    for name in C_EXPR_DB:
        for seed in range(20):
            reading = reading_of(compound(name), error=0.5, seed=seed)
            answers.append(compound_opinion(reading, C_EXPR_DB).best)
            truth.append(name)
    assert macro_f1(truth, answers, C_EXPR_DB) > 0.95


def test_what_cannot_be_told_apart_gets_no_answer() -> None:
    found = compound_opinion(reading_of(compound("appalled")))  # units 4 and 10, as of hatred and others
    assert found.answer() is None
    assert {"appalled", "hatred"} <= set(sorted(found.probabilities, key=lambda name: -found.probabilities[name])[:4])


def test_the_formula_by_hand() -> None:
    both = ("happy", "angry")
    found = compound_opinion_of({12: 0.9}, both)
    happy, angry = 0.85 * 0.9 + 0.15 * 0.1, 0.1 * 0.9 + 0.9 * 0.1
    assert found.probabilities["happy"] == pytest.approx(happy / (happy + angry))


def test_the_choice_of_classes_only_renormalizes() -> None:
    reading = reading_of("1+4+15+25", error=0.4)
    whole, part = compound_opinion(reading), compound_opinion(reading, C_EXPR_DB)
    for name in C_EXPR_DB:
        assert whole.restricted(C_EXPR_DB).probabilities[name] == pytest.approx(part.probabilities[name], abs=1e-4)


def test_units_that_cannot_be_judged_speak_for_nothing() -> None:
    mouth = tuple(Unjudged(ActionUnit(unit), "both", "covered by a hand") for unit in (12, 15, 20, 25, 26, 27))
    hidden = reading_of("1+2+5+12", unjudged=mouth)
    shown = reading_of("1+2+5+15", unjudged=mouth)
    assert compound_opinion(hidden).probabilities == compound_opinion(shown).probabilities
    nothing = UnitReading({})
    assert set(basic_opinion(nothing).probabilities) == set(BASIC)
    assert compound_opinion(nothing).answer() is None


def test_doubt_flattens() -> None:
    sure = compound_opinion(reading_of("1+2+12+25", error=0.2)).probabilities["happily_surprised"]
    doubtful = compound_opinion(reading_of("1+2+12+25").__class__(_doubtful())).probabilities["happily_surprised"]
    assert doubtful < sure


def _doubtful():
    values = reading_of("1+2+12+25").values
    return {
        unit: type(value)(left=value.left, right=value.right, left_uncertainty=2.5, right_uncertainty=2.5)
        for unit, value in values.items()
    }


def test_one_sided_corners_are_contempt_and_even_ones_are_not() -> None:
    assert basic_opinion(reading_of("R12B+R14B")).best == "contempt"
    assert basic_opinion(reading_of("6C+12C")).best == "happiness"


def test_a_stretched_mouth_is_an_open_one() -> None:
    assert basic_opinion(reading_of("1+2+5+27")).best == "surprise"
    assert compound_opinion(reading_of(Expression.parse("4+27")), C_EXPR_DB).best == "angrily_surprised"


def test_components_join_the_two_emotions_of_a_name() -> None:
    assert components("happily_surprised") == {"happiness": 0.5, "surprise": 0.5}
    assert components("neutral") == {"neutral": 1.0}
    for name in compound_emotions():
        assert sum(components(name).values()) == pytest.approx(1)


def test_a_basic_opinion_spreads_over_compounds() -> None:
    rest = 0.04 / 6
    basic = Opinion("cnn", {name: {"sadness": 0.48, "anger": 0.48}.get(name, rest) for name in BASIC})
    assert spread_over_compounds(basic, C_EXPR_DB).best == "sadly_angry"
    with pytest.raises(ValueError, match="has no fear, surprise"):
        spread_over_compounds(Opinion("cnn", {"sadness": 0.5, "anger": 0.5}), C_EXPR_DB)


def test_margin_and_abstention() -> None:
    close = Opinion("test", {"a": 0.45, "b": 0.4, "c": 0.15})
    assert close.margin == pytest.approx(0.05)
    assert close.answer() is None
    assert close.answer(0, 0) == "a"
    assert close.to_dict()["answer"] is None
    with pytest.raises(ValueError, match="`least` is 2"):
        close.answer(2)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: Opinion("x", {"a": 1.0}),
        lambda: Opinion("x", {"a": 0.5, "b": 0.6}),
        lambda: Opinion("x", {"a": math.nan, "b": 0.5}),
        lambda: Opinion.of_scores("x", ("a", "b"), [0.0]),
        lambda: Opinion("x", {"a": 0.5, "b": 0.5}).restricted(["c"]),
        lambda: compound_opinion_of({}, ("happy", "cheerful")),
    ],
)
def test_wrong_input_is_refused(wrong) -> None:
    with pytest.raises(ValueError, match="accepted are"):
        wrong()
