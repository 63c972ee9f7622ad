"""Measure the recognizer and write benchmarks/results/recognition.json.

    python benchmarks/recognition.py --data SET [--pictures FOLDER] [--mediapipe face_landmarker.task] [--threads 2]

SET is a synthetic set with landmarks; its test people were seen by no training. FOLDER holds pictures to report on
besides those that scikit-image ships.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
from machine import birth_certificate
from numpy.typing import NDArray

from auface.autext.record import Record
from auface.recognition.crop_frame import SIDE, frame_of_landmarks
from auface.recognition.face_reader import NeutralFace
from auface.recognition.face_source import FaceSource
from auface.recognition.picture import open_picture
from auface.recognition.recognizer import Recognizer
from auface.recognition.result import FaceReading
from auface.recognition.unit_table import UNITS, WEAK_UNITS, intensities
from auface.recognition.weight_file import shipped_path

RESULTS = Path(__file__).parent / "results"

Floats = NDArray[np.float32]

PRESENT = 2.0
"""Intensity from which a unit counts as present for F1: B, as is common with DISFA."""


def test_records(data: Path, limit: int | None) -> list[Record]:
    """Return the rows of the test split.

    Args:
        data: The set.
        limit: Only so many.
    """
    lines = (data / "test" / "metadata.jsonl").read_text(encoding="utf-8").splitlines()
    return [Record.from_json(line) for line in lines[:limit]]


def read_units(reading: FaceReading) -> Floats:
    """Return the (units, 2) intensities of a reading.

    Args:
        reading: What was read.
    """
    return np.array([(reading.units.left(unit), reading.units.right(unit)) for unit in UNITS], np.float32)


def icc31(read: Floats, asked: Floats) -> Floats:
    """Return ICC(3,1) along the first axis (Shrout & Fleiss 1979, two raters); NaN where nothing varies.

    Args:
        read: (N, ...) readings.
        asked: (N, ...) what is so.
    """
    between, error = 2 * ((read + asked) / 2).var(0, ddof=1), (read - asked).var(0, ddof=1) / 2
    with np.errstate(invalid="ignore", divide="ignore"):
        return (between - error) / (between + error)


def f1(read: Floats, asked: Floats) -> Floats:
    """Return F1 of presence along the first axis; NaN where neither ever has it.

    Args:
        read: (N, ...) readings.
        asked: (N, ...) what is so.
    """
    one, two = read >= PRESENT, asked >= PRESENT
    with np.errstate(invalid="ignore", divide="ignore"):
        return 2 * (one & two).sum(0) / (one.sum(0) + two.sum(0))


def scores(read: Floats, asked: Floats) -> dict[str, Any]:
    """Return the figures of readings: means over units and sides, and each unit.

    Args:
        read: (N, units, 2).
        asked: (N, units, 2).
    """
    icc, presence, mae = icc31(read, asked), f1(read, asked), np.abs(read - asked).mean(0)
    strong = [number for number, unit in enumerate(UNITS) if unit not in WEAK_UNITS]
    return {
        "faces": len(read),
        "mean ICC(3,1)": round(float(np.nanmean(icc)), 3),
        "mean ICC(3,1) without weak units": round(float(np.nanmean(icc[strong])), 3),
        "mean F1 at 2 and more": round(float(np.nanmean(presence)), 3),
        "mean F1 without weak units": round(float(np.nanmean(presence[strong])), 3),
        "mean absolute error": round(float(mae.mean()), 3),
        "expressive units under ICC 0.5": [int(UNITS[n]) for n in strong if np.nanmean(icc[n]) < 0.5],
        "units": {
            str(int(unit)): {
                "ICC left, right": [round(float(value), 3) for value in icc[number]],
                "F1 left, right": [round(float(value), 3) for value in presence[number]],
                "MAE": round(float(mae[number].mean()), 3),
            }
            for number, unit in enumerate(UNITS)
        },
    }


def on_people(recognizer: Recognizer, data: Path, records: list[Record]) -> dict[str, Any]:
    """Read whole pictures of test people, alone and by a neutral picture of theirs, and by true landmarks.

    Args:
        recognizer: The recognizer.
        data: The set.
        records: Rows of it.
    """
    found: list[int] = []
    read: list[Floats] = []
    by_landmarks: list[Floats] = []
    off: list[float] = []
    turned: list[float] = []
    for number, record in enumerate(records):
        recognition = recognizer.read(data / "test" / record.file_name)
        with np.load(data / record.landmarks) as file:
            truth = file["landmarks"]
        by_landmarks.append(read_units(recognizer.read_landmarks(truth).face()))
        frame, _ = frame_of_landmarks(truth)
        near = [one for one in recognition.faces if _distance(one, frame.x, frame.y) < 0.3 * frame.side]
        if not near:
            continue
        face = near[0].face
        found.append(number)
        read.append(read_units(near[0]))
        off.append(float(np.linalg.norm(face.landmarks[:, :2] - truth, axis=1).mean()) / frame.side * SIDE)
        assert record.pose is not None
        turned.append(abs(face.pose.yaw - record.pose.yaw))
    asked = np.stack([intensities(record.expression) for record in records])
    result = {
        "faces found": round(len(found) / len(records), 4),
        "landmark error, % of the distance between the eyes": round(100 * float(np.mean(off)), 2),
        "yaw error, degrees": round(float(np.mean(turned)), 2),
        "whole pictures": scores(np.stack(read), asked[found]),
        "true landmarks only": scores(np.stack(by_landmarks), asked),
    }
    return {**result, "neutral picture": by_neutral(recognizer, data, records, dict(zip(found, read, strict=True)))}


def by_neutral(recognizer: Recognizer, data: Path, records: list[Record], read: dict[int, Floats]) -> dict[str, Any]:
    """Compare readings of the same pictures with and without another, neutral picture of the person.

    Args:
        recognizer: The recognizer.
        data: The set.
        records: Rows of it.
        read: Number of the row -> what was read without.
    """
    resting: dict[str, NeutralFace] = {}
    for number, record in enumerate(records):
        if record.expression.is_neutral and record.subject not in resting and number in read:
            resting[record.subject] = recognizer.neutral(data / "test" / record.file_name)
    rows = [n for n in read if records[n].subject in resting and not records[n].expression.is_neutral]
    relative: list[Floats] = []
    kept: list[int] = []
    for number in rows:
        record = records[number]
        recognition = recognizer.read(data / "test" / record.file_name, neutral=resting[record.subject])
        if recognition.faces:
            relative.append(read_units(recognition.face()))
            kept.append(number)
    asked = np.stack([intensities(records[number].expression) for number in kept])
    return {
        "without": _short(scores(np.stack([read[n] for n in kept]), asked)),
        "with": _short(scores(np.stack(relative), asked)),
    }


def _short(result: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in result.items() if name != "units"}


def _distance(reading: FaceReading, x: float, y: float) -> float:
    frame, _ = frame_of_landmarks(reading.face.landmarks)
    return float(np.hypot(frame.x - x, frame.y - y))


def speed(recognizer: Recognizer, data: Path, records: list[Record]) -> dict[str, float]:
    """Return faces per second, crops given and in whole pictures in memory, as folders are read and one by one.

    Args:
        recognizer: The recognizer.
        data: The set.
        records: Rows of it.
    """
    pictures = [open_picture(data / "test" / record.file_name) for record in records[:48]]
    crops: list[NDArray[np.uint8]] = []
    for record, picture in zip(records, pictures, strict=False):
        with np.load(data / record.landmarks) as file:
            crops.append(frame_of_landmarks(file["landmarks"])[0].cut(picture.pixels))
    stack = np.stack(crops)
    recognizer.read_crops(stack)
    start = time.perf_counter()
    recognizer.read_crops(stack)
    cut = time.perf_counter()
    for picture in pictures:
        recognizer.read(picture)
    whole = time.perf_counter()
    for _ in recognizer.read_many(pictures):
        pass
    together = time.perf_counter()
    return {
        "threads": torch.get_num_threads(),
        "crops given, faces per second": round(len(stack) / (cut - start), 1),
        "whole pictures of 256 px, per second": round(len(pictures) / (together - whole), 1),
        "whole pictures one by one, per second": round(len(pictures) / (whole - cut), 1),
    }


def real_pictures(recognizer: Recognizer, folder: Path | None) -> dict[str, Any]:
    """Return what is read in photographs: those that scikit-image ships, and those of a folder.

    Args:
        recognizer: The recognizer.
        folder: Further pictures, or None.
    """
    from skimage import data

    pictures: dict[str, Any] = {"astronaut": data.astronaut()}
    for name in ("coffee", "chelsea", "rocket", "brick", "grass", "coins", "page", "motorcycle_left"):
        picture = getattr(data, name, None)
        if picture is not None:
            pictures[f"{name} (no face)"] = picture()
    for path in sorted(folder.iterdir()) if folder else ():
        pictures[path.name] = path
    result: dict[str, Any] = {}
    for name, picture in pictures.items():
        recognition = recognizer.read(picture, name=name)
        result[name] = [
            {
                "read": one.expression().notation(),
                "score": round(one.face.score, 2),
                "yaw, pitch, roll": [round(v) for v in (one.face.pose.yaw, one.face.pose.pitch, one.face.pose.roll)],
                "emotion": max(one.emotions, key=lambda key, e=one.emotions: e[key]),
            }
            for one in recognition.faces
        ]
    faces = data.lfw_subset()  # 100 small gray faces, then 100 pieces without
    seen = [bool(recognizer.read(_enlarged(face)).faces) for face in faces]
    result["lfw_subset (25 px)"] = {
        "faces found of 100": sum(seen[:100]),
        "found where none is, of 100": sum(seen[100:]),
    }
    return result


def _enlarged(face: NDArray[Any]) -> NDArray[np.uint8]:
    from PIL import Image

    gray = Image.fromarray((np.clip(face, 0, 1) * 255).astype(np.uint8)).resize((100, 100), Image.Resampling.BICUBIC)
    framed = Image.new("L", (160, 160), int(np.asarray(gray).mean()))
    framed.paste(gray, (30, 30))
    return np.asarray(framed)


def compared(recognizer: Recognizer, source: FaceSource, data: Path, records: list[Record]) -> dict[str, Any]:
    """Return the figures with faces of another source.

    Args:
        recognizer: The recognizer.
        source: The source.
        data: The set.
        records: Rows of it.
    """
    own, recognizer.source = recognizer.source, source
    try:
        read = [recognizer.read(data / "test" / record.file_name) for record in records]
    finally:
        recognizer.source = own
    found = [number for number, one in enumerate(read) if one.faces]
    asked = np.stack([intensities(records[number].expression) for number in found])
    result = _short(scores(np.stack([read_units(read[number].face()) for number in found]), asked))
    return {"faces found": round(len(found) / len(records), 4), **result}


def main() -> None:
    """Measure everything."""
    parser = argparse.ArgumentParser(description="Measure the recognizer.")
    parser.add_argument("--data", type=Path, required=True, help="synthetic set with landmarks")
    parser.add_argument("--weights", type=Path, default=shipped_path())
    parser.add_argument("--pictures", type=Path, help="folder of further photographs")
    parser.add_argument("--mediapipe", type=Path, help="model file, to compare with MediaPipe's faces")
    parser.add_argument("--limit", type=int, help="only so many test pictures")
    parser.add_argument("--only", choices=("speed",), help="measure this alone, and keep the other results")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--out", type=Path, default=RESULTS / "recognition.json")
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    recognizer = Recognizer(weights=given.weights)
    records = test_records(given.data, given.limit)
    if given.only:
        kept = json.loads(given.out.read_text(encoding="utf-8")) if given.out.is_file() else {}
        part = {**birth_certificate(), **speed(recognizer, given.data, records)}
        given.out.write_text(json.dumps({**kept, "speed": part}, indent=1) + "\n", encoding="utf-8")
        return
    result: dict[str, Any] = {
        **birth_certificate(),
        "weights, MB": round(given.weights.stat().st_size / 1e6, 2),
        **on_people(recognizer, given.data, records),
        "real pictures": real_pictures(recognizer, given.pictures),
        "speed": speed(recognizer, given.data, records),
    }
    if given.mediapipe:
        from auface.recognition.mediapipe_faces import MediaPipeFaces

        result["faces of MediaPipe"] = compared(recognizer, MediaPipeFaces(given.mediapipe), given.data, records[:200])
    given.out.parent.mkdir(exist_ok=True)
    given.out.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
