"""What a result needs to be compared: the machine and the versions that made it."""

import os
import platform
import sys
from datetime import date

import auface


def birth_certificate() -> dict[str, object]:
    """Return the command, date, machine and versions of this run."""
    return {
        "command": "python " + " ".join(sys.argv),
        "date": date.today().isoformat(),
        "python": platform.python_version(),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, {platform.system()}",
        "auface": auface.__version__,
    }
