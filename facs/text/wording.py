"""What is said of each action unit: the noun that moves, what it does, and what else then shows in the face.

Notation of this table: `~` is where a degree word goes, `{S}` becomes "left" or "right" in the one-sided form. Adding a
unit means adding a row here, and its words to `lexicon/`, from which the reader learns.
"""

from __future__ import annotations

from dataclasses import dataclass

from .degree import Scale


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """How one unit, or several units at one level, are said.

    Attributes:
        units: FACS numbers that the phrase states, all at the same level and on the same sides.
        both: Nouns for both sides (for the midline, where there are no sides).
        one: Nouns for one side, with `{S}`; empty where the units cannot be one-sided.
        does: Predicates with `~`; those of a single word also serve as attribute ("raised inner brows").
        one_does: Predicates for one side, where they differ.
        noun_phrases: Whole noun phrases with `~` for a degree adjective ("a ~ smile"), both sides only.
        one_noun_phrases: The same for one side, with `{S}`.
        shows: What else can be seen; added in detailed descriptions, and weak evidence when read alone.
        singular: Whether the nouns for both sides take "is".
        scale: Which degree words suit.
    """

    units: tuple[int, ...]
    both: tuple[str, ...] = ()
    one: tuple[str, ...] = ()
    does: tuple[str, ...] = ()
    one_does: tuple[str, ...] = ()
    noun_phrases: tuple[str, ...] = ()
    one_noun_phrases: tuple[str, ...] = ()
    shows: tuple[str, ...] = ()
    singular: bool = False
    scale: Scale = Scale.PULL


_CORNERS = ("lip corners", "corners of the mouth", "corners of the lips", "mouth corners")
_CORNER = ("{S} lip corner", "{S} corner of the mouth", "{S} mouth corner")

WORDINGS: tuple[Wording, ...] = (
    # Brows
    Wording(
        units=(1,),
        both=("inner brows", "inner ends of the eyebrows", "inner corners of the brows", "inner eyebrows"),
        one=("{S} inner brow", "inner end of the {S} eyebrow", "inner corner of the {S} brow"),
        does=("~raised", "~lifted", "pulled ~up", "drawn ~upward"),
        shows=("short creases in the middle of the forehead",),
    ),
    Wording(
        units=(2,),
        both=("outer brows", "outer ends of the eyebrows", "tails of the brows", "outer eyebrows"),
        one=("{S} outer brow", "outer end of the {S} eyebrow", "tail of the {S} brow"),
        does=("~raised", "~lifted", "pulled ~up", "drawn ~upward"),
        shows=("curved creases above the tails of the brows",),
    ),
    Wording(
        units=(4,),
        both=("brows", "eyebrows"),
        one=("{S} brow", "{S} eyebrow"),
        does=("~furrowed", "~knitted", "~lowered", "drawn ~together", "drawn ~down and together", "pulled ~down"),
        one_does=("~lowered", "pulled ~down", "drawn ~down", "~furrowed"),
        shows=("vertical folds between the brows",),
    ),
    # Eyes
    Wording(
        units=(5,),
        both=("upper eyelids", "upper lids"),
        one=("{S} upper eyelid", "{S} upper lid"),
        does=("~raised", "~lifted", "pulled ~up", "~retracted"),
        shows=("the white of the eye showing above the iris",),
    ),
    Wording(units=(5,), both=("eyes",), one=("{S} eye",), does=("~widened",)),
    Wording(
        units=(6,),
        both=("cheeks",),
        one=("{S} cheek",),
        does=("~raised", "~lifted", "pushed ~up", "pulled ~up"),
        shows=("crow's feet at the outer corners of the eyes",),
    ),
    Wording(
        units=(7,),
        both=("eyelids", "lower eyelids", "lower lids"),
        one=("{S} eyelids", "{S} lower eyelid", "{S} lower lid"),
        does=("~tightened", "~tensed", "drawn ~tight"),
        shows=("the lower lids straightened over the iris",),
    ),
    Wording(units=(7,), both=("eyes",), one=("{S} eye",), does=("~narrowed", "~squinting", "~squinted")),
    Wording(units=(43,), both=("eyes", "eyelids"), one=("{S} eye",), does=("~closed",), scale=Scale.CLOSE),
    Wording(units=(45,), both=("eyes",), does=("~closed in a blink", "~closed mid-blink"), scale=Scale.CLOSE),
    Wording(units=(46,), one=("{S} eye",), one_does=("~closed in a wink",), scale=Scale.CLOSE),
    # Nose
    Wording(
        units=(9,),
        both=("nose",),
        one=("{S} side of the nose",),
        does=("~wrinkled", "~scrunched up", "~crinkled"),
        one_does=("~wrinkled", "~scrunched up", "~crinkled"),
        shows=("creases across the bridge of the nose",),
        singular=True,
    ),
    Wording(
        units=(38,),
        both=("nostrils",),
        one=("{S} nostril",),
        does=("~flared", "~dilated", "~widened"),
        shows=("the wings of the nose standing out",),
    ),
    Wording(
        units=(39,),
        both=("nostrils",),
        one=("{S} nostril",),
        does=("~narrowed", "~pinched", "~compressed"),
        shows=("the wings of the nose held in",),
    ),
    Wording(
        units=(40,),
        both=("nose",),
        does=("~sniffing",),
        noun_phrases=("a ~ sniff",),
        singular=True,
    ),
    # Cheeks
    Wording(
        units=(11,),
        both=("folds beside the nose", "nasolabial folds"),
        one=("fold on the {S} side of the nose", "{S} nasolabial fold"),
        does=("~deepened",),
        shows=("shadows running from the nostrils to the mouth",),
    ),
    Wording(
        units=(33,),
        both=("cheeks",),
        does=("~blowing air out", "~puffing out air"),
        shows=("air streaming from the mouth",),
    ),
    Wording(
        units=(34,),
        both=("cheeks",),
        does=("~puffed out", "~puffed up", "~filled with air"),
        shows=("the skin of the cheeks rounded and smooth",),
    ),
    Wording(
        units=(35,),
        both=("cheeks",),
        does=("~sucked in", "~hollowed", "drawn ~in"),
        shows=("hollows below the cheekbones",),
    ),
    Wording(
        units=(36,),
        one=("{S} cheek",),
        one_does=("~bulged by the tongue", "pushed ~out by the tongue"),
    ),
    # Mouth: corners
    Wording(
        units=(12,),
        both=_CORNERS,
        one=_CORNER,
        does=("pulled ~up and back", "drawn ~up and back", "~upturned"),
        noun_phrases=("a ~ smile",),
        one_noun_phrases=("a ~ smile on the {S} side",),
        shows=("the mouth curving up",),
    ),
    Wording(
        units=(13,),
        both=_CORNERS,
        one=_CORNER,
        does=("pulled ~straight up", "drawn ~straight up"),
        shows=("the cheeks bunched into small pouches above the mouth",),
    ),
    Wording(
        units=(14,),
        both=_CORNERS,
        one=_CORNER,
        does=("~tucked in", "~dimpled", "pulled ~inward"),
        shows=("dimples beside the mouth",),
    ),
    Wording(
        units=(15,),
        both=_CORNERS,
        one=_CORNER,
        does=("pulled ~down", "drawn ~down", "turned ~down", "~downturned"),
        shows=("the mouth curving down",),
    ),
    Wording(
        units=(20,),
        both=(*_CORNERS, "lips"),
        one=_CORNER,
        does=("~stretched sideways", "pulled ~sideways", "drawn ~sideways"),
        shows=("the mouth drawn into a long flat line",),
    ),
    # Mouth: lips
    Wording(
        units=(10,),
        both=("upper lip",),
        one=("{S} side of the upper lip", "upper lip on the {S} side"),
        does=("~raised", "~lifted", "pulled ~up", "~curled up"),
        shows=("a bent fold beside each nostril",),
        singular=True,
    ),
    Wording(
        units=(16,),
        both=("lower lip", "bottom lip"),
        one=("{S} side of the lower lip", "lower lip on the {S} side"),
        does=("pulled ~down", "drawn ~down", "~lowered"),
        shows=("the lower teeth coming into view",),
        singular=True,
    ),
    Wording(units=(8,), both=("lips",), does=("drawn ~toward each other", "moved ~toward each other")),
    Wording(
        units=(18,),
        both=("lips",),
        does=("~puckered", "~pursed"),
        noun_phrases=("a ~ pucker of the lips",),
        shows=("the mouth small and pushed forward",),
    ),
    Wording(
        units=(22,),
        both=("lips",),
        does=("~funneled", "~funneled outward", "~flared outward"),
        shows=("the mouth open like a trumpet",),
    ),
    Wording(
        units=(23,),
        both=("lips",),
        does=("~tightened", "~narrowed", "drawn ~tight"),
        shows=("little red of the lips showing",),
    ),
    Wording(
        units=(24,),
        both=("lips",),
        does=("~pressed together", "~pressed against each other", "~compressed"),
        shows=("the mouth a firm line",),
    ),
    Wording(
        units=(25,),
        both=("lips",),
        does=("~parted", "~separated"),
        scale=Scale.OPEN,
        shows=("a gap between the lips",),
    ),
    Wording(
        units=(28,),
        both=("lips",),
        does=("~sucked in", "rolled ~in over the teeth", "~rolled inward"),
        shows=("the red of the lips out of sight",),
    ),
    Wording(
        units=(32,),
        both=("lip",),
        one=("{S} side of the lip",),
        does=("~bitten", "caught ~between the teeth"),
        singular=True,
    ),
    Wording(
        units=(19,),
        both=("tongue",),
        does=("stuck ~out", "pushed ~out"),
        shows=("the tip of the tongue in view",),
        singular=True,
    ),
    Wording(units=(37,), both=("tongue",), does=("wiped ~over the lips", "run ~along the lips"), singular=True),
    # Chin and jaw
    Wording(
        units=(17,),
        both=("chin",),
        does=("~raised", "pushed ~up", "~bunched up"),
        shows=("bumpy skin on the chin and a pushed-up lower lip",),
        singular=True,
    ),
    Wording(
        units=(26,),
        both=("jaw",),
        does=("~dropped", "~lowered", "hanging ~open"),
        singular=True,
        scale=Scale.OPEN,
    ),
    Wording(
        units=(27,),
        both=("mouth",),
        does=("~stretched open",),
        shows=("the cheeks drawn long",),
        singular=True,
        scale=Scale.OPEN,
    ),
    Wording(units=(29,), both=("jaw",), does=("thrust ~forward", "pushed ~forward"), singular=True),
    Wording(units=(30,), one=("jaw",), one_does=("pushed ~to the {S}", "shifted ~to the {S}"), scale=Scale.TURN),
    Wording(
        units=(31,),
        both=("jaw",),
        does=("~clenched",),
        shows=("the muscles at the angle of the jaw standing out",),
        singular=True,
    ),
    # Neck, gaze, head
    Wording(
        units=(21,),
        both=("neck",),
        one=("{S} side of the neck",),
        does=("~tightened", "~tensed"),
        shows=("cords standing out on the neck",),
        singular=True,
    ),
    Wording(units=(61,), both=("eyes",), does=("turned ~to the left", "looking ~to the left"), scale=Scale.TURN),
    Wording(units=(62,), both=("eyes",), does=("turned ~to the right", "looking ~to the right"), scale=Scale.TURN),
    Wording(units=(63,), both=("eyes",), does=("turned ~upward", "looking ~up"), scale=Scale.TURN),
    Wording(units=(64,), both=("eyes",), does=("turned ~downward", "looking ~down"), scale=Scale.TURN),
    Wording(units=(65,), both=("eyes",), does=("turned ~outward", "turned ~apart"), scale=Scale.TURN),
    Wording(units=(66,), both=("eyes",), does=("~crossed", "turned ~toward the nose"), scale=Scale.TURN),
    Wording(units=(51,), both=("head",), does=("turned ~to the left",), singular=True, scale=Scale.TURN),
    Wording(units=(52,), both=("head",), does=("turned ~to the right",), singular=True, scale=Scale.TURN),
    Wording(units=(53,), both=("head",), does=("raised ~up", "lifted ~up"), singular=True, scale=Scale.TURN),
    Wording(units=(54,), both=("head",), does=("bowed ~down", "lowered ~down"), singular=True, scale=Scale.TURN),
    Wording(units=(55,), both=("head",), does=("tilted ~to the left",), singular=True, scale=Scale.TURN),
    Wording(units=(56,), both=("head",), does=("tilted ~to the right",), singular=True, scale=Scale.TURN),
    Wording(units=(57,), both=("head",), does=("pushed ~forward", "thrust ~forward"), singular=True, scale=Scale.TURN),
    Wording(units=(58,), both=("head",), does=("pulled ~back", "drawn ~back"), singular=True, scale=Scale.TURN),
    # Several units that are seen as one, when they are equally strong
    Wording(
        units=(1, 2),
        both=("brows", "eyebrows"),
        one=("{S} brow", "{S} eyebrow"),
        does=("~raised", "~lifted", "~arched", "pulled ~up"),
        shows=("level creases across the forehead",),
    ),
    Wording(
        units=(1, 4),
        both=("brows", "eyebrows"),
        one=("{S} brow", "{S} eyebrow"),
        does=("~pinched up in the middle", "~slanted up in the middle", "~drawn up and together"),
        shows=("a knot of creases in the middle of the forehead",),
    ),
    Wording(
        units=(4, 5, 7),
        noun_phrases=("a ~ glare",),
        shows=("a hard, fixed look",),
    ),
    Wording(units=(4, 7), noun_phrases=("a ~ scowl",)),
    Wording(
        units=(6, 12),
        noun_phrases=("a ~ smile that reaches the eyes", "a ~ smile reaching the eyes"),
        shows=("the cheeks rounded and the eyes crinkled by the smile",),
    ),
    Wording(
        units=(25, 26),
        both=("mouth",),
        does=("~open", "hanging ~open"),
        singular=True,
        scale=Scale.OPEN,
    ),
    Wording(units=(10, 16, 25), both=("teeth",), does=("~bared",)),
)
"""One row for each way to see a unit or several; a unit may have several rows."""
