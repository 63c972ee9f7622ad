"""`full_precision`: computes in float32, also where a pipeline runs under `torch.autocast`.

Geometry is a small part of the work, and half precision would move landmarks by whole pixels.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from functools import wraps
from typing import ParamSpec, TypeVar

import torch

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")

_DEVICES = ("cpu", "cuda", "mps", "xpu")


def full_precision(function: Callable[Arguments, Result]) -> Callable[Arguments, Result]:
    """Return the function with autocast switched off while it runs.

    Args:
        function: Any function or method.
    """

    @wraps(function)
    def computed(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Result:
        with ExitStack() as stack:
            for device in _DEVICES:
                if torch.is_autocast_enabled(device):
                    stack.enter_context(torch.autocast(device, enabled=False))
            return function(*args, **kwargs)

    return computed
