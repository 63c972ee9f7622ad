"""Conditions that ride in CONDITIONING."""

from torch import Tensor

class CONDRegular:
    def __init__(self, cond: Tensor) -> None: ...
