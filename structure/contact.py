"""Contact: lips and lids meet, but do not pass through each other, and lips that are pressed together stay shut.

The network learns both nearly always from heads that obey them; these rules are for the rest. Both only close or open a
gap along the margins, continuously in points and intensities, and leave all other landmarks as they are.
"""

from __future__ import annotations

import torch
from torch import Tensor

from auface.facs import ActionUnit

from .action_vector import SIZE, UNITS
from .topology import INNER_LIPS, LEFT_LIDS, RIGHT_LIDS

SEALING = tuple(map(ActionUnit, (8, 24, 34)))
"""Units that press the lips together all along, even where others pull them apart (9, 10, 16, ...)."""

OPENING = tuple(map(ActionUnit, (19, 22, 25, 26, 27, 33, 37)))
"""Units of an open mouth; with them nothing is sealed."""

_SEAMS = ((INNER_LIPS, 0.5), (RIGHT_LIDS, 0.85), (LEFT_LIDS, 0.85))
"""Upper and lower margin, and the share of the way that the upper one goes: the upper lid does most of closing."""

_LIP_ROWS = (
    (1.0, INNER_LIPS[0][1:-1], INNER_LIPS[1][1:-1]),
    (0.7, (183, 42, 41, 38, 12, 268, 271, 272, 407), (96, 89, 179, 86, 15, 316, 403, 319, 325)),
    (0.35, (184, 74, 73, 72, 11, 302, 303, 304, 408), (77, 90, 180, 85, 16, 315, 404, 320, 307)),
)
"""Rows of the red of the lips from the inside outward, and how far each follows the margin, so that lips keep shape."""

_FADE = 0.1
"""Share of full intensity (half a letter) over which a seal sets in, and over which an opening unit breaks it."""

_SLACK = 0.005
"""How much wider than at rest the gap along sealed lips may look, in inter-ocular distances. Landmarks are not the seam
itself; on the heads, sealed lips look up to about this much wider when they are pulled."""


_UPPER, _LOWER = (torch.tensor([at for margins, _ in _SEAMS for at in margins[side][1:-1]]) for side in (0, 1))
_PLACES = [len(upper) - 2 for (upper, _), _ in _SEAMS]
_UPPER_SHARE = torch.tensor([share for (upper, _), share in _SEAMS for _ in upper[1:-1]])
_LIPS = torch.tensor([at for _, *rows in _LIP_ROWS for row in rows for at in row])
_LIP_SHARE = torch.tensor([[way * share / 2] for share, *_ in _LIP_ROWS for way in (-1, 1)])


def gaps(points: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Return how far apart lips, right lids and left lids are, (batch, places) each; negative where they cross.

    Args:
        points: (batch, 478, 3) in the frame of the face; the unit is the inter-ocular distance.
    """
    lips, right, left = _gap(points).split(_PLACES, 1)
    return lips, right, left


def without_crossing(points: Tensor) -> Tensor:
    """Return faces in which margins that had passed through each other meet; all else stays as it is.

    Args:
        points: (batch, 478, 3) in the frame of the face.
    """
    over, share = _gap(points).clamp_max(0), _UPPER_SHARE.to(points)
    return _raised(points, torch.cat([_UPPER, _LOWER]), torch.cat([-share * over, (1 - share) * over], 1))


def seal(actions: Tensor) -> Tensor:
    """Return how firmly a request presses the lips together, (batch,) from 0 to 1.

    Args:
        actions: (batch, 2, SIZE) vectors of `action_vector`.

    Raises:
        ValueError: Another shape.
    """
    if actions.ndim != 3 or actions.shape[1:] != (2, SIZE):
        raise ValueError(f"`actions` has shape {tuple(actions.shape)}; accepted is (batch, 2, {SIZE}).")
    own = actions[..., : len(UNITS)].amax(1)
    pressed, opened = (
        (torch.stack([own[:, UNITS.index(unit)] for unit in units]).amax(0) / _FADE).clamp(0, 1)
        for units in (SEALING, OPENING)
    )
    return pressed * (1 - opened)


def sealed(points: Tensor, neutral: Tensor, firmness: Tensor) -> Tensor:
    """Return faces whose lips, where they are pressed together, do not part; both lips go half of the way.

    Args:
        points: (batch, 478, 3) in the frame of the face.
        neutral: (batch, 478, 3) the people at rest, whose lips are shut.
        firmness: (batch,) of `seal`.
    """
    over = (gaps(points)[0] - gaps(neutral)[0] - _SLACK).clamp_min(0) * firmness.to(points)[:, None]
    return _raised(points, _LIPS, (_LIP_SHARE.to(points) * over[:, None]).flatten(1))


def _gap(points: Tensor) -> Tensor:
    """Return the height of all upper margins above the lower ones, (batch, places)."""
    height = points[..., 1]
    return height.index_select(1, _UPPER.to(points.device)) - height.index_select(1, _LOWER.to(points.device))


def _raised(points: Tensor, landmarks: Tensor, by: Tensor) -> Tensor:
    """Return faces in which landmarks, (N,), are higher by (batch, N)."""
    points = points.clone()
    points[..., 1].index_add_(1, landmarks.to(points.device), by)
    return points
