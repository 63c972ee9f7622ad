"""A request in any form that people write it: an `Expression`, FACS notation, or English."""

from __future__ import annotations

import re

from .border import MAX_TEXT_LENGTH, checked_text
from .expression import Expression

_WORD = re.compile(r"(?!AU|neutral)[A-Za-z]{3,}", re.IGNORECASE)


def as_expression(request: Expression | str) -> Expression:
    """Return the expression that is asked for.

    A text with an English word in it is read as English, any other as FACS notation.

    Args:
        request: An expression, FACS notation ("1+2C+L12D"), or English ("a slight smile").

    Raises:
        NotationError: A `ValueError`; the text is notation with a mistake, and says where.
        ValueError: The text is English, but says nothing about a face.
    """
    if isinstance(request, Expression):
        return request
    try:
        english = is_english(request)
    except ValueError:
        english = False  # the parser of notation says what is wrong, and where
    if not english:
        return Expression.parse(request)
    from auface.facs.text import read

    reading = read(request)
    if not reading.spans:
        raise ValueError(f"`request` is {request[:80]!r}, in which nothing about a face was understood.")
    return reading.expression  # pyright: ignore[reportReturnType] - the type checker's link gives it two names


def is_english(text: str) -> bool:
    """Return whether a text is to be read as English rather than as FACS notation.

    Args:
        text: Any text.

    Raises:
        ValueError: It is not a string.
    """
    return _WORD.search(checked_text(text, "request", MAX_TEXT_LENGTH)) is not None
