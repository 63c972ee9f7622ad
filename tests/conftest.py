"""What the tests of the whole checkout share."""

import subprocess
from pathlib import Path

import pytest
from hypothesis import settings

NOT_SHIPPED = {"tests", "docs", "benchmarks"}

# The same examples for everyone, and no failure because a machine is slow.
settings.register_profile("auface", derandomize=True, deadline=None)
settings.load_profile("auface")


@pytest.fixture(scope="session")
def checkout() -> Path:
    """The root of this checkout, which is also the package."""
    return Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def tracked(checkout: Path) -> list[Path]:
    """Every file that git has or would add, relative to the checkout."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listing = subprocess.run(command, cwd=checkout, check=True, capture_output=True, text=True).stdout
    return sorted(path for name in set(listing.split("\0")) if name and (checkout / (path := Path(name))).exists())


@pytest.fixture(scope="session")
def shipped(tracked: list[Path]) -> list[Path]:
    """The files of the product: all in its folders; at the root the Python files and py.typed."""
    at_root = [path for path in tracked if len(path.parts) == 1]
    in_folders = [path for path in tracked if len(path.parts) > 1]
    return [
        *(path for path in at_root if path.suffix == ".py" or path.name == "py.typed"),
        *(path for path in in_folders if path.parts[0] not in NOT_SHIPPED and not path.parts[0].startswith(".")),
    ]


@pytest.fixture(scope="session")
def modules(shipped: list[Path]) -> list[Path]:
    """The Python files of the product."""
    return [path for path in shipped if path.suffix == ".py"]
