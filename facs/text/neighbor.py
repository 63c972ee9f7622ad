"""Looking around in a phrase: what follows a word, and which movement a degree word belongs to."""

from __future__ import annotations

from .degree import MANNERS
from .scanner import Item

WIDE = 100
"""The word "wide" as a degree, which makes "open" "wide open"."""


def next_is(items: list[Item], index: int, kinds: str) -> bool:
    """Whether the next item that matters is of one of these kinds."""
    for item in items[index + 1 :]:
        if any(kind in item.roles for kind in kinds):
            return True
        if not {"C", "X", "D"} & item.roles.keys():
            return False
    return False


def leads_to_part(items: list[Item], index: int) -> bool:
    """Whether a part follows, with at most verbs, degrees, sides and movements between."""
    for item in items[index + 1 :]:
        if "P" in item.roles:
            return True
        if not {"C", "X", "D", "M", "S", "E"} & item.roles.keys() or "I" in item.roles:
            return False
    return False


def leads_to_unknown(items: list[Item], index: int) -> bool:
    """Whether the next item is a word that the reader does not know."""
    return index + 1 < len(items) and not items[index + 1].roles


def leads_to(items: list[Item], index: int, role: str) -> bool:
    """Whether an item with this role follows, with at most verbs, degrees and fillers between."""
    for item in items[index + 1 :]:
        if role in item.roles:
            return True
        if not {"C", "X", "D"} & item.roles.keys():
            return False
    return False


def bind_degrees(items: list[Item]) -> tuple[dict[int, int], dict[int, Item], list[int]]:
    """Return the level and the degree word of each movement that has one, and degree words that found no movement.

    A level of 10 or more is a word of manner ("gently"); -1 marks a word that serves as degree and not as movement.
    """
    bound: dict[int, int] = {}
    words: dict[int, Item] = {}
    tail: list[int] = []
    for index, item in enumerate(items):
        if "D" not in item.roles:
            continue
        level, word = item.roles["D"]
        value = WIDE if word == "wide" else level + 10 if word in MANNERS else level
        after = _target(items, index + 1, 1)
        before = _target(items, index - 1, -1)
        if "M" in item.roles or "I" in item.roles:  # "wide eyes" moves, "wide smile" and "grins wide" grade
            follows = items[index + 1].roles if index + 1 < len(items) else {}
            if (after is not None and "P" not in follows) or (
                after is None and before is not None and before not in bound
            ):
                bound[index] = -1
            else:
                continue
        target = after if after is not None else before
        if target is None:
            target = next((i for i in range(index + 1, len(items)) if _gradable(items[i])), None)
        if target is None:
            tail.append(index)
        else:
            bound[target] = value
            words[target] = item
    return bound, words, tail


def _gradable(item: Item) -> bool:
    return not {"M", "I", "E", "T"}.isdisjoint(item.roles) and not ("D" in item.roles and "M" not in item.roles)


def _target(items: list[Item], index: int, step: int) -> int | None:
    """Return the movement that a degree word next to `index` belongs to: the nearest, over verbs and fillers only."""
    while 0 <= index < len(items):
        item = items[index]
        if _gradable(item):
            return index
        kinds = item.roles.keys()
        passable = {"C", "X", "V"} if step > 0 else {"C", "X", "V", "P", "S", "D"}
        if not passable & kinds:
            return None
        index += step
    return None


def ends_phrase(item: Item) -> bool:
    """Whether this item ends the phrase before it: a break, or a degree such as "as far as possible"."""
    if "D" in item.roles:
        return item.roles["D"][1].startswith(("as ", "to "))
    return not {",", "&", "|"}.isdisjoint(item.roles)
