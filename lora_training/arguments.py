"""`Arguments`: the options of a trainer of the project's own models, and its answer, as of other commands."""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from auface.lora_training.loop import Loop


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
        self.add_argument("--json", action="store_true", help="print JSON")

    def error(self, message: str) -> NoReturn:
        """Refuse the options.

        Args:
            message: What is wrong with them.

        Raises:
            ValueError: Always.
        """
        raise ValueError(f"{message} (see {self.prog} --help)")

    def tell(self, given: argparse.Namespace, answer: Mapping[str, Any]) -> None:
        """Print what was done: one JSON object if that is asked for, else a line.

        Args:
            given: The options.
            answer: What was done, by name. Numbers that are none become null.
        """
        known = {
            name: None if isinstance(value, float) and not math.isfinite(value) else value
            for name, value in answer.items()
        }
        line = json.dumps(known) if given.json else ", ".join(f"{name}: {value}" for name, value in known.items())
        sys.stdout.write(line + "\n")


def outcome(loop: Loop) -> dict[str, Any]:
    """Return what `Arguments.tell` says of a run.

    Args:
        loop: Its loop, at the end.
    """
    return {"step": loop.step, "finished": loop.step >= loop.config.steps, "checkpoint": str(loop.checkpoint)}
