"""`ScalarQuantizer`: finite scalar quantization (Mentzer et al. 2023, arXiv 2309.15505).

Every channel of a code is bounded and rounded to one of a few levels; the codebook is the grid of all combinations, so
that there is nothing to learn and no entry can be left behind. Equations and values are those of the class `FSQ` of
vector-quantize-pytorch (MIT) without its projections; a test compares both. Here to spare the run time that package.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn

_EPSILON = 1e-3


class ScalarQuantizer(nn.Module):
    """Rounds channels to levels.

    Args:
        levels: Number of levels of each channel, 2 or more.

    Raises:
        ValueError: No channel, or one with fewer than two levels.
    """

    _half: Tensor

    def __init__(self, levels: Sequence[int]) -> None:
        super().__init__()
        if not levels or min(levels) < 2:
            raise ValueError(f"`levels` is {tuple(levels)}; accepted are one or more whole numbers from 2.")
        self.levels = tuple(levels)
        self.register_buffer("_half", torch.tensor([level // 2 for level in levels]).float(), persistent=False)
        width = [(level - 1) * (1 + _EPSILON) / 2 for level in levels]
        offset = [0.5 if level % 2 == 0 else 0.0 for level in levels]
        shift = [math.atanh(o / w) for o, w in zip(offset, width, strict=True)]
        for name, values in (("_width", width), ("_offset", offset), ("_shift", shift)):
            self.register_buffer(name, torch.tensor(values), persistent=False)

    @property
    def channels(self) -> int:
        """Number of channels of a code."""
        return len(self.levels)

    @property
    def codebook_size(self) -> int:
        """Number of codes."""
        return math.prod(self.levels)

    def forward(self, z: Tensor) -> Tensor:
        """Return the nearest codes; the gradient passes straight through the rounding.

        Args:
            z: (..., channels), any range.

        Returns:
            (..., channels) from -1 to 1.
        """
        bounded = torch.tanh(z + self.get_buffer("_shift")) * self.get_buffer("_width") - self.get_buffer("_offset")
        return (bounded + (bounded.round() - bounded).detach()) / self._half

    def digits(self, codes: Tensor) -> Tensor:
        """Return which level each channel is at, (..., channels) int64 from 0.

        Args:
            codes: (..., channels) codes.
        """
        return (codes * self._half + self._half).round().long()

    def codes(self, digits: Tensor) -> Tensor:
        """Return the codes of levels, (..., channels); the inverse of `digits`.

        Args:
            digits: (..., channels) from 0; need not be whole numbers.
        """
        return (digits - self._half) / self._half

    def indices(self, digits: Tensor) -> Tensor:
        """Return one number for each code, (...) int64 from 0 to `codebook_size` - 1.

        Args:
            digits: (..., channels).
        """
        index, basis = torch.zeros_like(digits[..., 0]), 1
        for channel, level in enumerate(self.levels):
            index = index + digits[..., channel] * basis
            basis *= level
        return index
