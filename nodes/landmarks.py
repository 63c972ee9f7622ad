"""Landmarks of faces in pictures, as ComfyUI's own detector gives them."""

from __future__ import annotations

from typing import Any

import numpy as np
from comfy_api.latest import io
from numpy.typing import NDArray
from torch import Tensor

from .picture import pixels
from .progress import steps
from .recognizers import SHIPPED, reader_named

Floats = NDArray[np.float32]

FaceLandmarks = io.Custom("FACE_LANDMARKS")
"""The socket of ComfyUI's node "Detect Face Landmarks (MediaPipe)": `frames` of faces with `landmarks_xy` in pixels."""


def landmarks_of(value: Any, face: int) -> list[Floats]:
    """Return the landmarks of one face in each picture, (468 or 478, 2) in pixels, y down.

    Args:
        value: What the socket carries.
        face: Which face: 1 is the largest of each picture.

    Raises:
        ValueError: A picture has fewer faces, or the value is nothing that ComfyUI's detector gives.
    """
    frames = value.get("frames") if isinstance(value, dict) else None
    if not isinstance(frames, list) or not frames:
        raise ValueError(
            "`face_landmarks` holds no pictures; accepted is what Detect Face Landmarks (MediaPipe) gives."
        )
    found: list[Floats] = []
    for number, faces in enumerate(frames, 1):
        if len(faces) < face:
            raise ValueError(
                f"`face_landmarks` has {len(faces)} faces in picture {number}, and `face` is {face}; accepted is a "
                "picture with at least so many faces."
            )
        points = [np.asarray(each["landmarks_xy"], np.float32)[:, :2] for each in faces]
        points.sort(key=lambda each: float(np.prod(np.ptp(each, axis=0))), reverse=True)
        found.append(points[face - 1])
    return found


def detected(image: Tensor, face: int) -> list[Floats]:
    """Return the landmarks of one face in each picture, as AUFace's own recognizer finds them, (478, 2) in pixels.

    Args:
        image: (batch, height, width, 3).
        face: Which face: 1 is the largest of each picture.

    Raises:
        ValueError: A picture has fewer faces, or the recognizer is missing or damaged.
    """
    reader = reader_named(SHIPPED)
    found: list[Floats] = []
    for number, picture in enumerate(steps(list(image)), 1):
        faces = reader.read(pixels(picture), name=f"picture {number}").faces
        if len(faces) < face:
            raise ValueError(
                f"`image` has {len(faces)} faces in picture {number}, and `face` is {face}; accepted is a picture with "
                "at least so many faces."
            )
        found.append(faces[face - 1].face.landmarks[:, :2])
    return found
