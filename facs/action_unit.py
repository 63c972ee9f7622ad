"""The action units of FACS: number, name, muscles, region, which way the skin moves, whether one side can act alone.

Numbers, names and muscles are facts of the Facial Action Coding System (Ekman, Friesen & Hager 2002), taken from the
MIT-licensed py-feat reference (docs/pages/au_reference.md) and from table 2 of Molecular Autism 12:31 (2021),
doi 10.1186/s13229-021-00430-0. Region, direction and default intensity are tags of this project.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, IntEnum


class Kind(Enum):
    """What sort of FACS code a unit is."""

    ACTION_UNIT = "action unit"
    ACTION_DESCRIPTOR = "action descriptor"
    HEAD = "head position"
    EYES = "eye position"


class Region(Enum):
    """The part of the head in which a unit is seen; the order is the order in which a face is described."""

    BROW = "brow"
    EYE = "eye"
    NOSE = "nose"
    CHEEK = "cheek"
    MOUTH = "mouth"
    CHIN = "chin"
    JAW = "jaw"
    NECK = "neck"
    GAZE = "gaze"
    HEAD = "head"


class Sides(Enum):
    """Whether the two halves of the face can do it separately."""

    TOGETHER = "together"  # one midline movement: never L or R
    EACH = "each"  # L, R, or both
    ONE = "one"  # L or R; a side must be said


class ActionUnit(IntEnum):
    """A FACS action unit, action descriptor, or head or eye position. The value is the FACS number."""

    AU1 = 1
    AU2 = 2
    AU4 = 4
    AU5 = 5
    AU6 = 6
    AU7 = 7
    AU8 = 8
    AU9 = 9
    AU10 = 10
    AU11 = 11
    AU12 = 12
    AU13 = 13
    AU14 = 14
    AU15 = 15
    AU16 = 16
    AU17 = 17
    AU18 = 18
    AU19 = 19
    AU20 = 20
    AU21 = 21
    AU22 = 22
    AU23 = 23
    AU24 = 24
    AU25 = 25
    AU26 = 26
    AU27 = 27
    AU28 = 28
    AU29 = 29
    AU30 = 30
    AU31 = 31
    AU32 = 32
    AU33 = 33
    AU34 = 34
    AU35 = 35
    AU36 = 36
    AU37 = 37
    AU38 = 38
    AU39 = 39
    AU40 = 40
    AU43 = 43
    AU45 = 45
    AU46 = 46
    AU51 = 51
    AU52 = 52
    AU53 = 53
    AU54 = 54
    AU55 = 55
    AU56 = 56
    AU57 = 57
    AU58 = 58
    AU61 = 61
    AU62 = 62
    AU63 = 63
    AU64 = 64
    AU65 = 65
    AU66 = 66

    @property
    def facts(self) -> Facts:
        """Everything that the table says about this unit."""
        return FACTS[self]

    @property
    def label(self) -> str:
        """The FACS name, for example "Lip corner puller"."""
        return FACTS[self].label

    @property
    def sides(self) -> Sides:
        """Whether the two halves of the face can do it separately."""
        return FACTS[self].sides

    @property
    def default_intensity(self) -> float:
        """The intensity of a unit that is only said to be present: 3 (C), but 5 (E) for closed eyes."""
        return FACTS[self].default_intensity

    @property
    def mirrored(self) -> ActionUnit:
        """The unit seen in a mirror: a turn to the left becomes one to the right; most units are their own mirror."""
        return _MIRROR.get(self, self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """One row of the table of units.

    Attributes:
        label: FACS name.
        muscles: Muscles that act, in anatomical Latin or English; empty where no muscle is listed.
        region: Where it is seen.
        moves: What moves, in this project's words.
        direction: Which way, in this project's words.
        sides: Whether the two halves can act separately.
        kind: Sort of code.
        default_intensity: Intensity when only presence is said, 0 to 5.
    """

    label: str
    muscles: str
    region: Region
    moves: str
    direction: str
    sides: Sides
    kind: Kind
    default_intensity: float = 3.0


def _unit(
    label: str, muscles: str, region: Region, moves: str, direction: str, sides: Sides, default: float = 3.0
) -> Facts:
    return Facts(
        label=label,
        muscles=muscles,
        region=region,
        moves=moves,
        direction=direction,
        sides=sides,
        kind=Kind.ACTION_UNIT,
        default_intensity=default,
    )


def _descriptor(label: str, muscles: str, region: Region, moves: str, direction: str, sides: Sides) -> Facts:
    return Facts(
        label=label,
        muscles=muscles,
        region=region,
        moves=moves,
        direction=direction,
        sides=sides,
        kind=Kind.ACTION_DESCRIPTOR,
    )


def _position(label: str, region: Region, direction: str) -> Facts:
    return Facts(
        label=label,
        muscles="",
        region=region,
        moves="head" if region is Region.HEAD else "eyes",
        direction=direction,
        sides=Sides.TOGETHER,
        kind=Kind.HEAD if region is Region.HEAD else Kind.EYES,
    )


_B, _E, _N, _C, _M, _J = Region.BROW, Region.EYE, Region.NOSE, Region.CHEEK, Region.MOUTH, Region.JAW
_EACH, _ONE, _TOGETHER = Sides.EACH, Sides.ONE, Sides.TOGETHER
_U = ActionUnit

FACTS: dict[ActionUnit, Facts] = {
    _U.AU1: _unit("Inner brow raiser", "frontalis, pars medialis", _B, "inner brow", "up", _EACH),
    _U.AU2: _unit("Outer brow raiser", "frontalis, pars lateralis", _B, "outer brow", "up", _EACH),
    _U.AU4: _unit(
        "Brow lowerer",
        "corrugator supercilii, depressor supercilii, depressor glabellae (procerus)",
        _B,
        "brow",
        "down and together",
        _EACH,
    ),
    _U.AU5: _unit(
        "Upper lid raiser", "levator palpebrae superioris, superior tarsal muscle", _E, "upper lid", "up", _EACH
    ),
    _U.AU6: _unit(
        "Cheek raiser", "orbicularis oculi, pars orbitalis", _E, "cheek and skin round the eye", "up and inward", _EACH
    ),
    _U.AU7: _unit("Lid tightener", "orbicularis oculi, pars palpebralis", _E, "lids", "narrower", _EACH),
    _U.AU8: _unit("Lips toward each other", "orbicularis oris", _M, "lips", "toward each other", _TOGETHER),
    _U.AU9: _unit(
        "Nose wrinkler", "levator labii superioris alaeque nasi", _N, "sides of the nose, upper lip", "up", _EACH
    ),
    _U.AU10: _unit("Upper lip raiser", "levator labii superioris", _M, "upper lip", "up", _EACH),
    _U.AU11: _unit("Nasolabial deepener", "zygomaticus minor", _C, "nasolabial fold", "up and outward", _EACH),
    _U.AU12: _unit("Lip corner puller", "zygomaticus major", _M, "lip corners", "up and back", _EACH),
    _U.AU13: _unit("Sharp lip puller", "levator anguli oris (caninus)", _M, "lip corners", "straight up", _EACH),
    _U.AU14: _unit("Dimpler", "buccinator", _M, "lip corners", "inward, tight", _EACH),
    _U.AU15: _unit("Lip corner depressor", "depressor anguli oris (triangularis)", _M, "lip corners", "down", _EACH),
    _U.AU16: _unit("Lower lip depressor", "depressor labii inferioris", _M, "lower lip", "down", _EACH),
    _U.AU17: _unit("Chin raiser", "mentalis", Region.CHIN, "chin boss, lower lip", "up", _TOGETHER),
    _U.AU18: _unit(
        "Lip pucker",
        "incisivii labii superioris, incisivii labii inferioris",
        _M,
        "mouth opening",
        "inward and forward",
        _TOGETHER,
    ),
    _U.AU19: _descriptor("Tongue show", "genioglossus, medial pterygoid, masseter", _M, "tongue", "out", _TOGETHER),
    _U.AU20: _unit("Lip stretcher", "risorius, platysma", _M, "lip corners", "sideways", _EACH),
    _U.AU21: _unit("Neck tightener", "platysma", Region.NECK, "skin of the neck", "tense", _EACH),
    _U.AU22: _unit("Lip funneler", "orbicularis oris", _M, "lips", "outward, as a funnel", _TOGETHER),
    _U.AU23: _unit("Lip tightener", "orbicularis oris", _M, "red part of the lips", "narrower, tense", _TOGETHER),
    _U.AU24: _unit("Lip pressor", "orbicularis oris", _M, "lips", "pressed together", _TOGETHER),
    _U.AU25: _unit(
        "Lips part",
        "depressor labii inferioris, or relaxation of mentalis or orbicularis oris",
        _M,
        "lips",
        "apart",
        _TOGETHER,
    ),
    _U.AU26: _unit(
        "Jaw drop", "masseter, temporalis and medial pterygoid, relaxed", _J, "jaw", "down, relaxed", _TOGETHER
    ),
    _U.AU27: _unit("Mouth stretch", "pterygoids, digastric", _J, "jaw", "down, by force", _TOGETHER),
    _U.AU28: _unit("Lip suck", "orbicularis oris", _M, "lips", "rolled in over the teeth", _TOGETHER),
    _U.AU29: _descriptor("Jaw thrust", "pterygoids, masseter", _J, "jaw", "forward", _TOGETHER),
    _U.AU30: _descriptor("Jaw sideways", "pterygoids, masseter, temporalis", _J, "jaw", "sideways", _ONE),
    _U.AU31: _descriptor("Jaw clencher", "masseter", _J, "jaw", "clenched", _TOGETHER),
    _U.AU32: _descriptor("Lip bite", "", _M, "lip", "between the teeth", _EACH),
    _U.AU33: _descriptor(
        "Cheek blow", "buccinator, orbicularis oris, mentalis", _C, "cheeks", "out, air escaping", _TOGETHER
    ),
    _U.AU34: _descriptor(
        "Cheek puff", "buccinator, orbicularis oris, mentalis", _C, "cheeks", "out, air held", _TOGETHER
    ),
    _U.AU35: _descriptor("Cheek suck", "buccinator", _C, "cheeks", "inward", _TOGETHER),
    _U.AU36: _descriptor("Tongue bulge", "", _C, "cheek wall", "out, by the tongue", _ONE),
    _U.AU37: _descriptor("Lip wipe", "pterygoids, masseter, genioglossus", _M, "tongue", "along the lips", _TOGETHER),
    _U.AU38: _unit(
        "Nostril dilator",
        "nasalis (pars alaris), dilator naris anterior, depressor septi nasi",
        _N,
        "nostril wings",
        "out",
        _EACH,
    ),
    _U.AU39: _unit(
        "Nostril compressor", "nasalis (pars transversa), compressor narium minor", _N, "nostril wings", "in", _EACH
    ),
    _U.AU40: _descriptor("Sniff", "", _N, "nose", "air drawn in", _TOGETHER),
    _U.AU43: _unit("Eyes closed", "levator palpebrae superioris, relaxed", _E, "upper lid", "down", _EACH, 5.0),
    _U.AU45: _unit(
        "Blink",
        "levator palpebrae superioris relaxed, then orbicularis oculi",
        _E,
        "lids of both eyes",
        "closed briefly",
        _TOGETHER,
        5.0,
    ),
    _U.AU46: _unit("Wink", "orbicularis oculi", _E, "lids of one eye", "closed", _ONE, 5.0),
    _U.AU51: _position("Head turn left", Region.HEAD, "left"),
    _U.AU52: _position("Head turn right", Region.HEAD, "right"),
    _U.AU53: _position("Head up", Region.HEAD, "up"),
    _U.AU54: _position("Head down", Region.HEAD, "down"),
    _U.AU55: _position("Head tilt left", Region.HEAD, "toward the left shoulder"),
    _U.AU56: _position("Head tilt right", Region.HEAD, "toward the right shoulder"),
    _U.AU57: _position("Head forward", Region.HEAD, "forward"),
    _U.AU58: _position("Head back", Region.HEAD, "back"),
    _U.AU61: _position("Eyes turn left", Region.GAZE, "left"),
    _U.AU62: _position("Eyes turn right", Region.GAZE, "right"),
    _U.AU63: _position("Eyes up", Region.GAZE, "up"),
    _U.AU64: _position("Eyes down", Region.GAZE, "down"),
    _U.AU65: _position("Walleye", Region.GAZE, "apart"),
    _U.AU66: _position("Cross-eye", Region.GAZE, "toward the nose"),
}
"""The table of units."""

NOT_UNITS = {
    3: "AU3 exists in Baby FACS only; write 4",
    41: "AU41 (lid droop, FACS 1978) is a weak AU43 since FACS 2002; write 43B",
    42: "AU42 (slit, FACS 1978) is a strong AU43 since FACS 2002; write 43D",
    44: "AU44 (squint, FACS 1978) is a strong AU7 since FACS 2002; write 7D",
}
"""Numbers that coders may meet but that are not units here, with what to write instead."""

_MIRROR = {
    _U.AU51: _U.AU52,
    _U.AU52: _U.AU51,
    _U.AU55: _U.AU56,
    _U.AU56: _U.AU55,
    _U.AU61: _U.AU62,
    _U.AU62: _U.AU61,
}


def checked_unit(value: object, what: str = "unit") -> ActionUnit:
    """Return the unit with a FACS number.

    Args:
        value: A FACS number, 1 to 66, or an `ActionUnit`.
        what: What is being given, for the error text.

    Raises:
        ValueError: There is no such unit.
    """
    if isinstance(value, ActionUnit):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        if value in ActionUnit._value2member_map_:
            return ActionUnit(value)
        if value in NOT_UNITS:
            raise ValueError(f"{what} {value}: {NOT_UNITS[value]}.")
    raise ValueError(f"{what} is {value!r}; accepted are the FACS numbers that `auface units` lists, such as 12.")
