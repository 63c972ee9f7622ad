"""Named expressions for a menu: the basic emotions, each by any theory that has it, and the compound emotions."""

from __future__ import annotations

from typing import cast

from .expression import Expression
from .prototype import BASIC_EMOTIONS, THEORIES, CompoundSource, compound, compound_emotions, prototype, prototypes
from .prototype_table import Theory

AUTOMATIC = "automatic"
"""Take the first source that has the emotion."""

SOURCE_NAMES: tuple[str, ...] = (AUTOMATIC, *THEORIES)
"""Every source that `preset` takes; of these du2014 and emotionet2016 have compound emotions."""


def preset_names() -> tuple[str, ...]:
    """Return the name of every preset: basic emotions first, then those that join two, then the rest."""
    several = [name for name, emotion in compound_emotions().items() if len(emotion.components) > 1]
    others = [
        name for name, emotion in compound_emotions().items() if not emotion.components and emotion.expression.units
    ]
    return (*BASIC_EMOTIONS, *several, *others)


def preset_sources(name: str) -> tuple[str, ...]:
    """Return the sources that have a preset, the first being the one that `automatic` takes.

    Args:
        name: A name of `preset_names`.

    Raises:
        ValueError: There is no such preset.
    """
    if name not in preset_names():
        raise ValueError(f"`emotion` is {name!r}; accepted are {', '.join(preset_names())}.")
    if name in BASIC_EMOTIONS:
        return tuple(theory for theory in THEORIES if name in prototypes(theory))
    return compound_emotions()[name].sources


def preset(name: str, source: str = AUTOMATIC) -> Expression:
    """Return the expression of a preset, as strong as its source says.

    Args:
        name: A name of `preset_names`.
        source: A name of `SOURCE_NAMES`.

    Raises:
        ValueError: There is no such preset, or the source has none.
    """
    sources = preset_sources(name)
    chosen = sources[0] if source == AUTOMATIC else source
    if chosen not in sources:
        raise ValueError(
            f"`source` is {source!r}, which has no {name}; accepted for it are {', '.join((AUTOMATIC, *sources))}."
        )
    if name in BASIC_EMOTIONS:
        return prototype(name, cast(Theory, chosen))
    return compound(name, cast(CompoundSource, chosen))
