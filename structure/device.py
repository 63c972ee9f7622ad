"""`usable_device`: where to compute, checked before anything is loaded onto it."""

from __future__ import annotations

import torch


def usable_device(device: torch.device | str) -> torch.device:
    """Return a device that is here and works.

    Args:
        device: A device or torch's name of one, such as "cpu", "cuda" or "cuda:1".

    Raises:
        ValueError: There is no such device, or this torch cannot use it.
    """
    try:
        return torch.empty(0, device=device).device
    except (RuntimeError, AssertionError) as error:  # what torch says of a device that it does not know or have
        said = str(error).splitlines()[0]
        raise ValueError(f"`device` is {str(device)!r}, which cannot be used here ({said}); accepted is cpu.") from None
