"""Dynamic AU Text Processor: an expression in fluent English, canonical or sampled for training captions.

The processor first asks what a face can do (`resolve`), then says interacting units as what they look like together,
then whatever else moves, region by region from the brows down. Names and idea: arXiv 2603.18588 (abstract); the rules
are definitions of this project.
"""

from __future__ import annotations

from functools import cache
from random import Random
from typing import Literal, TypeVar

from auface.facs.action_unit import ActionUnit, Region
from auface.facs.conflict import Policy, resolve
from auface.facs.expression import Expression
from auface.facs.intensity import level

from .blend import BLENDS, Blend
from .clip_length import MAX_CLIP_TOKENS, clip_length
from .phrase import (
    Form,
    Levels,
    Phrase,
    blend_phrases,
    can_be_one_sided,
    is_plural,
    joint_units,
    needs_side,
    shows,
    unit_phrases,
)

Length = Literal["tag", "sentence", "detailed"]
"""Prompt tags, one sentence, or several sentences that also say what else then shows."""

LENGTHS = ("tag", "sentence", "detailed")

_T = TypeVar("_T")
_Said = tuple[int, tuple[int, ...], tuple[Phrase, ...]]  # region number, units, ways to say it

_REGION = {int(unit): list(Region).index(unit.facts.region) for unit in ActionUnit}
_OPENINGS = (
    "A face with ",
    "Face with ",
    "Portrait of a face with ",
    "An expression with ",
    "A person with ",
    "Close-up of a face with ",
    "The face shows ",
)
_NEUTRAL = {
    "tag": ("neutral expression, relaxed face", "neutral face", "relaxed face, neutral expression", "blank expression"),
    "sentence": (
        "The face is neutral and relaxed.",
        "A face with a neutral expression.",
        "A relaxed, neutral face.",
        "Portrait of a face at rest with a neutral expression.",
    ),
    "detailed": (
        "The face is neutral: every muscle is at rest.",
        "A neutral face at rest. Every muscle is relaxed.",
    ),
}


def describe(
    expression: Expression,
    *,
    length: Length = "sentence",
    seed: int | None = None,
    conflict_policy: Policy = "natural",
) -> str:
    """Return an English description of an expression, which `read` reads back.

    Without a seed the description is canonical: one text for one expression. With a seed it is sampled: synonyms,
    order, grouping, and which interactions are said as one. Both say the same units, sides and levels (A to E).

    A `tag` or `sentence` has at most 75 CLIP tokens. An expression with so many units that even the shortest wording
    is longer loses its weakest units there, never in `detailed`.

    Args:
        expression: The expression; its head and eye positions are described too.
        length: `tag` (prompt tags), `sentence`, or `detailed` (several sentences, no limit).
        seed: Any integer for a sampled text, None for the canonical one.
        conflict_policy: What to do with units that a face cannot combine: `natural` describes what a face can do (and
            the canonical sentence says what cannot show), `strict` refuses, `keep` describes them as asked.

    Raises:
        ValueError: Unknown length or policy; policy `strict` and a conflict.
    """
    if length not in LENGTHS:
        raise ValueError(f"`length` is {length!r}; accepted are 'tag', 'sentence' and 'detailed'.")
    possible = resolve(expression, conflict_policy)
    if possible.is_neutral:
        texts = _NEUTRAL[length]
        text = texts[0] if seed is None else texts[Random(seed).randrange(len(texts))]
        return _with_omissions(text, expression, possible, length) if seed is None else text
    if seed is None:
        return _with_omissions(_canonical(possible, length), expression, possible, length)
    return _sampled(possible, length, Random(seed))


def sample_descriptions(
    expression: Expression,
    count: int,
    *,
    length: Length = "sentence",
    seed: int = 0,
    conflict_policy: Policy = "natural",
) -> list[str]:
    """Return different descriptions of one expression, for training captions.

    Args:
        expression: The expression.
        count: How many, at least 1.
        length: As for `describe`.
        seed: Any integer; the same seed gives the same texts.
        conflict_policy: As for `describe`.

    Raises:
        ValueError: There are fewer than `count` different descriptions (a single unit, or the neutral face), or an
            argument is wrong.
    """
    if count < 1:
        raise ValueError(f"`count` is {count!r}; accepted is a whole number from 1.")
    texts: dict[str, None] = {}
    for draw in range(20 * count + 200):
        texts[describe(expression, length=length, seed=seed + draw * 0x9E3779B1, conflict_policy=conflict_policy)] = (
            None
        )
        if len(texts) == count:
            return list(texts)
    raise ValueError(f"`count` is {count}, but only {len(texts)} different descriptions of {expression} were found.")


# Canonical


def _canonical(expression: Expression, length: Length) -> str:
    levels = _levels(expression)
    form: Form = "tag" if length == "tag" else "clause"
    said = _pieces(levels, form, None)
    if length == "tag":
        return _fitted([phrases[0] for _, _, phrases in said], said, expression)
    if length == "detailed":
        return _paragraph(said, None)
    text = _sentence([phrases[0][0] for _, _, phrases in said])
    if clip_length(text) <= MAX_CLIP_TOKENS:
        return text
    said = _pieces(levels, "tag", None)
    return f"A face with {_fitted([phrases[0] for _, _, phrases in said], said, expression, room=4)}."


def _sentence(clauses: list[str]) -> str:
    joined = clauses[0] if len(clauses) == 1 else f"{', '.join(clauses[:-1])}, and {clauses[-1]}"
    return f"{joined[0].upper()}{joined[1:]}."


def _paragraph(said: list[_Said], rng: Random | None) -> str:
    """One sentence for each region, with what else shows."""
    sentences: list[str] = []
    region = -1
    for number, units, phrases in said:
        clause = _chosen(phrases, rng)[0]
        also = shows(units) if len(units) == 1 or units in joint_units() else ()
        if also and (rng is None or rng.random() < 0.6):
            clause += f", with {_chosen(also, rng)}"
        if number == region and (rng is None or rng.random() < 0.7):
            sentences[-1] += f"; {clause}"
        else:
            sentences.append(clause)
        region = number
    return " ".join(f"{sentence[0].upper()}{sentence[1:]}." for sentence in sentences)


def _with_omissions(text: str, asked: Expression, possible: Expression, length: Length) -> str:
    """Add what was asked and cannot show, where a whole unit had to go."""
    if length == "tag":
        return text
    for unit, left, right in asked.activations:
        if unit in possible:
            continue
        levels = _both_levels(left, right)
        if needs_side(unit) and all(levels):
            levels = (levels[0], 0)
        thing = unit_phrases((int(unit),), levels, "tag")[0][0]
        article = "" if is_plural((int(unit),), levels) else "an " if thing[0] in "aeiou" else "a "
        thing = article + thing
        more = f"{text} {thing[0].upper()}{thing[1:]} cannot show at the same time."
        if length == "sentence" and clip_length(more) > MAX_CLIP_TOKENS:
            return text
        text = more
    return text


# Sampled


def _sampled(expression: Expression, length: Length, rng: Random) -> str:
    levels = _levels(expression)
    if length == "tag":
        said = _pieces(levels, "tag", rng)
        return _fitted([_chosen(phrases, rng) for _, _, phrases in said], said, expression)
    if length == "detailed":
        return _paragraph(_pieces(levels, "clause", rng), rng)
    listed = rng.random() < 0.5
    said = _pieces(levels, "part" if listed else "clause", rng)
    chosen = [_chosen(phrases, rng) for _, _, phrases in said]
    # Commas, "and" and the opening cost at most two tokens a phrase and six more.
    if sum(tokens for _, tokens in chosen) + 2 * len(chosen) + 6 > MAX_CLIP_TOKENS:
        said = _pieces(levels, "tag", rng)
        return f"A face with {_fitted([_chosen(phrases, rng) for _, _, phrases in said], said, expression, room=4)}."
    texts = [text for text, _ in chosen]
    if listed:
        joined = texts[0] if len(texts) == 1 else f"{', '.join(texts[:-1])} and {texts[-1]}"
        return f"{_chosen(_OPENINGS, rng)}{joined}."
    if len(texts) > 2 and rng.random() < 0.3:
        cut = 1 + int(rng.random() * (len(texts) - 1))
        return f"{_sentence(texts[:cut])} {_sentence(texts[cut:])}"
    return _sentence(texts)


# Choosing what to say


def _levels(expression: Expression) -> dict[int, Levels]:
    return {int(unit): _both_levels(left, right) for unit, left, right in expression.activations}


def _both_levels(left: float, right: float) -> Levels:
    return (level(left), level(right))


def _pieces(levels: dict[int, Levels], form: Form, rng: Random | None) -> list[_Said]:
    """Split the units into phrases: blends first, then units seen as one, then single units; by region.

    Without a random source every blend that fits is taken. With one, each is taken with probability 0.7, and regions
    come in any order half of the time.
    """
    left = dict(levels)
    said: list[_Said] = []
    bits = sum(1 << unit for unit in left)
    for group_bits, group, blend in _GROUPS:
        if bits & group_bits == group_bits and (rng is None or rng.random() < 0.7):
            phrases = _group_phrases(group, blend, left, form)
            if phrases:
                said.append((_REGION[group[0]], group, phrases))
                bits -= group_bits
                for unit in group:
                    del left[unit]
    for unit, sides in left.items():
        if sides[0] and sides[1] and needs_side(unit):
            said.append((_REGION[unit], (unit,), unit_phrases((unit,), (sides[0], 0), form)))
            sides = (0, sides[1])
        said.append((_REGION[unit], (unit,), unit_phrases((unit,), sides, form)))
    if rng is None or rng.random() < 0.5:
        said.sort(key=_by_region)
    else:
        rng.shuffle(said)
    return said


def _by_region(said: _Said) -> tuple[int, tuple[int, ...]]:
    return said[0], said[1]


def _group_phrases(
    group: tuple[int, ...], blend: Blend | None, levels: dict[int, Levels], form: Form
) -> tuple[Phrase, ...]:
    """Return the ways to say a group as one, or none where its units are on different sides or too different."""
    each = [levels[unit] for unit in group]
    if blend is None:
        first = each[0]
        if any(sides != first for sides in each):
            return ()
        if first[0] != first[1] and ((first[0] and first[1]) or not can_be_one_sided(group)):
            return ()
        return unit_phrases(group, first, form)
    if any(sides != each[0] for unit, sides in zip(group, each, strict=True) if not _has_slot(blend, unit)):
        return ()
    if all(left == right for left, right in each):
        return blend_phrases(blend, tuple(left for left, _ in each), "", form)
    if blend.one and all(right == 0 for _, right in each):
        return blend_phrases(blend, tuple(left for left, _ in each), "left", form)
    if blend.one and all(left == 0 for left, _ in each):
        return blend_phrases(blend, tuple(right for _, right in each), "right", form)
    return ()


@cache
def _has_slot(blend: Blend, unit: int) -> bool:
    return any(f"{mark}{unit}}}" in blend.patterns[0] for mark in ("{", "{=", "{a"))


_GROUPS: list[tuple[int, tuple[int, ...], Blend | None]] = [
    (sum(1 << unit for unit in units), units, blend)
    for units, blend in sorted(
        [*((units, None) for units in joint_units()), *((blend.units, blend) for blend in BLENDS)],
        key=lambda group: -len(group[0]),
    )
]
"""Groups of units in the order in which they are tried: large ones first, and units seen as one before blends."""


def _chosen(options: tuple[_T, ...], rng: Random | None) -> _T:
    return options[0] if rng is None else options[int(rng.random() * len(options))]


def _fitted(phrases: list[Phrase], said: list[_Said], expression: Expression, room: int = 0) -> str:
    """Join tags; if they are too long take the shortest wordings, and then leave the weakest out."""
    limit = MAX_CLIP_TOKENS - room
    if sum(tokens for _, tokens in phrases) + len(phrases) - 1 > limit:
        shortest = [min(options, key=lambda phrase: phrase[1]) for _, _, options in said]
        strength = [max(expression.intensity(unit) for unit in units) for _, units, _ in said]
        keep = sorted(range(len(said)), key=lambda index: -strength[index])
        while sum(shortest[index][1] for index in keep) + len(keep) - 1 > limit:
            keep.pop()
        phrases = [shortest[index] for index in sorted(keep)]
    return ", ".join(text for text, _ in phrases)
