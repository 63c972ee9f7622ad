"""Landmarks that MediaPipe's Face Landmarker reads in pictures: what does not know AUFace says where a face is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from auface.structure.frame import LEFT_EYE_CORNERS, RIGHT_EYE_CORNERS

Floats = NDArray[np.float32]

_READ_AT = 512  # pixels; the detector finds small faces badly


class PictureReader:
    """Reads the landmarks of one face in a picture.

    Args:
        model: The file `face_landmarker.task`.
    """

    def __init__(self, model: Path) -> None:
        import mediapipe as mp
        from mediapipe.tasks.python import BaseOptions, vision

        self._mediapipe: Any = mp
        options = vision.FaceLandmarkerOptions(
            base_options=BaseOptions(model_asset_path=str(model)),
            min_face_detection_confidence=0.3,
            min_face_presence_confidence=0.3,
        )
        self._landmarker: Any = vision.FaceLandmarker.create_from_options(options)

    def close(self) -> None:
        """Let go of the model; MediaPipe wants that before the interpreter ends."""
        self._landmarker.close()

    def read(self, picture: Image.Image) -> Floats | None:
        """Return (478, 2) x and y in pixels, or None if no face is found.

        Args:
            picture: RGB.
        """
        width, height = picture.size
        factor = _READ_AT / min(width, height)
        large = picture.resize((round(width * factor), round(height * factor)), Image.Resampling.BICUBIC)
        image = self._mediapipe.Image(
            image_format=self._mediapipe.ImageFormat.SRGB, data=np.ascontiguousarray(np.asarray(large))
        )
        found = self._landmarker.detect(image).face_landmarks
        if not found:
            return None
        return np.array([[point.x * width, point.y * height] for point in found[0]], np.float32)


def interocular(landmarks: Floats) -> float:
    """Return the distance of the eyes' middles in the unit of the landmarks.

    Args:
        landmarks: (478, 2 or more).
    """
    right, left = (landmarks[list(corners), :2].mean(0) for corners in (RIGHT_EYE_CORNERS, LEFT_EYE_CORNERS))
    return float(np.linalg.norm(left - right))


def error_percent(seen: Floats, wanted: Floats) -> float:
    """Return the mean distance of 478 landmarks in percent of the distance of the eyes.

    Args:
        seen: (478, 2) read in the picture.
        wanted: (478, 2 or more) asked for.
    """
    return 100 * float(np.linalg.norm(seen - wanted[:, :2], axis=1).mean()) / interocular(wanted)


def aligned(seen: Floats, wanted: Floats) -> Floats:
    """Return landmarks shifted, turned and scaled onto others, as well as that goes.

    Args:
        seen: (478, 2).
        wanted: (478, 2 or more).
    """
    one, other = seen - seen.mean(0), wanted[:, :2] - wanted[:, :2].mean(0)
    turn = (np.conj(_complex(one)) * _complex(other)).sum() / (np.abs(_complex(one)) ** 2).sum()
    moved = _complex(one) * turn
    return np.stack([moved.real, moved.imag], 1).astype(np.float32) + wanted[:, :2].mean(0)


def _complex(points: Floats) -> NDArray[np.complex128]:
    return points[:, 0].astype(np.float64) + 1j * points[:, 1]
