"""`Denoiser`: a base with its adapters, asked for one answer: latents go in with text, expression and strength."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from auface.lora_training.lora.base_model import BaseModel
from auface.lora_training.lora.expression_guide import ExpressionGuide
from auface.lora_training.lora.slider import Strengths

if TYPE_CHECKING:
    from auface.pipelines.adapter.output import AdapterOutput

Embed = Callable[[Sequence[str]], tuple[Tensor, Tensor | None]]
"""Prompts -> (batch, tokens, width) embeddings, and (batch, width) pooled ones for SDXL."""


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """What some pictures are to be, beside what their noisy latents say.

    Attributes:
        texts: Prompts.
        time_ids: (batch, 6) as `Batch` has them; for SDXL.
        strengths: (batch,) how strongly the LoRA adds; None is 1 for all.
        told: What the expression adapter says of them, or None without it.
        heard: (batch,) how strongly it is heard, 0 is not at all.
        drawn: (batch,) the same for its maps alone; None is as `heard`.
    """

    texts: Sequence[str]
    time_ids: Tensor
    strengths: Tensor | None = None
    told: AdapterOutput | None = None
    heard: Tensor | None = None
    drawn: Tensor | None = None

    def rows(self, index: Tensor) -> Question:
        """Return what some of the pictures are to be.

        Args:
            index: (rows,) int64.
        """
        texts: list[str] = [self.texts[int(place)] for place in index]
        return Question(
            texts,
            self.time_ids[index],
            None if self.strengths is None else self.strengths[index],
            None if self.told is None else self.told.rows(index),
            None if self.heard is None else self.heard[index],
        )

    def with_strength(self, value: float) -> Question:
        """Return the same question to the base with a LoRA of another strength.

        Args:
            value: 0 is the base alone.
        """
        return replace(self, strengths=torch.full((len(self.texts),), value))


class Denoiser:
    """Asks the network.

    Args:
        base: The base, with a LoRA.
        unet: Its network, compiled perhaps.
        strengths: Multiplies what the LoRA adds; None where all strengths are 1.
        guide: The expression adapter, or None.
        device: Where the base is.
    """

    def __init__(
        self,
        base: BaseModel,
        unet: Any,
        strengths: Strengths | None,
        guide: ExpressionGuide | None,
        device: torch.device,
    ) -> None:
        self._base, self._unet, self._strengths, self.guide, self._device = base, unet, strengths, guide, device

    def __call__(self, noisy: Tensor, timesteps: Tensor, question: Question, embed: Embed) -> Tensor:
        """Return the answer, float32, as `noisy`.

        Args:
            noisy: (batch, channels, h, w).
            timesteps: (batch,).
            question: What they are to be.
            embed: Embeds the prompts.
        """
        embeddings, pooled = embed(question.texts)
        kind = self._base.unet.dtype
        more: dict[str, Any] = {}
        if pooled is not None:
            ids = question.time_ids.to(self._device, kind)
            more["added_cond_kwargs"] = {"text_embeds": pooled.to(self._device, kind), "time_ids": ids}
        if self.guide is not None:
            self.guide.silence()
            if question.told is not None and question.heard is not None:
                drawn = question.heard if question.drawn is None else question.drawn
                more |= self.guide.hear(question.told, question.heard.to(self._device), drawn.to(self._device))
        text = embeddings.to(self._device, kind)
        given = torch.ones(len(noisy)) if question.strengths is None else question.strengths
        with self._strengths.of(given, self._device) if self._strengths is not None else nullcontext():
            answer = self._unet(noisy.to(kind), timesteps, text, **more, return_dict=False)[0]
        return answer[:, : noisy.shape[1]].float()
