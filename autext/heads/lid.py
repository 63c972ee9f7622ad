"""`Lids`: the eyelids of one eye obey geometry. They meet without crossing, and stay outside of the eyeball."""

from __future__ import annotations

import numpy as np

from .pack import Floats, HeadPack
from .seam import Seam

NARROWEST = 0.1
"""Share of the resting opening that is left of an eye that is not closed, however it squints."""

_ROWS = ((6785, 6784), (13352, 13353), (7748, 7747))  # of the left eye: rows of the margin, from the outside inward
_TOWARD_NOSE, _TOWARD_EAR = 0.74, 0.9  # where lids end; beyond is the caruncle
_CLEARANCE = (0.002, 0.012)  # dm, between eyeball and skin
_APART = 0.002  # dm, between the margins of an eye that is not closed
_UPPER_SHARE = 0.85  # the upper lid does most of closing an eye
_ANGLES = np.radians(np.arange(0, 181, 4))


class Lids:
    """The lids of one eye.

    Args:
        pack: The head pack.
        side: 0 for the subject's left eye, 1 for the right.
        samples: Number of positions along the lids at which they are looked at.
    """

    def __init__(self, pack: HeadPack, side: int, samples: int = 33) -> None:
        self._pack = pack
        self._joint = ("eye.L", "eye.R")[side]
        rows = [tuple(_mirrored(pack, vertex) if side else vertex for vertex in row) for row in _ROWS]
        self.seam = Seam(
            pack,
            [(first, second) for first, second in rows],
            span=(-_TOWARD_EAR, _TOWARD_NOSE) if side else (-_TOWARD_NOSE, _TOWARD_EAR),
            reach_up=0.09,
            reach_down=0.09,
            depth=0.06,
            samples=samples,
        )
        self._eye = pack.part("eyes", "high-poly")
        on_side = self._eye.fitted(pack.base)[:, 0] * (1 - 2 * side) > 0
        self._eye_vertices = np.flatnonzero(on_side)
        self._profile = self.eye_profile(pack.base)
        distance, angle = _polar(pack.base[self.seam.moved] - self.center(pack.base), np.array([0, 0, 1]))
        clearance = distance - np.interp(angle, _ANGLES, self._profile)
        outside = clearance > -0.008
        self._guarded = self.seam.moved[outside & (clearance < 0.08)]
        self._clearance = np.clip(clearance[outside & (clearance < 0.08)], *_CLEARANCE)

    def center(self, vertices: Floats) -> Floats:
        """Return the (3,) center of the eyeball, dm.

        Args:
            vertices: (B, 3).
        """
        return self._pack.joint(vertices, self._joint)

    def eye_profile(self, vertices: Floats) -> Floats:
        """Return the radius of the eyeball, cornea included, in dm, at angles from its axis of 0 to 180 degrees.

        Args:
            vertices: (B, 3).
        """
        points = self._eye.fitted(vertices)[self._eye_vertices] - self.center(vertices)
        distance, angle = _polar(points, np.array([0, 0, 1]))
        bins = np.clip(np.round(angle / _ANGLES[1]).astype(int), 0, len(_ANGLES) - 1)
        radius = np.zeros(len(_ANGLES), np.float32)
        np.maximum.at(radius, bins, distance)
        known = radius > 0
        return np.interp(_ANGLES, _ANGLES[known], radius[known])

    def limit(self, vertices: Floats, wanted: Floats | None, resting: Floats, profile: Floats, axis: Floats) -> None:
        """Make the lids obey geometry, in place.

        Args:
            vertices: (B, 3).
            wanted: (S,) the opening of an eye that is being closed, dm; None where the eye is open.
            resting: (S,) the opening of the neutral face, dm.
            profile: What `eye_profile` returned for this person.
            axis: (3,) unit vector where the eye looks, in the head's frame.
        """
        if wanted is None:
            wanted = np.maximum(self.seam.gap(vertices), NARROWEST * np.maximum(resting, 0) + _APART)
        self.seam.set_gap(vertices, wanted, upper_share=_UPPER_SHARE)
        center = self.center(vertices)
        offset = vertices[self._guarded] - center
        distance, angle = _polar(offset, axis)
        missing = np.interp(angle, _ANGLES, profile) + self._clearance - distance
        missing = np.maximum(missing, 0)[:, None]
        vertices[self._guarded] += (offset / distance[:, None] * missing).astype(np.float32)
        self.seam.set_gap(vertices, np.maximum(self.seam.gap(vertices), 0), upper_share=_UPPER_SHARE)
        if not wanted.any():
            self.seam.set_gap(vertices, wanted, upper_share=_UPPER_SHARE)

    def depth_in_eye(self, vertices: Floats, profile: Floats, axis: Floats) -> float:
        """Return how deep the margins of the lids are inside of the eyeball, in dm; 0 where they are outside.

        Args:
            vertices: (B, 3).
            profile: What `eye_profile` returned for this person.
            axis: (3,) unit vector where the eye looks, in the head's frame.
        """
        points = vertices[self.seam.rings[0]] - self.center(vertices)
        distance, angle = _polar(points, axis)
        return float(np.max(np.interp(angle, _ANGLES, profile) - distance).clip(0))


def _polar(offset: Floats, axis: Floats) -> tuple[Floats, Floats]:
    distance = np.linalg.norm(offset, axis=1)
    return distance, np.arccos(np.clip(offset @ axis / distance, -1, 1))


def _mirrored(pack: HeadPack, vertex: int) -> int:
    return int(np.abs(pack.base - pack.base[vertex] * [-1, 1, 1]).sum(1).argmin())
