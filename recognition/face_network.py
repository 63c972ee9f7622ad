"""`FaceNetwork`: from the crop of one face to landmarks, units with uncertainty, emotions, and whether it is a face.

A small residual network (He et al. 2015, arXiv 1512.03385) in plain torch; weights of image-model libraries are not
used, so that nothing beside torch is needed. It first sees the whole crop and places a shape of 478 landmarks. A
cascade then looks, at the resolution of its early layers, at what is seen at each landmark, and corrects the shape
(in the manner of supervised descent, Xiong & De la Torre 2013, doi 10.1109/CVPR.2013.75); its last step also reads the
units. One pass gives everything, which is what makes it fast.
"""

from __future__ import annotations

import copy
import math
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from auface.structure.topology import LANDMARKS, topology

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
        components: Components of landmark shapes.
        crop: Height and width of the crop in pixels.
        ranks: Of each step of the cascade, how many numbers are kept of what is seen at the landmarks.
        hidden: Width of a step's layer.
        eyes: Whether the cascade looks with early layers of its own instead of those of the trunk.
    """

    widths: tuple[int, int, int, int] = (32, 48, 96, 192)
    depths: tuple[int, int, int] = (2, 2, 2)
    narrow: int = 48
    components: int = 128
    crop: int = 128
    ranks: tuple[int, ...] = (96, 288)
    hidden: int = 320
    eyes: bool = False

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
            if name == "features":  # of the head that older networks had before there was a cascade
                continue
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


class StepOutput(NamedTuple):
    """What a step of the cascade says.

    Attributes:
        shape: (B, components + 5) the corrected shape.
        units: (B, 4 * units) intensities and logarithms of their uncertainty.
        emotions: (B, emotions) logits.
        features: (B, hidden) what they are read from.
    """

    shape: Tensor
    units: Tensor
    emotions: Tensor
    features: Tensor


class CascadeStep(nn.Module):
    """Corrects a shape by what is seen at its landmarks.

    Args:
        config: Sizes.
        rank: How many numbers are kept of what is seen.
    """

    where: Tensor

    def __init__(self, config: FaceNetworkConfig, rank: int) -> None:
        super().__init__()
        shape = config.components + 5
        self.register_buffer("where", torch.tensor(seen_landmarks()), persistent=False)
        seen = len(self.where) * config.widths[1]
        self.normal = nn.BatchNorm1d(seen, affine=False)
        self.drop = nn.Dropout(0.1)
        self.keep = nn.Linear(seen, rank, bias=False)
        self.layer = nn.Linear(rank + shape, config.hidden)
        self.correct = nn.Linear(config.hidden, shape)
        self.units = nn.Linear(config.hidden, 4 * len(UNITS))
        self.emotions = nn.Linear(config.hidden, len(EMOTIONS))
        for layer in (self.correct, self.units, self.emotions):
            nn.init.normal_(layer.weight, std=0.01)
            nn.init.zeros_(layer.bias)

    def look(self, early: Tensor, points: Tensor) -> Tensor:
        """Return (B, landmarks * channels) what is seen at the landmarks.

        Args:
            early: (B, channels, H, W) of the early layers.
            points: (B, 478, 3) landmarks in sides of the crop from its middle.
        """
        grid = 2 * points[:, self.where, :2].unsqueeze(2)
        return nn.functional.grid_sample(early, grid, align_corners=False).flatten(1)

    def forward(self, seen: Tensor, shape: Tensor) -> StepOutput:
        """Return the corrected shape and what is read on the way.

        Args:
            seen: (B, landmarks * channels) of `look`.
            shape: (B, components + 5) so far.
        """
        return self.read(self.keep(self.drop(self.normal(seen))), shape)

    def read(self, kept: Tensor, shape: Tensor) -> StepOutput:
        """Return the corrected shape and what is read on the way.

        Args:
            kept: (B, rank) what is kept of what is seen.
            shape: (B, components + 5) so far.
        """
        features = nn.functional.gelu(self.layer(torch.cat([kept, shape], 1)))
        return StepOutput(shape + self.correct(features), self.units(features), self.emotions(features), features)


def seen_landmarks() -> tuple[int, ...]:
    """Return the landmarks at which the cascade looks: lips, lids, brows, nose, irises, and some of cheeks and chin."""
    edges = topology().edges
    names = ("lips", "left_eye", "right_eye", "left_eyebrow", "right_eyebrow", "nose")
    contours = {int(number) for name in names for edge in edges[name] for number in edge}
    return tuple(sorted(contours | set(_CHEEKS_AND_CHIN)))


_CHEEKS_AND_CHIN = (
    *(205, 425, 50, 280, 101, 330, 36, 266, 200, 199, 208, 428, 9, 8, 151, 108, 337, 69, 299, 187, 411, 57, 287),
    *(43, 273, 206, 426, 203, 423, 165, 391, 164, 18, 32, 262, 152, 148, 377, 468, 473),
)


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
        self._early = 4 + config.depths[0]  # layers up to a quarter of the resolution
        if config.eyes:
            self.eyes = copy.deepcopy(self.trunk[: self._early])
        self.narrow = nn.Sequential(nn.Conv2d(first, config.narrow, 1, bias=False), nn.BatchNorm2d(config.narrow))
        places = config.narrow * (config.crop // 16) ** 2
        self.shape_head = nn.Sequential(nn.Linear(places, 128), nn.ReLU(), nn.Linear(128, config.components + 5))
        self.steps = nn.ModuleList(CascadeStep(config, rank) for rank in config.ranks)
        self.register_buffer("mean", torch.zeros(LANDMARKS, 3))
        self.register_buffer("basis", torch.zeros(config.components, LANDMARKS, 3))
        last = self.shape_head[-1]
        assert isinstance(last, nn.Linear)
        nn.init.normal_(last.weight, std=0.01)
        nn.init.zeros_(last.bias)

    def forward(self, crops: Tensor) -> FaceOutput:
        """Return what the crops show.

        Args:
            crops: (B, 3, crop, crop) RGB in [-1, 1].
        """
        shape, seen = self.looked(crops)
        return self.stages(shape, seen)[-1]

    def looked(self, crops: Tensor) -> tuple[Tensor, Tensor]:
        """Return (B, components + 5) first shapes, and (B, channels, crop / 4, crop / 4) what the cascade looks at.

        Args:
            crops: (B, 3, crop, crop) RGB in [-1, 1].
        """
        early = self.early(crops)
        places = self.late(early)
        seen = self.eyes(crops) if self.config.eyes else early
        with torch.autocast(crops.device.type, enabled=False):  # a landmark needs more digits than bfloat16 has
            return self.first_shape(places.float()), seen.float()

    def early(self, crops: Tensor) -> Tensor:
        """Return (B, channels, crop / 4, crop / 4) what the early layers see; the cascade looks at it.

        Args:
            crops: (B, 3, crop, crop) RGB in [-1, 1].
        """
        return self.trunk[: self._early](crops)

    def late(self, early: Tensor) -> Tensor:
        """Return (B, places) what the late layers make of it: what the whole crop shows, and where.

        Args:
            early: What `early` returned.
        """
        return torch.relu(self.narrow(self.trunk[self._early :](early))).flatten(1)

    def first_shape(self, places: Tensor) -> Tensor:
        """Return (B, components + 5) the first shape: weights of components, similarity, score.

        Args:
            places: (B, places) what the whole crop shows.
        """
        return self.shape_head(places)

    def stages(self, shape: Tensor, seen: Tensor) -> list[FaceOutput]:
        """Return what each step of the cascade says; the last one counts.

        A step takes the shape of the one before as given, so that each is taught by its own errors alone.

        Args:
            shape: (B, components + 5) first shapes.
            seen: What `looked` returned.
        """
        score, found = shape[:, -1], list[FaceOutput]()
        for step in self.steps:
            assert isinstance(step, CascadeStep)
            given = shape.detach()
            said = step(step.look(seen, self.points(given)), given)
            found.append(self.said(said, score))
            shape = said.shape
        return found

    def said(self, said: StepOutput, score: Tensor) -> FaceOutput:
        """Return what a step says, in units and landmarks.

        Args:
            said: What it returned.
            score: (B,) logits of being a face.
        """
        shape, units_and_scale, emotions, features = said
        units, scale = units_and_scale.reshape(-1, 2, len(UNITS), 2).unbind(1)
        together = torch.as_tensor(TOGETHER, device=shape.device)[:, None]
        units = torch.where(together, units.mean(-1, keepdim=True), units)
        scale = torch.where(together, scale.mean(-1, keepdim=True), scale)
        scale = torch.exp(scale.clamp(-4, math.log(LARGEST_SCALE)))
        return FaceOutput(self.points(shape), units, scale, emotions, score, features)

    def points(self, shape: Tensor) -> Tensor:
        """Return (B, 478, 3) landmarks: a shape of the basis, then turned, scaled and shifted in the crop's plane.

        Args:
            shape: (B, components + 5).
        """
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


def mirrored_output(output: FaceOutput) -> FaceOutput:
    """Return what the network would say of the mirror images of the crops, if it were fair to both sides.

    Args:
        output: What it says of the crops.
    """
    mirror = torch.from_numpy(topology().mirror).to(output.points.device)
    points = output.points[:, mirror] * torch.tensor([-1.0, 1.0, 1.0], device=output.points.device)
    return output._replace(points=points, units=output.units.flip(2), scale=output.scale.flip(2))


def split_output(output: FaceOutput, count: int) -> tuple[FaceOutput, FaceOutput]:
    """Return what is said of the first crops of a batch, and of the others.

    Args:
        output: What the network says of all.
        count: How many are the first.
    """
    return FaceOutput(*(value[:count] for value in output)), FaceOutput(*(value[count:] for value in output))


def mean_output(one: FaceOutput, two: FaceOutput) -> FaceOutput:
    """Return the mean of what is said of the same crops twice.

    Args:
        one: What the network says.
        two: What it says another time.
    """
    return FaceOutput(*((first + second) / 2 for first, second in zip(one, two, strict=True)))


def crops_to_input(crops: Tensor) -> Tensor:
    """Return crops as the network takes them, (B, 3, H, W) float32 in [-1, 1], channels last in memory.

    Args:
        crops: (B, H, W, 3) uint8 RGB.
    """
    return (crops.permute(0, 3, 1, 2).float() / 127.5 - 1).contiguous(memory_format=torch.channels_last)
