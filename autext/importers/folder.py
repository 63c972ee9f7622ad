"""Any pictures with a table of OpenFace or py-feat: one row for each picture.

A picture is found by the column `file_name`, `filename`, `file`, `image`, `input` or `path`; without one, `frame`
counts the pictures in the order of their names (from 1, as `FeatureExtraction -fdir` of OpenFace does; for py-feat
from 0). Rows without a face are left out: `success` 0, a `confidence` or `FaceScore` below the least one, or empty
cells. A picture with several faces is left out, because it is not known whose expression the caption would be about.

OpenFace's intensities are graded, and below half a level count as absent; its presence decides where the two
contradict each other. py-feat's numbers are nearer to probabilities: half and more is present, and nothing is graded.
Neither tells left and right apart. The labels are those of a program, not of a coder; the card says so by the source.
"""

from __future__ import annotations

import csv
import math
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from auface.autext.record import SPLITS, Split
from auface.autext.seed import derived_seed
from auface.facs.columns import UNITS, ColumnReader

from .bp4d import check_selection
from .index import NO_FACE, FrameSequence, Index, Selection
from .picture import SUFFIXES, ListedPictures
from .problem import Problems

NAME_COLUMNS = ("file_name", "filename", "file", "image", "input", "path")
"""Columns that may name the picture, in the order in which they are looked for."""

SUBJECT_COLUMNS = ("subject", "person", "subject_id")
"""Columns that may name the person."""

MANY_FACES = "with several faces"

_FIRST_FRAME = {"openface": 1, "pyfeat": 0, "libreface": 0}
_SHARES = (0.9, 0.95, 1.0)  # of subjects, by chance: train, validation, test
_ABSENT_BELOW = 0.5  # intensity


class _Row(NamedTuple):
    line: int
    name: str
    cells: list[str]


def index_folder(
    images: Path,
    table: Path,
    selection: Selection | None = None,
    *,
    min_confidence: float = 0.8,
    seed: int = 0,
    source: str = "folder",
) -> Index:
    """Read the table and find all pictures.

    The person is the one that a column `subject` names, else the folder of the picture inside `images`, else the
    picture counts as a person of its own. People are divided into splits by chance, 90 : 5 : 5.

    Args:
        images: The folder of the pictures.
        table: CSV of OpenFace or py-feat.
        selection: Which pictures are wanted; None is all.
        min_confidence: Detections below this are no face, 0 to 1.
        seed: Decides the splits.
        source: Name of the source, for the rows.

    Raises:
        ValueError: An argument is wrong, or there are problems with files; all are listed.
    """
    selection = selection or Selection()
    problems = Problems()
    if not 0 <= min_confidence <= 1:
        raise ValueError(f"`min_confidence` is {min_confidence}; accepted is a number from 0 to 1.")
    try:
        with table.open(newline="", encoding="utf-8-sig") as file:
            content = list(csv.reader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ValueError(f"{table}: cannot be read: {error}") from None
    if not images.is_dir():
        raise ValueError(f"`images` is {str(images)!r}; accepted is a folder of pictures.")
    header = [cell.strip() for cell in content[0]] if content else []
    try:
        reader = ColumnReader(header, contradiction="presence")
    except ValueError as error:
        raise ValueError(f"{table}:1: {error}") from None
    files = _pictures(images)
    check_selection(Selection(units=selection.units), {}, reader.units)
    index = Index(source=source, units=selection.units or reader.units)
    rows = list(_rows(content, header, files, reader.style, table, problems))
    _add_all(index, rows, header, reader, _Context(images, table, selection, min_confidence, seed), problems)
    problems.check()
    if missing := sorted(set(selection.subjects) - {sequence.subject for sequence in index.sequences}):
        raise ValueError(f"`subjects` has {', '.join(missing)}, of whom no picture is left; accepted are others.")
    return index


class _Context(NamedTuple):
    images: Path
    table: Path
    selection: Selection
    min_confidence: float
    seed: int


def _add_all(
    index: Index,
    rows: list[_Row],
    header: list[str],
    reader: ColumnReader,
    context: _Context,
    problems: Problems,
) -> None:
    faces = Counter(row.name for row in rows if _has_face(row, header, context.min_confidence))
    graded = _graded(header, reader)
    place = {unit: number for number, unit in enumerate(index.units)}
    subject_column = _column(header, SUBJECT_COLUMNS)
    people: dict[str, list[tuple[_Row, np.ndarray, np.ndarray]]] = {}
    for row in rows:
        if not _has_face(row, header, context.min_confidence):
            index.dropped[NO_FACE] += 1
            continue
        if faces[row.name] > 1:
            index.dropped[MANY_FACES] += 1
            continue
        try:
            expression = reader.read(row.cells)
        except ValueError as error:
            problems.add(context.table, str(error), row.line)
            continue
        presence = np.zeros(len(place), np.int8)
        intensity = np.array([0.0 if unit in graded else -1.0 for unit in index.units], np.float32)
        for unit, left, _ in expression:
            if unit in place and left >= (_ABSENT_BELOW if reader.style != "pyfeat" else 2.5):
                presence[place[unit]] = 1
                if unit in graded:
                    intensity[place[unit]] = left
        subject = row.cells[subject_column].strip() if subject_column is not None else subject_of(row.name)
        if not context.selection.subjects or subject in context.selection.subjects:
            people.setdefault(subject, []).append((row, presence, intensity))
    for subject, own in sorted(people.items()):
        own.sort(key=lambda item: item[0].name)
        sequence = FrameSequence(
            subject=subject,
            name=subject.replace("/", "_"),
            split=split_of(subject, context.seed),
            frames=np.arange(len(own), dtype=np.int32),
            presence=np.stack([presence for _, presence, _ in own]),
            intensity=np.stack([intensity for _, _, intensity in own]),
            pictures=ListedPictures(context.images, tuple(row.name for row, _, _ in own)),
            table=context.table,
            lines=np.array([row.line for row, _, _ in own], np.int32),
        )
        index.add(sequence, context.selection, problems)


def _pictures(images: Path) -> list[str]:
    return sorted(path.relative_to(images).as_posix() for path in images.rglob("*") if path.suffix.lower() in SUFFIXES)


def _rows(
    content: list[list[str]], header: list[str], files: list[str], style: str, table: Path, problems: Problems
) -> Iterator[_Row]:
    """Yield the rows whose picture is there; others are problems."""
    named = _column(header, NAME_COLUMNS)
    counted = _column(header, ("frame",))
    if named is None and counted is None:
        problems.add(table, f"no column names the picture; accepted are {', '.join(NAME_COLUMNS)} and frame", 1)
        return
    by_base: dict[str, list[str]] = {}
    for name in files:
        by_base.setdefault(name.rsplit("/", 1)[-1], []).append(name)
    every = set(files)
    for line, cells in enumerate(content[1:], 2):
        if not cells:
            continue
        if len(cells) != len(header):
            problems.add(table, f"the row has {len(cells)} cells; accepted are {len(header)}", line)
            continue
        name: str | None
        if named is not None:
            wanted = cells[named].strip().replace("\\", "/")
            candidates = [wanted] if wanted in every else by_base.get(wanted.rsplit("/", 1)[-1], [])
            name = candidates[0] if len(candidates) == 1 else None
            if len(candidates) > 1:
                problems.add(table, f"the picture {wanted!r} could be {' or '.join(candidates[:3])}", line)
                continue
        else:
            assert counted is not None
            wanted = cells[counted].strip()
            number = int(wanted) - _FIRST_FRAME[style] if wanted.isdecimal() else -1
            name = files[number] if 0 <= number < len(files) else None
        if name is None:
            problems.add(table, f"there is no picture {wanted!r}", line)
            continue
        yield _Row(line, name, cells)


def _has_face(row: _Row, header: list[str], least: float) -> bool:
    """Whether the program that wrote the row saw a face."""
    for name in ("success", "confidence", "FaceScore"):
        column = _column(header, (name,))
        if column is not None:
            score = _float(row.cells[column])
            if math.isnan(score) or score < (1 if name == "success" else least):
                return False
    units = [cell for cell, name in zip(row.cells, header, strict=True) if name.upper().startswith("AU")]
    return any(not math.isnan(_float(cell)) for cell in units)


def _graded(header: list[str], reader: ColumnReader) -> set[int]:
    """Return the units whose intensity the program estimates."""
    if reader.style == "pyfeat":
        return set()
    ending = "_r" if reader.style == "openface" else "_intensity"
    return {unit for unit in UNITS[reader.style] if any(_is(name, unit, ending) for name in header)}


def _is(name: str, unit: int, ending: str) -> bool:
    digits = "".join(letter for letter in name if letter.isdecimal())
    return name.endswith(ending) and name.lower().startswith("au") and digits.isdecimal() and int(digits) == unit


def _column(header: list[str], names: tuple[str, ...]) -> int | None:
    return next((header.index(name) for name in names if name in header), None)


def subject_of(name: str) -> str:
    """Return whose picture it is taken to be: that of its folder, else a person of its own.

    Args:
        name: Name of the picture, relative to the folder of all.
    """
    folder, _, base = name.rpartition("/")
    return folder or base.rsplit(".", 1)[0]


def split_of(subject: str, seed: int) -> Split:
    """Return the split of a person, by chance, 90 : 5 : 5.

    Args:
        subject: Name of the person.
        seed: Decides.
    """
    share = derived_seed(seed, f"split of {subject}") / 2**63
    return next(split for split, end in zip(SPLITS, _SHARES, strict=True) if share < end)


def _float(cell: str) -> float:
    try:
        return float(cell)
    except ValueError:
        return math.nan
