"""`read_frames`: the faces of many pictures, one after the other, so that memory does not grow with their number."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from .face_choice import FaceChoice, NoFaceError
from .frames import Frame, Problem
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
    reader: Reader, frames: Iterable[Frame | Problem], neutral: Any = None
) -> Iterator[FrameReading | Problem]:
    """Yield the faces of each frame, in order. A frame that cannot be read is a `Problem`, and the rest goes on.

    Args:
        reader: What reads faces.
        frames: The frames; one is held at a time.
        neutral: A picture of the person at rest, for all frames. The largest face of each frame is then taken to be
            that person, and others are left out.

    Yields:
        The faces of a frame, or a `Problem`.

    Raises:
        ValueError: The neutral picture cannot be read, or shows no face.
    """
    rest = None if neutral is None else reader.neutral(neutral)
    for frame in frames:
        if isinstance(frame, Problem):
            yield frame
            continue
        try:
            found = _read(reader, frame, rest)
        except ValueError as error:
            yield Problem(frame.name, str(error))
            continue
        yield FrameReading(frame.name, frame.number, frame.seconds, found, frame.source)


def _read(reader: Reader, frame: Frame, rest: Any) -> Recognition:
    try:
        return reader.read(frame.source, neutral=rest)
    except NoFaceError:  # with a person at rest a face is asked for; a frame may still have none
        return reader.read(frame.source)
