"""Tables of readings: pandas, CSV, with the column names of OpenFace, of py-feat, or with everything that is known.

    openface   file, frame, face_id, timestamp, confidence, success, AU01_r ..., AU01_c ...
               intensity 0 to 5 and presence; AU45 is what is read of AU43 (one picture cannot tell a blink)
    pyfeat     FaceRectX, FaceRectY, FaceRectWidth, FaceRectHeight, FaceScore, AU01 ..., anger ... neutral, input, frame
               0 to 1
    auface     file, frame, seconds, face, score, box, pose, expression, and of each unit left, right, their
               uncertainty; basic emotions; the compound emotion, empty where there is no answer

OpenFace and py-feat have no sides: the stronger is written. In their columns an intensity under 1 (FACS A) is written
as 0, so that presence is intensity above 0 and never contradicts it; `auface` columns hold what was read. A cell is
empty where a unit could not be judged. A frame without a face is a row with success 0 (face -1) and no values, as
OpenFace and py-feat write it. Head pose is left to `auface` columns: the signs of the others are not documented alike.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Literal, TypeAlias, get_args

from auface.facs import ActionUnit, Expression
from auface.facs.columns import UNITS as COLUMN_UNITS, to_columns
from auface.recognition.batch import FrameReading
from auface.recognition.emotion.face_emotions import FaceEmotions, face_emotions
from auface.recognition.emotion.opinion import BASIC
from auface.recognition.result import FaceReading
from auface.recognition.unit_table import UNITS

if TYPE_CHECKING:
    import pandas

ColumnStyle: TypeAlias = Literal["auface", "openface", "pyfeat"]
"""Whose column names."""

COLUMN_STYLES: tuple[ColumnStyle, ...] = get_args(ColumnStyle)
"""All styles; the first holds the most."""

Row: TypeAlias = "dict[str, str | int | float]"
"""Column name -> cell; NaN is an empty cell."""

_BLINK = ActionUnit.AU45
_LID = ActionUnit.AU43
_PYFEAT_EMOTIONS = ("anger", "disgust", "fear", "happiness", "sadness", "surprise", "neutral")


def rows_of(
    reading: FrameReading, style: ColumnStyle = "auface", emotions: Iterable[FaceEmotions] | None = None
) -> list[Row]:
    """Return the rows of one frame: one for each face, or one that says that there is none.

    Args:
        reading: The faces of a frame.
        style: Whose column names.
        emotions: The emotions of each face, in order; by default those of its units and of the crop network.

    Raises:
        ValueError: There is no such style.
    """
    if style not in COLUMN_STYLES:
        raise ValueError(f"`style` is {style!r}; accepted are {', '.join(COLUMN_STYLES)}.")
    faces = reading.recognition.faces
    if not faces:
        return [_WRITERS[style](reading, -1, None, None)]
    known = [face_emotions(face) for face in faces] if emotions is None else list(emotions)
    return [_WRITERS[style](reading, number, face, known[number]) for number, face in enumerate(faces)]


def columns_of(style: ColumnStyle = "auface") -> tuple[str, ...]:
    """Return the names of the columns, the same for every frame.

    Args:
        style: Whose column names.

    Raises:
        ValueError: There is no such style.
    """
    from auface.recognition.result import Recognition

    return tuple(rows_of(FrameReading("", 0, 0.0, Recognition("", (1, 1), ())), style)[0])


def data_frame(readings: Iterable[FrameReading], style: ColumnStyle = "auface") -> pandas.DataFrame:
    """Return all rows as a pandas DataFrame.

    Args:
        readings: The faces of frames; they are looked at one at a time.
        style: Whose column names.

    Raises:
        ImportError: pandas is missing.
        ValueError: There is no such style.
    """
    try:
        import pandas
    except ImportError:
        raise ImportError('tables need pandas: pip install "auface[recognition]"') from None
    rows = [row for reading in readings for row in rows_of(reading, style)]
    return pandas.DataFrame(rows, columns=list(columns_of(style)))


class CsvTable:
    """A CSV file that grows row by row; use it in a `with` statement.

    Attributes:
        path: The file.
        rows: Number of rows that were written.
    """

    def __init__(self, path: Path, style: ColumnStyle = "auface", overwrite: bool = False) -> None:
        """Name a file; it is made when the `with` statement begins.

        Args:
            path: The file.
            style: Whose column names.
            overwrite: Whether an earlier file may be replaced.

        Raises:
            ValueError: The file exists and may not be replaced, or there is no such style.
        """
        if path.exists() and not overwrite:
            raise ValueError(f"`path` is {str(path)!r}, which exists; accepted is a new file, or `overwrite`.")
        self.path = path
        self.rows = 0
        self._style: ColumnStyle = style
        self._columns = columns_of(style)

    def __enter__(self) -> CsvTable:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._file = self.path.open("w", encoding="utf-8", newline="")
        self._writer = csv.DictWriter(self._file, self._columns)
        self._writer.writeheader()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def write(self, reading: FrameReading, emotions: Iterable[FaceEmotions] | None = None) -> None:
        """Write the rows of one frame.

        Args:
            reading: The faces of the frame.
            emotions: The emotions of each face; by default those of its units and of the crop network.
        """
        for row in rows_of(reading, self._style, emotions):
            self._writer.writerow({name: _cell(value) for name, value in row.items()})
            self.rows += 1


def _cell(value: str | int | float) -> str | int | float:
    if isinstance(value, float):
        return "" if math.isnan(value) else round(value, 4)
    return value


def _openface(reading: FrameReading, number: int, face: FaceReading | None, _: FaceEmotions | None) -> Row:
    row: Row = {
        "file": reading.name,
        "frame": reading.number + 1,  # OpenFace counts from 1
        "face_id": max(0, number),
        "timestamp": reading.seconds,
        "confidence": face.face.score if face else 0.0,
        "success": int(face is not None),
    }
    cells = _unit_cells(face, "openface")
    intensities = {name: value for name, value in cells.items() if name.endswith("_r")}
    return row | intensities | {name: value for name, value in cells.items() if name.endswith("_c")}


def _pyfeat(reading: FrameReading, _: int, face: FaceReading | None, emotions: FaceEmotions | None) -> Row:
    x0, y0, x1, y1 = face.face.box if face else (math.nan,) * 4
    row: Row = {
        "FaceRectX": x0,
        "FaceRectY": y0,
        "FaceRectWidth": x1 - x0,
        "FaceRectHeight": y1 - y0,
        "FaceScore": face.face.score if face else math.nan,
    }
    row |= _unit_cells(face, "pyfeat")
    row |= {name: emotions.basic.probabilities[name] if emotions else math.nan for name in _PYFEAT_EMOTIONS}
    return row | {"input": reading.name, "frame": reading.number}


def _auface(reading: FrameReading, number: int, face: FaceReading | None, emotions: FaceEmotions | None) -> Row:
    x0, y0, x1, y1 = face.face.box if face else (math.nan,) * 4
    pose = face.face.pose if face else None
    row: Row = {
        "file": reading.name,
        "frame": reading.number,
        "seconds": reading.seconds,
        "face": number,
        "score": face.face.score if face else math.nan,
        "x0": x0,
        "y0": y0,
        "x1": x1,
        "y1": y1,
        "yaw": pose.yaw if pose else math.nan,
        "pitch": pose.pitch if pose else math.nan,
        "roll": pose.roll if pose else math.nan,
        "expression": face.expression().notation() if face else "",
    }
    for unit in UNITS:
        value = face.units.values.get(unit) if face else None
        for side in ("left", "right"):
            judged = face is not None and value is not None and face.units.is_judged(unit, side)
            row[f"AU{int(unit)}_{side}"] = getattr(value, side) if judged else math.nan
            row[f"AU{int(unit)}_{side}_uncertainty"] = getattr(value, f"{side}_uncertainty") if judged else math.nan
    row |= {name: emotions.basic.probabilities[name] if emotions else math.nan for name in BASIC}
    row["compound"] = (emotions.compound.answer() or "") if emotions else ""
    row["compound_margin"] = emotions.compound.margin if emotions else math.nan
    return row


_WRITERS = {"auface": _auface, "openface": _openface, "pyfeat": _pyfeat}


def _unit_cells(face: FaceReading | None, style: Literal["openface", "pyfeat"]) -> dict[str, float]:
    """Return the columns of units in another program's names, empty where nothing could be judged."""
    shown = face.expression() if face else Expression()
    lids = shown.values().get(_LID)
    if lids and _BLINK in COLUMN_UNITS[style]:
        shown = shown.replaced(_BLINK, max(lids))
    written = to_columns(shown.removed([unit for unit in shown.units if unit not in COLUMN_UNITS[style]]), style)
    for unit in COLUMN_UNITS[style]:
        asked = _LID if unit is _BLINK else unit
        if face is None or not (face.units.is_judged(asked, "left") or face.units.is_judged(asked, "right")):
            for name in (f"AU{int(unit):02d}", f"AU{int(unit):02d}_r", f"AU{int(unit):02d}_c"):
                if name in written:
                    written[name] = math.nan
    return written
