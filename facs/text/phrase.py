"""Every way to say one thing: a unit (or units seen as one) at given levels on given sides, as a ready phrase.

Phrases are built once per question and kept, so that writing a caption is choosing and joining.
"""

from __future__ import annotations

from functools import cache
from typing import Literal

from auface.facs.action_unit import ActionUnit, Sides

from .blend import BLENDS, Blend
from .clip_length import clip_length
from .degree import ADJECTIVES, DEGREES, EXPLICIT, Scale
from .wording import WORDINGS, Wording

Form = Literal["tag", "clause", "part"]
"""Prompt tag ("raised inner brows"), clause ("the inner brows are raised"), or part of a list after "with"."""

Phrase = tuple[str, int]
"""A text and its length in CLIP tokens."""

Levels = tuple[int, int]
"""Level 0 to 5 on the left and on the right."""

_SIDE_WORDS = ("left", "right")
_PLAIN = 3  # the level that needs no word


@cache
def unit_phrases(units: tuple[int, ...], levels: Levels, form: Form) -> tuple[Phrase, ...]:
    """Return every phrase for units that share their levels; the first is the canonical one.

    Args:
        units: FACS numbers that have a row of their own in `WORDINGS`.
        levels: Level on the left and on the right, not both 0.
        form: Grammatical form.
    """
    rows = [row for row in WORDINGS if row.units == units]
    texts: list[str] = []
    for row in rows:
        if levels[0] == levels[1] and (row.both or row.noun_phrases):
            texts += _same_on_both(row, levels[0], form)
        elif levels[0] and levels[1]:
            texts += _different_sides(row, levels, form)
        else:
            side = 0 if levels[0] else 1
            texts += _one_side(row, levels[side], _SIDE_WORDS[side], form)
    return tuple((text, clip_length(text)) for text in dict.fromkeys(texts))


@cache
def blend_phrases(blend: Blend, levels: tuple[int, ...], side: str, form: Form) -> tuple[Phrase, ...]:
    """Return every phrase for a blend; the first is the canonical one.

    Args:
        blend: Row of `BLENDS`.
        levels: Level of each of its units, 1 to 5.
        side: "left", "right", or "" for both.
        form: Grammatical form.
    """
    noun = blend.one.format(S=side) if side else blend.both
    texts: list[str] = []
    for pattern in blend.patterns:
        filled = _fill_slots(pattern, blend.units, levels)
        if noun:
            plural = not (side or noun in _SINGULAR)
            texts.append(_sentence_form(noun, filled, plural, form))
        else:
            texts.append(_noun_phrase_form(_article(filled), form))
    return tuple((text, clip_length(text)) for text in texts)


@cache
def shows(units: tuple[int, ...]) -> tuple[str, ...]:
    """Return what else can be seen when units act on both sides, for detailed descriptions.

    Args:
        units: FACS numbers that have a row of their own.
    """
    return tuple(text for row in WORDINGS if row.units == units for text in row.shows)


@cache
def joint_units() -> tuple[tuple[int, ...], ...]:
    """Return the groups of units that can be said as one when they are equally strong."""
    return tuple(dict.fromkeys(row.units for row in WORDINGS if len(row.units) > 1))


@cache
def can_be_one_sided(units: tuple[int, ...]) -> bool:
    """Return whether there is a wording for one side.

    Args:
        units: FACS numbers that have a row of their own.
    """
    return any(row.units == units and (row.one or row.one_noun_phrases) for row in WORDINGS)


def is_plural(units: tuple[int, ...], levels: Levels) -> bool:
    """Return whether the noun of the canonical phrase is plural.

    Args:
        units: FACS numbers that have a row of their own.
        levels: Level on the left and on the right.
    """
    row = next(row for row in WORDINGS if row.units == units)
    if levels[0] == levels[1] or all(levels):
        return not row.singular
    return row.one[0].endswith(("eyelids", "lids"))


def needs_side(unit: int) -> bool:
    """Return whether a unit acts on one side at a time, so that both sides are two phrases.

    Args:
        unit: FACS number.
    """
    return ActionUnit(unit).sides is Sides.ONE


_SINGULAR = {noun for row in WORDINGS if row.singular for noun in row.both}


def _same_on_both(row: Wording, level: int, form: Form) -> list[str]:
    texts = [
        text for noun in row.both for text in _predicated(noun, row.does, row.scale, level, not row.singular, form)
    ]
    return texts + _noun_phrases(row.noun_phrases, level, form)


def _one_side(row: Wording, level: int, side: str, form: Form) -> list[str]:
    nouns = [noun.format(S=side) for noun in row.one]
    does = tuple(predicate.format(S=side) for predicate in row.one_does or row.does)
    texts: list[str] = []
    for noun in nouns:
        plural = noun.endswith(("eyelids", "lids"))
        texts += _predicated(noun, does, row.scale, level, plural, form)
    return texts + _noun_phrases(tuple(text.format(S=side) for text in row.one_noun_phrases), level, form)


def _different_sides(row: Wording, levels: Levels, form: Form) -> list[str]:
    words = EXPLICIT[row.scale]
    tail = f", {words[levels[0] - 1]} on the left and {words[levels[1] - 1]} on the right"
    texts: list[str] = []
    for noun in row.both:
        for predicate in row.does:
            texts.append(_sentence_form(noun, predicate.replace("~", ""), not row.singular, form) + tail)
    return texts


def _predicated(
    noun: str, predicates: tuple[str, ...], scale: Scale, level: int, plural: bool, form: Form
) -> list[str]:
    degrees = DEGREES[scale]
    before = degrees.before[level - 1]
    attributes: list[str] = []
    texts: list[str] = []
    for predicate in predicates:
        for word in before + degrees.loose[level - 1]:
            texts.append(_sentence_form(noun, predicate.replace("~", word + " " if word else ""), plural, form))
        for word in degrees.after[level - 1]:
            texts.append(_sentence_form(noun, f"{predicate.replace('~', '')} {word}", plural, form))
        if form != "clause" and predicate.startswith("~") and " " not in predicate:
            article = "a " if form == "part" and not plural else ""
            attributes += [_article(article + f"{word} {predicate[1:]} {noun}".strip()) for word in before]
    return attributes + texts if form == "tag" else texts + attributes


def _noun_phrases(patterns: tuple[str, ...], level: int, form: Form) -> list[str]:
    return [
        _noun_phrase_form(_article(" ".join(pattern.replace("~", word).split())), form)
        for pattern in patterns
        for word in ADJECTIVES[level - 1]
    ]


def _fill_slots(pattern: str, units: tuple[int, ...], levels: tuple[int, ...]) -> str:
    """Put a degree word into each slot; C goes without a word where no other degree could be heard in its place."""
    first = levels[0] if f"{{={units[0]}}}" not in pattern else levels[-1]
    filled = pattern
    for unit, level in zip(units, levels, strict=True):
        word = EXPLICIT[Scale.PULL][level - 1] + " "
        filled = filled.replace(f"{{{unit}}}", "" if level == _PLAIN else word)
        filled = filled.replace(f"{{={unit}}}", "" if level == first else word)
        filled = filled.replace(f"{{a{unit}}}", ADJECTIVES[level - 1][0])
    return " ".join(filled.split())


def _sentence_form(noun: str, predicate: str, plural: bool, form: Form) -> str:
    if form == "clause":
        return f"the {noun} {'are' if plural else 'is'} {predicate}"
    return f"the {noun} {predicate}" if form == "part" else f"{noun} {predicate}"


def _noun_phrase_form(text: str, form: Form) -> str:
    if form == "clause":
        return f"there is {text}"
    return text.removeprefix("an ").removeprefix("a ") if form == "tag" else text


def _article(text: str) -> str:
    if text.startswith("a ") and text[2:3] in "aeiou":
        return f"an {text[2:]}"
    return text


__all__ = [
    "BLENDS",
    "Form",
    "Levels",
    "Phrase",
    "blend_phrases",
    "can_be_one_sided",
    "is_plural",
    "joint_units",
    "needs_side",
    "shows",
    "unit_phrases",
]
