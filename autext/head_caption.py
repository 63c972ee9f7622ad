"""`prompt_of`: a synthetic head in words, those that auface-mini is taught: age, sex, skin, hair, light, background.

Each call with another random source says it differently: other synonyms, other order, some things left out, now and
then a word that means nothing to the model. What the words stand for is in `WORDS`.
"""

from __future__ import annotations

from random import Random

import numpy as np

from .head_description import HeadDescription, Identity, Look, View

WORDS: dict[str, dict[str, tuple[str, ...]]] = {
    "age": {
        "young": ("young", "young adult", "youthful"),
        "adult": ("adult", "grown"),
        "middle": ("middle-aged", "middle aged", "mature"),
        "old": ("old", "elderly", "aged", "senior"),
    },
    "sex": {
        "female": ("woman", "woman", "woman", "female", "lady"),
        "male": ("man", "man", "man", "male", "guy", "gentleman"),
    },
    "sex of the young": {"female": ("girl",), "male": ("boy",)},
    "skin": {
        "very light": ("very fair", "pale", "very light", "white"),
        "light": ("fair", "light"),
        "medium": ("medium", "tan", "tanned", "olive"),
        "brown": ("brown", "light brown"),
        "dark": ("dark", "dark brown", "black"),
        "very dark": ("very dark", "deep dark", "black"),
    },
    "hair": {
        "short": ("short",),
        "long": ("long", "long straight"),
        "ponytail": ("tied back", "ponytail", "bun"),
    },
    "hair color": {
        "black": ("black", "dark"),
        "dark brown": ("dark brown", "brunette"),
        "brown": ("brown", "brunette"),
        "light brown": ("light brown",),
        "blond": ("blond", "blonde", "fair"),
        "red": ("red", "ginger", "auburn"),
        "gray": ("gray", "grey", "silver", "white"),
    },
    "light": {
        "city": ("city light", "street light", "daylight"),
        "courtyard": ("courtyard light", "daylight", "outdoor light"),
        "forest": ("forest light", "natural light", "daylight"),
        "interior": ("indoor light", "room light", "interior light"),
        "night": ("night light", "night", "dark light"),
        "studio": ("studio light", "studio lighting"),
        "sunrise": ("sunrise light", "morning light", "dawn"),
        "sunset": ("sunset light", "evening light", "golden hour", "warm light"),
        "hard": ("hard light", "dramatic light", "strong shadows", "contrast"),
        "soft": ("soft light", "even light", "diffuse light"),
    },
    "background": {
        "city": ("city background", "street background"),
        "courtyard": ("courtyard background", "outdoor background"),
        "forest": ("forest background", "nature background", "trees"),
        "interior": ("indoor background", "room background"),
        "night": ("night background", "dark background"),
        "studio": ("studio background",),
        "sunrise": ("sunrise background", "sky background"),
        "sunset": ("sunset background", "sky background"),
        "blurred": ("blurred background", "bokeh", "out of focus background"),
        "plain": ("plain background", "simple background", "backdrop"),
    },
}
"""Kind of thing -> what it is -> how it may be said."""

COLORS: dict[str, tuple[float, float, float]] = {
    "gray": (0.5, 0.5, 0.5),
    "dark gray": (0.25, 0.25, 0.25),
    "light gray": (0.75, 0.75, 0.75),
    "red": (0.6, 0.42, 0.42),
    "brown": (0.45, 0.38, 0.32),
    "yellow": (0.62, 0.6, 0.45),
    "green": (0.42, 0.58, 0.44),
    "blue": (0.42, 0.48, 0.62),
    "purple": (0.52, 0.42, 0.58),
    "pink": (0.7, 0.55, 0.62),
    "teal": (0.42, 0.58, 0.58),
}
"""Color of a plain background -> its sRGB."""

FILLER = (
    "a", "an", "the", "of", "with", "and", "in", "on", "at", "is", "has", "his", "her", "face", "portrait", "photo",
    "photograph", "picture", "image", "close-up", "headshot", "person", "human", "years", "year", "skin", "hair",
    "eyes", "haired", "skinned", "eyed", "light", "lighting", "lit", "background", "complexion", "detailed",
    "realistic", "render", "3d", "high", "quality", "cinematic", "35mm", "beautiful", "best", "looking", "camera",
    "front", "view", "bright",
)  # fmt: skip
"""Words that prompts have and that say nothing which the model is taught."""

HAIR_LENGTH = {"long01": "long", "ponytail01": "ponytail"}
"""Haircut -> how long it is; others are short."""

_HAIR_COLORS = {
    "black": (0.012, 0.010, 0.009),
    "dark brown": (0.030, 0.019, 0.012),
    "brown": (0.075, 0.043, 0.024),
    "light brown": (0.150, 0.090, 0.048),
    "blond": (0.330, 0.225, 0.115),
    "red": (0.190, 0.062, 0.022),
    "gray": (0.36, 0.37, 0.38),
}
EYE_COLORS = {
    "blue": "blue", "deepblue": "blue", "lightblue": "light blue", "bluegreen": "green", "brown": "brown",
    "brownlight": "light brown", "green": "green", "grey": "gray",
}  # fmt: skip
"""Iris -> its color."""

_TONES = ((0.12, "very light"), (0.32, "light"), (0.5, "medium"), (0.66, "brown"), (0.84, "dark"), (9.0, "very dark"))
_AGES = ((28, "young"), (42, "adult"), (58, "middle"), (999, "old"))


def prompt_of(head: HeadDescription, rng: Random) -> str:
    """Describe a head.

    Args:
        head: The head.
        rng: What is said, and how.
    """
    identity, view = head.identity, head.view
    parts = [_hair(identity.look, rng), _skin(identity.look, rng), _light(view, rng), _background(view, rng)]
    if rng.random() < 0.25:
        parts.append(f"{EYE_COLORS[identity.look.eyes]} eyes")
    parts = [part for part in parts if rng.random() < 0.75]
    rng.shuffle(parts)
    if rng.random() < 0.92:
        parts.insert(0, _person(identity, rng))
    if rng.random() < 0.15:
        parts.insert(rng.randint(0, len(parts)), _noise(rng))
    joint = rng.choice((", ", ", ", ", ", " ", " with ", " and "))
    return joint.join(parts[:1]) + (joint if parts[1:] else "") + ", ".join(parts[1:])


def person_words(identity: Identity) -> tuple[str, str]:
    """Return the keys of age and sex in `WORDS`.

    Args:
        identity: The person.
    """
    return next(name for limit, name in _AGES if identity.age < limit), identity.sex


def background_color(view: View) -> str:
    """Return the name of a plain background's color.

    Args:
        view: The view.
    """
    wanted = np.array(view.background.color)
    return min(COLORS, key=lambda name: float(np.abs(np.array(COLORS[name]) - wanted).sum()))


def hair_color(look: Look) -> str:
    """Return the name of the color of hair that is nearest, a key of `WORDS`.

    Args:
        look: The look.
    """
    wanted = np.log(np.array(look.hair_color) + 0.01)
    return min(_HAIR_COLORS, key=lambda name: float(np.abs(np.log(np.array(_HAIR_COLORS[name]) + 0.01) - wanted).sum()))


def _said(kind: str, what: str, rng: Random) -> str:
    return rng.choice(WORDS[kind][what])


def _person(identity: Identity, rng: Random) -> str:
    age, sex = person_words(identity)
    noun = "person" if rng.random() < 0.06 else _said("sex", sex, rng)
    if age == "young" and rng.random() < 0.2:
        noun = _said("sex of the young", sex, rng)
    draw = rng.random()
    if draw < 0.2:
        noun = f"{round(identity.age)} {rng.choice(('year old', 'years old'))} {noun}"
    elif draw < 0.85:
        noun = f"{_said('age', age, rng)} {noun}"
    if rng.random() < 0.3:
        noun = f"{_skin(identity.look, rng, alone=True)} {noun}"
    article = rng.choice(("a ", "a ", "", "the "))
    if article == "a " and noun[0] in "aeiou":
        article = "an "
    before = rng.choice(("", "", "", "portrait of ", "photo of ", "a face of ", "close-up of ", "headshot of "))
    return before + article + noun


def _skin(look: Look, rng: Random, *, alone: bool = False) -> str:
    name = next(name for limit, name in _TONES if look.tone < limit)
    word = _said("skin", name, rng)
    if alone:
        return f"{word}-skinned" if rng.random() < 0.5 else f"{word} skinned"
    return f"{word} {rng.choice(('skin', 'skin', 'skin', 'complexion'))}"


def _hair(look: Look, rng: Random) -> str:
    name = hair_color(look)
    color, length = _said("hair color", name, rng), _said("hair", HAIR_LENGTH.get(look.hair, "short"), rng)
    words = rng.choice((f"{length} {color}", f"{length} {color}", color, length))
    if words.endswith(("ponytail", "bun")):
        return words
    if words.startswith(("ponytail", "bun", "tied")):
        return f"{color} hair {length}" if length.startswith("tied") else f"{color} {length}"
    return f"{words} hair"


def _light(view: View, rng: Random) -> str:
    strength = view.light.key / view.light.fill
    if rng.random() < 0.35 and not 0.95 < strength < 1.5:
        return _said("light", "soft" if strength <= 0.95 else "hard", rng)
    return _said("light", view.light.surroundings, rng)


def _background(view: View, rng: Random) -> str:
    if view.background.panorama:
        return _said("background", "blurred" if rng.random() < 0.4 else view.light.surroundings, rng)
    if rng.random() < 0.3:
        return _said("background", "plain", rng)
    noun = rng.choice(("background", "background", "backdrop"))
    return f"{rng.choice(('', '', 'plain '))}{background_color(view)} {noun}"


def _noise(rng: Random) -> str:
    if rng.random() < 0.4:
        return " ".join(rng.choice(FILLER) for _ in range(rng.randint(1, 3)))
    letters = "abcdefghijklmnopqrstuvwxyz"
    return " ".join("".join(rng.choice(letters) for _ in range(rng.randint(2, 7))) for _ in range(rng.randint(1, 2)))
