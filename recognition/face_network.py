"""`FaceNetwork`: from the crop of one face to landmarks, units with uncertainty, emotions, and whether it is a face.

A small residual network (He et al. 2015, arXiv 1512.03385) in plain torch; weights of image-model libraries are not
used, so that nothing beside torch is needed. One pass gives everything, which is what makes it fast.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from auface.structure.topology import LANDMARKS

from .unit_table import EMOTIONS, TOGETHER, UNITS

LARGEST_SCALE = 5.0
"""Largest uncertainty: as much as an intensity can be off."""


@dataclass(frozen=True, kw_only=True)
class FaceNetworkConfig:
    """Sizes.

    Attributes:
        widths: Channels at a half, a quarter, an eighth and a sixteenth of the crop's resolution.
        depths: Residual blocks of the last three.
        narrow: Channels that keep their place in the crop before the last layers.
        features: Length of the vector that describes a face.
        components: Components of landmark shapes.
        crop: Height and width of the crop in pixels.
    """

    widths: tuple[int, int, int, int] = (32, 48, 96, 192)
    depths: tuple[int, int, int] = (2, 2, 2)
    narrow: int = 48
    features: int = 256
    components: int = 80
    crop: int = 128

    def to_data(self) -> dict[str, Any]:
        """Return the sizes as plain data."""
        return asdict(self)

    @classmethod
    def from_data(cls, data: dict[str, Any]) -> FaceNetworkConfig:
        """Return the sizes that `to_data` gave.

        Args:
            data: Plain data.
        """
        values: dict[str, Any] = {}
        for name, value in data.items():
            values[name] = tuple(value) if isinstance(value, list) else value
        return cls(**values)


class FaceOutput(NamedTuple):
    """What the network says of a batch of crops.

    Attributes:
        points: (B, 478, 3) landmarks in sides of the crop from its middle: x right, y down, depth.
        units: (B, units, 2) intensities on the subject's left and right, not yet limited to 0 to 5.
        scale: (B, units, 2) expected absolute error of `units`, above 0.
        emotions: (B, emotions) logits.
        score: (B,) logit of being a face.
        features: (B, features) what the units are read from.
    """

    points: Tensor
    units: Tensor
    scale: Tensor
    emotions: Tensor
    score: Tensor
    features: Tensor


class Block(nn.Module):
    """Two convolutions beside a shortcut.

    Args:
        width: Channels.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.first = convolution(width, width)
        self.second = convolution(width, width)

    def forward(self, picture: Tensor) -> Tensor:
        """Return (B, width, H, W) features.

        Args:
            picture: (B, width, H, W) features.
        """
        return torch.relu(picture + self.second(torch.relu(self.first(picture))))


def convolution(inputs: int, outputs: int, stride: int = 1) -> nn.Sequential:
    """Return a 3 x 3 convolution with batch normalization.

    Args:
        inputs: Channels in.
        outputs: Channels out.
        stride: Step in pixels.
    """
    return nn.Sequential(nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False), nn.BatchNorm2d(outputs))


class FaceNetwork(nn.Module):
    """Reads crops of faces.

    Args:
        config: Sizes.
    """

    mean: Tensor
    basis: Tensor

    def __init__(self, config: FaceNetworkConfig | None = None) -> None:
        super().__init__()
        self.config = config = config or FaceNetworkConfig()
        first, *rest = config.widths
        layers: list[nn.Module] = [convolution(3, first, 2), nn.ReLU()]
        for width, depth in zip(rest, config.depths, strict=True):
            layers += [convolution(first, width, 2), nn.ReLU(), *(Block(width) for _ in range(depth))]
            first = width
        self.trunk = nn.Sequential(*layers)
        self.narrow = nn.Sequential(nn.Conv2d(first, config.narrow, 1, bias=False), nn.BatchNorm2d(config.narrow))
        places = config.narrow * (config.crop // 16) ** 2
        self.shape_head = nn.Sequential(nn.Linear(places, 128), nn.ReLU(), nn.Linear(128, config.components + 5))
        self.describe = nn.Sequential(nn.Linear(places, config.features), nn.ReLU())
        self.unit_head = nn.Linear(config.features, 4 * len(UNITS))
        self.emotion_head = nn.Linear(config.features, len(EMOTIONS))
        self.register_buffer("mean", torch.zeros(LANDMARKS, 3))
        self.register_buffer("basis", torch.zeros(config.components, LANDMARKS, 3))
        for layer in (self.shape_head[-1], self.unit_head, self.emotion_head):
            assert isinstance(layer, nn.Linear)
            nn.init.normal_(layer.weight, std=0.01)
            nn.init.zeros_(layer.bias)

    def forward(self, crops: Tensor) -> FaceOutput:
        """Return what the crops show.

        Args:
            crops: (B, 3, crop, crop) RGB in [-1, 1].
        """
        places = torch.relu(self.narrow(self.trunk(crops))).flatten(1)
        with torch.autocast(crops.device.type, enabled=False):  # a landmark needs more digits than bfloat16 has
            return self._read(places.float())

    def _read(self, places: Tensor) -> FaceOutput:
        shape = self.shape_head(places)
        points = self._points(shape)
        features = self.describe(places)
        units, scale = self.unit_head(features).reshape(-1, 2, len(UNITS), 2).unbind(1)
        together = torch.as_tensor(TOGETHER, device=places.device)[:, None]
        units = torch.where(together, units.mean(-1, keepdim=True), units)
        scale = torch.where(together, scale.mean(-1, keepdim=True), scale)
        scale = torch.exp(scale.clamp(-4, math.log(LARGEST_SCALE)))
        return FaceOutput(points, units, scale, self.emotion_head(features), shape[:, -1], features)

    def _points(self, shape: Tensor) -> Tensor:
        """Return landmarks: a shape of the basis, then turned, scaled and shifted in the plane of the crop."""
        weights, moved = shape[:, : self.config.components], shape[:, self.config.components :]
        points = self.mean + torch.einsum("bk,kpc->bpc", weights, self.basis)
        real, imaginary = (1 + moved[:, 0])[:, None], moved[:, 1][:, None]
        x, y, depth = points.unbind(-1)
        size = torch.sqrt(real**2 + imaginary**2 + 1e-12)
        return torch.stack(
            [
                real * x - imaginary * y + moved[:, 2][:, None],
                imaginary * x + real * y + moved[:, 3][:, None],
                size * depth,
            ],
            -1,
        )


def crops_to_input(crops: Tensor) -> Tensor:
    """Return crops as the network takes them, (B, 3, H, W) float32 in [-1, 1], channels last in memory.

    Args:
        crops: (B, H, W, 3) uint8 RGB.
    """
    return (crops.permute(0, 3, 1, 2).float() / 127.5 - 1).contiguous(memory_format=torch.channels_last)
