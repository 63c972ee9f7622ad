"""`Seam`: an upper and a lower margin of skin that meet, as lips and lids do, and how to move them together or apart.

Positions along a seam are numbers from -1 (the corner on the subject's right) to 1 (the corner on the left), the same
on every head, because they are read off the base mesh.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from .pack import Floats, HeadPack, Integers


class Seam:
    """Two margins that meet, each made of several parallel rows of vertices.

    Args:
        pack: The head pack.
        starts: For each row, two neighboring vertices of the ring of edges round the opening.
        span: First and last position that is looked at; the corners beyond never part.
        reach_up: How far above the seam, in dm, skin moves along with the upper margin.
        reach_down: How far below the seam, in dm, skin moves along with the lower margin.
        depth: Skin farther back than this behind the margins, in dm, stays where it is.
        samples: Number of even positions along the seam at which it is looked at; 0 for those of its vertices. Rows
            are straight between vertices, so that margins which do not cross there cross nowhere.

    Attributes:
        positions: (S,) positions of the samples.
        rings: (R, N) vertices of the rows, each a closed ring.
        moved: (M,) vertices that move along with the margins.
    """

    def __init__(
        self,
        pack: HeadPack,
        starts: Sequence[tuple[int, int]],
        *,
        span: tuple[float, float],
        reach_up: float,
        reach_down: float,
        depth: float,
        samples: int = 0,
    ) -> None:
        base = pack.base
        self.rings = np.array([ring_of(pack.skin_quads[0], *start) for start in starts], np.int32)
        halves = [_halves(base, ring) for ring in self.rings]
        across = base[self.rings[0], 0]
        middle, half_width = (across.max() + across.min()) / 2, np.ptp(across) / 2
        if samples:
            self.positions = np.linspace(*span, samples)
        else:
            places = np.unique(np.round((base[self.rings.ravel(), 0] - middle) / half_width, 3))
            self.positions = np.concatenate([[span[0]], places[(places > span[0]) & (places < span[1])], [span[1]]])
        self._upper, self._lower = (
            [_interpolation((base[half[side], 0] - middle) / half_width, half[side], self.positions) for half in halves]
            for side in (0, 1)
        )
        rows_up, rows_down = self._rows(base, 1)
        line = (rows_up.min(0) + rows_down.max(0)) / 2
        front = np.minimum(self._rows(base, 2)[0].max(0), self._rows(base, 2)[1].max(0))
        skin = np.unique(pack.skin_quads[0])
        place = (base[skin, 0] - middle) / half_width
        above = base[skin, 1] - np.interp(place, self.positions, line)
        behind = np.interp(place, self.positions, front) - base[skin, 2]
        taper = _smooth((1.12 - np.abs(place)) / 0.2)
        near = taper * _smooth((depth - behind) / (0.4 * depth))
        up = np.where(above >= 0, near * _smooth(1 - above / reach_up), 0)
        down = np.where(above < 0, near * _smooth(1 + above / reach_down), 0)
        for half in halves:  # the margins follow exactly, whatever side of the line rounding puts them on
            for row, mine, other in ((half[0], up, down), (half[1], down, up)):
                at = np.searchsorted(skin, row)
                mine[at], other[at] = taper[at], 0
        keep = (up + down) > 1e-3
        self.moved = skin[keep].astype(np.int32)
        self._up, self._down = up[keep].astype(np.float32), down[keep].astype(np.float32)
        self._place = place[keep]

    def _rows(self, vertices: Floats, axis: int) -> tuple[Floats, Floats]:
        values = vertices[:, axis]
        upper, lower = (
            np.stack([values[index[:, 0]] * (1 - weight) + values[index[:, 1]] * weight for index, weight in rows])
            for rows in (self._upper, self._lower)
        )
        return upper, lower

    def gap(self, vertices: Floats) -> Floats:
        """Return the (S,) vertical distance between the margins in dm; negative where they pass through each other.

        Args:
            vertices: (B, 3).
        """
        upper, lower = self._rows(vertices, 1)
        return upper.min(0) - lower.max(0)

    def margins(self, vertices: Floats) -> tuple[Floats, Floats]:
        """Return the (R, S, 3) points of the upper and of the lower margin.

        Args:
            vertices: (B, 3).
        """
        rows = [self._rows(vertices, axis) for axis in range(3)]
        return np.stack([row[0] for row in rows], -1), np.stack([row[1] for row in rows], -1)

    def move(self, vertices: Floats, axis: int, upper: Floats, lower: Floats) -> None:
        """Move the margins and, less and less, the skin around them, in place.

        Args:
            vertices: (B, 3).
            axis: 0, 1 or 2 for x, y or z.
            upper: (S,) how far the upper margin moves, dm.
            lower: (S,) how far the lower margin moves, dm.
        """
        up = np.interp(self._place, self.positions, upper)
        down = np.interp(self._place, self.positions, lower)
        vertices[self.moved, axis] += (self._up * up + self._down * down).astype(np.float32)

    def set_gap(self, vertices: Floats, wanted: Floats, *, upper_share: float) -> None:
        """Move the margins so far that the gap is what is wanted, in place.

        Args:
            vertices: (B, 3).
            wanted: (S,) the gap, dm.
            upper_share: The share of the way that the upper margin goes, 0 to 1.
        """
        for _ in range(6):  # rows have their vertices at different places; the first time is nearly right
            missing = wanted - self.gap(vertices)
            if np.abs(missing).max() < 1e-4:
                return
            self.move(vertices, 1, upper_share * missing, (upper_share - 1) * missing)


def ring_of(quads: Integers, first: int, second: int) -> list[int]:
    """Return the closed ring of vertices that an edge belongs to when it is followed straight on.

    Args:
        quads: (F, 4) faces, all vertices of the ring inside of regular grids.
        first: A vertex.
        second: The next one.
    """
    faces: dict[int, set[int]] = defaultdict(set)
    for number, quad in enumerate(quads):
        for vertex in quad:
            faces[int(vertex)].add(number)

    def neighbors(vertex: int) -> set[int]:
        found: set[int] = set()
        for number in faces[vertex]:
            quad = [int(v) for v in quads[number]]
            at = quad.index(vertex)
            found |= {quad[at - 1], quad[(at + 1) % 4]}
        return found

    ring = [first, second]
    while True:  # straight on is the neighbor that shares no face with the edge one comes from
        beside = {int(v) for number in faces[ring[-2]] & faces[ring[-1]] for v in quads[number]}
        [onward] = neighbors(ring[-1]) - beside
        if onward == ring[0]:
            return ring
        ring.append(onward)


def _halves(base: Floats, ring: Integers) -> tuple[Integers, Integers]:
    left, right = int(np.argmax(base[ring, 0])), int(np.argmin(base[ring, 0]))
    a, b = sorted((left, right))
    one, other = ring[a : b + 1], np.concatenate([ring[b:], ring[: a + 1]])
    return (one, other) if base[one, 1].mean() > base[other, 1].mean() else (other, one)


def _interpolation(places: Floats, row: Integers, positions: Floats) -> tuple[Integers, Floats]:
    order = np.argsort(places)
    places, row = places[order], row[order]
    right = np.clip(np.searchsorted(places, positions), 1, len(row) - 1)
    width = np.maximum(places[right] - places[right - 1], 1e-9)
    weight = np.clip((positions - places[right - 1]) / width, 0, 1).astype(np.float32)
    return np.stack([row[right - 1], row[right]], 1), weight


def _smooth(x: Floats) -> Floats:
    x = np.clip(x, 0, 1)
    return x * x * (3 - 2 * x)
