"""A progress bar on stderr that shows up only where something takes longer than two seconds."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

PATIENCE = 2.0
"""Seconds before the bar is shown."""


@contextmanager
def progress(what: str, total: int | None = None, quiet: bool = False) -> Iterator[Callable[[int], None]]:
    """Show how many of something are done.

    Args:
        what: What is done, for the beginning of the bar.
        total: How many there are; None where it is not known.
        quiet: Whether nothing is shown.

    Yields:
        A function that takes the number done so far.
    """
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    bar = Progress(
        TextColumn(what), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), console=Console(stderr=True)
    )
    task = bar.add_task(what, total=total)
    begin = time.monotonic()
    started = False

    def told(done: int) -> None:
        nonlocal started
        if quiet:
            return
        if not started and time.monotonic() - begin > PATIENCE:
            started = True
            bar.start()
        bar.update(task, completed=done)

    try:
        yield told
    finally:
        if started:
            bar.stop()
