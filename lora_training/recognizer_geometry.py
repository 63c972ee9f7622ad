"""The task of the geometry network: faces as landmarks, shaken and given to other people, with or without a neutral."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from auface.recognition.geometry_network import GeometryNetwork
from auface.structure.topology import SKIN_LANDMARKS, topology

from .recognizer_shape import ShapeTable, unit_losses


class GeometryTask:
    """Teaches the geometry network; see `auface.lora_training.loop.Task`.

    Args:
        network: What learns.
        table: What it learns from.
        batch: Faces of a step.
        seed: Of chance.
    """

    def __init__(self, network: GeometryNetwork, table: ShapeTable, batch: int = 256, seed: int = 0) -> None:
        self.network, self.table, self.batch = network, table, batch
        self.random = torch.Generator().manual_seed(seed)
        people = topology().identity[:, :SKIN_LANDMARKS]
        self._people = torch.from_numpy(people)
        self._mirror = torch.from_numpy(topology().mirror[:SKIN_LANDMARKS])
        self._with_neutral = np.flatnonzero(table.neutral >= 0)

    def parts(self) -> dict[str, nn.Module]:
        """Return the network."""
        return {"geometry": self.network}

    def losses(self, step: int) -> dict[str, Tensor]:
        """Return the losses of one batch.

        Args:
            step: Steps done so far.
        """
        any_row = torch.randint(len(self.table.rows), (self.batch // 2,), generator=self.random).numpy()
        place = torch.randint(len(self._with_neutral), (self.batch - len(any_row),), generator=self.random).numpy()
        rows = np.concatenate([any_row, self._with_neutral[place]])
        neutral = self.table.neutral[rows]
        known = torch.from_numpy(neutral >= 0) & (torch.rand(len(rows), generator=self.random) < 0.8)
        neutral = np.where(neutral >= 0, neutral, 0)
        person = 0.5 * torch.randn(len(rows), len(self._people), generator=self.random)
        shape, rest = self._shaken(rows, person), self._shaken(neutral, person)
        units, scale = self.network(shape, rest, known.float())
        asked = self.table.units[torch.from_numpy(rows)]
        return unit_losses(units, scale, asked)

    def _shaken(self, rows: NDArray[np.int64], person: Tensor) -> Tensor:
        """Return shapes given to somebody else in part, with errors as detectors make them."""
        shapes = self.table.shapes[torch.from_numpy(rows)].clone()
        rotation = self.table.rotation[torch.from_numpy(rows)]
        more = torch.einsum("bk,knc->bnc", person, self._people)
        size = 0.012 * torch.rand(len(rows), 1, 1, generator=self.random)
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
