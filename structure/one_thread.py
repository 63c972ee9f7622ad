"""`one_thread`: computing on one core, because small models and small pictures gain little from a second.

Where the second core is busy with something else, each short step waits for it: then drawing takes many times as long.
Besides, sums in another order give slightly other pictures on other machines.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch


@contextmanager
def one_thread() -> Iterator[None]:
    """Let torch compute on one CPU thread inside of the block, and on as many as before after it."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
