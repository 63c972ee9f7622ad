"""The task of the finder: scenes with no, one or several faces of all sizes, and the losses of the maps."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

from auface.recognition.finder_network import MIDDLE_SIDE, STRIDE, FinderNetwork, FinderOutput

from .augment import Camera
from .cache import MARGIN, FaceCache

PICTURE = 160
"""Height and width of pictures in training."""

SMALLEST, LARGEST = 18.0, 210.0
"""Least and largest side of a face in training, pixels."""

FACES = 3
"""Most faces of a scene."""

Floats = NDArray[np.float32]


class FinderBatch(NamedTuple):
    """Pictures with where their faces are.

    Attributes:
        pictures: (B, 3, 160, 160) in [-1, 1].
        frames: (B, 3, 4) x, y and side in pixels and roll in degrees of faces; a side of 0 is no face.
    """

    pictures: Tensor
    frames: Tensor

    def mirrored(self) -> FinderBatch:
        """Return the same pictures seen in a mirror."""
        frames = self.frames * torch.tensor([-1.0, 1.0, 1.0, -1.0]) + torch.tensor([float(PICTURE), 0, 0, 0])
        pictures = self.pictures.flip(3).contiguous(memory_format=torch.channels_last)
        return FinderBatch(pictures, torch.where(self.frames[..., 2:3] > 0, frames, self.frames))


class FinderBatches:
    """Makes scenes.

    Args:
        cache: The faces.
        split: Whose faces.
        scenes: (S, H, W, 3) uint8 pictures without a face.
        seed: Of chance.
    """

    def __init__(self, cache: FaceCache, split: str, scenes: NDArray[np.uint8], seed: int) -> None:
        self.cache, self.scenes = cache, scenes
        self.rows = cache.rows(split)
        self.random = torch.Generator().manual_seed(seed)
        self.camera = Camera(self.random)
        self._last: FinderBatch | None = None

    def next(self, size: int) -> FinderBatch:
        """Return random scenes; each batch comes once more, mirrored, as making scenes takes longer than learning.

        Args:
            size: How many.
        """
        if self._last is not None:
            again, self._last = self._last.mirrored(), None
            return again
        self._last = self._made(size)
        return self._last

    def _made(self, size: int) -> FinderBatch:
        scenes = torch.randint(len(self.scenes), (size,), generator=self.random).numpy()
        behind = torch.from_numpy(self.scenes[np.sort(scenes)]).permute(0, 3, 1, 2).float() / 255
        pictures = behind[torch.randperm(size, generator=self.random)]
        if pictures.shape[-1] != PICTURE:
            pictures = F.interpolate(pictures, size=(PICTURE, PICTURE), mode="bilinear", align_corners=False)
        frames = torch.zeros(size, FACES, 4)
        self._place(frames)
        for number in range(FACES):
            shown = torch.nonzero(frames[:, number, 2] > 0).flatten()
            if len(shown):
                pictures[shown] = self._pasted(pictures[shown], frames[shown, number])
        others = behind.flip(3)
        pictures = self.camera.photographed(self.camera.covered(pictures, 0.2, others).clamp_(0, 1))
        pictures = (pictures * 2 - 1).contiguous(memory_format=torch.channels_last)
        return FinderBatch(pictures, frames)

    def _place(self, frames: Tensor) -> None:
        """Choose where faces are: none, one that fills the picture, or some that do not touch."""
        for picture in frames:
            kind = float(self.camera.uniform(1, 0, 1))
            if kind < 0.15:
                continue
            count = 1 if kind < 0.55 else int(torch.randint(1, FACES + 1, (1,), generator=self.random))
            low, high = (60.0, LARGEST) if kind < 0.55 else (SMALLEST, 90.0)
            for number in range(count):
                for _ in range(8):
                    side = math.exp(float(self.camera.uniform(1, math.log(low), math.log(high))))
                    inner = max(8.0, PICTURE / 2 - 0.32 * side)
                    reach = PICTURE / 2 - 4 if float(self.camera.uniform(1, 0, 1)) < 0.12 else inner
                    x, y = (PICTURE / 2 + self.camera.uniform(2, -1, 1) * reach).tolist()
                    there = picture[:number]
                    apart = (there[:, :2] - torch.tensor([x, y])).norm(dim=1) - 0.62 * (there[:, 2] + side)
                    if bool((apart > 0).all()):
                        picture[number] = torch.tensor([x, y, side, float(self.camera.normal(1, 16, 2.5))])
                        break

    def _pasted(self, pictures: Tensor, frames: Tensor) -> Tensor:
        """Return pictures with a face each at its frame: cut round the head, or with what is round it."""
        count = len(pictures)
        rows = self.rows[torch.randint(len(self.rows), (count,), generator=self.random).numpy()]
        sources, own = self._sources(rows, frames[:, 2])
        flip = torch.where(self.camera.chosen(count, 0.5), -1.0, 1.0)
        line = torch.arange(PICTURE) + 0.5
        x = line[None, None, :] - frames[:, 0, None, None]
        y = line[None, :, None] - frames[:, 1, None, None]
        turn, side = torch.deg2rad(frames[:, 3])[:, None, None], frames[:, 2, None, None]
        u = (x * torch.cos(turn) + y * torch.sin(turn)) / side * flip[:, None, None]  # in sides of the face's square
        v = (y * torch.cos(turn) - x * torch.sin(turn)) / side
        stretch = torch.exp(self.camera.normal(count, 0.05, 2))[:, None, None]
        turn = torch.deg2rad(own[:, 3])[:, None, None]
        across, down = u * own[:, 2, None, None] * stretch, v * own[:, 2, None, None]
        source_x = own[:, 0, None, None] + across * torch.cos(turn) - down * torch.sin(turn)
        source_y = own[:, 1, None, None] + across * torch.sin(turn) + down * torch.cos(turn)
        grid = torch.stack([source_x, source_y], -1) * 2 - 1
        pasted = F.grid_sample(sources, grid, padding_mode="border", align_corners=False)
        inside = ((0.5 - (source_x - 0.5).abs()) * 60).clamp(0, 1) * ((0.5 - (source_y - 0.5).abs()) * 60).clamp(0, 1)
        wide, high = self.camera.uniform(count, 0.42, 0.6), self.camera.uniform(count, 0.5, 0.75)
        round_head = (u / wide[:, None, None]).abs() ** 2.3 + ((v + 0.08) / high[:, None, None]).abs() ** 2.3
        head = torch.sigmoid((1 - round_head) * self.camera.uniform(count, 4, 30)[:, None, None])
        cut = self.camera.chosen(count, 0.5)[:, None, None]
        weight = torch.where(cut, head * inside, inside)[:, None]
        return pictures + (pasted - pictures) * weight

    def _sources(self, rows: NDArray[np.int64], sides: Tensor) -> tuple[Tensor, Tensor]:
        """Return pictures of faces and their frames (x, y, side in shares of the picture; roll in degrees)."""
        order = np.argsort(rows)
        back = np.argsort(order)
        whole = self.cache.whole[rows[order]][back]
        frames = torch.from_numpy(self.cache.frames[rows]).clone()
        close = np.flatnonzero((sides > 70).numpy() & (torch.rand(len(rows), generator=self.random) < 0.6).numpy())
        whole = torch.from_numpy(whole).permute(0, 3, 1, 2).float() / 255
        if len(close):  # finer, and less of the surroundings
            crops = torch.from_numpy(np.stack([self.cache.crops[row] for row in rows[close]]))
            crops = F.interpolate(crops.permute(0, 3, 1, 2).float() / 255, size=whole.shape[-2:], mode="area")
            whole[close] = crops
            frames[close] = torch.tensor([0.5, 0.5, 1 / MARGIN, 0.0])
        small = F.avg_pool2d(whole, 2)  # faces that shrink much are averaged first
        shrunk = F.interpolate(small, size=whole.shape[-2:], mode="bilinear", align_corners=False)
        tiny = (sides < 45)[:, None, None, None]
        return torch.where(tiny, shrunk, whole), frames


class FinderTask:
    """Teaches the finder; see `auface.lora_training.loop.Task`.

    Args:
        network: What learns.
        scenes: What it learns from.
        batch: Pictures of a step.
    """

    def __init__(self, network: FinderNetwork, scenes: FinderBatches, batch: int = 32) -> None:
        self.network, self.scenes, self.batch = network, scenes, batch

    def parts(self) -> dict[str, nn.Module]:
        """Return the network."""
        return {"finder": self.network}

    def losses(self, step: int) -> dict[str, Tensor]:
        """Return the losses of one batch.

        Args:
            step: Steps done so far.
        """
        batch = self.scenes.next(self.batch)
        with torch.autocast(batch.pictures.device.type, torch.bfloat16):
            output = self.network(batch.pictures)
        return finder_losses(output, batch.frames)

    def state(self) -> dict[str, Any]:
        """Return the state of chance."""
        return {"random": self.scenes.random.get_state()}

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from a state.

        Args:
            state: What `state` returned.
        """
        self.scenes.random.set_state(state["random"])


def finder_losses(output: FinderOutput, frames: Tensor) -> dict[str, Tensor]:
    """Return the losses of a batch by name: the focal loss of the heat map, and distances at faces.

    Args:
        output: What the network says.
        frames: (B, F, 4) x, y and side in pixels and roll in degrees; a side of 0 is no face.
    """
    height, width = output.heat.shape[1:]
    column, row = torch.arange(width) + 0.5, torch.arange(height) + 0.5
    x, y, side, roll = (frames / torch.tensor([STRIDE, STRIDE, 1.0, 45.0])).unbind(-1)
    away_x = x[..., None, None] - column  # (B, F, 1, W), in cells
    away_y = y[..., None, None] - row[:, None]
    there = (side > 0)[..., None, None]
    spread = (0.1 * side / STRIDE).clamp_min(0.5)[..., None, None]
    near = torch.exp(-(away_x**2 + away_y**2) / (2 * spread**2)) * there
    heat, nearest = near.max(1)
    peak = (near >= near.amax((2, 3), keepdim=True) - 1e-6) & there
    peak = peak.any(1)
    certain = torch.sigmoid(output.heat).clamp(1e-4, 1 - 1e-4)
    found = -torch.log(certain) * (1 - certain) ** 2 * peak
    empty = -torch.log(1 - certain) * certain**2 * (1 - heat) ** 4 * ~peak
    count = peak.sum().clamp_min(1)
    close = (heat > 0.6) | peak
    weight = heat * close

    def mean(values: Tensor) -> Tensor:
        return (values * weight).sum() / weight.sum().clamp_min(1)

    def own(values: Tensor) -> Tensor:
        """Of the face that is nearest to each cell."""
        return values.expand(-1, -1, height, width).gather(1, nearest[:, None])[:, 0]

    wanted_size = torch.log(side.clamp_min(1) / MIDDLE_SIDE)[..., None, None]
    shift_x = F.smooth_l1_loss(output.shift[:, 0], own(away_x), reduction="none", beta=0.2)
    shift_y = F.smooth_l1_loss(output.shift[:, 1], own(away_y), reduction="none", beta=0.2)
    size = F.smooth_l1_loss(output.size, own(wanted_size), reduction="none", beta=0.1)
    lean = F.smooth_l1_loss(output.roll, own(roll[..., None, None]), reduction="none", beta=0.1)
    return {
        "heat": (found + empty).sum() / count,
        "shift": mean(shift_x + shift_y),
        "size": 3 * mean(size),
        "roll": 2 * mean(lean),
    }
