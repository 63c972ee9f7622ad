"""What a result needs to be compared: the machine and the versions that made it."""

import os
import platform
import sys
from datetime import date
from importlib.util import find_spec
from pathlib import Path

import auface


def birth_certificate() -> dict[str, object]:
    """Return the command, date, machine and versions of this run."""
    return {
        "command": " ".join(["python", *map(_without_place, sys.argv)]),
        "date": date.today().isoformat(),
        "python": platform.python_version(),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, {platform.system()}",
        "auface": auface.__version__,
    }


def slow_packages() -> dict[str, str]:
    """Return whether bitsandbytes is installed: peft imports it, which makes a start twice as long."""
    return {"bitsandbytes": "installed" if find_spec("bitsandbytes") else "not installed"}


def _without_place(argument: str) -> str:
    """Leave out where a folder lies on this machine."""
    return Path(argument).name.upper() if Path(argument).is_absolute() else argument
