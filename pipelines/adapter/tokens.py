"""`TokenEncoder` and `ExpressionLayer`: condition vectors -> expression tokens -> keys and values of one layer."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class TokenEncoder(nn.Module):
    """Condition vectors of both halves of a face to expression tokens, one for each vector.

    Args:
        vectors: Condition vectors of each half.
        width: Their width.
        channels: Width of the tokens, a multiple of 4.
    """

    def __init__(self, vectors: int, width: int, channels: int) -> None:
        super().__init__()
        self.project = nn.Linear(width, channels)
        self.place = nn.Parameter(torch.randn(2 * vectors, channels) * 0.5)
        self.mix = nn.TransformerEncoderLayer(channels, 4, 3 * channels, 0.0, "gelu", batch_first=True, norm_first=True)
        self.norm = nn.LayerNorm(channels)

    def forward(self, condition: Tensor) -> Tensor:
        """Return tokens, (batch, 2 vectors, channels).

        Args:
            condition: (batch, 2, vectors, width) of `StructureModel.condition_of`.
        """
        return self.norm(self.mix(self.project(condition.flatten(1, 2)) + self.place))


class ExpressionLayer(nn.Module):
    """Keys and values that one cross-attention of a UNet sees beside those of the text (IP-Adapter, arXiv 2308.06721).

    Values are 0 at first, so that an untrained layer changes nothing.

    Args:
        channels: Width of the tokens.
        inner: Width of the queries.
    """

    def __init__(self, channels: int, inner: int) -> None:
        super().__init__()
        self.to_k = nn.Linear(channels, inner, bias=False)
        self.to_v = nn.Linear(channels, inner, bias=False)
        nn.init.zeros_(self.to_v.weight)

    def forward(self, tokens: Tensor) -> tuple[Tensor, Tensor]:
        """Return keys and values, (batch, tokens, inner) each.

        Args:
            tokens: (batch, tokens, channels).
        """
        return self.to_k(tokens), self.to_v(tokens)
