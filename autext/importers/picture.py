"""Where the pictures of a sequence are: a folder, a zip archive, or a list of files."""

from __future__ import annotations

import os
import re
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple, Protocol

SUFFIXES = (".jpg", ".jpeg", ".png", ".bmp", ".webp")
"""Kinds of pictures."""

_FRAME = re.compile(r"([0-9]+)(\.[A-Za-z]+)")


class Trace(NamedTuple):
    """What tells two pictures apart without decoding them.

    Attributes:
        size: Bytes of the file.
        checksum: Checksum where the archive has one, else 0.
    """

    size: int
    checksum: int


class Pictures(Protocol):
    """The pictures of a sequence, by number of the frame."""

    @property
    def place(self) -> Path:
        """The folder or archive, for messages."""
        ...

    def trace(self, frame: int) -> Trace | None:
        """Return what tells the picture apart, or None if there is none.

        Args:
            frame: Number of the frame.
        """
        ...

    def read(self, frame: int) -> bytes:
        """Return the content of the file.

        Args:
            frame: Number of the frame.
        """
        ...

    def suffix(self, frame: int) -> str:
        """Return the ending of the file's name, such as ".jpg".

        Args:
            frame: Number of the frame.
        """
        ...

    def slim(self) -> Pictures:
        """Return the same without traces, which are needed only while indexing."""
        ...


@dataclass(frozen=True, slots=True)
class NumberedPictures:
    """Pictures named by their frame, in a folder or in a folder of a zip archive.

    Attributes:
        place: The folder, or the archive.
        inside: Folder inside the archive, with a slash at its end; "" for a folder on disk.
        width: Digits to which names are padded with zeros; 1 for no padding.
        ending: Ending of the names, such as ".jpg".
        traces: Frame -> what tells it apart.
    """

    place: Path
    inside: str
    width: int
    ending: str
    traces: dict[int, Trace] = field(default_factory=dict[int, Trace])

    def trace(self, frame: int) -> Trace | None:
        """Return what tells the picture apart, or None if there is none.

        Args:
            frame: Number of the frame.
        """
        return self.traces.get(frame)

    def name(self, frame: int) -> str:
        """Return the name of the file.

        Args:
            frame: Number of the frame.
        """
        return f"{self.inside}{frame:0{self.width}d}{self.ending}"

    def read(self, frame: int) -> bytes:
        """Return the content of the file.

        Args:
            frame: Number of the frame.
        """
        if not self.inside:
            return (self.place / self.name(frame)).read_bytes()
        return _archive(self.place).read(self.name(frame))

    def suffix(self, frame: int) -> str:
        """Return the ending of the file's name.

        Args:
            frame: Number of the frame; all have the same ending.
        """
        return self.ending.lower()

    def slim(self) -> NumberedPictures:
        """Return the same without traces."""
        return NumberedPictures(self.place, self.inside, self.width, self.ending)


@dataclass(frozen=True, slots=True)
class ListedPictures:
    """Pictures with names of their own.

    Attributes:
        place: The folder.
        names: Name of each picture relative to the folder, in the order of the frames, which count from 0.
    """

    place: Path
    names: tuple[str, ...]

    def trace(self, frame: int) -> Trace | None:
        """Return what tells the picture apart, or None if there is none.

        Args:
            frame: Number of the frame.
        """
        try:
            return Trace((self.place / self.names[frame]).stat().st_size, 0)
        except OSError:
            return None

    def read(self, frame: int) -> bytes:
        """Return the content of the file.

        Args:
            frame: Number of the frame.
        """
        return (self.place / self.names[frame]).read_bytes()

    def suffix(self, frame: int) -> str:
        """Return the ending of the file's name.

        Args:
            frame: Number of the frame.
        """
        return Path(self.names[frame]).suffix.lower()

    def slim(self) -> ListedPictures:
        """Return this."""
        return self


@lru_cache(maxsize=2)
def _archive(path: Path) -> zipfile.ZipFile:
    return zipfile.ZipFile(path)


def folder_pictures(folder: Path) -> NumberedPictures | None:
    """Return the numbered pictures of a folder, or None if there are none.

    Args:
        folder: The folder.
    """
    if not folder.is_dir():
        return None
    with os.scandir(folder) as entries:
        found = [(entry.name, Trace(entry.stat().st_size, 0)) for entry in entries if entry.name[:1].isdigit()]
    return _numbered(folder, "", found)


def archive_pictures(archive: zipfile.ZipFile, path: Path, inside: str) -> NumberedPictures | None:
    """Return the numbered pictures of a folder inside a zip archive, or None if there are none.

    Args:
        archive: The open archive.
        path: Where it lies.
        inside: Folder in it, such as "F001/T1".
    """
    start = f"{inside}/"
    found = [
        (info.filename[len(start) :], Trace(info.file_size, info.CRC))
        for info in archive.infolist()
        if info.filename.startswith(start)
    ]
    return _numbered(path, start, found)


def _numbered(place: Path, inside: str, found: Iterable[tuple[str, Trace]]) -> NumberedPictures | None:
    pictures = sorted((name, trace) for name, trace in found if name.lower().endswith(SUFFIXES))
    matches = [(match, trace) for name, trace in pictures if (match := _FRAME.fullmatch(name))]
    if not matches:
        return None
    first = matches[0][0]
    padded = all(len(match[1]) == len(first[1]) for match, _ in matches)
    ending = first[2]
    traces = {int(match[1]): trace for match, trace in matches if match[2] == ending}
    return NumberedPictures(place, inside, len(first[1]) if padded else 1, ending, traces)
