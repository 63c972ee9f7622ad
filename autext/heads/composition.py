"""From an expression to the posed mesh, not by a plain sum: pulls on the same skin saturate, and geometry is obeyed.

1. Every unit displaces the mesh by its shapes, linearly in its intensity, on each side.
2. Soft tissue gives way less and less. Where units together would move a vertex farther than the strongest of them
   alone, the excess is compressed toward a limit a little beyond the farthest that any single unit reaches there. A
   single unit is never changed by this. Jaw and tongue are carried on top.
3. The lids and the lips are put right: see `lid` and `lip`.

The plain sum, which is the common way, is kept as the yardstick.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

import numpy as np

from auface.autext.head_description import Gaze, HeadPose, Identity
from auface.facs import ActionUnit, Expression

from .lid import Lids
from .lip import Lips, are_shut
from .pack import Floats, HeadPack
from .shape import neutral_face
from .unit_shape import ShapeTable

BEYOND = 1.25
"""How far units together can move skin, relative to the farthest that any single unit does."""

GAZE_REACH = (25.0, 18.0)
"""Degrees that the eyes turn sideways and up or down at intensity 5 of units 61 to 64, with what the lids do then."""

HEAD_REACH = (30.0, 20.0, 18.0)
"""Degrees of yaw, pitch and roll at intensity 5 of units 51 to 56."""

_CLOSING = (43, 45, 46)
_SETTLING = 8  # lids, lips and teeth are put right in turn until a face at rest no longer changes
_AU = ActionUnit


class Face:
    """A person's neutral face with what composing needs to know of it. `Composer.face` makes it.

    Attributes:
        identity: The person.
        neutral: (B, 3) the base mesh at rest, in dm, lips shut.
        openings: (S,) the resting opening of the left and of the right eye, dm.
        profiles: Radius of the left and of the right eyeball by angle, dm.
    """

    def __init__(self, identity: Identity, neutral: Floats, lids: Iterable[Lids]) -> None:
        self.identity = identity
        self.neutral = neutral
        self.openings = [lid.seam.gap(neutral) for lid in lids]
        self.profiles = [lid.eye_profile(neutral) for lid in lids]


class Composer:
    """Poses heads.

    Args:
        pack: The head pack.
    """

    def __init__(self, pack: HeadPack) -> None:
        self.pack = pack
        self.table = ShapeTable(pack)
        self.lips = Lips(pack)
        self.lids = (Lids(pack, 0), Lids(pack, 1))
        self.face = lru_cache(maxsize=64)(self._face)

    def _face(self, identity: Identity) -> Face:
        neutral = neutral_face(self.pack, identity)
        face = Face(identity, neutral, self.lids)
        for _ in range(_SETTLING):
            self._limit(face, neutral, [None, None], [(0.0, 0.0), (0.0, 0.0)], shut=True)
        return face

    def _limit(
        self,
        face: Face,
        vertices: Floats,
        wanted: list[Floats | None],
        looks: list[tuple[float, float]],
        *,
        shut: bool,
    ) -> None:
        for side, lids in enumerate(self.lids):
            lids.limit(vertices, wanted[side], face.openings[side], face.profiles[side], direction(*looks[side]))
        teeth = self.pack.part("teeth", face.identity.look.teeth).fitted(vertices)
        self.lips.limit(vertices, shut=shut, teeth=teeth)

    def composed(self, face: Face, expression: Expression, gaze: Gaze | None = None) -> Floats:
        """Return the (B, 3) posed mesh in dm, head straight.

        Args:
            face: The person.
            expression: What the face shows, resolved.
            gaze: Where the eyes look before units 61 to 66; the lids follow.
        """
        looks = eye_directions(expression, gaze or Gaze())
        closing = Expression(tuple(a for a in expression if a.unit in _CLOSING))
        vertices = face.neutral.copy()
        index = self.table.index
        open_eyes = expression.removed(_CLOSING)
        vertices[index] += self._saturated(open_eyes) + self._jaw(expression) + self._lids(looks)
        wanted: list[Floats | None] = []
        for side, lids in enumerate(self.lids):
            closed = max((a[1 + side] for a in closing), default=0.0) / 5
            opening = np.maximum(lids.seam.gap(vertices), 0)
            wanted.append(opening * np.float32(1 - closed) if closed else None)
        if closing:
            vertices[index] += self._saturated(closing)
        self._limit(face, vertices, wanted, looks, shut=are_shut(expression))
        return vertices

    def plain_sum(self, face: Face, expression: Expression, gaze: Gaze | None = None) -> Floats:
        """Return the (B, 3) mesh in dm when the displacements of all units are simply added, as is common.

        Args:
            face: The person.
            expression: The expression, as asked for.
            gaze: Where the eyes look before units 61 to 66.
        """
        vertices = face.neutral.copy()
        moved = self._jaw(expression) + self._lids(eye_directions(expression, gaze or Gaze()))
        for _, displacement in self._soft(expression):
            moved = moved + displacement
        vertices[self.table.index] += moved
        return vertices

    def _soft(self, expression: Expression) -> Iterable[tuple[ActionUnit, Floats]]:
        for unit, left, right in expression:
            parts = [
                np.float32(value / 5) * self.table.soft[int(unit), side]
                for side, value in enumerate((left, right))
                if value and (int(unit), side) in self.table.soft
            ]
            if parts:
                yield unit, sum(parts[1:], parts[0])

    def _saturated(self, expression: Expression) -> Floats:
        moved = [displacement for _, displacement in self._soft(expression)]
        if not moved:
            return np.zeros((len(self.table.index), 3), np.float32)
        total = np.sum(moved, axis=0)
        if len(moved) == 1:
            return total
        strongest = np.sqrt(np.max([np.einsum("ak,ak->a", d, d) for d in moved], axis=0))[:, None]
        length = np.linalg.norm(total, axis=1, keepdims=True)
        room = np.maximum(BEYOND * self.table.reach - strongest, 1e-6)
        limited = strongest + room * (1 - np.exp(-np.maximum(length - strongest, 0) / room))
        return total * np.where(length > strongest, limited / np.maximum(length, 1e-9), 1)

    def _jaw(self, expression: Expression) -> Floats:
        moved = np.zeros((len(self.table.index), 3), np.float32)
        for unit, left, right in expression:
            for side, value in enumerate((left, right)):
                if value and (int(unit), side) in self.table.jaw:
                    moved += np.float32(value / 5) * self.table.jaw[int(unit), side]
        return moved

    def _lids(self, looks: list[tuple[float, float]]) -> Floats:
        yaw, pitch = np.mean(looks, axis=0) / GAZE_REACH
        moved = np.zeros((len(self.table.index), 3), np.float32)
        for name, amount in (("left", yaw), ("right", -yaw), ("up", pitch), ("down", -pitch)):
            if amount > 0:
                moved += np.float32(min(amount, 1.2)) * self.table.gaze[name]
        return moved


def eye_directions(expression: Expression, gaze: Gaze) -> list[tuple[float, float]]:
    """Return yaw and pitch, in degrees, of the left and of the right eye relative to the head.

    Args:
        expression: Its units 61 to 66 turn the eyes.
        gaze: Where the eyes look without them.
    """
    reach_yaw, reach_pitch = GAZE_REACH
    value = {unit: expression.intensity(unit) / 5 for unit in (61, 62, 63, 64, 65, 66)}
    yaw = gaze.yaw + reach_yaw * (value[61] - value[62])
    pitch = gaze.pitch + reach_pitch * (value[63] - value[64])
    apart = 18.0 * (value[65] - value[66])
    limited = [float(np.clip(yaw + sign * apart, -38, 38)) for sign in (1, -1)]
    return [(turn, float(np.clip(pitch, -28, 28))) for turn in limited]


def head_turn(expression: Expression, pose: HeadPose) -> tuple[float, float, float]:
    """Return yaw, pitch and roll of the head in degrees.

    Args:
        expression: Its units 51 to 56 turn the head.
        pose: How the head is turned without them.
    """
    value = {unit: expression.intensity(unit) / 5 for unit in (51, 52, 53, 54, 55, 56)}
    yaw, pitch, roll = HEAD_REACH
    return (
        pose.yaw + yaw * (value[51] - value[52]),
        pose.pitch + pitch * (value[53] - value[54]),
        pose.roll + roll * (value[55] - value[56]),
    )


def rotation(yaw: float, pitch: float, roll: float) -> Floats:
    """Return the 3 x 3 matrix of a turn of the head or of an eye.

    Args:
        yaw: Degrees toward the subject's left.
        pitch: Degrees up.
        roll: Degrees toward the left shoulder.
    """
    y, p, r = np.radians([yaw, -pitch, -roll])
    about_y = np.array([[np.cos(y), 0, np.sin(y)], [0, 1, 0], [-np.sin(y), 0, np.cos(y)]])
    about_x = np.array([[1, 0, 0], [0, np.cos(p), -np.sin(p)], [0, np.sin(p), np.cos(p)]])
    about_z = np.array([[np.cos(r), -np.sin(r), 0], [np.sin(r), np.cos(r), 0], [0, 0, 1]])
    return (about_y @ about_x @ about_z).astype(np.float32)


def direction(yaw: float, pitch: float) -> Floats:
    """Return the (3,) unit vector of a gaze in the head's frame.

    Args:
        yaw: Degrees toward the subject's left.
        pitch: Degrees up.
    """
    return rotation(yaw, pitch, 0)[:, 2]
