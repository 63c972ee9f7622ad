"""BP4D (Zhang et al. 2014): 41 subjects, 8 tasks, occurrence of 27 units, intensity of five.

    <Subject>/<Task>/<frame>.jpg                       also inside BP4D-training/; names may be padded with zeros
    AUCoding/AU_OCC/<Subject>_<Task>.csv               older releases: AUCoding/<Subject>_<Task>.csv
    AU-Intensity-Codes3.0/AU06/<Subject>_<Task>_AU06.csv      without header: frame, intensity

The first row of an occurrence file names its columns: "0" for the frame's number, then numbers of units. Cells are 0
(absent), 1 (present) and 9 (not coded). Columns of numbers that are no unit here are left alone, as are those of units
that were not coded. Intensities are 0 to 5, or 9. Layout as in ME-GraphAU, OpenGraphAU, AU R-CNN and FERA-2015.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from auface.autext.record import Split
from auface.facs import ActionUnit

from .index import FrameSequence, Index, Selection
from .label_table import LabelTable, read_labels
from .picture import Pictures, folder_pictures
from .problem import Problems
from .split import Protocol, splits_of

UNITS: tuple[ActionUnit, ...] = tuple(
    map(
        ActionUnit,
        (1, 2, 4, 5, 6, 7, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 22, 23, 24, 27, 28, 30, 32, 38, 39),
    )
)
"""The units whose occurrence is coded."""

GRADED: tuple[ActionUnit, ...] = tuple(map(ActionUnit, (6, 10, 12, 14, 17)))
"""The units whose intensity is coded."""

NOT_CODED = 9
"""The value that says so."""

_FILE = re.compile(r"([FM][0-9]{3})_(T[0-9]{1,2})\.csv")
_INTENSITY_FOLDERS = ("AU-Intensity-Codes3.0", "AU Intensity Codes3.0", "AUCoding/AU_INT")
_LAST_NUMBER = 99


def index_bp4d(
    root: Path, selection: Selection | None = None, protocol: Protocol = "bp4d-3fold", fold: int = 1
) -> Index:
    """Read all labels and find all pictures.

    Args:
        root: The folder of the data set.
        selection: Which frames are wanted; None is all.
        protocol: "bp4d-3fold" or "bp4d-fera2015".
        fold: Which fold of it.

    Raises:
        ValueError: An argument is wrong, or there are problems with files; all are listed.
    """
    selection = selection or Selection()
    splits = splits_of(protocol, fold)
    problems = Problems()
    check_selection(selection, splits, UNITS)
    units = selection.units or UNITS
    index = Index(source="bp4d", units=units)
    files = label_files(root, problems)
    for subject, task, path in files:
        if subject not in splits:
            problems.add(path, f"subject {subject} is not one of {protocol}")
        elif not selection.subjects or subject in selection.subjects:
            _add(index, root, subject, task, path, selection, splits, problems)
    problems.check()
    return index


def check_selection(selection: Selection, splits: Mapping[str, Split], units: tuple[ActionUnit, ...]) -> None:
    """Check the names in a selection.

    Args:
        selection: Which frames are wanted.
        splits: Subject -> split.
        units: The units that the data set codes.

    Raises:
        ValueError: The data set has no such subject, or does not code a unit.
    """
    if unknown := sorted(set(selection.subjects) - set(splits)):
        names = sorted(splits)
        raise ValueError(f"`subjects` has {', '.join(unknown)}; accepted are {names[0]} to {names[-1]}, {len(names)}.")
    if missing := sorted(set(selection.units) - set(units)):
        names = ", ".join(str(unit.value) for unit in units)
        raise ValueError(f"`units` has {', '.join(unit.name for unit in missing)}; the data set codes {names}.")


def label_files(root: Path, problems: Problems) -> list[tuple[str, str, Path]]:
    """Return (subject, task, file) of all occurrence files.

    Args:
        root: The folder of the data set.
        problems: Where problems are noted.
    """
    folder = next((path for path in (root / "AUCoding/AU_OCC", root / "AUCoding") if path.is_dir()), None)
    if folder is None:
        problems.add(root, "has no folder AUCoding; accepted is the folder that holds AUCoding and the pictures")
        return []
    found: list[tuple[str, str, Path]] = []
    for path in sorted(folder.glob("*.csv")):
        match = _FILE.fullmatch(path.name)
        if match is None:
            problems.add(path, "is not named like a sequence; accepted are names such as F001_T1.csv")
        else:
            found.append((match[1], match[2], path))
    if not found and not len(problems):
        problems.add(folder, "has no files such as F001_T1.csv")
    return found


def find_pictures(root: Path, subject: str, task: str) -> Pictures | None:
    """Return the pictures of a sequence, or None.

    Args:
        root: The folder of the data set.
        subject: Such as "F001".
        task: Such as "T1".
    """
    for folder in (root / subject / task, root / "BP4D-training" / subject / task):
        if (pictures := folder_pictures(folder)) is not None:
            return pictures
    return None


def occurrence_columns(table: LabelTable, problems: Problems) -> dict[ActionUnit, int] | None:
    """Return unit -> column by the header of an occurrence file, or None if it is wrong.

    Args:
        table: The file.
        problems: Where problems are noted.
    """
    columns: dict[ActionUnit, int] = {}
    numbers: set[int] = set()
    before = len(problems)
    if not table.header or table.header[0] != "0":
        first = table.header[0] if table.header else ""
        problems.add(table.path, f"the first column is named {first!r}; accepted is '0', the frame's number", 1)
    for place, cell in enumerate(table.header[1:], 1):
        number = int(cell) if cell.isdecimal() and len(cell) <= 2 else 0
        if not 1 <= number <= _LAST_NUMBER:
            problems.add(table.path, f"a column is named {cell!r}; accepted are numbers of units", 1)
        elif number in numbers:
            problems.add(table.path, f"the column {cell!r} is there twice", 1)
        elif number in ActionUnit._value2member_map_:
            columns[ActionUnit(number)] = place
        numbers.add(number)
    return columns if len(problems) == before else None


def presence_of(
    table: LabelTable, columns: dict[ActionUnit, int], units: tuple[ActionUnit, ...], problems: Problems
) -> NDArray[np.int8]:
    """Return (frames, units) int8: 0, 1, or -1 where a unit is not coded or has no column.

    Args:
        table: The file.
        columns: Unit -> column.
        units: The units that are wanted.
        problems: Where problems are noted.
    """
    presence = np.full((len(table.numbers), len(units)), -1, np.int8)
    for place, unit in enumerate(units):
        if unit in columns:
            values = table.numbers[:, columns[unit]]
            for row in np.flatnonzero((values != 0) & (values != 1) & (values != NOT_CODED)):
                text = f"{unit.name} is {values[row]}; accepted are 0, 1 and {NOT_CODED} (not coded)"
                problems.add(table.path, text, int(row) + table.first_line)
            presence[:, place] = np.where(values == 1, 1, np.where(values == 0, 0, -1))
    return presence


def add_intensities(
    intensity: NDArray[np.float32], frames: NDArray[np.int32], column: int, path: Path, problems: Problems
) -> None:
    """Fill one column with the intensities of a file; without the folder for the unit, none is coded.

    Args:
        intensity: (frames, units), -1 where nothing is coded.
        frames: (frames,) numbers.
        column: Which column.
        path: The file: frame, intensity.
        problems: Where problems are noted.
    """
    if not path.parent.is_dir():
        return
    table = read_labels(path, header=False, columns=2, problems=problems)
    if table is None:
        return
    numbers, values = table.numbers[:, 0], table.numbers[:, 1]
    for row in np.flatnonzero((values != NOT_CODED) & ((values < 0) | (values > 5))):
        problems.add(path, f"an intensity is {values[row]}; accepted are 0 to 5 and 9 (not coded)", int(row) + 1)
    order = np.argsort(numbers, kind="stable")
    place = np.searchsorted(numbers[order], frames)
    inside = place < len(order)
    row = order[np.minimum(place, len(order) - 1)]
    found = inside & (numbers[row] == frames)
    coded = found & (values[row] != NOT_CODED)
    intensity[coded, column] = values[row][coded]


def _add(
    index: Index,
    root: Path,
    subject: str,
    task: str,
    path: Path,
    selection: Selection,
    splits: Mapping[str, Split],
    problems: Problems,
) -> None:
    table = read_labels(path, header=True, columns=None, problems=problems)
    if table is None or (columns := occurrence_columns(table, problems)) is None:
        return
    pictures = find_pictures(root, subject, task)
    if pictures is None:
        problems.add(path, f"there are no pictures of {subject}/{task} in {root}")
        return
    frames = table.numbers[:, 0]
    intensity = np.full((len(frames), len(index.units)), -1, np.float32)
    folder = next((root / name for name in _INTENSITY_FOLDERS if (root / name).is_dir()), None)
    for place, unit in enumerate(index.units):
        if folder is not None and unit in GRADED:
            name = f"AU{unit.value:02d}"
            add_intensities(intensity, frames, place, folder / name / f"{subject}_{task}_{name}.csv", problems)
    sequence = FrameSequence(
        subject=subject,
        name=f"{subject}_{task}",
        split=splits[subject],
        frames=frames,
        presence=presence_of(table, columns, index.units, problems),
        intensity=intensity,
        pictures=pictures,
        table=path,
        lines=np.arange(len(frames), dtype=np.int32) + table.first_line,
    )
    index.add(sequence, selection, problems)
