"""Shapes of the faces of a cache, and what landmarks that are a little off would show: losses of units."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812

from auface.recognition.crop_frame import SIDE
from auface.recognition.geometry_network import GeometryNetwork, face_shape, halves
from auface.structure.topology import SKIN_LANDMARKS, topology

from .recognizer_cache import FaceCache

if TYPE_CHECKING:
    from .recognizer_face import FaceBatch


class ShapeTable:
    """Shapes of all faces of a split, with those of the same people at rest.

    Args:
        cache: The faces.
        split: Whose faces.
    """

    def __init__(self, cache: FaceCache, split: str) -> None:
        self.rows = cache.rows(split)
        found = [face_shape(cache.landmarks[row].astype(np.float32)) for row in self.rows]
        self.pose = [pose for _, pose in found]
        self.shapes = torch.from_numpy(np.stack([halves(shape, pose) for shape, pose in found]))
        self.units = torch.from_numpy(cache.units[self.rows])
        subject, still = cache.subject[self.rows], cache.units[self.rows].max((1, 2)) == 0
        resting: dict[int, list[int]] = {}
        for number in np.flatnonzero(still):
            resting.setdefault(int(subject[number]), []).append(int(number))
        self.neutral = np.full(len(self.rows), -1)
        for number, person in enumerate(subject):
            others = [one for one in resting.get(int(person), ()) if one != number]
            if others:
                self.neutral[number] = others[0]
        self.rotation = torch.from_numpy(np.stack([pose.rotation for pose in self.pose]))


class ShownUnits:
    """Reads units from landmarks with a trained geometry network, so that a landmark counts by what it shows.

    A lip corner that is a pixel off makes or unmakes a smile; a cheek that is a pixel off changes nothing.

    Args:
        network: Trained; it is not changed.
        cache: The faces.
        table: Their shapes.
    """

    def __init__(self, network: GeometryNetwork, cache: FaceCache, table: ShapeTable) -> None:
        self.network, self.cache, self.table = network.requires_grad_(False), cache, table
        self._place = np.full(len(cache.split), -1)
        self._place[table.rows] = np.arange(len(table.rows))
        self._mirror = torch.from_numpy(topology().mirror[:SKIN_LANDMARKS])

    def loss(self, points: Tensor, batch: FaceBatch) -> Tensor:
        """Return how far the units that landmarks show are from what the faces show.

        Args:
            points: (B, 478, 3) landmarks, as the crop network says them.
            batch: What is so.
        """
        seen = torch.nonzero(batch.face > 0.5).flatten()
        units, _ = self.network(self.shapes(points, batch)[seen])
        asked = torch.from_numpy(self.cache.units[batch.rows])[seen]
        return 2 * huber(units, asked)

    def shapes(self, points: Tensor, batch: FaceBatch) -> Tensor:
        """Return the (B, 2, SHAPE) shapes of landmarks, straightened as the exact ones are.

        Args:
            points: (B, 478, 3) landmarks, as the crop network says them.
            batch: What is so.
        """
        rows = torch.from_numpy(self._place[batch.rows])
        exact = torch.from_numpy(self.cache.landmarks[batch.rows].astype(np.float32))
        off = (batch.exact(points) - exact)[:, :SKIN_LANDMARKS, :2] * torch.tensor([SIDE, -SIDE])
        seen = torch.einsum("bni,bic->bnc", off, self.table.rotation[rows][:, :2])
        other = seen[:, self._mirror] * torch.tensor([-1.0, 1.0, 1.0])
        both = torch.stack([seen.flatten(1), other.flatten(1)], 1)
        return self.table.shapes[rows] + F.pad(10 * both, (0, 3))


def huber(units: Tensor, asked: Tensor) -> Tensor:
    """Return the Huber loss of intensities, in which what lies below 0 or above 5 is as good as 0 or 5.

    Args:
        units: (B, units, 2) as read, not limited.
        asked: (B, units, 2) as they are.
    """
    read = units.clamp(max=5.5)
    read = torch.where((asked == 0) & (read < 0), read.detach() * 0, read)
    return F.smooth_l1_loss(read, asked, beta=1.0)


def unit_losses(units: Tensor, scale: Tensor, asked: Tensor) -> dict[str, Tensor]:
    """Return the losses of intensities and of their uncertainty.

    Uncertainty: the likelihood of a Laplace distribution whose middle is held fixed, so that doubt never excuses a bad
    reading.

    Args:
        units: (B, units, 2) as read, not limited.
        scale: (B, units, 2) expected absolute errors.
        asked: (B, units, 2) as they are.
    """
    error = (units.detach().clamp(0, 5) - asked).abs()
    return {
        "units": 4 * huber(units, asked),
        "scale": 0.1 * (error / scale + torch.log(scale)).mean(),
        "_units_error": error.mean(),
    }
