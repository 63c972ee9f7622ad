"""Files that are written whole or not at all, whatever kills the process, also when the disk is full."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO


def write_whole(path: Path, write: Callable[[BinaryIO], object], *, sync: bool = True) -> None:
    """Write a file beside its place and then rename it, so that the file before stays until the new one is complete.

    Args:
        path: The file; its folder is made.
        write: Writes all of the content to an open binary file.
        sync: Whether it also survives a failure of power; slower.

    Raises:
        OSError: The file could not be written; what was there before is untouched.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.part")
    try:
        with part.open("wb") as file:
            write(file)
            file.flush()
            if sync:
                _sync(file.fileno())
        part.replace(path)
    except (OSError, RuntimeError) as error:  # torch's writer turns some errors of the disk into RuntimeError
        part.unlink(missing_ok=True)
        before = f"the one before, {path}, is intact" if path.exists() else "there was none before"
        raise OSError(f"{path.name} could not be written ({error}); {before}.") from None


def _sync(descriptor: int) -> None:
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno != 22:  # not a file of a disk: nothing to sync
            raise
