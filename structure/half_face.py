"""Faces as two halves, both seen from the left: the right half is mirrored. So one network serves both."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from .topology import REGIONS, topology


class HalfFaces(nn.Module):
    """Takes faces apart into regions of halves, and puts them together again.

    Attributes:
        supports: For each region, the landmarks of the left half that belong to it, if only a little.
    """

    mirror: Tensor

    def __init__(self) -> None:
        super().__init__()
        shared = topology()
        self.register_buffer("mirror", torch.from_numpy(shared.mirror), persistent=False)
        self.register_buffer("_sign", torch.tensor([-1.0, 1.0, 1.0]), persistent=False)
        share = torch.from_numpy(shared.region)
        self.supports: list[Tensor] = [(row > 0).nonzero().squeeze(1) for row in share]
        for name, support, row in zip(REGIONS, self.supports, share, strict=True):
            self.register_buffer(f"_support_{name}", support, persistent=False)
            self.register_buffer(f"_share_{name}", row[support][:, None], persistent=False)

    def apart(self, points: Tensor) -> Tensor:
        """Return both halves of faces, each as a face of which the left half matters.

        Args:
            points: (batch, 478, 3) positions or displacements.

        Returns:
            (batch, 2, 478, 3): as given, and the mirror image.
        """
        return torch.stack([points, self.mirrored(points)], 1)

    def mirrored(self, points: Tensor) -> Tensor:
        """Return the mirror image.

        Args:
            points: (..., 478, 3).
        """
        return points[..., self.mirror, :] * self.get_buffer("_sign")

    def region(self, halves: Tensor, name: str) -> Tensor:
        """Return the landmarks of one region, (batch, 2, support, 3).

        Args:
            halves: (batch, 2, 478, 3).
            name: One of `REGIONS`.
        """
        return halves[..., self.get_buffer(f"_support_{name}"), :]

    def together(self, regions: dict[str, Tensor]) -> Tensor:
        """Return faces from the regions of both halves; where regions overlap they are mixed by share.

        Args:
            regions: Name -> (batch, 2, support, 3).

        Returns:
            (batch, 478, 3).
        """
        first = next(iter(regions.values()))
        halves = first.new_zeros(first.shape[0], 2, self.mirror.shape[0], 3)
        for name, values in regions.items():
            halves.index_add_(2, self.get_buffer(f"_support_{name}"), values * self.get_buffer(f"_share_{name}"))
        return halves[:, 0] + self.mirrored(halves[:, 1])
