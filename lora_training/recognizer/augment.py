"""Photographs made of renders: what cameras, lenses, light, compression and hands do to a face, at random.

Networks that see only clean renders read only clean renders. Everything here is on batches, (B, 3, H, W) in [0, 1].
"""

from __future__ import annotations

import io
import math

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.nn import functional as F  # noqa: N812


class Camera:
    """Takes photographs of renders.

    Args:
        random: Where randomness comes from.
    """

    def __init__(self, random: torch.Generator) -> None:
        self.random = random

    def uniform(self, count: int, low: float, high: float) -> Tensor:
        """Return (count,) uniform numbers.

        Args:
            count: How many.
            low: Least.
            high: Largest.
        """
        return torch.rand(count, generator=self.random) * (high - low) + low

    def normal(self, count: int, spread: float, limit: float = 3.0) -> Tensor:
        """Return (count,) normal numbers.

        Args:
            count: How many.
            spread: Standard deviation.
            limit: Largest, in standard deviations.
        """
        return torch.randn(count, generator=self.random).clamp(-limit, limit) * spread

    def chosen(self, count: int, share: float) -> Tensor:
        """Return (count,) which are chosen.

        Args:
            count: Of how many.
            share: Probability of each.
        """
        return torch.rand(count, generator=self.random) < share

    def photographed(self, pictures: Tensor) -> Tensor:
        """Return what a camera would make of them: light, color, focus, resolution, noise, compression.

        Args:
            pictures: (B, 3, H, W) in [0, 1].
        """
        pictures = self._lit(pictures)
        pictures = self._colored(pictures)
        pictures = self._focused(pictures)
        pictures = self._noisy(pictures).clamp_(0, 1)
        return self._compressed(pictures)

    def field(self, count: int, cells: int, size: int, channels: int = 1) -> Tensor:
        """Return (count, channels, size, size) smooth noise, about standard normal.

        Args:
            count: How many.
            cells: Cells across; more are finer.
            size: Height and width.
            channels: Channels.
        """
        coarse = torch.randn(count, channels, cells, cells, generator=self.random)
        return F.interpolate(coarse, size=(size, size), mode="bilinear", align_corners=False)

    def _lit(self, pictures: Tensor) -> Tensor:
        count, size = len(pictures), pictures.shape[-1]
        light = self.field(count, 3, size) * self.uniform(count, 0, 0.35)[:, None, None, None]
        skin = self.field(count, 40, size) * (self.uniform(count, -0.05, 0.08).clamp_min(0))[:, None, None, None]
        return pictures * torch.exp(light + skin)

    def _colored(self, pictures: Tensor) -> Tensor:
        count = len(pictures)
        gray = pictures.mean(1, keepdim=True)
        keep = self.uniform(count, 0.3, 1.4)
        keep[self.chosen(count, 0.12)] = 0.0
        keep = keep[:, None, None, None]
        pictures = gray + (pictures - gray) * keep
        gain = torch.exp(torch.randn(count, 3, generator=self.random) * 0.1 * keep[:, :, 0, 0].clamp_max(1))
        gain = gain * torch.exp(self.normal(count, 0.25, 2))[:, None]
        pictures = (pictures * gain[:, :, None, None]).clamp_(1e-4, 1)
        pictures = pictures ** torch.exp(self.normal(count, 0.25, 2))[:, None, None, None]
        middle = pictures.mean((1, 2, 3), keepdim=True)
        contrast = torch.exp(self.normal(count, 0.2, 2))[:, None, None, None]
        return middle + (pictures - middle) * contrast + self.normal(count, 0.04)[:, None, None, None]

    def _focused(self, pictures: Tensor) -> Tensor:
        count, size = len(pictures), pictures.shape[-1]
        order = torch.randperm(count, generator=self.random)
        coarse, soft, moved = order[: count // 3], order[count // 3 : count // 2], order[count // 2 : 3 * count // 5]
        pictures = pictures.clone()
        for part in coarse.chunk(4):
            if len(part):
                small = int(size * float(self.uniform(1, 0.22, 0.8)))
                less = F.interpolate(pictures[part], size=(small, small), mode="area")
                pictures[part] = F.interpolate(less, size=(size, size), mode="bilinear", align_corners=False)
        for part in soft.chunk(2):
            if len(part):
                pictures[part] = _blurred(pictures[part], float(self.uniform(1, 0.4, 1.8)))
        for part in moved.chunk(2):
            if len(part):
                pictures[part] = self._shaken(pictures[part])
        return pictures

    def _shaken(self, pictures: Tensor) -> Tensor:
        angle, length = float(self.uniform(1, 0, math.pi)), float(self.uniform(1, 2, 7))
        shifts = [(round(s * length * math.cos(angle)), round(s * length * math.sin(angle))) for s in (-0.5, 0, 0.5)]
        return sum(torch.roll(pictures, shift, (2, 3)) for shift in shifts) / len(shifts)  # pyright: ignore[reportReturnType]

    def _noisy(self, pictures: Tensor) -> Tensor:
        count = len(pictures)
        strength = self.uniform(count, -0.06, 0.07).clamp_min(0)[:, None, None, None]
        colors = 1 if float(self.uniform(1, 0, 1)) < 0.4 else 3
        noise = torch.randn(count, colors, *pictures.shape[2:], generator=self.random)
        return pictures + noise * strength

    def _compressed(self, pictures: Tensor) -> Tensor:
        for number in torch.nonzero(self.chosen(len(pictures), 0.3)).flatten().tolist():
            pixels = (pictures[number].permute(1, 2, 0) * 255).byte().numpy()
            buffer = io.BytesIO()
            quality = int(self.uniform(1, 12, 80))
            Image.fromarray(pixels).save(buffer, "JPEG", quality=quality)
            back = np.asarray(Image.open(buffer).convert("RGB"))
            pictures[number] = torch.from_numpy(back.copy()).permute(2, 0, 1).float() / 255
        return pictures

    def covered(self, pictures: Tensor, share: float, fill: Tensor) -> Tensor:
        """Return pictures that something stands in front of: an ellipse or a bar, plain or of another picture.

        Args:
            pictures: (B, 3, H, W) in [0, 1].
            share: Probability of each.
            fill: (B, 3, H, W) what covers.
        """
        rows = torch.nonzero(self.chosen(len(pictures), share)).flatten()
        count, size = len(rows), pictures.shape[-1]
        if not count:
            return pictures
        x, y = self._turned(count, size, 0.5)
        across, down = self.uniform(count, 0.04, 0.28), self.uniform(count, 0.04, 0.28)
        inside = (x / across[:, None, None]).abs() ** 2.5 + (y / down[:, None, None]).abs() ** 2.5
        edge = torch.sigmoid((1 - inside) * self.uniform(count, 2, 30)[:, None, None])[:, None]
        plain = torch.rand(count, 3, 1, 1, generator=self.random)
        fill = torch.where(self.chosen(count, 0.5)[:, None, None, None], plain, fill[rows])
        strength = torch.where(self.chosen(count, 0.15), 0.5, 1.0)  # a few are glass or smoke
        shown = pictures[rows]
        covered = shown + (fill - shown) * (edge * strength[:, None, None, None])
        return pictures.index_copy(0, rows, covered)

    def surrounded(self, pictures: Tensor, points: Tensor, share: float, around: Tensor) -> Tensor:
        """Return pictures in which something else is round the face: another background, hood or hair.

        Args:
            pictures: (B, 3, H, W) in [0, 1].
            points: (B, 478, 2) landmarks in sides of the picture, from its middle.
            share: Probability of each.
            around: (B, 3, H, W) what is put there.
        """
        rows = torch.nonzero(self.chosen(len(pictures), share)).flatten()
        count, size = len(rows), pictures.shape[-1]
        if not count:
            return pictures
        line = (torch.arange(size) + 0.5) / size - 0.5
        low, high = points[rows].amin(1), points[rows].amax(1)
        middle, half = (low + high) / 2, (high - low) / 2 * self.uniform(count, 1.0, 1.35)[:, None]
        x = (line[None, None, :] - middle[:, 0, None, None]) / half[:, 0, None, None]
        y = (line[None, :, None] - middle[:, 1, None, None]) / half[:, 1, None, None]
        outside = torch.sigmoid((x.abs() ** 2.2 + y.abs() ** 2.2 - 1.05) * self.uniform(count, 4, 25)[:, None, None])
        shown = pictures[rows]
        return pictures.index_copy(0, rows, shown + (around[rows] - shown) * outside[:, None])

    def _turned(self, count: int, size: int, reach: float) -> tuple[Tensor, Tensor]:
        line = (torch.arange(size) + 0.5) / size - 0.5
        middle_x, middle_y = self.uniform(count, -reach, reach), self.uniform(count, -reach, reach)
        x = line[None, None, :] - middle_x[:, None, None]
        y = line[None, :, None] - middle_y[:, None, None]
        angle = self.uniform(count, 0, math.pi)[:, None, None]
        return x * torch.cos(angle) + y * torch.sin(angle), y * torch.cos(angle) - x * torch.sin(angle)


def _blurred(pictures: Tensor, sigma: float) -> Tensor:
    reach = max(1, math.ceil(2 * sigma))
    line = torch.exp(-0.5 * (torch.arange(-reach, reach + 1) / sigma) ** 2)
    line = line / line.sum()
    channels = pictures.shape[1]
    row = line[None, None, None, :].expand(channels, 1, 1, -1)
    column = line[None, None, :, None].expand(channels, 1, -1, 1)
    wide = F.conv2d(F.pad(pictures, (reach, reach, 0, 0), mode="replicate"), row, groups=channels)
    return F.conv2d(F.pad(wide, (0, 0, reach, reach), mode="replicate"), column, groups=channels)
