"""Which units cannot, or can hardly, act together, and why: the data behind `conflict.py`.

Kinds follow the anatomy: two codes exclude each other, are degrees of one movement, pull against each other, or hide
each other's evidence. The statement of arXiv 2603.18588 (abstract), that units conflict when they move the same part
in opposing ways, is the idea; the pairs, kinds and limits are definitions of this project. Head and eye alternatives
are table 9-1 of the FACS manual (2002). `docs/language.md` shows the table with the reasons where sources differ.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class ConflictKind(Enum):
    """Why two units do not go together."""

    EXCLUSIVE = "exclusive"  # a face cannot hold both on the same side
    DEGREES = "degrees"  # two codes for degrees of one movement
    ANTAGONISTS = "antagonists"  # opposing pulls; both can be held, but not both at full strength
    HIDES = "hides"  # one covers the evidence of the other; both can be held


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What is known of one pair of units.

    Attributes:
        first: FACS number; where both are equally strong and only one can stay, this one stays.
        second: FACS number; equal to `first` where the two sides of one unit exclude each other.
        kind: Why they do not go together.
        because: The reason, as the end of a sentence.
        limit: Antagonists only: the greatest sum of both intensities that a face can hold (5 to 10).
    """

    first: int
    second: int
    kind: ConflictKind
    because: str
    limit: float = 10.0


def _excludes(first: int, second: int, because: str) -> Rule:
    return Rule(first=first, second=second, kind=ConflictKind.EXCLUSIVE, because=because)


def _degrees(first: int, second: int, because: str) -> Rule:
    return Rule(first=first, second=second, kind=ConflictKind.DEGREES, because=because)


def _against(first: int, second: int, limit: float, because: str) -> Rule:
    return Rule(first=first, second=second, kind=ConflictKind.ANTAGONISTS, because=because, limit=limit)


def _hides(first: int, second: int, because: str) -> Rule:
    return Rule(first=first, second=second, kind=ConflictKind.HIDES, because=because)


RULES: tuple[Rule, ...] = (
    # Brows and eyes
    _against(
        1, 4, 10, "frontalis lifts the inner brow while corrugator draws it down and in: the oblique brow of grief"
    ),
    _against(2, 4, 8, "the outer brow cannot rise fully while corrugator pulls the brow down"),
    _against(5, 6, 8, "the ring round the eye squeezes while the upper lid is lifted"),
    _against(5, 7, 10, "the upper lid is lifted while the lower lid tightens: a glare"),
    _excludes(43, 5, "one muscle cannot lift the upper lid and let it fall"),
    _excludes(5, 45, "a lid that is held up does not blink"),
    _excludes(46, 5, "a winking eye is closed"),
    _degrees(43, 45, "a blink closes the eyes only for a moment"),
    _degrees(46, 43, "a wink closes one eye, closed eyes close it as well"),
    _degrees(45, 46, "a blink closes both eyes, a wink one"),
    _excludes(46, 46, "a wink closes one eye; closing both is 43"),
    _hides(9, 4, "wrinkling the nose lowers the inner brow as well"),
    _hides(6, 7, "a strong cheek raise narrows the eye as tight lids do"),
    _hides(12, 6, "a strong smile lifts the cheeks by itself; crow's feet tell the difference"),
    _hides(43, 61, "closed lids hide where the eyes look"),
    _hides(43, 62, "closed lids hide where the eyes look"),
    _hides(43, 63, "closed lids hide where the eyes look"),
    _hides(43, 64, "closed lids hide where the eyes look"),
    _hides(43, 65, "closed lids hide where the eyes look"),
    _hides(43, 66, "closed lids hide where the eyes look"),
    # Nose and cheeks
    _hides(9, 10, "wrinkling the nose lifts the upper lip as well"),
    _hides(12, 11, "a smile deepens the same fold"),
    _excludes(38, 39, "nostrils are flared or narrowed"),
    _degrees(34, 33, "blown cheeks let the air out that puffed cheeks hold"),
    _excludes(34, 35, "cheeks are puffed out or sucked in"),
    _excludes(33, 35, "cheeks are blown out or sucked in"),
    _excludes(34, 25, "puffed cheeks hold their air behind closed lips"),
    _excludes(34, 26, "puffed cheeks hold their air behind closed lips"),
    _excludes(34, 27, "puffed cheeks hold their air behind closed lips"),
    _excludes(36, 36, "the tongue pushes against one cheek at a time"),
    _excludes(19, 36, "the tongue is out of the mouth or against the cheek"),
    # Lip corners
    _against(12, 15, 6, "the corners are pulled up and down at once: a controlled smile"),
    _against(12, 17, 8, "the raised chin works against the smile: a suppressed smile"),
    _against(12, 24, 7, "pressing the lips works against the smile: a pressed smile"),
    _against(12, 18, 5, "the corners are drawn back while the mouth is drawn in"),
    _against(12, 22, 5, "the corners are drawn back while the lips are funneled forward"),
    _excludes(12, 13, "both codes lift the same corner"),
    _against(13, 15, 5, "the corner is pulled up and down at once"),
    _against(14, 27, 6, "a jaw pulled wide open stretches the tucked corners out"),
    _excludes(20, 18, "the mouth is stretched sideways or drawn inward"),
    _against(20, 22, 5, "the lips are stretched sideways or funneled forward"),
    _against(20, 24, 6, "stretching the lips thins the press between them"),
    # Lips
    _excludes(24, 25, "lips that are pressed together are not parted"),
    _excludes(24, 26, "pressed lips keep the mouth closed"),
    _excludes(27, 24, "pressed lips keep the mouth closed"),
    _excludes(28, 25, "lips rolled in over the teeth cover the opening"),
    _excludes(25, 8, "lips move toward each other or apart"),
    _excludes(28, 18, "lips are rolled in or pushed out"),
    _excludes(28, 22, "lips are rolled in or funneled out"),
    _excludes(28, 23, "lips rolled in are not tightened in sight"),
    _excludes(19, 24, "the tongue keeps the lips apart"),
    _excludes(19, 28, "the tongue keeps the lips from rolling in"),
    _against(10, 24, 6, "the upper lip is lifted while it is pressed down"),
    _against(16, 24, 5, "the lower lip is pulled down while it is pressed up"),
    _against(16, 17, 6, "the lower lip is pulled down while the chin pushes it up"),
    _against(18, 22, 8, "lips are drawn together or funneled out"),
    _against(24, 23, 8, "the same ring muscle presses or tightens"),
    # Chin and jaw
    _against(26, 17, 6, "the chin is pushed up while the jaw drops"),
    _against(27, 17, 5, "the chin is pushed up while the jaw is pulled down"),
    _degrees(27, 26, "one jaw is either dropped or pulled down by force"),
    _excludes(26, 31, "a clenched jaw does not drop"),
    _excludes(27, 31, "a clenched jaw does not open"),
    _excludes(27, 32, "a lip between the teeth does not let the jaw open wide"),
    _against(29, 31, 6, "the jaw is thrust forward while it clenches"),
    _excludes(30, 30, "the jaw moves to one side at a time"),
    # Head and eye positions: FACS 2002, table 9-1
    _excludes(51, 52, "the head turns one way at a time"),
    _excludes(53, 54, "the head is raised or lowered"),
    _excludes(55, 56, "the head tilts one way at a time"),
    _excludes(57, 58, "the head is forward or back"),
    _excludes(61, 62, "the eyes turn one way at a time"),
    _excludes(61, 65, "the eyes turn together or apart"),
    _excludes(61, 66, "the eyes turn together or inward"),
    _excludes(62, 65, "the eyes turn together or apart"),
    _excludes(62, 66, "the eyes turn together or inward"),
    _excludes(63, 64, "the eyes look up or down"),
    _excludes(65, 66, "the eyes turn apart or inward"),
)
"""Every pair that is known not to go together freely, per side: the left of one never meets the right of another."""

REMARKS: tuple[tuple[tuple[int, int], str], ...] = (
    ((1, 4), "Often listed as a conflict. It is a standard combination (grief), so its limit never weakens anything."),
    ((2, 4), "Sources allow it only with 1 (fear). Here it is limited with or without 1: both pulls share the skin."),
    ((5, 46), "Listed as soft. On the same eye it is exclusive: rules apply per side, so the other eye stays free."),
    ((43, 46), "Listed as soft. On the same eye both close it, so they are degrees of one movement."),
    ((23, 28), "Listed as 'keep 28'. The stronger stays, as for every exclusive pair; 28 stays when both are equal."),
    ((24, 27), "Listed as 'drop 24'. The stronger stays, as for every exclusive pair; 27 stays when both are equal."),
    (
        (23, 24),
        "Often confused by coders, but coded together in published anger faces, so only weakened when both are strong.",
    ),
    ((34, 25), "Added: cheeks cannot hold air behind open lips. The same for 26 and 27."),
    ((19, 24), "Added: the tongue between the lips keeps them apart. The same for 28, and for 36."),
    ((27, 32), "Added: the teeth that hold a lip keep the jaw from opening wide."),
    ((10, 24), "Added: the upper lip is lifted and pressed at once."),
)
"""Where this table departs from public lists of conflicting units, and why."""
