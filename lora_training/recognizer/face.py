"""The task of the crop network: batches of photographed crops, and the losses of everything that it says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

from auface.recognition.face_network import FaceNetwork, FaceOutput
from auface.structure.topology import INNER_LIPS, LANDMARKS, LEFT_LIDS, OUTER_LIPS, RIGHT_LIDS, topology

from .augment import Camera
from .batch import FaceBatch, mirrored_crops
from .cache import MARGIN, FaceCache
from .scene import Scenes
from .shape import ShownUnits, rarity, unit_losses, unit_weights

WITHOUT_FACE = 16
"""Of so many crops one shows no face."""


class FaceBatches:
    """Makes batches.

    Args:
        cache: The faces.
        split: Whose faces.
        scenes: (S, H, W, 3) uint8 pictures without a face, or None for faces only.
        crop: Height and width of what the network sees.
        seed: Of order and chance.
    """

    def __init__(self, cache: FaceCache, split: str, scenes: NDArray[np.uint8] | None, crop: int, seed: int) -> None:
        self.cache, self.scenes, self.crop = cache, scenes, crop
        self.rows = cache.rows(split)
        self.random = torch.Generator().manual_seed(seed)
        self.camera = Camera(self.random)
        self.place = 0
        self._times = rarity(cache, self.rows)
        self._order = self._shuffled()
        self._last: FaceBatch | None = None

    def state(self) -> dict[str, Any]:
        """Return where in the faces this is."""
        return {"place": self.place, "order": torch.from_numpy(self._order), "random": self.random.get_state()}

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from a state.

        Args:
            state: What `state` returned.
        """
        self.place, self._order = int(state["place"]), state["order"].numpy()
        self.random.set_state(state["random"])

    def next(self, size: int) -> FaceBatch:
        """Return the next photographed crops, at random placed, mirrored and covered; each batch comes once mirrored.

        Photographing takes as long as learning, so that every batch is used twice.

        Args:
            size: How many.
        """
        if self._last is not None:
            again, self._last = self._last.mirrored(), None
            return again
        self._last = self.fresh(size)
        return self._last

    def fresh(self, size: int) -> FaceBatch:
        """Return new photographed crops.

        Args:
            size: How many.
        """
        if self.place + size > len(self._order):
            self.place, self._order = 0, self._shuffled()
        rows = np.sort(self._order[self.place : self.place + size])  # in order, as the file is
        self.place += size
        moved, flip = self._jitter(size), self.camera.chosen(size, 0.5)
        crops, points = self._placed(rows, moved)
        units, emotions = torch.from_numpy(self.cache.units[rows]), torch.from_numpy(self.cache.emotions[rows])
        crops, points, units = mirrored_crops(crops, points, units, flip)
        others = crops[torch.randperm(size, generator=self.random)].flip(2)
        face = torch.ones(size)
        if self.scenes is not None:
            self._without_face(crops, face)
            behind = self._scenes(size)
            crops = self.camera.surrounded(crops, points[..., :2], 0.25, behind)
            others = torch.where(self.camera.chosen(size, 0.6)[:, None, None, None], behind, others)
        crops = self.camera.covered(crops, 0.3, others)
        photo = torch.nonzero(self.camera.chosen(size, 0.6)).flatten()  # renders are read too
        if len(photo):
            crops = crops.clamp_(0, 1).index_copy(0, photo, self.camera.photographed(crops[photo]))
        crops = self._cut_off(crops)
        return FaceBatch(_input(crops), points, units, emotions, face, rows, moved, flip)

    def plain(self, rows: NDArray[np.int64]) -> FaceBatch:
        """Return crops as they are, exactly placed.

        Args:
            rows: Rows of the cache.
        """
        moved = torch.tensor([1.0, 0, 0, 0]).expand(len(rows), 4)
        crops, points = self._placed(rows, moved)
        units, emotions = torch.from_numpy(self.cache.units[rows]), torch.from_numpy(self.cache.emotions[rows])
        face, flip = torch.ones(len(rows)), torch.zeros(len(rows), dtype=torch.bool)
        return FaceBatch(_input(crops), points, units, emotions, face, rows, moved, flip)

    def _shuffled(self) -> NDArray[np.int64]:
        """Return rows in a new order; those that show rare units come more than once on average."""
        chance = torch.rand(len(self.rows), generator=self.random).numpy()
        rows = np.repeat(self.rows, np.floor(self._times + chance).astype(np.int64))
        return rows[torch.randperm(len(rows), generator=self.random).numpy()]

    def _jitter(self, size: int) -> Tensor:
        """Return (size, 4) complex factor and shift: a quarter as a finder places faces, the rest as landmarks do."""
        coarse = torch.where(self.camera.chosen(size, 0.25), 1.0, 0.35)
        turn = self.camera.normal(size, 0.16, 2) * coarse
        scale = torch.exp(self.camera.normal(size, 0.11, 2) * coarse)
        x, y = self.camera.normal(size, 0.05, 2) * coarse, self.camera.normal(size, 0.05, 2) * coarse
        return torch.stack([scale * torch.cos(turn), scale * torch.sin(turn), x, y], 1)

    def _placed(self, rows: NDArray[np.int64], moved: Tensor) -> tuple[Tensor, Tensor]:
        """Cut crops out of cached ones; a point p of the new crop is at factor * p + shift in the exact one."""
        wide = torch.from_numpy(self.cache.crops[rows]).permute(0, 3, 1, 2).float() / 255
        points = torch.from_numpy(self.cache.landmarks[rows].astype(np.float32))
        real, imaginary, x, y = moved.unbind(1)
        line = (torch.arange(self.crop) + 0.5) / self.crop - 0.5
        down, across = torch.meshgrid(line, line, indexing="ij")
        a, b = real[:, None, None], imaginary[:, None, None]
        grid = torch.stack([a * across - b * down + x[:, None, None], b * across + a * down + y[:, None, None]], -1) * (
            2 / MARGIN
        )
        crops = F.grid_sample(wide, grid, mode="bilinear", padding_mode="zeros", align_corners=False)
        square = (real**2 + imaginary**2)[:, None]
        left, top = points[..., 0] - x[:, None], points[..., 1] - y[:, None]
        a, b = real[:, None] / square, -imaginary[:, None] / square
        depth = points[..., 2] / torch.sqrt(square)
        return crops, torch.stack([a * left - b * top, b * left + a * top, depth], -1)

    def _scenes(self, count: int) -> Tensor:
        """Return (count, 3, crop, crop) scenes, some magnified."""
        assert self.scenes is not None
        rows = torch.randint(len(self.scenes), (count,), generator=self.random).numpy()
        whole = torch.from_numpy(self.scenes[rows]).permute(0, 3, 1, 2).float() / 255
        scale = self.camera.uniform(count, 0.4, 1.0)
        sign = torch.where(self.camera.chosen(count, 0.5), -1.0, 1.0)
        rest = 1 - scale
        zero = torch.zeros(count)
        x, y = self.camera.uniform(count, -1, 1) * rest, self.camera.uniform(count, -1, 1) * rest
        theta = torch.stack([torch.stack([scale * sign, zero, x], 1), torch.stack([zero, scale, y], 1)], 1)
        grid = F.affine_grid(theta, [count, 3, self.crop, self.crop], align_corners=False)
        return F.grid_sample(whole, grid, padding_mode="reflection", align_corners=False)

    def _without_face(self, crops: Tensor, face: Tensor) -> None:
        """Replace some crops by scenes, by small parts of faces, and by faces far out of place."""
        size = len(crops)
        count = max(1, size // WITHOUT_FACE)
        chosen = torch.randperm(size, generator=self.random)[:count]
        part = count // 3
        crops[chosen[part:]] = self._scenes(count - part)
        for number in chosen[:part].tolist():
            scale = float(self.camera.uniform(1, 0.12, 0.3))  # an eye, a cheek: parts that are no face
            x, y = self.camera.uniform(2, -0.6, 0.6).tolist()
            theta = torch.tensor([[[scale, 0.0, x], [0.0, scale, y]]])
            grid = F.affine_grid(theta, [1, 3, self.crop, self.crop], align_corners=False)
            crops[number] = F.grid_sample(crops[number : number + 1], grid, align_corners=False)[0]
        face[chosen] = 0

    def _cut_off(self, crops: Tensor) -> Tensor:
        """Blacken a side of some crops, as where a picture ends."""
        size = self.crop
        for number in torch.nonzero(self.camera.chosen(len(crops), 0.12)).flatten().tolist():
            depth = int(size * float(self.camera.uniform(1, 0.02, 0.22)))
            side = int(torch.randint(4, (1,), generator=self.random))
            where = (slice(0, depth), slice(size - depth, size))[side % 2]
            crops[number][(slice(None), where) if side < 2 else (slice(None), slice(None), where)] = 0
        return crops


class FaceTask:
    """Teaches the crop network, trunk and cascade together; see `auface.lora_training.loop.Task`.

    Args:
        network: What learns.
        faces: What it learns from.
        batch: Crops of a step.
        shown: What landmarks that are a little off show instead, or None to count distances only.
    """

    def __init__(
        self, network: FaceNetwork, faces: FaceBatches, batch: int = 48, shown: ShownUnits | None = None
    ) -> None:
        self.network, self.faces, self.batch, self.shown = network, faces, batch, shown
        self._landmarks, self._units = landmark_weights(), unit_weights(faces.cache)

    def parts(self) -> dict[str, nn.Module]:
        """Return the network."""
        return {"face": self.network}

    def losses(self, step: int) -> dict[str, Tensor]:
        """Return the losses of one batch.

        Args:
            step: Steps done so far.
        """
        batch = self.faces.next(self.batch)
        shape, seen = self.network.looked(batch.crops)
        losses = self.cascade_losses(self.network.stages(shape, seen), batch)
        losses["first points"] = 0.5 * self.point_loss(self.network.points(shape), batch)
        return {**losses, "score": 0.3 * F.binary_cross_entropy_with_logits(shape[:, -1], batch.face)}

    def cascade_losses(self, stages: list[FaceOutput], batch: FaceBatch) -> dict[str, Tensor]:
        """Return the losses of what the steps of the cascade say, by name.

        Args:
            stages: What they say.
            batch: What is so.
        """
        losses = self.read_losses(stages[-1], batch)
        for output in stages[:-1]:
            for name, value in self.read_losses(output, batch).items():
                if name in ("points", "units", "shown"):
                    losses[f"{name} on the way"] = losses.get(f"{name} on the way", 0) + 0.4 * value
        return losses

    def read_losses(self, output: FaceOutput, batch: FaceBatch) -> dict[str, Tensor]:
        """Return the losses of what is read in faces, by name.

        Args:
            output: What the network says.
            batch: What is so.
        """
        seen = batch.face > 0.5
        own = output.points[seen].detach() - batch.points[seen]
        losses = {
            **unit_losses(output.units[seen], output.scale[seen], batch.units[seen], self._units),
            "points": self.point_loss(output.points, batch),
            "emotions": 0.1 * F.cross_entropy(output.emotions[seen], batch.emotions[seen]),
            "_landmark_pixels": own[..., :2].norm(dim=-1).mean() * batch.crops.shape[-1],
        }
        if self.shown is not None:
            losses["shown"] = self.shown.loss(output.points, batch)
        return losses

    def point_loss(self, points: Tensor, batch: FaceBatch) -> Tensor:
        """Return how far landmarks are off.

        Args:
            points: (B, 478, 3) as the network says them.
            batch: What is so.
        """
        seen = batch.face > 0.5
        off = (points[seen] - batch.points[seen]).abs() * torch.tensor([1.0, 1.0, 0.4])
        return 12 * (off.sum(-1) * self._landmarks).mean()

    def state(self) -> dict[str, Any]:
        """Return where in the faces the task is."""
        return self.faces.state()

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from a state.

        Args:
            state: What `state` returned.
        """
        self.faces.restore(state)


def landmark_weights() -> Tensor:
    """Return (478,) weights: lips, lids and irises count more than cheeks; their mean is 1."""
    weights = torch.ones(LANDMARKS)
    for line in (*INNER_LIPS, OUTER_LIPS, *LEFT_LIDS, *RIGHT_LIDS, tuple(range(468, LANDMARKS))):
        weights[list(line)] = 2.5
    return weights / weights.mean()


def shape_basis(cache: FaceCache, components: int) -> tuple[Tensor, Tensor]:
    """Return the mean and the components of landmark shapes, from the training split and its mirror image.

    Args:
        cache: The faces.
        components: How many.

    Returns:
        (478, 3) and (components, 478, 3), each at one standard deviation.
    """
    shapes = cache.landmarks[cache.rows("train")].astype(np.float32)
    mirrored = shapes[:, topology().mirror] * np.array([-1, 1, 1], np.float32)
    rows = np.concatenate([shapes, mirrored]).reshape(2 * len(shapes), -1).astype(np.float64)
    mean = rows.mean(0)
    values, vectors = np.linalg.eigh(np.cov(rows - mean, rowvar=False))
    best = np.argsort(values)[::-1][:components]
    basis = (vectors[:, best] * np.sqrt(values[best].clip(0))).T
    shape = (LANDMARKS, 3)
    return (
        torch.from_numpy(mean.reshape(shape).astype(np.float32)),
        torch.from_numpy(basis.reshape(len(best), *shape).astype(np.float32)),
    )


def scene_bank(path: Path, heads: Path | None, cache: FaceCache, count: int) -> NDArray[np.uint8]:
    """Return scenes without faces, made once and kept in a file.

    Args:
        path: A .npy file.
        heads: Folder of the head pack, or None.
        cache: Synthetic pictures.
        count: How many.
    """
    if not path.is_file():
        np.save(path, Scenes(heads, cache).bank(count))
    return np.load(path, mmap_mode="r")


def _input(crops: Tensor) -> Tensor:
    return (crops * 2 - 1).contiguous(memory_format=torch.channels_last)
