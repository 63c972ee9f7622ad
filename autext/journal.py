"""The journal of an unfinished data set: which rows are done, kept so that a kill at any moment loses nothing.

Each shard appends to a file of its own. A line counts only once its line end is there, and is written only after the
files that it names are in place; what a killed run left half-done is therefore simply done again.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from .shard import Shard

STATE = ".autext"
"""Folder inside the data set that holds the journal; it is removed when the set is complete."""


class Place(NamedTuple):
    """Where a row stands in a journal.

    Attributes:
        path: The journal.
        offset: First byte of the row.
        length: Number of bytes of the row.
    """

    path: Path
    offset: int
    length: int


class Journal:
    """The rows of one shard of one data set, and a look at those of the others.

    Attributes:
        temporary: Folder for files that are being written; it belongs to this shard alone.
    """

    def __init__(self, folder: Path, shard: Shard) -> None:
        """Open the journal, without the half-written end that a killed run may have left.

        Args:
            folder: The folder of the data set.
            shard: Which part of the work this process does.
        """
        self._state = folder / STATE
        self._state.mkdir(parents=True, exist_ok=True)
        self.temporary = self._state / f"temporary-{shard.number}-of-{shard.count}"
        shutil.rmtree(self.temporary, ignore_errors=True)
        self.temporary.mkdir()
        path = self._state / f"rows-{shard.number}-of-{shard.count}.jsonl"
        self._file = path.open("ab")
        whole = path.read_bytes().rfind(b"\n") + 1
        self._file.truncate(whole)

    def add(self, index: int, row: str) -> None:
        """Note that a row is done and its files are in place.

        Args:
            index: Which row of the whole data set.
            row: One line of JSON, or "" for a row that was left out.
        """
        self._file.write(f"{index}\t{row}\n".encode())
        self._file.flush()

    def done(self) -> dict[int, Place]:
        """Return index -> row, over all shards that lie in this folder."""
        places: dict[int, Place] = {}
        for path in sorted(self._state.glob("rows-*.jsonl")):
            for index, place in _rows(path):
                places.setdefault(index, place)
        return places

    def close(self) -> None:
        """Close the journal and remove the folder for temporary files."""
        self._file.close()
        shutil.rmtree(self.temporary, ignore_errors=True)


def _rows(path: Path) -> Iterator[tuple[int, Place]]:
    offset = 0
    with path.open("rb") as file:
        for line in file:
            if line.endswith(b"\n"):
                number, _, row = line[:-1].partition(b"\t")
                yield int(number), Place(path, offset + len(number) + 1, len(row))
            offset += len(line)
