"""Skin folds that the mesh is too coarse for: a map of slopes and shade over the face, driven by the units.

The map lies on a cylinder round the head: `across` is the arc from the midline, in dm, toward the subject's left, and
`up` the height in the base mesh, in dm. Lines are placed by the landmarks of the base mesh, so that they fit every
head. Which fold goes with which unit follows the appearance changes that the FACS manual (2002) describes.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from auface.facs import Expression

from .pack import Floats, HeadPack

SIZE = 320
"""Height and width of the map."""

LOWEST, SPAN, REACH = 6.05, 1.85, 1.0
"""Lowest height of the map and its height; how far it goes to each side, all in dm."""

_RADIUS, _AXIS = 0.75, 0.75  # of the cylinder, and how far forward its axis stands, dm
_SLOPE = 60.0  # how steep the deepest fold is, before it is scaled to a byte

# fold -> units with the share of their intensity that shows in it
DRIVERS: dict[str, dict[int, float]] = {
    "forehead middle": {1: 1.0, 2: 0.25},
    "forehead side": {2: 1.0, 1: 0.15},
    "frown": {4: 1.0, 9: 0.35},
    "crow's feet": {6: 1.0, 12: 0.2, 46: 0.4},
    "under eye": {6: 0.7, 7: 0.6, 9: 0.3},
    "nose": {9: 1.0, 10: 0.1},
    "nasolabial": {11: 1.0, 12: 0.9, 10: 0.75, 9: 0.6, 13: 0.7, 6: 0.2, 20: 0.2, 27: 0.2},
    "dimple": {14: 1.0, 12: 0.3, 20: 0.3, 24: 0.15},
    "corner": {15: 1.0, 20: 0.35, 17: 0.15},
    "chin": {17: 1.0, 15: 0.2, 24: 0.2},
    "lips": {18: 0.6, 23: 0.4, 24: 0.15, 28: 0.2},
}
"""What drives each fold."""

# fold -> depth at rest of a face of 80 years
_RESTING = {
    "forehead middle": 0.25,
    "forehead side": 0.2,
    "frown": 0.08,
    "crow's feet": 0.4,
    "under eye": 0.4,
    "nasolabial": 0.4,
    "corner": 0.2,
    "lips": 0.2,
}


def face_coordinates(points: Floats) -> Floats:
    """Return the (N, 2) coordinates on the map, 0 to 1 inside of it, of points of the base mesh.

    Args:
        points: (N, 3), dm.
    """
    across = _RADIUS * np.arctan2(points[:, 0], points[:, 2] - _AXIS)
    return np.stack([0.5 + across / (2 * REACH), (points[:, 1] - LOWEST) / SPAN], 1).astype(np.float32)


class WrinkleMap:
    """Draws the map of an expression.

    Args:
        pack: The head pack.
    """

    def __init__(self, pack: HeadPack) -> None:
        index, weight = pack.landmark_points["skin_index"].astype(int), pack.landmark_points["skin_weight"]
        points = (pack.base[index] * weight[..., None]).sum(1)
        place = np.stack([_RADIUS * np.arctan2(points[:, 0], points[:, 2] - _AXIS), points[:, 1]], 1)
        across, up = np.meshgrid(np.linspace(-REACH, REACH, SIZE), LOWEST + SPAN * np.linspace(0, 1, SIZE))
        left = (0.5 + 0.5 * np.tanh(across / 0.03)).astype(np.float32)
        self.names = tuple(DRIVERS)
        layers: list[tuple[tuple[slice, slice], Floats]] = []
        for name in self.names:
            height = _FOLDS[name](np.abs(across), up, place)
            slope_up, slope_across = np.gradient(height, SPAN / SIZE, 2 * REACH / SIZE)
            shade = np.clip(-height, 0, None)
            layer = np.stack([slope_across / _SLOPE, slope_up / _SLOPE, shade], -1).astype(np.float32)
            for half in (left, 1 - left):
                whole = layer * half[..., None]
                rows, columns = (np.flatnonzero(np.abs(whole).max((axis, 2)) > 0.002) for axis in (1, 0))
                place_of = slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
                layers.append((place_of, whole[place_of]))
        self._layers = layers

    def depths(self, expression: Expression, age: float) -> Floats:
        """Return the (folds, 2) depths of the folds on the left and on the right; 1 is a deep fold.

        Args:
            expression: What the face shows.
            age: Years.
        """
        lasting = np.clip((age - 35) / 45, 0, 1)
        depths = np.zeros((len(self.names), 2))
        for row, name in enumerate(self.names):
            drivers = DRIVERS[name]
            for _, left, right in ((u, lt * drivers[u], rt * drivers[u]) for u, lt, rt in expression if u in drivers):
                depths[row] = np.hypot(depths[row], np.array([left, right]) / 5)  # folds deepen, they do not add up
            depths[row] = np.minimum(depths[row], 1.15) * (0.75 + 0.5 * lasting) + lasting * _RESTING.get(name, 0)
        return depths.astype(np.float32)

    def drawn(self, expression: Expression, age: float) -> Floats:
        """Return the (SIZE, SIZE, 3) map, chin first: slope toward the left and upward (-1 to 1), shade (0 to 1).

        Args:
            expression: What the face shows.
            age: Years.
        """
        depths = self.depths(expression, age).ravel()
        deep = np.flatnonzero(depths > 0.01)
        drawn = np.zeros((SIZE, SIZE, 3), np.float32)
        for number in deep:
            where, layer = self._layers[number]
            drawn[where] += depths[number] * layer
        return drawn


def _line(across: Floats, up: Floats, points: list[tuple[float, float]], width: float, depth: float = 1.0) -> Floats:
    """A crease along a curve, with soft ridges beside it, that fades out toward its ends."""
    curve = np.array(points, float)
    way = np.linspace(0, 1, 120)
    if len(curve) > 2:  # a parabola through three points
        a, b, c = curve[0], curve[len(curve) // 2], curve[-1]
        control = 2 * b - (a + c) / 2
        curve = (1 - way)[:, None] ** 2 * a + 2 * ((1 - way) * way)[:, None] * control + way[:, None] ** 2 * c
    else:
        curve = (1 - way)[:, None] * curve[0] + way[:, None] * curve[1]
    best = np.full(across.shape, np.inf)
    fade = np.zeros(across.shape)
    strength = np.minimum(1, 4 * way * (1 - way) * 1.6)
    for (x, y), s in zip(curve, strength, strict=True):
        distance = (across - x) ** 2 + (up - y) ** 2
        nearer = distance < best
        best[nearer], fade[nearer] = distance[nearer], s
    return depth * fade * (0.28 * np.exp(-best / (2.6 * width) ** 2) - np.exp(-best / width**2))


def _lines(across: Floats, up: Floats, lines: Iterator[tuple[list[tuple[float, float]], float, float]]) -> Floats:
    return np.sum([_line(across, up, points, width, depth) for points, width, depth in lines], axis=0)


def _forehead_middle(across: Floats, up: Floats, place: Floats) -> Floats:
    brow = place[9, 1]
    heights = [(brow + 0.075 + 0.062 * k, 0.8 - 0.12 * k) for k in range(4)]
    return _lines(across, up, (([(-0.3, y + 0.0), (0.0, y - 0.012), (0.3, y)], 0.011, depth) for y, depth in heights))


def _forehead_side(across: Floats, up: Floats, place: Floats) -> Floats:
    x, y = abs(place[334, 0]), place[334, 1]
    return _lines(
        across,
        up,
        (
            (
                [(x - 0.17, y + 0.06 + 0.055 * k), (x + 0.02, y + 0.085 + 0.055 * k), (x + 0.2, y + 0.02 + 0.05 * k)],
                0.011,
                d,
            )
            for k, d in enumerate((0.8, 0.7, 0.45))
        ),
    )


def _frown(across: Floats, up: Floats, place: Floats) -> Floats:
    y = place[9, 1]
    return _line(across, up, [(0.05, y - 0.09), (0.062, y), (0.085, y + 0.085)], 0.014, 1.0) + _line(
        across, up, [(0.0, place[168, 1]), (0.06, place[168, 1] + 0.012)], 0.012, 0.5
    )


def _crows_feet(across: Floats, up: Floats, place: Floats) -> Floats:
    x, y = abs(place[263])
    rays = [(-42, 0.6), (-20, 0.9), (2, 1.0), (24, 0.8)]
    return _lines(
        across,
        up,
        (
            (
                [
                    (x + 0.045 * np.cos(np.radians(t)), y + 0.055 * np.sin(np.radians(t))),
                    (x + 0.115 * np.cos(np.radians(t)), y + 0.12 * np.sin(np.radians(t)) - 0.006),
                    (x + 0.185 * np.cos(np.radians(t)), y + 0.19 * np.sin(np.radians(t)) - 0.02),
                ],
                0.009,
                depth,
            )
            for t, depth in rays
        ),
    )


def _under_eye(across: Floats, up: Floats, place: Floats) -> Floats:
    inner, outer, y = abs(place[362, 0]), abs(place[263, 0]), place[374, 1]
    middle = (inner + outer) / 2
    return _line(
        across, up, [(inner + 0.02, y - 0.015), (middle, y - 0.065), (outer + 0.02, y - 0.015)], 0.012, 0.8
    ) + _line(across, up, [(inner + 0.03, y - 0.06), (middle - 0.02, y - 0.11), (outer - 0.08, y - 0.12)], 0.013, 0.4)


def _nose(across: Floats, up: Floats, place: Floats) -> Floats:
    root = place[168, 1]
    across_root = [([(0.0, y), (0.04, y + 0.004), (0.085, y + 0.025)], 0.010, 0.9) for y in (root - 0.05, root - 0.1)]
    beside = [
        ([(0.07 + d, root - 0.12), (0.095 + d, root - 0.18), (0.14 + d, root - 0.21)], 0.010, 0.9) for d in (0, 0.045)
    ]
    return _lines(across, up, iter([*across_root, *beside]))


def _nasolabial(across: Floats, up: Floats, place: Floats) -> Floats:
    wing, corner = place[358], place[291]
    x, y = abs(wing[0]) + 0.015, wing[1] + 0.035
    return _line(across, up, [(x, y), ((x + abs(corner[0]) + 0.12) / 2 + 0.02, (y + corner[1]) / 2 + 0.01),
                              (abs(corner[0]) + 0.1, corner[1] - 0.02)], 0.018, 1.0)  # fmt: skip


def _dimple(across: Floats, up: Floats, place: Floats) -> Floats:
    x, y = abs(place[291, 0]), place[291, 1]
    return _line(across, up, [(x + 0.05, y + 0.05), (x + 0.075, y), (x + 0.05, y - 0.05)], 0.014, 1.0)


def _corner(across: Floats, up: Floats, place: Floats) -> Floats:
    x, y = abs(place[291, 0]), place[291, 1]
    return _line(across, up, [(x + 0.015, y - 0.005), (x + 0.045, y - 0.06), (x + 0.035, y - 0.15)], 0.014, 0.9)


def _chin(across: Floats, up: Floats, place: Floats) -> Floats:
    low, high = place[152, 1] + 0.03, place[17, 1] - 0.05
    rng = np.random.default_rng(17)
    height = np.zeros(across.shape)
    for x, y, radius, depth in zip(
        rng.uniform(0, 0.14, 16), rng.uniform(low, high, 16), rng.uniform(0.016, 0.028, 16), rng.uniform(0.2, 0.5, 16),
        strict=True,
    ):  # fmt: skip
        height -= depth * np.exp(-((across - x) ** 2 + (up - y) ** 2) / radius**2)
    return height + _line(across, up, [(-0.14, high + 0.0), (0.0, high + 0.035), (0.14, high)], 0.018, 0.8)


def _lips(across: Floats, up: Floats, place: Floats) -> Floats:
    top, bottom = place[0, 1], place[17, 1]
    above = [
        ([(x, top - 0.035 - 0.3 * x * x), (x * 1.12, top + 0.05 - 0.3 * x * x)], 0.008, 0.6)
        for x in (0.035, 0.075, 0.115, 0.16)
    ]
    below = [
        ([(x, bottom + 0.04 + 0.3 * x * x), (x * 1.1, bottom - 0.03 + 0.3 * x * x)], 0.008, 0.5)
        for x in (0.02, 0.06, 0.1, 0.145)
    ]
    return _lines(across, up, iter([*above, *below]))


_FOLDS = {
    "forehead middle": _forehead_middle,
    "forehead side": _forehead_side,
    "frown": _frown,
    "crow's feet": _crows_feet,
    "under eye": _under_eye,
    "nose": _nose,
    "nasolabial": _nasolabial,
    "dimple": _dimple,
    "corner": _corner,
    "chin": _chin,
    "lips": _lips,
}
