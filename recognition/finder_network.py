"""`FinderNetwork`: from a small picture to a map of where faces are, how large, and how they lean.

One stage, without anchors: a face is a peak of a heat map (as in Objects as Points, arXiv 1904.07850), whose place also
says where in its cell the middle is, and the side and the roll of the square round the face. Fully convolutional, so
that a picture may have any size.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

from .face_network import Block, convolution

STRIDE = 8
"""Pixels of the picture for one cell of the map."""

MIDDLE_SIDE = 56.0
"""Side, in pixels, that a size of 0 means."""


@dataclass(frozen=True, kw_only=True)
class FinderConfig:
    """Sizes.

    Attributes:
        widths: Channels at a half, a quarter, an eighth, a sixteenth and a thirty-second of the resolution.
        depths: Residual blocks of the last four.
        map: Channels of the map.
    """

    widths: tuple[int, int, int, int, int] = (16, 24, 48, 64, 96)
    depths: tuple[int, int, int, int] = (1, 2, 2, 2)
    map: int = 48

    def to_data(self) -> dict[str, Any]:
        """Return the sizes as plain data."""
        return asdict(self)

    @classmethod
    def from_data(cls, data: dict[str, Any]) -> FinderConfig:
        """Return the sizes that `to_data` gave.

        Args:
            data: Plain data.
        """
        values: dict[str, Any] = {}
        for name, value in data.items():
            values[name] = tuple(value) if isinstance(value, list) else value
        return cls(**values)


class FinderOutput(NamedTuple):
    """Maps, one cell for 8 x 8 pixels.

    Attributes:
        heat: (B, H/8, W/8) logit of a face's middle being here.
        shift: (B, 2, H/8, W/8) x and y of the middle from the middle of the cell, in cells.
        size: (B, H/8, W/8) logarithm of the side over 56 pixels.
        roll: (B, H/8, W/8) lean in units of 45 degrees, clockwise.
    """

    heat: Tensor
    shift: Tensor
    size: Tensor
    roll: Tensor


class FinderNetwork(nn.Module):
    """Finds faces.

    Args:
        config: Sizes.
    """

    def __init__(self, config: FinderConfig | None = None) -> None:
        super().__init__()
        self.config = config = config or FinderConfig()
        first, *rest = config.widths
        self.stem = nn.Sequential(convolution(3, first, 2), nn.ReLU())
        stages: list[nn.Module] = []
        for width, depth in zip(rest, config.depths, strict=True):
            stages.append(nn.Sequential(convolution(first, width, 2), nn.ReLU(), *(Block(width) for _ in range(depth))))
            first = width
        self.stages = nn.ModuleList(stages)
        self.sideways = nn.ModuleList(nn.Conv2d(width, config.map, 1) for width in config.widths[2:])
        self.head = nn.Sequential(convolution(config.map, config.map), nn.ReLU(), Block(config.map))
        self.out = nn.Conv2d(config.map, 5, 1)
        nn.init.normal_(self.out.weight, std=0.01)
        bias = torch.zeros(5)
        bias[0] = -4.0  # most cells have no face
        self.out.bias = nn.Parameter(bias)

    def forward(self, pictures: Tensor) -> FinderOutput:
        """Return the maps of pictures.

        Args:
            pictures: (B, 3, H, W) RGB in [-1, 1]; H and W are multiples of 32.
        """
        found = self.stem(pictures)
        levels: list[Tensor] = []
        for stage in self.stages:
            found = stage(found)
            levels.append(found)
        top: Tensor | None = None
        for level, sideways in zip(reversed(levels[1:]), reversed(list(self.sideways)), strict=True):
            here = sideways(level)
            top = here if top is None else here + F.interpolate(top, scale_factor=2.0, mode="nearest")
        assert top is not None
        maps = self.out(self.head(torch.relu(top))).float()
        return FinderOutput(maps[:, 0], maps[:, 1:3], maps[:, 3], maps[:, 4])
