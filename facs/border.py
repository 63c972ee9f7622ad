"""Checks of what comes in from outside, with one clear error."""

from __future__ import annotations

MAX_TEXT_LENGTH = 10_000
"""Longest English text that is read, in characters."""


def checked_text(value: object, name: str, limit: int) -> str:
    """Return `value` if it is a text of reasonable length.

    Args:
        value: What was given.
        name: Name of the argument, for the error text.
        limit: Longest accepted length, in characters.

    Raises:
        ValueError: It is not a string, longer than `limit`, or blank.
    """
    if not isinstance(value, str):
        raise ValueError(f"`{name}` is {type(value).__name__}; accepted is text.")
    if len(value) > limit:
        raise ValueError(f"`{name}` has {len(value)} characters; accepted are {limit}.")
    if not value.strip():
        raise ValueError(f"`{name}` is empty; write 'neutral' for the neutral face.")
    return value
