"""What a slider and an emphasis learned from auface-mini change in its pictures, by landmarks and by the recognizer.

Both are trained as a user would, with the command's own options, and used through the pipeline with its default
settings, on people and noise that training has not seen. Readings are those of MediaPipe's landmarks, as in
`unit_measure`, and of AUFace's own recognizer, which knows nothing of either.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from generate import NEUTRAL, Studio, natural_requests, picture_settings, single_requests
from numpy.typing import NDArray
from picture_landmarks import PictureReader
from PIL import Image
from unit_measure import EXPRESSIVE, measure

from auface.facs import ActionUnit, Expression
from auface.pipelines.generation.base import load_base
from auface.pipelines.generation.request import MINI, PictureRequest

Floats = NDArray[np.float32]
SIZE = 192
STRENGTHS = (-1.0, -0.5, 0.0, 0.5, 1.0)
_SEEN = 0.25  # a unit is told by landmarks if it moves them at least by this share of the slider's own movement


def train(options: dict[str, Any], out: Path) -> dict[str, float]:
    """Train a LoRA and return how long it took, from the labelled folder to the file.

    Args:
        options: Options of `auface train lora`.
        out: Folder of the run, empty.
    """
    from auface.lora_training.lora.config import LoraConfig
    from auface.lora_training.lora.run import LoraRun

    start = time.perf_counter()
    run = LoraRun(LoraConfig.of({**options, "out": str(out)}, "mini"))
    run.prepare()
    prepared = time.perf_counter() - start
    outcome = run.train()
    assert outcome.finished
    return {"caches, seconds": round(prepared, 1), "in all, seconds": round(time.perf_counter() - start, 1)}


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
    from auface.lora_training.lora.unit_reader import COUNTED
    from auface.recognition.recognizer import Recognizer

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
    leaks = _landmark_leaks(studio, unit, drawn[0], drawn[-1], seeds)
    told = [unit_readings([one.picture for one in row]) for row in drawn]
    levels = [_mean([row[unit] for row in part if unit in row]) for part in told]
    changes = {
        other: _mean([b[other] - a[other] for a, b in zip(told[0], told[-1], strict=True) if other in a and other in b])
        for other in told[0][0]
    }
    others = {other: abs(value / changes[unit]) for other, value in changes.items() if other != unit}
    result = {
        "seeds": len(seeds),
        "strengths": STRENGTHS,
        "landmarks": {
            "share of the movement of level 4, mean": [round(float(value), 3) for value in np.nanmean(own, 1)],
            "mean is monotone": bool((np.diff(np.nanmean(own, 1)) > 0).all()),
            "seeds that are monotone, percent": round(100 * float((np.diff(own, axis=0) > 0).all(0).mean()), 1),
            "other units, share of its change": _largest(leaks),
        },
        "recognizer": {
            "level of the unit, mean": [round(value, 2) for value in levels],
            "mean is monotone": bool((np.diff(levels) > 0).all()),
            "change from -1 to 1, levels": round(changes[unit], 2),
            "other units, share of its change": _largest(others),
        },
    }
    return result, sheet([[row[number].picture for row in drawn] for number in range(min(4, len(seeds)))])


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


def unit_errors(booth: Booth, seeds: list[int], combinations: int) -> dict[ActionUnit, dict[str, list[float]]]:
    """Return for each unit how far pictures are from showing it as asked: alone at 4, and in natural combinations.

    Args:
        booth: Draws.
        seeds: People and noise.
        combinations: How many requests of several units.
    """
    from generate import shown_units

    studio, found = booth.studio(), dict[ActionUnit, dict[str, list[float]]]()
    rows = [row for seed in seeds for row in shown_units(studio, [seed], single_requests())]
    rows += shown_units(studio, seeds, natural_requests(combinations))
    for row in rows:
        own = found.setdefault(row.unit, {"share": [], "error": []})
        share = row.shown / row.wanted if np.isfinite(row.shown) else 0.0
        own["share"].append(share)
        own["error"].append(abs(share - 1))
    return found


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
