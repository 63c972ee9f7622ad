"""`Recognizer`: pictures in, faces with action units and emotions out.

    from auface.recognition import recognize

    found = recognize("photo.jpg")
    print(found)                        # photo.jpg: 6B+12D+25C
    found.face().units.left(12)         # 3.9

`recognize` keeps one recognizer; make a `Recognizer` for other faces, a device, or many pictures.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Literal, TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray

from .crop_frame import frame_of_landmarks
from .face_choice import FaceChoice, NoFaceError, chosen
from .face_reader import FaceReader, Look, NeutralFace
from .face_source import FaceSource, GivenFaces, OwnFaces, face_of_landmarks
from .fusion import RELIABLE
from .judgement import unit_reading
from .picture import Picture, PictureError, PictureSource, is_handful, open_picture
from .result import Face, FaceReading, Recognition
from .unit_table import EMOTIONS
from .weight_file import load_networks

Floats = NDArray[np.float32]

FaceFinder: TypeAlias = "Literal['auface', 'mediapipe'] | FaceSource"
"""Who finds faces: AUFace's own networks, MediaPipe, or anything with a method `faces`."""


class Recognizer:
    """Reads faces.

    Args:
        faces: Who finds faces. "mediapipe" needs the package, and its model file, which is downloaded once.
        weights: A .safetensors file; by default the shipped one.
        device: Where to compute, such as "cpu" or "cuda".

    Raises:
        ValueError: Another kind of finder, the weights are missing or damaged, or the device cannot be used here.
        ImportError: A package is missing; the text names it.
    """

    def __init__(
        self, faces: FaceFinder = "auface", *, weights: Path | None = None, device: torch.device | str = "cpu"
    ) -> None:
        self.reader = FaceReader(load_networks(weights), device)
        self.source: FaceSource
        if faces == "auface":
            self.source = OwnFaces(self.reader)
        elif faces == "mediapipe":
            from .mediapipe_faces import MediaPipeFaces

            self.source = MediaPipeFaces()
        elif hasattr(faces, "faces"):
            self.source = faces  # pyright: ignore[reportAttributeAccessIssue]
        else:
            raise ValueError(
                f"`faces` is {faces!r}; accepted are 'auface', 'mediapipe', or an object that finds faces."
            )

    def read(
        self,
        image: PictureSource,
        *,
        neutral: PictureSource | NeutralFace | None = None,
        landmarks: Floats | Sequence[Floats] | None = None,
        choice: FaceChoice | None = None,
        name: str = "",
    ) -> Recognition:
        """Return what the faces of a picture show.

        Args:
            image: A file, an image, an array or a tensor; see `open_picture`.
            neutral: A picture of the same person at rest, or what `neutral` returned for it; readings are then
                relative to it. It is meant for the face of `choice`, by default the largest; other faces are left out.
            landmarks: (468 or 478, 2 or 3) of a face, or of each, in pixels, where they are known already.
            choice: Which face to read; by default all. See `Recognition.face`.
            name: Name for the result; by default that of the file.

        Raises:
            PictureError: A picture cannot be read.
            NoFaceError: There is no face in the neutral picture, or not the one that `choice` asks for. A picture
                without any face is no error: the result then has no faces.
            ValueError: Wrong landmarks or choice.
        """
        picture = open_picture(image, name)
        if neutral is not None and not isinstance(neutral, NeutralFace):
            neutral = self.neutral(neutral)
        source = self.source if landmarks is None else GivenFaces(landmarks)
        [found] = self._looks([picture], source)
        if choice is not None or (found and neutral is not None):
            found = [_chosen(found, picture, "largest" if choice is None else choice)]
        return self._recognitions([picture], [found], neutral)[0]

    def read_together(
        self, pictures: Sequence[Picture], *, neutral: PictureSource | NeutralFace | None = None
    ) -> list[Recognition]:
        """Return what the faces of each picture show; eight together take two thirds of the time of one by one.

        Args:
            pictures: Opened pictures; see `open_picture`.
            neutral: As for `read`; the largest face of each picture is then taken to be that person.

        Raises:
            PictureError: The neutral picture cannot be read.
            NoFaceError: There is no face in the neutral picture.
        """
        if neutral is not None and not isinstance(neutral, NeutralFace):
            neutral = self.neutral(neutral)
        found = self._looks(pictures, self.source)
        if neutral is not None:
            pairs = zip(found, pictures, strict=True)
            found = [[_chosen(faces, picture, "largest")] if faces else [] for faces, picture in pairs]
        return self._recognitions(pictures, found, neutral)

    def read_many(
        self, images: Iterable[PictureSource], *, neutral: PictureSource | NeutralFace | None = None
    ) -> Iterator[Recognition]:
        """Yield what the faces of each picture show, in order, a few pictures together, in constant memory.

        Args:
            images: Pictures; an iterator is read a few pictures ahead of what is asked for.
            neutral: As for `read_together`.

        Raises:
            PictureError: A picture cannot be read; those before it come first. `read_frames` goes on after it.
            NoFaceError: There is no face in the neutral picture.
        """
        if neutral is not None and not isinstance(neutral, NeutralFace):
            neutral = self.neutral(neutral)
        pictures: list[Picture] = []
        for image in images:
            try:
                pictures.append(open_picture(image))
            except PictureError:
                yield from self.read_together(pictures, neutral=neutral)
                raise
            if is_handful(pictures):
                yield from self.read_together(pictures, neutral=neutral)
                pictures = []
        yield from self.read_together(pictures, neutral=neutral)

    def read_crops(self, crops: NDArray[np.uint8]) -> list[Recognition]:
        """Return what faces show that are cut out already, as `CropFrame.cut` does; the fastest way.

        Args:
            crops: (B, 128, 128, 3) RGB.

        Raises:
            ValueError: Another shape or type.
        """
        size = self.reader.networks.face.config.crop
        if crops.dtype != np.uint8 or crops.ndim != 4 or crops.shape[1:] != (size, size, 3):
            raise ValueError(f"`crops` are {crops.dtype} {crops.shape}; accepted are uint8 (B, {size}, {size}, 3).")
        looks = self.reader.look_at_crops(crops)
        every = [(face_of_landmarks(look.landmarks, "auface", look.score), look, (size, size)) for look in looks]
        readings = self._readings(every, None)
        return [Recognition("", (size, size), (reading,)) for reading in readings]

    def read_landmarks(
        self,
        landmarks: Floats | Sequence[Floats],
        *,
        neutral: Floats | NeutralFace | None = None,
        size: tuple[int, int] | None = None,
    ) -> Recognition:
        """Return what landmarks alone show; units that do not move landmarks are not judged.

        Args:
            landmarks: (468 or 478, 2 or 3) of a face, or of each, in pixels, y down.
            neutral: The same of the person at rest.
            size: Width and height of the picture in pixels; units outside it are then not judged.

        Raises:
            ValueError: Wrong landmarks.
        """
        whole = size or (0, 0)
        faces = GivenFaces(landmarks).faces(Picture(np.zeros((1, 1, 3), np.uint8)))
        if neutral is not None and not isinstance(neutral, NeutralFace):
            neutral = NeutralFace(face_of_landmarks(neutral, "caller", 1.0).landmarks)
        if not faces:
            return Recognition("", whole, ())
        units, scale, _ = self.reader.units([face.landmarks for face in faces], None, neutral)
        reliable = (self.reader.networks.fusion.icc[1] >= RELIABLE).tolist()
        readings = [
            FaceReading(face, unit_reading(one, error, face, size, reliable))
            for face, one, error in zip(faces, units, scale, strict=True)
        ]
        return Recognition("", whole, tuple(readings))

    def neutral(self, image: PictureSource, *, choice: FaceChoice = "largest") -> NeutralFace:
        """Return a person at rest, to read other pictures of the person by.

        Args:
            image: A picture in which the person shows no expression.
            choice: Which face, if there are several.

        Raises:
            PictureError: The picture cannot be read.
            NoFaceError: There is no face in it.
        """
        picture = open_picture(image)
        [found] = self._looks([picture], self.source)
        if not found:
            raise NoFaceError("no face was found in the picture given as `neutral`; accepted is one that shows it.")
        face, look = _chosen(found, picture, choice)
        return NeutralFace(face.landmarks, look)

    def _looks(self, pictures: Sequence[Picture], source: FaceSource) -> list[list[tuple[Face, Look]]]:
        if isinstance(source, OwnFaces):
            return source.looks(pictures)
        faces = [source.faces(picture) for picture in pictures]
        squares = [
            (picture.pixels, frame_of_landmarks(face.landmarks)[0])
            for picture, own in zip(pictures, faces, strict=True)
            for face in own
        ]
        looks = iter(self.reader.look(squares))
        return [[(face, next(looks)) for face in own] for own in faces]

    def _recognitions(
        self, pictures: Sequence[Picture], found: list[list[tuple[Face, Look]]], neutral: NeutralFace | None
    ) -> list[Recognition]:
        every = [(face, look, picture.size) for picture, own in zip(pictures, found, strict=True) for face, look in own]
        readings = iter(self._readings(every, neutral))
        return [
            Recognition(picture.name, picture.size, tuple(islice(readings, len(own))))
            for picture, own in zip(pictures, found, strict=True)
        ]

    def _readings(
        self, every: list[tuple[Face, Look, tuple[int, int]]], neutral: NeutralFace | None
    ) -> list[FaceReading]:
        if not every:
            return []
        looks = [look for _, look, _ in every]
        units, scale, _ = self.reader.units([face.landmarks for face, _, _ in every], looks, neutral)
        reliable = (self.reader.networks.fusion.icc[0] >= RELIABLE).tolist()
        return [
            FaceReading(
                face,
                unit_reading(one, error, face, size, reliable),
                dict(zip(EMOTIONS, look.emotions.astype(np.float64).tolist(), strict=True)),
            )
            for (face, look, size), one, error in zip(every, units, scale, strict=True)
        ]


def _chosen(found: list[tuple[Face, Look]], picture: Picture, choice: FaceChoice) -> tuple[Face, Look]:
    """Return the face that is meant, or say that there is none."""
    return found[chosen([face.box for face, _ in found], picture.size, choice, picture.name)]


@lru_cache(maxsize=2)
def default_recognizer(faces: Literal["auface", "mediapipe"] = "auface") -> Recognizer:
    """Return a recognizer with the shipped weights; made once.

    Args:
        faces: Who finds faces.
    """
    return Recognizer(faces)


def recognize(
    image: PictureSource,
    *,
    neutral: PictureSource | NeutralFace | None = None,
    faces: Literal["auface", "mediapipe"] = "auface",
    landmarks: Floats | Sequence[Floats] | None = None,
    choice: FaceChoice | None = None,
) -> Recognition:
    """Return what the faces of a picture show; see `Recognizer.read`.

    Args:
        image: A file, an image, an array or a tensor.
        neutral: A picture of the same person at rest.
        faces: Who finds faces: AUFace's own networks, or MediaPipe where it is installed.
        landmarks: Landmarks in pixels, where they are known already.
        choice: Which face to read; by default all.

    Raises:
        PictureError: A picture cannot be read.
        NoFaceError: There is no face in the neutral picture, or not the one that `choice` asks for.
        ValueError: Wrong landmarks or choice.
    """
    return default_recognizer(faces).read(image, neutral=neutral, landmarks=landmarks, choice=choice)
