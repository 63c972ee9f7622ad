"""`AdapterTask`: what the loop trains for `auface train adapter`: an expression adapter beside a frozen base."""

from __future__ import annotations

from dataclasses import replace

import torch

from auface.lora_training.lora.adapter_guide import AdapterGuide, chosen_parts
from auface.lora_training.lora.base_model import BaseModel
from auface.lora_training.lora.batch import Batch
from auface.lora_training.lora.config import LoraConfig
from auface.lora_training.lora.denoiser import Question
from auface.lora_training.lora.network import Learned
from auface.lora_training.lora.objective import Objective
from auface.lora_training.lora.task import LoraTask, UnitLoss
from auface.lora_training.lora.training_data import TrainingData


class AdapterTask(LoraTask):
    """Denoising with an expression adapter that learns (design.md, 4.5); the base stays what it is.

    The adapter sees maps of the landmarks of each picture and the condition vectors of its labels.

    Args:
        config: How to train.
        base: The base, frozen.
        data: Batches.
        objective: Noise and targets.
        device: Where the base is.
        unit_loss: The recognizer's error, if `unit_weight` asks for it.
        guide: Has the adapter.
    """

    def __init__(
        self,
        config: LoraConfig,
        base: BaseModel,
        data: TrainingData,
        objective: Objective,
        device: torch.device | str = "cpu",
        unit_loss: UnitLoss | None = None,
        *,
        guide: AdapterGuide,
    ) -> None:
        self._guide = guide
        super().__init__(config, base, data, objective, device, unit_loss, guide)

    def _learn(self) -> Learned:
        return self._guide.learned

    def _question(self, batch: Batch) -> Question:
        question = Question(batch.texts, batch.time_ids)
        if batch.prior:
            return question
        told = self._guide.show(batch.expressions, batch.landmarks, batch.size)
        known = torch.tensor([points is not None for points in batch.landmarks])
        maps, tokens = chosen_parts(batch.chances[:, 0], known, self._config.expression_dropout)
        return replace(question, told=told, heard=tokens, drawn=maps)
