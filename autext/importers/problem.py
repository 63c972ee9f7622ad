"""`Problems`: what is wrong with the files of a data set, collected over the whole of it and told together."""

from __future__ import annotations

from pathlib import Path

SHOWN = 50
"""How many problems the text lists; the rest is counted."""


class DatasetError(ValueError):
    """A data set that cannot be imported as it is.

    Attributes:
        problems: One line for each problem: file, line where there is one, and what is wrong.
    """

    def __init__(self, problems: tuple[str, ...]) -> None:
        """Make the text.

        Args:
            problems: One line for each problem.
        """
        count = len(problems)
        listed = [*problems[:SHOWN], *([f"and {count - SHOWN} more"] if count > SHOWN else [])]
        heading = "1 problem" if count == 1 else f"{count} problems"
        super().__init__(f"{heading}; nothing was written:\n  " + "\n  ".join(listed))
        self.problems = problems


class Problems:
    """Collects problems."""

    def __init__(self) -> None:
        self._lines: list[str] = []

    def __len__(self) -> int:
        return len(self._lines)

    def add(self, path: Path, text: str, line: int | None = None) -> None:
        """Note a problem.

        Args:
            path: The file or folder.
            text: What is wrong, and what is accepted.
            line: Line of the file, from 1.
        """
        self._lines.append(f"{path}: {text}" if line is None else f"{path}:{line}: {text}")

    def check(self) -> None:
        """Stop if there was any.

        Raises:
            DatasetError: There was.
        """
        if self._lines:
            raise DatasetError(tuple(self._lines))
