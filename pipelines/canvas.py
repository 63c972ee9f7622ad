"""`Canvas`: a photo that is drawn on: what changes, what stays, in latents and in pixels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Canvas:
    """Photos, and where they change.

    Attributes:
        image: (batch, 3, height, width) RGB from -1 to 1.
        latents: (batch, channels, ., .) the photos' latents.
        noise: The noise that was added to them, as `latents`.
        mask: (batch, 1, height, width) what changes, from 0 to 1; None if everything may.
    """

    image: Tensor
    latents: Tensor
    noise: Tensor
    mask: Tensor | None

    def kept(self, latents: Tensor, scheduler: Any, following: Tensor | None) -> Tensor:
        """Return latents in which what stays is the photo, with the noise that the next step expects.

        Args:
            latents: (batch, channels, ., .) after a step.
            scheduler: Adds the noise.
            following: Time of the next step; None after the last.
        """
        if self.mask is None:
            return latents
        photo = self.latents
        if following is not None:
            photo = scheduler.add_noise(photo, self.noise, following.reshape(1))
        # A pixel of the latents changes if any pixel of the picture in it does.
        mask = torch.nn.functional.adaptive_max_pool2d(self.mask, latents.shape[-2:]).to(latents.dtype)
        return latents * mask + photo.to(latents.dtype) * (1 - mask)

    def pasted(self, image: Tensor) -> Tensor:
        """Return decoded pictures in which what stays is the photo, pixel by pixel.

        Args:
            image: (batch, 3, height, width) RGB from -1 to 1.
        """
        if self.mask is None:
            return image
        mask, photo = self.mask.to(image), self.image.to(image)
        return image * mask + photo * (1 - mask)
