"""What a slider learned from auface-mini changes in its pictures, by landmarks and by the recognizer.

It is trained as a user would, with the command's own options, and used through the pipeline with its default
settings, on people and noise that training has not seen. Readings are those of MediaPipe's landmarks, as in
`unit_measure`, and of AUFace's own recognizer, which knows nothing of either.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from generate import NEUTRAL, Studio
from numpy.typing import NDArray
from picture_landmarks import PictureReader
from picture_settings import picture_settings
from PIL import Image
from unit_measure import EXPRESSIVE, measure

from auface.facs import ActionUnit, Expression
from auface.pipelines.generation.base import load_base
from auface.pipelines.generation.request import MINI, PictureRequest

Floats = NDArray[np.float32]
SIZE = 192
SLIDER = "12E"
DECISIVE = (
    *("steps", "batch", "learning_rate", "warmup", "rank", "targets", "parts", "background", "teacher_scale"),
    *("unit_weight", "asked_weight", "landmark_weight", "unit_steps_from", "unit_steps"),
)
"""Options that results name, as the preset has them."""
FRESH = list(range(100, 108))
"""People and noise on whom effects are measured."""
STRENGTHS = (-1.0, -0.5, 0.0, 0.5, 1.0)
_SEEN = 0.25  # a unit is told by landmarks if it moves them at least by this share of the slider's own movement


def train(options: dict[str, Any], out: Path) -> dict[str, float]:
    """Train a LoRA and return how long it took, from the labelled folder to the file.

    Args:
        options: Options of `auface train lora`.
        out: Folder of the run, empty.
    """
    from auface.lora_training.face_consistency import FaceConsistency
    from auface.lora_training.lora.config import LoraConfig
    from auface.lora_training.lora.run import LoraRun
    from auface.lora_training.lora.unit_reader import recognizer_or_none

    start = time.perf_counter()
    config = LoraConfig.of({**options, "out": str(out)}, "mini")
    reads = FaceConsistency.of(recognizer_or_none(), asked_weight=config.asked_weight) if config.reads_faces else None
    run = LoraRun(config, face_loss=reads)
    run.prepare()
    prepared = time.perf_counter() - start
    outcome = run.train()
    assert outcome.finished
    return {"caches, seconds": round(prepared, 1), "in all, seconds": round(time.perf_counter() - start, 1)}


def chosen(options: dict[str, Any]) -> dict[str, Any]:
    """Return options that were given, and those that decide how much is learned.

    Args:
        options: Options of `auface train lora`.
    """
    from auface.lora_training.lora.config import LoraConfig

    whole = LoraConfig.of(options, "mini")
    return {**{name: getattr(whole, name) for name in DECISIVE}, **options}


class Booth:
    """Draws with a LoRA at any strength, and reads what is drawn.

    Args:
        lora: The file, or None for the base alone.
        reader: Reads landmarks.
    """

    def __init__(self, lora: Path | None, reader: PictureReader) -> None:
        self.reader = reader
        loras = () if lora is None else ((str(lora), 1.0),)
        self.pipe: Any = load_base(PictureRequest(expression="neutral", base=MINI, loras=loras))
        self.settings = picture_settings(MINI, self.pipe, None)
        self._with_lora = lora is not None
        self._studios: dict[float, Studio] = {}

    def studio(self, strength: float = 1.0) -> Studio:
        """Return what draws at a strength.

        Args:
            strength: Of the LoRA.
        """
        if self._with_lora:
            self.pipe.set_adapters(["lora0"], [strength])
        return self._studios.setdefault(strength, Studio(self.pipe, self.reader, SIZE, self.settings))


def unit_readings(pictures: Sequence[Image.Image]) -> list[dict[ActionUnit, float]]:
    """Return what the recognizer reads in each picture, the mean of both sides; nothing where there is no face.

    Args:
        pictures: RGB.
    """
    from auface.recognition.recognizer import Recognizer
    from auface.recognition.unit_table import COUNTED

    recognizer, found = Recognizer(), list[dict[ActionUnit, float]]()
    for picture in pictures:
        faces = recognizer.read(np.asarray(picture)).faces
        told = faces[0].units if faces else None
        known = [unit for unit in COUNTED if told is not None and unit in told.units]
        found.append({unit: (told.left(unit) + told.right(unit)) / 2 for unit in known} if told else {})
    return found


def slider_figures(booth: Booth, ends: Expression, seeds: list[int]) -> tuple[dict[str, Any], Image.Image]:
    """Return what a slider does to faces at rest, and a sheet of them: a row for each seed, a column for each strength.

    Args:
        booth: Draws with the slider.
        ends: Its positive end: one unit.
        seeds: People and noise.
    """
    [unit] = ends.units
    drawn = [booth.studio(strength).draw([(seed, NEUTRAL) for seed in seeds]) for strength in STRENGTHS]
    studio, rest = booth.studio(0.0), drawn[STRENGTHS.index(0.0)]
    own = np.array(
        [
            [
                measure(None if one.seen is None or base.seen is None else one.seen - base.seen, way)
                for one, base, way in zip(row, rest, (studio.direction(seed, unit) for seed in seeds), strict=True)
            ]
            for row in drawn
        ]
    )
    parts = {"from -1 to 1": (drawn[0], drawn[-1]), "from -1 to 0": (drawn[0], rest), "from 0 to 1": (rest, drawn[-1])}
    leaks = {name: _largest(_landmark_leaks(studio, unit, *span, seeds)) for name, span in parts.items()}
    told = [unit_readings([one.picture for one in row]) for row in drawn]
    levels = [_mean([row[unit] for row in part if unit in row]) for part in told]
    changes = _changes(told[0], told[-1])
    # What the base itself shows of other units when it is asked for this one: a slider that it teaches has them too.
    asked = studio.draw([(seed, ends) for seed in seeds])
    taught = _changes(told[STRENGTHS.index(0.0)], unit_readings([one.picture for one in asked]))
    result = {
        "seeds": len(seeds),
        "strengths": STRENGTHS,
        "landmarks": {
            "share of the movement of level 4, mean": [round(float(value), 3) for value in np.nanmean(own, 1)],
            "mean is monotone": bool((np.diff(np.nanmean(own, 1)) > 0).all()),
            "seeds that are monotone, percent": round(100 * float((np.diff(own, axis=0) > 0).all(0).mean()), 1),
            "other units, share of its change": leaks,
        },
        "recognizer": {
            "level of the unit, mean": [round(value, 2) for value in levels],
            "mean is monotone": bool((np.diff(levels) > 0).all()),
            "change from -1 to 1, levels": round(changes[unit], 2),
            "other units, share of its change": _largest(_shares(changes, unit)),
        },
        "the base, asked for the unit": {
            "landmarks, other units, share of its change": _largest(_landmark_leaks(studio, unit, rest, asked, seeds)),
            "recognizer, change of the unit, levels": round(taught[unit], 2),
            "recognizer, other units, share of its change": _largest(_shares(taught, unit)),
        },
    }
    return result, sheet([[row[number].picture for row in drawn] for number in range(min(4, len(seeds)))])


def _changes(before: list[dict[ActionUnit, float]], after: list[dict[ActionUnit, float]]) -> dict[ActionUnit, float]:
    """Return the mean change of each unit, in levels."""
    return {
        unit: _mean([b[unit] - a[unit] for a, b in zip(before, after, strict=True) if unit in a and unit in b])
        for unit in before[0]
    }


def _shares(changes: dict[ActionUnit, float], own: ActionUnit) -> dict[ActionUnit, float]:
    return {unit: abs(value / changes[own]) for unit, value in changes.items() if unit != own}


def _landmark_leaks(studio: Studio, unit: ActionUnit, low: Any, high: Any, seeds: list[int]) -> dict[ActionUnit, float]:
    """Return how much of other units is in a movement, beside what goes the unit's own way; own is 1."""
    sums: dict[ActionUnit, list[float]] = {}
    shares: list[float] = []
    for one, other, seed in zip(low, high, seeds, strict=True):
        if one.seen is None or other.seen is None:
            continue
        moved, way = other.seen - one.seen, studio.direction(seed, unit)
        share = measure(moved, way)
        shares.append(share)
        for extra in EXPRESSIVE:
            direction = studio.direction(seed, extra)
            if extra != unit and np.linalg.norm(direction) > _SEEN * np.linalg.norm(way):
                sums.setdefault(extra, []).append(measure(moved - share * way, direction))
    return {extra: abs(_mean(values)) / abs(_mean(shares)) for extra, values in sums.items()}


def slider_part(data: Path, home: Path, reader: PictureReader, given: Any) -> tuple[dict[str, Any], Image.Image]:
    """Return how a slider for the lip corners was trained and what it does, and a sheet.

    Args:
        data: Pictures that give people and noise.
        home: An empty folder.
        reader: Reads landmarks.
        given: Of the command line.
    """
    options = {"slider": SLIDER, **({"steps": 4} if given.quick else {})}
    took = train({**options, "data": str(data)}, home / "slider")
    booth = Booth(home / "slider" / "slider.safetensors", reader)
    found, picture = slider_figures(booth, Expression.parse(SLIDER), FRESH[: 2 if given.quick else 8])
    return {"options": chosen(options), "training": took, **found}, picture


def sheet(rows: list[list[Image.Image]]) -> Image.Image:
    """Return pictures side by side.

    Args:
        rows: Rows of pictures of one size.
    """
    width, height = rows[0][0].size
    whole = Image.new("RGB", (width * len(rows[0]), height * len(rows)))
    for y, row in enumerate(rows):
        for x, picture in enumerate(row):
            whole.paste(picture, (x * width, y * height))
    return whole


def _largest(values: dict[ActionUnit, float], count: int = 3) -> dict[str, float]:
    found = sorted(values.items(), key=lambda item: -item[1])[:count]
    return {unit.name: round(value, 2) for unit, value in found}


def _mean(values: list[float]) -> float:
    return float(np.mean(values)) if values else float("nan")
