"""`TokenEncoder` and `ExpressionLayer`: condition vectors -> expression tokens -> keys and values of one layer."""

from __future__ import annotations

import torch
from torch import Tensor, nn

_HEADS = 4


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
        self.mix = _Mixing(channels)
        self.norm = nn.LayerNorm(channels)

    def forward(self, condition: Tensor) -> Tensor:
        """Return tokens, (batch, 2 vectors, channels).

        Args:
            condition: (batch, 2, vectors, width) of `StructureModel.condition_of`.
        """
        return self.norm(self.mix(self.project(condition.flatten(1, 2)) + self.place))


class _Mixing(nn.Module):
    """One layer of a transformer, normalized first.

    Not torch's own: that reads weights of its parts directly, which offloading has put elsewhere.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.norm1, self.self_attn = nn.LayerNorm(channels), _SelfAttention(channels)
        self.norm2 = nn.LayerNorm(channels)
        self.linear1, self.linear2 = nn.Linear(channels, 3 * channels), nn.Linear(3 * channels, channels)

    def forward(self, tokens: Tensor) -> Tensor:
        tokens = tokens + self.self_attn(self.norm1(tokens))
        return tokens + self.linear2(torch.nn.functional.gelu(self.linear1(self.norm2(tokens))))


class _SelfAttention(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.in_proj_weight = nn.Parameter(torch.empty(3 * channels, channels))
        self.in_proj_bias = nn.Parameter(torch.zeros(3 * channels))
        self.out_proj = nn.Linear(channels, channels)
        nn.init.xavier_uniform_(self.in_proj_weight)
        nn.init.zeros_(self.out_proj.bias)

    def forward(self, tokens: Tensor) -> Tensor:
        joined = torch.nn.functional.linear(tokens, self.in_proj_weight, self.in_proj_bias)
        q, k, v = (part.unflatten(-1, (_HEADS, -1)).transpose(1, 2) for part in joined.chunk(3, -1))
        found = torch.nn.functional.scaled_dot_product_attention(q, k, v)
        return self.out_proj(found.transpose(1, 2).flatten(2))


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
