"""`Preset`: options that go together, by name, and what changes in them where a base is the teacher."""

from __future__ import annotations

from typing import Literal

from auface.lora_training.lora.option import Value

Preset = Literal["mini", "sd15", "sdxl"]
"""Names of presets."""

PRESETS: dict[Preset, dict[str, Value]] = {
    "mini": {
        "base": "mini",
        "adapter": "own",
        "captions": "person",
        "expression_guidance_scale": 2.5,
        "resolution": 192,
        "bucket_step": 64,
        "batch": 4,
        "rank": 8,
        "alpha": 8.0,
        "targets": "all",
        "learning_rate": 1e-3,
        "warmup": 10,
        "steps": 250,
        "sample_steps": 10,
        "guidance_scale": 2.0,
        "checkpoint_seconds": 30.0,  # a run takes some minutes, and a checkpoint 7 MB
    },
    "sd15": {
        "base": "stable-diffusion-v1-5/stable-diffusion-v1-5",
        "resolution": 512,
        "batch": 4,
        "rank": 16,
        "alpha": 16.0,
        "steps": 2000,
        "precision": "bfloat16",
        "gradient_checkpointing": True,
    },
    "sdxl": {
        "base": "stabilityai/stable-diffusion-xl-base-1.0",
        "resolution": 1024,
        "batch": 1,
        "accumulation": 4,
        "rank": 16,
        "alpha": 16.0,
        "steps": 2000,
        "precision": "bfloat16",
        "gradient_checkpointing": True,
    },
}
"""Preset -> the options that it changes."""

SLIDER_DEFAULTS: dict[str, dict[str, Value]] = {
    "mini": {
        "steps": 240,
        "learning_rate": 5e-3,
        "warmup": 20,
        "teacher_scale": 1.4,  # they fall short of what they are taught
        "parts": 2.0,
        "background": 0.5,
        "unit_weight": 1.0,
        "asked_weight": 5.0,
        "landmark_weight": 12.0,
        "unit_steps_from": 0.35,
        "unit_steps": 0.75,
    }
}
"""Preset -> the options that it changes further for a slider that the base teaches: what it says is free of a picture's
noise, so that steps can be long. The recognizer says beside it where that is not what was asked for."""

EMPHASIS_DEFAULTS: dict[str, dict[str, Value]] = {
    "mini": {
        "steps": 200,
        "learning_rate": 2e-3,  # longer steps, as a slider's, made less of it
        "warmup": 4,
        "parts": 2.0,
        "background": 0.5,
        "unit_weight": 2.0,
        "asked_weight": 6.0,  # with more the units are shown by those too who are not asked for them
        "landmark_weight": 2.0,
        "unit_steps": 0.7,
    }
}
"""The same for an emphasis."""

ADAPTER_DEFAULTS: dict[str, Value] = {
    "algorithm": "adapter",
    "adapter": "",
    "captions": "person",
    "learning_rate": 1e-4,
    "parts": 3.0,
    "ema": 0.999,
}
"""What `auface train adapter` starts from, whatever the preset: prompts say nothing of the expression, so that only
the adapter can; brows, eyes and mouth count more."""
