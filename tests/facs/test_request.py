"""A request in any form gives the same expression."""

import pytest

from auface.facs import Expression, NotationError, as_expression


def test_every_form_of_a_request_gives_the_same_expression() -> None:
    wanted = Expression.parse("1C+2C+12B")
    assert as_expression(wanted) is wanted
    assert as_expression("1+2+12B") == wanted
    assert as_expression("AU1 AU2 AU12B") == wanted
    assert as_expression("raised eyebrows and a slight smile") == wanted
    assert as_expression("neutral") == as_expression("a neutral face") == Expression()


@pytest.mark.parametrize("text", ["99", "12+", "L25", "", " "])
def test_mistakes_in_notation_are_not_read_as_english(text: str) -> None:
    with pytest.raises(NotationError):
        as_expression(text)


def test_english_that_says_nothing_about_a_face_is_refused() -> None:
    with pytest.raises(ValueError, match="'a red banana', in which nothing about a face was understood"):
        as_expression("a red banana")


def test_what_is_no_text_is_refused() -> None:
    with pytest.raises(ValueError, match="accepted is text"):
        as_expression(12)  # type: ignore[arg-type]
