"""`MiniFaces`: what auface-mini learns from, ready for random access: latents, face maps, condition vectors, prompts.

A picture is seen through windows, chosen once: a little nearer than the set's framing by chance, and mirrored by
chance. Latents are made once for each window; maps are drawn when they are needed, which takes 2 ms for each face.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import torch
from diffusers import AutoencoderKL
from numpy.typing import NDArray
from torch import Tensor

from auface.autext.head_caption import hair_color, prompt_of
from auface.autext.head_description import HeadDescription
from auface.facs import Expression
from auface.lora_training.random_state import random_state, set_random_state
from auface.lora_training.whole_file import write_whole
from auface.pipelines.adapter.maps import face_maps
from auface.structure.topology import mirrored_pixels

from .pictures import HeadPictures

NEAREST = 1.25
"""Largest zoom of a window; 1 is the set's framing."""

_SHIFT = 0.02  # standard deviation of a window's place, in sides of the picture
_AT_ONCE = 64
_MOST = 4  # times that a face with rare hair comes for one with usual hair

Conditioning = Callable[[list[HeadDescription]], Tensor]
"""Heads -> condition vectors, (heads, 2, vectors, width)."""


@dataclass(frozen=True, slots=True, eq=False)
class MiniBatch:
    """Some faces.

    Attributes:
        latents: (batch, 4, height / 8, width / 8), scaled to a standard deviation of about 1.
        maps: (batch, maps, height, width) from 0 to 1.
        vectors: (batch, 2, vectors, width) of the structure model.
        prompts: Descriptions of person and view.
        landmarks: (batch, 478, 2) true ones, in pixels of what is seen.
        expressions: What faces show.
    """

    latents: Tensor
    maps: Tensor
    vectors: Tensor
    prompts: list[str]
    landmarks: NDArray[np.float32]
    expressions: list[Expression]

    def share(self, process: int, processes: int) -> MiniBatch:
        """Return the faces of one of several processes.

        Args:
            process: Number of the process, from 0.
            processes: How many there are.
        """
        return MiniBatch(**{field.name: getattr(self, field.name)[process::processes] for field in fields(self)})


@dataclass(frozen=True, slots=True, eq=False)
class Windows:
    """Windows of pictures, and their latents.

    Attributes:
        rows: (N,) int64, which pictures; one may come several times.
        places: (N, 4) int64: x and y of the corner, side, and 1 for mirrored.
        latents: (N, 4, size / 8, size / 8) float16, unscaled.
        size: Height and width of what is seen, in pixels.
    """

    rows: NDArray[np.int64]
    places: NDArray[np.int64]
    latents: NDArray[np.float16]
    size: int

    def save(self, path: Path) -> None:
        """Write the windows, whole or not at all.

        Args:
            path: An .npz file.
        """
        arrays = {"rows": self.rows, "places": self.places, "latents": self.latents}
        write_whole(path, lambda file: np.savez(file, **arrays, size=self.size))

    @classmethod
    def load(cls, *paths: Path) -> Windows:
        """Read windows and join them.

        Args:
            *paths: What `save` wrote, of one size.

        Raises:
            ValueError: There is no file, or sizes differ.
        """
        parts: list[Windows] = []
        for path in paths:
            with np.load(path) as file:
                parts.append(cls(file["rows"], file["places"], file["latents"], int(file["size"])))
        sizes = sorted({part.size for part in parts})
        if len(sizes) != 1:
            raise ValueError(f"`paths` have windows of the sizes {sizes}; accepted are files of one size.")
        joined = [np.concatenate([getattr(part, name) for part in parts]) for name in ("rows", "places", "latents")]
        return cls(*joined, size=sizes[0])


def choose(count: int, whole: int, seed: int) -> NDArray[np.int64]:
    """Choose windows of pictures, (count, 4) as in `Windows`.

    Args:
        count: How many.
        whole: Height and width of the pictures in pixels.
        seed: Seed of the choice.
    """
    rng = np.random.default_rng(seed)
    side = np.round(whole / rng.uniform(1, NEAREST, count)).astype(np.int64)
    middle = whole / 2 + rng.normal(size=(2, count)) * _SHIFT * whole
    corner = np.clip(np.round(middle - side / 2), 0, whole - side).astype(np.int64)
    return np.stack([*corner, side, rng.integers(2, size=count)], -1)


@torch.no_grad()
def seen(
    vae: AutoencoderKL, pictures: HeadPictures, rows: NDArray[np.int64], size: int, seed: int, bfloat16: bool = False
) -> Windows:
    """Choose a window of each picture and make its latents.

    Args:
        vae: The autoencoder, in the mode of use.
        pictures: The pictures.
        rows: Which pictures.
        size: Height and width of what is seen, in pixels, a multiple of 8.
        seed: Seed of the choice.
        bfloat16: Compute in bfloat16.
    """
    places = choose(len(rows), pictures.size, seed)
    latents = np.zeros((len(rows), 4, size // 8, size // 8), np.float16)
    for first in range(0, len(rows), _AT_ONCE):
        part = slice(first, first + _AT_ONCE)
        windows = [
            _window(pictures, int(row), place, size) for row, place in zip(rows[part], places[part], strict=True)
        ]
        batch = torch.cat(windows).to(vae.device, memory_format=torch.channels_last)
        with torch.autocast(vae.device.type, torch.bfloat16, enabled=bfloat16):
            mean = vae.encode(batch).latent_dist.mean  # pyright: ignore[reportAttributeAccessIssue]
        latents[part] = mean.float().cpu().numpy()
    return Windows(rows, places, latents, size)


def _window(pictures: HeadPictures, row: int, place: NDArray[np.int64], size: int) -> Tensor:
    x, y, side, mirrored = (int(value) for value in place)
    picture = pictures.windows([row], [(x, y)], side, size)
    return picture.flip(3) if mirrored else picture


class MiniFaces:
    """Faces to learn from.

    Args:
        rows: The metadata of the pictures.
        landmarks: (pictures, 478, 2) true ones, in pixels of the pictures.
        windows: What is seen of them.
        scaling: What latents are multiplied with.
        conditioning: What makes condition vectors.
        seed: Seed of order and prompts.
        rare: How much more often faces with hair of a rare color come; 0 for as often as others, 1 for as often as
            makes colors equally frequent, but at most four times.
        told: (pictures, 478, 2) landmarks that maps are drawn from; by default the true ones.
    """

    def __init__(
        self,
        rows: list[dict[str, Any]],
        landmarks: NDArray[np.float32],
        windows: Windows,
        scaling: float,
        conditioning: Conditioning,
        seed: int = 0,
        rare: float = 0.0,
        told: NDArray[np.float32] | None = None,
    ) -> None:
        self.windows, self.scaling, self._landmarks = windows, scaling, landmarks
        self._told = torch.from_numpy(landmarks if told is None else told)
        needed = sorted(set(windows.rows.tolist()))
        self._heads = {row: HeadDescription.from_json(rows[row]["description"]) for row in needed}
        heads = [self._heads[row] for row in needed]
        chunks = [conditioning(heads[first : first + 512]) for first in range(0, len(heads), 512)]
        self._vectors = torch.cat(chunks).cpu()[np.searchsorted(needed, windows.rows)]
        self._times = _times([hair_color(self._heads[int(row)].identity.look) for row in windows.rows], rare)
        self._rng = Random(seed)
        self._order: list[int] = []

    def __len__(self) -> int:
        return len(self.windows.rows)

    def state(self) -> Any:
        """Return the place in the data, for a checkpoint."""
        return {"random": random_state(self._rng), "order": list(self._order)}

    def restore(self, state: Any) -> None:
        """Go on from a checkpoint.

        Args:
            state: What `state` returned.
        """
        set_random_state(self._rng, state["random"])
        self._order = [place for place in state["order"] if place < len(self)]

    def batch(self, size: int, device: torch.device | str = "cpu") -> MiniBatch:
        """Return the next faces of a random order.

        Args:
            size: How many.
            device: Where to put tensors.
        """
        while len(self._order) < size:
            more = [place for place in range(len(self)) for _ in range(self._times[place])]
            self._rng.shuffle(more)
            self._order = more + self._order
        return self.faces([self._order.pop() for _ in range(size)], device)

    def faces(self, which: list[int], device: torch.device | str = "cpu") -> MiniBatch:
        """Return some faces.

        Args:
            which: Numbers of windows.
            device: Where to put tensors.
        """
        windows = self.windows
        latents = torch.from_numpy(windows.latents[which]).to(device).float() * self.scaling
        places = torch.from_numpy(windows.places[which]).to(device)
        corner, side = places[:, None, :2], places[:, None, 2:3]
        mirrored = places[:, 3].bool()[:, None, None, None]
        rows = windows.rows[which]
        maps = face_maps((self._told[rows].to(device) - corner) * (windows.size / side), windows.size, windows.size)
        vectors = self._vectors[which].to(device)
        return MiniBatch(
            latents,
            torch.where(mirrored, maps.flip(3), maps),
            torch.where(mirrored, vectors.flip(1), vectors),  # the halves of the face change places
            [prompt_of(self._heads[int(row)], self._rng) for row in rows],
            self._seen_landmarks(which),
            [self._seen_expression(number) for number in which],
        )

    def _seen_expression(self, number: int) -> Expression:
        shown = self._heads[int(self.windows.rows[number])].shown
        return shown.mirrored() if self.windows.places[number, 3] else shown

    def _seen_landmarks(self, which: list[int]) -> NDArray[np.float32]:
        windows = self.windows
        corner, side, mirrored = np.split(windows.places[which][:, None].astype(np.float32), [2, 3], 2)
        points = ((self._landmarks[windows.rows[which]] - corner) * (windows.size / side)).astype(np.float32)
        return np.where(mirrored > 0, mirrored_pixels(points, windows.size), points)


def _times(names: list[str], rare: float) -> list[int]:
    """Return how often each face comes before all have come."""
    count = Counter(names)
    most = max(count.values())
    return [min(_MOST, round((most / count[name]) ** rare)) for name in names]
