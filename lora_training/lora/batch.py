"""`Batch`: what a network sees of some pictures in one go."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from auface.facs import ActionUnit, Expression

CHANCES = 6
"""Random numbers that each picture of a batch brings along."""


@dataclass(slots=True, eq=False)
class Batch:
    """What a network sees in one go, on the CPU.

    Attributes:
        clean: (batch, channels, h, w) latents as the network sees them, float32.
        noise: The same shape.
        timesteps: (batch,) float32.
        texts: Prompts; "" where the caption is dropped.
        shares: (batch, 2, h, w) of `face_shares`.
        time_ids: (batch, 6) original height and width, top and left of the window, height and width; for SDXL.
        strengths: (batch,) places on the slider, or None without one.
        expressions: What the pictures show.
        coded: The units of each whose presence is known.
        landmarks: (478, 2) pixels of each picture as it is seen, or None where the data set has none.
        size: Width and height of the pictures.
        chances: (batch, CHANCES) numbers from 0 to 1 for whatever else is random of each picture.
        prior: Whether they only preserve the look of the base.
    """

    clean: Tensor
    noise: Tensor
    timesteps: Tensor
    texts: list[str]
    shares: Tensor
    time_ids: Tensor
    strengths: Tensor | None
    expressions: list[Expression]
    coded: list[tuple[ActionUnit, ...]]
    landmarks: list[NDArray[np.float32] | None]
    size: tuple[int, int]
    chances: Tensor
    prior: bool
