"""`Guidance`: classifier-free guidance by the prompt and by the expression, in one batch.

Both follow InstructPix2Pix (arXiv 2211.09800, equation 3), where the expression takes the place of the picture: with
e(text, expression), negative text n and nothing 0, the noise is
e(n, 0) + s_expression (e(n, x) - e(n, 0)) + s_prompt (e(p, x) - e(n, x)). For s_expression = 1 the first part falls
away, and so does a third of the work: plain classifier-free guidance in which both halves see the expression.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from diffusers.pipelines.stable_diffusion.pipeline_stable_diffusion import rescale_noise_cfg
from torch import Tensor


@dataclass(frozen=True, slots=True, kw_only=True)
class Guidance:
    """Which branches one step has, and how their noise is put together.

    Attributes:
        by_prompt: Whether the prompt guides; tensors of the text then hold negative rows first.
        by_expression: Whether the expression guides apart from the prompt.
        prompt_scale: How much the prompt guides.
        expression_scale: How much the expression guides.
        rescale: Guidance rescale of arXiv 2305.08891, section 3.4.
    """

    by_prompt: bool
    by_expression: bool = False
    prompt_scale: float = 1.0
    expression_scale: float = 1.0
    rescale: float = 0.0

    @property
    def branches(self) -> tuple[tuple[int, bool], ...]:
        """For each branch, its part of the text's rows, and whether it sees the expression."""
        last = int(self.by_prompt)
        seen = ((0, True), (1, True)) if self.by_prompt else ((last, True),)
        return (((0, False),) if self.by_expression else ()) + seen

    def rows(self, value: Any) -> Any:
        """Return text tensors with rows for every branch; lists and dictionaries of them too.

        Args:
            value: A tensor whose rows are negative, then positive, or positive only; None stays None.
        """
        if not self.by_expression or value is None:
            return value  # as the plain pipeline has them
        if isinstance(value, dict):
            return {name: self.rows(part) for name, part in value.items()}
        if isinstance(value, (list, tuple)):
            return [self.rows(part) for part in value]
        parts = value.chunk(1 + self.by_prompt)
        return torch.cat([parts[text] for text, _ in self.branches])

    def latents(self, latents: Tensor) -> Tensor:
        """Return latents for every branch.

        Args:
            latents: (batch, channels, height, width).
        """
        count = len(self.branches)
        return latents if count == 1 else torch.cat([latents] * count)

    def combined(self, noise: Tensor) -> Tensor:
        """Return the noise of all branches put together.

        Args:
            noise: (branches batch, channels, height, width).
        """
        parts = list(noise.chunk(len(self.branches)))
        found = parts[-1]
        if self.by_prompt:
            without = parts[-2]
            found = without + self.prompt_scale * (parts[-1] - without)
        if self.by_expression:
            found = found + (self.expression_scale - 1) * (parts[1] - parts[0])
        if self.by_prompt and self.rescale > 0.0:
            found = rescale_noise_cfg(found, parts[-1], guidance_rescale=self.rescale)
        return found
