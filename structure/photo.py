"""`fit_photo`: the neutral face, the expression and the pose of a person, from the landmarks of one photo."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from auface.facs import ActionUnit, Expression, Sides

from .action_vector import UNITS
from .camera import WeakPerspective
from .fitting import Doubles, checked_landmarks, fit_orthographic
from .frame import frame_of
from .pose import HeadPose
from .topology import LANDMARKS, mirrored, topology

Floats = NDArray[np.float32]

NOISE = 0.02
"""What a detected landmark is off by, in inter-ocular distances; about what MediaPipe's are on synthetic heads."""

_SPREAD = 0.3  # standard deviation of an intensity of which nothing is known; 1 is E
_PRESENT = 0.1  # weaker units are not called present
_ROUNDS = 5
_NOT_READ = frozenset(map(ActionUnit, (8, 11, 13, 19, 21, 29, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 45, 46, 65, 66)))
"""Rare or weak units that landmarks of one photo cannot tell from others or from perspective."""


@dataclass(frozen=True, slots=True, eq=False)
class PhotoFit:
    """What the landmarks of a photo say.

    Attributes:
        neutral: (478, 3) the person at rest, in the frame of the face.
        displacement: (478, 3) what the expression adds. Neutral plus displacement, turned and projected, are exactly
            the landmarks of the photo.
        expression: The units that were read, roughly.
        pose: How the head is turned.
        camera: Where it is in the picture.
        confidence: How sure the neutral face is, 0 to 1: the share of what is unknown of a person at first that the
            landmarks settle. Strong expressions and turned heads lower it.
    """

    neutral: Floats
    displacement: Floats
    expression: Expression
    pose: HeadPose
    camera: WeakPerspective
    confidence: float


def fit_photo(landmarks: Floats) -> PhotoFit:
    """Read a person's neutral face, expression and pose from the landmarks of one photo.

    A scaled orthographic camera, the principal components of faces at rest and the displacements of single units are
    fitted in turn, as the most probable ones under Gaussian priors. Brows that are high by nature and brows that are
    raised look alike; what cannot be told apart is shared between both.

    Args:
        landmarks: (468 or 478, 2 or 3) in pixels, y down; a third column is not used.

    Raises:
        ValueError: Another shape, NaN, or all landmarks on a point or line.
    """
    seen = checked_landmarks(landmarks) * [1, -1]
    shared, count = topology(), len(seen)
    components = shared.identity[:, :count].astype(np.float64)
    basis = np.concatenate([components, _moves()[:, :count]])
    people = len(components)
    certainty = np.concatenate([np.ones(people), np.full(len(basis) - people, _SPREAD**-2)])
    mean = shared.neutral[:count].astype(np.float64)
    shape, weights, covariance = mean, np.zeros(len(basis)), np.diag(1 / certainty)
    rotation, scale, shift = fit_orthographic(shape, seen)
    for _ in range(_ROUNDS):
        rotation, scale, shift = fit_orthographic(shape, seen)
        weights, covariance = _most_probable(basis, certainty, rotation, (seen - shift) / scale - mean @ rotation[:2].T)
        shape = mean + np.einsum("k,knc->nc", weights, basis)
    told = weights[people:].clip(0, 1)
    moved = np.einsum("k,knc->nc", told, _moves())
    neutral = shared.neutral + np.einsum("k,knc->nc", weights[:people], shared.identity)
    missing = np.zeros((LANDMARKS, 3))
    missing[:count, :2] = (seen - shift) / scale - ((neutral + moved) @ rotation.T)[:count, :2]
    neutral = neutral + missing @ rotation  # what no component explains belongs to the person
    frame = frame_of(neutral.astype(np.float32))
    shift = shift + scale * rotation[:2] @ frame.origin.astype(np.float64)
    camera = WeakPerspective(scale=scale * frame.unit, center=(float(shift[0]), -float(shift[1])))
    unknown = np.einsum("ij,inc,jnc->", covariance[:people, :people], components, components)
    settled = 1 - np.sqrt(unknown / (components**2).sum())
    confidence = float(np.clip(settled * (1 - 0.5 * told.mean() * len(told) / 8), 0, 1))
    pose = HeadPose.of(rotation.astype(np.float32))
    displacement = (moved / frame.unit).astype(np.float32)
    return PhotoFit(frame.apply(neutral), displacement, _expression(told), pose, camera, confidence)


@cache
def _places() -> tuple[tuple[ActionUnit, int], ...]:
    """Each unit that is read, with its side: 0 left, 1 right, 2 both."""
    read = [unit for unit in UNITS if unit not in _NOT_READ]
    return tuple((unit, side) for unit in read for side in ((2,) if unit.sides is Sides.TOGETHER else (0, 1)))


@cache
def _moves() -> Doubles:
    """(places, 478, 3) displacement of each unit and side at intensity 5."""
    shared = topology()
    found: list[Floats] = []
    for unit, side in _places():
        left = shared.unit[UNITS.index(unit)]
        found.append(mirrored(left) if side == 1 else left)
    return np.stack(found).astype(np.float64)


def _most_probable(basis: Doubles, certainty: Doubles, rotation: Doubles, missing: Doubles) -> tuple[Doubles, Doubles]:
    """Return weights of the basis, none negative for units, and their covariance."""
    rows = (basis @ rotation[:2].T).reshape(len(basis), -1)
    normal = rows @ rows.T / NOISE**2 + np.diag(certainty)
    told = rows @ missing.ravel() / NOISE**2
    people = len(basis) - len(_places())
    free = np.ones(len(basis), bool)
    while True:  # muscles do not push: what comes out below 0 is left out
        covariance = np.linalg.inv(normal[np.ix_(free, free)])
        weights = np.zeros(len(basis))
        weights[free] = covariance @ told[free]
        pushing = weights < 0
        pushing[:people] = False
        if not pushing.any():
            whole = np.zeros_like(normal)
            whole[np.ix_(free, free)] = covariance
            return weights, whole
        free &= ~pushing


def _expression(told: Doubles) -> Expression:
    values: dict[ActionUnit, tuple[float, float]] = {}
    for (unit, side), value in zip(_places(), told, strict=True):
        if value < _PRESENT:
            continue
        strength = round(5 * float(value), 2)
        left, right = values.get(unit, (0.0, 0.0))
        values[unit] = (left if side == 1 else strength, right if side == 0 else strength)
    one_sided = {unit for unit in values if unit.sides is Sides.ONE and min(values[unit]) > 0}
    for unit in one_sided:  # to both sides at once: keep the stronger
        left, right = values[unit]
        values[unit] = (left, 0.0) if left >= right else (0.0, right)
    return Expression.of(values)
