"""The task of the cascade: its eyes and steps go on learning while the trunk, which only places faces, rests.

A crop costs a third of what it costs to teach the whole network, and photographs are kept for a while and learned from
several times, as they are and mirrored.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from auface.recognition.face_network import FaceNetwork

from .batch import FaceBatch
from .face import FaceBatches, FaceTask
from .shape import ShownUnits

KEPT = 40
"""Batches of photographs that are kept."""

USES = 3
"""How often a batch is learned from."""


class Photographs(NamedTuple):
    """Photographs of faces with what the trunk says of them.

    Attributes:
        batch: What is so; its crops are (B, 3, crop, crop) uint8.
        shape: (B, components + 5) first shapes.
    """

    batch: FaceBatch
    shape: Tensor


class CascadeTask(FaceTask):
    """Teaches the cascade of a network whose trunk is trained; see `auface.lora_training.loop.Task`.

    Args:
        network: A network with eyes; its trunk is not changed.
        faces: What it learns from.
        batch: Crops of a step.
        shown: What landmarks that are a little off show, or None to count distances only.
    """

    def __init__(
        self, network: FaceNetwork, faces: FaceBatches, batch: int = 48, shown: ShownUnits | None = None
    ) -> None:
        super().__init__(network, faces, batch, shown)
        if not network.config.eyes:
            raise ValueError("`network` has no eyes of its own; accepted is one of `widened`.")
        network.train(False).requires_grad_(False)
        for part in (network.eyes, network.steps):
            part.train().requires_grad_(True)
        self._kept: list[Photographs] = []
        self._due = 0.0

    def losses(self, step: int) -> dict[str, Tensor]:
        """Return the losses of one batch.

        Args:
            step: Steps done so far.
        """
        self._due += 1 / USES if len(self._kept) >= KEPT else 2.0
        while self._due >= 2:
            self._due -= 2
            self._photograph()
        batch, shape = self._drawn()
        seen = self.network.eyes(batch.crops)
        return self.cascade_losses(self.network.stages(shape, seen.float()), batch)

    def _photograph(self) -> None:
        """Take photographs and keep them, as they are and mirrored."""
        batch = self.faces.next(self.batch)
        for made in (batch, self.faces.next(self.batch)):
            with torch.no_grad():
                shape = self.network.first_shape(self.network.late(self.network.early(made.crops)).float())
            crops = ((made.crops + 1) * 127.5).round().byte()
            self._kept.append(Photographs(made._replace(crops=crops), shape))
        self._kept = self._kept[-KEPT:]

    def _drawn(self) -> Photographs:
        """Return a batch of photographs, from as many kept ones as possible."""
        random = self.faces.random
        which = torch.randint(len(self._kept), (self.batch,), generator=random).tolist()
        fields: dict[str, list[Tensor]] = {name: [] for name in FaceBatch._fields if name != "rows"}
        rows: list[NDArray[np.int64]] = []
        shapes: list[Tensor] = []
        for number in sorted(set(which)):
            batch, shape = self._kept[number]
            seen = torch.nonzero(batch.face > 0.5).flatten()
            place = seen[torch.randperm(len(seen), generator=random)[: which.count(number)]]
            for name, values in fields.items():
                values.append(getattr(batch, name)[place])
            rows.append(batch.rows[place.numpy()])
            shapes.append(shape[place])
        joined = {name: torch.cat(values) for name, values in fields.items()}
        crops = (joined.pop("crops").float() / 127.5 - 1).contiguous(memory_format=torch.channels_last)
        return Photographs(FaceBatch(crops=crops, rows=np.concatenate(rows), **joined), torch.cat(shapes))
