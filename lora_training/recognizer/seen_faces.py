"""`SeenFaces`: many photographed faces as the cascade meets them: what its eyes see, and the shapes so far."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from auface.recognition.face_network import FaceNetwork
from auface.recognition.folding import folded

from .batch import FaceBatch
from .face import FaceBatches

_PHOTOGRAPHED = 48  # at once
_LOOKED_AT = 512
_KEPT = ("points", "units", "emotions", "face", "moved", "flip")


class SeenFaces:
    """Faces with what is so.

    Attributes:
        eyes: (N, channels, H, W) float16 what the eyes see of each; on disk.
        batch: What is so; its crops are empty.
        shape: (N, components + 5) the shapes so far.

    Args:
        eyes: As above.
        batch: As above.
        shape: As above.
    """

    def __init__(self, eyes: NDArray[np.float16], batch: FaceBatch, shape: Tensor) -> None:
        self.eyes, self.batch, self.shape = eyes, batch, shape

    def __len__(self) -> int:
        return len(self.shape)

    @classmethod
    @torch.no_grad()
    def photographed(cls, network: FaceNetwork, faces: FaceBatches, count: int, path: Path) -> SeenFaces:
        """Photograph faces and look at them.

        Args:
            network: Its trunk and eyes look.
            faces: Whose.
            count: How many; photographs without a face are not counted.
            path: A .npy file that is written, of 2 kB for each channel and face at crops of 128.

        Raises:
            OSError: The disk has no room for that file.
        """
        ready = folded(network)
        channels, side = network.config.widths[1], network.config.crop // 4
        path.parent.mkdir(parents=True, exist_ok=True)
        needed, free = 2 * count * channels * side**2, shutil.disk_usage(path.parent).free
        if free < needed:  # to write beyond the end of a disk through a memory map kills the process
            raise OSError(
                f"{path.parent} has {free / 1e9:.1f} GB free; {count} photographs need {needed / 1e9:.1f} GB."
            )
        eyes = np.lib.format.open_memmap(path, "w+", np.float16, (count, channels, side, side))
        batches, shapes, done = list[FaceBatch](), list[Tensor](), 0
        while done < count:
            made = faces.fresh(min(_PHOTOGRAPHED, len(faces.rows)))
            there = torch.nonzero(made.face > 0.5).flatten()[: count - done]
            shape, seen = ready.looked(made.crops[there])
            eyes[done : done + len(there)] = seen.half().numpy()
            empty = torch.empty(len(there), 3, 0, network.config.crop)
            fields = {name: getattr(made, name)[there] for name in _KEPT}
            batches.append(FaceBatch(crops=empty, rows=made.rows[there.numpy()], **fields))
            shapes.append(shape)
            done += len(there)
        together = {name: torch.cat([getattr(one, name) for one in batches]) for name in ("crops", *_KEPT)}
        rows = np.concatenate([one.rows for one in batches])
        return cls(eyes, FaceBatch(rows=rows, **together), torch.cat(shapes))

    def parts(self) -> Iterator[tuple[slice, Tensor]]:
        """Give which faces, and (n, channels, H, W) what the eyes see of them."""
        for start in range(0, len(self), _LOOKED_AT):
            part = slice(start, min(start + _LOOKED_AT, len(self)))
            yield part, torch.from_numpy(np.array(self.eyes[part])).float()

    def some(self, index: Tensor) -> FaceBatch:
        """Return what is so of some faces.

        Args:
            index: (n,) which.
        """
        fields = {name: getattr(self.batch, name)[index] for name in ("crops", *_KEPT)}
        return FaceBatch(rows=self.batch.rows[index.numpy()], **fields)
