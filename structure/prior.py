"""`StructurePrior`: masked token modelling of the structure tokens of a face, given a condition.

As MaskGIT (arXiv 2202.04200): tokens are predicted from those already known, most certain first. Guidance mixes the
predictions with and without the condition (arXiv 2207.12598). At temperature 0 nothing is drawn: the answer is the
expected code of each token, in one pass, so that geometry follows the request continuously.

Both halves of the face go through the same weights, and attention only knows "own half" and "other half": the mirror
image of a request gives exactly the mirror image of the tokens.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from .quantizer import ScalarQuantizer


@dataclass(frozen=True, kw_only=True)
class PriorConfig:
    """Sizes of the prior and of what conditions it.

    Attributes:
        width: Width of the transformer.
        layers: Number of its layers.
        heads: Attention heads.
        condition_tokens: Vectors that say what the face is to do.
        text_layers: Layers of the text encoder.
    """

    width: int = 128
    layers: int = 4
    heads: int = 4
    condition_tokens: int = 4
    text_layers: int = 2

    def __post_init__(self) -> None:
        if self.width % self.heads or min(self.width, self.layers, self.heads, self.condition_tokens) < 1:
            raise ValueError(
                f"`width` is {self.width} with {self.heads} heads; accepted are multiples of the heads, all from 1."
            )


class StructurePrior(nn.Module):
    """Predicts tokens.

    Args:
        config: Sizes.
        tokens: Number of tokens of each half.
        quantizer: What codes mean.
    """

    def __init__(self, config: PriorConfig, tokens: int, quantizer: ScalarQuantizer) -> None:
        super().__init__()
        self.config, self.tokens, self.quantizer = config, tokens, quantizer
        width = config.width
        self.code = nn.Linear(quantizer.channels, width)
        self.unknown = nn.Parameter(torch.randn(width) * 0.02)
        self.place = nn.Parameter(torch.randn(tokens, width) * 0.5)
        self.nothing = nn.Parameter(torch.randn(config.condition_tokens, width) * 0.5)
        self.condition = nn.Linear(config.condition_tokens * width, width)
        self.layers = nn.ModuleList(_Layer(width, config.heads) for _ in range(config.layers))
        self.norm = nn.LayerNorm(width)
        self.levels = nn.Linear(width, sum(quantizer.levels))

    def forward(self, codes: Tensor, known: Tensor, condition: Tensor) -> tuple[Tensor, ...]:
        """Return the logits of the levels of each channel.

        Args:
            codes: (batch, 2, tokens, channels) codes; those that are not known do not matter.
            known: (batch, 2, tokens) bool, which tokens are known.
            condition: (batch, 2, condition_tokens, width) what each half is to do.

        Returns:
            For each channel (batch, 2, tokens, levels).
        """
        seen = torch.where(known[..., None], self.code(codes), self.unknown)
        hidden = seen + self.place + self.condition(condition.flatten(2))[:, :, None]
        half = torch.arange(2 * self.tokens, device=hidden.device) // self.tokens
        across = (half[:, None] != half).to(hidden.dtype)
        for layer in self.layers:
            hidden = layer(hidden, condition, across)
        return self.levels(self.norm(hidden)).split(self.quantizer.levels, -1)

    def expected(self, logits: tuple[Tensor, ...]) -> Tensor:
        """Return the expected codes, (batch, 2, tokens, channels).

        Args:
            logits: For each channel (batch, 2, tokens, levels).
        """
        digits = [
            (channel.softmax(-1) * torch.arange(channel.shape[-1], device=channel.device)).sum(-1) for channel in logits
        ]
        return self.quantizer.codes(torch.stack(digits, -1))

    @torch.no_grad()
    def sample(
        self,
        condition: Tensor,
        *,
        temperature: float = 0.0,
        guidance: float = 1.0,
        steps: int = 4,
        generator: torch.Generator | None = None,
    ) -> Tensor:
        """Return codes for requests.

        Args:
            condition: (batch, 2, condition_tokens, width) what each half is to do.
            temperature: 0 for the expected code, 1 for the natural variety.
            guidance: 1 for the prediction itself, more to insist on the request, 0 to ignore it.
            steps: Passes in which drawn tokens become known.
            generator: Source of randomness, on the CPU; needed with a temperature above 0 for repeatable results.

        Returns:
            (batch, 2, tokens, channels) codes from -1 to 1.

        Raises:
            ValueError: Temperature or guidance is negative or not finite, or there are no steps.
        """
        for name, value in (("temperature", temperature), ("guidance", guidance)):
            if not 0 <= value < math.inf:
                raise ValueError(f"`{name}` is {value!r}; accepted is a finite number from 0.")
        if steps < 1:
            raise ValueError(f"`steps` is {steps!r}; accepted is a whole number from 1.")
        shape = (condition.shape[0], 2, self.tokens)
        codes = condition.new_zeros(*shape, self.quantizer.channels)
        known = torch.zeros(shape, dtype=torch.bool, device=condition.device)
        if temperature == 0:
            return self.expected(self._guided(codes, known, condition, guidance))
        for step in range(1, steps + 1):
            logits = [channel / temperature for channel in self._guided(codes, known, condition, guidance)]
            drawn, certainty = _drawn(logits, generator)
            codes = torch.where(known[..., None], codes, self.quantizer.codes(drawn))
            certainty = certainty.masked_fill(known, math.inf).flatten(1)
            keep = shape[1] * shape[2] - int(math.cos(math.pi / 2 * step / steps) * shape[1] * shape[2])
            best = certainty.topk(min(keep, certainty.shape[1]), 1).indices
            known = torch.zeros_like(certainty, dtype=torch.bool).scatter(1, best, True).reshape(shape)
        return codes

    def _guided(self, codes: Tensor, known: Tensor, condition: Tensor, guidance: float) -> tuple[Tensor, ...]:
        if guidance == 1:
            return self(codes, known, condition)
        both = torch.cat([condition, self.nothing.expand_as(condition)])
        logits = self(torch.cat([codes, codes]), torch.cat([known, known]), both)
        pairs = [channel.chunk(2) for channel in logits]
        return tuple(without + guidance * (with_it - without) for with_it, without in pairs)


class _Layer(nn.Module):
    """Attention within and across halves, then to the condition of the own half, then a perceptron."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.norms = nn.ModuleList(nn.LayerNorm(width) for _ in range(3))
        self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.query, self.memory = nn.Linear(width, width), nn.Linear(width, 2 * width)
        self.from_condition = nn.Linear(width, width)
        self.other_half = nn.Parameter(torch.zeros(heads))
        self.body = nn.Sequential(nn.Linear(width, 3 * width), nn.GELU(), nn.Linear(3 * width, width))

    def forward(self, hidden: Tensor, condition: Tensor, across: Tensor) -> Tensor:
        """Return `hidden`, (batch, 2, tokens, width), changed; `across` is 1 from a token to one of the other half."""
        shape, batch = hidden.shape, hidden.shape[0]
        q, k, v = self._split(self.qkv(self.norms[0](hidden)), 3, batch)
        seen = nn.functional.scaled_dot_product_attention(q, k, v, attn_mask=self.other_half[:, None, None] * across)
        hidden = hidden + self.out(seen.transpose(1, 2).reshape(shape))
        (q,) = self._split(self.query(self.norms[1](hidden)), 1, 2 * batch)
        k, v = self._split(self.memory(condition), 2, 2 * batch)
        seen = nn.functional.scaled_dot_product_attention(q, k, v)
        hidden = hidden + self.from_condition(seen.transpose(1, 2).reshape(shape))
        return hidden + self.body(self.norms[2](hidden))

    def _split(self, values: Tensor, parts: int, batch: int) -> tuple[Tensor, ...]:
        """Return parts of vectors, (batch, heads, vectors, width / heads) each."""
        return (
            values.reshape(batch, -1, parts, self.heads, self.out.out_features // self.heads).transpose(1, 3).unbind(2)
        )


def _drawn(logits: list[Tensor], generator: torch.Generator | None) -> tuple[Tensor, Tensor]:
    """Return drawn levels, (batch, 2, tokens, channels), and how certain each token is."""
    levels, certainty = [], torch.zeros(())
    for channel in logits:
        noise = torch.rand(channel.shape, generator=generator).to(channel).clamp_min(1e-9)
        level = (channel - (-noise.log()).log()).argmax(-1)
        certainty = certainty + channel.log_softmax(-1).gather(-1, level[..., None])[..., 0]
        levels.append(level)
    noise = torch.rand(certainty.shape, generator=generator).to(certainty).clamp_min(1e-9)
    return torch.stack(levels, -1), certainty - (-noise.log()).log()
