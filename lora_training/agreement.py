"""Processes that were launched together: they decide together, so that none waits for one that has ended."""

from __future__ import annotations

from typing import Any

import torch


def accelerator_or_none() -> Any:
    """Return Accelerate's object when this process is one of several that were launched together, else None."""
    if not torch.distributed.is_available() or not torch.distributed.is_torchelastic_launched():
        return None
    from accelerate import Accelerator

    return Accelerator(cpu=not torch.cuda.is_available())


def processes_of(accelerator: Any) -> tuple[int, int]:
    """Return how many processes were launched together, and which of them this is, from 0.

    Args:
        accelerator: Accelerate's, or None where there is one process.
    """
    return (1, 0) if accelerator is None else (accelerator.num_processes, accelerator.process_index)


def agreed(accelerator: Any, *wishes: bool) -> tuple[bool, ...]:
    """Return what at least one process wishes, the same in all of them; every process must ask.

    Args:
        accelerator: Accelerate's, or None where there is one process.
        *wishes: Those of this process.
    """
    if accelerator is None or accelerator.num_processes < 2:
        return wishes
    told = accelerator.reduce(torch.tensor([float(wish) for wish in wishes], device=accelerator.device), "sum")
    return tuple(bool(value > 0) for value in told)
