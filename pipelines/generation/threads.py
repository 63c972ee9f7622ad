"""`one_thread`: small models on one core, because several threads wait for each other.

The steps of a small model are so short that a second thread gains little; and where the second core is busy with
something else, each step waits for it: then drawing takes many times as long.
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
