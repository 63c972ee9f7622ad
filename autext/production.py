"""Makes the rows of a data set, in this process or in several, with a progress bar.

Which process makes a row does not matter to the row. Workers end by themselves when the main process dies, however it
dies.
"""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from contextlib import contextmanager
from multiprocessing import connection
from pathlib import Path
from typing import Protocol

from .record import Record
from .writer import DatasetWriter, FilePlacer

_AHEAD = 4  # rows per worker that are handed out before their turn


class RowMaker(Protocol):
    """Makes rows: writes the files of a row and returns it."""

    def make(self, index: int, placer: FilePlacer) -> Record | None:
        """Make one row.

        Args:
            index: Which row.
            placer: Where its files go.

        Returns:
            The row, or None if it is to be left out.
        """
        ...


Workshop = Callable[[], RowMaker]
"""Opens a `RowMaker` in the process that will use it; it has to survive pickling."""


def default_workers() -> int:
    """Return the number of processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def produce(writer: DatasetWriter, workshop: Workshop, *, workers: int = 1, quiet: bool = False) -> bool:
    """Make all rows that are still missing in this shard.

    Args:
        writer: The data set.
        workshop: Opens what makes the rows.
        workers: Number of processes; 1 works in this one.
        quiet: Whether to show no progress bar.

    Returns:
        Whether the data set is now complete; other shards may be missing.

    Raises:
        ValueError: `workers` is less than 1, or a row cannot be made.
    """
    if workers < 1:
        raise ValueError(f"`workers` is {workers}; accepted is a whole number from 1.")
    pending = writer.pending()
    workers = min(workers, len(pending))
    try:
        with _progress(len(pending), quiet) as advance:
            rows = _alone(pending, workshop, writer) if workers <= 1 else _together(pending, workshop, writer, workers)
            for index, record in rows:
                writer.add(index, record)
                advance()
    finally:
        complete = writer.close()
    return complete


_Row = tuple[int, Record | None]


def _alone(pending: list[int], workshop: Workshop, writer: DatasetWriter) -> Iterator[_Row]:
    if pending:
        maker = workshop()
        for index in pending:
            yield index, maker.make(index, writer.placer)


def _together(pending: list[int], workshop: Workshop, writer: DatasetWriter, workers: int) -> Iterator[_Row]:
    context = multiprocessing.get_context("spawn")  # graphics drivers and torch do not survive a fork
    folders = (writer.placer.folder, writer.placer.temporary)
    pool = ProcessPoolExecutor(workers, mp_context=context, initializer=_start, initargs=(workshop, *folders))
    remaining = iter(pending)
    running: set[Future[_Row]] = set()
    try:
        while True:
            for index in remaining:
                running.add(pool.submit(_work, index))
                if len(running) >= workers * _AHEAD:
                    break
            if not running:
                return
            finished, running = wait(running, return_when=FIRST_COMPLETED)
            for future in finished:
                yield future.result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


_MAKER: RowMaker | Exception | None = None
_PLACER: FilePlacer | None = None


def _start(workshop: Workshop, folder: Path, temporary: Path) -> None:
    """Prepare a worker. What goes wrong here is told with the first row, where it can be caught."""
    global _MAKER, _PLACER
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _PLACER = FilePlacer(folder, temporary)
    try:
        _MAKER = workshop()
    except Exception as error:
        _MAKER = error


def _work(index: int) -> _Row:
    assert _MAKER is not None
    assert _PLACER is not None
    if isinstance(_MAKER, Exception):
        raise _MAKER
    return index, _MAKER.make(index, _PLACER)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os._exit(1)


@contextmanager
def _progress(total: int, quiet: bool) -> Iterator[Callable[[], None]]:
    if quiet or not total:
        yield lambda: None
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        ProgressColumn,
        Task,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )
    from rich.text import Text

    class Rate(ProgressColumn):
        def render(self, task: Task) -> Text:
            return Text(f"{task.finished_speed or task.speed or 0:.1f}/s")

    columns = (
        TextColumn("pictures"),
        BarColumn(),
        MofNCompleteColumn(),
        Rate(),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("pictures", total=total)
        yield lambda: bar.advance(task)
