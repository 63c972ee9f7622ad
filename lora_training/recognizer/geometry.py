"""The task of the geometry network: faces as landmarks, shaken and given to other people, with or without a neutral."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from auface.recognition.geometry_network import GeometryNetwork
from auface.structure.topology import SKIN_LANDMARKS, topology

from .cache import FaceCache
from .shape import ReadLandmarks, ShapeTable, rarity, unit_losses, unit_weights


class GeometryTask:
    """Teaches the geometry network; see `auface.lora_training.loop.Task`.

    Args:
        network: What learns.
        cache: The faces.
        read: Landmarks as detectors read them, besides the exact ones; half of what is learned comes from them.
        batch: Faces of a step.
        seed: Of chance.
    """

    def __init__(
        self,
        network: GeometryNetwork,
        cache: FaceCache,
        read: Sequence[ReadLandmarks] = (),
        batch: int = 256,
        seed: int = 0,
    ) -> None:
        self.network = network
        exact = _Source(ShapeTable(cache, "train"), cache, 0.012, batch // 2 if read else batch)
        others = [
            _Source(ShapeTable(cache, "train", one), cache, 0.002, (batch - exact.count) // len(read)) for one in read
        ]
        self._sources = [exact, *others]
        self.random = torch.Generator().manual_seed(seed)
        people = topology().identity[:, :SKIN_LANDMARKS]
        self._people = torch.from_numpy(people)
        self._mirror = torch.from_numpy(topology().mirror[:SKIN_LANDMARKS])
        self._weights = unit_weights(cache)

    def parts(self) -> dict[str, nn.Module]:
        """Return the network."""
        return {"geometry": self.network}

    def losses(self, step: int) -> dict[str, Tensor]:
        """Return the losses of one batch.

        Args:
            step: Steps done so far.
        """
        made = [self._drawn(source) for source in self._sources]
        shape, rest, known, asked = (torch.cat(values) for values in zip(*made, strict=True))
        units, scale = self.network(shape, rest, known)
        return unit_losses(units, scale, asked, self._weights)

    def _drawn(self, source: _Source) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Return shapes, those at rest, whether these are known, and what is so: half of them with somebody at rest."""
        half = source.count // 2
        rows = np.concatenate(
            [
                torch.multinomial(source.times, source.count - half, replacement=True, generator=self.random).numpy(),
                source.resting[torch.randint(len(source.resting), (half,), generator=self.random).numpy()],
            ]
        )
        neutral = source.table.neutral[rows]
        known = torch.from_numpy(neutral >= 0) & (torch.rand(len(rows), generator=self.random) < 0.8)
        neutral = np.where(neutral >= 0, neutral, 0)
        person = 0.5 * torch.randn(len(rows), len(self._people), generator=self.random)
        shape, rest = self._shaken(source, rows, person), self._shaken(source, neutral, person)
        return shape, rest, known.float(), source.table.units[torch.from_numpy(rows)]

    def _shaken(self, source: _Source, rows: NDArray[np.int64], person: Tensor) -> Tensor:
        """Return shapes given to somebody else in part, with errors as detectors make them."""
        shapes = source.table.shapes[torch.from_numpy(rows)].clone()
        rotation = source.table.rotation[torch.from_numpy(rows)]
        more = torch.einsum("bk,knc->bnc", person, self._people)
        size = source.noise * torch.rand(len(rows), 1, 1, generator=self.random)
        more = more + size * torch.randn(len(rows), SKIN_LANDMARKS, 3, generator=self.random)
        seen = torch.einsum("bic,bjc,bnj->bni", rotation[:, :2].transpose(1, 2), rotation[:, :2].transpose(1, 2), more)
        other = seen[:, self._mirror] * torch.tensor([-1.0, 1.0, 1.0])
        shapes[:, 0, :-3] += 10 * seen.flatten(1)
        shapes[:, 1, :-3] += 10 * other.flatten(1)
        return shapes

    def state(self) -> dict[str, Any]:
        """Return the state of chance."""
        return {"random": self.random.get_state()}

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from a state.

        Args:
            state: What `state` returned.
        """
        self.random.set_state(state["random"])


class _Source:
    """Shapes to draw from: so many of a batch, with errors up to a size; rare units come more often."""

    def __init__(self, table: ShapeTable, cache: FaceCache, noise: float, count: int) -> None:
        self.table, self.noise, self.count = table, noise, count
        self.times = torch.from_numpy(rarity(cache, table.rows))
        self.resting = np.flatnonzero(table.neutral >= 0)
