"""`without_crossing`: lips and lids meet, but do not pass through each other."""

from __future__ import annotations

from torch import Tensor

from .topology import INNER_LIPS, LEFT_LIDS, RIGHT_LIDS

_SEAMS = ((INNER_LIPS, 0.5), (RIGHT_LIDS, 0.85), (LEFT_LIDS, 0.85))
"""Upper and lower margin, and the share of the way that the upper one goes: the upper lid does most of closing."""


def gaps(points: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Return how far apart lips, right lids and left lids are, (batch, places) each; negative where they cross.

    Args:
        points: (batch, 478, 3) in the frame of the face; the unit is the inter-ocular distance.
    """
    lips, right, left = (
        points[:, list(upper[1:-1]), 1] - points[:, list(lower[1:-1]), 1] for (upper, lower), _ in _SEAMS
    )
    return lips, right, left


def without_crossing(points: Tensor) -> Tensor:
    """Return faces in which margins that had passed through each other meet; all else stays as it is.

    Args:
        points: (batch, 478, 3) in the frame of the face.
    """
    points = points.clone()
    for ((upper, lower), share), gap in zip(_SEAMS, gaps(points), strict=True):
        over = gap.clamp_max(0)
        points[:, list(upper[1:-1]), 1] -= share * over
        points[:, list(lower[1:-1]), 1] += (1 - share) * over
    return points
