"""What the reader finds before everything is put together: movements, idioms and emotions, with degree and side."""

from __future__ import annotations

from functools import cache

from .lexicon.meaning import MEANINGS, PARENTS
from .scanner import Item

Unit = tuple[int, int]
"""FACS number and level; level 0 means: by the degree word, or the unit's default."""

LEFT_ASSUMED = "side not said: taken as the left"


class Hit:
    """One movement that was found, before everything is put together."""

    __slots__ = (
        "degree",
        "end",
        "excludes",
        "manner",
        "negated",
        "note",
        "part",
        "rank",
        "said",
        "side",
        "sides",
        "start",
        "units",
    )

    def __init__(self, units: tuple[Unit, ...], rank: int, item: Item) -> None:
        self.units = units
        self.rank = rank  # 3 a movement, 2 an idiom of several units, 1 an emotion, 0 what shows beside a movement
        self.start = item.start
        self.end = item.end
        self.side = ""  # "L", "R" or "" for both
        self.sides: dict[str, int] = {}  # "slightly on the left and strongly on the right"
        self.degree = 0
        self.manner = False
        self.negated = False
        self.note = ""
        self.part = ""
        self.excludes: tuple[int, ...] = ()
        self.said: dict[int, tuple[float, float]] | None = None  # exact values, from notation

    def cover(self, item: Item) -> None:
        """Extend the text of this hit over another item."""
        if item.start < self.start:
            self.start = item.start
        if item.end > self.end:
            self.end = item.end


class Emotion:
    """One emotion word that was found."""

    __slots__ = ("degree", "end", "name", "negated", "only", "sentence", "start")

    def __init__(self, name: str, item: Item, sentence: int, negated: bool) -> None:
        self.name = name
        self.start = item.start
        self.end = item.end
        self.sentence = sentence
        self.negated = negated
        self.degree = 0
        self.only: tuple[int, ...] = ()


@cache
def meaning(part: str, movements: tuple[str, ...]) -> tuple[Unit, ...]:
    """Return the units of a part's movement, or () if it has none in FACS.

    Args:
        part: Name of the part.
        movements: Names that the word may have, best first.
    """
    while part:
        known = MEANINGS.get(part, {})
        for movement in movements:
            if movement in known:
                return tuple(unit if isinstance(unit, tuple) else (unit, 0) for unit in known[movement])
        part = PARENTS.get(part, "")
    return ()


@cache
def can_move(part: str) -> frozenset[int]:
    """Return the units that movements of a part mean.

    Args:
        part: Name of the part.
    """
    units: set[int] = set()
    for known in MEANINGS.get(part, {}).values():
        units.update(unit[0] if isinstance(unit, tuple) else unit for unit in known)
    if part in ("eye", "lid"):
        units.update((6, 46))
    return frozenset(units)
