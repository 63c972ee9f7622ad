"""Pictures without a face, to learn what no face looks like and to put faces in front of.

Drawn from nothing: smooth and rough noise, stripes, shapes, rings, lines as of text; and cut from what is at
hand: panoramas and cloth of the head pack, corners of synthetic pictures beside the head.
"""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from .cache import FaceCache

SCENE = 160
"""Height and width of a scene in pixels."""

Bytes = NDArray[np.uint8]


class Scenes:
    """Draws scenes without faces.

    Args:
        heads: Folder of the head pack, or None for drawn scenes only.
        cache: Synthetic pictures, whose corners are used too; or None.
        seed: Of everything.
    """

    def __init__(self, heads: Path | None, cache: FaceCache | None, seed: int = 0) -> None:
        self.random = np.random.default_rng(seed)
        self.cache = cache
        self.sources = _sources(heads) if heads else []

    def bank(self, count: int) -> Bytes:
        """Return (count, 160, 160, 3) scenes.

        Args:
            count: How many.
        """
        return np.stack([self.scene() for _ in range(count)])

    def scene(self) -> Bytes:
        """Return one (160, 160, 3) scene."""
        kind = self.random.random()
        if kind < 0.35 and self.sources:
            picture = self._cut(self.sources[int(self.random.integers(len(self.sources)))])
        elif kind < 0.55 and self.cache is not None:
            picture = self._corner(self.cache)
        elif kind < 0.75:
            picture = self._noise()
        else:
            picture = self._drawn()
        if self.random.random() < 0.25:  # two together, as life has edges
            other = self._noise() if self.random.random() < 0.5 else self._drawn()
            picture = np.where(self._half(), picture, other)
        return picture.astype(np.uint8)

    def _half(self) -> NDArray[np.bool_]:
        angle, shift = self.random.uniform(0, math.pi), self.random.uniform(-0.3, 0.3) * SCENE
        y, x = np.mgrid[:SCENE, :SCENE] - SCENE / 2
        return (x * math.cos(angle) + y * math.sin(angle) > shift)[..., None]

    def _cut(self, source: Bytes) -> Bytes:
        height, width = source.shape[:2]
        side = int(min(height, width) * self.random.uniform(0.2, 0.9))
        top, left = self.random.integers(0, height - side + 1), self.random.integers(0, width - side + 1)
        part = Image.fromarray(source[top : top + side, left : left + side])
        part = part.rotate(90 * int(self.random.integers(4)) if self.random.random() < 0.3 else 0)
        return np.asarray(part.resize((SCENE, SCENE), Image.Resampling.BICUBIC))

    def _corner(self, cache: FaceCache) -> Bytes:
        row = int(self.random.integers(len(cache.whole)))
        whole, (x, y, side, _) = cache.whole[row], cache.frames[row]
        size = whole.shape[0]
        middle, half = (int(x * size), int(y * size)), side * size / 2
        strips = [(0, 0, int(middle[0] - 0.85 * half), size), (int(middle[0] + 0.85 * half), 0, size, size)]
        strips += [(0, int(middle[1] + 1.02 * half), size, size), (0, 0, size, int(middle[1] - 1.15 * half))]
        fitting = [box for box in strips if box[2] - box[0] >= 12 and box[3] - box[1] >= 12]
        if not fitting:
            return self._noise()
        part = Image.fromarray(whole).crop(fitting[int(self.random.integers(len(fitting)))])
        side = min(part.size)
        left, top = (int(self.random.integers(0, length - side + 1)) for length in part.size)
        part = part.crop((left, top, left + side, top + side))
        return np.asarray(part.resize((SCENE, SCENE), Image.Resampling.BICUBIC))

    def _noise(self) -> Bytes:
        total = np.zeros((SCENE, SCENE, 3))
        for cells in (2, 5, 12, 30, 80):
            coarse = self.random.normal(size=(cells, cells, 3))
            coarse = coarse.mean(2, keepdims=True) + 0.3 * coarse
            span = np.clip(127 + 40 * coarse, 0, 255).astype(np.uint8)
            fine = np.asarray(Image.fromarray(span).resize((SCENE, SCENE), Image.Resampling.BICUBIC), np.float64)
            total += (fine / 40 - 3.2) * self.random.gamma(1.0) / cells ** self.random.uniform(0, 0.6)
        base, strength = self.random.uniform(20, 235, 3), self.random.uniform(5, 60)
        return np.clip(base + strength * total, 0, 255).astype(np.uint8)

    def _drawn(self) -> Bytes:
        image = Image.fromarray(self._noise() if self.random.random() < 0.6 else self._plain())
        draw = ImageDraw.Draw(image)
        for _ in range(int(self.random.integers(1, 14))):
            self._shape(draw)
        return np.asarray(image)

    def _plain(self) -> Bytes:
        return np.broadcast_to(self.random.integers(0, 256, 3), (SCENE, SCENE, 3)).astype(np.uint8)

    def _shape(self, draw: ImageDraw.ImageDraw) -> None:
        color = tuple(int(value) for value in self.random.integers(0, 256, 3))
        x, y = self.random.uniform(0, SCENE, 2)
        wide, high = self.random.uniform(3, 90, 2)
        box = (x - wide / 2, y - high / 2, x + wide / 2, y + high / 2)
        kind = int(self.random.integers(7))
        if kind == 0:
            draw.rectangle(box, color)
        elif kind == 1:
            draw.ellipse(box, color)
        elif kind == 2:
            draw.ellipse(box, outline=color, width=int(self.random.integers(1, 8)))
        elif kind == 3:
            draw.polygon([tuple(self.random.uniform(0, SCENE, 2)) for _ in range(3)], color)
        elif kind == 4:  # stripes, as of brick, cloth and text
            step = self.random.uniform(4, 24)
            for number in range(int(SCENE / step)):
                draw.rectangle((0, number * step, SCENE, number * step + step / 2), color)
        elif kind == 5:  # rows of marks
            step = self.random.uniform(6, 20)
            for row in range(int(high / step) + 1):
                for column in range(int(wide / step * 2) + 1):
                    left, top = x + column * step / 1.6, y + row * step
                    draw.rectangle((left, top, left + step * self.random.uniform(0.1, 0.5), top + step / 2), color)
        else:
            points = [tuple(self.random.uniform(0, SCENE, 2)) for _ in range(4)]
            draw.line(points, color, width=int(self.random.integers(1, 12)))


def _sources(heads: Path) -> list[Bytes]:
    """Read panoramas and cloth of the head pack."""
    found: list[Bytes] = []
    with np.load(heads / "hdri" / "lights.npz") as file:
        for name in file.files:
            if name.endswith("_panorama"):
                light = file[name].astype(np.float64)
                exposed = light / (np.percentile(light, 90) + 1e-6)
                found.append((255 * np.clip(exposed, 0, 1) ** (1 / 2.2)).astype(np.uint8))
    for path in sorted((heads / "proxies" / "clothes").iterdir()):
        if path.suffix in (".png", ".jpg"):
            with Image.open(path) as image:
                found.append(np.asarray(image.convert("RGB")))
    return found
