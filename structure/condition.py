"""What a face is to do, as a few vectors for each half: from an expression, or from text. Both share one space."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from .action_vector import SIZE
from .prior import PriorConfig
from .vocabulary import BUCKETS, LONGEST

_NGRAMS = BUCKETS + 1  # 0 is padding


class ExpressionEncoder(nn.Module):
    """Action units to condition vectors.

    Args:
        config: Sizes.
    """

    def __init__(self, config: PriorConfig) -> None:
        super().__init__()
        self.config, width = config, config.width
        self.body = nn.Sequential(
            nn.Linear(SIZE, 3 * width),
            nn.GELU(),
            nn.Linear(3 * width, 3 * width),
            nn.GELU(),
            nn.Linear(3 * width, config.condition_tokens * width),
        )
        self.direct = nn.Linear(SIZE, config.condition_tokens * width)

    def forward(self, actions: Tensor) -> Tensor:
        """Return condition vectors, (batch, 2, condition_tokens, width).

        Args:
            actions: (batch, 2, SIZE) vectors of `action_vector`.
        """
        made = self.body(actions) + self.direct(actions)
        return made.unflatten(-1, (self.config.condition_tokens, -1))


class TextEncoder(nn.Module):
    """Words to action units and more: a small transformer with its own vocabulary.

    Words are seen from one half: "left" and "right" have become "own" and "other" side, see `vocabulary`.

    Args:
        config: Sizes.
    """

    def __init__(self, config: PriorConfig) -> None:
        super().__init__()
        self.config, width = config, config.width
        self.words = nn.EmbeddingBag(_NGRAMS, width, mode="sum", padding_idx=0)
        self.place = nn.Parameter(torch.randn(LONGEST, width) * 0.02)
        layer = nn.TransformerEncoderLayer(
            width, config.heads, 3 * width, 0.0, "gelu", batch_first=True, norm_first=True
        )
        self.layers = nn.TransformerEncoder(
            layer, config.text_layers, norm=nn.LayerNorm(width), enable_nested_tensor=False
        )
        self.queries = nn.Parameter(torch.randn(config.condition_tokens * 2, width) * 0.5)
        self.pooling = nn.MultiheadAttention(width, config.heads, batch_first=True)
        pooled = config.condition_tokens * 2 * width
        self.body = nn.Sequential(nn.Linear(pooled, 3 * width), nn.GELU(), nn.Linear(3 * width, 3 * width), nn.GELU())
        self.beyond = nn.Linear(3 * width, config.condition_tokens * width)
        nn.init.zeros_(self.beyond.weight)
        nn.init.zeros_(self.beyond.bias)
        self.actions = nn.Linear(3 * width, SIZE)

    def forward(self, words: Tensor) -> tuple[Tensor, Tensor]:
        """Return action units, (rows, SIZE), about 0 to 1, and what the text says beyond them.

        The second, (rows, condition_tokens, width), is added to the condition vectors of the action units.

        Args:
            words: (rows, words, ngrams) int64 of `vocabulary.encoded`; 0 is padding.
        """
        rows, length, _ = words.shape
        absent = (words == 0).all(-1)
        absent[:, 0] = False
        embedded = self.words(words.flatten(0, 1)).unflatten(0, (rows, length)) + self.place[:length]
        hidden = self.layers(embedded, src_key_padding_mask=absent)
        queries = self.queries.expand(rows, -1, -1)
        pooled, _ = self.pooling(queries, hidden, hidden, key_padding_mask=absent, need_weights=False)
        body = self.body(pooled.flatten(1))
        return self.actions(body), self.beyond(body).unflatten(-1, (self.config.condition_tokens, -1))
