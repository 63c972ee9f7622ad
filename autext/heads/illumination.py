"""Light for rendering: irradiance of the surroundings in spherical harmonics, a key light and a rim light."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from auface.autext.head_description import Light

from .pack import Floats, HeadPack

HIGHEST_KEY = 0.6
"""Sine of elevation above which the key light is tipped forward, so that eyes are not lost in shadow."""

# A camera adapts to what falls on the face, though not entirely: dark rooms stay darker than sunny places.
_EXPOSED, _ADAPTATION = 0.95, 0.7
_FORWARD = np.array([0.0, 0.25, 0.97])


@dataclass(frozen=True, slots=True, eq=False)
class Illumination:
    """Light in the frame of the camera that stands in front of the head.

    Attributes:
        harmonics: (9, 3) weights of `polynomials`; irradiance divided by pi.
        key_direction: (3,) unit vector toward the key light.
        key_color: (3,) its color times its strength.
        rim_direction: (3,) unit vector toward the light from behind.
        rim_color: (3,) its color times its strength.
    """

    harmonics: Floats
    key_direction: Floats
    key_color: Floats
    rim_direction: Floats
    rim_color: Floats


def illumination(pack: HeadPack, light: Light) -> Illumination:
    """Return the light of a description.

    Args:
        pack: The head pack.
        light: What is described.

    Raises:
        ValueError: The pack has no such surroundings.
    """
    rim_direction = _unit(np.array([-0.6, 0.35, -0.8]))
    if light.surroundings == "room":
        harmonics = np.zeros((9, 3), np.float32)
        harmonics[0], harmonics[1], harmonics[2] = (0.72, 0.72, 0.76), (0.2, 0.2, 0.22), (0.16, 0.16, 0.16)
        spin = _about_vertical(light.turn)
        key_direction, key_color = spin @ np.array([0.45, 0.5, 0.9]), np.array([0.9, 0.85, 0.79])
        rim_color = np.array([0.35, 0.37, 0.42])
    else:
        name = checked_surroundings(pack, light.surroundings)
        spin = _about_vertical(light.turn)
        ball = _ball(200)
        stored = pack.lights[f"{name}_sh"]
        harmonics = np.linalg.lstsq(polynomials(ball), polynomials(ball @ spin) @ stored, rcond=None)[0]
        key_direction = spin @ pack.lights[f"{name}_key_direction"]
        key_color, rim_color = pack.lights[f"{name}_key_colour"], np.array([0.2, 0.2, 0.22])
    key_direction = key_direction / [1, max(1.0, key_direction[1] / HIGHEST_KEY), 1]
    # A key light from behind leaves a dark face: it becomes the rim light, and a softer one stands in front.
    if key_direction[2] < 0.15:
        rim_direction, rim_color = _unit(key_direction), 0.5 * key_color * light.key
        key_direction, key_color = key_direction * [0.8, 1, 0] + [0, 0.25, 0.7], 0.6 * np.asarray(key_color)
    key_direction, harmonics, key_color = _unit(key_direction), harmonics * light.fill, key_color * light.key
    ambient = polynomials(_FORWARD[None]) @ harmonics
    falling = float(np.mean(ambient + key_color * np.clip(_FORWARD @ key_direction, 0.25, 1)))
    exposure = (_EXPOSED / max(falling, 0.05)) ** _ADAPTATION
    rim_color = exposure * np.asarray(rim_color)
    return Illumination(
        harmonics=(exposure * harmonics).astype(np.float32),
        key_direction=key_direction,
        key_color=np.asarray(exposure * key_color, np.float32),
        rim_direction=rim_direction,
        rim_color=np.asarray(rim_color, np.float32),
    )


def checked_surroundings(pack: HeadPack, name: str) -> str:
    """Return the name of a panorama after checking it.

    Args:
        pack: The head pack.
        name: What is asked for.

    Raises:
        ValueError: The pack has no such panorama.
    """
    names = sorted(key.removesuffix("_sh") for key in pack.lights if key.endswith("_sh"))
    if name not in names:
        raise ValueError(f"`surroundings` is {name!r}; accepted are 'room' and {names}.")
    return name


def polynomials(directions: Floats) -> Floats:
    """Return the (N, 9) values of the spherical harmonics, unnormalized, that `Illumination.harmonics` weighs.

    Args:
        directions: (N, 3) unit vectors.
    """
    x, y, z = directions.T
    return np.stack([np.ones_like(x), y, z, x, x * y, y * z, 3 * z * z - 1, x * z, x * x - y * y], 1)


def _ball(count: int) -> Floats:
    number = np.arange(count) + 0.5
    polar, around = np.arccos(1 - 2 * number / count), number * 2.39996
    return np.stack([np.sin(polar) * np.cos(around), np.cos(polar), np.sin(polar) * np.sin(around)], 1)


def _about_vertical(degrees: float) -> Floats:
    turn = np.radians(degrees)
    return np.array([[np.cos(turn), 0, np.sin(turn)], [0, 1, 0], [-np.sin(turn), 0, np.cos(turn)]])


def _unit(vector: Floats) -> Floats:
    return (vector / np.linalg.norm(vector)).astype(np.float32)
