"""What a visual language model is asked about a face, and the words of the answers."""

from __future__ import annotations

from collections.abc import Sequence

from auface.facs import resolve
from auface.facs.prototype import BASIC_EMOTIONS, compound_emotions
from auface.facs.text import read
from auface.recognition.presence import DENIED, UNSAID, presence_of_text

from .anatomy import ONE_SIDED, basic_opinion_of, compound_opinion_of
from .opinion import BASIC, Opinion

DESCRIPTION_QUESTION = (
    "Describe the facial expression of this person in one or two sentences: what the eyebrows, the eyelids, the nose, "
    "the cheeks, the mouth and the jaw do, and which emotion it shows."
)
"""The question of a free description."""

_ADJECTIVES = {
    "happiness": "happy",
    "sadness": "sad",
    "surprise": "surprised",
    "fear": "fearful",
    "anger": "angry",
    "disgust": "disgusted",
    "contempt": "contemptuous",
    "hatred": "full of hatred",
}

_UNSAID = 0.3
"""How probable a unit is that a free description leaves out. A description is no list of units: much goes unsaid."""


def answer_text(name: str) -> str:
    """Return an emotion as an answer in English: "happily surprised", "sad", "neutral".

    Args:
        name: Neutral, a basic or a compound emotion.

    Raises:
        ValueError: It is none of these.
    """
    if name not in (*BASIC, *compound_emotions()):
        raise ValueError(f"`name` is {name!r}; accepted are neutral, basic and compound emotions.")
    return _ADJECTIVES.get(name, name.replace("_", " "))


def choice_question(classes: Sequence[str]) -> str:
    """Return the question of a forced choice.

    Args:
        classes: The emotions to choose from, in the order in which they are named.
    """
    answers = ", ".join(answer_text(name) for name in classes)
    return (
        "Look at the face of this person. Which of these words says best what its expression is: "
        f"{answers}? Answer with one of them."
    )


def description_opinion(text: str, classes: Sequence[str]) -> Opinion | None:
    """Return what a free description says of emotions, by the reader of AUFace and the prototypes.

    The reader turns what is said of parts of the face, and words for emotions, into units; these are weighed as the
    units of a face are. A unit that is stated is as probable as its intensity makes it, a denied one improbable, and
    one that goes unsaid has 0.3.

    Args:
        text: The description.
        classes: The emotions: neutral and basic ones, or compound ones.

    Returns:
        The opinion, or None where nothing about a face was understood.
    """
    if not text.strip():
        return None
    reading = read(text[:10_000])
    if not reading.spans:
        return None
    stated = resolve(reading.expression)
    units = {*stated.units, *reading.negated.units}
    denied = reading.negated.removed(stated)
    said = presence_of_text(stated, units, denied)
    neutral = not stated.units and any(not span.activations for span in reading.spans)
    unsaid = DENIED if neutral else _UNSAID  # who calls a face neutral denies every unit
    probabilities = {int(unit): unsaid for emotion in compound_emotions().values() for unit in emotion.expression.units}
    probabilities |= {int(unit): value for unit, value in said.items()}
    probabilities[ONE_SIDED] = UNSAID
    if any(stated.left(unit) != stated.right(unit) for unit in (12, 14)):
        probabilities[ONE_SIDED] = 1 - UNSAID  # who sees a corner alone says so
    basic = set(classes) <= set(BASIC) and any(name in BASIC_EMOTIONS for name in classes)
    opinion = (
        basic_opinion_of(probabilities).restricted(classes) if basic else compound_opinion_of(probabilities, classes)
    )
    return Opinion("vlm description", opinion.probabilities)
