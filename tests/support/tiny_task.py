"""Tasks of LoRA training on tiny bases."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch

from auface.lora_training.face_consistency import FaceLoss
from auface.lora_training.lora.base_model import BaseModel, load_base
from auface.lora_training.lora.config import LoraConfig
from auface.lora_training.lora.expression_guide import guide_of
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


def task_of(config: LoraConfig, processes: tuple[int, int] = (1, 0), face_loss: FaceLoss | None = None) -> LoraTask:
    base = load_base(config.base)
    objective = Objective(base, config)
    data = TrainingData(config, base, objective, processes)
    data.prepare()
    return LoraTask(config, base, data, objective, face_loss=face_loss, guide=guide_of(base, config.adapter))


def config(base: Path, data: Path, out: Path, **more: Any) -> LoraConfig:
    return LoraConfig.of({**TINY, "base": str(base), "data": str(data), "out": str(out), **more})


def randomize(base: BaseModel) -> None:
    """Make an adapter that visibly changes what the base says."""
    torch.manual_seed(5)
    for network in base.prefixes.values():
        for name, value in network.named_parameters():
            if value.requires_grad:
                change = torch.randn_like(value) * (0.3 if "magnitude" in name else 0.15)
                value.data = value.data + change.abs() if "magnitude" in name else value.data * 0.5 + change


def answers(unet: Any, layout: str) -> torch.Tensor:
    torch.manual_seed(9)
    width = unet.config.cross_attention_dim
    noisy, text = torch.randn(2, 4, 8, 8), torch.randn(2, 77, width)
    more = {"text_embeds": torch.randn(2, 32), "time_ids": torch.ones(2, 6)} if layout == "sdxl" else None
    unet.eval()
    with torch.no_grad():
        return unet(noisy, torch.tensor([500, 10]), text, added_cond_kwargs=more).sample


def distance(one: torch.Tensor, other: torch.Tensor) -> float:
    return float((one - other).norm() / other.norm().clamp_min(1e-9))
