"""Emotions as expressions: published prototypes of the basic emotions, and the compound emotions of Du et al. 2014.

An emotion has no one face, and sources disagree: the theory is an argument, and every theory keeps its source. The
tables with their sources are in `prototype_table.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Literal, NamedTuple

from .action_unit import ActionUnit
from .expression import NEUTRAL, Activation, Expression
from .intensity import checked_intensity
from .prototype_table import COMPOUND, PROTOTYPES, SOURCES, UNCHECKED_EMOTIONS, UNCHECKED_UNITS, Theory, TheorySource

CompoundSource = Literal["du2014", "emotionet2016"]
"""The two sources of units for compound emotions."""

BASIC_EMOTIONS = ("happiness", "sadness", "surprise", "fear", "anger", "disgust", "contempt")
"""The canonical names of the basic emotions, in the order of all mappings here."""

THEORIES: tuple[Theory, ...] = tuple(SOURCES)
"""The names of the theories; the first is the default."""

_SYNONYMS = {
    "happy": "happiness",
    "joy": "happiness",
    "sad": "sadness",
    "surprised": "surprise",
    "fearful": "fear",
    "afraid": "fear",
    "angry": "anger",
    "disgusted": "disgust",
    "contemptuous": "contempt",
}


class SeenUnit(NamedTuple):
    """A unit of a compound emotion in Du et al. 2014.

    Attributes:
        unit: The unit.
        share: Share of the subjects in which it was seen, 0 to 1; None for prototypical units (more than 0.7).
        checked: Whether the entry agrees with a second public copy of the table.
    """

    unit: ActionUnit
    share: float | None
    checked: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CompoundEmotion:
    """One category of Du, Tao & Martinez 2014 (doi 10.1073/pnas.1322355111) or of EmotioNet (CVPR 2016).

    Attributes:
        name: Name with underscores, such as "fearfully_surprised".
        components: The basic emotions that the name joins, one for a basic emotion. Empty for neutral, and for
            appalled, hatred and awed, whose names join none.
        prototypical: Units that Du et al. saw in more than 70 % of the subjects. Empty where they lack the category.
        seen_in_some: Units that they saw in fewer, with the share.
        emotionet: Units of EmotioNet; empty where it lacks the category.
        sources: The sources that have this category.
    """

    name: str
    components: tuple[str, ...]
    prototypical: tuple[SeenUnit, ...]
    seen_in_some: tuple[SeenUnit, ...]
    emotionet: tuple[ActionUnit, ...]
    sources: tuple[CompoundSource, ...]

    @property
    def checked(self) -> bool:
        """Whether every prototypical unit agrees with a second public copy of the table."""
        return all(seen.checked for seen in self.prototypical)

    @property
    def expression(self) -> Expression:
        """The prototypical units at default intensity: those of Du et al., or of EmotioNet where they lack it."""
        return compound(self.name)


def basic_emotion(name: str) -> str:
    """Return the canonical name of a basic emotion.

    Args:
        name: A name of `BASIC_EMOTIONS`, or happy, joy, sad, surprised, fearful, afraid, angry, disgusted,
            contemptuous; in any case.

    Raises:
        ValueError: It is none of them.
    """
    key = _words(name)
    key = _SYNONYMS.get(key, key)
    if key not in BASIC_EMOTIONS:
        raise ValueError(f"`emotion` is {name!r}; accepted are {_list(BASIC_EMOTIONS)}.")
    return key


def theory_source(theory: Theory) -> TheorySource:
    """Return where the prototypes of a theory come from.

    Args:
        theory: A name of `THEORIES`.

    Raises:
        ValueError: There is no such theory.
    """
    if theory not in SOURCES:
        raise ValueError(f"`theory` is {theory!r}; accepted are {_list(THEORIES)}.")
    return SOURCES[theory]


@cache
def prototypes(theory: Theory = "ekman") -> Mapping[str, tuple[Expression, ...]]:
    """Return emotion -> its prototype and variants, the prototype first. Only "emfacs" has contempt.

    Args:
        theory: A name of `THEORIES`.

    Raises:
        ValueError: There is no such theory.
    """
    theory_source(theory)
    if theory in PROTOTYPES:
        table = {
            emotion: tuple(Expression.parse(notation) for notation in variants)
            for emotion, variants in PROTOTYPES[theory].items()
        }
    else:
        source: CompoundSource = "du2014" if theory == "du2014" else "emotionet2016"
        single = {each.components[0]: each.name for each in compound_emotions().values() if len(each.components) == 1}
        table = {emotion: (compound(single[emotion], source),) for emotion in BASIC_EMOTIONS if emotion in single}
    return MappingProxyType(table)


def prototype(emotion: str, theory: Theory = "ekman", variant: int = 0, intensity: float | None = None) -> Expression:
    """Return the published prototype of a basic emotion.

    Contempt is published with intensities and a side in the popular table only: `prototype("contempt", "emfacs")`.

    Args:
        emotion: A basic emotion, as `basic_emotion` accepts it.
        theory: A name of `THEORIES`.
        variant: Which of the theory's variants; 0 is the prototype.
        intensity: Intensity of every unit, 0 to 5, instead of the published or default ones; sides are kept.

    Raises:
        ValueError: The emotion or theory is unknown, the theory has no such emotion or variant, or the intensity
            lies outside 0 to 5.
    """
    emotion = basic_emotion(emotion)
    variants = prototypes(theory).get(emotion)
    if variants is None:
        others = [name for name in THEORIES if emotion in PROTOTYPES.get(name, ())]
        raise ValueError(f"`theory` is {theory!r}, which has no {emotion}; accepted for it are {_list(others)}.")
    if isinstance(variant, bool) or variant not in range(len(variants)):
        raise ValueError(f"`variant` is {variant!r}; {theory} has variants 0 to {len(variants) - 1} of {emotion}.")
    return _at(variants[variant], intensity)


def compound_name(name: str) -> str:
    """Return the canonical name of a compound emotion.

    Args:
        name: A key of `compound_emotions`, in any case, with spaces or hyphens for underscores.

    Raises:
        ValueError: There is no such compound emotion.
    """
    key = _words(name).replace(" ", "_")
    if key not in COMPOUND:
        raise ValueError(f"`name` is {name!r}; accepted are {_list(COMPOUND)}.")
    return key


@cache
def compound_emotions() -> Mapping[str, CompoundEmotion]:
    """Return name -> compound emotion: the 22 categories of Du et al. (with neutral), then EmotioNet's two more."""
    table: dict[str, CompoundEmotion] = {}
    for name, row in COMPOUND.items():
        known = name not in UNCHECKED_EMOTIONS
        sources: list[CompoundSource] = []
        if row.du is not None:
            sources.append("du2014")
        if row.emotionet is not None:
            sources.append("emotionet2016")
        table[name] = CompoundEmotion(
            name=name,
            components=row.components,
            prototypical=tuple(
                SeenUnit(ActionUnit(unit), None, known and unit not in UNCHECKED_UNITS) for unit in row.du or ()
            ),
            seen_in_some=tuple(
                SeenUnit(ActionUnit(unit), share, known and unit not in UNCHECKED_UNITS)
                for unit, share in row.some.items()
            ),
            emotionet=tuple(ActionUnit(unit) for unit in row.emotionet or ()),
            sources=tuple(sources),
        )
    return MappingProxyType(table)


def compound(name: str, source: CompoundSource | None = None, intensity: float | None = None) -> Expression:
    """Return the prototypical units of a compound emotion.

    Args:
        name: A compound emotion, as `compound_name` accepts it.
        source: "du2014" or "emotionet2016"; None takes Du et al. where they have the category, else EmotioNet.
        intensity: Intensity of every unit, 0 to 5; None takes each unit's default, for the sources give none.

    Raises:
        ValueError: The name or source is unknown, the source lacks the category, or the intensity lies outside 0 to 5.
    """
    emotion = compound_emotions()[compound_name(name)]
    if source is None:
        source = emotion.sources[0]
    if source not in emotion.sources:
        raise ValueError(f"`source` is {source!r}; accepted for {emotion.name} are {_list(emotion.sources)}.")
    units = emotion.emotionet if source == "emotionet2016" else [seen.unit for seen in emotion.prototypical]
    return _at(Expression.of({unit: unit.default_intensity for unit in units}), intensity)


def _at(expression: Expression, intensity: float | None) -> Expression:
    """Return the expression with every side that is present at one intensity."""
    if intensity is None:
        return expression
    value = checked_intensity(intensity, "the prototype")
    if not value:
        return NEUTRAL
    return Expression(
        tuple(Activation(unit, value if left else 0.0, value if right else 0.0) for unit, left, right in expression)
    )


def _words(name: object) -> str:
    """Return a name in lower case with single spaces; "" for what is not text."""
    return " ".join(name.replace("-", " ").replace("_", " ").lower().split()) if isinstance(name, str) else ""


def _list(names: Iterable[str]) -> str:
    return ", ".join(names)
