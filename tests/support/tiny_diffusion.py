"""The real classes of a base model at a tiny size, with random weights that are the same each time."""

from __future__ import annotations

from typing import Any

import torch
from diffusers.models.autoencoders.autoencoder_kl import AutoencoderKL
from diffusers.models.unets.unet_2d_condition import UNet2DConditionModel
from diffusers.schedulers.scheduling_ddim import DDIMScheduler
from torch import nn
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection, CLIPTokenizer

from auface.pipelines.adapter.model import AUFaceAdapter

SIZE = 64
"""Height and width of pictures in pixels; latents have an eighth of it."""

WIDTH = 32
"""Channels of the text encoder."""


def unet(*, xl: bool = False, width: int = 32, seed: int = 0) -> UNet2DConditionModel:
    """A UNet in the layout of Stable Diffusion 1.x or XL."""
    torch.manual_seed(seed)
    model: Any = UNet2DConditionModel  # whose annotations are narrower than what it takes
    shared: dict[str, Any] = {"sample_size": SIZE // 8, "layers_per_block": 1, "norm_num_groups": 8}
    if not xl:
        return model(
            block_out_channels=(width, 2 * width),
            down_block_types=("CrossAttnDownBlock2D", "DownBlock2D"),
            up_block_types=("UpBlock2D", "CrossAttnUpBlock2D"),
            cross_attention_dim=WIDTH,
            attention_head_dim=4,
            **shared,
        ).eval()
    return model(
        block_out_channels=(width, 2 * width),
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
        cross_attention_dim=2 * WIDTH,
        attention_head_dim=(2, 4),
        use_linear_projection=True,
        addition_embed_type="text_time",
        addition_time_embed_dim=8,
        transformer_layers_per_block=(1, 2),
        projection_class_embeddings_input_dim=6 * 8 + WIDTH,
        **shared,
    ).eval()


def vae(seed: int = 0) -> AutoencoderKL:
    """An autoencoder whose latents are 8 times smaller than the picture."""
    torch.manual_seed(seed)
    model: Any = AutoencoderKL
    return model(
        block_out_channels=(8, 8, 8, 8),
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        latent_channels=4,
        norm_num_groups=4,
        sample_size=SIZE,
    ).eval()


def tokenizer() -> CLIPTokenizer:
    """A tokenizer that knows letters."""
    letters = "abcdefghijklmnopqrstuvwxyz,.0123456789"
    words = [*letters, *(f"{letter}</w>" for letter in letters), "<|startoftext|>", "<|endoftext|>"]
    vocabulary = {word: number for number, word in enumerate(words)}
    return CLIPTokenizer(vocab=vocabulary, merges=[], model_max_length=16)


def text_encoder(*, projection: bool = False, seed: int = 0) -> nn.Module:
    """A CLIP text encoder for `tokenizer`."""
    torch.manual_seed(seed)
    config = CLIPTextConfig(
        vocab_size=len(tokenizer()),
        hidden_size=WIDTH,
        intermediate_size=WIDTH,
        projection_dim=WIDTH,
        num_hidden_layers=2,
        num_attention_heads=4,
        max_position_embeddings=16,
        bos_token_id=len(tokenizer()) - 2,
        eos_token_id=len(tokenizer()) - 1,
    )
    return (CLIPTextModelWithProjection(config) if projection else CLIPTextModel(config)).eval()


def scheduler() -> DDIMScheduler:
    """A scheduler."""
    return DDIMScheduler(
        beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", clip_sample=False, steps_offset=1
    )


def adapter(base: UNet2DConditionModel, *, woken: bool = True, seed: int = 0) -> AUFaceAdapter:
    """An adapter for a UNet; woken, it changes what the UNet says."""
    torch.manual_seed(seed)
    made = AUFaceAdapter.for_unet(base, token_channels=16, widths=[16] * len(base.config["block_out_channels"]))
    for parameter in made.parameters():
        if woken and not parameter.any():
            nn.init.normal_(parameter, std=0.2)
    return made.requires_grad_(False).eval()


def sd_components(*, with_adapter: bool = True) -> dict[str, Any]:
    """Components of `AUFacePipeline`."""
    base = unet()
    return {
        "vae": vae(),
        "text_encoder": text_encoder(),
        "tokenizer": tokenizer(),
        "unet": base,
        "scheduler": scheduler(),
        "safety_checker": None,
        "feature_extractor": None,
        "image_encoder": None,
        "adapter": adapter(base) if with_adapter else None,
        "requires_safety_checker": False,
    }


def xl_components(*, with_adapter: bool = True) -> dict[str, Any]:
    """Components of `AUFaceXLPipeline`."""
    base = unet(xl=True)
    return {
        "vae": vae(),
        "text_encoder": text_encoder(),
        "text_encoder_2": text_encoder(projection=True, seed=1),
        "tokenizer": tokenizer(),
        "tokenizer_2": tokenizer(),
        "unet": base,
        "scheduler": scheduler(),
        "image_encoder": None,
        "feature_extractor": None,
        "adapter": adapter(base) if with_adapter else None,
    }
