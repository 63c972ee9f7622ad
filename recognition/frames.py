"""`frames_of`: the pictures of files, folders and videos, one after the other, never all in memory.

A file that cannot be read is a `Problem` in its place, and the rest goes on. Videos are decoded by OpenCV or, without
it, by imageio, whichever is installed; animated GIF, PNG and WebP need neither.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

PICTURES = (".jpg", ".jpeg", ".png", ".bmp", ".webp", ".tif", ".tiff", ".gif", ".ppm", ".pgm")
"""Endings of pictures that are looked for in folders."""

VIDEOS = (".mp4", ".mov", ".avi", ".mkv", ".webm", ".m4v", ".mpg", ".mpeg", ".wmv")
"""Endings of videos."""

ANIMATED = (".gif", ".png", ".webp")
"""Endings of pictures that may hold several frames."""


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One picture, or one frame of a video.

    Attributes:
        name: The file, as it was given.
        number: Number of the frame from 0; 0 for a picture.
        seconds: When it is shown, in seconds from the start; 0 for a picture.
        source: The file of a picture, or (H, W, 3) RGB uint8 of a frame.
    """

    name: str
    number: int
    seconds: float
    source: Path | NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Problem:
    """A file that could not be read.

    Attributes:
        name: The file, as it was given.
        reason: Why not.
    """

    name: str
    reason: str


def frames_of(paths: Iterable[str | Path], every: int = 1) -> Iterator[Frame | Problem]:
    """Yield the pictures of some files and folders, in order; in folders by name, with all folders in them.

    Args:
        paths: Pictures, videos, and folders of these.
        every: Of a video, every so many frames.

    Yields:
        A `Frame`, or a `Problem` where a file cannot be read.

    Raises:
        ValueError: A path does not exist, a folder holds neither pictures nor videos, or `every` is less than 1.
        ImportError: There is a video, and neither OpenCV nor imageio is installed.
    """
    if every < 1:
        raise ValueError(f"`every` is {every!r}; accepted is a whole number from 1.")
    for file in files_of(paths):
        if file.suffix.lower() in VIDEOS:
            yield from _video_frames(file, every)
        elif file.suffix.lower() in ANIMATED:
            yield from _maybe_animated(file, every)
        else:
            yield Frame(str(file), 0, 0.0, file)


def files_of(paths: Iterable[str | Path]) -> list[Path]:
    """Return the files that are meant: those that are given, and the pictures and videos of folders.

    Args:
        paths: Files and folders.

    Raises:
        ValueError: A path does not exist, there is none, or a folder holds neither pictures nor videos.
    """
    found: list[Path] = []
    for given in paths:
        path = Path(given)
        if path.is_dir():
            inside = sorted(file for file in path.rglob("*") if file.suffix.lower() in (*PICTURES, *VIDEOS))
            inside = [file for file in inside if file.is_file() and not file.name.startswith(".")]
            if not inside:
                raise ValueError(f"`paths` has {str(path)!r}, a folder without pictures; accepted is one with some.")
            found += inside
        elif path.is_file():
            found.append(path)
        else:
            raise ValueError(f"`paths` has {str(path)!r}, which does not exist; accepted are files and folders.")
    if not found:
        raise ValueError("`paths` is empty; accepted are pictures, videos and folders.")
    return found


def _video_frames(file: Path, every: int) -> Iterator[Frame | Problem]:
    if find_spec("cv2") is not None:
        yield from _by_opencv(file, every)
    elif find_spec("imageio") is not None:
        yield from _by_imageio(file, every)
    else:
        raise ImportError(
            f"reading the video {str(file)!r} needs OpenCV or imageio: pip install opencv-python-headless, or "
            'pip install "imageio[pyav]"'
        )


def _by_opencv(file: Path, every: int) -> Iterator[Frame | Problem]:
    import cv2

    video = cv2.VideoCapture(str(file))
    try:
        rate = float(video.get(cv2.CAP_PROP_FPS)) or 0.0
        number = 0
        while video.grab():
            if number % every == 0:
                known, picture = video.retrieve()
                if not known:
                    break
                seconds = number / rate if rate else 0.0
                yield Frame(str(file), number, seconds, np.ascontiguousarray(picture[..., ::-1], np.uint8))
            number += 1
        if not number:
            yield Problem(str(file), "no frame of the video can be decoded")
    finally:
        video.release()


def _by_imageio(file: Path, every: int) -> Iterator[Frame | Problem]:
    import imageio.v3 as imageio

    number = 0
    try:
        rate = float(imageio.immeta(file).get("fps", 0) or 0)
        for number, picture in enumerate(imageio.imiter(file)):
            if number % every == 0:
                pixels = np.ascontiguousarray(np.asarray(picture)[..., :3], np.uint8)
                yield Frame(str(file), number, number / rate if rate else 0.0, pixels)
    except (OSError, ValueError, RuntimeError, KeyError) as error:
        yield Problem(str(file), f"the video cannot be decoded after frame {number}: {error}")


def _maybe_animated(file: Path, every: int) -> Iterator[Frame | Problem]:
    from PIL import Image

    try:
        with Image.open(file) as picture:
            count = getattr(picture, "n_frames", 1)
            if count > 1:
                yield from _animation(picture, file, count, every)
                return
    except (OSError, ValueError, SyntaxError, EOFError, Image.DecompressionBombError):
        pass  # whoever opens it says what is wrong with it
    yield Frame(str(file), 0, 0.0, file)


def _animation(picture: Any, file: Path, count: int, every: int) -> Iterator[Frame | Problem]:
    seconds = 0.0
    for number in range(count):
        try:
            picture.seek(number)
            pixels = np.asarray(picture.convert("RGB"))
        except (OSError, ValueError, SyntaxError, EOFError) as error:
            yield Problem(str(file), f"frame {number} cannot be decoded: {error}")
            return
        if number % every == 0:
            yield Frame(str(file), number, seconds, pixels)
        seconds += float(picture.info.get("duration", 0)) / 1000
