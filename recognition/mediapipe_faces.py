"""`MediaPipeFaces`: faces from MediaPipe's Face Landmarker, where it is installed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from .face_source import face_of_landmarks
from .mediapipe_model import model_file
from .picture import Picture
from .result import Face


class MediaPipeFaces:
    """Finds faces with MediaPipe. It knows real faces well; the landmarks of AUFace's own network need no package.

    Args:
        model: File `face_landmarker.task`; by default downloaded once, with a pinned checksum.
        count: Most faces of a picture.
        threshold: Least confidence, 0 to 1.

    Raises:
        ImportError: MediaPipe is missing; the text says how to get it.
        ValueError: The model file is missing or another one; see `model_file`.
    """

    def __init__(self, model: str | Path | None = None, *, count: int = 8, threshold: float = 0.5) -> None:
        try:
            from mediapipe.tasks import python as tasks
            from mediapipe.tasks.python import vision
        except ImportError:
            raise ImportError(
                "faces from MediaPipe need the package mediapipe; install it, or leave `faces` at 'auface'"
            ) from None
        if count < 1 or not 0 < threshold <= 1:
            raise ValueError(
                f"`count` is {count} and `threshold` {threshold}; accepted are a number from 1 and one above 0, to 1."
            )
        path = model_file(None if model is None else Path(model))
        options = vision.FaceLandmarkerOptions(
            base_options=tasks.BaseOptions(model_asset_buffer=path.read_bytes()),
            num_faces=count,
            min_face_detection_confidence=threshold,
            min_face_presence_confidence=threshold,
        )
        self.threshold = threshold
        self._landmarker: Any = vision.FaceLandmarker.create_from_options(options)

    def faces(self, picture: Picture) -> tuple[Face, ...]:
        """Return the faces of a picture. MediaPipe gives no score of its own: it is that of the threshold at least.

        Args:
            picture: The picture.
        """
        import mediapipe

        image = mediapipe.Image(image_format=mediapipe.ImageFormat.SRGB, data=np.ascontiguousarray(picture.pixels))
        width, height = picture.size
        found: list[Face] = []
        for points in self._landmarker.detect(image).face_landmarks:
            rows = np.array([(point.x * width, point.y * height, point.z * width) for point in points], np.float32)
            found.append(face_of_landmarks(rows, "mediapipe", 1.0))
        return tuple(found)

    def close(self) -> None:
        """Give the memory of the model back."""
        self._landmarker.close()
