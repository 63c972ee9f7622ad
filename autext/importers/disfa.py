"""DISFA (Mavadati et al. 2013): 27 subjects, twelve units with intensity.

    ActionUnit_Labels/SN001/SN001_au1.txt      one line for each frame: "frame,intensity", from 1; intensity 0 to 5
    Images/SN001/<frame>.png                   frames taken out of the videos; also Images_LeftCamera/SN001/, SN001/

The data set comes with videos; take their frames out first, named by number from 1 (padded or not). Layout as in
ME-GraphAU, FineFace and FERGI. All nine subjects of DISFA+ are subjects of DISFA: leave them out of training if DISFA+
is to be the test.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from auface.autext.record import Split
from auface.facs import ActionUnit

from .bp4d import NOT_CODED, check_selection
from .index import FrameSequence, Index, Selection
from .label_table import LabelTable, read_labels
from .picture import Pictures, folder_pictures
from .problem import Problems
from .split import Protocol, splits_of

UNITS: tuple[ActionUnit, ...] = tuple(map(ActionUnit, (1, 2, 4, 5, 6, 9, 12, 15, 17, 20, 25, 26)))
"""The units that are coded, all with intensity."""

_PICTURES = ("Images", "Images_LeftCamera", "Images_RightCamera", ".")


def index_disfa(
    root: Path, selection: Selection | None = None, protocol: Protocol = "disfa-3fold", fold: int = 1
) -> Index:
    """Read all labels and find all pictures.

    Args:
        root: The folder of the data set.
        selection: Which frames are wanted; None is all.
        protocol: "disfa-3fold".
        fold: Which fold of it.

    Raises:
        ValueError: An argument is wrong, or there are problems with files; all are listed.
    """
    selection = selection or Selection()
    splits = splits_of(protocol, fold)
    problems = Problems()
    check_selection(selection, splits, UNITS)
    index = Index(source="disfa", units=selection.units or UNITS)
    labels = root / "ActionUnit_Labels"
    folders = sorted(path for path in labels.iterdir() if path.is_dir()) if labels.is_dir() else []
    if not folders:
        problems.add(root, "has no folders such as ActionUnit_Labels/SN001; accepted is the folder that holds them")
    for folder in folders:
        if folder.name not in splits:
            problems.add(folder, f"subject {folder.name} is not one of {protocol}")
        elif not selection.subjects or folder.name in selection.subjects:
            _add(index, root, folder, selection, splits, problems)
    problems.check()
    return index


def _add(
    index: Index,
    root: Path,
    folder: Path,
    selection: Selection,
    splits: Mapping[str, Split],
    problems: Problems,
) -> None:
    subject = folder.name
    tables: list[LabelTable] = []
    before = len(problems)
    for unit in index.units:
        path = folder / f"{subject}_au{unit.value}.txt"
        table = read_labels(path, header=False, columns=2, problems=problems)
        if table is not None:
            _check(table, tables[0] if tables else None, problems)
            tables.append(table)
    pictures = _pictures(root, subject)
    if pictures is None:
        problems.add(root, f"has no pictures of {subject}; accepted are folders such as Images/{subject} with 1.png")
    if len(problems) > before or pictures is None:
        return
    values = np.stack([table.numbers[:, 1] for table in tables], 1)
    frames = tables[0].numbers[:, 0]
    sequence = FrameSequence(
        subject=subject,
        name=subject,
        split=splits[subject],
        frames=frames,
        presence=np.where(values == NOT_CODED, -1, values > 0).astype(np.int8),
        intensity=np.where(values == NOT_CODED, -1, values).astype(np.float32),
        pictures=pictures,
        table=tables[0].path,
        lines=np.arange(len(frames), dtype=np.int32) + 1,
    )
    index.add(sequence, selection, problems)


def _check(table: LabelTable, first: LabelTable | None, problems: Problems) -> None:
    values = table.numbers[:, 1]
    for row in np.flatnonzero((values != NOT_CODED) & ((values < 0) | (values > 5))):
        problems.add(table.path, f"an intensity is {values[row]}; accepted are 0 to 5", int(row) + 1)
    if first is None:
        return
    if len(table.numbers) != len(first.numbers):
        rows, expected = len(table.numbers), len(first.numbers)
        problems.add(table.path, f"has {rows} rows, but {first.path.name} has {expected}", min(rows, expected) + 1)
    elif len(other := np.flatnonzero(table.numbers[:, 0] != first.numbers[:, 0])):
        row = int(other[0])
        frame, expected = table.numbers[row, 0], first.numbers[row, 0]
        problems.add(table.path, f"the frame is {frame}, but {expected} in {first.path.name}", row + 1)


def _pictures(root: Path, subject: str) -> Pictures | None:
    for name in _PICTURES:
        if (pictures := folder_pictures(root / name / subject)) is not None:
            return pictures
    return None
