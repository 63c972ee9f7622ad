"""Attention."""

from typing import Any

from torch import Tensor, nn

def optimized_attention(q: Tensor, k: Tensor, v: Tensor, heads: int, *, attn_precision: Any = None) -> Tensor: ...

class SpatialTransformer(nn.Module):
    transformer_blocks: Any
