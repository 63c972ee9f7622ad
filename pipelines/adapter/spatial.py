"""`SpatialEncoder`: face maps -> one feature for each down block of a UNet, in the manner of T2I-Adapter."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

_GROUPS = 8


class SpatialEncoder(nn.Module):
    """Encodes maps of the size of the picture (T2I-Adapter, arXiv 2302.08453, section 3.2, with normalized blocks).

    The last layers are 0 at first, so that an untrained encoder changes nothing.

    Args:
        maps: Number of maps.
        latent_factor: Pixels of the picture along a side of a pixel of the latents.
        channels: Channels of each feature.
        factors: How many times smaller than the latents each feature is; powers of 2, each no less than the one before.
        widths: Channels inside, for each feature; multiples of 8.
    """

    def __init__(
        self, maps: int, latent_factor: int, channels: Sequence[int], factors: Sequence[int], widths: Sequence[int]
    ) -> None:
        super().__init__()
        self.unshuffle = nn.PixelUnshuffle(latent_factor)
        self.conv_in = nn.Conv2d(maps * latent_factor**2, widths[0], 3, padding=1)
        levels: list[nn.Module] = []
        before, size = widths[0], 1
        for width, factor in zip(widths, factors, strict=True):
            level: list[nn.Module] = []
            while size < factor:
                level.append(nn.Conv2d(before, width, 3, stride=2, padding=1))
                before, size = width, 2 * size
            if before != width:
                level.append(nn.Conv2d(before, width, 1))
            levels.append(nn.Sequential(*level, _Block(width), _Block(width)))
            before = width
        self.levels = nn.ModuleList(levels)
        self.outs = nn.ModuleList(nn.Conv2d(width, out, 1) for width, out in zip(widths, channels, strict=True))
        for out in self.outs:
            nn.init.zeros_(out.weight)  # pyright: ignore[reportArgumentType]
            nn.init.zeros_(out.bias)  # pyright: ignore[reportArgumentType]

    def forward(self, maps: Tensor) -> list[Tensor]:
        """Return the features, one for each down block.

        Args:
            maps: (batch, maps, height, width) from 0 to 1, height and width multiples of the latent factor.
        """
        hidden = self.conv_in(self.unshuffle(maps))
        features: list[Tensor] = []
        for level, out in zip(self.levels, self.outs, strict=True):
            hidden = level(hidden)
            features.append(out(hidden))
        return features


class _Block(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm1, self.conv1 = nn.GroupNorm(_GROUPS, width), nn.Conv2d(width, width, 3, padding=1)
        self.norm2, self.conv2 = nn.GroupNorm(_GROUPS, width), nn.Conv2d(width, width, 3, padding=1)

    def forward(self, hidden: Tensor) -> Tensor:
        inner = self.conv1(torch.nn.functional.silu(self.norm1(hidden)))
        return hidden + self.conv2(torch.nn.functional.silu(self.norm2(inner)))
