"""Where faces come from: landmarks of the caller, MediaPipe, or the networks that AUFace ships. One small interface."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from auface.structure.fitting import checked_landmarks
from auface.structure.photo import fit_photo
from auface.structure.topology import LANDMARKS, SKIN_LANDMARKS

from .crop_frame import CropFrame, frame_of_landmarks
from .face import Face, Source
from .face_reader import FaceReader, Look, settled
from .finder import Finder, same_face
from .picture import Picture

Floats = NDArray[np.float32]

LEAST_SCORE = 0.5
"""Least score of a face that AUFace finds itself."""

_EYES = [33, 133, 263, 362]


class FaceSource(Protocol):
    """Finds faces."""

    def faces(self, picture: Picture) -> tuple[Face, ...]:
        """Return the faces of a picture; none is an empty tuple, never a guess.

        Args:
            picture: The picture.
        """
        ...


class GivenFaces:
    """Faces whose landmarks the caller has, such as ComfyUI's `FACE_LANDMARKS`, for one picture.

    Args:
        landmarks: (468 or 478, 2 or 3) of a face, or of each face, in pixels of the picture. A third column is depth in
            the same unit, smaller toward the camera.

    Raises:
        ValueError: Another shape, values that are not finite or not pixels, or all landmarks on a point or line.
    """

    def __init__(self, landmarks: Floats | Sequence[Floats]) -> None:
        given = np.asarray(landmarks, np.float32) if not isinstance(landmarks, (list, tuple)) else landmarks
        every = [given] if isinstance(given, np.ndarray) and given.ndim == 2 else list(given)
        self._faces = tuple(face_of_landmarks(np.asarray(one, np.float32), "caller", 1.0) for one in every)

    def faces(self, picture: Picture) -> tuple[Face, ...]:
        """Return the faces.

        Args:
            picture: The picture that they are in.
        """
        width, height = picture.size
        for face in self._faces:
            if face.size <= 2 < max(width, height):
                raise ValueError(
                    f"`landmarks` span {face.size:g} pixels of a picture of {width} x {height}; accepted are pixels, "
                    "so multiply shares of the picture by its width and height."
                )
        return self._faces


class OwnFaces:
    """Faces that AUFace's own networks find, without any other package.

    Args:
        reader: The networks.
        finder: Finds where faces may be.
        threshold: Least score of a face, 0 to 1.
    """

    def __init__(self, reader: FaceReader, finder: Finder | None = None, threshold: float = LEAST_SCORE) -> None:
        if not 0 < threshold <= 1:
            raise ValueError(f"`threshold` is {threshold!r}; accepted is a number above 0, to 1.")
        self.reader, self.threshold = reader, threshold
        self.finder = finder or Finder(reader.networks.finder)

    def faces(self, picture: Picture) -> tuple[Face, ...]:
        """Return the faces.

        Args:
            picture: The picture.
        """
        return tuple(face for face, _ in self.looks([picture])[0])

    def looks(self, pictures: Sequence[Picture]) -> list[list[tuple[Face, Look]]]:
        """Return the faces of each picture with what the crop network saw in them.

        A face is looked at twice: where the finder says, and again where the landmarks of the first look say. (To place
        it by the first layers alone would save a tenth of the time and cost 0.007 of the mean ICC.)

        Args:
            pictures: The pictures; a few together are read in less time than one by one.
        """
        every = [picture.pixels for picture in pictures]
        found = [(number, one) for number, faces in enumerate(self.finder.find(every)) for one in faces]
        first = self.reader.look([(every[number], one.frame) for number, one in found], twice=False)
        placed: list[tuple[int, CropFrame, float]] = []
        for (number, one), look in zip(found, first, strict=True):
            frame = settled(look)
            others = (other for place, other, _ in placed if place == number)
            if look.score >= 0.5 * self.threshold and not any(same_face(frame, other) for other in others):
                placed.append((number, frame, one.score))
        looks = self.reader.look([(every[number], frame) for number, frame, _ in placed])
        kept: list[list[tuple[Face, Look]]] = [[] for _ in pictures]
        for (number, _, score), look in zip(placed, looks, strict=True):
            together = float(np.sqrt(score * look.score))
            if together >= self.threshold:
                kept[number].append((face_of_landmarks(look.landmarks, "auface", min(1.0, together)), look))
        return kept


def face_of_landmarks(landmarks: Floats, source: Source, score: float) -> Face:
    """Return a face with box and pose; depth and irises that are missing are those of the face that fits best.

    Args:
        landmarks: (468 or 478, 2 or 3) in pixels.
        source: Where they come from.
        score: How sure it is that this is a face, 0 to 1.

    Raises:
        ValueError: Another shape, values that are not finite, or all landmarks on a point or line.
    """
    points = np.asarray(landmarks, np.float32)
    checked_landmarks(points)
    if points.shape != (LANDMARKS, 3):
        fit = fit_photo(points)
        whole = fit.camera.project((fit.neutral + fit.displacement) @ fit.pose.rotation.T)
        whole[: len(points), : points.shape[1]] = points
        points = whole
    points = points.copy()
    points[:, 2] -= points[_EYES, 2].mean()
    _, pose = frame_of_landmarks(points)
    skin = points[:SKIN_LANDMARKS, :2]
    (x0, y0), (x1, y1) = skin.min(0).tolist(), skin.max(0).tolist()
    return Face((x0, y0, x1, y1), points, score, pose, source)
