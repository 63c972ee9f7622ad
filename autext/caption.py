"""Captions: the Dynamic AU Text Processor applied to what is known about a picture, and to nothing else.

A caption of a face at rest says only what was looked at: a data set that codes brows and lip corners gives "relaxed
brows and level lip corners", and only where every expressive unit is coded "a neutral expression". Where only presence
is coded, no degree is said ("slightly", "extremely") because presence stands at the default intensity, which the text
processor's canonical words leave without an adverb.
"""

from __future__ import annotations

from collections.abc import Collection
from random import Random
from typing import Literal, get_args

from auface.facs import ActionUnit, Expression, describe, read

from .seed import derived_seed

Style = Literal["tag", "sentence", "detailed", "mixed"]
"""Prompt tags, a sentence, a paragraph, or for each picture one of the three by chance."""

STYLES: tuple[Style, ...] = get_args(Style)
"""All styles of captions."""

EXPRESSIVE_UNITS: tuple[ActionUnit, ...] = tuple(
    map(ActionUnit, (1, 2, 4, 5, 6, 7, 9, 10, 12, 14, 15, 16, 17, 18, 20, 22, 23, 24, 25, 26, 27, 28, 43))
)
"""The units that have to be coded before a face without any of them is called neutral."""

_RESTS = (
    ((1, 2, 4), "relaxed brows"),
    ((9,), "a smooth nose"),
    ((12, 15), "level lip corners"),
    ((25,), "closed lips"),
)
_TRIES = 8  # samples of the text processor before its plainest words are taken


def caption(
    expression: Expression,
    coded: Collection[ActionUnit],
    graded: Collection[ActionUnit],
    seed: int,
    style: Style = "sentence",
) -> str:
    """Return the caption of one picture.

    Args:
        expression: What is known to be there.
        coded: The units whose presence is known.
        graded: Those whose intensity is known too.
        seed: Seed of this picture; the same seed gives the same words.
        style: A name of `STYLES`.

    Raises:
        ValueError: Unknown style.
    """
    if style not in STYLES:
        raise ValueError(f"`style` is {style!r}; accepted are {', '.join(STYLES)}.")
    rng = Random(derived_seed(seed, "caption style"))
    length = rng.choice(("tag", "sentence", "detailed")) if style == "mixed" else style
    if expression.is_neutral:
        if set(EXPRESSIVE_UNITS) <= set(coded):
            return describe(expression, length=length, seed=seed)
        return _at_rest(coded, length)
    known = set(coded)
    if set(expression.units) <= set(graded):
        for draw in range(_TRIES):
            text = describe(expression, length=length, seed=derived_seed(seed, "caption", draw))
            if _claims(text) <= known:
                return text
    # Sampled words grade ("clearly", "noticeably"); canonical words at the default intensity do not.
    for kind in (length, "sentence", "tag"):
        text = describe(expression, length=kind)
        if _claims(text) <= known:
            return text
    parts = [describe(Expression((activation,)), length="tag") for activation in expression]
    return "A face with " + ", ".join(parts) + "."


def _claims(text: str) -> set[ActionUnit]:
    return set(read(text).expression.units)


def _at_rest(coded: Collection[ActionUnit], length: str) -> str:
    known = set(coded)
    rests = [words for units, words in _RESTS if all(unit in known for unit in units)]
    if not rests:
        return "portrait of a face" if length == "tag" else "A portrait of a face."
    if length == "tag":
        return ", ".join(rests)
    listed = rests[0] if len(rests) == 1 else f"{', '.join(rests[:-1])} and {rests[-1]}"
    return f"A face with {listed}."
