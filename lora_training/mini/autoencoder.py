"""Training of auface-mini's autoencoder: KL-regularized, 8 times smaller, 4 channels (arXiv 2112.10752).

The losses are the absolute error of pixels, of means of areas, and of differences at four scales. Half of the windows
lie on eyes, brows or mouth, because expression lives there.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Any

import torch
from diffusers import AutoencoderKL
from torch import Tensor, nn

from auface.lora_training.random_state import random_state, set_random_state
from auface.structure.topology import LEFT_IRIS, RIGHT_IRIS

from .norm import quick_norms
from .pictures import HeadPictures

_MOUTH = 13  # inner edge of the upper lip
_SCALES = 4
_NOISE = 0.03  # standard deviation, of scaled latents


@dataclass(frozen=True, kw_only=True)
class AutoencoderConfig:
    """What the autoencoder is and how it learns.

    Attributes:
        channels: Channels by resolution, the full one first; multiples of 32, for the 32 groups that Stable
            Diffusion's autoencoder normalizes.
        layers: Residual blocks at each resolution.
        batch: Windows of a step.
        window: Pixels of a window's side, a multiple of 8.
        wide_from: Step from which windows are twice as wide, and a quarter as many: normalization sees whole faces.
        scales: Smallest and largest size of pictures, as a share of their size in the set.
        divergence: Weight of the KL divergence, which keeps latents near a standard normal distribution.
        differences: Weight of differences of neighboring pixels.
    """

    channels: tuple[int, ...] = (64, 64, 128, 128)
    layers: int = 1
    batch: int = 16
    window: int = 64
    wide_from: int = 2200
    scales: tuple[float, float] = (0.5, 1.1)
    divergence: float = 1e-4
    differences: float = 1.5

    def __post_init__(self) -> None:
        if any(value % 32 or value < 32 for value in self.channels):
            raise ValueError(f"`channels` is {self.channels}; accepted are multiples of 32.")
        if self.window % 8 or self.window < 8:
            raise ValueError(f"`window` is {self.window}; accepted are multiples of 8.")


def new_autoencoder(config: AutoencoderConfig) -> AutoencoderKL:
    """Return an autoencoder with random weights, in the layout of Stable Diffusion 1.x.

    Args:
        config: Its sizes.
    """
    count = len(config.channels)
    sizes: Any = config.channels  # diffusers calls tuples of any length tuples of one
    down: Any = ("DownEncoderBlock2D",) * count
    up: Any = ("UpDecoderBlock2D",) * count
    return AutoencoderKL(
        down_block_types=down,
        up_block_types=up,
        block_out_channels=sizes,
        layers_per_block=config.layers,
        latent_channels=4,
        norm_num_groups=32,
        sample_size=256,
    )


class AutoencoderTask:
    """Learns pictures; a task of `auface.lora_training.loop`.

    Args:
        config: What to learn.
        pictures: What to learn from.
        seed: Seed of weights and of the order of pictures.
        device: Where to compute.
        finished: An autoencoder whose encoder stays as it is, so that latents stay what they are; only its decoder
            learns on, from latents with a little noise, as a UNet leaves some.
    """

    def __init__(
        self,
        config: AutoencoderConfig,
        pictures: HeadPictures,
        seed: int = 0,
        device: torch.device | str = "cpu",
        finished: AutoencoderKL | None = None,
    ) -> None:
        torch.manual_seed(seed)
        self.config, self.pictures, self.device = config, pictures, torch.device(device)
        self.model: Any = finished or new_autoencoder(config)
        quick_norms(self.model.to(self.device, memory_format=torch.channels_last))
        self._decoder_only = finished is not None
        if finished is not None:
            self.model.encoder.requires_grad_(False)
            self.model.quant_conv.requires_grad_(False)
        self._rng = Random(seed)

    def parts(self) -> dict[str, nn.Module]:
        """Return the autoencoder, as `vae`."""
        return {"vae": self.model}

    def losses(self, step: int) -> dict[str, Tensor]:
        """Return the losses of a batch of windows.

        Args:
            step: Steps done so far.
        """
        pictures = self._batch(step >= self.config.wide_from).to(self.device)
        with torch.set_grad_enabled(not self._decoder_only):
            latents = self.model.encode(pictures).latent_dist
        known = latents.sample()
        if self._decoder_only:
            known = known + _NOISE / self.model.config["scaling_factor"] * torch.randn_like(known)
        error = self.model.decode(known).sample.float() - pictures
        losses = {
            "pixels": pixel_error(error),
            "differences": self.config.differences * difference_error(error),
            "_decibels": -10 * torch.log10(error.detach().square().mean() / 4),
            "_spread": latents.mean.detach().float().std(),
        }
        if not self._decoder_only:
            losses["divergence"] = self.config.divergence * latents.kl().mean() / latents.mean[0].numel()
        return losses

    def state(self) -> dict[str, Any]:
        """Return the place in the data."""
        return {"random": random_state(self._rng)}

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from a state.

        Args:
            state: What `state` returned.
        """
        set_random_state(self._rng, state["random"])

    def _batch(self, wide: bool) -> Tensor:
        config, rng, whole = self.config, self._rng, self.pictures.size
        window, count = (2 * config.window, max(1, config.batch // 4)) if wide else (config.window, config.batch)
        low, high = config.scales
        scale = low * (high / low) ** (rng.random() ** 2)  # small pictures are the harder ones
        side = min(whole, round(window / scale))
        index = [rng.randrange(len(self.pictures.rows)) for _ in range(count)]
        batch = self.pictures.windows(index, [self._corner(i, side) for i in index], side, window)
        if rng.random() < 0.5:
            batch = batch.flip(3)
        return batch.contiguous(memory_format=torch.channels_last)

    def _corner(self, picture: int, side: int) -> tuple[int, int]:
        rng, room = self._rng, self.pictures.size - side
        if rng.random() < 0.5:
            return rng.randint(0, room), rng.randint(0, room)
        points = self.pictures.landmarks[picture]
        x, y = points[rng.choice((LEFT_IRIS[0], RIGHT_IRIS[0], _MOUTH, _MOUTH))]
        near = [round(float(value) + rng.uniform(-0.3, 0.3) * side - side / 2) for value in (x, y)]
        return min(room, max(0, near[0])), min(room, max(0, near[1]))


@torch.no_grad()
def standardize(model: AutoencoderKL, mean: Tensor, deviation: Tensor) -> None:
    """Shift and scale latents so that, multiplied with the `scaling_factor`, each channel has mean 0 and deviation 1.

    Pictures are encoded and decoded as before. The factor stays that of Stable Diffusion 1.x, which programs assume.

    Args:
        model: The autoencoder, changed in place.
        mean: (channels,) of its latents over many pictures.
        deviation: (channels,) their standard deviation.
    """
    mean, deviation = mean.double(), deviation.double()
    gain = 1 / (deviation * model.config["scaling_factor"])
    count = len(mean)
    inward: Any = model.quant_conv
    outward: Any = model.post_quant_conv
    weight, bias = inward.weight.double(), inward.bias.double()
    weight[:count] *= gain[:, None, None, None]
    bias[:count] = (bias[:count] - mean) * gain
    bias[count:] += 2 * gain.log()  # of the logarithm of the variance
    inward.weight.copy_(weight)
    inward.bias.copy_(bias)
    before = outward.weight.double()
    outward.bias.copy_(outward.bias.double() + before[:, :, 0, 0] @ mean)
    outward.weight.copy_(before / gain[None, :, None, None])


def pixel_error(error: Tensor) -> Tensor:
    """Return the mean absolute error of pixels and of means of 4 by 4 and 16 by 16 pixels, summed.

    The means are for colors: normalization hides those of areas, and without them they are learned late.

    Args:
        error: (batch, channels, height, width) a picture minus another.
    """
    return sum((nn.functional.avg_pool2d(error, size).abs().mean() for size in (4, 16)), error.abs().mean())


def difference_error(error: Tensor) -> Tensor:
    """Return the mean absolute error of differences of neighboring pixels, at four scales.

    Args:
        error: (batch, channels, height, width) a picture minus another.
    """
    total = torch.zeros((), device=error.device)
    for _ in range(_SCALES):
        total = total + error.diff(dim=2).abs().mean() + error.diff(dim=3).abs().mean()
        error = nn.functional.avg_pool2d(error, 2)
    return total / (2 * _SCALES)
