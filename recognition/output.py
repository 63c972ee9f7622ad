"""What `auface recognize` writes, row by row so that memory does not grow: tables, JSON, and pictures."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, TextIO

import numpy as np

from auface.recognition.batch import FrameReading
from auface.recognition.emotion.face_emotions import FaceEmotions
from auface.recognition.frames import Problem
from auface.recognition.heat_map import HeatLayer, draw_heat, reading_levels, unit_heat
from auface.recognition.table import COLUMN_STYLES, CsvTable

if TYPE_CHECKING:
    from PIL.Image import Image


class JsonRows:
    """A JSON list that grows row by row; use it in a `with` statement.

    Each item is a picture with its faces (without landmarks) and their emotions, or one that could not be read with
    the reason.
    """

    def __init__(self, path: Path | None, overwrite: bool = False) -> None:
        """Name a file; it is made when the `with` statement begins.

        Args:
            path: The file; None prints.
            overwrite: Whether an earlier file may be replaced.

        Raises:
            ValueError: The file exists and may not be replaced.
        """
        if path is not None and path.exists() and not overwrite:
            raise ValueError(f"`path` is {str(path)!r}, which exists; accepted is a new file, or `overwrite`.")
        self._path = path
        self._rows = 0

    def __enter__(self) -> JsonRows:
        self._file: TextIO = sys.stdout
        if self._path is not None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._file = self._path.open("w", encoding="utf-8")
        self._file.write("[")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.write("\n]\n")
        if self._path is not None:
            self._file.close()

    def write(self, reading: FrameReading, emotions: Sequence[FaceEmotions]) -> None:
        """Write one picture.

        Args:
            reading: Its faces.
            emotions: Their emotions, in the same order.
        """
        data = json.loads(reading.recognition.to_json())
        for face, felt in zip(data["faces"], emotions, strict=True):
            del face["landmarks"]  # thirty times as long as all the rest
            face["emotions"] = felt.to_dict()
        data |= {"source": reading.name, "frame": reading.number, "seconds": round(reading.seconds, 4)}
        self._item(data)

    def problems(self, problems: Sequence[Problem]) -> None:
        """Write what could not be read.

        Args:
            problems: The files with the reasons.
        """
        for problem in problems:
            self._item({"source": problem.name, "problem": problem.reason})

    def _item(self, data: dict[str, Any]) -> None:
        self._file.write(",\n" if self._rows else "\n")
        self._file.write(json.dumps(data))
        self._rows += 1


class HeatMaps:
    """A folder of pictures with the units drawn on their faces."""

    def __init__(self, folder: Path, overwrite: bool = False) -> None:
        """Name a folder; it is made with the first picture.

        Args:
            folder: The folder.
            overwrite: Whether pictures of an earlier run may be replaced.

        Raises:
            ValueError: It is a file, or holds pictures that may not be replaced.
        """
        if folder.is_file():
            raise ValueError(f"`folder` is {str(folder)!r}, a file; accepted is a folder.")
        if folder.is_dir() and any(folder.glob("*.png")) and not overwrite:
            raise ValueError(f"`folder` is {str(folder)!r}, which holds pictures; accepted is another, or `overwrite`.")
        self._folder = folder
        self._names: set[str] = set()

    def draw(self, reading: FrameReading) -> Path:
        """Draw one picture and return its file.

        Args:
            reading: Its faces.
        """
        picture = frame_picture(reading)
        for face in reading.recognition.faces:
            picture = draw_heat(picture, face.face, HeatLayer(unit_heat(reading_levels(face.units))))
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._folder / f"{self._name(reading)}.png"
        picture.save(path)
        return path

    def _name(self, reading: FrameReading) -> str:
        name = Path(reading.name).stem
        if reading.number or reading.seconds:
            return f"{name}-{reading.number:06d}"
        plain, count = name, 1
        while name in self._names:  # folders below one another may hold equal names
            count += 1
            name = f"{plain}-{count}"
        self._names.add(name)
        return name


def frame_picture(reading: FrameReading) -> Image:
    """Return the picture of a frame, RGB.

    Args:
        reading: The faces of the frame, which knows where it came from.

    Raises:
        ValueError: It does not know, or the file can no longer be read.
    """
    from PIL import Image

    from auface.recognition.picture import open_picture

    if reading.source is None:
        raise ValueError(f"`reading` of {reading.name!r} knows no picture; accepted is one of `read_frames`.")
    if isinstance(reading.source, np.ndarray):
        return Image.fromarray(reading.source)
    return Image.fromarray(open_picture(reading.source).pixels)


def opened_table(path: Path, columns: str, overwrite: bool) -> CsvTable | JsonRows:
    """Return what writes a file of readings, by its ending.

    Args:
        path: A .csv or .json file.
        columns: Whose column names.
        overwrite: Whether an earlier file may be replaced.

    Raises:
        ValueError: Another ending, other columns, or the file exists and may not be replaced.
    """
    if columns not in COLUMN_STYLES:
        raise ValueError(f"`--columns` is {columns!r}; accepted are {', '.join(COLUMN_STYLES)}.")
    if path.suffix.lower() == ".csv":
        return CsvTable(path, columns, overwrite)  # pyright: ignore[reportArgumentType] - checked above
    if path.suffix.lower() == ".json":
        return JsonRows(path, overwrite)
    raise ValueError(f"`--out` is {str(path)!r}; accepted is a file that ends in .csv or .json.")
