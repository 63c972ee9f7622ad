"""Heat maps of action units on a face: where the skin is that each unit moves, as strongly as the unit acts.

A unit's place is the field of displacements that the structural prior knows of it: each landmark is as warm as the unit
moves it, relative to the landmark that it moves most, times intensity / 5. Of several units the warmest counts. The
colors are laid over the triangles of the face mesh, softened, and let the picture show through where nothing acts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from auface.facs import ActionUnit, Sides
from auface.structure.action_vector import UNITS
from auface.structure.topology import topology

from .result import Face, UnitReading

if TYPE_CHECKING:
    from PIL.Image import Image

Floats = NDArray[np.float32]
Levels = Mapping[ActionUnit, tuple[float, float]]
"""Unit -> intensity on the subject's left and right, 0 to 5; negative ones are allowed where a scale has two ends."""

WARM: tuple[tuple[int, int, int], ...] = ((255, 214, 74), (255, 138, 36), (226, 42, 44), (150, 12, 92))
"""RGB from weak to strong: yellow, orange, red, purple."""

TOO_STRONG: tuple[tuple[int, int, int], ...] = ((255, 190, 120), (240, 88, 30), (190, 20, 30))
"""RGB of what is shown but was not asked for, from little to much."""

TOO_WEAK: tuple[tuple[int, int, int], ...] = ((150, 205, 255), (50, 130, 240), (30, 50, 190))
"""RGB of what was asked for but is not shown, from little to much."""

AS_ASKED: tuple[tuple[int, int, int], ...] = ((190, 235, 160), (90, 190, 90), (20, 130, 70))
"""RGB of what is shown as it was asked for, from weak to strong."""

_LEAST = 0.35  # of a unit's largest displacement; less is skin that is merely pulled along
_STRONGEST_COVER = 0.8  # how much of the picture the warmest color hides


@dataclass(frozen=True, slots=True)
class HeatLayer:
    """One field of heat with its colors.

    Attributes:
        heat: (478,) warmth of each landmark, 0 to 1.
        colors: RGB from weak to strong.
    """

    heat: Floats
    colors: tuple[tuple[int, int, int], ...] = WARM


def unit_heat(levels: Levels) -> Floats:
    """Return how warm each landmark is, (478,), 0 to 1.

    Args:
        levels: Unit -> intensity on the left and right; units that move no skin (head, gaze) have no place.
    """
    fields = _fields()
    heat = np.zeros(fields.shape[2], np.float32)
    for unit, (left, right) in levels.items():
        if unit not in UNITS:
            continue
        place = UNITS.index(unit)
        for side, value in enumerate((left, right)):
            heat = np.maximum(heat, fields[side, place] * np.float32(min(5.0, max(0.0, value)) / 5))
    return heat


def reading_levels(reading: UnitReading) -> dict[ActionUnit, tuple[float, float]]:
    """Return unit -> intensity on the left and right, 0 where a side could not be judged.

    Args:
        reading: The units of a face.
    """
    return {
        unit: (
            value.left if reading.is_judged(unit, "left") else 0.0,
            value.right if reading.is_judged(unit, "right") else 0.0,
        )
        for unit, value in reading.values.items()
    }


def draw_heat(picture: Image, face: Face, *layers: HeatLayer) -> Image:
    """Return a copy of a picture with fields of heat drawn on one face, later layers over earlier ones.

    Args:
        picture: RGB; the picture that the face was found in.
        face: The face.
        *layers: Fields of heat, as `unit_heat` makes them.
    """
    from PIL import Image

    x0, y0, x1, y1 = _area(face, picture.size)
    if x1 <= x0 or y1 <= y0:
        return picture.copy()
    result = picture.convert("RGB")
    part = np.asarray(result.crop((x0, y0, x1, y1)), np.float32)
    points = face.landmarks[:, :2] - np.array([x0, y0], np.float32)
    for layer in layers:
        heat = _raster(points, layer.heat, (x1 - x0, y1 - y0), face.size)
        cover = (_STRONGEST_COVER * (1 - np.exp(-3.5 * heat**1.25)))[..., None]
        part = part * (1 - cover) + _colored(heat, layer.colors) * cover
    result.paste(Image.fromarray(part.round().astype(np.uint8)), (x0, y0))
    return result


def _area(face: Face, size: tuple[int, int]) -> tuple[int, int, int, int]:
    """Return the part of the picture that the face covers, with room for softening."""
    margin = 0.1 * face.size
    low, high = face.landmarks[:, :2].min(0) - margin, face.landmarks[:, :2].max(0) + margin
    x0, y0 = (int(value) for value in np.floor(low).clip(0))
    x1, y1 = (int(value) for value in np.ceil(np.minimum(high, size)))
    return x0, y0, x1, y1


def _raster(points: Floats, heat: Floats, size: tuple[int, int], scale: float) -> Floats:
    """Return heat at every pixel: triangles in the mean heat of their corners, softened."""
    from PIL import Image, ImageDraw, ImageFilter

    field = Image.new("L", size, 0)
    draw = ImageDraw.Draw(field)
    triangles = topology().triangles
    warmth = heat[triangles].mean(1)
    for number in np.argsort(warmth):  # the warmest last, so that none is covered by a colder neighbor
        if warmth[number] > 0.005:
            corners = [(float(x), float(y)) for x, y in points[triangles[number]]]
            draw.polygon(corners, fill=int(255 * warmth[number]))
    soft = field.filter(ImageFilter.GaussianBlur(0.022 * float(scale)))
    return (np.asarray(soft) / 255).astype(np.float32)


def _colored(heat: Floats, colors: tuple[tuple[int, int, int], ...]) -> Floats:
    stops = np.linspace(0, 1, len(colors))
    table = np.array(colors, np.float32)
    return np.stack([np.interp(heat, stops, table[:, channel]) for channel in range(3)], -1).astype(np.float32)


@cache
def _fields() -> Floats:
    """(2, units, 478) warmth of each landmark when a unit acts fully on the left, on the right."""
    shared = topology()
    moved = np.linalg.norm(shared.unit, axis=2)
    warmth = moved / np.maximum(moved.max(1, keepdims=True), 1e-6)
    warmth = np.clip((warmth - _LEAST) / (1 - _LEAST), 0, 1)
    mirrored = warmth[:, shared.mirror]
    both = np.array([unit.sides is Sides.TOGETHER for unit in UNITS])[:, None]
    whole = np.maximum(warmth, mirrored)
    return np.stack([np.where(both, whole, warmth), np.where(both, whole, mirrored)]).astype(np.float32)
