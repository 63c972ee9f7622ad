"""`Objective`: noise, targets and weights of the loss for what the base predicts."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from auface.lora_training.lora.base_model import BaseModel
from auface.lora_training.lora.config import LoraConfig


class Objective:
    """What a network is asked and what it should answer.

    Notation: a noisy latent is `signal * clean + noise_level * noise`. For flow matching (arXiv 2210.02747) signal is
    1 - t and noise level t.

    Args:
        base: Its scheduler's configuration decides what is predicted and how noisy timesteps are.
        config: Weighting and noise offset.
    """

    def __init__(self, base: BaseModel, config: LoraConfig) -> None:
        self.prediction = base.prediction
        self._gamma, self._offset = config.snr_gamma, config.noise_offset
        self.timesteps = int(base.scheduler_config.get("num_train_timesteps", 1000))
        self._shift = float(base.scheduler_config.get("shift", 1.0) or 1.0)
        self._kept: Tensor | None = None
        if self.prediction != "flow":
            from diffusers import DDPMScheduler

            schedule: Any = DDPMScheduler.from_config(base.scheduler_config)
            self._kept = schedule.alphas_cumprod

    def timestep(self, draw: float) -> float:
        """Return a timestep, 0 to `timesteps`; whole numbers except for flow matching.

        Args:
            draw: Uniform from 0 to below 1.
        """
        if self.prediction != "flow":
            return float(int(draw * self.timesteps))
        # Logit-normal as in arXiv 2403.03206, then shifted as the scheduler shifts.
        normal = torch.special.ndtri(torch.tensor(min(max(draw, 1e-4), 1 - 1e-4), dtype=torch.float64))
        t = float(torch.sigmoid(normal))
        return self.timesteps * self._shift * t / (1 + (self._shift - 1) * t)

    def noise(self, like: Tensor, generator: torch.Generator) -> Tensor:
        """Return noise for one latent.

        Args:
            like: (channels, h, w) latent.
            generator: Source of randomness.
        """
        noise = torch.randn(like.shape, generator=generator)
        if self._offset:
            noise = noise + self._offset * torch.randn(like.shape[0], 1, 1, generator=generator)
        return noise

    def levels(self, timesteps: Tensor) -> tuple[Tensor, Tensor]:
        """Return signal and noise level, (batch, 1, 1, 1) each.

        Args:
            timesteps: (batch,).
        """
        if self._kept is None:
            noise = timesteps.float() / self.timesteps
            return (1 - noise)[:, None, None, None], noise[:, None, None, None]
        kept = self._kept.to(timesteps.device)[timesteps.long()][:, None, None, None]
        return kept.sqrt(), (1 - kept).sqrt()

    def noisy(self, clean: Tensor, noise: Tensor, timesteps: Tensor) -> Tensor:
        """Return noisy latents.

        Args:
            clean: (batch, channels, h, w).
            noise: The same shape.
            timesteps: (batch,).
        """
        signal, level = self.levels(timesteps)
        return signal * clean + level * noise

    def target(self, clean: Tensor, noise: Tensor, timesteps: Tensor) -> Tensor:
        """Return what the network should answer.

        Args:
            clean: (batch, channels, h, w).
            noise: The same shape.
            timesteps: (batch,).
        """
        if self.prediction == "epsilon":
            return noise
        if self.prediction == "flow":
            return noise - clean
        signal, level = self.levels(timesteps)
        return signal * noise - level * clean

    def clean(self, noisy: Tensor, answer: Tensor, timesteps: Tensor) -> Tensor:
        """Return the clean latents that an answer means.

        Args:
            noisy: (batch, channels, h, w).
            answer: What the network answered.
            timesteps: (batch,).
        """
        signal, level = self.levels(timesteps)
        if self.prediction == "epsilon":
            return (noisy - level * answer) / signal.clamp_min(1e-3)
        if self.prediction == "flow":
            return noisy - level * answer
        return signal * noisy - level * answer

    def weights(self, timesteps: Tensor) -> Tensor:
        """Return the (batch,) weights of the loss: min-SNR, arXiv 2303.09556 section 3.4; 1 without and for flow.

        Args:
            timesteps: (batch,).
        """
        if not self._gamma or self.prediction == "flow":
            return torch.ones_like(timesteps, dtype=torch.float32)
        signal, level = self.levels(timesteps)
        ratio = (signal / level.clamp_min(1e-4)).square().flatten()
        least = ratio.clamp_max(self._gamma)
        return least / ratio.clamp_min(1e-8) if self.prediction == "epsilon" else least / (ratio + 1)
