"""Descriptions: what they say, how long they are, how many there are."""

import pytest
from hypothesis import given, settings, strategies as st
from strategies import expressions

from auface.facs import ConflictError, Expression, compound_emotions, describe, resolve, sample_descriptions
from auface.facs.text.clip_length import MAX_CLIP_TOKENS, clip_length
from auface.facs.text.writer import Length


@pytest.mark.parametrize(
    ("notation", "sentence"),
    [
        ("neutral", "The face is neutral and relaxed."),
        ("1+4", "The brows are pinched up in the middle."),
        ("1B+4D", "The inner brows are slightly pulled up and strongly pinched together into an oblique line."),
        ("1+2+4", "The brows are raised and drawn together."),
        ("6D+12D", "There is a strong smile that reaches the eyes."),
        ("12+15", "There is a smile held down at the corners."),
        ("12B+15D", "There is a slight smile held strongly down at the corners."),
        ("24+26", "The lips are pressed together. A dropped jaw cannot show at the same time."),
        ("L12D", "The left lip corner is pulled strongly up and back."),
        ("L1B+R1D", "The inner brows are raised, slightly on the left and strongly on the right."),
        ("43C", "The eyes are half closed."),
        ("43", "The eyes are closed."),
        ("L30+51D", "The jaw is pushed to the left, and the head is turned far to the left."),
        ("R46", "The right eye is closed in a wink."),
        ("4+5+7", "There is a glare."),
    ],
)
def test_the_canonical_sentence_says_what_the_face_looks_like(notation: str, sentence: str) -> None:
    assert describe(Expression.parse(notation)) == sentence
    assert Expression.parse(notation).describe() == sentence


def test_tags_are_prompt_tags_and_details_say_what_else_shows() -> None:
    expression = Expression.parse("1+2+26B")
    assert describe(expression, length="tag") == "raised brows, slightly dropped jaw"
    assert describe(expression, length="detailed") == (
        "The brows are raised, with level creases across the forehead. The jaw is slightly dropped."
    )


@given(expressions(), st.sampled_from(["tag", "sentence", "detailed"]), st.integers() | st.none())
def test_the_same_request_gives_the_same_text(expression: Expression, length: Length, seed: int | None) -> None:
    assert describe(expression, length=length, seed=seed) == describe(expression, length=length, seed=seed)


@settings(max_examples=300)
@given(expressions(max_units=20), st.sampled_from(["tag", "sentence"]), st.integers(0, 99) | st.none())
def test_tags_and_sentences_fit_into_clip(expression: Expression, length: Length, seed: int | None) -> None:
    text = describe(expression, length=length, seed=seed, conflict_policy="keep")
    assert clip_length(text) <= MAX_CLIP_TOKENS


def test_what_does_not_fit_loses_its_weakest_units_first() -> None:
    strong = "6+9+10+14+17+20+22+38"
    expression = Expression.parse(f"{strong}+5A+R2A+L16A+11A+21A+37A+40A+55A+58A+61A+64A")
    text = describe(expression, length="tag", conflict_policy="keep")
    assert clip_length(text) > MAX_CLIP_TOKENS - 8
    assert "raised cheeks" in text
    assert "barely" not in text or text.count("barely") < 11
    assert "neck" in describe(expression, length="detailed", conflict_policy="keep")


@pytest.mark.parametrize("notation", ["1+4+15", "4+5+7+23", "6+12+25", "L12+L14+7", "9+10+17", "51+61+26"])
@pytest.mark.parametrize("length", ["tag", "sentence", "detailed"])
def test_there_are_at_least_20_texts_for_three_units(notation: str, length: Length) -> None:
    texts = sample_descriptions(Expression.parse(notation), 20, length=length, seed=3)
    assert len(set(texts)) == 20


@settings(max_examples=60)
@given(expressions(max_units=9))
def test_there_are_at_least_20_texts_for_any_three_units(expression: Expression) -> None:
    if len(resolve(expression)) >= 3:
        assert len(set(sample_descriptions(expression, 20))) == 20


def test_too_many_texts_cannot_be_had() -> None:
    with pytest.raises(ValueError, match="`count` is 99, but only 4 different descriptions of neutral"):
        sample_descriptions(Expression(), 99)
    with pytest.raises(ValueError, match="`count` is 0"):
        sample_descriptions(Expression(), 0)


def test_conflicts_are_resolved_refused_or_kept() -> None:
    expression = Expression.parse("24D+26C")
    assert describe(expression, length="tag") == "strongly compressed lips"
    assert describe(expression, length="tag", conflict_policy="keep") == "strongly compressed lips, dropped jaw"
    with pytest.raises(ConflictError):
        describe(expression, conflict_policy="strict")


def test_wrong_arguments_are_refused() -> None:
    with pytest.raises(ValueError, match="`length` is 'long'; accepted are 'tag', 'sentence' and 'detailed'"):
        describe(Expression(), length="long")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="`policy` is 'maybe'"):
        describe(Expression(), conflict_policy="maybe")  # type: ignore[arg-type]


@pytest.mark.parametrize("length", ["tag", "sentence", "detailed"])
def test_no_grammar_marks_are_left_over(length: Length) -> None:
    for emotion in compound_emotions().values():
        for seed in range(20):
            text = describe(emotion.expression, length=length, seed=seed)
            assert not set("~{}_") & set(text)
            assert "  " not in text
            assert length == "tag" or (text[0].isupper() and text.endswith("."))
