"""`Arguments`: the options of a trainer of the project's own models; wrong ones are one line, as everywhere."""

from __future__ import annotations

import argparse
from typing import NoReturn


class Arguments(argparse.ArgumentParser):
    """A parser whose mistakes are a `ValueError`, which the command line tells in one line.

    Args:
        what: Name of the sub-command of `auface train`.
        description: What it trains.
        example: Its options in an example.
    """

    def __init__(self, what: str, description: str, example: str) -> None:
        name = f"auface train {what}"
        super().__init__(prog=name, description=description, epilog=f"Example: {name} {example}", allow_abbrev=False)

    def error(self, message: str) -> NoReturn:
        """Refuse the options.

        Args:
            message: What is wrong with them.

        Raises:
            ValueError: Always.
        """
        raise ValueError(f"{message} (see {self.prog} --help)")
