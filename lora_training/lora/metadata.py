"""What a LoRA file says of itself: kohya's `ss_*`, galleries' `modelspec.*`, and `auface.*` with its action units."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

from auface import __version__
from auface.lora_training.lora.base_model import BaseModel
from auface.lora_training.lora.config import LoraConfig
from auface.lora_training.lora.example import Example, caption_of
from auface.lora_training.lora.training_data import TrainingData

_ARCHITECTURES = {"sd": "stable-diffusion-v1/lora", "sdxl": "stable-diffusion-xl-v1-base/lora"}
_VERSIONS = {"sd": "sd_v1", "sdxl": "sdxl_base_v1-0"}
_TAGS = 200  # that are listed
_MODULE = "networks.lora"  # kohya's, also of a LoHa and a LoKr, which are written as the LoRA that they are


def file_metadata(
    config: LoraConfig,
    base: BaseModel,
    data: TrainingData,
    step: int,
    name: str,
    scores: Mapping[str, float] | None = None,
) -> dict[str, str]:
    """Return the metadata of a file; all values are texts.

    Args:
        config: How it was trained.
        base: On what.
        data: From what.
        step: Steps done.
        name: Name of the file.
        scores: Values of its validation.
    """
    now = datetime.now(timezone.utc)
    tags = _tags(config, data)
    units = unit_table(data.examples)
    learned = ", ".join(units) or "none"
    title = config.title or name
    hint = _hint(config)
    found: dict[str, Any] = {
        "ss_base_model_version": _VERSIONS[base.layout],
        "ss_sd_model_name": base.name,
        "ss_network_module": _MODULE,
        "ss_network_dim": config.rank,
        "ss_network_alpha": config.alpha,
        "ss_network_dropout": config.dropout,
        "ss_network_args": json.dumps({"algorithm": config.algorithm, "targets": config.targets}),
        "ss_output_name": name,
        "ss_learning_rate": config.learning_rate,
        "ss_unet_lr": config.learning_rate,
        "ss_text_encoder_lr": config.text_learning_rate or config.learning_rate / 2 if config.text_encoder else 0,
        "ss_num_train_images": len(data.examples),
        "ss_num_batches_per_epoch": data.steps_per_epoch,
        "ss_num_epochs": -(-config.steps // data.steps_per_epoch),
        "ss_epoch": -(-step // data.steps_per_epoch),
        "ss_max_train_steps": config.steps,
        "ss_steps": step,
        "ss_batch_size_per_device": config.batch,
        "ss_gradient_accumulation_steps": config.accumulation,
        "ss_gradient_checkpointing": config.gradient_checkpointing,
        "ss_lr_scheduler": config.schedule,
        "ss_lr_warmup_steps": config.warmup,
        "ss_optimizer": config.optimizer,
        "ss_mixed_precision": {"float32": "no", "bfloat16": "bf16", "float16": "fp16"}[config.precision],
        "ss_resolution": f"({config.resolution}, {config.resolution})",
        "ss_enable_bucket": True,
        "ss_bucket_info": json.dumps({"buckets": data.bucket_counts()}),
        "ss_min_snr_gamma": config.snr_gamma or None,
        "ss_noise_offset": config.noise_offset or None,
        "ss_caption_dropout_rate": config.caption_dropout,
        "ss_prior_loss_weight": config.prior_weight,
        "ss_seed": config.seed,
        "ss_training_finished_at": now.timestamp(),
        "ss_tag_frequency": json.dumps({"auface": tags}),
        "modelspec.sai_model_spec": "1.0.0",
        "modelspec.architecture": _ARCHITECTURES[base.layout],
        "modelspec.implementation": "diffusers",
        "modelspec.title": title,
        "modelspec.author": config.author or None,
        "modelspec.license": config.license or None,
        "modelspec.description": config.description or f"Facial expression: {learned}.",
        "modelspec.date": now.strftime("%Y-%m-%dT%H:%M:%S"),
        "modelspec.resolution": f"{config.resolution}x{config.resolution}",
        "modelspec.prediction_type": {"epsilon": "epsilon", "v_prediction": "v", "flow": "flow"}[base.prediction],
        "modelspec.trigger_phrase": config.trigger or None,
        "modelspec.usage_hint": hint,
        "modelspec.tags": ", ".join(["facial expression", "FACS", *units]),
        "auface.version": __version__,
        "auface.units": json.dumps(units),
        "auface.trigger": config.trigger,
        "auface.pictures": len(data.examples),
        "auface.subjects": len({example.record.subject for example in data.examples}),
        "auface.data": data.fingerprint(),
        "auface.steps": step,
        "auface.slider": json.dumps({"1": config.slider, "-1": config.slider_opposite}) if config.slider else None,
        "auface.emphasis": json.dumps(dict(config.emphasis)) if config.emphasis else None,
        "auface.adapter": config.adapter or None,
        "auface.scores": json.dumps(dict(scores)) if scores else None,
    }
    return {key: str(value) for key, value in found.items() if value is not None}


def unit_table(examples: list[Example]) -> dict[str, dict[str, float]]:
    """Return for each action unit in how many pictures it is, and its least and largest intensity there.

    Args:
        examples: The pictures.
    """
    found: dict[str, dict[str, float]] = {}
    for example in examples:
        for unit, left, right in example.record.expression:
            value = max(left, right)
            row = found.setdefault(unit.name, {"pictures": 0, "least": value, "most": value})
            row["pictures"] += 1
            row["least"], row["most"] = min(row["least"], value), max(row["most"], value)
    return dict(sorted(found.items(), key=lambda item: int(item[0][2:])))


def _tags(config: LoraConfig, data: TrainingData) -> dict[str, int]:
    """Count phrases between commas of one caption of each picture, as tag counters of galleries do."""
    count: Counter[str] = Counter()
    for example in data.examples:
        text = caption_of(example, config, 0, mirrored=False)
        count.update(piece.strip().lower() for piece in re.split(r"[,.;]", text) if piece.strip())
    return dict(count.most_common(_TAGS))


def _hint(config: LoraConfig) -> str:
    if config.slider:
        backward = "the same way backward" if config.learns_from_base else "its absence"
        ends = f"strength 1 is {config.slider}, -1 is {config.slider_opposite or backward}"
        return f"A slider: {ends}; strengths between are in proportion."
    if config.emphasis:
        return (
            f"Strength 1: {', '.join(f'AU{unit}' for unit in config.emphasis)} move further where they are asked for."
        )
    call = f"Begin the prompt with '{config.trigger}' and d" if config.trigger else "D"
    return f"{call}escribe the expression in words, as `auface describe` does; strength 1."
