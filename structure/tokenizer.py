"""`ExpressionTokenizer`: an autoencoder from expression displacement to a few discrete tokens for each region.

Displacement is a face minus the same person's neutral face. A token says "this region does this": the decoder is told
the person's neutral region, so that the same tokens close any eye. Our definition; the idea of structural priors as
vector-quantized tokens is that of VQ-AUFace (arXiv 2603.18588, abstract).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn

from .half_face import HalfFaces
from .quantizer import ScalarQuantizer
from .topology import REGIONS, topology

SCALE = 0.1
"""Displacement that enters the networks as 1, in inter-ocular distances."""


@dataclass(frozen=True, kw_only=True)
class TokenizerConfig:
    """Sizes of the tokenizer.

    Attributes:
        tokens: Region -> tokens of that region of one half.
        levels: Levels of each channel of a token.
        hidden: Width of the hidden layers.
    """

    tokens: Mapping[str, int] = field(
        default_factory=lambda: {"brow": 2, "eye": 3, "nose": 2, "cheek": 2, "mouth": 4, "jaw": 2}
    )
    levels: tuple[int, ...] = (5, 5, 5, 5)
    hidden: int = 192

    def __post_init__(self) -> None:
        if tuple(self.tokens) != REGIONS or min(self.tokens.values()) < 1:
            raise ValueError(f"`tokens` is {dict(self.tokens)}; accepted is a number from 1 for each of {REGIONS}.")
        object.__setattr__(self, "levels", tuple(self.levels))

    @property
    def sequence(self) -> tuple[str, ...]:
        """The region of each token of one half."""
        return tuple(name for name in REGIONS for _ in range(self.tokens[name]))


class ExpressionTokenizer(nn.Module):
    """Encodes displacement into tokens and decodes it.

    Args:
        config: Sizes.
    """

    mean: Tensor

    def __init__(self, config: TokenizerConfig | None = None) -> None:
        super().__init__()
        self.config = config or TokenizerConfig()
        self.halves = HalfFaces()
        self.quantizer = ScalarQuantizer(self.config.levels)
        self.register_buffer("mean", torch.from_numpy(topology().neutral), persistent=False)
        hidden = self.config.hidden
        self.encoders, self.decoders = nn.ModuleDict(), nn.ModuleDict()
        for name, support in zip(REGIONS, self.halves.supports, strict=True):
            points, codes = 3 * len(support), self.config.tokens[name] * self.quantizer.channels
            self.encoders[name] = _perceptron(2 * points, hidden, codes)
            self.decoders[name] = _Decoder(codes, points, hidden)

    def encode(self, displacement: Tensor, neutral: Tensor) -> Tensor:
        """Return tokens as codes.

        Args:
            displacement: (batch, 478, 3) in inter-ocular distances.
            neutral: (batch, 478, 3) the same people at rest.

        Returns:
            (batch, 2, tokens, channels) codes from -1 to 1 of the left and of the right half. Gradients pass through.
        """
        moved, rest = self.halves.regions(self.halves.apart(displacement / SCALE)), self._rest(neutral)
        codes: list[Tensor] = []
        for encoder, *seen in zip(self.encoders.values(), moved, rest, strict=True):
            code = encoder(torch.cat([faces.flatten(2) for faces in seen], -1))
            codes.append(code.unflatten(-1, (-1, self.quantizer.channels)))
        return self.quantizer(torch.cat(codes, 2))

    def decode(self, codes: Tensor, neutral: Tensor) -> Tensor:
        """Return displacement from tokens; the decoder is continuous, so that codes may lie between levels.

        Args:
            codes: (batch, 2, tokens, channels).
            neutral: (batch, 478, 3) the people at rest.

        Returns:
            (batch, 478, 3) in inter-ocular distances.
        """
        parts = codes.split(list(self.config.tokens.values()), 2)
        decoded = [
            decoder(part.flatten(2), rest.flatten(2)).unflatten(-1, (-1, 3))
            for decoder, part, rest in zip(self.decoders.values(), parts, self._rest(neutral), strict=True)
        ]
        return self.halves.together(decoded) * SCALE

    def _rest(self, neutral: Tensor) -> tuple[Tensor, ...]:
        return self.halves.regions(self.halves.apart((neutral - self.mean) / SCALE))


class _Decoder(nn.Module):
    """Codes and a neutral region to displacement: what the codes say, modulated by the shape of the person."""

    def __init__(self, codes: int, points: int, hidden: int) -> None:
        super().__init__()
        self.codes = nn.Linear(codes, hidden)
        self.shape = nn.Linear(points, 48)
        self.modulation = nn.Linear(48, hidden)
        self.body = nn.Sequential(nn.GELU(), nn.Linear(hidden + 48, hidden), nn.GELU(), nn.Linear(hidden, points))
        self.direct = nn.Linear(codes, points)

    def forward(self, codes: Tensor, rest: Tensor) -> Tensor:
        shape = torch.tanh(self.shape(rest) / 4) * 4
        hidden = self.codes(codes) * (1 + 0.3 * self.modulation(shape))
        return self.body(torch.cat([hidden, shape], -1)) + self.direct(codes)


def _perceptron(inputs: int, hidden: int, outputs: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Linear(inputs, hidden), nn.GELU(), nn.Linear(hidden, hidden), nn.GELU(), nn.Linear(hidden, outputs)
    )
