"""`PartShares`: which parts of a face each pixel shows, without a picture for each part.

Nearly all pixels show one part; only at borders, a few in a hundred, there are several.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from .drawing import polygon_share, window
from .surface import FacePart
from .topology import LEFT_IRIS, RIGHT_IRIS

SEVERAL = 255
"""Label of a pixel that shows several parts."""


@dataclass(frozen=True, slots=True, eq=False)
class PartShares:
    """Labels of pixels that show one part, and shares in those that show several.

    Attributes:
        labels: (batch, height, width) uint8 of `FacePart`, or `SEVERAL`.
        pixels: (N,) int64, pixels with several parts, counted by rows through all pictures.
        shares: (len(FacePart), N) float32, share of each part in them; sums to 1.
    """

    labels: Tensor
    pixels: Tensor
    shares: Tensor

    def of(self, *parts: FacePart) -> Tensor:
        """Return the (batch, height, width) share of the pixel that parts have together, 0 to 1.

        Args:
            *parts: Which parts, one or more, each once.
        """
        together, *others = (
            torch.eq(self.labels, int(part), out=torch.empty(self.labels.shape, device=self.labels.device))
            for part in parts
        )
        for other in others:
            together += other
        share = torch.stack([self.shares[part] for part in parts]).sum(0) if others else self.shares[parts[0]]
        together.view(-1).scatter_(0, self.pixels, share)
        return together

    def largest(self) -> Tensor:
        """Return the (batch, height, width) uint8 labels of the parts that cover most of each pixel."""
        labels = self.labels.clone()
        labels.view(-1)[self.pixels] = self.shares.argmax(0).to(torch.uint8)
        return labels

    @classmethod
    def joined(cls, several: Sequence[PartShares]) -> PartShares:
        """Return pictures of one size as one batch.

        Args:
            several: One or more.
        """
        starts = torch.tensor([0, *(each.labels.numel() for each in several)]).cumsum(0).tolist()
        return cls(
            torch.cat([each.labels for each in several]),
            torch.cat([each.pixels + start for each, start in zip(several, starts, strict=False)]),
            torch.cat([each.shares for each in several], 1),
        )


def with_irises(parts: PartShares, pixels: Tensor) -> PartShares:
    """Return the parts after the irises, which are no triangles, were given what they cover of each eye.

    Args:
        parts: Parts without irises.
        pixels: (batch, 478, 2) x and y in pixels.
    """
    labels, mixed, shares = parts.labels.clone(), parts.pixels, parts.shares
    height, width = labels.shape[1:]
    for iris, eye, part in (
        (LEFT_IRIS, FacePart.LEFT_EYE, FacePart.LEFT_IRIS),
        (RIGHT_IRIS, FacePart.RIGHT_EYE, FacePart.RIGHT_IRIS),
    ):
        outline = _outline(pixels[:, iris[0] : iris[-1] + 1])
        top, bottom, left, right = window(outline, height, width)
        picture, row, column = (labels[:, top:bottom, left:right] == eye).nonzero().unbind(1)
        near = (picture * height + row + top) * width + column + left
        labels.view(-1)[near] = SEVERAL
        whole = shares.new_zeros(len(shares), len(near))
        whole[eye] = 1
        mixed, shares = torch.cat([mixed, near]), torch.cat([shares, whole], 1)
        some = shares[eye].nonzero().squeeze(1)
        place, seen = mixed[some], shares[eye, some]
        y = place // width
        covered = polygon_share(outline, y // height, place % width + 0.5, y % height + 0.5)
        shares[part, some], shares[eye, some] = seen * covered, seen * (1 - covered)
    return PartShares(labels, mixed, shares)


def _outline(iris: Tensor) -> Tensor:
    """Return the ellipse of the landmarks of an iris as a polygon, (batch, 16, 2)."""
    center, rim = iris[:, :1], iris[:, 1:] - iris[:, :1]
    angle = torch.arange(16, device=iris.device)[:, None] * (torch.pi / 8)
    across, up = (rim[:, :1] - rim[:, 2:3]) / 2, (rim[:, 1:2] - rim[:, 3:4]) / 2
    return center + angle.cos() * across + angle.sin() * up
