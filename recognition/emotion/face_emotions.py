"""`face_emotions`: what all opinions that are there say of one face, and their fusion."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from auface.recognition.result import FaceReading

from .anatomy import basic_opinion, compound_opinion
from .fusion import COMPOUND_SHIPPED, SHIPPED, Fusion
from .opinion import BASIC, COMPOUND, Opinion, spread_over_compounds


@dataclass(frozen=True, slots=True)
class FaceEmotions:
    """The emotions of a face.

    Attributes:
        basic: Fused opinion on neutral and the seven basic emotions.
        compound: Fused opinion on compound emotions.
        opinions: What was fused, on both kinds of emotions, by source.
    """

    basic: Opinion
    compound: Opinion
    opinions: tuple[Opinion, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return what JSON holds: both fused opinions, and the best of each source."""
        return {
            "basic": self.basic.to_dict(),
            "compound": self.compound.to_dict(),
            "sources": [
                {"source": one.source, "of": "basic" if _is_basic(one) else "compound", "best": one.best}
                for one in self.opinions
            ],
        }


def face_emotions(
    face: FaceReading,
    others: Sequence[Opinion] = (),
    classes: Sequence[str] = COMPOUND,
    fusion: Fusion = SHIPPED,
    compound_fusion: Fusion = COMPOUND_SHIPPED,
) -> FaceEmotions:
    """Fuse what is known of a face: its anatomy, the crop network's opinion, and others.

    An opinion on basic emotions also speaks for compound ones (`spread_over_compounds`), unless the same source has an
    opinion on these of its own.

    Args:
        face: The face.
        others: Opinions of a visual language model or a classifier, on neutral and basic or on compound emotions.
        classes: The compound emotions to answer for.
        fusion: Weights for basic emotions.
        compound_fusion: Weights for compound emotions.

    Raises:
        ValueError: Opinions of one source come twice, or a source has no weight, or emotions differ.
    """
    basic = [basic_opinion(face.units)]
    compound = [compound_opinion(face.units, classes)]
    if face.emotions:
        basic.append(cnn_opinion(face))
    for other in others:
        (basic if _is_basic(other) else compound).append(other)
    answered = {opinion.source for opinion in compound}
    spread = [spread_over_compounds(opinion, classes) for opinion in basic if opinion.source not in answered]
    return FaceEmotions(
        fusion.fuse(basic),
        compound_fusion.fuse([*compound, *spread]),
        (*basic, *compound),
    )


def cnn_opinion(face: FaceReading) -> Opinion:
    """Return what the crop network says of neutral and the basic emotions.

    Args:
        face: A face of which a picture was looked at.

    Raises:
        ValueError: It was not.
    """
    if not face.emotions:
        raise ValueError("`face` has no emotions: only landmarks were read; accepted is one seen in a picture.")
    return Opinion("cnn", {name: face.emotions[name] for name in BASIC})


def _is_basic(opinion: Opinion) -> bool:
    return set(opinion.classes) == set(BASIC)
