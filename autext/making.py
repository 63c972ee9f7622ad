"""`make_dataset`: what all commands that make a data set have in common: write it, and tell what is there."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from auface.facs import ActionUnit

from .table import Table


def make_dataset(
    workshop: Callable[[], Any],
    *,
    out: Path,
    settings: dict[str, Any],
    count: int,
    units: tuple[ActionUnit, ...],
    licence: str,
    workers: int,
    shard: str,
    sidecars: bool,
    table: Table,
    overwrite: bool,
    quiet: bool,
    as_json: bool,
) -> None:
    """Write a data set, or go on with it, and tell what is there.

    Args:
        workshop: Makes what makes the rows, in each process.
        out: Folder of the set.
        settings: What the set is made from, as JSON values.
        count: Rows, at most.
        units: The units that rows list.
        licence: What is to be said about the use of the data.
        workers: Processes; 0 is one for each processor.
        shard: Which part of the rows, such as "1/4".
        sidecars: Whether captions are also written as .txt.
        table: Kind of table.
        overwrite: Whether another set in the folder is replaced.
        quiet: Whether nothing is told.
        as_json: Whether it is told as JSON.

    Raises:
        ValueError: The folder holds other things, or a row cannot be made.
        ImportError: pillow is missing.
    """
    if find_spec("PIL") is None:
        raise ImportError("pictures need pillow: pip install 'auface[data]', or 'auface[heads]' for synthetic heads.")
    from .production import default_workers, produce
    from .shard import Shard
    from .writer import COMPLETE, DatasetWriter

    writer = DatasetWriter(
        out,
        settings,
        count,
        units,
        shard=Shard.parse(shard),
        overwrite=overwrite,
        table=table,
        sidecars=sidecars,
        licence=licence,
    )
    complete = produce(writer, workshop, workers=workers or default_workers(), quiet=quiet or as_json)
    about = json.loads((out / COMPLETE).read_bytes()) if complete else {"rows": {}, "blank": 0}
    rows = about["rows"]
    if as_json:
        summary = {"out": str(out), "complete": complete, "rows": rows, "left_out": settings.get("left_out", {})}
        summary["blank"] = about["blank"]
        sys.stdout.write(json.dumps(summary) + "\n")
    elif not quiet:
        if complete:
            counts = ", ".join(f"{number} {split}" for split, number in rows.items())
            sys.stdout.write(f"{out}: {counts}. Look at {out / 'sheet.png'} and {out / 'README.md'}.\n")
        else:
            sys.stdout.write(f"{out}: shard {shard} is done; the set is complete when all shards are.\n")
