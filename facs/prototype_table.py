"""Published prototypes of emotions as FACS notation, with their sources: the data behind `prototype.py`.

The sets of Darwin, Matsumoto et al., Keltner et al., Cordaro et al., Ekman and Jack & Schyns are collected in the
BSD-3-licensed lukassnoek/hypothesis-kernel-analysis (src/mappings.py, commit fe894b4). The compound emotions are
those of Du, Tao & Martinez 2014 (doi 10.1073/pnas.1322355111) and of EmotioNet (Benitez-Quiroz, Srinivasan & Martinez,
CVPR 2016). No source but the popular table gives intensities: a unit without one takes its default.

What was checked: units 1 2 4 5 6 9 10 12 14 15 17 20 25 26 of Du et al. agree with public code that holds the same
shares, and all EmotioNet rows with two public copies. Units 7, 11, 23 and 24 of Du et al., and everything about
"appalled", were not compared with a second copy: look into the printed table before relying on them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Theory = Literal[
    "ekman",
    "darwin",
    "matsumoto2008",
    "keltner2019",
    "cordaro2018_reference",
    "cordaro2018_ipc",
    "jack_schyns",
    "facs1978",
    "du2014",
    "emotionet2016",
    "emfacs",
]
"""A published set of prototypes; `SOURCES` says where each comes from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TheorySource:
    """Where the prototypes of one theory come from.

    Attributes:
        title: Author and year.
        where: DOI or address of the text or table that they were taken from.
        note: What to know before using them.
    """

    title: str
    where: str
    note: str = ""


_COLLECTION = "https://github.com/lukassnoek/hypothesis-kernel-analysis src/mappings.py"

SOURCES: dict[Theory, TheorySource] = {
    "ekman": TheorySource(
        title="Ekman's prototypes and variants",
        where=f"{_COLLECTION}; https://doi.org/10.3389/fpsyg.2020.00920",
        note="The variant that the literature calls the prototype is first. The source has no contempt; see emfacs.",
    ),
    "darwin": TheorySource(title="Darwin 1872, coded later", where=_COLLECTION),
    "matsumoto2008": TheorySource(title="Matsumoto et al. 2008", where=_COLLECTION),
    "keltner2019": TheorySource(title="Keltner et al. 2019", where=_COLLECTION),
    "cordaro2018_reference": TheorySource(title="Cordaro et al. 2018, reference expressions", where=_COLLECTION),
    "cordaro2018_ipc": TheorySource(title="Cordaro et al. 2018, international core patterns", where=_COLLECTION),
    "jack_schyns": TheorySource(
        title="Jack & Schyns",
        where=_COLLECTION,
        note="From expressions that unfold in time: joins units that follow each other, so some exclude each other.",
    ),
    "facs1978": TheorySource(
        title="FACS 1978, table 11-1 (most intense pictures)",
        where="http://www.dgps.de/fachgruppen/methoden/mpr-online/issue4/art3/node4.html",
        note="Happiness is printed with a strong 12; its letters are not those of FACS 2002, so the default is used.",
    ),
    "du2014": TheorySource(
        title="Du, Tao & Martinez 2014, prototypical units",
        where="https://doi.org/10.1073/pnas.1322355111",
        note="Units seen in more than 70 % of the subjects. 7 and 24 of anger agree with EmotioNet only.",
    ),
    "emotionet2016": TheorySource(
        title="EmotioNet, Benitez-Quiroz, Srinivasan & Martinez 2016",
        where="Proceedings of CVPR 2016",
    ),
    "emfacs": TheorySource(
        title="The popular table, often called EMFACS",
        where="Wikipedia, Affective computing and Facial Action Coding System",
        note="Widely reproduced, but not the unpublished EMFACS dictionary. The only source here for contempt.",
    ),
}
"""Theory -> where its prototypes come from. The first is the default."""

PROTOTYPES: dict[Theory, dict[str, tuple[str, ...]]] = {
    "ekman": {
        "happiness": ("6+12", "12"),
        "sadness": ("1+4+15+17", "1+4", "1+4+11", "1+4+15", "6+15", "11+17", "1"),
        "surprise": ("1+2+5+26", "1+2+5+27", "1+2+5", "1+2+26", "1+2+27", "5+26", "5+27"),
        "fear": (
            "1+2+4+5+20+25",
            "1+2+4",
            "1+2+4+5+20+26",
            "1+2+4+5+20+27",
            "1+2+4+5+25",
            "1+2+4+5+26",
            "1+2+4+5+27",
            "1+2+4+5",
            "1+2+5+25",
            "1+2+5+26",
            "1+2+5+27",
            "5+20+25",
            "5+20+26",
            "5+20+27",
            "5+20",
            "20",
        ),
        "anger": (
            "4+5+7+23",
            "4+5+7+10+11+22+23+25",
            "4+5+7+10+11+22+23+26",
            "4+5+7+10+11+23+25",
            "4+5+7+10+11+23+26",
            "4+5+7+17+23",
            "4+5+7+17+24",
            "4+5+7+24",
            "4+5",
            "4+7",
            "17+24",
        ),
        "disgust": ("9+17", "10+17", "9+16+25", "10+16+25", "9+16+26", "10+16+26", "9", "10"),
    },
    "darwin": {
        "happiness": ("6+12",),
        "sadness": ("1+15",),
        "surprise": ("1+2+5+25", "1+2+5+26"),
        "fear": ("1+2+5+20",),
        "anger": ("4+5+24+38",),
        "disgust": ("10+16+22+25", "10+16+22+26"),
    },
    "matsumoto2008": {
        "happiness": ("6+12",),
        "sadness": ("1+15", "1+4+15", "1+15+17", "1+4+15+17"),
        "surprise": ("1+2+5+25", "1+2+5+26"),
        "fear": ("1+2+4+5+20", "1+2+4+5+20+25", "1+2+4+5+20+26"),
        "anger": ("4+5+22+23+24", "4+7+22+23+24"),
        "disgust": ("9", "10", "9+25", "9+26", "10+25", "10+26"),
    },
    "keltner2019": {
        "happiness": ("6+7+12+25+26",),
        "sadness": ("1+4+6+15+17",),
        "surprise": ("1+2+5+25+26",),
        "fear": ("1+2+4+5+7+20+25",),
        "anger": ("4+5+17+23+24",),
        "disgust": ("7+9+25+26",),
    },
    "cordaro2018_reference": {
        "happiness": ("6+12",),
        "sadness": ("1+4+5",),
        "surprise": ("1+2+5+26",),
        "fear": ("1+2+4+5+7+20+26",),
        "anger": ("4+5+7+23",),
        "disgust": ("9+15+16",),
    },
    "cordaro2018_ipc": {
        "happiness": ("6+7+12+16+25+26", "6+7+12+16+25+27"),
        "sadness": ("4+43",),
        "surprise": ("1+2+5+25+26", "1+2+5+25+27"),
        "fear": ("1+2+5+7+25+26", "1+2+5+7+25+27"),
        "anger": ("4+7",),
        "disgust": ("4+6+7+9+10+25+26", "4+6+7+9+10+25+27"),
    },
    "jack_schyns": {
        "happiness": ("6+12+13+14+25",),
        "sadness": ("4+15+17+24+43",),
        "surprise": ("1+2+5+26+27",),
        "fear": ("4+5+20",),
        "anger": ("9+10+16+22",),
        "disgust": ("9+10+11+43",),
    },
    "facs1978": {
        "happiness": ("6+12+25",),
        "sadness": ("1+4+15",),
        "surprise": ("1+2+5+26",),
        "fear": ("1+2+4+5+20+25",),
        "anger": ("4+5+7+24",),
        "disgust": ("4+10+17",),
    },
    "emfacs": {
        "happiness": ("6+12",),
        "sadness": ("1+4+15",),
        "surprise": ("1+2+5B+26",),
        "fear": ("1+2+4+5+20+26", "1+2+4+5+7+20+26"),
        "anger": ("4+5+7+23",),
        "disgust": ("9+15+16", "9+15+17"),
        "contempt": ("R12A+R14A",),
    },
}
"""Theory -> emotion -> its variants. Those of du2014 and emotionet2016 are the single emotions of `COMPOUND`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CompoundRow:
    """One row of the table of compound emotions.

    Attributes:
        components: The basic emotions that the name joins; empty for neutral, appalled, hatred and awed.
        du: Prototypical units of Du et al., seen in more than 70 % of the subjects; None where they lack the category.
        some: Unit -> share of the subjects (0 to 1) in which it was seen, for those that some subjects show.
        emotionet: Units of EmotioNet; None where it lacks the category.
    """

    components: tuple[str, ...]
    du: tuple[int, ...] | None
    some: dict[int, float]
    emotionet: tuple[int, ...] | None


def _row(
    components: str, du: tuple[int, ...] | None, some: dict[int, float], emotionet: tuple[int, ...] | None
) -> CompoundRow:
    return CompoundRow(components=tuple(components.split()), du=du, some=some, emotionet=emotionet)


COMPOUND: dict[str, CompoundRow] = {
    "neutral": _row("", (), {}, None),
    "happy": _row("happiness", (12, 25), {6: 0.51}, (12, 25)),
    "sad": _row("sadness", (4, 15), {1: 0.6, 6: 0.5, 11: 0.26, 17: 0.67}, (4, 15)),
    "fearful": _row("fear", (1, 4, 20, 25), {2: 0.57, 5: 0.63, 26: 0.33}, (1, 4, 20, 25)),
    "angry": _row("anger", (4, 7, 24), {10: 0.26, 17: 0.52, 23: 0.29}, (4, 7, 24)),
    "surprised": _row("surprise", (1, 2, 25, 26), {5: 0.66}, (1, 2, 25, 26)),
    "disgusted": _row("disgust", (9, 10, 17), {4: 0.31, 24: 0.26}, (9, 10, 17)),
    "happily_surprised": _row("happiness surprise", (1, 2, 12, 25), {5: 0.64, 26: 0.67}, (1, 2, 12, 25)),
    "happily_disgusted": _row("happiness disgust", (10, 12, 25), {4: 0.32, 6: 0.61, 9: 0.59}, (10, 12, 25)),
    "sadly_fearful": _row("sadness fear", (1, 4, 20, 25), {2: 0.46, 5: 0.24, 6: 0.34, 15: 0.3}, (1, 4, 15, 25)),
    "sadly_angry": _row("sadness anger", (4, 15), {6: 0.26, 7: 0.48, 11: 0.2, 17: 0.5}, (4, 7, 15)),
    "sadly_surprised": _row("sadness surprise", (1, 4, 25, 26), {2: 0.27, 6: 0.31}, (1, 4, 25, 26)),
    "sadly_disgusted": _row(
        "sadness disgust",
        (4, 10),
        {1: 0.49, 6: 0.61, 9: 0.2, 11: 0.35, 15: 0.54, 17: 0.47, 25: 0.43},
        (4, 10),
    ),
    "fearfully_angry": _row("fear anger", (4, 20, 25), {5: 0.4, 7: 0.39, 10: 0.3, 11: 0.33}, (4, 20, 25)),
    "fearfully_surprised": _row(
        "fear surprise", (1, 2, 5, 20, 25), {4: 0.47, 10: 0.35, 11: 0.22, 26: 0.51}, (1, 2, 5, 20, 25)
    ),
    "fearfully_disgusted": _row(
        "fear disgust", (1, 4, 10, 20, 25), {2: 0.64, 5: 0.5, 6: 0.26, 9: 0.28, 15: 0.33}, (1, 4, 10, 20, 25)
    ),
    "angrily_surprised": _row("anger surprise", (4, 25, 26), {5: 0.35, 7: 0.5, 10: 0.34}, (4, 25, 26)),
    "angrily_disgusted": _row("anger disgust", (4, 10, 17), {7: 0.6, 9: 0.57, 24: 0.36}, (4, 10, 17)),
    "disgustedly_surprised": _row(
        "disgust surprise", (1, 2, 5, 10), {4: 0.45, 9: 0.37, 17: 0.66, 24: 0.33}, (1, 2, 5, 10)
    ),
    "appalled": _row("", (4, 10), {6: 0.25, 9: 0.56, 17: 0.67, 24: 0.36}, (4, 9, 10)),
    "hatred": _row("", (4, 10), {7: 0.57, 9: 0.27, 17: 0.63, 24: 0.37}, (4, 7, 10)),
    "awed": _row("", (1, 2, 5, 25), {4: 0.21, 20: 0.62, 26: 0.56}, (1, 2, 5, 25)),
    "happily_sad": _row("happiness sadness", None, {}, (4, 6, 12, 25)),
    "happily_fearful": _row("happiness fear", None, {}, (1, 2, 12, 25, 26)),
}
"""The 22 categories of Du et al. 2014 (neutral included), then the two that EmotioNet adds."""

UNCHECKED_UNITS = frozenset({7, 11, 23, 24})
"""Units whose entries for Du et al. were not compared with a second copy of the table."""

UNCHECKED_EMOTIONS = frozenset({"appalled"})
"""Emotions of which no entry for Du et al. was compared with a second copy of the table."""

C_EXPR_DB: tuple[str, ...] = (
    "fearfully_surprised",
    "happily_surprised",
    "sadly_surprised",
    "disgustedly_surprised",
    "angrily_surprised",
    "sadly_fearful",
    "sadly_angry",
)
"""The seven classes of C-EXPR-DB (ABAW challenges, arXiv 2402.19344); the position is the class index, from 0."""

RAF_DB_COMPOUND: tuple[str, ...] = (
    "happily_surprised",
    "happily_disgusted",
    "sadly_fearful",
    "sadly_angry",
    "sadly_surprised",
    "sadly_disgusted",
    "fearfully_angry",
    "fearfully_surprised",
    "angrily_surprised",
    "angrily_disgusted",
    "disgustedly_surprised",
)
"""The eleven compound classes of RAF-DB; the position plus one is the label in its files."""

RAF_CE: tuple[str, ...] = (
    "happily_surprised",
    "happily_disgusted",
    "sadly_fearful",
    "sadly_angry",
    "sadly_surprised",
    "sadly_disgusted",
    "fearfully_angry",
    "fearfully_surprised",
    "fearfully_disgusted",
    "angrily_surprised",
    "angrily_disgusted",
    "disgustedly_surprised",
    "happily_fearful",
    "happily_sad",
)
"""The fourteen classes of RAF-CE (http://whdeng.cn/RAF/model4.html); the position is the label in its files."""
