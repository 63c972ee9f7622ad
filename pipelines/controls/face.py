"""Whose face is asked for, and from where it is seen."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from auface.facs import Expression
from auface.pipelines.adapter.condition import framed_camera
from auface.structure.camera import Camera
from auface.structure.face_structure import FaceStructure
from auface.structure.identity import default_neutral, sampled_neutral
from auface.structure.model import StructureModel
from auface.structure.photo import fit_photo
from auface.structure.pose import HeadPose
from auface.structure.topology import LANDMARKS

Floats = NDArray[np.float32]

Identity = int | Floats | None
"""Who: a seed, the (478, 3) neutral face of `auface.structure`, or None for the default head."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Portrait:
    """A face and the camera that sees it.

    Attributes:
        face: Who, with which expression, turned how.
        camera: What sees the head.
    """

    face: FaceStructure
    camera: Camera


def portrait(
    expression: Expression,
    model: StructureModel,
    height: int,
    width: int,
    *,
    identity: Identity = None,
    pose: HeadPose | str | None = None,
    landmarks: ArrayLike | None = None,
    zoom: float = 1.0,
) -> Portrait:
    """Return the face that shows an expression, in a picture of that size.

    Args:
        expression: What the face shows.
        model: What knows how faces move.
        height: Height of the picture in pixels.
        width: Width of the picture in pixels.
        identity: A seed, a (478, 3) neutral face, or None for the default head.
        pose: How the head is turned, or "yaw,pitch,roll" in degrees.
        landmarks: (468 or 478, 2 or 3) landmarks of a photo of that size, in pixels, y down: the face of that person,
            where it is in the photo and turned as there, instead of `identity`, `pose` and `zoom`.
        zoom: Size of the face; 1 is FFHQ's crop, a half leaves room for shoulders.

    Raises:
        ValueError: Landmarks together with what they replace, landmarks that are no face, or another wrong value.
    """
    if landmarks is None:
        neutral, turn = _neutral(identity), HeadPose.parse(pose) if isinstance(pose, str) else pose
        face = model.structure(expression, neutral=neutral, pose=turn)
        return Portrait(face=face, camera=framed_camera(neutral, height, width, zoom))
    for name, value, given in (("identity", identity, identity is not None), ("pose", pose, pose is not None)):
        if given:
            raise ValueError(f"`{name}` is {value!r}; accepted is None with `landmarks`, which say it already.")
    if zoom != 1:
        raise ValueError(f"`zoom` is {zoom!r}; accepted is 1 with `landmarks`, which say it already.")
    fit = fit_photo(np.asarray(landmarks, np.float32))
    return Portrait(face=model.structure(expression, neutral=fit.neutral, pose=fit.pose), camera=fit.camera)


def _neutral(identity: Identity) -> Floats:
    if identity is None:
        return default_neutral()
    if isinstance(identity, int):
        return sampled_neutral(identity)
    if not isinstance(identity, np.ndarray) or identity.shape != (LANDMARKS, 3) or not np.isfinite(identity).all():
        shown = f"an array of shape {identity.shape}" if isinstance(identity, np.ndarray) else repr(identity)
        raise ValueError(f"`identity` is {shown}; accepted are a seed, ({LANDMARKS}, 3) finite numbers, or None.")
    return identity
