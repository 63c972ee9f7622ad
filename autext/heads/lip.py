"""`Lips`: the lips obey geometry. They meet without crossing, stay in front of the teeth, and are shut when pressed."""

from __future__ import annotations

import numpy as np

from auface.facs import Expression

from .pack import Floats, HeadPack
from .seam import Seam

CONTACT = 0.0008
"""Gap between lips that are shut, within this of 0, dm."""

PARTING = frozenset({9, 10, 16, 19, 22, 25, 26, 27, 32, 33, 37})
"""Units that can part the lips. Without any of them a mouth is shut, whatever else it does."""

SEALING = frozenset({8, 24, 34})
"""Units that keep the lips shut against units that would part them."""

_OPENING = frozenset({19, 22, 25, 26, 27, 33, 37})  # against these, nothing seals
_ROWS = ((468, 7224), (474, 7229), (520, 7267))  # from the red of the lips inward
_TEETH_CLEARANCE = 0.012  # dm, between teeth and the rows of the lips
_CELL = 0.02  # dm, of the grid that holds the front of the teeth
_LOW, _SHAPE = np.array([-0.36, 6.0]), (36, 56)


def are_shut(expression: Expression) -> bool:
    """Return whether the lips of a face are in contact all along.

    Args:
        expression: What the face shows, resolved.
    """
    units = set(expression.units)
    if units & SEALING and not units & _OPENING:
        return True
    return not units & PARTING


class Lips:
    """The lips of any head.

    Args:
        pack: The head pack.
        samples: Number of positions along the lips at which they are looked at, as for `Seam`.
    """

    def __init__(self, pack: HeadPack, samples: int = 0) -> None:
        self.seam = Seam(pack, _ROWS, span=(-0.93, 0.93), reach_up=0.14, reach_down=0.17, depth=0.12, samples=samples)

    def limit(self, vertices: Floats, *, shut: bool, teeth: Floats) -> None:
        """Make the lips obey geometry, in place.

        Args:
            vertices: (B, 3).
            shut: Whether the lips are in contact.
            teeth: (T, 3) posed vertices of the teeth.
        """
        self._close(vertices, shut=shut)
        for _ in range(3):  # closing again can bring a lip before another tooth
            upper, lower = self.depth_in_teeth(vertices, teeth, clearance=_TEETH_CLEARANCE)
            if not upper.any() and not lower.any():
                return
            self.seam.move(vertices, 2, _widened(upper), _widened(lower))
            self._close(vertices, shut=shut)

    def _close(self, vertices: Floats, *, shut: bool) -> None:
        gap = self.seam.gap(vertices)
        if shut and np.abs(gap).max() <= CONTACT:
            return  # so that a face at rest stays exactly as it is
        wanted = np.zeros_like(gap) if shut else np.maximum(gap, 0)
        self.seam.set_gap(vertices, wanted, upper_share=0.5)

    def depth_in_teeth(self, vertices: Floats, teeth: Floats, clearance: float = 0.0) -> tuple[Floats, Floats]:
        """Return the (S,) depths in dm by which the upper and the lower lip are behind the front of the teeth.

        Args:
            vertices: (B, 3).
            teeth: (T, 3) posed vertices of the teeth.
            clearance: What is added to the front of the teeth, dm.
        """
        front = _front(teeth)
        upper, lower = (
            (_sampled(front, points) + clearance - points[..., 2]).max(0).clip(0)
            for points in self.seam.margins(vertices)
        )
        return upper, lower


def _front(teeth: Floats) -> Floats:
    cell = ((teeth[:, :2] - _LOW) / _CELL).astype(int)
    inside = ((cell >= 0) & (cell < _SHAPE)).all(1)
    front = np.full(_SHAPE, -np.inf, np.float32)
    np.maximum.at(front, (cell[inside, 0], cell[inside, 1]), teeth[inside, 2])
    return front


def _sampled(front: Floats, points: Floats) -> Floats:
    cell = np.clip(((points[..., :2] - _LOW) / _CELL).astype(int), 0, np.array(_SHAPE) - 1)
    return front[cell[..., 0], cell[..., 1]]


def _widened(depth: Floats) -> Floats:
    # Neighbors of a place that is pushed forward are pushed as well, so that the lip stays smooth.
    padded = np.pad(depth, 2, mode="edge")
    highest = np.max([padded[k : k + depth.size] for k in range(5)], axis=0)
    padded = np.pad(highest, 2, mode="edge")
    return np.maximum(np.mean([padded[k : k + depth.size] for k in range(5)], axis=0), depth)
