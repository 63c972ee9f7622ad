"""`read_frames`: the faces of many pictures, a few at a time, so that memory does not grow with their number."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from .frames import Frame, Problem
from .result import Recognition


class Reader(Protocol):
    """What reads faces; `auface.recognition.Recognizer` is one."""

    def read(self, image: Any, neutral: Any = None) -> Recognition:
        """Return the faces of one picture.

        Args:
            image: The picture.
            neutral: A picture of the same person at rest, or None.

        Raises:
            ValueError: The picture cannot be read.
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
    reader: Reader, frames: Iterable[Frame | Problem], neutral: Any = None, batch_size: int = 8
) -> Iterator[FrameReading | Problem]:
    """Yield the faces of each frame, in order. A frame that cannot be read is a `Problem`, and the rest goes on.

    Args:
        reader: What reads faces. With a method `read_many` it is given `batch_size` frames at a time.
        frames: The frames.
        neutral: A picture of the person at rest, for all frames.
        batch_size: Frames that are held at a time.

    Yields:
        The faces of a frame, or a `Problem`.

    Raises:
        ValueError: `batch_size` is less than 1.
    """
    if batch_size < 1:
        raise ValueError(f"`batch_size` is {batch_size!r}; accepted is a whole number from 1.")
    waiting: list[Frame | Problem] = []
    for frame in frames:
        waiting.append(frame)
        if len(waiting) == batch_size:
            yield from _read(reader, waiting, neutral)
            waiting = []
    yield from _read(reader, waiting, neutral)


def _read(reader: Reader, waiting: Sequence[Frame | Problem], neutral: Any) -> Iterator[FrameReading | Problem]:
    for frame in waiting:
        if isinstance(frame, Problem):
            yield frame
            continue
        try:
            found = reader.read(frame.source, neutral=neutral)
        except ValueError as error:
            yield Problem(frame.name, str(error))
            continue
        yield FrameReading(frame.name, frame.number, frame.seconds, found, frame.source)
