"""Progress of drawing, step by step, on a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol


class Told(Protocol):
    """What is told of progress."""

    def picture(self, number: int) -> None:
        """Tell that a picture begins.

        Args:
            number: Which, from 1.
        """

    def step(self, done: int, steps: int) -> None:
        """Tell that a step of a picture is done.

        Args:
            done: Its number, from 1.
            steps: How many the picture has.
        """


class _Silence:
    def picture(self, number: int) -> None:
        pass

    def step(self, done: int, steps: int) -> None:
        pass


@contextmanager
def progress(pictures: int, quiet: bool) -> Iterator[Told]:
    """Show a bar on stderr while pictures are drawn; nothing where stderr is no terminal.

    Args:
        pictures: How many are drawn.
        quiet: Whether to show nothing.
    """
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

    console = Console(stderr=True)
    if quiet or not console.is_terminal:
        yield _Silence()
        return
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("loading the model", total=pictures)

        class Bar:
            """The bar on the terminal."""

            drawn = 0

            def picture(self, number: int) -> None:
                """Tell that a picture begins.

                Args:
                    number: Which, from 1.
                """
                self.drawn = number - 1
                bar.update(task, description=self._named(""), completed=self.drawn)

            def step(self, done: int, steps: int) -> None:
                """Tell that a step of a picture is done.

                Args:
                    done: Its number, from 1.
                    steps: How many the picture has.
                """
                bar.update(
                    task, description=self._named(f"step {done} of {steps}"), completed=self.drawn + done / steps
                )

            def _named(self, step: str) -> str:
                which = f"picture {self.drawn + 1} of {pictures}" if pictures > 1 else "drawing"
                return f"{which}, {step}" if step else which

        yield Bar()
