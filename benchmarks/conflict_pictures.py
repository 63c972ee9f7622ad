"""Conflicts in pictures: the same weights drawn from the geometry of AU text and VQ, and from that of linear sums.

This stands in for two models trained alike on either condition, which it is not: it says how much of the error of the
geometry arrives in pictures. The adapter hears geometry alone (`expression_scale` 0). The truth is the composed head of
`auface.autext.heads` on people of the test split; the linear way is fitted to people of the training split.
"""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from picture_landmarks import PictureReader, interocular
from picture_settings import pipeline_arguments

from auface.facs import Expression, resolve
from auface.lora_training.structure.faces import FIRST_PERSON, FaceFactory
from auface.lora_training.structure.request import conflicting_request, random_request
from auface.pipelines.adapter.condition import FaceCondition, framed_camera
from auface.pipelines.adapter.maps import face_maps
from auface.structure.model import shipped_model
from auface.structure.yardstick import LinearYardstick

Floats = NDArray[np.float32]

_TAUGHT = 1500
_PEOPLE = 10
_BATCH = 8


def conflicts(
    pipe: Any, reader: PictureReader, heads: Path, size: int, settings: dict[str, Any], count: int
) -> dict[str, object]:
    """Return the error of landmarks' movement in pictures of conflicting requests, for both ways.

    Args:
        pipe: The pipeline.
        reader: Reads landmarks.
        heads: The head pack.
        size: Height and width in pixels.
        settings: Steps and guidance, by the names of the pipeline's arguments.
        count: Requests.
    """
    factory, rng, model = FaceFactory(heads), random.Random("conflicts in pictures"), shipped_model()
    people = [factory.person(FIRST_PERSON["test"] + number) for number in range(_PEOPLE)]
    rests = [factory.neutral(person) for person in people]
    linear = _linear(factory, rng)
    asked = [conflicting_request(rng) for _ in range(count)]
    rest = np.stack([rests[number % _PEOPLE] for number in range(count)])
    shown = [resolve(request) for request in asked]
    posed = [factory.points(people[number % _PEOPLE], face) for number, face in enumerate(shown)]
    structures = [model.structure(request, neutral=own) for request, own in zip(asked, rest, strict=True)]
    ways = {
        "at rest": rest,
        "AU text and VQ": np.stack([one.points for one in structures]),
        "linear": rest + linear.displacement(asked),
    }
    seen = {name: _read(pipe, reader, _pixels(points, rest, size), size, settings) for name, points in ways.items()}
    truth, still = _pixels(np.stack(posed), rest, size), _pixels(rest, rest, size)
    errors: dict[str, list[float]] = {"AU text and VQ": [], "linear": []}
    for number in range(count):
        found = [seen[name][number] for name in ways]
        neutral, *moved = [one for one in found if one is not None]
        if len(moved) < 2:
            continue
        wanted = truth[number] - still[number]
        for name, points in zip(errors, moved, strict=True):
            off = np.linalg.norm(points - neutral - wanted, axis=1).mean()
            errors[name].append(100 * float(off) / interocular(still[number]))
    means = {name: round(float(np.mean(values)), 2) for name, values in errors.items()}
    return {
        "requests": count,
        "both read": len(errors["linear"]),
        "error of the movement, percent of the distance of the eyes": means,
        "lower by, percent": round(100 * (1 - means["AU text and VQ"] / means["linear"]), 1),
    }


def _linear(factory: FaceFactory, rng: random.Random) -> LinearYardstick:
    """Fit the linear way to faces of people of the training split."""
    people = [factory.person(FIRST_PERSON["train"] + number) for number in range(50)]
    rests = [factory.neutral(person) for person in people]
    asked: list[Expression] = [random_request(rng) for _ in range(_TAUGHT)]
    moved = [
        factory.points(people[number % 50], resolve(request)) - rests[number % 50]
        for number, request in enumerate(asked)
    ]
    return LinearYardstick.fit(asked, np.stack(moved))


def _pixels(points: Floats, rest: Floats, size: int) -> Floats:
    """Return where points are in the picture of a person, (batch, 478, 2)."""
    return np.stack(
        [framed_camera(own, size, size).project(face)[:, :2] for face, own in zip(points, rest, strict=True)]
    )


def _read(
    pipe: Any, reader: PictureReader, landmarks: Floats, size: int, settings: dict[str, Any]
) -> list[Floats | None]:
    """Draw faces from landmarks alone, and read where landmarks are."""
    found: list[Floats | None] = []
    encode = pipe.encode_expression
    try:
        for start in range(0, len(landmarks), _BATCH):
            part = torch.from_numpy(landmarks[start : start + _BATCH])
            none = tuple(Expression() for _ in part)
            silent = shipped_model().condition_of(list(none))
            condition = FaceCondition(none, part, face_maps(part, size, size), silent, (True,) * len(part))
            pipe.encode_expression = lambda *_, condition=condition, **__: condition
            result = pipe(
                ["a middle-aged man, studio light"] * len(part),
                expression=Expression(),
                expression_scale=0.0,
                generator=[torch.Generator().manual_seed(start + place) for place in range(len(part))],
                height=size,
                width=size,
                **pipeline_arguments(settings),
            )
            found += [reader.read(picture) for picture in result.images]
    finally:
        pipe.encode_expression = encode
    return found
