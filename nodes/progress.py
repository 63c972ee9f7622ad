"""What shows on the page how far a node is, and ends it when the user interrupts: `Progress`, and `steps`, a loop."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

import comfy.model_management
import comfy.utils

Item = TypeVar("Item")

Interrupted = comfy.model_management.InterruptProcessingException
"""What ComfyUI wants to see raised by a node that the user interrupts."""


class Progress:
    """A bar on the page.

    Args:
        total: How much there is to do.
    """

    def __init__(self, total: int) -> None:
        self._bar, self._done = comfy.utils.ProgressBar(total), 0

    def advance(self, count: int = 1) -> None:
        """Show that more is done.

        Args:
            count: How much more.

        Raises:
            Interrupted: The user does not want the rest.
        """
        self.reach(self._done + count)

    def reach(self, done: int, preview: Any = None) -> None:
        """Show how much is done.

        Args:
            done: Of the total.
            preview: A picture as ComfyUI's bar takes it: format, Pillow image, largest size.

        Raises:
            Interrupted: The user does not want the rest.
        """
        self._done = done
        self._bar.update_absolute(done, preview=preview)
        comfy.model_management.throw_exception_if_processing_interrupted()


def steps(items: Sequence[Item]) -> Iterator[Item]:
    """Yield items one after the other; ComfyUI's interruption ends the loop.

    Args:
        items: What is worked on.
    """
    comfy.model_management.throw_exception_if_processing_interrupted()
    progress = Progress(len(items))
    for item in items:
        yield item
        progress.advance()
