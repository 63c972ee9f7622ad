"""FACS notation as coders write it, and every mistake with its place."""

import pytest
from hypothesis import given, strategies as st
from strategies import expressions

from auface.facs import Expression, NotationError
from auface.facs.notation import MAX_NOTATION_LENGTH


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("1+2C+5", "1C+2C+5C"),
        ("L12D", "L12D"),
        ("R4B+7", "R4B+7C"),
        ("1C-D", "1=3.5"),
        ("12A\u2013C", "12B"),
        ("l12d , r4b;7", "R4B+7C+L12D"),
        ("1 2  4", "1C+2C+4C"),
        ("AU12=3.5", "12=3.5"),
        ("au 12: d", "12D"),
        ("12(D)", "12D"),
        ("12 (D)", None),
        ("LAU12C", "L12C"),
        ("AUL12C", "L12C"),
        ("L12D+R12A", "L12D+R12A"),
        ("L12C+R12C", "12C"),
        ("12=0+6", "6C"),
        ("43", "43E"),
        ("L46", "L46E"),
        ("neutral", "neutral"),
        ("  Neutral ", "neutral"),
        ("AU0", "neutral"),
        ("26+25B", "25B+26C"),
    ],
)
def test_what_coders_write_is_understood(text: str, canonical: str | None) -> None:
    if canonical is None:
        with pytest.raises(NotationError):
            Expression.parse(text)
    else:
        assert Expression.parse(text).notation() == canonical


@pytest.mark.parametrize(
    ("text", "position", "words"),
    [
        ("", 0, "empty"),
        (" \n", 0, "empty"),
        ("12+12", 3, "twice"),
        ("12+L12", 3, "twice"),
        ("99", 0, "not a FACS action unit"),
        ("1+41", 2, "43B"),
        ("3", 0, "Baby FACS"),
        ("L25", 0, "no sides"),
        ("30", 0, "needs a side"),
        ("T28", 0, "upper lip"),
        ("U12", 0, "not said which"),
        ("X12", 0, "not a side"),
        ("12F", 2, "A to E"),
        ("12=5.1", 2, "0 (absent) to 5"),
        ("12=-1", 2, "not an intensity"),
        ("12=nan", 2, "not an intensity"),
        ("12=inf", 2, "not an intensity"),
        ("12=1e0", 2, "not an intensity"),
        ("12=", 2, "not an intensity"),
        ("12D-B", 2, "falls"),
        ("1++2", 2, "not an action unit"),
        ("1+", 1, "missing after '+'"),
        ("+1", 0, "not an action unit"),
        ("neutral+1", 0, "not an action unit"),
        ("smile", 0, "not an action unit"),
        ("12CD", 2, "cannot follow"),
        ("12 C", 3, "not an action unit"),
        ("\u0661", 0, "not an action unit"),
        ("1" * 4000, 0, "not a FACS action unit"),
    ],
)
def test_mistakes_are_refused_with_their_place(text: str, position: int, words: str) -> None:
    with pytest.raises(NotationError, match=f"character {position + 1}: ") as caught:
        Expression.parse(text)
    assert caught.value.position == position
    assert words in str(caught.value)
    assert len(str(caught.value)) < 300


def test_a_text_of_100_kilobytes_is_refused() -> None:
    with pytest.raises(NotationError, match=f"100000 characters; accepted are {MAX_NOTATION_LENGTH}"):
        Expression.parse("12+" * 33_333 + "1")


@pytest.mark.parametrize("text", [None, 12, b"12", ["12"]])
def test_what_is_no_text_is_refused(text: object) -> None:
    with pytest.raises(ValueError, match="accepted is text"):
        Expression.parse(text)  # type: ignore[arg-type]


@given(expressions(max_units=60))
def test_notation_is_read_back_to_an_equal_expression(expression: Expression) -> None:
    assert Expression.parse(expression.notation()) == expression
    assert len(expression.notation()) < MAX_NOTATION_LENGTH


@given(st.text(alphabet="0123456789ABCDEFLRTUabcdelr+,;=:().- \t", max_size=40) | st.text(max_size=40))
def test_any_text_is_an_expression_or_an_error_with_a_place(text: str) -> None:
    position = 0
    expression = Expression()
    try:
        expression = Expression.parse(text)
    except NotationError as error:
        position = error.position
    assert 0 <= position <= max(len(text) - 1, 0)
    assert Expression.parse(expression.notation()) == expression
