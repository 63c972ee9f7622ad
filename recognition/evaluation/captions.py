"""`captioned_pictures`: the pictures of a folder with their captions, and their labels where there are some.

Read are `metadata.jsonl` and `metadata.csv` as the `imagefolder` of `datasets` has them (`file_name`, `text`; those of
`auface dataset` have `left` and `right` intensities too), in the folder or in folders below it, and else a text file
beside each picture, as LoRA trainers have them.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from auface.facs import ActionUnit
from auface.facs.intensity import checked_intensity
from auface.recognition.frames import PICTURES, Problem

TABLES = ("metadata.jsonl", "metadata.csv")
"""Names of the tables that are looked for."""

_CAPTIONS = ("text", "caption", "prompt")


@dataclass(frozen=True, slots=True)
class CaptionedPicture:
    """A picture with its caption.

    Attributes:
        path: The file.
        text: The caption.
        labels: Unit -> labelled intensity on the left and right, 0 to 5; empty where there are no labels.
    """

    path: Path
    text: str
    labels: Mapping[ActionUnit, tuple[float, float]] = field(default_factory=dict[ActionUnit, tuple[float, float]])


def captioned_pictures(folder: str | Path) -> Iterator[CaptionedPicture | Problem]:
    """Yield the pictures of a folder, in order; a row or file that is wrong is a `Problem` in its place.

    Args:
        folder: The folder.

    Raises:
        ValueError: It is no folder, or holds no captions.
    """
    root = Path(folder)
    if not root.is_dir():
        raise ValueError(f"`folder` is {str(root)!r}, which is no folder; accepted is one with captioned pictures.")
    tables = sorted(path for name in TABLES for path in root.rglob(name))
    if tables:
        for table in tables:
            yield from _table(table)
        return
    texts = [
        path
        for path in sorted(root.rglob("*"))
        if path.suffix.lower() in PICTURES and path.with_suffix(".txt").is_file()
    ]
    if not texts:
        raise ValueError(
            f"`folder` is {str(root)!r}, which holds no captions; accepted are {' or '.join(TABLES)}, or a .txt beside "
            "each picture."
        )
    for path in texts:
        yield CaptionedPicture(path, path.with_suffix(".txt").read_text(encoding="utf-8", errors="replace").strip())


def _table(table: Path) -> Iterator[CaptionedPicture | Problem]:
    with table.open(encoding="utf-8", newline="") as file:
        rows: Iterator[Any] = iter(csv.DictReader(file)) if table.suffix == ".csv" else (line for line in file)
        for number, row in enumerate(rows, start=1):
            where = f"{table.name} row {number}"
            if isinstance(row, str):
                if not row.strip():
                    continue
                try:
                    row = json.loads(row)
                except ValueError as error:
                    yield Problem(where, f"the row is no JSON: {error}")
                    continue
            yield _picture(table.parent, row, where)


def _picture(folder: Path, row: Any, where: str) -> CaptionedPicture | Problem:
    text = next((row[name] for name in _CAPTIONS if isinstance(row, dict) and row.get(name)), None)
    name = row.get("file_name") if isinstance(row, dict) else None
    if not isinstance(name, str) or not isinstance(text, str):
        return Problem(where, "the row has no `file_name` or no `text`")
    path = folder / name
    if not path.is_file():
        return Problem(str(path), "there is no such picture")
    try:
        return CaptionedPicture(path, text, _labels(row))
    except (TypeError, ValueError, AttributeError) as error:
        return Problem(str(path), f"the labels are wrong: {error}")


def _labels(row: Mapping[str, Any]) -> dict[ActionUnit, tuple[float, float]]:
    left, right = row.get("left"), row.get("right")
    if not isinstance(left, dict) or not isinstance(right, dict):
        return {}
    found: dict[ActionUnit, tuple[float, float]] = {}
    for name, value in left.items():
        other = right.get(name)
        if value is not None and other is not None:
            unit = ActionUnit(int(name.removeprefix("AU")))
            found[unit] = (checked_intensity(value, f"{name} (left)"), checked_intensity(other, f"{name} (right)"))
    return found
