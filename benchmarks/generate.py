"""What `auface-mini` draws and how long it takes.

    python benchmarks/generate.py --landmarker FILE [--base FOLDER] [--set SET] [--heads HEADS] [--quick] [--only PART]

FILE is MediaPipe's `face_landmarker.task`, FOLDER a base in place of `auface-mini`. SET is a set of synthetic heads, on
which the reader of landmarks itself is measured; HEADS the head pack, whose renders show what the measure of units
gives on faces that are exactly as asked. Writes `benchmarks/results/generate.json` and `generate.jpg` beside it.
`--quick` draws less and writes to the system's folder for temporary files. `--only time` and `--only identity` measure
this part anew and keep the others; times are worth something only with nothing else on the machine, and identity
needs the packages of `identity_embedding`.
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from conflict_pictures import conflicts
from generate_timing import command_seconds, overhead, warm_seconds
from identity_embedding import IdentityReader, distances
from machine import birth_certificate, slow_packages
from numpy.typing import NDArray
from picture_landmarks import PictureReader, aligned, error_percent
from picture_settings import picture_settings, pipeline_arguments
from PIL import Image
from rendered_units import rendered_rows
from unit_measure import EXPRESSIVE, LEVEL, UnitShown, measure, summary

from auface.facs import Expression, Sides
from auface.lora_training.structure.request import natural_request
from auface.pipelines.adapter.condition import face_condition
from auface.pipelines.generation.base import load_base
from auface.pipelines.generation.request import MINI, PictureRequest
from auface.pipelines.generation.sheet import Sheet, join_sheet

Floats = NDArray[np.float32]
RESULTS = Path(__file__).parent / "results"
TARGETS = {
    "command, seconds": 15,
    "256 px warm, seconds": 4,
    "expression off": 1.01,
    "expression on": 1.10,
    "landmarks, percent": 4,
    "right direction, percent": 95,
}
PROMPTS = (
    "an old man, studio light",
    "a young woman, dark skin, plain background",
    "a middle-aged woman, light skin, gray hair",
    "a young man, brown hair, daylight",
)
POSES = ((0.0, 0.0, 0.0), (15.0, 0.0, 0.0), (-12.0, 6.0, 0.0), (0.0, -6.0, 6.0))
NEUTRAL = Expression()
_QUALITY, _WIDTH = 80, 3000  # of the sheet, which then takes some 200 kB


@dataclass(frozen=True, eq=False)
class Drawn:
    """A picture, what it was asked for, and what is read in it.

    Attributes:
        seed: Of noise, person, prompt and pose.
        expression: What was asked for.
        picture: What was drawn.
        wanted: (478, 3) landmarks that were asked for, in pixels.
        seen: (478, 2) landmarks that are read in it, or None if no face is found.
    """

    seed: int
    expression: Expression
    picture: Image.Image
    wanted: Floats
    seen: Floats | None


class Studio:
    """Draws pictures of seeds and expressions once, in batches, and reads their landmarks.

    Args:
        pipe: The pipeline.
        reader: Reads landmarks.
        size: Height and width in pixels.
        settings: Steps and guidance, by the names of the pipeline's arguments.
        batch: Pictures at a time.
    """

    def __init__(self, pipe: Any, reader: PictureReader, size: int, settings: dict[str, Any], batch: int = 8) -> None:
        self.pipe, self.reader, self.size, self.settings, self.batch = pipe, reader, size, settings, batch
        self.drawn: dict[tuple[int, Expression], Drawn] = {}

    def draw(self, asked: list[tuple[int, Expression]]) -> list[Drawn]:
        """Return pictures of seeds with expressions, in order.

        Args:
            asked: Seeds and expressions.
        """
        missing = [one for one in dict.fromkeys(asked) if one not in self.drawn]
        for start in range(0, len(missing), self.batch):
            part = missing[start : start + self.batch]
            result = self.pipe(
                [PROMPTS[seed % len(PROMPTS)] for seed, _ in part],
                expression=[expression for _, expression in part],
                identity=[seed for seed, _ in part],
                pose=[POSES[seed % len(POSES)] for seed, _ in part],
                generator=[torch.Generator().manual_seed(seed) for seed, _ in part],
                height=self.size,
                width=self.size,
                **pipeline_arguments(self.settings),
            )
            for one, picture, wanted in zip(part, result.images, result.landmarks, strict=True):
                self.drawn[one] = Drawn(*one, picture, wanted, self.reader.read(picture))
        return [self.drawn[one] for one in asked]

    def direction(self, seed: int, unit: Any) -> Floats:
        """Return the (478, 2) movement in pixels that a unit alone makes on a seed's person at intensity 4.

        Args:
            seed: The seed.
            unit: The unit.
        """
        found = face_condition(
            [NEUTRAL, Expression.of({unit: LEVEL})],
            self.size,
            self.size,
            identity=seed,
            pose=POSES[seed % len(POSES)],
        ).landmarks.numpy()
        return found[1, :, :2] - found[0, :, :2]


def single_requests() -> list[Expression]:
    """Return each expressive unit alone at intensity 4."""
    return [Expression.of({unit: LEVEL}) for unit in EXPRESSIVE if unit.sides is not Sides.ONE]


def natural_requests(count: int) -> list[Expression]:
    """Return combinations that a face can do together, with a unit at 4 or more.

    Args:
        count: How many.
    """
    rng, found = random.Random("generate benchmark"), list[Expression]()
    while len(found) < count:
        request = natural_request(rng)
        known = [one for one in request if one.unit in EXPRESSIVE]
        if len(known) > 1 and len(known) == len(request) and max(one.intensity for one in request) >= LEVEL:
            found.append(request)
    return found


def shown_units(studio: Studio, seeds: list[int], requests: list[Expression]) -> list[UnitShown]:
    """Return how pictures show each unit of their requests, against the neutral picture of the same seed.

    Args:
        studio: Draws.
        seeds: Each request is drawn with one, in turn.
        requests: What is asked for.
    """
    rows: list[UnitShown] = []
    pairs = [(seeds[place % len(seeds)], request) for place, request in enumerate(requests)]
    studio.draw([(seed, NEUTRAL) for seed in seeds])
    for drawn in studio.draw(pairs):
        [rest] = studio.draw([(drawn.seed, NEUTRAL)])
        moved = None if drawn.seen is None or rest.seen is None else drawn.seen - rest.seen
        asked = (drawn.wanted - rest.wanted)[:, :2]
        for unit, left, right in drawn.expression:
            if min(left, right) == 0 and unit.sides is Sides.ONE:
                continue
            direction = studio.direction(drawn.seed, unit)
            wanted = measure(asked, direction)
            if abs(wanted) < 0.25:  # other units of the combination take it back
                continue
            rows.append(UnitShown(unit, drawn.expression, wanted, measure(moved, direction)))
    return rows


def structure_followed(drawn: list[Drawn]) -> dict[str, object]:
    """Return how far landmarks read in pictures are from those that were asked for.

    Args:
        drawn: Pictures.
    """
    found = [one for one in drawn if one.seen is not None]
    errors = [error_percent(one.seen, one.wanted) for one in found if one.seen is not None]
    best = [error_percent(aligned(one.seen, one.wanted), one.wanted) for one in found if one.seen is not None]
    return {
        "pictures": len(drawn),
        "no face found": len(drawn) - len(found),
        "mean, percent of the distance of the eyes": round(float(np.mean(errors)), 2) if errors else None,
        "median": round(float(np.median(errors)), 2) if errors else None,
        "90th percentile": round(float(np.percentile(errors, 90)), 2) if errors else None,
        "mean after the best shift, turn and scale": round(float(np.mean(best)), 2) if best else None,
    }


def reader_floor(folder: Path, reader: PictureReader, count: int) -> dict[str, object]:
    """Return what the reader itself is off by, on pictures of synthetic heads with exact landmarks.

    Args:
        folder: A set of `auface dataset synth`.
        reader: Reads landmarks.
        count: Pictures of its test split.
    """
    rows: list[float] = []
    files = sorted((folder / "test").glob("*.png"))[:count]
    for file in files:
        with Image.open(file) as picture:
            seen = reader.read(picture.convert("RGB"))
        if seen is not None:
            rows.append(error_percent(seen, exact_landmarks(folder, file)))
    return {"pictures": len(files), "found": len(rows), "mean, percent": round(float(np.mean(rows)), 2)}


def exact_landmarks(folder: Path, file: Path) -> Floats:
    """Return the (478, 2 or 3) landmarks of a picture of a set, in pixels.

    Args:
        folder: The set.
        file: The picture.
    """
    with np.load(next((folder / "landmarks").rglob(f"{file.stem}.npz"))) as data:
        return data["landmarks"] if "landmarks" in data else data[data.files[0]]


def identity(studio: Studio, seeds: list[int]) -> dict[str, object]:
    """Return distances of faces of one seed and of different seeds.

    Args:
        studio: Draws.
        seeds: The people.
    """
    try:
        reader = IdentityReader()
    except ImportError as error:
        return {"not measured": str(error)}
    asked = [NEUTRAL, *map(Expression.parse, ("6C+12D", "1C+2C+5D+26C", "4D+7C+24C"))]
    people: dict[int, list[Floats]] = {}
    for drawn in studio.draw([(seed, expression) for seed in seeds for expression in asked]):
        if drawn.seen is not None:
            people.setdefault(drawn.seed, []).append(reader.embedding(drawn.picture, drawn.seen))
    return distances({seed: own for seed, own in people.items() if len(own) > 1})


def grid(studio: Studio, seeds: list[int], requests: list[Expression]) -> Image.Image:
    """Return a sheet of pictures: a row for each seed, a column for each request.

    Args:
        studio: Draws.
        seeds: The rows.
        requests: The columns, after the neutral face.
    """
    columns = [NEUTRAL, *requests]
    drawn = studio.draw([(seed, request) for seed in seeds for request in columns])
    any_request = PictureRequest(expression="neutral")
    labels = tuple(request.notation() for request in columns)
    sheet = Sheet(tuple((any_request,) * len(columns) for _ in seeds), labels, tuple(f"seed {seed}" for seed in seeds))
    return join_sheet(sheet, [one.picture for one in drawn])


def measured(arguments: argparse.Namespace, pipe: Any, reader: PictureReader) -> tuple[dict[str, Any], Image.Image]:
    """Return all results, and a sheet of pictures.

    Args:
        arguments: Of the command line.
        pipe: The pipeline.
        reader: Reads landmarks.
    """
    size = int(pipe.unet.config.sample_size) * pipe.vae_scale_factor
    settings = picture_settings(arguments.base, pipe, arguments.steps)
    studio = Studio(pipe, reader, size, settings)
    few = 1 if arguments.quick else 3
    singles = single_requests()[:: 5 if arguments.quick else 1]
    single_rows = [row for seed in range(few) for row in shown_units(studio, [seed], singles)]
    natural_rows = shown_units(studio, [*range(4)], natural_requests(12 * few))
    units: dict[str, Any] = {
        "single units at 4": summary(single_rows),
        "natural combinations": summary(natural_rows),
        "together": summary(single_rows + natural_rows),
    }
    stand_in: dict[str, object] = {"not measured": "needs --heads"}
    if arguments.heads is not None:
        rendered = rendered_rows(arguments.heads, reader, [1], singles, size)
        units["renders that are exactly as asked"] = summary(rendered)
        stand_in = conflicts(pipe, reader, arguments.heads, size, settings, 12 * few)
    result: dict[str, Any] = {
        "model": arguments.base if arguments.base == MINI else Path(arguments.base).name,
        "size": size,
        "settings": settings,
        "targets": TARGETS,
        "picture shows the request": units,
        "conflicts, two models trained alike": {"measured by": "conflict_twins.py"},
        "conflicts, the same weights from either geometry": stand_in,
        "identity": people(studio, arguments),
    }
    result["picture follows structure"] = structure_followed(list(studio.drawn.values()))
    if arguments.set is not None:
        result["the reader alone, on synthetic heads"] = reader_floor(arguments.set, reader, 20 * few)
    result["time"] = times(pipe, arguments)
    return result, grid(studio, list(range(few)), singles)


def people(studio: Studio, arguments: argparse.Namespace) -> dict[str, object]:
    """Return the part `identity`.

    Args:
        studio: Draws.
        arguments: Of the command line.
    """
    return identity(studio, list(range(3 if arguments.quick else 10)))


def times(pipe: Any, arguments: argparse.Namespace) -> dict[str, object]:
    """Return the part `time`; it is worth something only with nothing else on the machine.

    Args:
        pipe: The pipeline.
        arguments: Of the command line.
    """
    size = int(pipe.unet.config.sample_size) * pipe.vae_scale_factor
    settings, few = picture_settings(arguments.base, pipe, arguments.steps), 1 if arguments.quick else 3
    return {
        "threads": torch.get_num_threads(),
        "command in a fresh process, seconds": command_seconds(arguments.base, few),
        **{f"{side} px, loaded, seconds": warm_seconds(pipe, side, settings, few + 2) for side in sorted({size, 256})},
        "against StableDiffusionPipeline": overhead(pipe, size, settings["num_inference_steps"], few + 1),
        **slow_packages(),
    }


def again(arguments: argparse.Namespace, pipe: Any, reader: PictureReader) -> dict[str, Any]:
    """Return the results as they are, with one part measured anew.

    Args:
        arguments: Of the command line, with `only`.
        pipe: The pipeline.
        reader: Reads landmarks.
    """
    size = int(pipe.unet.config.sample_size) * pipe.vae_scale_factor
    studio = Studio(pipe, reader, size, picture_settings(arguments.base, pipe, arguments.steps))
    part = times(pipe, arguments) if arguments.only == "time" else people(studio, arguments)
    before = json.loads((RESULTS / "generate.json").read_text(encoding="utf-8"))
    return {**before, arguments.only: {**birth_certificate(), **part}}


def main() -> None:
    """Measure everything, or one part, and write the results."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--landmarker", type=Path, required=True)
    parser.add_argument("--base", default=MINI)
    parser.add_argument("--set", type=Path)
    parser.add_argument("--heads", type=Path)
    parser.add_argument("--steps", type=int)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--only", choices=("time", "identity"), help="measure this part, and keep the others")
    arguments = parser.parse_args()
    start = time.perf_counter()
    pipe = load_base(PictureRequest(expression="neutral", base=arguments.base))
    out = Path(tempfile.gettempdir()) if arguments.quick else RESULTS
    with closing(PictureReader(arguments.landmarker)) as reader:
        if arguments.only:
            result = again(arguments, pipe, reader)
        else:
            result, picture = measured(arguments, pipe, reader)
            picture.thumbnail((_WIDTH, _WIDTH))
            picture.save(out / "generate.jpg", quality=_QUALITY)
            result = {**birth_certificate(), **result, "seconds in all": round(time.perf_counter() - start)}
    text = json.dumps(result, indent=2)
    (out / "generate.json").write_text(text + "\n", encoding="utf-8")
    print(text)  # noqa: T201 - the command's output


if __name__ == "__main__":
    main()
