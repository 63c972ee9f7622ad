"""`LabelTable`: a CSV of whole numbers, read quickly, and searched for the line that is wrong only if one is."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .problem import Problems


class LabelTable(NamedTuple):
    """A table of whole numbers.

    Attributes:
        path: The file.
        header: Cells of the first row, or none.
        numbers: (rows, columns) int32.
        first_line: Line of the file in which the first row of numbers stands, from 1.
    """

    path: Path
    header: tuple[str, ...]
    numbers: NDArray[np.int32]
    first_line: int


def read_labels(path: Path, *, header: bool, columns: int | None, problems: Problems) -> LabelTable | None:
    """Read a table; what is wrong with it is noted.

    Args:
        path: The file.
        header: Whether the first row holds names.
        columns: Number of columns; None takes it from the header.
        problems: Where problems are noted.

    Returns:
        The table, or None if there were problems.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        problems.add(path, f"cannot be read: {error}")
        return None
    lines = text.rstrip().splitlines()
    cells: tuple[str, ...] = ()
    if header:
        if not lines:
            problems.add(path, "is empty; accepted is a row of names and a row for each frame")
            return None
        cells = tuple(cell.strip() for cell in lines.pop(0).split(","))
    width = columns if columns is not None else len(cells)
    first = 2 if header else 1
    if not lines:
        problems.add(path, "has no rows")
        return None
    numbers = _quick(lines, width)
    if numbers is None:
        numbers = _slow(path, lines, width, first, problems)
    return None if numbers is None else LabelTable(path, cells, numbers, first)


def _quick(lines: list[str], width: int) -> NDArray[np.int32] | None:
    commas = width - 1
    if any(line.count(",") != commas for line in lines):
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            flat = np.fromstring(",".join(lines), dtype=np.float64, sep=",")
        except (DeprecationWarning, ValueError):
            return None
    if flat.size != width * len(lines) or not np.array_equal(flat, np.trunc(flat)) or np.abs(flat).max() > 2**31 - 1:
        return None
    return flat.astype(np.int32).reshape(-1, width)


def _slow(path: Path, lines: list[str], width: int, first: int, problems: Problems) -> NDArray[np.int32] | None:
    """Find the rows that are wrong."""
    rows: list[list[int]] = []
    before = len(problems)
    for number, line in enumerate(lines, first):
        cells = [cell.strip() for cell in line.split(",")]
        if len(cells) != width:
            problems.add(path, f"the row has {len(cells)} cells; accepted are {width}", number)
            continue
        row: list[int] = []
        for cell in cells:
            try:
                value = float(cell)
                if value != int(value):
                    raise ValueError
                row.append(int(value))
            except (ValueError, OverflowError):
                problems.add(path, f"a cell is {cell!r}; accepted are whole numbers", number)
                break
        rows.append(row)
    return np.array(rows, dtype=np.int32) if len(problems) == before else None
