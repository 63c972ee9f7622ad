"""Faces to learn from, cut out once: one memory-mapped array of crops, and beside it what is known of each.

    auface train recognizer prepare --data SET [SET ...] --out CACHE

A cached crop is `MARGIN` times as wide as what the crop network sees, so that training can shift, turn and scale it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from auface.autext.record import SPLITS, Record
from auface.recognition.crop_frame import CROP, SIDE, CropFrame, frame_of_landmarks
from auface.recognition.unit_table import intensities
from auface.structure.topology import topology

from .emotion import emotion_shares

MARGIN = 1.4
"""Side of a cached crop in sides of what the network sees."""

CACHED = 192
"""Height and width of a cached crop in pixels; about as fine as the crops cut from it, of `CROP` pixels."""

WHOLE = 128
"""Height and width of the whole pictures that are kept for the finder."""

Floats = NDArray[np.float32]

assert CACHED / MARGIN >= CROP


@dataclass(frozen=True, slots=True, eq=False)
class FaceCache:
    """Crops and labels, rows in the order of the set.

    Attributes:
        crops: (N, 192, 192, 3) uint8, memory-mapped.
        whole: (N, 128, 128, 3) uint8, the whole pictures, memory-mapped.
        landmarks: (N, 478, 3) in sides of the network's crop: x right, y down, depth away from the camera, 0 at the
            middle of the crop (the middle between the eyes, for depth).
        frames: (N, 4) x, y, side (in sides of the whole picture) and roll (degrees) of the network's crop.
        units: (N, units, 2) intensities, left and right.
        emotions: (N, emotions) shares that sum to 1.
        pose: (N, 3) yaw, pitch, roll in degrees.
        split: (N,) 0 train, 1 validation, 2 test.
        subject: (N,) number of the person.
    """

    crops: NDArray[np.uint8]
    whole: NDArray[np.uint8]
    landmarks: NDArray[np.float16]
    frames: Floats
    units: Floats
    emotions: Floats
    pose: Floats
    split: NDArray[np.int64]
    subject: NDArray[np.int64]

    def rows(self, split: str) -> NDArray[np.int64]:
        """Return the rows of a split.

        Args:
            split: "train", "validation" or "test".
        """
        return np.flatnonzero(self.split == SPLITS.index(split))  # pyright: ignore[reportArgumentType]

    @classmethod
    def load(cls, folder: Path) -> FaceCache:
        """Open a cache.

        Args:
            folder: Folder that `prepare` wrote.

        Raises:
            ValueError: There is none.
        """
        if not (folder / "labels.npz").is_file():
            raise ValueError(f"`cache` is {str(folder)!r}, which holds no labels.npz; accepted is a prepared folder.")
        with np.load(folder / "labels.npz") as file:
            labels = {name: file[name] for name in file.files}
        crops = np.load(folder / "crops.npy", mmap_mode="r")
        return cls(crops=crops, whole=np.load(folder / "whole.npy", mmap_mode="r"), **labels)


def prepare(sets: Sequence[Path], out: Path, limit: int | None = None) -> None:
    """Cut the faces of data sets with landmarks and coded units into a cache.

    Args:
        sets: Folders of data sets that `auface dataset synth` drew, with landmarks and with seeds of their own.
        out: Folder to write into.
        limit: Only so many pictures of each split of a set.

    Raises:
        ValueError: A folder holds no set with landmarks, or two sets have the same people.
    """
    records = [(folder, record) for folder in sets for record in _records(folder, limit)]
    _check_people(records)
    out.mkdir(parents=True, exist_ok=True)
    count, folder = len(records), out
    crops = np.lib.format.open_memmap(folder / "crops.npy", "w+", np.uint8, (count, CACHED, CACHED, 3))
    whole = np.lib.format.open_memmap(folder / "whole.npy", "w+", np.uint8, (count, WHOLE, WHOLE, 3))
    landmarks, frames = np.zeros((count, 478, 3), np.float16), np.zeros((count, 4), np.float32)
    people: dict[str, int] = {}
    for row, (data, record) in enumerate(records):
        with Image.open(data / record.split / record.file_name) as file:
            image = file.convert("RGB")
        with np.load(data / record.landmarks) as file:
            points = picture_points(file["landmarks"], file["landmarks_3d"])
        frame, _ = frame_of_landmarks(points)
        wide = CropFrame(frame.x, frame.y, MARGIN * frame.side, frame.roll)
        picture = np.asarray(image)
        crops[row] = wide.cut(picture, CACHED)
        whole[row] = np.asarray(image.resize((WHOLE, WHOLE), Image.Resampling.BOX))
        landmarks[row] = frame.to_crop(points) - [0.5, 0.5, 0]
        size = picture.shape[0]
        frames[row] = frame.x / size, frame.y / size, frame.side / size, frame.roll
        people.setdefault(record.subject, len(people))
    poses = [(r.pose.yaw, r.pose.pitch, r.pose.roll) if r.pose else (0.0, 0.0, 0.0) for _, r in records]
    np.savez(
        folder / "labels.npz",
        landmarks=landmarks,
        frames=frames,
        units=np.stack([intensities(record.expression) for _, record in records]),
        emotions=np.stack([emotion_shares(record.expression) for _, record in records]),
        pose=np.array(poses, np.float32),
        split=np.array([SPLITS.index(record.split) for _, record in records]),
        subject=np.array([people[record.subject] for _, record in records]),
    )


def picture_points(landmarks: Floats, positions: Floats) -> Floats:
    """Return (478, 3) landmarks: pixels, and depth in pixels, smaller toward the camera, 0 midway between the eyes.

    Args:
        landmarks: (478, 2) in pixels.
        positions: (478, 3) the same in space; toward the camera is +z.
    """
    flat, space = landmarks.astype(np.float64), positions.astype(np.float64)
    eyes = space[[33, 133, 263, 362], 2].mean()
    spread = np.linalg.norm(flat - flat.mean(0), axis=1).sum()
    scale = spread / np.linalg.norm(space[:, :2] - space[:, :2].mean(0), axis=1).sum()  # pixels for one unit of space
    return np.concatenate([flat, ((eyes - space[:, 2]) * scale)[:, None]], 1).astype(np.float32)


def mean_points() -> Floats:
    """Return the (478, 3) mean face at rest as landmarks of a crop; see `FaceCache.landmarks`."""
    points = topology().neutral * np.float32(1 / SIDE)
    return (points - np.array([0, -0.62 / SIDE, 0], np.float32)) * np.array([1, -1, -1], np.float32)


def _check_people(records: Sequence[tuple[Path, Record]]) -> None:
    home: dict[str, Path] = {}
    for folder, record in records:
        if home.setdefault(record.subject, folder) != folder:
            raise ValueError(
                f"`data` has the person {record.subject} in {str(home[record.subject])!r} and in {str(folder)!r}; "
                "accepted are sets of different seeds."
            )


def _records(data: Path, limit: int | None) -> Iterator[Record]:
    for split in SPLITS:
        path = data / split / "metadata.jsonl"
        if not path.is_file():
            raise ValueError(f"`data` is {str(data)!r}, which has no {split}/metadata.jsonl; accepted is a data set.")
        with path.open(encoding="utf-8") as file:
            for number, line in enumerate(file):
                if limit is not None and number >= limit:
                    break
                record = Record.from_json(line)
                if not record.landmarks:
                    raise ValueError(f"`data` has {record.file_name} without landmarks; accepted are sets with them.")
                yield record


def manifest(out: Path) -> dict[str, int]:
    """Return how many pictures of each split a cache holds.

    Args:
        out: Folder of the cache.
    """
    split = FaceCache.load(out).split
    counts = {name: int((split == number).sum()) for number, name in enumerate(SPLITS)}
    (out / "cache.json").write_text(json.dumps(counts) + "\n", encoding="utf-8")
    return counts
