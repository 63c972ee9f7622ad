"""How the surfaces of a head reflect light, and what color they have on a person."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from auface.autext.head_description import Look

from .pack import Floats

KINDS = ("skin", "teeth", "tongue", "eyes", "clothes", "brows", "lashes", "hair")
"""What a head is made of, in the order of drawing: surfaces that let something through come last."""

CASTS_SHADOW = frozenset({"skin", "hair"})
"""What throws shadows on a face."""

FITTED_AT_REST = frozenset({"hair", "clothes"})
"""What follows the neutral face only, not the expression."""

OPAQUE, CUT, BLEND, CORNEA = range(4)

# sRGB from the lightest to the darkest skin, at tone 0, 0.2, ..., 1
_SKIN = np.array(
    [(228, 190, 172), (216, 170, 145), (193, 142, 112), (156, 107, 79), (114, 75, 55), (78, 51, 40)], np.float32
)
_WARM, _COOL = np.array([1.0, 0.985, 0.9]), np.array([1.0, 0.97, 1.03])


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """How a surface reflects light.

    Attributes:
        roughness: 0 (mirror) to 1 (chalk).
        specular: Strength of the highlights.
        scatter: 0 (solid) to 1 (light bleeds through as in skin).
        alpha: OPAQUE, CUT, BLEND or CORNEA.
        least: What is left of the light where the baked occlusion is darkest, 0 to 1.
        gain: Factor on the color.
        catchlight: Strength of the window that eyes mirror.
        hue: Share of the picture's hue that is kept.
    """

    roughness: float
    specular: float
    scatter: float = 0.0
    alpha: int = OPAQUE
    least: float = 0.1
    gain: float = 1.0
    catchlight: float = 0.0
    hue: float = 1.0


MATERIALS: dict[str, Material] = {
    "skin": Material(roughness=0.5, specular=0.85, scatter=1.0, least=0.04),
    "teeth": Material(roughness=0.3, specular=1.0, scatter=0.3, least=0.6, gain=1.15),
    "tongue": Material(roughness=0.35, specular=1.0, scatter=0.5, least=0.25),
    "eyes": Material(roughness=0.12, specular=1.0, alpha=CORNEA, gain=0.85, catchlight=1.0),
    "clothes": Material(roughness=0.9, specular=0.2, alpha=CUT),
    "brows": Material(roughness=0.9, specular=0.0, alpha=BLEND, least=1.0, hue=0.0),
    "lashes": Material(roughness=0.9, specular=0.0, alpha=BLEND, least=1.0),
    "hair": Material(roughness=0.55, specular=0.22, scatter=0.2, alpha=BLEND, hue=0.1),
}
"""The material of each kind."""


def skin_color(look: Look) -> Floats:
    """Return the (3,) linear albedo of a person's skin.

    Args:
        look: Its tone and undertone.
    """
    place = look.tone * (len(_SKIN) - 1)
    srgb = np.array([np.interp(place, np.arange(len(_SKIN)), _SKIN[:, k]) for k in range(3)]) / 255
    hue = _WARM ** max(look.undertone, 0) * _COOL ** max(-look.undertone, 0)
    return (srgb**2.2 * hue).astype(np.float32)


def color_of(kind: str, look: Look, mean: Floats) -> tuple[Floats, Floats, float]:
    """Return the (3,) albedo, the (3,) mean of the picture that stands for it, and the contrast of a surface.

    Args:
        kind: One of `KINDS`.
        look: The person's.
        mean: (3,) linear mean color of the picture.
    """
    one = np.ones(3, np.float32)
    if kind == "skin":
        # The pictures are of light and dark people; what they hold beyond their mean color is kept.
        return skin_color(look), mean, 0.6 if "dark" in look.skin else 0.95
    if kind == "hair":
        return np.array(look.hair_color, np.float32), mean, 0.8
    if kind == "brows":
        return np.minimum(np.array(look.hair_color, np.float32), 0.16) * 0.5, mean, 0.3
    if kind == "lashes":
        return np.array([0.01, 0.008, 0.007], np.float32), mean, 0.0
    if kind == "teeth":
        yellow = look.teeth_yellow
        return np.array([1, 0.985 - 0.06 * yellow, 0.95 - 0.24 * yellow], np.float32), one, 1.0
    return one, one, 1.0
