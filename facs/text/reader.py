"""Reader: English about a face in, `Expression` out, with what was understood and what was not.

It reads every text that `describe` writes back to the same units, sides and levels. Beyond that it knows common words
for parts, movements, degrees, sides, negations and emotions in any order that English allows, and says honestly what it
did not understand. Left and right are the subject's own, unless the text speaks of the viewer, the picture, the camera
or the screen. "One eyebrow" is taken as the left one, with a note.
"""

from __future__ import annotations

import re

from auface.facs.action_unit import ActionUnit, Sides
from auface.facs.border import MAX_TEXT_LENGTH, checked_text
from auface.facs.expression import Activation, Expression
from auface.facs.prototype import compound, prototype

from .clause import ClauseReader
from .hit import LEFT_ASSUMED, Emotion, Hit
from .lexicon.emotion import COMPOUNDS
from .reading import Reading, Span, Unread
from .scanner import Item, scan

_Levels = dict[int, list[tuple[int, int, str, float]]]  # unit -> (rank, explicit, side, intensity)
_DEFAULT = {int(unit): unit.default_intensity for unit in ActionUnit}
_MIDLINE = frozenset(int(unit) for unit in ActionUnit if unit.sides is Sides.TOGETHER)
_ONE = frozenset(int(unit) for unit in ActionUnit if unit.sides is Sides.ONE)
_GAP = re.compile(r"[\s\-_]*")


def read(text: str) -> Reading:
    """Read an English description of a face.

    Args:
        text: At most `MAX_TEXT_LENGTH` characters. May contain units in notation, marked by AU ("AU12D").

    Returns:
        The expression, the pieces of text that state or deny units, and the pieces that were not understood.

    Raises:
        ValueError: The text is no text, empty, or too long.
    """
    text = checked_text(text, "text", MAX_TEXT_LENGTH)
    clauses = ClauseReader()
    clauses.read(scan(text))
    hits = clauses.hits + _emotion_hits(clauses.emotions)
    spans: list[Span] = []
    for hit in hits:
        activations = _activations(hit)
        spans.append(Span(hit.start, hit.end, text[hit.start : hit.end], activations, hit.negated, hit.note))
    for item in clauses.neutral:
        spans.append(Span(item.start, item.end, text[item.start : item.end], ()))
    if len(spans) > 1:
        spans.sort(key=_by_place)
    return Reading(_merged(hits), tuple(spans), _unread(clauses.unread, text) if clauses.unread else ())


def _by_place(span: Span) -> tuple[int, int]:
    return span.start, span.end


def _intensity(hit: Hit, unit: int, fixed: int) -> tuple[int, float]:
    """Return whether the text says how far, and how far."""
    if fixed:
        if hit.degree and (len(hit.units) == 1 or unit == 7):
            return 1, float(hit.degree)
        return 0, float(fixed)
    if hit.degree and not (unit in (43, 45, 46) and (hit.manner or (hit.degree < 6 and len(hit.units) > 1))):
        return 1, float(hit.degree)
    return 0, _DEFAULT[unit]


def _values(hit: Hit) -> list[tuple[int, int, float, float]]:
    """Return unit, whether the intensity was said, left and right."""
    if hit.said is not None:
        return [(unit, 1, left, right) for unit, (left, right) in hit.said.items()]
    values: list[tuple[int, int, float, float]] = []
    for unit, fixed in hit.units:
        explicit, value = _intensity(hit, unit, fixed)
        left = right = value
        if hit.sides and unit not in _MIDLINE:
            left, right = float(hit.sides.get("L", 0)), float(hit.sides.get("R", 0))
            explicit = 1
        elif unit not in _MIDLINE:
            side = hit.side
            if unit in _ONE and not side:
                side, hit.note = "L", LEFT_ASSUMED
            if side == "L":
                right = 0.0
            elif side == "R":
                left = 0.0
        values.append((unit, explicit, left, right))
    return values


def _activations(hit: Hit) -> tuple[Activation, ...]:
    return tuple(Activation(ActionUnit(unit), left, right) for unit, _, left, right in _values(hit))


def _merged(hits: list[Hit]) -> Expression:
    """Put all hits together: what is said outright counts more than idioms, these more than emotions.

    Of two statements of equal weight about one unit and side, one that says how far counts more, then the stronger.
    A denial removes what idioms and emotions imply, and never what the text states outright.
    """
    best: dict[int, list[tuple[int, int, float]]] = {}  # unit -> [left, right] of (rank, explicit, value)
    stated = {unit for hit in hits if hit.rank and not hit.negated for unit, _ in hit.units}
    for hit in hits:
        if hit.negated:
            continue
        for unit, explicit, left, right in _values(hit):
            if hit.rank == 0 and unit in stated:
                continue  # what shows beside a movement says nothing new
            entry = best.get(unit)
            if entry is None:
                entry = best[unit] = [(-1, 0, 0.0), (-1, 0, 0.0)]
            if left and (hit.rank, explicit, left) > entry[0]:
                entry[0] = (hit.rank, explicit, left)
            if right and (hit.rank, explicit, right) > entry[1]:
                entry[1] = (hit.rank, explicit, right)
    for hit in hits:
        denied = [unit for unit, _ in hit.units] if hit.negated else hit.excludes
        for unit in denied:
            if unit in best:
                best[unit] = [side if side[0] >= 3 else (-1, 0, 0.0) for side in best[unit]]
    return Expression(tuple(Activation(ActionUnit(unit), left[2], right[2]) for unit, (left, right) in best.items()))


def _emotion_hits(emotions: list[Emotion]) -> list[Hit]:
    """Turn emotion words into hits: pairs into compound emotions, and each other one into its prototype."""
    hits: list[Hit] = []
    index = 0
    while index < len(emotions):
        emotion = emotions[index]
        partner = emotions[index + 1] if index + 1 < len(emotions) else None
        if (
            partner is not None
            and not (emotion.only or partner.only or emotion.negated or partner.negated)
            and emotion.sentence == partner.sentence
            and frozenset((emotion.name, partner.name)) in COMPOUNDS
        ):
            units = compound(COMPOUNDS[frozenset((emotion.name, partner.name))])
            hit = _emotion_hit(emotion, units, max(emotion.degree, partner.degree))
            hit.end = max(emotion.end, partner.end)
            index += 2
        else:
            hit = _emotion_hit(emotion, _units_of(emotion.name), emotion.degree)
            index += 1
        hits.append(hit)
    return hits


def _units_of(name: str) -> Expression:
    if name in ("awed", "appalled", "hatred"):
        return compound(name)
    return prototype(name, theory="emfacs" if name == "contempt" else "ekman")


def _emotion_hit(emotion: Emotion, units: Expression, degree: int) -> Hit:
    hit = Hit((), 1, Item({}, emotion.start, emotion.end))
    hit.negated = emotion.negated
    level = float(degree % 10)
    hit.said = {
        int(unit): ((level if left else 0.0, level if right else 0.0) if degree else (left, right))
        for unit, left, right in units
        if not emotion.only or unit in emotion.only
    }
    hit.units = tuple((unit, 0) for unit in hit.said)
    return hit


def _unread(items: list[Item], text: str) -> tuple[Unread, ...]:
    """Join neighboring words that were not understood."""
    joined: list[tuple[int, int]] = []
    for _, start, end in sorted(items, key=lambda item: item.start):
        if joined and start >= joined[-1][1] and _GAP.fullmatch(text, joined[-1][1], start):
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return tuple(Unread(start, end, text[start:end]) for start, end in joined)
