"""From text to items: the longest known phrases of a text, with what each may mean, and where it stands.

The lexicon is compiled once into a tree of words. Articles and possessives are left out before matching, hyphens and
underscores separate words (so that booru tags read like words), and negated verbs ("isn't") become "not".
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import product
from typing import Any, NamedTuple

from auface.facs.action_unit import ActionUnit, Sides
from auface.facs.notation import NotationError, parse_notation

from .degree import READ_DEGREES
from .lexicon import emotion, grammar, idiom, movement, part
from .wording import WORDINGS

Roles = dict[str, Any]
"""What a phrase may be, with its meaning: see `ROLES`."""

ROLES = {
    "P": "part of the face: (part, side)",
    "M": "movement: names of movements",
    "C": "verb that carries a direction",
    "V": "verb of looking",
    "D": "degree: (level, is manner)",
    "S": "side",
    "T": "direction of a turn",
    "N": "negation of what follows",
    "n": "negation of the sentence",
    "I": "idiom",
    "E": "emotion",
    "Q": "what shows beside a movement: FACS numbers",
    "A": "action units in notation",
    "0": "neutral",
    "B": "direction that needs a part or a verb beside it",
    "X": "filler",
    ",": "break",
    "&": "soft break",
    "|": "alternative",
}


class Item(NamedTuple):
    """A known phrase, or an unknown word (no roles), at characters `start` to `end` of the text."""

    roles: Roles
    start: int
    end: int


_TOKEN = re.compile(
    r"(?P<code>\b[LR]?AU ?[0-9]+(?:[A-E]\b)?)|(?P<word>[A-Za-z]+(?:['\u2019][A-Za-z]+)?)|(?P<weight>:[0-9.]+(?=\)))"
    r"|[,;.:()!?|/&+\u2014\u2013]|[^\s\-_\"'\u2019\u2018\u201c\u201d]",
    re.IGNORECASE,
)
_UNKNOWN: Roles = {}
_FILLER: Roles = {"X": True}


def scan(text: str) -> list[Item]:
    """Return the items of a text, in order; articles and possessives are left out.

    Args:
        text: Any text.
    """
    tree, dropped = _lexicon()
    words: list[str] = []
    places: list[tuple[int, int]] = []
    for match in _TOKEN.finditer(text):
        word = match.group().lower()
        if match.lastgroup == "word":
            if not word.isalpha():
                word = _without_apostrophe(word)
        elif match.lastgroup is not None:
            word = "\0" + word
        if word not in dropped:
            words.append(word)
            places.append(match.span())
    items: list[Item] = []
    position, count = 0, len(words)
    while position < count:
        node = tree.get(words[position])
        roles, end = None, position
        ahead = position
        while node is not None:
            found = node.get("")
            if found is not None:
                roles, end = found, ahead
            ahead += 1
            node = node.get(words[ahead]) if ahead < count else None
        if roles is None:
            roles = _uncompiled(words[position])
        items.append(Item(roles, places[position][0], places[end][1]))
        position = end + 1
    return items


def _uncompiled(word: str) -> Roles:
    """What a word outside the lexicon is: an action unit such as AU12D, a prompt weight, or unknown."""
    if word.startswith("\0:"):
        return _FILLER
    if word.startswith("\0"):
        try:
            return {"A": parse_notation(word[1:])}
        except NotationError:
            return _UNKNOWN
    return _UNKNOWN


def _without_apostrophe(word: str) -> str:
    stem, _, ending = word.replace("\u2019", "'").partition("'")
    return "not" if stem.endswith("n") and ending == "t" else stem


@lru_cache(maxsize=1)
def _lexicon() -> tuple[dict[str, Any], frozenset[str]]:
    """Compile the lexicon: a tree of words whose "" leads to roles, and the words to leave out."""
    dropped = frozenset(grammar.DROPPED.split())
    tree: dict[str, Any] = {}

    def add(phrase: str, role: str, meaning: Any) -> None:
        node = tree
        for word in phrase.replace("-", " ").replace("'s", "").split():
            if word not in dropped:
                node = node.setdefault(word, {})
        if node is tree:
            return
        roles = node.setdefault("", {})
        if role == "M":
            roles[role] = (*roles.get(role, ()), meaning) if meaning not in roles.get(role, ()) else roles[role]
        else:
            roles.setdefault(role, meaning)

    for place, names in part.PARTS.items():
        for name in _spelled(names):
            add(name, "P", (place, ""))
    add("eyebrow", "P", ("brow", "single"))
    for place, names in part.SIDED_PARTS.items():
        for name in _spelled(names):
            add(name.replace("{S}", "left"), "P", (place, "L"))
            add(name.replace("{S}", "right"), "P", (place, "R"))
    for move, words in movement.MOVEMENTS.items():
        for word in _spelled(words):
            add(word, "M", move)
    for word in _spelled(grammar.CARRIERS):
        add(word, "C", True)
    for word in _spelled(grammar.LOOKS):
        add(word, "V", True)
    for word, level in READ_DEGREES.items():
        add(word, "D", (level, word))
    for side, words in grammar.SIDES.items():
        for word in _spelled(words):
            add(word, "S", side)
    for viewer, (word, side) in product(grammar.VIEWERS.split(), (("left", "R"), ("right", "L"))):
        for phrase in (f"{viewer} {word}", f"on {viewer} {word}", f"at {viewer} {word}", f"{word} of {viewer}"):
            add(phrase, "S", side)
        for before, after in product(("on", "at"), ("of", "side of", "hand side of")):
            add(f"{before} {word} {after} {viewer}", "S", side)
        for before, after in product(("to", "toward", "towards"), ("of", "side of", "edge of", "hand edge of")):
            add(f"{before} {word} {after} {viewer}", "T", side)
        for before in ("to", "toward", "towards", "off"):
            add(f"{before} {viewer} {word}", "T", side)
    for word in _spelled(grammar.PARTICLES):
        add(word, "B", True)
    for side, words in grammar.DIRECTIONS.items():
        for word in _spelled(words):
            add(word, "T", side)
    for row in idiom.IDIOMS:
        values = {int(unit): sides for unit, sides in parse_notation(row.units).items()}
        fixed = any(letter in row.units for letter in "ABCDE")
        for word in _spelled(row.words):
            add(word, "I", (row, values, fixed))
    for unit in (unit for unit in ActionUnit if unit.label.endswith(("er", "or"))):  # "brow lowerer"
        side = "L" if unit.sides is Sides.ONE else ""
        row = idiom.Idiom(words=unit.label.lower(), units=f"{side}{unit.value}", one_sided=bool(side))
        add(row.words, "I", (row, {int(unit): (5.0, 0.0 if side else 5.0)}, False))
    for word in _spelled(emotion.NEUTRAL_WORDS):
        add(word, "0", True)
    for feeling, words in emotion.EMOTION_WORDS.items():
        for word in _spelled(words):
            add(word, "E", feeling)
    for wording in WORDINGS:
        for text in wording.shows:
            add(text.replace(",", " ,"), "Q", wording.units)
    for word in _spelled(grammar.NEGATORS):
        add(word, "N", True)
    for word in _spelled(grammar.POST_NEGATORS):
        add(word, "n", True)
    for word in _spelled(grammar.FILLERS):
        add(word, "X", True)
    for role, words in ((",", grammar.HARD_BREAKS), ("&", grammar.SOFT_BREAKS), ("|", grammar.ALTERNATIVES)):
        for word in words.split():
            add(word, role, word)
    return tree, dropped


def _spelled(words: str) -> list[str]:
    """Return every spelling of a list of phrases: abbreviations written out, starred words inflected."""
    spellings: list[str] = []
    for phrase in " ".join(words.split()).split(", "):
        choices = [
            part.ABBREVIATIONS.get(word) or (_inflected(word[:-1]) if word.endswith("*") else (word,))
            for word in phrase.split()
        ]
        spellings += [" ".join(choice) for choice in product(*choices)]
    return spellings


def _inflected(verb: str) -> tuple[str, ...]:
    """Return the regular English forms of a verb."""
    if verb.endswith("e"):
        return verb, verb + "s", verb + "d", verb[:-1] + "ing"
    if verb.endswith("y") and verb[-2] not in "aeiou":
        return verb, verb[:-1] + "ies", verb[:-1] + "ied", verb + "ing"
    if verb.endswith(("s", "x", "z", "ch", "sh")):
        return verb, verb + "es", verb + "ed", verb + "ing"
    stem = verb
    if re.fullmatch(r"[^aeiou]+[aeiou][^aeiouwxy]", verb):
        stem = verb + verb[-1]
    return verb, verb + "s", stem + "ed", stem + "ing"
