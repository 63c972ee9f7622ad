"""Tiny Stable Diffusion 1.x and SDXL bases with random weights, and small AUText folders, for tests of training."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import torch
from PIL import Image

from auface.autext.record import SPLITS, Record, Split
from auface.autext.sampling import SYNTH_UNITS, Sampler
from auface.facs import describe, resolve
from auface.structure import default_neutral, portrait_camera

WIDTH = 32
"""Width of the text encoders."""


def tiny_base(folder: Path, layout: str = "sd", prediction: str = "epsilon") -> Path:
    """Write a tiny base in diffusers' layout and return its folder; `prediction` may be "flow"."""
    from diffusers import AutoencoderKL, DDPMScheduler, FlowMatchEulerDiscreteScheduler, UNet2DConditionModel
    from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection, CLIPTokenizer

    torch.manual_seed(0)
    more: dict[str, Any] = {}
    if layout == "sdxl":
        more = {
            "addition_embed_type": "text_time",
            "addition_time_embed_dim": 8,
            "projection_class_embeddings_input_dim": WIDTH + 6 * 8,
            "transformer_layers_per_block": (1, 2),
            "use_linear_projection": True,
        }
    unet = UNet2DConditionModel(
        block_out_channels=(32, 64),
        layers_per_block=1,
        sample_size=8,
        in_channels=4,
        out_channels=4,
        down_block_types=("CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "CrossAttnUpBlock2D"),
        cross_attention_dim=WIDTH * (2 if layout == "sdxl" else 1),
        attention_head_dim=8,
        norm_num_groups=32,  # as in ComfyUI, where it is fixed
        **more,
    )
    unet.save_pretrained(folder / "unet")
    sizes: dict[str, Any] = {
        "block_out_channels": (16, 16),
        "down_block_types": ("DownEncoderBlock2D",) * 2,
        "up_block_types": ("UpDecoderBlock2D",) * 2,
    }
    vae = AutoencoderKL(**sizes, latent_channels=4, norm_num_groups=8)
    vae.save_pretrained(folder / "vae")
    words = tiny_tokenizer(folder / "tokenizer", CLIPTokenizer)
    config = CLIPTextConfig(
        vocab_size=words,
        hidden_size=WIDTH,
        intermediate_size=48,
        num_hidden_layers=2,
        num_attention_heads=2,
        max_position_embeddings=77,
        projection_dim=WIDTH,
        bos_token_id=words - 2,
        eos_token_id=words - 1,
    )
    CLIPTextModel(config).save_pretrained(folder / "text_encoder")
    names = {"unet": "UNet2DConditionModel", "vae": "AutoencoderKL"}
    parts: dict[str, list[Any]] = {name: ["diffusers", kind] for name, kind in names.items()}
    parts |= {"text_encoder": ["transformers", "CLIPTextModel"], "tokenizer": ["transformers", "CLIPTokenizer"]}
    if layout == "sdxl":
        tiny_tokenizer(folder / "tokenizer_2", CLIPTokenizer)
        CLIPTextModelWithProjection(config).save_pretrained(folder / "text_encoder_2")
        parts["text_encoder_2"] = ["transformers", "CLIPTextModelWithProjection"]
        parts["tokenizer_2"] = ["transformers", "CLIPTokenizer"]
    if prediction == "flow":
        scheduler: Any = FlowMatchEulerDiscreteScheduler(shift=1.5)
    else:
        predicted: Any = prediction
        scheduler = DDPMScheduler(
            beta_schedule="scaled_linear", prediction_type=predicted, steps_offset=1, clip_sample=False
        )
    scheduler.save_pretrained(folder / "scheduler")
    parts["scheduler"] = ["diffusers", type(scheduler).__name__]
    kind = "StableDiffusionPipeline" if layout == "sd" else "StableDiffusionXLPipeline"
    (folder / "model_index.json").write_text(json.dumps({"_class_name": kind, **parts}), encoding="utf-8")
    return folder


def tiny_tokenizer(folder: Path, kind: Any) -> int:
    """Write a tokenizer that spells words in letters and return its size."""
    folder.mkdir(parents=True)
    letters = [chr(code) for code in (*range(33, 127), *range(161, 173), *range(174, 256), *range(256, 324))]
    words = [*letters, *(f"{letter}</w>" for letter in letters), "<|startoftext|>", "<|endoftext|>"]
    (folder / "vocab.json").write_text(json.dumps({word: place for place, word in enumerate(words)}), encoding="utf-8")
    (folder / "merges.txt").write_text("#version: 0.2\n", encoding="utf-8")
    tokenizer = kind(str(folder / "vocab.json"), str(folder / "merges.txt"), model_max_length=77)
    tokenizer.save_pretrained(folder)
    return len(words)


def tiny_set(folder: Path, count: int = 12, size: tuple[int, int] = (40, 40), *, landmarks: bool = True) -> Path:
    """Write an AUText folder of noise pictures with true labels and landmarks of a face in the middle; return it."""
    rng, sampler = np.random.default_rng(3), Sampler(0)
    wide, high = size
    points = portrait_camera(default_neutral(), min(size), focal_length=None).project(default_neutral())[:, :2]
    points = (points + np.array([wide - min(size), high - min(size)]) / 2).astype(np.float32)
    (folder / "landmarks").mkdir(parents=True)
    for split in SPLITS:
        (folder / split).mkdir()
        rows: list[str] = []
        for number in range(count if split == "train" else 4):
            name = f"{number:03d}"
            values = rng.integers(0, 255, (high // 8 + 1, wide // 8 + 1, 3), dtype=np.uint8)
            Image.fromarray(values).resize(size).save(folder / split / f"{name}.png")
            np.savez(folder / "landmarks" / f"{split}{name}.npz", landmarks=points)
            rows.append(_record(name, split, sampler, number, landmarks=landmarks).to_json(SYNTH_UNITS))
        (folder / split / "metadata.jsonl").write_text("\n".join(rows) + "\n", encoding="utf-8")
    return folder


def _record(name: str, split: Split, sampler: Sampler, number: int, *, landmarks: bool) -> Record:
    shown = resolve(sampler[number + 20 * SPLITS.index(split)].expression)
    known = tuple(sorted({*SYNTH_UNITS, *shown.units}))
    return Record(
        file_name=f"{name}.png",
        text=describe(shown, seed=number),
        expression=shown,
        coded=known,
        graded=known,
        subject=f"{split}{Random(number).randrange(4)}",
        source="test",
        split=split,
        frame=number,
        landmarks=f"landmarks/{split}{name}.npz" if landmarks else "",
    )
