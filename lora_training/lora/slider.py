"""Sliders: how far along a slider each picture is, and an adapter whose strength differs from picture to picture.

A slider is learned from the base itself (`lesson.py`), or from labelled pictures, which need no base that knows the
expression: each is learned at the strength that its own intensity stands for, the negative end at -1, the positive one
at 1, all between in proportion, and its caption leaves the slider's units out, so that only the strength tells them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from auface.facs import ActionUnit, Expression
from auface.lora_training.lora.config import LoraConfig
from auface.lora_training.lora.network import ADAPTER

_BINS = 5  # of the strength, that are drawn equally often


class Slider:
    """The two ends of a slider.

    Args:
        config: Names them.
    """

    def __init__(self, config: LoraConfig) -> None:
        self.positive = Expression.parse(config.slider)
        self.negative = Expression.parse(config.slider_opposite) if config.slider_opposite else None
        self._from_base = config.learns_from_base
        if self.positive.is_neutral:
            raise ValueError(f"`slider` is {config.slider!r}; accepted is an expression with at least one unit.")

    @property
    def units(self) -> set[ActionUnit]:
        """The units that it moves."""
        return {*self.positive.units, *(self.negative.units if self.negative is not None else ())}

    def strength(self, expression: Expression) -> float:
        """Return where an expression is on the slider, -1 to 1.

        Args:
            expression: The expression.
        """
        there = _share(expression, self.positive)
        return 2 * there - 1 if self.negative is None else there - _share(expression, self.negative)

    def at(self, strength: float) -> Expression:
        """Return the expression that a strength stands for: on a face at rest, if the base is the teacher.

        Args:
            strength: -1 to 1.
        """
        if self.negative is None and self._from_base:
            return self.positive.scaled(max(0.0, strength))
        if self.negative is None:
            return self.positive.scaled((strength + 1) / 2)
        return self.positive.scaled(strength) if strength >= 0 else self.negative.scaled(-strength)


def slider_weights(strengths: Sequence[float]) -> NDArray[np.float64]:
    """Return how often pictures are drawn, so that all strengths come equally often; they sum to 1.

    Args:
        strengths: Of the pictures, -1 to 1.

    Raises:
        ValueError: All pictures are at the same place.
    """
    bins = [round((value + 1) / 2 * (_BINS - 1)) for value in strengths]
    count = Counter(bins)
    if len(count) < 2:
        raise ValueError("`slider`: all pictures of `data` are at the same place of it; accepted are both ends.")
    weights = np.array([1 / count[place] for place in bins])
    return weights / weights.sum()


class Strengths:
    """Multiplies what an adapter adds, for each picture of a batch by its own number.

    Args:
        network: A network with LoRA layers.
    """

    def __init__(self, network: nn.Module) -> None:
        self._values: Tensor | None = None
        self._layers: list[Any] = []
        for module in network.modules():
            down = getattr(module, "lora_A", None)
            if isinstance(down, nn.ModuleDict) and ADAPTER in down:
                self._layers.append(module)
                down[ADAPTER].register_forward_hook(self._scaled)

    @contextmanager
    def of(self, values: Tensor, device: torch.device) -> Iterator[None]:
        """Let the network add by these strengths inside the block, and in a backward pass after it.

        Args:
            values: (batch,) on the CPU.
            device: Where the network is.
        """
        # The base alone, as a teacher is asked for it, does without the layers, which take a third of the time.
        idle = not torch.is_grad_enabled() and not bool(values.any())
        self._values = None if idle else values.to(device)
        if idle:
            self._enable(False)
        try:
            yield
        finally:
            if idle:
                self._enable(True)

    def _enable(self, enabled: bool) -> None:
        for layer in self._layers:
            layer.enable_adapters(enabled)

    def _scaled(self, module: nn.Module, given: Any, result: Tensor) -> Tensor:
        if self._values is None:
            return result
        # With guidance a batch has every picture twice.
        values = self._values.to(result.dtype).repeat(len(result) // len(self._values))
        return result * values.reshape(-1, *[1] * (result.ndim - 1))


def _share(expression: Expression, end: Expression) -> float:
    """Return how much of an end an expression has, 0 to 1: the mean over the end's units and sides."""
    found = [
        min(1.0, mine / wanted)
        for unit, left, right in end
        for mine, wanted in ((expression.left(unit), left), (expression.right(unit), right))
        if wanted
    ]
    return sum(found) / len(found)
