"""Faces as two halves, both seen from the left: the right half is mirrored. So one network serves both."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from .topology import topology


class HalfFaces(nn.Module):
    """Takes faces apart into regions of halves, and puts them together again.

    Attributes:
        supports: For each region, the landmarks of the left half that belong to it, if only a little.
    """

    mirror: Tensor
    _support: Tensor
    _share: Tensor
    _sign: Tensor

    def __init__(self) -> None:
        super().__init__()
        shared = topology()
        self.register_buffer("mirror", torch.from_numpy(shared.mirror), persistent=False)
        self.register_buffer("_sign", torch.tensor([-1.0, 1.0, 1.0]), persistent=False)
        share = torch.from_numpy(shared.region)
        self.supports: list[Tensor] = [(row > 0).nonzero().squeeze(1) for row in share]
        self.register_buffer("_support", torch.cat(self.supports), persistent=False)
        self.register_buffer("_share", share[share > 0][:, None], persistent=False)

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
        return points[..., self.mirror, :] * self._sign

    def regions(self, halves: Tensor) -> tuple[Tensor, ...]:
        """Return the landmarks of each of `REGIONS`, (batch, 2, support, 3).

        Args:
            halves: (batch, 2, 478, 3).
        """
        return halves.index_select(-2, self._support).split([len(support) for support in self.supports], -2)

    def together(self, regions: Sequence[Tensor]) -> Tensor:
        """Return faces from the regions of both halves; where regions overlap they are mixed by share.

        Args:
            regions: (batch, 2, support, 3) each, in the order of `REGIONS`.

        Returns:
            (batch, 478, 3).
        """
        values = torch.cat(list(regions), 2) * self._share
        halves = values.new_zeros(values.shape[0], 2, self.mirror.shape[0], 3).index_add_(2, self._support, values)
        return halves[:, 0] + self.mirrored(halves[:, 1])
