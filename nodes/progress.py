"""`steps`: a loop that shows its progress on the page and stops when the user interrupts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

import comfy.model_management
import comfy.utils

Item = TypeVar("Item")


def steps(items: Sequence[Item]) -> Iterator[Item]:
    """Yield items one after the other; ComfyUI's interruption ends the loop.

    Args:
        items: What is worked on.
    """
    bar = comfy.utils.ProgressBar(len(items))
    for number, item in enumerate(items, 1):
        comfy.model_management.throw_exception_if_processing_interrupted()
        yield item
        bar.update_absolute(number)
