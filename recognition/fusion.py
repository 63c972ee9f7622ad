"""`Fusion`: what the crop shows and what the landmarks show of a unit, joined into one intensity and its uncertainty.

Weights are fitted on people that training did not see, for each unit: landmarks see a lip corner better, the crop sees
wrinkles and the tongue. They are fitted once without and once with a neutral picture of the person.

A mean of opinions with the least squared error is too timid: who doubts says less than there is, so that hardly
anything would be read as clear. The joined value is therefore drawn out, along a bent line through 0, by where units at
2 and at 5 are read, so that intensities have the spread that is so, and presence follows from intensity.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from .unit_table import UNITS

RELIABLE = 0.5
"""Least ICC(3,1) on held-out people of a unit that counts as judged."""

NEUTRAL_SHARE = 0.7
"""How much of what the crop network sees in the neutral picture is taken off; the rest may be noise."""


LOST = 2.5
"""Uncertainty of somebody who sees nothing and says the middle; no opinion counts as less sure."""


class Fusion(nn.Module):
    """Weights of the two opinions.

    Attributes:
        weight: (2, units, 2) factors of crop and landmarks, without and with a neutral picture.
        shift: (2, units) what is added.
        calibration: (2, units) factor of the uncertainty.
        icc: (2, units) ICC(3,1) on held-out people, of the fused intensity and of that from landmarks alone.
        knots: (2, units, 2) the joined values that mean 2 and 5, without and with a neutral picture.
    """

    knots: Tensor
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
        self.register_buffer("knots", torch.tensor([2.0, 5.0]).repeat(2, len(UNITS), 1))

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
        units, scale = self.joined(crop, landmarks, neutral=neutral)
        units, slope = drawn_out(units, self.knots[mode])
        return units, (scale * slope * self.calibration[mode][:, None]).clamp_max(LOST)

    def joined(
        self, crop: tuple[Tensor, Tensor], landmarks: tuple[Tensor, Tensor], *, neutral: bool
    ) -> tuple[Tensor, Tensor]:
        """Return (B, units, 2) weighted opinions, not yet drawn out nor limited, and their uncertainty.

        Args:
            crop: As for `forward`.
            landmarks: As for `forward`.
            neutral: As for `forward`.
        """
        mode = int(neutral)
        weight = self.weight[mode][None, :, None]  # (1, units, 1, 2)
        (one, one_scale), (two, two_scale) = crop, landmarks
        units = one.clamp(0, 5) * weight[..., 0] + two.clamp(0, 5) * weight[..., 1] + self.shift[mode][:, None]
        total = weight.sum(-1).clamp_min(1e-3)
        logs = [torch.log(each.clamp(0.01, LOST)) for each in (one_scale, two_scale)]
        scale = torch.exp((logs[0] * weight[..., 0] + logs[1] * weight[..., 1]) / total)  # their geometric mean
        return units, scale


def drawn_out(values: Tensor, knots: Tensor) -> tuple[Tensor, Tensor]:
    """Return intensities from 0 to 5 along the line through 0 and the knots, and the line's slope there.

    Args:
        values: (B, units, 2).
        knots: (units, 2) the values that mean 2 and 5, rising.
    """
    low, high = knots[:, :1], knots[:, 1:]
    above = values > low
    slope = torch.where(above, 3 / (high - low), 2 / low)
    return torch.where(above, 2 + (values - low) * slope, values * slope).clamp(0, 5), slope
