"""What interacting units look like together: one phrase for two movements that shape each other.

arXiv 2603.18588 (abstract) asks for descriptions of interacting units rather than lists; the phrases are ours. A slot
`{12}` takes the degree of that unit, `{a12}` as an adjective. A slot `{=15}` shares its noun with the first slot: it
stays empty where both are equally strong. Units without a slot are as strong as the first one.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Blend:
    """A phrase for interacting units.

    Attributes:
        units: FACS numbers, all on the same sides.
        both: Noun that the predicate belongs to; empty for a noun phrase.
        one: The same for one side, with `{S}`; empty where the blend is only said of both sides.
        patterns: Predicates, or noun phrases where there is no noun.
    """

    units: tuple[int, ...]
    both: str = ""
    one: str = ""
    patterns: tuple[str, ...]


BLENDS: tuple[Blend, ...] = (
    Blend(
        units=(1, 2, 4),
        both="brows",
        one="{S} brow",
        patterns=("{1}raised and {=4}drawn together", "{1}lifted and {=4}knitted into a tense line"),
    ),
    Blend(
        units=(1, 4),
        both="inner brows",
        one="{S} inner brow",
        patterns=(
            "{1}pulled up and {=4}pinched together into an oblique line",
            "{1}raised and {=4}pinched together",
            "{1}drawn up and {=4}knotted together",
        ),
    ),
    Blend(
        units=(4, 5),
        both="brows",
        patterns=("{4}lowered over {5}widened eyes",),
    ),
    Blend(
        units=(4, 7),
        both="brows",
        patterns=("{4}lowered over {7}narrowed eyes", "{4}furrowed above {7}squinting eyes"),
    ),
    Blend(
        units=(6, 12),
        patterns=("a {a12} smile that {=6}reaches the eyes",),
    ),
    Blend(
        units=(12, 15),
        patterns=(
            "a {a12} smile held {=15}down at the corners",
            "a {a12} smile with its corners pulled {15}down",
        ),
    ),
    Blend(
        units=(12, 17),
        patterns=("a {a12} smile {=17}suppressed by the raised chin",),
    ),
    Blend(
        units=(12, 24),
        patterns=("a {a12} smile behind {24}pressed lips", "a {a12} smile with {24}pressed lips"),
    ),
    Blend(
        units=(12, 14),
        patterns=("a {a12} smile with its corners {14}tucked in",),
    ),
    Blend(
        units=(12, 25),
        patterns=("a {a12} smile with {25}parted lips", "a {a12} smile over {25}parted lips"),
    ),
    Blend(
        units=(9, 10),
        both="nose",
        patterns=("{9}wrinkled above a {10}raised upper lip", "{9}wrinkled and the upper lip {10}raised"),
    ),
    Blend(
        units=(15, 17),
        both="corners of the mouth",
        patterns=("{15}pulled down over a {17}raised chin",),
    ),
    Blend(
        units=(17, 24),
        both="lips",
        patterns=("{24}pressed together by a {17}raised chin", "{24}pressed together above a {17}raised chin"),
    ),
    Blend(
        units=(20, 25),
        both="lips",
        patterns=("{25}parted and {=20}stretched sideways",),
    ),
    Blend(
        units=(25, 26),
        both="jaw",
        patterns=("{26}dropped and the lips {25}parted", "{26}dropped with {25}parted lips"),
    ),
    Blend(
        units=(26, 28),
        both="lips",
        patterns=("{28}sucked in over the {26}dropped jaw",),
    ),
)
"""Blends in order of preference: the first that fits wins, so larger ones stand before their parts."""
