"""`ExpressionSignal`: what one call of a pipeline tells the UNet about expressions, step by step."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn

from auface.pipelines.adapter.attention import ExpressionAttention
from auface.pipelines.adapter.output import AdapterOutput

Branches = tuple[tuple[int, bool], ...]


@dataclass(frozen=True, kw_only=True, eq=False)
class ExpressionSignal:
    """The adapter's output for a batch of pictures, and how strongly and when it is heard.

    Attributes:
        output: What the adapter says, a row for each picture.
        shown: (batch,) 1 for a picture with an expression, 0 for a plain one in the same batch.
        expression_scale: How strongly expression tokens are heard.
        structure_scale: How strongly spatial features are heard.
        start: Share of the steps after which features begin.
        end: Share of the steps after which features end.
    """

    output: AdapterOutput
    shown: Tensor
    expression_scale: float = 1.0
    structure_scale: float = 1.0
    start: float = 0.0
    end: float = 1.0
    _rows: dict[Branches, tuple[AdapterOutput, Tensor, list[Tensor]]] = field(default_factory=dict, init=False)

    @contextmanager
    def heard(self, unet: nn.Module, branches: Branches, step: int, steps: int) -> Iterator[dict[str, Any]]:
        """Let a UNet hear the signal, and yield the arguments that it takes beside its own.

        Args:
            unet: The UNet.
            branches: For each branch of the batch, its text and whether it sees the expression.
            step: Number of the step, from 0.
            steps: Number of steps.
        """
        output, shown, residuals = self._for(branches)
        silent = step / steps < self.start or (step + 1) / steps > self.end or not self.structure_scale
        features = {} if silent else {"down_intrablock_additional_residuals": list(residuals)}
        if not self.expression_scale:
            yield features
            return
        with ExpressionAttention(unet, output, shown * self.expression_scale):
            yield features

    def _for(self, branches: Branches) -> tuple[AdapterOutput, Tensor, list[Tensor]]:
        if branches not in self._rows:
            count = len(self.shown)
            index = torch.arange(count, device=self.shown.device).repeat(len(branches))
            seen = torch.tensor([float(seen) for _, seen in branches], device=self.shown.device)
            shown = self.shown.repeat(len(branches)) * seen.repeat_interleave(count)
            output = self.output.rows(index)
            residuals = output.residuals(shown * self.structure_scale) if self.structure_scale else []
            self._rows[branches] = (output, shown, residuals)
        return self._rows[branches]
