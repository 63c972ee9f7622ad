"""`verify`, `compare` and `best_of`: pictures against what was asked for.

    verify("face.png", "1+2C+5D+26").passed
    best_of(pictures, "a broad smile").best

What the numbers mean is in `verdict.py`, and with pictures in docs/verification.md.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

from auface.facs import Expression, as_expression

from .batch import BatchReader, Reader
from .comparison import Comparison, changes
from .face_choice import FaceChoice, NoFaceError
from .picture import PictureSource, open_picture
from .result import FaceReading
from .verdict import PASS, Verdict, judge


def verify(
    image: PictureSource,
    expression: Expression | str,
    neutral: PictureSource | None = None,
    face: FaceChoice = "largest",
    threshold: float = PASS,
    recognizer: Reader | None = None,
) -> Verdict:
    """Say whether a picture shows the expression that was asked for.

    Args:
        image: A file, a Pillow image, an array (H, W, 3) or a tensor.
        expression: The request: an expression, FACS notation, or English.
        neutral: A picture of the same person at rest, which makes the reading surer.
        face: Which face: a number (0 is the largest), "largest", "center", "left", "right", or (x, y) in pixels.
        threshold: The face passes from this score, 0 to 1.
        recognizer: What reads faces; by default the one that AUFace ships.

    Returns:
        The verdict. A picture without a face is no error: its outcome is "no face", its score 0.

    Raises:
        ValueError: The picture cannot be read, the request says nothing about a face, there is no such face among
            several, or the threshold lies outside 0 to 1.
    """
    return best_of([image], expression, neutral, face, threshold, recognizer).verdict


def compare(
    before: PictureSource,
    after: PictureSource,
    expression: Expression | str | None = None,
    neutral: PictureSource | None = None,
    face: FaceChoice = "largest",
    recognizer: Reader | None = None,
) -> Comparison:
    """Say what changed in a face from one picture to another.

    Args:
        before: The first picture.
        after: The second picture.
        expression: A request, to say whether the face came nearer to it; None asks for nothing.
        neutral: A picture of the same person at rest.
        face: Which face, in both pictures.
        recognizer: What reads faces; by default the one that AUFace ships.

    Raises:
        NoFaceError: A `ValueError`; one of the pictures has no face.
        ValueError: As for `verify`.
    """
    asked = None if expression is None else as_expression(expression)
    reader = recognizer or shipped_recognizer()
    rest = None if neutral is None else reader.neutral(neutral)
    one = _required_face(reader, before, rest, face, "before")
    two = _required_face(reader, after, rest, face, "after")
    if asked is None:
        return Comparison(changes=changes(one, two))
    return Comparison(changes=changes(one, two), before=judge(one, asked), after=judge(two, asked))


@dataclass(frozen=True, slots=True)
class Choice:
    """The best of several pictures.

    Attributes:
        best: Number of the picture with the highest score, from 0; the first of equals.
        verdicts: The verdict on each picture, in the order in which they were given.
    """

    best: int
    verdicts: tuple[Verdict, ...]

    @property
    def verdict(self) -> Verdict:
        """The verdict on the best picture."""
        return self.verdicts[self.best]


def best_of(
    images: Iterable[PictureSource],
    expression: Expression | str,
    neutral: PictureSource | None = None,
    face: FaceChoice = "largest",
    threshold: float = PASS,
    recognizer: Reader | None = None,
) -> Choice:
    """Return which of several pictures shows best what was asked for, and how good it is.

    A picture that can be judged comes before one that cannot, and one with a face before one without.

    Args:
        images: The pictures, at least one; they are looked at one after the other.
        expression: The request: an expression, FACS notation, or English.
        neutral: A picture of the same person at rest.
        face: Which face, in every picture.
        threshold: A face passes from this score, 0 to 1.
        recognizer: What reads faces; by default the one that AUFace ships.

    Raises:
        ValueError: There is no picture, or as for `verify`.
    """
    asked = as_expression(expression)
    reader = recognizer or shipped_recognizer()
    rest = None if neutral is None else reader.neutral(neutral)
    verdicts = tuple(judge(_face(reader, image, rest, face), asked, threshold) for image in images)
    if not verdicts:
        raise ValueError("`images` is empty; accepted is at least one picture.")
    rank = {"no face": 0, "undecided": 1}
    best = max(range(len(verdicts)), key=lambda n: (rank.get(verdicts[n].outcome, 2), verdicts[n].score, -n))
    return Choice(best, verdicts)


@cache
def shipped_recognizer(device: str = "cpu") -> BatchReader:
    """Return the recognizer that AUFace ships; its weights are read once for each device.

    Args:
        device: Where to compute: cpu, cuda, ...
    """
    from .recognizer import Recognizer, default_recognizer

    return default_recognizer() if device == "cpu" else Recognizer(device=device)


def _face(reader: Reader, image: PictureSource, rest: Any, choice: FaceChoice) -> FaceReading | None:
    """Return the face that is meant, or None where the picture has none at all."""
    picture = open_picture(image)
    found = reader.read(picture)
    if not found.faces:
        return None
    face = found.face(choice)
    return face if rest is None else reader.read(picture, neutral=rest, choice=choice).face()


def _required_face(reader: Reader, image: PictureSource, rest: Any, choice: FaceChoice, name: str) -> FaceReading:
    found = _face(reader, image, rest, choice)
    if found is None:
        raise NoFaceError(f"`{name}` is a picture in which no face was found; accepted is one that shows a face.")
    return found
