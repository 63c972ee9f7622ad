"""BP4D+ (Zhang et al. 2016): 140 subjects, 10 tasks of which four are coded, 34 units, intensity of five.

    2D+3D/<Subject>.zip with <Subject>/<Task>/<frame>.jpg inside, or the same unpacked
    AUCoding/AU_OCC/<Subject>_<Task>.csv               a header, then frame and the 34 units in a fixed order: 0, 1, 9
    AUCoding/AU_INT/AU06/<Subject>_<Task>_AU06.csv     without header: frame, intensity 0 to 5 or 9; as many rows

Layout as in rPPG-Toolbox (BP4DPlusLoader.py). Sequences that it calls broken are left out and counted.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from auface.autext.record import Split
from auface.facs import ActionUnit

from .bp4d import GRADED, add_intensities, check_selection, label_files, presence_of
from .index import KNOWN_BAD, FrameSequence, Index, Selection
from .label_table import LabelTable, read_labels
from .picture import Pictures, archive_pictures, folder_pictures
from .problem import Problems
from .split import Protocol, splits_of

UNITS: tuple[ActionUnit, ...] = tuple(
    map(
        ActionUnit,
        (
            *(1, 2, 4, 5, 6, 7, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 22, 23, 24, 27, 28),
            *(29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39),
        ),
    )
)
"""The units whose occurrence is coded, in the order of the columns."""

BROKEN = frozenset({"F041_T7", "F042_T11"})
"""Sequences whose frames and labels do not fit each other, or that are listed but missing."""


def index_bp4dplus(
    root: Path, selection: Selection | None = None, protocol: Protocol = "bp4dplus-4fold", fold: int = 1
) -> Index:
    """Read all labels and find all pictures.

    Args:
        root: The folder of the data set.
        selection: Which frames are wanted; None is all.
        protocol: "bp4dplus-4fold".
        fold: Which fold of it.

    Raises:
        ValueError: An argument is wrong, or there are problems with files; all are listed.
    """
    selection = selection or Selection()
    splits = splits_of(protocol, fold)
    problems = Problems()
    check_selection(selection, splits, UNITS)
    index = Index(source="bp4dplus", units=selection.units or UNITS)
    archive: tuple[Path, zipfile.ZipFile] | None = None
    for subject, task, path in label_files(root, problems):
        if subject not in splits:
            problems.add(path, f"subject {subject} is not one of {protocol}")
            continue
        if selection.subjects and subject not in selection.subjects:
            continue
        zipped = root / "2D+3D" / f"{subject}.zip"
        if zipped.exists() and (archive is None or archive[0] != zipped):
            try:
                archive = (zipped, zipfile.ZipFile(zipped))
            except zipfile.BadZipFile as error:
                problems.add(zipped, f"is no zip archive: {error}")
                continue
        opened = archive[1] if archive is not None and archive[0] == zipped else None
        _add(index, root, subject, task, path, opened, selection, splits, problems)
    problems.check()
    return index


def _add(
    index: Index,
    root: Path,
    subject: str,
    task: str,
    path: Path,
    archive: zipfile.ZipFile | None,
    selection: Selection,
    splits: Mapping[str, Split],
    problems: Problems,
) -> None:
    table = read_labels(path, header=True, columns=None, problems=problems)
    if table is None:
        return
    if f"{subject}_{task}" in BROKEN:
        index.dropped[KNOWN_BAD] += len(table.numbers)
        return
    if not _header_fits(table, problems):
        return
    pictures = _pictures(root, subject, task, archive)
    if pictures is None:
        problems.add(path, f"there are no pictures of {subject}/{task} in {root / '2D+3D'}")
        return
    frames = table.numbers[:, 0]
    intensity = np.full((len(frames), len(index.units)), -1, np.float32)
    for place, unit in enumerate(index.units):
        if unit in GRADED:
            name = f"AU{unit.value:02d}"
            file = root / "AUCoding/AU_INT" / name / f"{subject}_{task}_{name}.csv"
            add_intensities(intensity, frames, place, file, problems)
    sequence = FrameSequence(
        subject=subject,
        name=f"{subject}_{task}",
        split=splits[subject],
        frames=frames,
        presence=presence_of(table, {unit: place for place, unit in enumerate(UNITS, 1)}, index.units, problems),
        intensity=intensity,
        pictures=pictures,
        table=path,
        lines=np.arange(len(frames), dtype=np.int32) + table.first_line,
    )
    index.add(sequence, selection, problems)


def _header_fits(table: LabelTable, problems: Problems) -> bool:
    """Whether the columns are the known ones; names are compared by the numbers in them."""
    if len(table.header) != len(UNITS) + 1:
        found = len(table.header)
        problems.add(table.path, f"the header has {found} cells; accepted are {len(UNITS) + 1}: frame and 34 units", 1)
        return False
    fits = True
    for cell, unit in zip(table.header[1:], UNITS, strict=True):
        number = re.search("[0-9]+", cell)
        if number is None or int(number[0]) != unit.value:
            problems.add(table.path, f"a column is named {cell!r} where {unit.value} is expected", 1)
            fits = False
    return fits


def _pictures(root: Path, subject: str, task: str, archive: zipfile.ZipFile | None) -> Pictures | None:
    for folder in (root / "2D+3D" / subject / task, root / subject / task):
        if (pictures := folder_pictures(folder)) is not None:
            return pictures
    if archive is not None:
        return archive_pictures(archive, root / "2D+3D" / f"{subject}.zip", f"{subject}/{task}")
    return None
