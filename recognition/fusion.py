"""`Fusion`: what the crop shows and what the landmarks show of a unit, joined into one intensity and its uncertainty.

Weights are fitted on people that training did not see, for each unit: landmarks see a lip corner better, the crop sees
wrinkles and the tongue. They are fitted once without and once with a neutral picture of the person.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from .unit_table import UNITS

RELIABLE = 0.5
"""Least ICC(3,1) on held-out people of a unit that counts as judged."""

NEUTRAL_SHARE = 0.7
"""How much of what the crop network sees in the neutral picture is taken off; the rest may be noise."""


class Fusion(nn.Module):
    """Weights of the two opinions.

    Attributes:
        weight: (2, units, 2) factors of crop and landmarks, without and with a neutral picture.
        shift: (2, units) what is added.
        calibration: (2, units) factor of the uncertainty.
        icc: (2, units) ICC(3,1) on held-out people, of the fused intensity and of that from landmarks alone.
    """

    weight: Tensor
    shift: Tensor
    calibration: Tensor
    icc: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("weight", torch.full((2, len(UNITS), 2), 0.5))
        self.register_buffer("shift", torch.zeros(2, len(UNITS)))
        self.register_buffer("calibration", torch.ones(2, len(UNITS)))
        self.register_buffer("icc", torch.ones(2, len(UNITS)))

    def forward(
        self, crop: tuple[Tensor, Tensor], landmarks: tuple[Tensor, Tensor], *, neutral: bool
    ) -> tuple[Tensor, Tensor]:
        """Return (B, units, 2) intensities from 0 to 5 and their expected absolute errors.

        Args:
            crop: (B, units, 2) intensities and uncertainties, as the crop network says them.
            landmarks: The same, as the geometry network says them.
            neutral: Whether both know the neutral face of the person.
        """
        mode = int(neutral)
        weight = self.weight[mode][None, :, None]  # (1, units, 1, 2)
        (one, one_scale), (two, two_scale) = crop, landmarks
        units = one.clamp(0, 5) * weight[..., 0] + two.clamp(0, 5) * weight[..., 1] + self.shift[mode][:, None]
        total = weight.sum(-1).clamp_min(1e-3)
        scale = (one_scale * weight[..., 0] + two_scale * weight[..., 1]) / total * self.calibration[mode][:, None]
        return units.clamp(0, 5), scale
