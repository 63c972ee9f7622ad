"""From a `HeadDescription` to the vertices of a plain head: identity, expression, gaze and turn of the head."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from auface.autext.head_description import SLIDERS, HeadDescription, Identity
from auface.facs import ActionUnit, Expression, to_arkit

from .face_pack import ANCESTRIES, FacePack
from .landmark import Landmarks

Points = NDArray[np.float64]
"""(vertices, 3), decimetres; x toward the subject's left, y up, z forward."""

# The base mesh has low brows whose outer half is high, which reads as a frown; its shapes relax it.
NEUTRAL_BROWS = {
    "browDownLeft": -0.25,
    "browDownRight": -0.25,
    "browInnerUpLeft": 0.25,
    "browInnerUpRight": 0.25,
    "browOuterUpLeft": -0.15,
    "browOuterUpRight": -0.15,
}
"""Coefficients that belong to every neutral head."""

GAZE_AT_ONE = 25.0
"""Degrees of gaze at which the eyeLook shapes are full."""

_TURNS = {
    51: ("yaw", 6.0),
    52: ("yaw", -6.0),
    53: ("pitch", 4.0),
    54: ("pitch", -4.0),
    55: ("roll", 5.0),
    56: ("roll", -5.0),
}
_LIDS = {"Left": (386, 374), "Right": (159, 145)}  # landmarks: middle of the upper lid's edge, of the lower one's
_LID_OVERLAP = 0.004  # dm by which a closed lid covers the other
_NECK_FROM, _NECK_TO = 5.3, 6.3  # heights on the base mesh between which the neck bends, dm


class Pose(NamedTuple):
    """Turn of the head in degrees: toward the subject's left, up, toward the left shoulder.

    Attributes:
        yaw: Toward the subject's left.
        pitch: Up.
        roll: Toward the left shoulder.
    """

    yaw: float
    pitch: float
    roll: float


class HeadShape:
    """Poses the heads of one pack.

    Attributes:
        landmarks: Finds MediaPipe's landmarks on them.
    """

    def __init__(self, pack: FacePack) -> None:
        """Prepare the shapes.

        Args:
            pack: The arrays of the head.
        """
        self._pack = pack
        self.landmarks = Landmarks(pack)
        self._place = {str(name): number for number, name in enumerate(pack.shape_names)}
        self._flat = pack.shapes.reshape(len(pack.shapes), -1).astype(np.float64)
        self._bend = _smooth((pack.vertices[:, 1].astype(np.float64) - _NECK_FROM) / (_NECK_TO - _NECK_FROM))

    def neutral(self, identity: Identity) -> Points:
        """Return a person's face at rest, without turn.

        Args:
            identity: Who; the statistical modes and the look's names are not used.
        """
        weights = _identity_weights(identity)
        weights.update({f"arkit/{name}": value for name, value in NEUTRAL_BROWS.items()})
        return self._pack.vertices + self._sum(weights)

    def posed(self, description: HeadDescription) -> tuple[Points, Points, Pose]:
        """Return the neutral face, the face with expression and gaze, and the turn of the head.

        Both faces are in the head's frame; `turned` applies the turn.

        Args:
            description: Who, what and how.
        """
        neutral = self.neutral(description.identity)
        weights = {f"arkit/{name}": value for name, value in coefficients(description).items() if value}
        pose = description.view.pose
        turn = {"yaw": pose.yaw, "pitch": pose.pitch, "roll": pose.roll}
        for unit, (axis, degrees) in _TURNS.items():
            turn[axis] += degrees * description.shown.intensity(unit)
        return neutral, self._with_lids_that_meet(neutral + self._sum(weights), weights), Pose(**turn)

    def turned(self, points: Points, pose: Pose) -> Points:
        """Return points turned about the neck, less and less toward the shoulders.

        Args:
            points: One for each vertex of the pack.
            pose: The turn.
        """
        pivot = self._pack.neck.astype(np.float64)
        return points + self._bend[:, None] * ((points - pivot) @ rotation(pose).T + pivot - points)

    def eye_centers(self, points: Points) -> Points:
        """Return the centers of the left and the right eyeball, (2, 3).

        Args:
            points: One for each vertex of the pack.
        """
        return self._pack.eye_centers.astype(np.float64) @ points

    def _with_lids_that_meet(self, face: Points, weights: dict[str, float]) -> Points:
        """Make a blink close its share of the eye, and a full one all of it: people's eyes open more or less far."""
        points = self.landmarks.of(face)
        for side, (upper, lower) in _LIDS.items():
            name = f"arkit/eyeBlink{side}"
            if blink := weights.get(name, 0.0):
                shape = self._flat[self._place[name]].reshape(-1, 3)
                closing = float(self.landmarks.of(shape)[[lower, upper], 1] @ [1, -1])
                opened = points[upper, 1] - points[lower, 1] + blink * closing
                face = face + blink * (max(0.0, opened + _LID_OVERLAP) / closing - 1) * shape
        return face

    def _sum(self, weights: dict[str, float]) -> Points:
        rows = [self._place[name] for name in weights]
        return (np.array(list(weights.values())) @ self._flat[rows]).reshape(-1, 3)


def coefficients(description: HeadDescription) -> dict[str, float]:
    """Return the coefficients of the pack's ARKit shapes: browInnerUp for each side, gaze in the eyeLook shapes.

    Args:
        description: Whose expression and gaze.
    """
    shown: Expression = description.shown
    found = to_arkit(shown)
    del found["browInnerUp"]
    found["browInnerUpLeft"] = shown.left(ActionUnit.AU1) / 5
    found["browInnerUpRight"] = shown.right(ActionUnit.AU1) / 5
    yaw, pitch = description.view.gaze.yaw / GAZE_AT_ONE, description.view.gaze.pitch / GAZE_AT_ONE
    for name, value in (
        ("eyeLookOutLeft", yaw),
        ("eyeLookInRight", yaw),
        ("eyeLookInLeft", -yaw),
        ("eyeLookOutRight", -yaw),
        *((f"eyeLookUp{side}", pitch) for side in ("Left", "Right")),
        *((f"eyeLookDown{side}", -pitch) for side in ("Left", "Right")),
    ):
        found[name] = min(1.0, found[name] + max(0.0, value))
    for side in ("Left", "Right"):  # a lid that closes covers the eye wherever it looks
        found[f"eyeBlink{side}"] = min(1.0, found[f"eyeBlink{side}"])
        if found[f"eyeBlink{side}"] > 0:
            open_share = 1 - found[f"eyeBlink{side}"]
            for name in (f"eyeWide{side}", f"eyeSquint{side}", f"eyeLookDown{side}", f"eyeLookUp{side}"):
                found[name] *= open_share
    return found


def rotation(pose: Pose) -> NDArray[np.float64]:
    """Return the matrix that turns points of the head, (3, 3).

    Args:
        pose: The turn.
    """
    yaw, pitch, roll = np.radians([pose.yaw, -pose.pitch, -pose.roll])
    about_y = np.array([[np.cos(yaw), 0, np.sin(yaw)], [0, 1, 0], [-np.sin(yaw), 0, np.cos(yaw)]])
    about_x = np.array([[1, 0, 0], [0, np.cos(pitch), -np.sin(pitch)], [0, np.sin(pitch), np.cos(pitch)]])
    about_z = np.array([[np.cos(roll), -np.sin(roll), 0], [np.sin(roll), np.cos(roll), 0], [0, 0, 1]])
    return about_y @ about_x @ about_z


def _identity_weights(identity: Identity) -> dict[str, float]:
    weights: dict[str, float] = {}
    old = min(1.0, max(0.0, (identity.age - 25) / 65))
    build = {
        "minweight": max(-identity.build, 0.0),
        "averageweight": 1 - abs(identity.build),
        "maxweight": max(identity.build, 0.0),
    }
    for sex, of_sex in (("female", 1 - identity.masculinity), ("male", identity.masculinity)):
        for stage, of_stage in (("young", 1 - old), ("old", old)):
            for ancestry, share in zip(ANCESTRIES, identity.ancestry, strict=True):
                weights[f"macro/{ancestry}-{sex}-{stage}"] = of_sex * of_stage * share
            for name, share in build.items():
                weights[f"macro/universal-{sex}-{stage}-averagemuscle-{name}"] = of_sex * of_stage * share
    for slider, value in zip(SLIDERS, identity.sliders, strict=False):
        weights[f"slider/{slider}{'+' if value > 0 else '-'}"] = abs(value)
    return weights


def _smooth(share: NDArray[np.float64]) -> NDArray[np.float64]:
    share = np.clip(share, 0, 1)
    return share * share * (3 - 2 * share)
