"""`FaceBatch`: crops of faces with what they show, what the crop network learns from."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from auface.structure.topology import topology


class FaceBatch(NamedTuple):
    """Crops with what they show.

    Attributes:
        crops: (B, 3, crop, crop) in [-1, 1].
        points: (B, 478, 3) landmarks in sides of the crop, from its middle.
        units: (B, units, 2) intensities.
        emotions: (B, emotions) shares.
        face: (B,) 1 for a face, 0 for none; the other fields then mean nothing.
        rows: (B,) rows of the cache.
        moved: (B, 4) complex factor and shift: where the exact crop has what this one has.
        flip: (B,) whether the crop was mirrored, after it was moved.
    """

    crops: Tensor
    points: Tensor
    units: Tensor
    emotions: Tensor
    face: Tensor
    rows: NDArray[np.int64]
    moved: Tensor
    flip: Tensor

    def mirrored(self) -> FaceBatch:
        """Return the same crops seen in a mirror."""
        whole = torch.ones(len(self.flip), dtype=torch.bool)
        crops, points, units = mirrored_crops(self.crops, self.points, self.units, whole)
        crops = crops.contiguous(memory_format=torch.channels_last)
        return self._replace(crops=crops, points=points, units=units, flip=~self.flip)

    def exact(self, points: Tensor) -> Tensor:
        """Return where points of these crops are in the exact crops, as `FaceCache.landmarks` has them.

        Args:
            points: (B, 478, 3) in sides of the crop, from its middle.
        """
        other = points[:, torch.from_numpy(topology().mirror)] * torch.tensor([-1.0, 1.0, 1.0])
        points = torch.where(self.flip[:, None, None], other, points)
        real, imaginary, x, y = (value[:, None] for value in self.moved.unbind(1))
        left, top, depth = points.unbind(-1)
        size = torch.sqrt(real**2 + imaginary**2)
        return torch.stack([real * left - imaginary * top + x, imaginary * left + real * top + y, size * depth], -1)


def mirrored_crops(crops: Tensor, points: Tensor, units: Tensor, flip: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Return crops, landmarks and intensities, with those that are chosen seen in a mirror.

    Args:
        crops: (B, 3, crop, crop).
        points: (B, 478, 3) landmarks in sides of the crop, from its middle.
        units: (B, units, 2) intensities.
        flip: (B,) which.
    """
    rows = torch.nonzero(flip).flatten()
    crops = crops.index_copy(0, rows, crops[rows].flip(3))
    other = points[:, torch.from_numpy(topology().mirror)] * torch.tensor([-1.0, 1.0, 1.0])
    points = torch.where(flip[:, None, None], other, points)
    return crops, points, torch.where(flip[:, None, None], units.flip(2), units)
