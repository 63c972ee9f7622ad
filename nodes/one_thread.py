"""`use_one_thread`: lets small networks compute with one thread of the processor.

They gain little from more, and where another program keeps one of the cores busy, every layer waits for it: seen with
auface-mini, ten times slower. On a GPU nothing changes.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn


def use_one_thread(module: nn.Module) -> None:
    """Compute with one thread while a network runs on a processor, and with as many as before after it.

    Args:
        module: The network; its weights and results stay what they are.
    """
    before: list[int] = []

    def begin(_: nn.Module, inputs: tuple[Any, ...]) -> None:
        on_processor = all(value.device.type == "cpu" for value in inputs if isinstance(value, Tensor))
        before.append(torch.get_num_threads() if on_processor else 0)
        if before[-1]:
            torch.set_num_threads(1)

    def end(*_: Any) -> None:
        if before and (threads := before.pop()):
            torch.set_num_threads(threads)

    module.register_forward_pre_hook(begin)
    module.register_forward_hook(end, always_call=True)
