"""The command line inside the process of a test."""

from __future__ import annotations

import sys

from auface.cli import main


def auface(*given: str) -> int:
    """Run a command and return its exit code."""
    before = sys.argv
    sys.argv = ["auface", *given]
    try:
        main()
    except SystemExit as end:
        return int(end.code or 0)
    finally:
        sys.argv = before
    return 0
