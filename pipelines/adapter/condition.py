"""`face_condition`: requests, and whose face and how turned -> the maps and condition vectors that an adapter takes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from auface.facs import Expression, read, resolve
from auface.facs.conflict import Policy
from auface.facs.request import as_expression, is_english
from auface.structure.camera import Camera, portrait_camera
from auface.structure.face_structure import FaceStructure
from auface.structure.identity import default_neutral, sampled_neutral
from auface.structure.model import Sampling, StructureModel, shipped_model
from auface.structure.photo import PhotoFit, fit_photo
from auface.structure.pose import HeadPose
from auface.structure.retargeting import Retargeted
from auface.structure.topology import LANDMARKS

from .maps import face_maps

Floats = NDArray[np.float32]
Value = TypeVar("Value")

Identity = int | Floats | None
"""Whose face: a seed, a (478, 3) neutral face in the frame of the face, or None for the mean face."""

Pose = HeadPose | tuple[float, float, float] | None
"""How the head is turned; yaw, pitch and roll in degrees, or None for straight."""


@dataclass(frozen=True, slots=True, eq=False)
class FaceCondition:
    """What an adapter is told about a batch of faces.

    Attributes:
        expressions: What the faces show, after conflicts were resolved.
        landmarks: (batch, 478, 3) x and y in pixels of the picture, and distance from the camera's plane.
        maps: (batch, maps, height, width) of `face_maps`.
        vectors: (batch, 2, vectors, width) of the structure model.
        shown: For each face, whether it was asked for anything.
        retargeted: What became of the given landmarks; empty where none were given.
    """

    expressions: tuple[Expression, ...]
    landmarks: Tensor
    maps: Tensor
    vectors: Tensor
    shown: tuple[bool, ...]
    retargeted: tuple[Retargeted, ...] = ()

    @property
    def asked(self) -> list[Expression | None]:
        """What each face shows; None where nothing was asked for."""
        return [one if shown else None for one, shown in zip(self.expressions, self.shown, strict=True)]


def face_condition(
    requests: Sequence[Expression | str | None],
    height: int,
    width: int,
    *,
    identity: Identity | Sequence[Identity] = None,
    pose: Pose | Sequence[Pose] = None,
    landmarks: Floats | PhotoFit | Sequence[Floats | PhotoFit] | None = None,
    conflict_policy: Policy = "natural",
    zoom: float = 1.0,
    model: StructureModel | None = None,
) -> FaceCondition:
    """Make what an adapter takes, all on the structure model's device.

    Args:
        requests: One for each face: an expression, FACS notation, or English; None for a face that is left as it is.
        height: Height of the picture in pixels.
        width: Width of the picture in pixels.
        identity: Whose face; one for all, or a list with one for each.
        pose: How the head is turned; one for all, or a list. Units 51 to 56 of the request turn it further.
        landmarks: (478, 2 or 3) landmarks of a photo in pixels of this picture, which give person, pose and place; one
            for all, or a list. Instead of identity and pose. What was read from landmarks before may stand for them.
        conflict_policy: What becomes of units that exclude each other: "natural", "strict" or "keep".
        zoom: Size of the face; 1 is FFHQ's crop.
        model: What knows how faces move; by default the shipped one.

    Raises:
        ValueError: A request is not understood or refused, landmarks are no face or stand beside identity or pose, or
            a list has another length than the requests.
    """
    if landmarks is not None and not (identity is None and pose is None):
        raise ValueError("`landmarks` or a photo are given together with `identity` or `pose`; accepted is either.")
    model, count = model or shipped_model(), len(requests)
    asked = [_asked(Expression() if request is None else request, conflict_policy, model) for request in requests]
    shown = tuple(request is not None for request in requests)
    expressions = tuple(expression for expression, _ in asked)
    vectors = torch.cat([vector for _, vector in asked])
    found: list[Floats] = []
    retargeted: list[Retargeted] = []
    if landmarks is not None:
        given = landmarks if isinstance(landmarks, (list, tuple)) else [landmarks] * count
        for expression, points, vector in zip(expressions, _each("landmarks", given, count), vectors, strict=True):
            retargeted.append(_retargeted(expression, points, vector[None], model))
            found.append(retargeted[-1].after)
    else:
        people = [_neutral(value) for value in _each("identity", identity, count)]
        poses = [head_pose(value) for value in _each("pose", pose, count)]
        for expression, person, turn, vector in zip(expressions, people, poses, vectors, strict=True):
            face = FaceStructure(
                expression=expression,
                neutral=person,
                displacement=_displacement(expression, vector[None], person, model),
                tokens=np.zeros((0,), np.int64),
                pose=turn.turned(expression),
            )
            found.append(face.landmarks(framed_camera(person, height, width, zoom)))
    pixels = torch.from_numpy(np.stack(found))
    maps = face_maps(pixels, height, width)
    device = model.device
    return FaceCondition(expressions, pixels.to(device), maps.to(device), vectors, shown, tuple(retargeted))


def framed_camera(neutral: Floats, height: int, width: int, zoom: float = 1.0) -> Camera:
    """Return the camera that shows a person as a portrait in the middle of a picture of any shape.

    Args:
        neutral: (478, 3) the person at rest.
        height: Height of the picture in pixels.
        width: Width of the picture in pixels.
        zoom: Size of the face; 1 is FFHQ's crop.
    """
    size = min(height, width)
    camera = portrait_camera(neutral, size, zoom=zoom)
    x, y = camera.center
    return replace(camera, center=(x + (width - size) / 2, y + (height - size) / 2))


def head_pose(pose: Pose) -> HeadPose:
    """Return a pose given in any form.

    Args:
        pose: A pose, yaw, pitch and roll in degrees, or None for straight.

    Raises:
        ValueError: Another form, or out of range.
    """
    if pose is None or isinstance(pose, HeadPose):
        return pose or HeadPose()
    if not isinstance(pose, (tuple, list)) or len(pose) != 3:
        raise ValueError(f"`pose` is {pose!r}; accepted are a HeadPose, or yaw, pitch and roll in degrees.")
    yaw, pitch, roll = pose
    return HeadPose(yaw=yaw, pitch=pitch, roll=roll)


def _asked(request: Expression | str, policy: Policy, model: StructureModel) -> tuple[Expression, Tensor]:
    if isinstance(request, str) and is_english(request) and not read(request).spans:
        return model.condition(request)  # what the language's rules do not know, the text encoder may
    shown = resolve(as_expression(request), policy)
    return shown, model.condition_of([shown])


def _displacement(expression: Expression, vector: Tensor, neutral: Floats, model: StructureModel) -> Floats:
    if expression.is_neutral:
        return np.zeros_like(neutral)
    codes = model.codes(vector, Sampling())
    return model.displacement(codes, torch.from_numpy(neutral)[None].to(model.device))[0].cpu().numpy()


def _retargeted(
    expression: Expression, landmarks: Floats | PhotoFit, vector: Tensor, model: StructureModel
) -> Retargeted:
    fit = landmarks if isinstance(landmarks, PhotoFit) else fit_photo(np.asarray(landmarks, np.float32))
    moved = _displacement(expression, vector, fit.neutral, model)
    rotation = fit.pose.rotation.T
    before = fit.camera.project((fit.neutral + fit.displacement) @ rotation)
    after = fit.camera.project((fit.neutral + moved) @ rotation)
    return Retargeted(fit=fit, expression=expression, before=before, after=after, displacement=moved)


def _neutral(identity: Any) -> Floats:
    if identity is None:
        return default_neutral()
    if isinstance(identity, (int, np.integer)) and not isinstance(identity, bool):
        return sampled_neutral(int(identity))
    person = np.asarray(identity if isinstance(identity, np.ndarray) else [], np.float32)
    if person.shape != (LANDMARKS, 3) or not np.isfinite(person).all():
        raise ValueError(
            f"`identity` is {type(identity).__name__} of shape {person.shape}; accepted are a seed, or a "
            f"({LANDMARKS}, 3) array of finite numbers."
        )
    return person


def _each(name: str, value: Any, count: int) -> list[Any]:
    """Return one value for each face; a tuple of three numbers is one pose."""
    if not isinstance(value, list):
        return [value] * count
    if len(value) != count:
        raise ValueError(f"`{name}` has {len(value)} entries; accepted is one, or {count}: one for each expression.")
    return value
