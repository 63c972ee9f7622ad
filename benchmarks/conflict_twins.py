"""Conflicting requests drawn by two adapters that were trained alike, one told what VQ-AUFace makes of them, one not.

    auface train mini adapter --conditioning prior --heads HEADS ...    and with linear
    python benchmarks/conflict_twins.py --run RUN --heads HEADS --landmarker FILE [--base WEIGHTS] [--count 200]

The error of a picture is how far the landmarks that MediaPipe reads in it have moved from the same twin's face at rest,
against the movement of the composed head of `auface.autext.heads`, on people of the test split. The interval is a
bootstrap over requests. Writes `benchmarks/results/conflict_twins.json`, or another file, and a sheet beside it.
"""

from __future__ import annotations

import argparse
import json
import random
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import torch
from generate import RESULTS
from machine import birth_certificate
from numpy.typing import NDArray
from picture_landmarks import PictureReader, interocular
from PIL import Image

from auface.facs import Expression, resolve
from auface.lora_training.mini.twin import (
    LinearConditioning,
    Twin,
    trained_adapter,
    twin_condition,
    twin_displacement,
)
from auface.lora_training.structure.faces import FIRST_PERSON, FaceFactory
from auface.lora_training.structure.request import conflicting_request
from auface.pipelines.adapter.condition import FaceCondition, framed_camera
from auface.pipelines.adapter.maps import face_maps
from auface.pipelines.generation.base import load_base
from auface.pipelines.generation.request import MINI, PictureRequest

Floats = NDArray[np.float32]

_PEOPLE = 10
_BATCH = 8
NAMES: dict[Twin, str] = {"prior": "AU text and VQ", "linear": "one-hot linear"}
"""Twin -> what it is called in the results."""

_DRAWS = 5000  # of the bootstrap
_SHEET = (8, 128)  # requests on the sheet, pixels of a picture


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """Conflicting requests of people, and what their faces do.

    Attributes:
        requests: What is asked for.
        person: (count,) number of the person of each.
        rests: (people, 478, 3) the people at rest.
        faces: (count, 478, 3) the faces that the requests give.
    """

    requests: list[Expression]
    person: NDArray[np.int64]
    rests: Floats
    faces: Floats


def asked_of(factory: FaceFactory, count: int) -> Asked:
    """Return requests of people of the test split.

    Args:
        factory: Makes faces.
        count: How many.
    """
    rng = random.Random("conflict twins")
    people = [factory.person(FIRST_PERSON["test"] + number) for number in range(_PEOPLE)]
    rests = np.stack([factory.neutral(person) for person in people])
    requests = [conflicting_request(rng) for _ in range(count)]
    person = np.arange(count) % _PEOPLE
    faces = [factory.points(people[own], resolve(request)) for own, request in zip(person, requests, strict=True)]
    return Asked(requests, person, rests, np.stack(faces))


def pictures_of(
    pipe: Any, twin: Twin, linear: LinearConditioning, asked: Asked, settings: dict[str, Any], keep: Path
) -> tuple[list[Image.Image], list[Image.Image]]:
    """Return each person at rest, and a picture of each request, of one twin.

    Args:
        pipe: The pipeline, with the twin's adapter.
        twin: Which.
        linear: The linear way.
        asked: The requests.
        settings: Size, steps and guidance, by the names of the pipeline's arguments.
        keep: Folder of pictures; those that are there are not drawn again.
    """
    keep.mkdir(parents=True, exist_ok=True)
    rest, size = asked.rests[asked.person], settings["width"]
    moved = rest + twin_displacement(twin, linear, asked.requests, rest)
    person = np.concatenate([np.arange(_PEOPLE), asked.person])
    points = pixels(np.concatenate([asked.rests, moved]), asked.rests[person], size)
    vectors = twin_condition(twin, linear, [Expression()] * _PEOPLE + asked.requests)
    files = [keep / f"{twin}-{number:04d}.png" for number in range(len(points))]
    missing = np.array([number for number, file in enumerate(files) if not file.exists()], np.int64)
    encode = pipe.encode_expression
    try:
        for start in range(0, len(missing), _BATCH):
            part = missing[start : start + _BATCH]
            there, neutral = torch.from_numpy(points[part]), (Expression(),) * len(part)
            maps = face_maps(there, size, size)
            condition = FaceCondition(neutral, there, maps, vectors[part], (True,) * len(part))
            pipe.encode_expression = lambda *_, condition=condition, **__: condition
            found = pipe(
                ["a middle-aged man, studio light"] * len(part),
                expression=Expression(),
                generator=[torch.Generator().manual_seed(int(own)) for own in person[part]],
                **settings,
            )
            for number, picture in zip(part, found.images, strict=True):
                picture.save(files[number])
    finally:
        pipe.encode_expression = encode
    pictures = [Image.open(file).convert("RGB") for file in files]
    return pictures[:_PEOPLE], pictures[_PEOPLE:]


def pixels(points: Floats, rest: Floats, size: int) -> Floats:
    """Return where points are in the picture of a person, (batch, 478, 2).

    Args:
        points: (batch, 478, 3) in the frame of the face.
        rest: (batch, 478, 3) the people at rest, whom the camera frames.
        size: Height and width in pixels.
    """
    return np.stack(
        [framed_camera(own, size, size).project(face)[:, :2] for face, own in zip(points, rest, strict=True)]
    ).astype(np.float32)


def errors_of(
    rests: list[Image.Image], pictures: list[Image.Image], asked: Asked, size: int, reader: PictureReader
) -> Floats:
    """Return the error of the movement in each picture, in percent of the distance of the eyes; NaN without a face.

    Args:
        rests: Each person at rest.
        pictures: A picture of each request.
        asked: The requests.
        size: Height and width in pixels.
        reader: Reads landmarks.
    """
    rest = asked.rests[asked.person]
    still = pixels(rest, rest, size)
    wanted = pixels(asked.faces, rest, size) - still
    neutral = [reader.read(picture) for picture in rests]
    found = np.full(len(pictures), np.nan, np.float32)
    for number, picture in enumerate(pictures):
        seen, before = reader.read(picture), neutral[asked.person[number]]
        if seen is not None and before is not None:
            off = np.linalg.norm(seen - before - wanted[number], axis=1).mean()
            found[number] = 100 * float(off) / interocular(still[number])
    return found


def compared(errors: dict[str, Floats]) -> dict[str, Any]:
    """Return means, and by how much the first error is lower than the second, with a bootstrap interval.

    Args:
        errors: Two columns of errors of the same requests.
    """
    ours, linear = errors.values()
    both = np.isfinite(ours) & np.isfinite(linear)
    ours, linear = ours[both], linear[both]
    drawn = np.random.default_rng(0).integers(0, len(ours), (_DRAWS, len(ours)))
    lower = 100 * (1 - ours[drawn].mean(1) / linear[drawn].mean(1))
    return {
        "requests": len(both),
        "read in both": int(both.sum()),
        "error of the movement, percent of the distance of the eyes": {
            name: round(float(values[both].mean()), 2) for name, values in errors.items()
        },
        "lower by, percent": round(100 * (1 - float(ours.mean()) / float(linear.mean())), 1),
        "95 % interval": [round(float(value), 1) for value in np.percentile(lower, (2.5, 97.5))],
        "requests with the lower error, percent": round(100 * float((ours < linear).mean()), 1),
    }


def main() -> None:
    """Draw with both twins, and write the results."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--base", default=MINI, help="the weights that the run began with")
    parser.add_argument("--heads", type=Path, required=True)
    parser.add_argument("--landmarker", type=Path, required=True)
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--size", type=int, default=256)
    parser.add_argument("--steps", type=int, default=10)
    parser.add_argument("--guidance", type=float, default=2.5, help="of the expression; the prompt is not guided")
    parser.add_argument("--keep", type=Path, help="folder of pictures, which are not drawn again")
    parser.add_argument("--out", type=Path, default=RESULTS / "conflict_twins.json")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    pipe = load_base(PictureRequest(expression="neutral", base=arguments.base))
    factory = FaceFactory(arguments.heads)
    linear, asked = LinearConditioning.of_run(arguments.run, factory), asked_of(factory, arguments.count)
    settings: dict[str, Any] = {
        "height": arguments.size,
        "width": arguments.size,
        "num_inference_steps": arguments.steps,
        "guidance_scale": 1.0,
        "expression_guidance_scale": arguments.guidance,
    }
    errors: dict[str, Floats] = {}
    drawn: list[list[Image.Image]] = []
    steps: dict[str, int] = {}
    with TemporaryDirectory() as folder, closing(PictureReader(arguments.landmarker)) as reader:
        for twin, name in NAMES.items():
            adapter, steps[name] = trained_adapter(arguments.run, twin)
            pipe.register_modules(adapter=adapter)
            rests, pictures = pictures_of(pipe, twin, linear, asked, settings, arguments.keep or Path(folder))
            errors[name] = errors_of(rests, pictures, asked, arguments.size, reader)
            drawn.append(pictures)
    _sheet(drawn).save(arguments.out.with_suffix(".jpg"), quality=80)
    result = {**birth_certificate(), "steps of training": steps, "settings": settings, **compared(errors)}
    text = json.dumps(result, indent=2)
    arguments.out.write_text(text + "\n", encoding="utf-8")
    print(text)  # noqa: T201 - the command's output


def _sheet(drawn: list[list[Image.Image]]) -> Image.Image:
    count, side = _SHEET
    page = Image.new("RGB", (count * side, len(drawn) * side))
    for y, pictures in enumerate(drawn):
        for x, picture in enumerate(pictures[:count]):
            page.paste(picture.resize((side, side), Image.Resampling.LANCZOS), (x * side, y * side))
    return page


if __name__ == "__main__":
    main()
