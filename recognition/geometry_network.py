"""`GeometryNetwork`: units from landmarks alone, relative to the person's neutral face where it is given.

A head is straightened by a scaled orthographic fit of the mean face; what is left over is the shape of the person and
the expression together. The network takes the expression out of it: from that of the mean person, or, better, from
the same of a neutral picture of this person. It sees one half of the face at a time, the right one mirrored, so that
the mirror image of a face gives the mirror image of its units.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from auface.structure.fitting import checked_landmarks, fit_orthographic
from auface.structure.pose import HeadPose
from auface.structure.topology import SKIN_LANDMARKS, topology

from .face_network import LARGEST_SCALE
from .unit_table import TOGETHER, UNITS

Floats = NDArray[np.float32]

SHAPE = 3 * SKIN_LANDMARKS + 3
"""Numbers that describe a face: where each landmark of the skin is off the mean face, and how the head is turned."""


@dataclass(frozen=True, kw_only=True)
class GeometryConfig:
    """Sizes.

    Attributes:
        first: Width of the first layer.
        second: Width of the second and third layer.
    """

    first: int = 256
    second: int = 192

    def to_data(self) -> dict[str, Any]:
        """Return the sizes as plain data."""
        return asdict(self)

    @classmethod
    def from_data(cls, data: dict[str, Any]) -> GeometryConfig:
        """Return the sizes that `to_data` gave.

        Args:
            data: Plain data.
        """
        return cls(**data)


class GeometryNetwork(nn.Module):
    """Reads units from shapes.

    Args:
        config: Sizes.
    """

    def __init__(self, config: GeometryConfig | None = None) -> None:
        super().__init__()
        self.config = config = config or GeometryConfig()
        self.shape = nn.Linear(SHAPE, config.first)
        self.rest = nn.Linear(SHAPE, config.first, bias=False)  # of the neutral picture
        self.known = nn.Parameter(torch.zeros(config.first))  # that there is one
        self.layers = nn.Sequential(
            nn.GELU(),
            nn.Linear(config.first, config.second),
            nn.GELU(),
            nn.Linear(config.second, config.second),
            nn.GELU(),
            nn.Linear(config.second, 2 * len(UNITS)),
        )

    def forward(
        self, shape: Tensor, neutral: Tensor | None = None, known: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """Return (B, units, 2) intensities, not limited to 0 to 5, and their expected absolute errors.

        Args:
            shape: (B, 2, SHAPE) of faces, as `halves` gives them.
            neutral: (B, 2, SHAPE) of the same people at rest, or None.
            known: (B,) 1 where `neutral` holds, or None for all.
        """
        first = self.shape(shape)
        if neutral is not None:
            known = torch.ones(len(shape)) if known is None else known
            first = first + (self.rest(neutral) + self.known) * known[:, None, None]
        units, scale = self.layers(first).reshape(-1, 2, 2, len(UNITS)).permute(0, 3, 1, 2).unbind(-1)
        together = torch.as_tensor(TOGETHER)[:, None]
        units = torch.where(together, units.mean(-1, keepdim=True), units)
        scale = torch.where(together, scale.mean(-1, keepdim=True), scale)
        return units, torch.exp(scale.clamp(-4, math.log(LARGEST_SCALE)))


def face_shape(landmarks: Floats) -> tuple[Floats, HeadPose]:
    """Return where landmarks are off the mean face, head straightened, and how the head is turned.

    Args:
        landmarks: (468 or 478, 2 or 3) in pixels; a third column is not used.

    Returns:
        (468, 3) in the frame of the face, in inter-ocular distances; what points away from the camera is 0.

    Raises:
        ValueError: Another shape, NaN, or all landmarks on a point or line.
    """
    seen = checked_landmarks(landmarks)[:SKIN_LANDMARKS] * [1, -1]
    mean = topology().neutral[:SKIN_LANDMARKS].astype(np.float64)
    rotation, scale, shift = fit_orthographic(mean, seen)
    off = (seen - shift) / scale - mean @ rotation[:2].T
    return (off @ rotation[:2]).astype(np.float32), HeadPose.of(rotation.astype(np.float32))


def halves(shape: Floats, pose: HeadPose) -> Floats:
    """Return (2, SHAPE) what the network takes for the left half, and for the right half mirrored.

    Args:
        shape: (468, 3) of `face_shape`.
        pose: How the head is turned.
    """
    mirror = topology().mirror[:SKIN_LANDMARKS]
    other = shape[mirror] * np.array([-1, 1, 1], np.float32)
    found: list[Floats] = []
    for half, turned in ((shape, pose), (other, pose.mirrored())):
        angles = np.array([turned.yaw, turned.pitch, turned.roll], np.float32) / 30
        found.append(np.concatenate([10 * half.ravel(), angles]).astype(np.float32))
    return np.stack(found)
