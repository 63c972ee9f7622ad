"""Write web/face_geometry.json, how the face picker's drawing moves: `python docs/face_geometry.py` (a minute).

The structural prior's own geometry, sampled: points of the left half of the average face; where each unit of its own
and of the other side takes them at C and E (intensities 2.5 and 5); and what two units do together beyond the sum, per
product of both intensities. A test compares what the page makes of it with the prior.
"""

import hashlib
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from auface.facs import ActionUnit, Expression, Sides, resolve
from auface.structure.action_vector import UNITS
from auface.structure.identity import default_neutral
from auface.structure.model import Sampling, StructureModel, shipped_model
from auface.structure.weight_file import shipped_path

Floats = NDArray[np.float32]

FILE = Path(__file__).resolve().parents[1] / "web" / "face_geometry.json"

POINTS: dict[str, tuple[int, ...]] = {
    **{"temple": (251, 389), "cheekOuter": (323, 454), "jawCorner": (361, 288, 397), "jawSide": (379, 378)},
    **{"chin": (152,), "chinCrease": (200,)},
    **{"browInner": (285, 336), "browMid": (295, 296), "browArch": (282, 334), "browOuter": (283, 293, 276, 300)},
    **{"eyeInner": (362,), "eyeOuter": (263,), "lidUpper": (386, 387), "lidLower": (374, 373), "iris": (473,)},
    **{"bag": (253, 450), "cheek": (425, 280), "noseSide": (420,), "wing": (327, 358), "tip": (2,)},
    **{"foldTop": (358, 423), "foldBottom": (410, 432), "corner": (291,), "peak": (267,), "dip": (0,)},
    **{"upperIn": (13,), "upperInSide": (310,), "lowerIn": (14,), "lowerInSide": (318,)},
    **{"lowerOut": (17,), "lowerOutSide": (405,)},
}
"""Points of the drawing -> landmarks whose middle they are; the person's left, or the midline."""

LEVELS = (2.5, 5.0)
SCALE = 10_000  # numbers in the file for one inter-ocular distance
LEAST = 0.003  # smaller moves are left out, in inter-ocular distances
LEAST_PAIR = 0.012  # pairs whose largest correction is smaller are left out

Place = tuple[ActionUnit, bool]
"""A unit, and whether it acts on the own side of the half that is looked at."""


def points(geometry: Floats) -> Floats:
    """Return x (outward) and y (up) of the drawing's points, (batch, points, 2).

    Args:
        geometry: (batch, 478, 3) positions or displacements.
    """
    return np.stack([geometry[:, list(landmarks)].mean(1) for landmarks in POINTS.values()], 1)[..., :2]


def moves(model: StructureModel, asked: list[Expression]) -> Floats:
    """Return where expressions take the points of the average face, (batch, points, 2), by the prior.

    Args:
        model: The prior.
        asked: Resolved expressions.
    """
    found: list[Floats] = []
    rest = torch.from_numpy(default_neutral())[None]
    for start in range(0, len(asked), 400):
        part = asked[start : start + 400]
        codes = model.codes(model.condition_of(part), Sampling())
        shape = model.displacement(codes, rest.expand(len(part), -1, -1), firmness=model.firmness_of(part))
        found.append(points(shape.numpy()))
    return np.concatenate(found)


def data() -> str:
    """Return the text of the file: one unit or pair a line."""
    model = shipped_model()
    still = moves(model, [Expression.of({})])
    places: list[Place] = [
        (unit, own) for unit in UNITS for own in (True, False) if own or unit.sides is not Sides.TOGETHER
    ]
    alone = moves(model, [_shown((place, level)) for place in places for level in LEVELS]) - still
    singles = dict(zip(places, alone.reshape(len(places), len(LEVELS), len(POINTS), 2), strict=True))
    parts = {
        "points": [
            {"name": name, "at": _whole(at)}
            for name, at in zip(POINTS, points(default_neutral()[None])[0], strict=True)
        ],
        "units": [
            {"unit": int(unit), "own": own, "moves": _moved(singles[unit, own])}
            for unit, own in places
            if _moved(singles[unit, own])
        ],
        "pairs": _pairs(model, singles, still),
    }
    weights = hashlib.sha256(shipped_path().read_bytes()).hexdigest()
    blocks = [f'"scale": {SCALE}', f'"weights": "{weights}"']
    blocks += [
        f"{json.dumps(name)}: [\n" + ",\n".join(json.dumps(row, separators=(",", ":")) for row in rows) + "\n]"
        for name, rows in parts.items()
    ]
    return "{\n" + ",\n".join(blocks) + "\n}\n"


def _pairs(model: StructureModel, singles: dict[Place, Floats], still: Floats) -> list[dict[str, Any]]:
    asked: list[Expression] = []
    rows: list[tuple[Place, Place, float, float]] = []
    places = list(singles)
    for number, first in enumerate(places):
        for second in places[number + 1 :]:
            if first[0] == second[0] and first[0].sides is not Sides.EACH:
                continue
            for one in LEVELS:
                for two in LEVELS:
                    shown = _shown((first, one), (second, two))
                    if resolve(shown) == shown:
                        asked.append(shown)
                        rows.append((first, second, one, two))
    beyond = moves(model, asked) - still
    total: dict[tuple[Place, Place], list[Any]] = {}
    for (first, second, one, two), shape in zip(rows, beyond, strict=True):
        rest = shape - singles[first][LEVELS.index(one)] - singles[second][LEVELS.index(two)]
        share = one * two / 25  # least squares of `rest` by a multiple of the product
        sums = total.setdefault((first, second), [0.0, 0.0])
        sums[0], sums[1] = sums[0] + share * rest, sums[1] + share**2
    found: list[dict[str, Any]] = []
    for (first, second), (above, below) in total.items():
        correction = above / below
        if np.abs(correction).max() >= LEAST_PAIR:
            names = {"first": int(first[0]), "own1": first[1], "second": int(second[0]), "own2": second[1]}
            found.append({**names, "moves": _moved(correction[None])})
    return found


def _shown(*parts: tuple[Place, float]) -> Expression:
    values: dict[ActionUnit, tuple[float, float]] = {}
    for (unit, own), level in parts:
        left, right = values.get(unit, (0.0, 0.0))
        together = unit.sides is Sides.TOGETHER
        values[unit] = (level if own or together else left, level if not own or together else right)
    return Expression.of(values)


def _moved(shape: Floats) -> dict[str, list[int]]:
    """Return point -> x and y at each level, without points that stay."""
    return {
        name: [number for level in shape[:, place] for number in _whole(level)]
        for place, name in enumerate(POINTS)
        if np.abs(shape[:, place]).max() >= LEAST
    }


def _whole(values: Floats) -> list[int]:
    return [round(float(value) * SCALE) for value in values]


if __name__ == "__main__":
    torch.set_num_threads(1)
    FILE.write_text(data(), encoding="utf-8")
    sys.stdout.write("web/face_geometry.json written\n")
