"""Artefacts and speed of synthetic heads: `python benchmarks/heads.py HEADS` writes `benchmarks/results/heads.json`.

HEADS is the folder of the head pack. Artefacts are counted on 5,000 random expressions that hold at least one conflict,
on 100 random people, for three ways of posing the mesh: the plain sum of what is asked, the plain sum of what
`resolve` leaves of it, and `Composer`. Speed is that of one process at 256 pixels, identities already known, in batches
of 16 pictures; wall seconds, so other work on the machine counts: the load and the CPU seconds are written beside them.
"""

import json
import os
import random
import statistics
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

from machine import birth_certificate

from auface.autext.heads import MAPS, HeadDescription, MapName, sample_identity, sample_view
from auface.autext.heads.artefact import TOLERANCES, ArtefactFinder
from auface.autext.heads.composition import Composer
from auface.autext.heads.gl_renderer import GLRenderer
from auface.autext.heads.unit_shape import UNIT_SHAPES
from auface.facs import ActionUnit, Expression, Sides, find_conflicts, resolve

COUNT = 5000
PEOPLE = 100
PICTURES = 160
BATCH = 16
SIZE = 256


def conflicting_expression(rng: random.Random) -> Expression:
    """Return 2 to 7 units at random, a quarter of them one-sided, that no face can hold together."""
    while True:
        values: dict[int, tuple[float, float]] = {}
        for unit in rng.sample(list(map(ActionUnit, UNIT_SHAPES)), rng.randint(2, 7)):
            value = float(rng.randint(1, 5))
            one_sided = unit.sides is Sides.ONE or (unit.sides is Sides.EACH and rng.random() < 0.25)
            values[int(unit)] = rng.choice([(value, 0.0), (0.0, value)]) if one_sided else (value, value)
        expression = Expression.of(values)
        if any(not conflict.possible for conflict in find_conflicts(expression)):
            return expression


def artefacts(composer: Composer) -> dict[str, Any]:
    """Return the percentage of heads with each artefact, for each way of posing."""
    finder, rng = ArtefactFinder.of(composer), random.Random(0)
    counts: dict[str, Counter[str]] = {}
    for number in range(COUNT):
        face = composer.face(sample_identity(number % PEOPLE))
        asked = conflicting_expression(rng)
        shown = resolve(asked)
        for way, vertices, label in (
            ("plain sum of what is asked", composer.plain_sum(face, asked), asked),
            ("plain sum of what is resolved", composer.plain_sum(face, shown), shown),
            ("composition", composer.composed(face, shown), shown),
        ):
            found = finder.found(face, vertices, label)
            counts.setdefault(way, Counter()).update([*found, *(["any"] if found else [])])
    return {
        way: {name: round(100 * count[name] / COUNT, 2) for name in ("any", *TOLERANCES)}
        for way, count in counts.items()
    }


def speed(renderer: GLRenderer) -> dict[str, Any]:
    """Return pictures per second."""
    rng = random.Random(1)
    people = [sample_identity(seed) for seed in range(12)]
    descriptions = [
        HeadDescription.of(
            resolve(conflicting_expression(rng)), identity=people[number // 10 % 12], view=sample_view(number)
        )
        for number in range(PICTURES)
    ]
    for description in descriptions[::5]:  # textures and buffers
        renderer.render(description, SIZE, MAPS)
    result: dict[str, Any] = {"pixels": SIZE, "renderer": renderer.gl.device}
    wanted: dict[str, tuple[MapName, ...]] = {"color and landmarks": ("landmarks",), "all maps": MAPS}
    for name, maps in wanted.items():
        used, rates = time.process_time(), []
        for first in range(0, PICTURES, BATCH):
            start = time.perf_counter()
            for description in descriptions[first : first + BATCH]:
                renderer.render(description, SIZE, maps)
            rates.append(BATCH / (time.perf_counter() - start))
        result[f"pictures per second, {name}"] = {
            "median of batches": round(statistics.median(rates), 1),
            "best batch": round(max(rates), 1),
        }
        result[f"CPU seconds per picture, {name}"] = round((time.process_time() - used) / PICTURES, 3)
    result["load of the machine, mean of the last minute"] = round(os.getloadavg()[0], 1)
    return result


def main() -> None:
    """Measure and write the result."""
    if len(sys.argv) != 2:
        raise SystemExit("usage: python benchmarks/heads.py HEADS")
    renderer = GLRenderer(Path(sys.argv[1]))
    result: dict[str, Any] = birth_certificate()
    result["command"] = "python benchmarks/heads.py HEADS"
    result["speed"] = speed(renderer)
    result["expressions with conflicts"] = COUNT
    result["tolerances, dm; the last is a share of the skin"] = TOLERANCES
    result["percent of heads with an artefact"] = artefacts(renderer.composer)
    path = Path(__file__).parent / "results" / "heads.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
