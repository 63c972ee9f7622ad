"""`packed` and `Told`: what an adapter is told about faces, as one tensor of whole numbers that rides in CONDITIONING.

ComfyUI casts tensors of conditioning to the type of the model, where half precision would move landmarks by a pixel.
Whole numbers pass as they are, so the bits of 32-bit floats travel as int32: how strongly, when, where, the landmarks,
and the condition vectors.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from auface.structure.face_structure import FaceStructure
from auface.structure.scene import Scene

POINTS = 478
_NUMBERS = 5  # before the points: strength, geometry, first and last sigma, whether framed as a portrait


@dataclass(frozen=True, kw_only=True)
class Hearing:
    """How strongly and when a model hears of faces.

    Attributes:
        strength: Of expression tokens and geometry, from 0.
        geometry: Of geometry in it, from 0.
        first: Sigma from which on.
        last: Sigma down to which.
    """

    strength: float
    geometry: float
    first: float
    last: float


@dataclass(frozen=True, slots=True, eq=False)
class Told:
    """What some rows of a batch are told.

    Attributes:
        tokens: (rows,) strength of expression tokens at this step.
        features: (rows,) strength of geometry at this step.
        landmarks: (rows, 478, 2) x, y in pixels of the picture.
        vectors: (rows, 2, vectors, width) condition vectors.
    """

    tokens: Tensor
    features: Tensor
    landmarks: Tensor
    vectors: Tensor


def packed(faces: Sequence[FaceStructure], vectors: Tensor, hearing: Hearing, scene: Scene | None = None) -> Tensor:
    """Return faces as one tensor, (faces, numbers) int32.

    Args:
        faces: The faces.
        vectors: (faces, 2, vectors, width) their condition vectors.
        hearing: How strongly and when.
        scene: Where the faces are in pictures; None frames each as a portrait in a picture of any size.
    """
    rows: list[Tensor] = []
    for number, face in enumerate(faces):
        if scene is None:
            points = face.landmarks(face.camera(1))[:, :2]
        else:
            points = face.landmarks(scene.cameras[number])[:, :2] / [scene.width, scene.height]
        start = [
            hearing.strength,
            hearing.strength * hearing.geometry,
            hearing.first,
            hearing.last,
            float(scene is None),
        ]
        row = np.concatenate([np.array(start), points.ravel()]).astype(np.float32)
        rows.append(torch.cat([torch.from_numpy(row), vectors[number].flatten().float().cpu()]))
    return torch.stack(rows).view(torch.int32)


def unpacked(bits: Tensor, sigma: float, height: int, width: int, vectors: int) -> Told:
    """Return what rows are told at a step; the inverse of `packed`.

    Args:
        bits: (rows, numbers) int32.
        sigma: Noise of the step.
        height: Height of the picture in pixels.
        width: Width of the picture in pixels.
        vectors: Condition vectors of each half.
    """
    numbers = bits.contiguous().view(torch.float32)
    strength, geometry, first, last, portrait = numbers[:, :_NUMBERS].unbind(1)
    heard = ((sigma <= first) & (sigma > last)).float()
    points = numbers[:, _NUMBERS : _NUMBERS + 2 * POINTS].unflatten(1, (POINTS, 2))
    whole, side = points.new_tensor([width, height]), float(min(height, width))
    framed = points * side + (whole - side) / 2
    landmarks = torch.where(portrait[:, None, None] > 0, framed, points * whole)
    told = numbers[:, _NUMBERS + 2 * POINTS :].unflatten(1, (2, vectors, -1))
    return Told(strength * heard, geometry * heard, landmarks, told)
