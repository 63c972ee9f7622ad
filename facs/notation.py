"""FACS notation as coders write it, in and out: `1+2C+L12D+26`.

Grammar (letters in any case)::

    notation  = "neutral" | "0" | term { separator term }
    separator = "+" | "," | ";" | white space          (spaces may surround the other three)
    term      = ["AU"] [side] number [intensity]       (the side may also stand before "AU")
    side      = "L" | "R"                              (the subject's own left and right)
    intensity = letter | letter "-" letter | "(" value ")" | "=" value | ":" value
    value     = letter | letter "-" letter | decimal number from 0 to 5
    letter    = "A" .. "E"

Decisions where coders differ: a unit without an intensity is present at its default intensity (C; E for closed eyes,
43, 45 and 46). A range (`1C-D`) is read as its middle (3.5). Intensity 0 says that the unit is absent. A unit may be
given once, or once for each side. Upper- and lower-lip codes (T, B) and "one side, not said which" (U) are refused,
because an `Expression` cannot hold them and leaving them out would change the meaning.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from .action_unit import NOT_UNITS, ActionUnit, Sides
from .border import checked_text
from .intensity import LETTERS, checked_intensity, format_number

MAX_NOTATION_LENGTH = 4096
"""Longest accepted text, in characters; every unit on both sides with four decimals needs under 1,500."""

Values = dict[ActionUnit, tuple[float, float]]
"""Unit -> (left, right) intensity."""

_SEPARATOR = re.compile(r"\s*[+,;]\s*|\s+")
_TERM = re.compile(r"(?:AU\s*)?([A-Z]?)(?:AU\s*)?([0-9]+)", re.IGNORECASE)
_INTENSITY = re.compile(
    r"\s*[=:]\s*([^\s,;+]*)|\(([^)]*)\)|([A-Z](?:\s*[-\u2013]\s*[A-Z])?)(?![A-Z0-9])", re.IGNORECASE
)
_RANGE = re.compile(r"([A-E])(?:\s*[-\u2013]\s*([A-E]))?", re.IGNORECASE)
_NUMBER = re.compile(r"[0-9]{1,3}(?:\.[0-9]{0,12})?|\.[0-9]{1,12}")


class NotationError(ValueError):
    """Text that is not FACS notation.

    Attributes:
        position: Index of the offending character in the text, from 0.
    """

    def __init__(self, reason: str, position: int) -> None:
        super().__init__(f"FACS notation, character {position + 1}: {reason}")
        self.position = position


def parse_notation(text: str) -> Values:
    """Return the units of a text in FACS notation; the neutral face is empty.

    Args:
        text: FACS notation, at most `MAX_NOTATION_LENGTH` characters.

    Raises:
        NotationError: The text is not FACS notation; says where and what is accepted.
    """
    try:
        checked_text(text, "notation", MAX_NOTATION_LENGTH)
    except ValueError as error:
        raise NotationError(str(error), 0) from None
    end = len(text.rstrip())
    position = len(text) - len(text.lstrip())
    if text[position:end].lower() in ("neutral", "0", "au0"):
        return {}

    values: Values = {}
    given: set[tuple[ActionUnit, str]] = set()
    while True:
        unit, side, value, after = _term(text, position)
        for one in ("L", "R") if side == "" else (side,):
            if (unit, one) in given:
                raise NotationError(f"{unit.name} is given twice for the same side; give it once", position)
            given.add((unit, one))
        left, right = values.get(unit, (0.0, 0.0))
        values[unit] = (value if side != "R" else left, value if side != "L" else right)
        if after >= end:
            return values
        separator = _SEPARATOR.match(text, after)
        if separator is None:
            raise NotationError(f"{_quote(text[after:])} cannot follow {text[position:after]!r}; {_ACCEPTED}", after)
        position = separator.end()
        if position >= end:
            raise NotationError(f"a unit is missing after {separator.group().strip()!r}", end - 1)


def write_notation(values: Iterable[tuple[ActionUnit, float, float]]) -> str:
    """Return the canonical notation: every unit with its intensity, in the order given.

    Args:
        values: Unit, left and right intensity (0 to 5).
    """
    terms: list[str] = []
    for unit, left, right in values:
        if left == right and unit.sides is not Sides.ONE:
            terms.append(f"{unit.value}{_write_intensity(left)}")
            continue
        if left:
            terms.append(f"L{unit.value}{_write_intensity(left)}")
        if right:
            terms.append(f"R{unit.value}{_write_intensity(right)}")
    return "+".join(terms) or "neutral"


_ACCEPTED = "accepted are units such as 12, 12D, L12D, 12C-D, 12(D) or AU12=3.5, separated by + or , or spaces"


def _term(text: str, position: int) -> tuple[ActionUnit, str, float, int]:
    """Read one term: its unit, side ("L", "R" or ""), intensity, and where it ends."""
    match = _TERM.match(text, position)
    if match is None:
        raise NotationError(f"{_quote(text[position:])} is not an action unit; {_ACCEPTED}", position)
    unit = _unit(match.group(2), position)
    side = _side(match.group(1).upper(), unit, position)
    intensity = _INTENSITY.match(text, match.end())
    if intensity is None:
        return unit, side, unit.default_intensity, match.end()
    written = next(group for group in intensity.groups() if group is not None)
    try:
        value = _intensity(written.strip(), unit)
    except ValueError as error:
        raise NotationError(str(error), intensity.start()) from None
    return unit, side, value, intensity.end()


def _unit(digits: str, position: int) -> ActionUnit:
    number = int(digits) if len(digits) <= 3 else -1
    if number in NOT_UNITS:
        raise NotationError(NOT_UNITS[number], position)
    if number not in ActionUnit._value2member_map_:
        raise NotationError(f"{_quote(digits)} is not a FACS action unit; `auface units` lists them", position)
    return ActionUnit(number)


def _side(letter: str, unit: ActionUnit, position: int) -> str:
    if letter in ("T", "B", "U"):
        meaning = {"T": "upper lip only", "B": "lower lip only", "U": "one side, not said which"}[letter]
        raise NotationError(
            f"{letter}{unit.value} ({meaning}) cannot be held by an expression; use L, R or none", position
        )
    if letter not in ("", "L", "R"):
        raise NotationError(f"{letter!r} before {unit.value} is not a side; accepted are L and R", position)
    if letter and unit.sides is Sides.TOGETHER:
        raise NotationError(f"{unit.name} ({unit.label}) has no sides; write {unit.value} without {letter}", position)
    if not letter and unit.sides is Sides.ONE:
        raise NotationError(f"{unit.name} ({unit.label}) needs a side; write L{unit.value} or R{unit.value}", position)
    return letter


def _intensity(written: str, unit: ActionUnit) -> float:
    """Return the number for a letter, a range of letters (its middle) or a decimal number."""
    letters = _RANGE.fullmatch(written)
    if letters is not None:
        low = LETTERS.index(letters.group(1).upper()) + 1
        high = LETTERS.index((letters.group(2) or letters.group(1)).upper()) + 1
        if high < low:
            raise ValueError(f"the range {written!r} of {unit.name} falls; write the weaker letter first")
        return (low + high) / 2
    if _NUMBER.fullmatch(written):
        return checked_intensity(float(written), unit.name)
    raise ValueError(
        f"{_quote(written)} is not an intensity of {unit.name}; accepted are A to E, a range such as C-D, "
        "or =number from 0 to 5"
    )


def _write_intensity(value: float) -> str:
    return LETTERS[int(value) - 1] if value == int(value) else f"={format_number(value)}"


def _quote(text: str) -> str:
    words = text.split(None, 1)
    word = words[0] if words else ""
    return repr(word if len(word) <= 20 else word[:20] + "…")
