"""`HeadPictures`: the pictures of a set of synthetic heads, decoded once into one file that training reads at random.

The cache of a split is `SPLIT.npy`, (N, size, size, 3) uint8, and `SPLIT-landmarks.npy`, (N, 478, 2) float32 in
pixels; rows are those of the split's `metadata.jsonl`, in order.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn


@dataclass(frozen=True, eq=False)
class HeadPictures:
    """Pictures of one split.

    Attributes:
        pixels: (N, size, size, 3) uint8 sRGB, on disk.
        landmarks: (N, 478, 2) float32 x and y in pixels.
        rows: The metadata, one for each picture.
    """

    pixels: NDArray[np.uint8]
    landmarks: NDArray[np.float32]
    rows: list[dict[str, Any]]

    @classmethod
    def open(cls, dataset: Path, split: str, cache: Path, every: int = 1) -> HeadPictures:
        """Open a split, and first decode it if the cache has it not.

        Args:
            dataset: Folder that `auface dataset synth` wrote, with landmarks.
            split: `train`, `validation` or `test`.
            cache: Folder of decoded pictures, of this set only.
            every: Only each so-many-th picture is used.

        Raises:
            ValueError: There is no such split, or its pictures have no landmarks.
        """
        table = dataset / split / "metadata.jsonl"
        if not table.is_file():
            raise ValueError(f"`dataset` is {str(dataset)!r}, which has no {split}/metadata.jsonl; accepted is a set.")
        rows = [json.loads(line) for line in table.read_text(encoding="utf-8").splitlines()[::every]]
        pixels, landmarks = cache / f"{split}.npy", cache / f"{split}-landmarks.npy"
        if not pixels.exists():
            _decode(dataset, split, rows, pixels, landmarks)
        found = cls(np.load(pixels, mmap_mode="r"), np.load(landmarks), rows)
        if len(found.pixels) != len(rows):
            raise ValueError(f"`cache` is {str(cache)!r}, made of another set; accepted is a folder for this set only.")
        return found

    @property
    def size(self) -> int:
        """Height and width in pixels."""
        return self.pixels.shape[1]

    def windows(self, index: list[int], corners: list[tuple[int, int]], side: int, size: int) -> Tensor:
        """Return square windows of pictures, resampled.

        Args:
            index: Which pictures.
            corners: x and y of the top left pixel of each window.
            side: Pixels of a window's side.
            size: Pixels of the result's side.

        Returns:
            (batch, 3, size, size) sRGB from -1 to 1, channels last in memory.
        """
        parts = [self.pixels[i, y : y + side, x : x + side] for i, (x, y) in zip(index, corners, strict=True)]
        batch = torch.from_numpy(np.stack(parts)).permute(0, 3, 1, 2).float() / 127.5 - 1
        if side == size:
            return batch
        return nn.functional.interpolate(batch, (size, size), mode="bilinear", antialias=True).clamp(-1, 1)


def _decode(dataset: Path, split: str, rows: list[dict[str, Any]], pixels: Path, landmarks: Path) -> None:
    from PIL import Image

    if not rows or not rows[0]["landmarks"]:
        raise ValueError(
            f"`dataset` is {str(dataset)!r}, without landmarks; accepted is a set made with --maps landmarks."
        )
    pixels.parent.mkdir(parents=True, exist_ok=True)
    with Image.open(dataset / split / rows[0]["file_name"]) as first:
        size = first.size[0]
    part = pixels.with_suffix(".part")
    decoded = np.lib.format.open_memmap(part, "w+", np.uint8, (len(rows), size, size, 3))
    points = np.zeros((len(rows), 478, 2), np.float32)
    for number, row in enumerate(rows):
        with Image.open(dataset / split / row["file_name"]) as picture:
            decoded[number] = np.asarray(picture.convert("RGB"))
        with np.load(dataset / row["landmarks"]) as file:
            points[number] = file["landmarks"]
    decoded.flush()
    np.save(landmarks, points)
    part.replace(pixels)
