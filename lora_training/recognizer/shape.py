"""Shapes of the faces of a cache, and what landmarks that are a little off would show: losses of units."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F  # noqa: N812

from auface.recognition.crop_frame import SIDE
from auface.recognition.geometry_network import GeometryNetwork, face_shape, halves
from auface.structure.topology import SKIN_LANDMARKS, topology

from .batch import FaceBatch
from .cache import FaceCache

USUAL_SHARE = 0.08
"""Share of faces that show a unit which is not rare."""

PRESENT = 1.5
"""Intensity from which a face counts as showing a unit."""


class ShapeTable:
    """Shapes of all faces of a split, with those of the same people at rest.

    Args:
        cache: The faces.
        split: Whose faces.
        read: Landmarks of the same faces as somebody reads them, to take instead of the exact ones.
    """

    def __init__(self, cache: FaceCache, split: str, read: ReadLandmarks | None = None) -> None:
        self.rows = cache.rows(split)
        if read is not None:
            self.rows = self.rows[np.isin(self.rows, read.rows)]
        points = cache.landmarks if read is None else read.by_row(len(cache.split))
        found = [face_shape(points[row].astype(np.float32)) for row in self.rows]
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


@dataclass(frozen=True, slots=True, eq=False)
class ReadLandmarks:
    """Landmarks of faces of a cache as a detector reads them.

    Attributes:
        rows: (N,) rows of the cache.
        landmarks: (N, 468 or more, 2 or 3) in any unit, y down.
    """

    rows: NDArray[np.int64]
    landmarks: NDArray[np.float32]

    @classmethod
    def load(cls, path: Path) -> ReadLandmarks:
        """Open a file of arrays `rows` and `landmarks`.

        Args:
            path: A .npz file.
        """
        with np.load(path) as file:
            return cls(file["rows"], file["landmarks"].astype(np.float32))

    def by_row(self, count: int) -> NDArray[np.float32]:
        """Return the landmarks at the place of their row, and zeros for rows that were not read.

        Args:
            count: Rows of the cache.
        """
        found = np.zeros((count, *self.landmarks.shape[1:]), np.float32)
        found[self.rows] = self.landmarks
        return found


def rarity(cache: FaceCache, rows: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return (N,) how often each row should come in a round: 1 to 4 times, the more the rarer a unit that it shows.

    Args:
        cache: The faces.
        rows: Which.
    """
    shown = cache.units[rows].max(2) >= PRESENT
    rarest = np.where(shown, USUAL_SHARE / shown.mean(0).clip(1e-4), 0).max(1)
    return np.sqrt(rarest).clip(1, 4)


def unit_weights(cache: FaceCache) -> Tensor:
    """Return (units, 1) weights of losses: rare and weak units count more, so that all are learned; their mean is 1.

    Args:
        cache: The faces; the training split decides.
    """
    spread = cache.units[cache.rows("train")].std((0, 2)).clip(1e-3)
    weights = (spread.mean() / spread).clip(0.5, 2.5)
    return torch.from_numpy((weights / weights.mean()).astype(np.float32))[:, None]


class ShownUnits:
    """Reads units from landmarks with a trained geometry network, so that a landmark counts by what it shows.

    A lip corner that is a pixel off makes or unmakes a smile; a cheek that is a pixel off changes nothing.

    Args:
        network: Trained; it is not changed.
        cache: The faces.
        table: Their shapes.
    """

    def __init__(self, network: GeometryNetwork, cache: FaceCache, table: ShapeTable) -> None:
        self._weights = unit_weights(cache)
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
        return 2 * huber(units, asked, self._weights)

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


def huber(units: Tensor, asked: Tensor, weights: Tensor) -> Tensor:
    """Return the Huber loss of intensities, in which what lies below 0 or above 5 is as good as 0 or 5.

    Args:
        units: (B, units, 2) as read, not limited.
        asked: (B, units, 2) as they are.
        weights: (units, 1) how much each counts.
    """
    read = units.clamp(max=5.5)
    read = torch.where((asked == 0) & (read < 0), read.detach() * 0, read)
    return (F.smooth_l1_loss(read, asked, beta=1.0, reduction="none") * weights).mean()


def unit_losses(units: Tensor, scale: Tensor, asked: Tensor, weights: Tensor) -> dict[str, Tensor]:
    """Return the losses of intensities and of their uncertainty.

    Uncertainty: the likelihood of a Laplace distribution whose middle is held fixed, so that doubt never excuses a bad
    reading.

    Args:
        units: (B, units, 2) as read, not limited.
        scale: (B, units, 2) expected absolute errors.
        asked: (B, units, 2) as they are.
        weights: (units, 1) how much each counts.
    """
    error = (units.detach().clamp(0, 5) - asked).abs()
    return {
        "units": 4 * huber(units, asked, weights),
        "scale": 0.1 * (error / scale + torch.log(scale)).mean(),
        "_units_error": error.mean(),
    }
