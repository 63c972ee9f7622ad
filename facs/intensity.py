"""FACS intensity: numbers from 0 (absent) to 5 (maximum), written A to E by coders.

The letters are FACS's own scale (A trace, B slight, C marked, D severe, E maximum). AUFace stores numbers, so that
sliders, data sets and blends may lie between two letters, and calls the nearest letter the *level* of a number.
"""

from __future__ import annotations

import math

LETTERS = "ABCDE"
"""The five letters; the position in this string plus one is the number."""

LEVEL_WORDS = {"A": "trace", "B": "slight", "C": "marked", "D": "severe", "E": "maximum"}
"""What FACS calls each letter."""

MAXIMUM = 5.0
"""The number of letter E."""

DECIMALS = 4
"""Intensities are kept to this many decimals, so that text, JSON and arithmetic agree on equality."""


def checked_intensity(value: object, what: str) -> float:
    """Return `value` as an intensity, rounded to `DECIMALS`.

    Args:
        value: A real number, 0 to 5.
        what: Whose intensity it is, for the error text, for example "AU12".

    Raises:
        ValueError: `value` is not a finite number from 0 to 5.
    """
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        try:  # numpy scalars and the like; never text or truth values, whose meaning would be a guess
            number = float(value.__float__()) if not isinstance(value, (bool, str)) else math.nan  # type: ignore[attr-defined]
        except AttributeError:
            number = math.nan
    else:
        number = float(value)
    if not 0.0 <= number <= MAXIMUM:  # also false for NaN
        hint = " Divide a 0-100 scale by 20." if MAXIMUM < number <= 100 else ""
        raise ValueError(
            f"intensity of {what} is {value!r}; accepted is a number from 0 (absent) to 5 (E, maximum).{hint}"
        )
    return round(number, DECIMALS) + 0.0  # + 0.0 turns -0.0 into 0.0


def letter(value: float) -> str:
    """Return the letter nearest to an intensity: "" for 0, "A" for anything present up to 1.5, ..., "E" from 4.5.

    Args:
        value: Intensity, 0 to 5.
    """
    return LETTERS[level(value) - 1] if value > 0 else ""


def level(value: float) -> int:
    """Return the whole number nearest to an intensity; a present one is at least 1 (a half rounds up).

    Args:
        value: Intensity, 0 to 5.
    """
    return 0 if value <= 0 else max(1, int(value + 0.5))


def format_number(value: float) -> str:
    """Return an intensity with no more decimals than it needs, for example "3.5".

    Args:
        value: Intensity, 0 to 5.
    """
    return f"{value:.{DECIMALS}f}".rstrip("0").rstrip(".")
