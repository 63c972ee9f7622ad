"""`AdapterTask`: what the loop trains for `auface train adapter`: an expression adapter beside a frozen base."""

from __future__ import annotations

from dataclasses import replace

import torch

from auface.lora_training.lora.adapter_guide import AdapterGuide, chosen_parts
from auface.lora_training.lora.batch import Batch
from auface.lora_training.lora.denoiser import Question
from auface.lora_training.lora.network import Learned
from auface.lora_training.lora.task import LoraTask


class AdapterTask(LoraTask):
    """Denoising with an expression adapter that learns (design.md, 4.5); the base stays what it is.

    The adapter sees maps of the landmarks of each picture and the condition vectors of its labels. It takes what a
    `LoraTask` takes, with an `AdapterGuide`.
    """

    @property
    def _adapter(self) -> AdapterGuide:
        if not isinstance(self._guide, AdapterGuide):
            raise ValueError(f"`guide` is {self._guide!r}; accepted is an AdapterGuide, whose adapter learns.")
        return self._guide

    def _learn(self) -> Learned:
        return self._adapter.learned

    def _question(self, batch: Batch) -> Question:
        question = Question(batch.texts, batch.time_ids)
        if batch.prior:
            return question
        told = self._adapter.show(batch.expressions, batch.landmarks, batch.size)
        known = torch.tensor([points is not None for points in batch.landmarks])
        maps, tokens = chosen_parts(batch.chances[:, 0], known, self._config.expression_dropout)
        return replace(question, told=told, heard=tokens, drawn=maps)
