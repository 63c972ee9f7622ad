"""Whether two pictures show the same person: distance of embeddings of dlib's face recognition network.

Benchmark only. `pip install dlib-bin face-recognition-models`; the network is that of `face_recognition`, which calls
two photos of distance under 0.6 the same person. It was trained on photos, not on drawn heads.
"""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Floats = NDArray[np.float32]


class IdentityReader:
    """Embeds faces.

    Raises:
        ImportError: A package is missing.
    """

    def __init__(self) -> None:
        dlib: Any = import_module("dlib")
        place = find_spec("face_recognition_models")
        if place is None or not place.submodule_search_locations:
            raise ImportError("the identity measure needs face-recognition-models")
        models = Path(place.submodule_search_locations[0]) / "models"
        self._dlib = dlib
        self._points = dlib.shape_predictor(str(models / "shape_predictor_5_face_landmarks.dat"))
        self._network = dlib.face_recognition_model_v1(str(models / "dlib_face_recognition_resnet_model_v1.dat"))

    def embedding(self, picture: Image.Image, landmarks: Floats) -> Floats:
        """Return the (128,) embedding of a face.

        Args:
            picture: RGB.
            landmarks: (478, 2) in pixels, for the place of the face.
        """
        factor = 512 / min(picture.size)
        pixels = np.ascontiguousarray(
            picture.resize((round(picture.width * factor), round(picture.height * factor)), Image.Resampling.BICUBIC)
        )
        (left, top), (right, bottom) = landmarks.min(0) * factor, landmarks.max(0) * factor
        # dlib's detector frames a face from the brows to the chin.
        box = self._dlib.rectangle(int(left), int(top + 0.1 * (bottom - top)), int(right), int(bottom))
        shape = self._points(pixels, box)
        return np.array(self._network.compute_face_descriptor(pixels, shape), np.float32)


def distances(people: dict[int, list[Floats]]) -> dict[str, object]:
    """Return distances of the same person's pictures, and of different people's.

    Args:
        people: Person -> embeddings of pictures with different expressions.
    """
    same = [_distance(a, b) for own in people.values() for a, b in combinations(own, 2)]
    other = [
        _distance(a, b) for one, two in combinations(people, 2) for a, b in zip(people[one], people[two], strict=False)
    ]
    apart = np.mean([[float(near < far) for far in other] for near in same])
    return {
        "pairs": [len(same), len(other)],
        "same seed, other expression, mean distance": round(float(np.mean(same)), 3),
        "other seed, same expression, mean distance": round(float(np.mean(other)), 3),
        "same seed under 0.6, percent": round(100 * float(np.mean(np.array(same) < 0.6)), 1),
        "other seed over 0.6, percent": round(100 * float(np.mean(np.array(other) >= 0.6)), 1),
        "a pair of one seed is nearer than one of two seeds, percent": round(100 * float(apart), 1),
    }


def _distance(a: Floats, b: Floats) -> float:
    return float(np.linalg.norm(a - b))
