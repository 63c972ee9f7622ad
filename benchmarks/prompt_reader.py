"""What can be seen of a prompt in a picture: colors of hair, skin and background, and looks that a reader was taught.

Regions come from landmarks. The reader of age and sex is ridge regression on small aligned pictures of renders, so
soft pictures are as readable as sharp ones.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from picture_landmarks import interocular
from PIL import Image

from auface.autext.head_description import HeadDescription
from auface.structure.frame import LEFT_EYE_CORNERS, RIGHT_EYE_CORNERS

Floats = NDArray[np.float32]

_CROWN = (54, 103, 67, 109, 10, 338, 297, 332, 284)  # the oval above the temples
_CHEEKS = (50, 280, 205, 425, 151)
_OUTWARD = 0.3  # of the way from the middle of the face to the oval, beyond it: hair
_SIDE = 48  # pixels of a crop for the reader
_COMPONENTS = 120
_RIDGE = 3.0


def color_of(picture: Image.Image, landmarks: Floats, region: str) -> Floats:
    """Return the mean sRGB of a region, (3,) from 0 to 1.

    Args:
        picture: RGB.
        landmarks: (478, 2 or more) in pixels.
        region: "hair", "skin" or "background".
    """
    pixels = np.asarray(picture.convert("RGB"), np.float32) / 255
    height, width, _ = pixels.shape
    if region == "background":
        high, wide = height // 10, width // 8
        return np.concatenate([pixels[:high, :wide].reshape(-1, 3), pixels[:high, -wide:].reshape(-1, 3)]).mean(0)
    points, middle = landmarks[:, :2], landmarks[168, :2]
    places = points[list(_CHEEKS)]
    if region == "hair":
        places = (middle + (1 + _OUTWARD) * (points[list(_CROWN)] - middle)).astype(np.float32)
    half = max(1, round(0.04 * interocular(landmarks)))
    found: list[NDArray[np.floating[Any]]] = []
    for x, y in np.round(places).astype(int):
        patch = pixels[max(0, y - half) : max(0, y + half + 1), max(0, x - half) : max(0, x + half + 1)]
        if patch.size:
            found.append(patch.reshape(-1, 3))
    return np.median(np.concatenate(found), 0).astype(np.float32)


def crop(picture: Image.Image, landmarks: Floats) -> Floats:
    """Return a small picture with the eyes in their place, (_SIDE, _SIDE, 3) from 0 to 1.

    Args:
        picture: RGB.
        landmarks: (478, 2 or more) in pixels.
    """
    right, left = (landmarks[list(corners), :2].mean(0) for corners in (RIGHT_EYE_CORNERS, LEFT_EYE_CORNERS))
    across = (left - right) / (0.30 * _SIDE)
    down = np.array([-across[1], across[0]])
    origin = (left + right) / 2 - 0.5 * _SIDE * across - 0.42 * _SIDE * down
    values = (across[0], down[0], origin[0], across[1], down[1], origin[1])
    small = picture.convert("RGB")
    factor = max(1.0, float(np.linalg.norm(across)))
    if factor > 1.5:  # transform does not average
        size = (round(small.width / factor), round(small.height / factor))
        small, values = small.resize(size, Image.Resampling.BOX), tuple(value / factor for value in values)
    done = small.transform((_SIDE, _SIDE), Image.Transform.AFFINE, values, Image.Resampling.BILINEAR)
    return (np.asarray(done, np.float32) / 255).astype(np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class Render:
    """A picture of a synthetic head.

    Attributes:
        head: What it shows.
        picture: RGB.
        landmarks: (478, 2) in pixels.
    """

    head: HeadDescription
    picture: Image.Image
    landmarks: Floats


def renders(folder: Path, split: str, count: int) -> list[Render]:
    """Return pictures that are spread over a split of a set, and so over its people.

    Args:
        folder: A set of `auface dataset synth` with landmarks.
        split: `train`, `validation` or `test`.
        count: How many at most.
    """
    lines = (folder / split / "metadata.jsonl").read_text(encoding="utf-8").splitlines()
    found: list[Render] = []
    for place in np.unique(np.linspace(0, len(lines) - 1, min(count, len(lines))).astype(int)):
        row = json.loads(lines[place])
        with Image.open(folder / split / row["file_name"]) as picture, np.load(folder / row["landmarks"]) as points:
            found.append(
                Render(HeadDescription.from_json(row["description"]), picture.convert("RGB"), points["landmarks"])
            )
    return found


class LookReader:
    """Reads age in years and sex (-1 female, 1 male) in pictures.

    Args:
        taught: Pictures to learn from.
    """

    def __init__(self, taught: list[Render]) -> None:
        inputs = np.stack([self._values(one.picture, one.landmarks) for one in taught])
        self._mean = inputs.mean(0)
        _, _, parts = np.linalg.svd(inputs - self._mean, full_matrices=False)
        self._parts = parts[:_COMPONENTS]
        codes = (inputs - self._mean) @ self._parts.T
        self._spread = codes.std(0)
        codes = self._codes(inputs)
        wanted = np.array([[one.head.identity.age, 1.0 if one.head.identity.sex == "male" else -1.0] for one in taught])
        self._middle = wanted.mean(0)
        normal = codes.T @ codes + _RIDGE * np.eye(codes.shape[1])
        self._weight = np.linalg.solve(normal, codes.T @ (wanted - self._middle))

    def read(self, picture: Image.Image, landmarks: Floats) -> tuple[float, float]:
        """Return age and sex.

        Args:
            picture: RGB.
            landmarks: (478, 2 or more) in pixels.
        """
        age, sex = self._codes(self._values(picture, landmarks)[None])[0] @ self._weight + self._middle
        return float(age), float(sex)

    def quality(self, other: list[Render]) -> dict[str, float]:
        """Return how well it reads pictures of other people.

        Args:
            other: The pictures.
        """
        found = np.array([self.read(one.picture, one.landmarks) for one in other])
        age = np.array([one.head.identity.age for one in other])
        sex = np.array([one.head.identity.sex == "male" for one in other])
        return {
            "pictures": len(other),
            "age, correlation": round(float(np.corrcoef(found[:, 0], age)[0, 1]), 3),
            "sex right, percent": round(100 * float(((found[:, 1] > 0) == sex).mean()), 1),
        }

    def _codes(self, inputs: Floats) -> Floats:
        return ((inputs - self._mean) @ self._parts.T / self._spread).astype(np.float32)

    @staticmethod
    def _values(picture: Image.Image, landmarks: Floats) -> Floats:
        small = crop(picture, landmarks)
        light = small.mean((0, 1))
        return ((small - light) / (small.std() + 0.05)).reshape(-1).astype(np.float32)
