"""Optimizers of a LoRA, and which parameters have which learning rate."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from auface.lora_training.lora.config import LoraConfig
from auface.lora_training.lora.network import Learned


def lora_optimizer(learned: Learned, config: LoraConfig) -> torch.optim.Optimizer:
    """Return the optimizer; each group has its highest learning rate as `highest`.

    Args:
        learned: What learns.
        config: Which optimizer and rates. Prodigy finds its own rate; `learning_rate` then scales it and is best 1.

    Raises:
        ImportError: The package of the optimizer is not installed.
    """
    groups: list[dict[str, Any]] = []
    text_rate = config.text_learning_rate or config.learning_rate / 2
    for of_text, rate in ((False, config.learning_rate), (True, text_rate)):
        own: list[nn.Parameter] = [
            value for key, value in learned.named_parameters() if key.startswith("lora_te") == of_text
        ]
        if own:
            groups.append({"params": own, "lr": rate, "highest": rate})
    if config.optimizer == "adamw8bit":
        try:
            from bitsandbytes.optim import AdamW8bit  # pyright: ignore[reportMissingImports]
        except ImportError:
            raise ImportError("`optimizer` adamw8bit needs the package bitsandbytes") from None
        return AdamW8bit(groups, betas=(0.9, 0.99), weight_decay=config.weight_decay)
    if config.optimizer == "prodigy":
        try:
            from prodigyopt import Prodigy  # pyright: ignore[reportMissingImports]
        except ImportError:
            raise ImportError("`optimizer` prodigy needs the package prodigyopt") from None
        decay: Any = config.weight_decay  # annotated as a whole number there
        return Prodigy(groups, weight_decay=decay, safeguard_warmup=True, use_bias_correction=True)
    return torch.optim.AdamW(groups, betas=(0.9, 0.99), eps=1e-8, weight_decay=config.weight_decay)
