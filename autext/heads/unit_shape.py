"""What each action unit does to the mesh: a table of shapes of the head pack with weights at intensity 5.

The weights were set by eye on single units, from the FACS descriptions. In names, `*` stands for the side. Shapes
without a side belong to the whole face; where a unit is one-sided, a smooth mask gives each half its own.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from auface.facs import ActionUnit

from .pack import Floats, HeadPack

MASK_WIDTH = 0.12
"""Half-width, in dm, of the smooth border between the left and the right half of the face."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitShape:
    """The shapes of one unit at intensity 5.

    Attributes:
        sided: Shape with `*` for the side -> weight.
        whole: Shape without a side -> weight.
        jaw: Shape that carries bone, and so is neither split into halves nor limited by soft tissue -> weight.
    """

    sided: dict[str, float] = field(default_factory=dict)
    whole: dict[str, float] = field(default_factory=dict)
    jaw: dict[str, float] = field(default_factory=dict)


_UNIT = "unit/caucasian/"
_S = UnitShape

UNIT_SHAPES: dict[int, UnitShape] = {
    1: _S(sided={"browInnerUp_*": 1.1}),
    2: _S(sided={"browOuterUp_*": 1.1}),
    4: _S(sided={"browDown_*": 1.1, _UNIT + "eyebrows-*-down": 0.45}),
    5: _S(sided={"eyeWide_*": 1.1, _UNIT + "eye-*-opened-up": 0.35}),
    6: _S(sided={"cheekSquint_*": 1.0, "cheekRaiser_*": 0.7, "eyeSquint_*": 0.08}),
    7: _S(sided={"eyeSquint_*": 1.3}),
    8: _S(whole={"mouthShrugLower": 0.25, "mouthRollUpper": 0.15, "mouthRollLower": 0.1}),
    9: _S(
        sided={
            "noseSneer_*": 1.1,
            "mouthUpperUp_*": -0.4,
            "browDown_*": 0.3,
            "eyeSquint_*": 0.2,
            _UNIT + "nose-*-elevation": 0.4,
        },
        whole={_UNIT + "nose-compression": 0.5},
    ),
    10: _S(sided={"mouthUpperUp_*": 0.9}),
    11: _S(
        sided={"noseSneer_*": 0.3, "mouthUpperUp_*": -0.1, "cheekSquint_*": 0.4},
        whole={"mouth/mouth-laugh-lines-in": 0.9},
    ),
    12: _S(sided={"mouthSmile_*": 1.0}),
    13: _S(
        sided={"mouthSmile_*": 0.4, "cheekPuff_*": 0.3, "cheekSquint_*": 0.35}, whole={"mouth/mouth-angles-up": 0.5}
    ),
    14: _S(sided={"mouthDimple_*": 1.1, "mouthPress_*": 0.25}, whole={"mouth/mouth-dimples-in": 0.12}),
    15: _S(sided={"mouthFrown_*": 1.0}),
    16: _S(sided={"mouthLowerDown_*": 1.0}),
    17: _S(whole={"mouthShrugLower": 1.1, "mouthShrugUpper": 0.25}),
    18: _S(whole={"mouthPucker": 1.0}),
    19: _S(jaw={"arkit/tongueOut": 1.0, "jawOpen": 0.25}),
    20: _S(sided={"mouthStretch_*": 1.1}),
    21: _S(whole={_UNIT + "neck-platysma": 1.0}),
    22: _S(whole={"mouthFunnel": 0.9}),
    23: _S(sided={"mouthPress_*": 0.35}, whole={"mouthRollLower": 0.4, "mouthRollUpper": 0.4, "mouthPucker": 0.2}),
    24: _S(sided={"mouthPress_*": 1.0}, whole={"mouthRollLower": 0.15, "mouthRollUpper": 0.15}),
    25: _S(sided={"mouthLowerDown_*": 0.45, "mouthUpperUp_*": 0.25}),
    26: _S(jaw={"jawOpen": 0.5}),
    27: _S(jaw={"jawOpen": 1.0}),
    28: _S(whole={"mouthRollLower": 0.9, "mouthRollUpper": 0.9}, jaw={"jawOpen": 0.06}),
    29: _S(jaw={"jawForward": 1.0}),
    30: _S(jaw={"jaw*": 1.0}),
    31: _S(sided={"mouthPress_*": 0.3, "cheekPuff_*": 0.12}),
    32: _S(sided={}, whole={"mouthRollLower": 0.8}, jaw={"jawOpen": 0.05}),
    33: _S(sided={"cheekPuff_*": 0.85}, whole={"mouthPucker": 0.35}),
    34: _S(sided={"cheekPuff_*": 1.0}),
    35: _S(sided={"cheekPuff_*": -0.7}, whole={"mouthPucker": 0.3}),
    36: _S(sided={"cheekPuff_*": 0.6}),
    37: _S(jaw={"arkit/tongueOut": 0.55, "jawOpen": 0.2}),
    38: _S(sided={_UNIT + "nose-*-dilatation": 0.5}, whole={"nose/nose-flaring-incr": 0.6}),
    39: _S(whole={"nose/nose-flaring-decr": 1.0, _UNIT + "nose-depression": 0.5}),
    40: _S(sided={"noseSneer_*": 0.2}, whole={"nose/nose-flaring-decr": 0.6}),
    43: _S(sided={"eyeBlink_*": 1.0}),
    45: _S(sided={"eyeBlink_*": 1.0}),
    46: _S(sided={"eyeBlink_*": 1.0, "cheekSquint_*": 0.35}),
}
"""FACS number -> shapes. Head and eye positions are turns, not shapes."""

JAW_UNITS = frozenset(number for number, shape in UNIT_SHAPES.items() if shape.jaw)
"""Units that move the jaw."""


class ShapeTable:
    """The displacement of every unit, on the vertices that any of them moves.

    Args:
        pack: The head pack.

    Attributes:
        index: (A,) vertices of the base mesh.
        soft: (unit, side) -> (A, 3) displacement at intensity 5 of soft tissue, dm; side 0 is the left.
        jaw: The same for bone: half of it for each side.
        gaze: left, right, up or down -> (A, 3) what the lids do when the eyes look there as far as they can, dm.
    """

    def __init__(self, pack: HeadPack) -> None:
        left = (0.5 + 0.5 * np.tanh(pack.base[:, 0] / MASK_WIDTH)).astype(np.float32)[:, None]
        soft: dict[tuple[int, int], Floats] = {}
        jaw: dict[tuple[int, int], Floats] = {}
        for number, shape in UNIT_SHAPES.items():
            for side, mask in enumerate((left, 1 - left)):
                moved = _sum(pack, shape.sided, side) + mask * _sum(pack, shape.whole, side)
                if np.any(moved):
                    soft[number, side] = moved
                if shape.jaw:
                    share = 1.0 if ActionUnit(number) is ActionUnit.AU30 else 0.5
                    jaw[number, side] = np.float32(share) * _sum(pack, shape.jaw, side)
        # Some shapes come from a scan and differ a little between the sides; a unit is its own mirror image.
        for shapes in (soft, jaw):
            for number in {number for number, _ in shapes}:
                left_moved = (shapes[number, 0] + _mirrored(pack, shapes[number, 1])) / 2
                shapes[number, 0], shapes[number, 1] = left_moved, _mirrored(pack, left_moved)
        gaze = {
            "left": pack.displacement("eyeLookOut_L") + pack.displacement("eyeLookIn_R"),
            "right": pack.displacement("eyeLookIn_L") + pack.displacement("eyeLookOut_R"),
            "up": pack.displacement("eyeLookUp_L") + pack.displacement("eyeLookUp_R"),
            "down": pack.displacement("eyeLookDown_L") + pack.displacement("eyeLookDown_R"),
        }
        everything = [*soft.values(), *jaw.values(), *gaze.values()]
        self.index = np.flatnonzero(np.max([np.abs(moved).max(1) for moved in everything], axis=0) > 1e-6)
        self.soft = {key: moved[self.index] for key, moved in soft.items()}
        self.jaw = {key: moved[self.index] for key, moved in jaw.items()}
        self.gaze = {key: moved[self.index] for key, moved in gaze.items()}

    @cached_property
    def reach(self) -> Floats:
        """(A, 1) the farthest that any single unit moves each vertex of soft tissue, dm."""
        numbers = {number for number, _ in self.soft}
        whole = [sum(self.soft[number, side] for side in (0, 1) if (number, side) in self.soft) for number in numbers]
        return np.max([np.linalg.norm(moved, axis=1, keepdims=True) for moved in whole], axis=0)


def _sum(pack: HeadPack, weights: dict[str, float], side: int) -> Floats:
    moved = np.zeros_like(pack.base)
    for name, weight in weights.items():
        moved += np.float32(weight) * pack.displacement(_sided(name, side))
    return moved


def _mirrored(pack: HeadPack, moved: Floats) -> Floats:
    return moved[pack.mirror] * np.array([-1, 1, 1], np.float32)


def _sided(name: str, side: int) -> str:
    short, long = (("L", "Left"), ("R", "Right"))[side]
    if "/" in name:
        return name.replace("*", long.lower())
    return name.replace("_*", f"_{short}").replace("*", long)
