"""Tasks of LoRA training on tiny bases."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from auface.lora_training.lora.base_model import load_base
from auface.lora_training.lora.config import LoraConfig
from auface.lora_training.lora.objective import Objective
from auface.lora_training.lora.task import LoraTask
from auface.lora_training.lora.training_data import TrainingData

TINY: dict[str, Any] = {
    "resolution": 32,
    "bucket_step": 8,
    "batch": 2,
    "rank": 4,
    "alpha": 4.0,
    "steps": 8,
    "caption_variants": 2,
    "learning_rate": 1e-2,
    "warmup": 0,
}


def task_of(config: LoraConfig, processes: tuple[int, int] = (1, 0)) -> LoraTask:
    base = load_base(config.base)
    objective = Objective(base, config)
    data = TrainingData(config, base, objective, processes)
    data.prepare()
    return LoraTask(config, base, data, objective)


def config(base: Path, data: Path, out: Path, **more: Any) -> LoraConfig:
    return LoraConfig.of({**TINY, "base": str(base), "data": str(data), "out": str(out), **more})
