"""`Face`: where a face is in a picture, with its landmarks and how the head is turned."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from auface.structure.pose import HeadPose
from auface.structure.topology import LANDMARKS

Floats = NDArray[np.float32]

Source: TypeAlias = Literal["caller", "mediapipe", "auface"]
"""Where landmarks come from: given by the caller, MediaPipe's Face Landmarker, or the network that AUFace ships."""


@dataclass(frozen=True, slots=True, eq=False)
class Face:
    """A face in a picture.

    Attributes:
        box: x0, y0, x1, y1 in pixels of the picture, round the landmarks; may reach over the picture's edge.
        landmarks: (478, 3) in MediaPipe's order: x, y in pixels of the picture, y down, and depth in the same unit,
            smaller toward the camera, 0 midway between the eyes.
        score: How sure it is that this is a face, 0 to 1.
        pose: How the head is turned.
        source: Where the landmarks come from.
    """

    box: tuple[float, float, float, float]
    landmarks: Floats
    score: float
    pose: HeadPose
    source: Source = "auface"

    def __post_init__(self) -> None:
        if self.landmarks.shape != (LANDMARKS, 3) or not np.isfinite(self.landmarks).all():
            raise ValueError(
                f"`landmarks` has shape {self.landmarks.shape}; accepted are ({LANDMARKS}, 3) finite numbers."
            )
        if not 0 <= self.score <= 1:
            raise ValueError(f"`score` is {self.score!r}; accepted is a number from 0 to 1.")

    @property
    def size(self) -> float:
        """The longer side of the box in pixels."""
        x0, y0, x1, y1 = self.box
        return max(x1 - x0, y1 - y0)

    @property
    def center(self) -> tuple[float, float]:
        """Middle of the box: x, y in pixels."""
        x0, y0, x1, y1 = self.box
        return (x0 + x1) / 2, (y0 + y1) / 2
