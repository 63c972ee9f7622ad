"""A model in the layout of auface-mini with random weights, small and always the same, that hears of expressions."""

from pathlib import Path

import torch
from diffusers import DDIMScheduler

from auface.lora_training.mini.autoencoder import AutoencoderConfig, new_autoencoder
from auface.lora_training.mini.text import new_text_encoder, open_tokenizer, write_tokenizer
from auface.lora_training.mini.unet import UNetConfig, new_unet, noise_schedule
from auface.pipelines import AUFaceAdapter, AUFacePipeline

CONFIG = UNetConfig(channels=(32, 64, 64), head=32, token_channels=32, text_width=64, text_layers=1)


def write_tiny_mini(folder: Path) -> Path:
    """Write the model as `AUFacePipeline.save_pretrained` does, and return its folder."""
    torch.manual_seed(0)
    write_tokenizer(folder / "words")
    tokenizer = open_tokenizer(folder / "words")
    unet = new_unet(CONFIG)
    adapter = AUFaceAdapter.for_unet(unet, token_channels=CONFIG.token_channels)
    for out in adapter.spatial.outs:
        torch.nn.init.normal_(out.weight, std=0.05)  # pyright: ignore[reportArgumentType]
    for layer in adapter.layers:
        torch.nn.init.normal_(layer.to_v.weight, std=0.05)  # pyright: ignore
    schedule = noise_schedule().config
    scheduler = DDIMScheduler.from_config(schedule, clip_sample=False, set_alpha_to_one=False, steps_offset=1)
    pipeline = AUFacePipeline(
        vae=new_autoencoder(AutoencoderConfig(channels=(32, 32, 32, 32))),
        text_encoder=new_text_encoder(tokenizer, CONFIG.text_width, CONFIG.text_layers),
        tokenizer=tokenizer,
        unet=unet,
        scheduler=scheduler,  # pyright: ignore[reportArgumentType]
        adapter=adapter,
        requires_safety_checker=False,
    )
    pipeline.save_pretrained(folder / "tiny")
    return folder / "tiny"
