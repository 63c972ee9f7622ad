"""Words for how far a movement goes: written from a level (1 to 5, FACS A to E), and read back to one.

A phrase without a degree word stands for the unit's default intensity, as a unit without a letter does in notation.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Scale(Enum):
    """Which degree words suit a movement."""

    PULL = "pull"  # most movements: slightly raised, strongly raised
    OPEN = "open"  # mouth and jaw: slightly open, widely open
    CLOSE = "close"  # lids: half closed, nearly closed
    TURN = "turn"  # head and eyes: slightly to the left, far to the left


@dataclass(frozen=True, slots=True)
class Degrees:
    """Degree words of one scale; index 0 is level 1 (A).

    Attributes:
        before: Single adverbs that stand before the movement; "" says the level without a word.
        loose: Adverbs of two or more words, which suit a predicate but not an attribute.
        after: Phrases that follow the movement.
    """

    before: tuple[tuple[str, ...], ...]
    loose: tuple[tuple[str, ...], ...] = ((), (), (), (), ())
    after: tuple[tuple[str, ...], ...] = ((), (), (), (), ())


DEGREES = {
    Scale.PULL: Degrees(
        before=(
            ("barely", "faintly"),
            ("slightly", "mildly", "subtly"),
            ("", "", "clearly", "noticeably", "markedly", "visibly"),
            ("strongly", "intensely", "powerfully"),
            ("extremely", "maximally"),
        ),
        loose=(
            ("just barely", "very slightly"),
            ("a little", "a bit"),
            (),
            ("very strongly",),
            (),
        ),
        after=((), (), (), (), ("as far as possible", "as much as possible", "to the limit")),
    ),
    Scale.OPEN: Degrees(
        before=(
            ("barely", "faintly"),
            ("slightly",),
            ("", "", "clearly", "noticeably", "visibly"),
            ("widely",),
            ("extremely", "maximally"),
        ),
        loose=(("just barely", "very slightly"), ("a little", "a bit"), (), (), ()),
        after=((), (), (), (), ("as far as possible", "to the limit", "to the maximum")),
    ),
    Scale.CLOSE: Degrees(
        before=(("barely",), ("slightly",), ("half",), ("nearly", "almost"), ("", "", "fully", "completely")),
        loose=(("just barely", "very slightly"), ("a little", "a bit"), (), (), ()),
    ),
    Scale.TURN: Degrees(
        before=(("barely",), ("slightly",), ("", "", "clearly", "noticeably"), ("far", "strongly"), ("fully",)),
        loose=(("just barely", "very slightly"), ("a little", "a bit"), (), (), ()),
        after=((), (), (), (), ("as far as possible", "to the limit")),
    ),
}
"""Degree words by scale. A "" appears twice where the plain phrase should be the commonest way to say the level."""

EXPLICIT = {
    Scale.PULL: ("barely", "slightly", "clearly", "strongly", "extremely"),
    Scale.OPEN: ("barely", "slightly", "clearly", "widely", "extremely"),
    Scale.CLOSE: ("barely", "slightly", "half", "nearly", "fully"),
    Scale.TURN: ("barely", "slightly", "clearly", "far", "fully"),
}
"""The canonical word of each level, for places where two movements share a phrase and neither may go unsaid."""

ADJECTIVES = (
    ("faint", "barely visible"),
    ("slight", "subtle", "mild"),
    ("", "clear", "noticeable", "marked", "distinct"),
    ("strong", "intense", "powerful"),
    ("extreme", "maximal"),
)
"""Degree words before a noun: "a slight smile"."""

READ_DEGREES: dict[str, int] = {
    word: degree
    for degree, words in {
        1: """
            barely, just barely, only just, just perceptibly, faintly, faint, faintest, very faint, very slightly,
            very slight, ever so slightly, ever so slight, very subtle, very subtly, very gently, barely visible,
            barely there, barely perceptible, barely perceptibly, imperceptibly, almost imperceptibly, hardly,
            scarcely, trace, trace of, traces of, hint, hint of, hints of, signs of, sign of, touch of, ghost of,
            suggestion of, suspicion of, flicker of, whisper of, shadow of, tiniest, tiny, tiniest bit, merest, merest
            hint of, by hair, by no more than hair, no more than hair, by hair breadth, ever so faintly, ever so
            softly, ever so lightly, barest, barest hint of, faintest hint of, smallest, minimal, minimally, micro,
            fraction, fractionally, a millimeter, a millimetre, ever so gently, vaguely, vague
        """,
        2: """
            slightly, slight, little, a little, little bit, a bit, bit, bit of, mildly, mild, subtly, subtle, gently,
            gentle, softly, soft, lightly, light, somewhat, modestly, modest, partly, partially, partial, quietly,
            small, weakly, weak, loosely, a touch, tad, smidge, kind of, sort of, low, sleepily, timid, timidly
        """,
        3: """
            clearly, clear, noticeably, noticeable, markedly, marked, visibly, visible, distinctly, distinct,
            moderately, moderate, moderate amount of, fairly, quite, rather, medium, pronounced, evident, evidently,
            plainly, plain, definite, definitely, obvious, obviously, decidedly, half, halfway, half way, reasonably,
            pretty, perceptibly, appreciably, to marked degree, to noticeable degree, to moderate degree
        """,
        4: """
            strongly, strong, very strongly, very strong, intensely, intense, powerfully, powerful, heavily, heavy,
            hard, deeply, deep, sharply, sharp, very, firmly, firm, tightly, far, widely, wide, broadly, broad, high,
            highly, really, really hard, big, large, great, greatly, severely, severe, forcefully, forceful, fiercely,
            fierce, vigorously, dramatically, dramatic, considerably, seriously, extra, super, so, much, a lot, way,
            nearly, almost, steeply, vividly, hugely, huge, heartily, hearty, furiously, desperately, aggressively,
            ferociously, violently, violent, bitterly, bitter, emphatically, prominently, prominent, very hard, very
            widely, very deeply, very far, very tightly, mostly, intently, tautly, snugly, good and, three quarters,
            steep, starkly, crushingly, full
        """,
        5: """
            extremely, extreme, maximally, maximal, maximum, fully, completely, complete, totally, total, entirely,
            utterly, utter, wildly, wild, insanely, enormous, enormously, exaggerated, exaggeratedly, massively,
            massive, impossibly, absolutely, as far as possible, as much as possible, as wide as possible, as hard as
            possible, as high as possible, as tightly as possible, as tight as possible, as far as they go, as far as
            it goes, as far as they will go, as far as it will go, as far as they can go, as far as it can go, as wide
            as they go, as far as they can, as wide as it will go, as wide as they will go, as wide as it goes, as
            high as they go, as high as they will go, as hard as they can, as hard as she can, as hard as he can, to
            limit, to maximum, to max, to utmost, to extreme, to very limit, all way, all the way, at maximum, at full
            strength, at its limit, with all might, with full force, to its limit, to their limit, as far as she can,
            as far as he can, to breaking point, ear to ear, from ear to ear, as low as it goes, as low as possible,
            as wide as she can, as wide as he can
        """,
    }.items()
    for word in " ".join(words.split()).split(", ")
}
"""What degree words mean, as a level 1 to 5. Articles and possessives are left out, as the reader leaves them out."""

MANNERS = frozenset(
    "gently gentle softly soft lightly light loosely quietly tightly firmly firm hard heavily strongly".split()
)
"""Words that say how rather than how far where lids are closed: gently closed eyes are closed."""
