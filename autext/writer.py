"""`DatasetWriter`: a folder that `datasets.load_dataset("imagefolder")` and LoRA trainers read.

    train/        pictures of the split, their captions as .txt if asked for, and metadata.jsonl (or .parquet)
    validation/   the same
    test/         the same
    landmarks/    .npz: `landmarks` (478, 2) in pixels, `landmarks_3d` (478, 3) in cm in the head's frame; float32
    maps/         .png: depth (16 bits, steps of 0.1 mm, 0 is background), normals (n + 1) / 2, parts
    README.md     data card                            sheet.png   contact sheet
    dataset.json  what the set was made from; it is written last, and says that the set is complete

Rows may be written in any order, by any number of processes and shards, and the run may be killed at any moment: what
lies there at the end depends on the settings alone. Files are written under another name and then renamed. (This holds
against the death of a process; after a power failure files may be empty, and the set is to be made anew.)
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from auface.facs import ActionUnit

from .card import Card
from .journal import STATE, Journal, Place
from .record import SPLITS, Record
from .shard import Shard
from .sheet import ContactSheet
from .table import Table, write_table

SCHEMA = "auface.dataset/1"
"""Name and version of the layout."""

COMPLETE = "dataset.json"
"""The file that says that a data set is complete, and what it was made from."""

_OUTCOME = ("rows", "blank")  # fields of that file that are no settings
_REVIEW = ("review", "review.csv", "review.png")  # of a set that the recognizer labelled
_OWN = (*SPLITS, "landmarks", "maps", STATE, "README.md", "sheet.png", *_REVIEW, COMPLETE)


class FilePlacer:
    """Puts files into a data set, whole or not at all.

    Attributes:
        folder: The folder of the data set.
        temporary: Folder on the same disk for files that are being written.
    """

    def __init__(self, folder: Path, temporary: Path) -> None:
        """Remember where.

        Args:
            folder: The folder of the data set.
            temporary: Folder on the same disk for files that are being written.
        """
        self.folder = folder
        self.temporary = temporary

    def place(self, name: str, content: bytes) -> None:
        """Write a file.

        Args:
            name: Path relative to the data set, with forward slashes.
            content: All bytes of the file.
        """
        target = self.folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        draft = self.temporary / f"{os.getpid()}-{target.name}"
        draft.write_bytes(content)
        draft.replace(target)


class DatasetWriter:
    """Writes one data set, or goes on where an earlier run of the same settings ended.

    Attributes:
        folder: The folder of the data set.
        placer: Puts files into the folder; workers make their own from its two folders.
        complete: Whether the set was already complete.
    """

    def __init__(
        self,
        folder: Path,
        settings: Mapping[str, Any],
        count: int,
        units: Sequence[ActionUnit],
        *,
        shard: Shard | None = None,
        overwrite: bool = False,
        table: Literal["jsonl", "parquet"] = "jsonl",
        sidecars: bool = False,
        licence: str = "",
    ) -> None:
        """Open the folder; nothing is written into it if that fails.

        Args:
            folder: Where the data set is or is to be. It need not exist.
            settings: Everything that decides what the data are, as JSON values.
            count: Number of rows of the whole set.
            units: The units that the rows list.
            shard: Which part of the rows this process does; None is all of them.
            overwrite: Whether a data set in this folder is removed first, unless it is an unfinished one of the same
                settings.
            table: Kind of the table of rows.
            sidecars: Whether each caption is also written as .txt beside its picture, as kohya's trainer reads it.
            licence: What the card says about the use of the data.

        Raises:
            ValueError: The folder holds something else, or a data set of other settings and `overwrite` is false.
        """
        self.folder = folder
        self.complete = False
        self._units = tuple(units)
        self._count = count
        self._shard = shard or Shard()
        self._table: Table = table
        self._sidecars = sidecars
        self._licence = licence
        self._about: dict[str, Any] = {
            "schema": SCHEMA,
            "count": count,
            "table": table,
            "sidecars": sidecars,
            "units": [unit.name for unit in self._units],
            "settings": dict(settings),
        }
        self._open_folder(overwrite)
        self._journal = None if self.complete else Journal(folder, self._shard)
        self.placer = FilePlacer(folder, self._journal.temporary if self._journal else folder / STATE)
        if self._journal:
            self.placer.place(f"{STATE}/plan.json", _json(self._about))

    def pending(self) -> list[int]:
        """Return the rows of this shard that are not done yet, in order."""
        if self._journal is None:
            return []
        done = self._journal.done()
        return [index for index in range(self._shard.number - 1, self._count, self._shard.count) if index not in done]

    def add(self, index: int, record: Record | None) -> None:
        """Note that a row is done.

        Args:
            index: Which row.
            record: The row, whose files are in place; None for a row that is left out.
        """
        assert self._journal is not None, "a complete data set takes no rows"
        if record is not None and self._sidecars:
            name = str(Path(record.file_name).with_suffix(".txt"))
            self.placer.place(f"{record.split}/{name}", f"{record.text}\n".encode())
        self._journal.add(index, "" if record is None else record.to_json(self._units))

    def close(self) -> bool:
        """Stop, and make the tables, the card and the sheet if all rows of all shards are there.

        Returns:
            Whether the data set is complete.
        """
        if self._journal is None:
            return True
        done = self._journal.done()
        if len(done) == self._count:
            self._finish(done)
            self._journal.close()
            shutil.rmtree(self.folder / STATE, ignore_errors=True)
            self.complete = True
        else:
            self._journal.close()
        return self.complete

    def _open_folder(self, overwrite: bool) -> None:
        if not self.folder.exists() or not any(self.folder.iterdir()):
            return
        found = next(
            (about for name in (COMPLETE, f"{STATE}/plan.json") if (about := _about(self.folder / name)) is not None),
            None,
        )
        if found is None and not _only_state(self.folder):
            raise ValueError(f"`out` is {str(self.folder)!r}, which holds other files; accepted is an empty folder.")
        unfinished = found is not None and _same(found, self._about) and not (self.folder / COMPLETE).exists()
        if overwrite and not unfinished:
            if self._shard.count > 1:
                raise ValueError("`overwrite` would remove what other shards wrote; remove the folder yourself.")
            for name in _OWN:
                path = self.folder / name
                shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
        elif found is not None and not _same(found, self._about):
            raise ValueError(
                f"`out` is {str(self.folder)!r}, which holds a data set of other settings "
                f"({_difference(found, self._about)}); accepted is another folder, or --overwrite to replace it."
            )
        elif (self.folder / COMPLETE).exists():
            shutil.rmtree(self.folder / STATE, ignore_errors=True)  # left by a run that was killed at the very end
            self.complete = True

    def _finish(self, done: Mapping[int, Place]) -> None:
        blank = sum(not place.length for place in done.values())
        card = Card(self._about["settings"], self._units, self._licence, blank)
        sheet = ContactSheet(self.folder)
        rows = {split: 0 for split in SPLITS}
        for _, record in _records(done):
            card.count(record)
            rows[record.split] += 1
        total = sum(rows.values())
        for number, (_, record) in enumerate(_records(done)):
            sheet.offer(record, number, total)
        for split in SPLITS:
            if rows[split]:
                lines = (line for line, record in _records(done) if record.split == split)
                self.placer.place(f"{split}/metadata.{self._table}", write_table(lines, self._table, self._units))
        if total:
            self.placer.place("sheet.png", sheet.png())
        self.placer.place("README.md", card.markdown().encode())
        about = {**self._about, "rows": rows, "blank": blank}
        self.placer.place(COMPLETE, _json(about))


def _records(done: Mapping[int, Place]) -> Iterator[tuple[str, Record]]:
    """Yield the rows in order; they stay on the disk, because there may be many."""
    files = {path: path.open("rb") for path in {place.path for place in done.values()}}
    try:
        for index in sorted(done):
            place = done[index]
            if place.length:
                files[place.path].seek(place.offset)
                line = files[place.path].read(place.length).decode()
                yield line, Record.from_json(line)
    finally:
        for file in files.values():
            file.close()


def _json(data: Mapping[str, Any]) -> bytes:
    return (json.dumps(data, indent=2, ensure_ascii=False) + "\n").encode()


def _about(path: Path) -> dict[str, Any] | None:
    try:
        data = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return None
    return data if isinstance(data, dict) and data.get("schema") == SCHEMA else None


def _only_state(folder: Path) -> bool:
    """Whether a run was killed before it could write its plan."""
    return {path.name for path in folder.iterdir()} == {STATE}


def _same(found: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    return {key: value for key, value in found.items() if key not in _OUTCOME} == json.loads(json.dumps(wanted))


def _difference(found: Mapping[str, Any], wanted: Mapping[str, Any]) -> str:
    old, new = {**found, **found["settings"]}, {**wanted, **wanted["settings"]}
    names = sorted(key for key in (old.keys() | new.keys()) - {"settings", *_OUTCOME} if old.get(key) != new.get(key))
    return ", ".join(names) or "layout"
