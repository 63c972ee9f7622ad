"""The seven-class protocol of C-EXPR-DB on a user's own copy (ABAW challenges, arXiv 2402.19344).

The copy is a folder of frames, `VIDEO/00001.jpg`, with a CSV table of labels in the form of the challenge's own files:

    image_location,Fearfully_Surprised,Happily_Surprised,...,Sadly_Angry
    VIDEO/00001.jpg,3

The number is the class, 0 to 6, in the order of `C_EXPR_DB`; rows with another number (frames without a label) are left
out. The figure is the mean F1 over the seven classes, every class counting alike. An answer is
given for every frame, as the challenge asks; a frame without a face has none, and counts as wrong. Nothing of the
database is shipped, and labels of the challenge's test part are not public: without a table, only predictions are made.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from auface.facs.prototype_table import C_EXPR_DB
from auface.recognition.agreement import confusion, macro_f1
from auface.recognition.batch import Reader
from auface.recognition.emotion.anatomy import compound_opinion
from auface.recognition.emotion.face_emotions import cnn_opinion
from auface.recognition.emotion.fusion import COMPOUND_SHIPPED, Fusion
from auface.recognition.emotion.opinion import Opinion, spread_over_compounds
from auface.recognition.frames import PICTURES, Problem
from auface.recognition.result import FaceReading

HEADER = ("image_location", *("_".join(part.capitalize() for part in name.split("_")) for name in C_EXPR_DB))
"""The first line of tables of labels and predictions."""

Answers = dict[str, str | None]
"""Source of an opinion -> the class that it says, or None without a face."""


class Asked(Protocol):
    """Another source of opinions, such as a visual language model."""

    def __call__(self, path: Path, face: FaceReading, classes: Sequence[str]) -> Opinion:
        """Return an opinion on the seven classes.

        Args:
            path: The picture.
            face: Its largest face.
            classes: The seven classes.
        """
        ...


@dataclass(frozen=True, slots=True)
class LabelledFrame:
    """A frame.

    Attributes:
        name: Its name in the table, such as "12-24/00001.jpg".
        path: The file.
        label: Its class, or None where it is not known.
    """

    name: str
    path: Path
    label: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CexprReport:
    """Answers to the frames, and how right they are.

    Attributes:
        frames: The frames, in order.
        answers: The answers to each.
        problems: What could not be read.
    """

    frames: tuple[LabelledFrame, ...]
    answers: tuple[Answers, ...]
    problems: tuple[Problem, ...]

    @property
    def sources(self) -> tuple[str, ...]:
        """The sources that answered, "fusion" among them."""
        return tuple(dict.fromkeys(source for answer in self.answers for source in answer))

    def macro_f1(self, source: str = "fusion") -> float | None:
        """Return the mean F1 over the seven classes, or None where no frame has a label.

        Args:
            source: Whose answers.
        """
        known = [(f.label, a.get(source)) for f, a in zip(self.frames, self.answers, strict=True) if f.label]
        if not known:
            return None
        return macro_f1([label for label, _ in known], [answer for _, answer in known], C_EXPR_DB)

    def to_dict(self) -> dict[str, Any]:
        """Return what JSON holds: macro F1 by source, the confusion of the fusion, counts and problems."""
        known = [(f.label, a.get("fusion")) for f, a in zip(self.frames, self.answers, strict=True) if f.label]
        labels = [label for label, _ in known]
        return {
            "schema": "auface.cexpr/1",
            "frames": len(self.frames),
            "labelled": len(known),
            "without face": sum(answer.get("fusion") is None for answer in self.answers),
            "macro F1": {source: self.macro_f1(source) for source in self.sources},
            "confusion": confusion(labels, [answer for _, answer in known], C_EXPR_DB) if known else {},
            "problems": [{"name": one.name, "reason": one.reason} for one in self.problems],
        }

    def write_predictions(self, path: Path) -> None:
        """Write the fusion's answers in the form of the challenge; a frame without a face is -1.

        Args:
            path: The CSV file.
        """
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(HEADER)
            for frame, answer in zip(self.frames, self.answers, strict=True):
                said = answer.get("fusion")
                writer.writerow([frame.name, -1 if said is None else C_EXPR_DB.index(said)])


def labelled_frames(folder: str | Path, labels: str | Path | None = None, every: int = 1) -> list[LabelledFrame]:
    """Return the frames of a copy.

    Args:
        folder: The folder with one folder for each video.
        labels: The table; by default the one `.csv` file in the folder, if there is one.
        every: Of the frames in order, every so many.

    Raises:
        ValueError: It is no folder, holds no frames or several tables, the table is wrong, or `every` is less than 1.
    """
    root = Path(folder)
    if not root.is_dir():
        raise ValueError(f"`folder` is {str(root)!r}, which is no folder; accepted is a copy of C-EXPR-DB.")
    if every < 1:
        raise ValueError(f"`every` is {every!r}; accepted is a whole number from 1.")
    table = Path(labels) if labels is not None else _only_table(root)
    if table is not None:
        found = list(_rows(root, table))
    else:
        paths = sorted(path for path in root.rglob("*") if path.suffix.lower() in PICTURES)
        found = [LabelledFrame(path.relative_to(root).as_posix(), path, None) for path in paths]
    if not found:
        raise ValueError(f"`folder` is {str(root)!r}, which holds no frames; accepted are VIDEO/00001.jpg and so on.")
    return found[::every]


def evaluate_cexpr(
    reader: Reader,
    frames: Sequence[LabelledFrame],
    fusion: Fusion = COMPOUND_SHIPPED,
    asked: Asked | None = None,
    progress: Callable[[int], None] | None = None,
) -> CexprReport:
    """Answer every frame by anatomy, by the crop network, by another source, and by their fusion.

    Args:
        reader: What reads faces.
        frames: The frames.
        fusion: Weights of the sources.
        asked: Another source.
        progress: Called with the number of frames done so far.
    """
    answers: list[Answers] = []
    problems: list[Problem] = []
    for done, frame in enumerate(frames, start=1):
        answers.append({"fusion": None})
        try:
            found = reader.read(frame.path)
            if found.faces:
                answers[-1] = _answers(frame.path, found.face(), fusion, asked)
        except ValueError as error:
            problems.append(Problem(frame.name, str(error)))
        if progress is not None:
            progress(done)
    return CexprReport(frames=tuple(frames), answers=tuple(answers), problems=tuple(problems))


def _answers(path: Path, face: FaceReading, fusion: Fusion, asked: Asked | None) -> Answers:
    opinions = [compound_opinion(face.units, C_EXPR_DB)]
    if face.emotions:
        opinions.append(spread_over_compounds(cnn_opinion(face), C_EXPR_DB))
    if asked is not None:
        opinions.append(asked(path, face, C_EXPR_DB))
    found: Answers = {opinion.source: opinion.best for opinion in opinions}
    found["fusion"] = fusion.fuse(opinions).best
    return found


def _only_table(root: Path) -> Path | None:
    tables = sorted(root.glob("*.csv"))
    if len(tables) > 1:
        raise ValueError(f"`folder` holds {len(tables)} tables; accepted is one, or say with `labels` which it is.")
    return tables[0] if tables else None


def _rows(root: Path, table: Path) -> Iterator[LabelledFrame]:
    if not table.is_file():
        raise ValueError(f"`labels` is {str(table)!r}, which does not exist; accepted is a CSV table.")
    with table.open(encoding="utf-8-sig", newline="") as file:
        rows = csv.reader(file)
        header = next(rows, [])
        if not header or header[0].strip() != HEADER[0]:
            raise ValueError(f"`labels` is {str(table)!r}, whose first column is not {HEADER[0]!r}.")
        for number, row in enumerate(rows, start=2):
            if not row:
                continue
            label = _label(header, row, f"{table.name} line {number}")
            if label is not None:
                yield LabelledFrame(row[0].strip(), root / row[0].strip(), label)


def _label(header: Sequence[str], row: Sequence[str], where: str) -> str | None:
    """Return the class of a row: its number after the name, or the column that is 1."""
    try:
        cells = [int(float(cell)) for cell in row[1:]]
    except ValueError:
        raise ValueError(f"{where} is {','.join(row)!r}; accepted is a name and a class from 0 to 6.") from None
    if len(cells) == len(C_EXPR_DB) and len(header) == len(HEADER):
        return C_EXPR_DB[cells.index(1)] if cells.count(1) == 1 else None
    if len(cells) != 1:
        raise ValueError(f"{where} has {len(cells)} numbers; accepted are one, or {len(C_EXPR_DB)} of which one is 1.")
    return C_EXPR_DB[cells[0]] if 0 <= cells[0] < len(C_EXPR_DB) else None
