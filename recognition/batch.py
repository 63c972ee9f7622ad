"""`read_frames`: the faces of many pictures, a few together, so that memory does not grow with their number."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from .face_choice import FaceChoice
from .frames import Frame, Problem
from .picture import Picture, PictureError, is_handful, open_picture
from .result import Recognition


class Reader(Protocol):
    """What reads faces; `auface.recognition.Recognizer` is one."""

    def read(self, image: Any, *, neutral: Any = None, choice: FaceChoice | None = None) -> Recognition:
        """Return the faces of one picture.

        Args:
            image: The picture.
            neutral: The person at rest, as `neutral` returns it, or None.
            choice: Which face; None for all, and for the largest where `neutral` is given.

        Raises:
            ValueError: The picture cannot be read, or has no such face.
        """
        ...

    def neutral(self, image: Any) -> Any:
        """Return a person at rest, to read other pictures of the person by.

        Args:
            image: A picture in which the person shows no expression.

        Raises:
            ValueError: The picture cannot be read, or shows no face.
        """
        ...


class BatchReader(Reader, Protocol):
    """A reader that reads several pictures in less time than one by one; `auface.recognition.Recognizer` is one."""

    def read_together(self, pictures: Sequence[Picture], *, neutral: Any = None) -> list[Recognition]:
        """Return the faces of each picture; no face is no error.

        Args:
            pictures: The pictures.
            neutral: The person at rest, as `neutral` returns it, or None. Of each picture the largest face is taken
                to be that person.
        """
        ...


@dataclass(frozen=True, slots=True, eq=False)
class FrameReading:
    """The faces of one frame.

    Attributes:
        name: The file, as it was given.
        number: Number of the frame from 0.
        seconds: When it is shown, in seconds.
        recognition: Its faces.
        source: The file, or the pixels of a video's frame: (H, W, 3) RGB uint8.
    """

    name: str
    number: int
    seconds: float
    recognition: Recognition
    source: Path | NDArray[np.uint8] | None = None


def read_frames(
    reader: BatchReader, frames: Iterable[Frame | Problem], neutral: Any = None
) -> Iterator[FrameReading | Problem]:
    """Yield the faces of each frame, in order. A frame that cannot be read is a `Problem`, and the rest goes on.

    Args:
        reader: What reads faces.
        frames: The frames; a few are held at a time.
        neutral: A picture of the person at rest, for all frames. The largest face of each frame is then taken to be
            that person, and others are left out.

    Yields:
        The faces of a frame, or a `Problem`.

    Raises:
        ValueError: The neutral picture cannot be read, or shows no face.
    """
    rest = None if neutral is None else reader.neutral(neutral)
    waiting: list[tuple[Frame, Picture]] = []
    for frame in frames:
        opened = _opened(frame)
        if isinstance(opened, Problem):
            yield from _read(reader, waiting, rest)
            yield opened
            waiting = []
            continue
        waiting.append(opened)
        if is_handful([picture for _, picture in waiting]):
            yield from _read(reader, waiting, rest)
            waiting = []
    yield from _read(reader, waiting, rest)


def _opened(frame: Frame | Problem) -> tuple[Frame, Picture] | Problem:
    if isinstance(frame, Problem):
        return frame
    try:
        return frame, open_picture(frame.source)
    except PictureError as error:
        return Problem(frame.name, str(error))


def _read(reader: BatchReader, waiting: list[tuple[Frame, Picture]], rest: Any) -> list[FrameReading]:
    found = reader.read_together([picture for _, picture in waiting], neutral=rest) if waiting else []
    return [
        FrameReading(frame.name, frame.number, frame.seconds, recognition, frame.source)
        for (frame, _), recognition in zip(waiting, found, strict=True)
    ]
