"""What emotions, verdicts and batches show, with the shipped recognizer.

    python benchmarks/verdict.py --data SET --heads HEADS [--mini FOLDER] [--drawn PICTURES] [--part NAME] [--fit]

SET is a synthetic set with landmarks (`auface dataset synth`), HEADS the head pack: compound prototypes are rendered on
people and views of SET's test split, which nothing was trained on. FOLDER is a pipeline in diffusers layout, such as
the embedded default; it draws into PICTURES, and these are judged. `--fit` fits the weights of the fusion on people of
the validation split, prints them and stops. Parts: simulated (readings with a known error, no weights), compound,
verify, mini, aaad, memory; all that can be run by default. Parts that are not run keep their earlier result. Writes
`benchmarks/results/verdict.json`.
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import torch
from machine import birth_certificate
from numpy.typing import NDArray
from simulated_reading import simulated_part
from verdict_mini import draw_mini, mini_part
from verdict_ranking import against_many, ranking

from auface.autext.heads import HeadDescription, open_renderer
from auface.autext.record import Record
from auface.facs import Expression, resolve
from auface.facs.prototype import compound_emotions
from auface.facs.prototype_table import C_EXPR_DB
from auface.recognition.agreement import confusion, macro_f1
from auface.recognition.emotion.anatomy import compound_opinion
from auface.recognition.emotion.face_emotions import cnn_opinion
from auface.recognition.emotion.fusion import COMPOUND_SHIPPED, Fusion, fit_fusion
from auface.recognition.emotion.opinion import Opinion, spread_over_compounds
from auface.recognition.evaluation.aaad import evaluate_captions
from auface.recognition.evaluation.captions import captioned_pictures
from auface.recognition.recognizer import Recognizer
from auface.recognition.result import FaceReading
from auface.recognition.verdict import Verdict, judge

RESULTS = Path(__file__).parent / "results" / "verdict.json"
EACH = 40
"""Rendered faces of each class."""
FRAMES = 2000
PARTS = ("simulated", "compound", "verify", "mini", "aaad", "memory")
MINI = 60
"""Pictures that are drawn with a pipeline."""

Pixels = NDArray[np.uint8]


def records(data: Path, split: str) -> list[Record]:
    """Return the rows of a split."""
    lines = (data / split / "metadata.jsonl").read_text(encoding="utf-8").splitlines()
    return [Record.from_json(line) for line in lines]


def prototype(name: str, rng: random.Random) -> Expression:
    """Return the prototypical units of a class, each between B and E."""
    units = compound_emotions()[name].expression.units
    return Expression.of({unit: round(rng.uniform(2, 5), 2) for unit in units})


def varied(name: str, rng: random.Random) -> Expression:
    """Return a face as Du et al. saw them: prototypical units in 85 %, others in their share of the subjects."""
    emotion = compound_emotions()[name]
    units = [unit for unit in emotion.expression.units if rng.random() < 0.85]
    units += [seen.unit for seen in emotion.seen_in_some if rng.random() < (seen.share or 0)]
    return resolve(Expression.of({unit: round(rng.uniform(2, 5), 2) for unit in units}))


def drawn(heads: Path, rows: list[Record], way: Any, each: int, seed: str) -> Iterator[tuple[str, Pixels]]:
    """Yield class and picture of faces on people and views of some rows."""
    renderer, rng = open_renderer("gl", heads), random.Random(seed)
    chosen = rng.sample(rows, min(len(rows), each))
    for row in chosen:
        person = HeadDescription.from_json(row.description)
        for name in C_EXPR_DB:
            face = HeadDescription.of(way(name, rng), identity=person.identity, view=person.view)
            yield name, renderer.render(face, 256, ()).image


def opinions(face: FaceReading) -> list[Opinion]:
    """Return what anatomy and crop network say of the seven classes."""
    return [
        compound_opinion(face.units, C_EXPR_DB),
        spread_over_compounds(cnn_opinion(face), C_EXPR_DB),
    ]


def read_classes(
    reader: Recognizer, heads: Path, rows: list[Record], way: Any, each: int, seed: str
) -> tuple[list[list[Opinion]], list[str], int]:
    """Return opinions on each rendered face, its class, and how many faces were not found."""
    faces: list[list[Opinion]] = []
    truth: list[str] = []
    missed = 0
    for name, picture in drawn(heads, rows, way, each, seed):
        found = reader.read(picture)
        if found.faces:
            faces.append(opinions(found.face()))
            truth.append(name)
        else:
            missed += 1
    return faces, truth, missed


def compound_part(reader: Recognizer, data: Path, heads: Path, each: int) -> dict[str, Any]:
    """Measure the seven classes of C-EXPR-DB on rendered faces of test people."""
    result: dict[str, Any] = {}
    for title, way in (("prototypes", prototype), ("varied as Du et al. saw them", varied)):
        faces, truth, missed = read_classes(reader, heads, records(data, "test"), way, each, f"test {title}")
        answers = {
            "anatomy": [face[0] for face in faces],
            "cnn": [face[1] for face in faces],
            "anatomy + cnn": [COMPOUND_SHIPPED.fuse(face) for face in faces],
        }
        result[title] = {
            "faces": len(faces) + missed,
            "faces not found": missed,
            "macro F1": {
                name: round(macro_f1(truth, [one.best for one in said], C_EXPR_DB), 3) for name, said in answers.items()
            },
            "abstention of anatomy + cnn": abstention(answers["anatomy + cnn"], truth),
            "confusion": confusion(truth, [one.best for one in answers["anatomy + cnn"]], C_EXPR_DB),
        }
    return result


def abstention(said: list[Opinion], truth: list[str]) -> dict[str, float]:
    """Return the share of faces that get an answer by default, and how often it is right."""
    answered = [(one.best, name) for one, name in zip(said, truth, strict=True) if one.answer() is not None]
    right = sum(best == name for best, name in answered)
    return {"answered": round(len(answered) / len(said), 3), "right of these": round(right / max(1, len(answered)), 3)}


def fit_part(reader: Recognizer, data: Path, heads: Path, each: int) -> dict[str, Fusion]:
    """Fit the fusion on people of the validation split: varied compound faces, and emotions of the set itself."""
    faces, truth, _ = read_classes(reader, heads, records(data, "validation"), varied, each, "fit")
    return {"compound": fit_fusion(faces, truth, "varied compound faces rendered on validation people")}


def verify_part(reader: Recognizer, data: Path, limit: int | None) -> dict[str, Any]:
    """Score every test picture against what it shows and against what another one shows."""
    rows, rng = records(data, "test")[:limit], random.Random("verify")
    pairs: list[tuple[Verdict, Verdict]] = []
    faces: list[FaceReading | None] = []
    for row in rows:
        other = rng.choice([one for one in rng.sample(rows, 8) if one.expression.distance(row.expression) > 1])
        found = reader.read(data / "test" / row.file_name)
        faces.append(found.face() if found.faces else None)
        pairs.append((judge(faces[-1], row.expression), judge(faces[-1], other.expression)))
    return {**ranking(pairs), **against_many(faces, [row.expression for row in rows])}


def aaad_part(reader: Recognizer, data: Path, limit: int | None) -> dict[str, Any]:
    """Measure AAAD of the test split with its own captions."""
    report = evaluate_captions(reader, islice(captioned_pictures(data / "test"), limit))
    kept = ("aaad", "aaad, captions exchanged", "ranking, own caption against another", "pictures", "mean over units")
    return {name: value for name, value in report.to_dict().items() if name in kept}


def memory_part(reader: Recognizer, data: Path) -> dict[str, Any]:
    """Read a video of 2,000 frames into a table, and watch the memory of this process."""
    import cv2
    from PIL import Image

    from auface.recognition.batch import FrameReading, read_frames
    from auface.recognition.frames import frames_of
    from auface.recognition.table import CsvTable

    rows = records(data, "test")[:50]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "faces.avi"
        video = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*"MJPG"), 25, (256, 256))  # type: ignore[attr-defined]
        pictures = [np.asarray(Image.open(data / "test" / row.file_name).convert("RGB"))[..., ::-1] for row in rows]
        for number in range(FRAMES):
            video.write(np.ascontiguousarray(pictures[number // 8 % len(pictures)]))
        video.release()
        resident: list[float] = []
        begin = time.perf_counter()
        with CsvTable(Path(folder) / "faces.csv", "openface") as table:
            for reading in read_frames(reader, frames_of([path])):
                assert isinstance(reading, FrameReading)
                table.write(reading)
                resident.append(_megabytes())
        seconds = time.perf_counter() - begin
    warm = float(np.max(resident[100:300]))
    return {
        "frames": len(resident),
        "frames per second": round(len(resident) / seconds, 1),
        "memory after 300 frames, MB": round(warm, 1),
        "highest afterwards, MB": round(float(np.max(resident[300:])), 1),
        "growth, percent": round(100 * (float(np.max(resident[300:])) / warm - 1), 2),
    }


def _megabytes() -> float:
    """Return the resident memory of this process, from the kernel's own count (Linux)."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * 4096 / 1e6


def main() -> None:
    """Measure and write the result."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--heads", type=Path)
    parser.add_argument("--mini", type=Path)
    parser.add_argument("--drawn", type=Path, help="pictures that --mini drew earlier, or is to draw")
    parser.add_argument("--count", type=int, default=MINI, help="pictures to draw with --mini")
    parser.add_argument("--limit", type=int, help="only so many pictures of the test split")
    parser.add_argument("--each", type=int, default=EACH, help="rendered faces of each class")
    parser.add_argument("--weights", type=Path)
    parser.add_argument("--part", action="append", choices=PARTS)
    parser.add_argument("--fit", action="store_true")
    given = parser.parse_args()
    torch.set_num_threads(1)
    only_simulated = given.part == ["simulated"]  # which needs no weights
    reader = Recognizer(weights=given.weights) if not only_simulated else None
    if given.fit and reader is not None:
        for name, fusion in fit_part(reader, given.data, given.heads, given.each).items():
            print(name, fusion.to_json())  # noqa: T201
        return
    shown = [row.expression for row in records(given.data, "test")]
    ways = {"simulated": lambda: simulated_part(shown, {"prototypes": prototype, "varied": varied})}
    if reader is not None:
        ways["verify"] = lambda: verify_part(reader, given.data, given.limit)
        ways["aaad"] = lambda: aaad_part(reader, given.data, given.limit)
        ways["memory"] = lambda: memory_part(reader, given.data)
    if reader is not None and given.heads is not None:
        ways["compound"] = lambda: compound_part(reader, given.data, given.heads, given.each)
    if given.mini is not None and given.drawn is not None:
        draw_mini(given.mini, records(given.data, "test"), given.count, given.drawn)
    if reader is not None and given.drawn is not None:
        ways["mini"] = lambda: mini_part(reader, given.drawn, given.data, given.mini)
    result: dict[str, Any] = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.is_file() else {}
    for name in given.part or ways:
        if name not in ways:
            parser.error(f"part {name} needs --heads or --drawn")
        result[name] = {**birth_certificate(), **ways[name]()}
        RESULTS.parent.mkdir(exist_ok=True)
        RESULTS.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
