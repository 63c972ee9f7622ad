"""`MiniFaces`: what auface-mini learns from, ready for random access: latents, face maps, condition vectors, prompts.

A picture is seen through windows, chosen once: a little nearer than the set's framing by chance, and mirrored by chance.
Latents are made once for each window; maps are drawn when they are needed, which takes 2 ms for each face of 128 pixels.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import torch
from diffusers import AutoencoderKL
from numpy.typing import NDArray
from torch import Tensor

from auface.autext.heads.description import HeadDescription
from auface.lora_training.mini_caption import prompt_of
from auface.lora_training.mini_pictures import HeadPictures
from auface.pipelines.adapter.maps import face_maps
from auface.structure.model import StructureModel

NEAREST = 1.3
"""Largest zoom of a window; 1 is the set's framing."""

_SHIFT = 0.02  # standard deviation of a window's place, in sides of the picture
_AT_ONCE = 64


@dataclass(frozen=True, slots=True, eq=False)
class MiniBatch:
    """Some faces.

    Attributes:
        latents: (batch, 4, height / 8, width / 8), scaled to a standard deviation of about 1.
        maps: (batch, maps, height, width) from 0 to 1.
        vectors: (batch, 2, vectors, width) of the structure model.
        prompts: Descriptions of person and view.
    """

    latents: Tensor
    maps: Tensor
    vectors: Tensor
    prompts: list[str]


@dataclass(frozen=True, slots=True, eq=False)
class Windows:
    """Windows of all pictures, and their latents.

    Attributes:
        places: (versions, N, 4) int64: x and y of the corner, side, and 1 for mirrored.
        latents: (versions, N, 4, size / 8, size / 8) float16, unscaled.
        size: Height and width of what is seen, in pixels.
    """

    places: NDArray[np.int64]
    latents: NDArray[np.float16]
    size: int

    def save(self, path: Path) -> None:
        """Write the windows, whole or not at all.

        Args:
            path: An .npz file.
        """
        part = path.with_suffix(".part.npz")
        np.savez(part, places=self.places, latents=self.latents, size=self.size)
        part.replace(path)

    @classmethod
    def load(cls, path: Path) -> Windows:
        """Read windows.

        Args:
            path: What `save` wrote.
        """
        with np.load(path) as file:
            return cls(file["places"], file["latents"], int(file["size"]))


@torch.no_grad()
def seen(vae: AutoencoderKL, pictures: HeadPictures, size: int, versions: int, seed: int = 0) -> Windows:
    """Choose windows and make their latents.

    Args:
        vae: The autoencoder, in the mode of use.
        pictures: The pictures.
        size: Height and width of what is seen, in pixels, a multiple of 8.
        versions: Windows for each picture.
        seed: Seed of the choice.
    """
    rng = np.random.default_rng(seed)
    count, whole = len(pictures.rows), pictures.size
    side = np.round(whole / rng.uniform(1, NEAREST, (versions, count))).astype(np.int64)
    middle = whole / 2 + rng.normal(size=(2, versions, count)) * _SHIFT * whole
    corner = np.clip(np.round(middle - side / 2), 0, whole - side).astype(np.int64)
    places = np.stack([*corner, side, rng.integers(2, size=side.shape)], -1)
    latents = np.zeros((versions, count, 4, size // 8, size // 8), np.float16)
    for version in range(versions):
        for first in range(0, count, _AT_ONCE):
            rows = range(first, min(first + _AT_ONCE, count))
            batch = torch.cat([_window(pictures, row, places[version, row], size) for row in rows])
            batch = batch.to(vae.device, memory_format=torch.channels_last)
            with torch.autocast(vae.device.type, torch.bfloat16):
                mean = vae.encode(batch).latent_dist.mean  # pyright: ignore[reportAttributeAccessIssue]
            latents[version, rows.start : rows.stop] = mean.float().cpu().numpy()
    return Windows(places, latents, size)


def _window(pictures: HeadPictures, row: int, place: NDArray[np.int64], size: int) -> Tensor:
    x, y, side, mirrored = (int(value) for value in place)
    picture = pictures.windows([row], [(x, y)], side, size)
    return picture.flip(3) if mirrored else picture


class MiniFaces:
    """Faces to learn from.

    Args:
        rows: The metadata of the pictures.
        landmarks: (N, 478, 2) in pixels of the pictures.
        windows: What is seen of them.
        scaling: What latents are multiplied with.
        structure: What makes condition vectors.
        seed: Seed of order and prompts.
    """

    def __init__(
        self,
        rows: list[dict[str, Any]],
        landmarks: NDArray[np.float32],
        windows: Windows,
        scaling: float,
        structure: StructureModel,
        seed: int = 0,
    ) -> None:
        self.windows, self.scaling, self._landmarks = windows, scaling, torch.from_numpy(landmarks)
        self._heads = [HeadDescription.from_json(row["description"]) for row in rows]
        shown = [head.shown for head in self._heads]
        chunks = [structure.condition_of(shown[first : first + 512]) for first in range(0, len(shown), 512)]
        self._vectors = torch.cat(chunks).cpu()
        self._rng = Random(seed)
        self._order: list[int] = []

    def __len__(self) -> int:
        return len(self._heads)

    def state(self) -> Any:
        """Return the place in the data, for a checkpoint."""
        version, internal, gauss = self._rng.getstate()
        return {"random": [version, list(internal), gauss], "order": list(self._order)}

    def restore(self, state: Any) -> None:
        """Go on from a checkpoint.

        Args:
            state: What `state` returned.
        """
        version, internal, gauss = state["random"]
        self._rng.setstate((version, tuple(internal), gauss))
        self._order = list(state["order"])

    def batch(self, size: int) -> MiniBatch:
        """Return the next faces of a random order, each through one of its windows.

        Args:
            size: How many.
        """
        while len(self._order) < size:
            more = list(range(len(self)))
            self._rng.shuffle(more)
            self._order = more + self._order
        rows = [self._order.pop() for _ in range(size)]
        return self.faces(rows, [self._rng.randrange(len(self.windows.places)) for _ in rows])

    def faces(self, rows: list[int], versions: list[int]) -> MiniBatch:
        """Return some faces.

        Args:
            rows: Which pictures.
            versions: Which window of each.
        """
        places = self.windows.places[versions, rows]
        latents = torch.from_numpy(self.windows.latents[versions, rows]).float() * self.scaling
        corner, side = torch.from_numpy(places[:, None, :2]), torch.from_numpy(places[:, None, 2:3])
        mirrored = torch.from_numpy(places[:, 3]).bool()[:, None, None, None]
        size = self.windows.size
        maps = face_maps((self._landmarks[rows] - corner) * (size / side), size, size)
        maps = torch.where(mirrored, maps.flip(3), maps)
        vectors = self._vectors[rows]
        vectors = torch.where(mirrored, vectors.flip(1), vectors)  # the halves of the face change places
        return MiniBatch(latents, maps, vectors, [prompt_of(self._heads[row], self._rng) for row in rows])
