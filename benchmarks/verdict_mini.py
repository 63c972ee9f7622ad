"""What verdicts say of pictures that a pipeline draws, and how much of a unit is read in them.

Beside them the same requests as renders, plain and seen through the pipeline's autoencoder: no picture that it draws
can show more than that, however well its network has learned.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from verdict_ranking import against_many, ranking

from auface.autext.record import Record
from auface.facs import ActionUnit, Expression, resolve
from auface.recognition.recognizer import Recognizer
from auface.recognition.result import FaceReading
from auface.recognition.verdict import Verdict, judge

Pixels = NDArray[np.uint8]

_CLEAR = 2.0
_ENOUGH = 5  # pictures that ask for a unit, for a mean of it
_AT_ONCE = 4


def draw_mini(folder: Path, rows: Sequence[Record], count: int, out: Path) -> Path:
    """Draw pictures of requests with a pipeline, and write them with their requests.

    Args:
        folder: A pipeline in diffusers' layout.
        rows: Of the test split.
        count: How many pictures.
        out: The folder to write.
    """
    from picture_settings import picture_settings, pipeline_arguments

    from auface.pipelines.generation.request import MINI
    from auface.pipelines.pipeline_auface import AUFacePipeline

    pipe = AUFacePipeline.from_pretrained(folder)
    pipe.set_progress_bar_config(disable=True)
    settings = picture_settings(MINI, pipe, None)
    rng = random.Random("mini")
    chosen = [row for row in rng.sample(rows, 4 * count) if not row.expression.is_neutral][:count]
    lines: list[str] = []
    out.mkdir(parents=True, exist_ok=True)
    for place, row in enumerate(chosen):
        drawing = pipe(
            "portrait photo of a person",
            expression=row.expression,
            generator=torch.Generator().manual_seed(place),
            **pipeline_arguments(settings),
        )
        drawing[0][0].save(out / f"{place:03d}.png")
        line = {"file_name": f"{place:03d}.png", "text": row.text, "expression": row.expression.notation()}
        lines.append(json.dumps({**line, "render": row.file_name}))
    (out / "metadata.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return out


def mini_part(reader: Recognizer, drawn: Path, data: Path, folder: Path | None) -> dict[str, Any]:
    """Return how drawn pictures are ranked and read, and how renders of the same requests are.

    Args:
        reader: Reads faces.
        drawn: Pictures of `draw_mini`.
        data: The set of which the requests are.
        folder: The pipeline, for its autoencoder; None leaves that out.
    """
    rows = [json.loads(line) for line in (drawn / "metadata.jsonl").read_text(encoding="utf-8").splitlines()]
    asked = [Expression.parse(row["expression"]) for row in rows]
    renders = [_pixels(data / "test" / row["render"]) for row in rows]
    pictures = {"drawn": [_pixels(drawn / row["file_name"]) for row in rows], "renders": renders}
    if folder is not None:
        pictures["renders through the autoencoder"] = through_autoencoder(folder, renders)
    faces = {name: [_face(reader, picture) for picture in own] for name, own in pictures.items()}
    found = {name: _ranked(own, asked) for name, own in faces.items()}
    kept = ("right above another, ranking accuracy", "outcomes of the right request")
    return {
        **found.pop("drawn"),
        **{f"the same requests, {name}": {key: part[key] for key in kept} for name, part in found.items()},
        "mean level of units asked for at 2 and more: asked, and read": levels(faces, asked),
    }


def levels(faces: dict[str, list[FaceReading | None]], asked: Sequence[Expression]) -> dict[str, dict[str, float]]:
    """Return how strongly units are asked for and read, in the mean of pictures that ask for them clearly.

    Args:
        faces: Kind of pictures -> what is read in each; None without a face.
        asked: What each picture was to show.
    """
    wanted = [resolve(request) for request in asked]
    found: dict[str, dict[str, float]] = {}
    for unit in sorted({unit for request in wanted for unit in request.units}):
        places = [place for place, request in enumerate(wanted) if _level(request, unit) >= _CLEAR]
        read = {name: [_read(own[place], unit) for place in places] for name, own in faces.items()}
        if len(places) < _ENOUGH or any(value is None for values in read.values() for value in values):
            continue
        means = {"asked": [_level(wanted[place], unit) for place in places], **read}
        found[unit.name] = {"pictures": len(places), **{name: _mean(values) for name, values in means.items()}}
    return found


@torch.no_grad()
def through_autoencoder(folder: Path, pictures: Sequence[Pixels]) -> list[Pixels]:
    """Return pictures as the autoencoder of a pipeline gives them back.

    Args:
        folder: The pipeline.
        pictures: (height, width, 3) each, all alike.
    """
    from diffusers import AutoencoderKL

    vae: Any = AutoencoderKL.from_pretrained(folder, subfolder="vae", torch_dtype=torch.float32)
    found: list[Pixels] = []
    for start in range(0, len(pictures), _AT_ONCE):
        values = torch.from_numpy(np.stack(pictures[start : start + _AT_ONCE])).permute(0, 3, 1, 2) / 127.5 - 1
        back = vae.decode(vae.encode(values.float()).latent_dist.mode()).sample
        whole = ((back.clamp(-1, 1) + 1) * 127.5).round().to(torch.uint8)
        found += list(whole.permute(0, 2, 3, 1).numpy())
    return found


def _ranked(faces: Sequence[FaceReading | None], asked: Sequence[Expression]) -> dict[str, Any]:
    rng, pairs = random.Random("judge"), list[tuple[Verdict, Verdict]]()
    for face, request in zip(faces, asked, strict=True):
        other = rng.choice([one for one in asked if one.distance(request) > 1])
        pairs.append((judge(face, request), judge(face, other)))
    return {**ranking(pairs), **against_many(list(faces), list(asked))}


def _pixels(path: Path) -> Pixels:
    with Image.open(path) as picture:
        return np.asarray(picture.convert("RGB"))


def _face(reader: Recognizer, picture: Pixels) -> FaceReading | None:
    found = reader.read(picture)
    return found.face() if found.faces else None


def _level(expression: Expression, unit: ActionUnit) -> float:
    return (expression.left(unit) + expression.right(unit)) / 2


def _read(face: FaceReading | None, unit: ActionUnit) -> float | None:
    """Return what is read of a unit, the mean of both sides: 0 without a face, None where it is not read at all."""
    if face is None:
        return 0.0
    return (face.units.left(unit) + face.units.right(unit)) / 2 if unit in face.units.units else None


def _mean(values: Iterable[float | None]) -> float:
    return round(float(np.mean([value for value in values if value is not None])), 2)
