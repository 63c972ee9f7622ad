"""Faces to learn from: random people with random requests, as 478 points in the frame of `structure`.

The ground truth is `auface.autext.heads`, whose units saturate and obey the geometry of lids and lips. Nothing is
drawn, so that one face takes a few milliseconds. People of the three splits are different people.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from auface.autext.head_description import Gaze
from auface.autext.heads.composition import Composer, Face, eye_directions, rotation
from auface.autext.heads.pack import HeadPack
from auface.autext.heads.portrait import Landmarks
from auface.autext.heads.sample import sample_identity
from auface.facs import Expression, resolve
from auface.lora_training.whole_file import write_whole
from auface.structure.frame import frame_of

from .request import random_request

Split = Literal["train", "validation", "test"]
"""Which people."""

FIRST_PERSON: dict[Split, int] = {"train": 0, "validation": 1_000_000, "test": 2_000_000}
"""Split -> seed of its first person; the splits share nobody."""

_Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class FaceSet:
    """Faces of several people.

    Attributes:
        neutral: (P, 478, 3) the people at rest, in units of their inter-ocular distance.
        person: (N,) who each face is of.
        asked: (N,) what was asked for, in FACS notation.
        displacement: (N, 478, 3) float16, the face minus the person's neutral, in the same unit.
    """

    neutral: _Floats
    person: NDArray[np.int32]
    asked: NDArray[np.str_]
    displacement: NDArray[np.float16]

    def save(self, path: Path) -> None:
        """Write the set, whole or not at all.

        Args:
            path: An .npz file.
        """
        arrays = {"neutral": self.neutral, "person": self.person, "displacement": self.displacement}
        write_whole(path, lambda file: np.savez(file, **arrays, asked=self.asked))

    @classmethod
    def load(cls, *paths: Path) -> FaceSet:
        """Read sets and join them.

        Args:
            *paths: The files.

        Raises:
            ValueError: There is no file.
        """
        if not paths:
            raise ValueError("`paths` is empty; accepted are one or more files that `FaceSet.save` wrote.")
        parts: list[FaceSet] = []
        people = 0
        for path in paths:
            with np.load(path) as file:
                parts.append(cls(file["neutral"], file["person"] + people, file["asked"], file["displacement"]))
            people += len(parts[-1].neutral)
        return cls(
            np.concatenate([part.neutral for part in parts]),
            np.concatenate([part.person for part in parts]).astype(np.int32),
            np.concatenate([part.asked for part in parts]),
            np.concatenate([part.displacement for part in parts]),
        )


class FaceFactory:
    """Makes faces.

    Args:
        heads: Folder of the head pack.

    Raises:
        ValueError: The pack is missing, incomplete or changed.
    """

    def __init__(self, heads: Path | None) -> None:
        self.pack = HeadPack(heads)
        self.composer = Composer(self.pack)
        self._landmarks = Landmarks(self.pack)
        self._eyes = self.pack.part("eyes", "high-poly")

    def person(self, seed: int) -> Face:
        """Return a person.

        Args:
            seed: Which; see `FIRST_PERSON`.
        """
        return self.composer.face(sample_identity(seed))

    def points(self, face: Face, expression: Expression, *, plain: bool = False) -> _Floats:
        """Return the (478, 3) landmarks of a face in the frame of the person's neutral face.

        Args:
            face: The person.
            expression: What the face shows, resolved.
            plain: Whether displacements of units are simply added up, and nothing is put right.
        """
        pose = self.composer.plain_sum if plain else self.composer.composed
        raw = self._raw(face, pose(face, expression), expression)
        return frame_of(self._raw(face, face.neutral, Expression())).apply(raw)

    def neutral(self, face: Face) -> _Floats:
        """Return the (478, 3) landmarks of a person at rest.

        Args:
            face: The person.
        """
        raw = self._raw(face, face.neutral, Expression())
        return frame_of(raw).apply(raw)

    def _raw(self, face: Face, skin: _Floats, expression: Expression) -> _Floats:
        eyes = self._eyes.fitted(face.neutral)
        turned = eyes.copy()
        for name, look in zip(("eye.L", "eye.R"), eye_directions(expression, Gaze()), strict=True):
            side = eyes[:, 0] > 0 if name == "eye.L" else eyes[:, 0] <= 0
            center = self.pack.joint(skin, name)
            turned[side] = (eyes[side] - center) @ rotation(*look, 0).T + center
        return self._landmarks.on(skin, turned)

    def faces(self, split: Split, first: int, people: int, each: int) -> FaceSet:
        """Make a set of faces; the arguments alone decide which.

        Args:
            split: Whose people.
            first: Number of the first person within the split.
            people: Number of people.
            each: Faces of each.
        """
        neutral: list[_Floats] = []
        person: list[int] = []
        asked: list[str] = []
        displacement: list[NDArray[np.float16]] = []
        for number in range(people):
            seed = FIRST_PERSON[split] + first + number
            face = self.person(seed)
            rest = self.neutral(face)
            neutral.append(rest)
            rng = Random(seed)
            for _ in range(each):
                request = random_request(rng)
                person.append(number)
                asked.append(request.notation())
                displacement.append((self.points(face, resolve(request)) - rest).astype(np.float16))
        return FaceSet(np.stack(neutral), np.array(person, np.int32), np.array(asked), np.stack(displacement))
