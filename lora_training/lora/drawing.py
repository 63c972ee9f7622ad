"""Draw pictures with the network as it is in training, for validation: DDIM steps with guidance."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor

from auface.lora_training.lora.base_model import BaseModel
from auface.lora_training.lora.objective import Objective


@torch.no_grad()
def draw(
    base: BaseModel,
    objective: Objective,
    prompts: Sequence[str],
    seeds: Sequence[int],
    *,
    size: tuple[int, int],
    steps: int,
    guidance_scale: float,
) -> Tensor:
    """Return pictures, (batch, 3, height, width) from 0 to 1, float32 on the CPU.

    The steps are DDIM's (arXiv 2010.02502, eq. 12, without noise), which for flow matching are Euler's.

    Args:
        base: The base, with or without an adapter.
        objective: What its answers mean.
        prompts: One prompt for each picture.
        seeds: One seed for each picture.
        size: Width and height in pixels.
        steps: Denoising steps.
        guidance_scale: Classifier-free guidance; 1 and less is none.
    """
    network = base.unet
    was_training = network.training
    for module in (network, *base.text_encoders):
        module.train(False)
    device, kind = network.device, network.dtype
    width, height = (side // base.latent_scale for side in size)
    channels = base.vae.config.latent_channels
    noise = [torch.randn(channels, height, width, generator=torch.Generator().manual_seed(seed)) for seed in seeds]
    latents = torch.stack(noise).to(device)
    guided = guidance_scale > 1
    embeddings, pooled = base.encode_text([*([""] * len(prompts) if guided else []), *prompts])
    more: dict[str, Any] = {}
    if pooled is not None:
        ids = torch.tensor([[size[1], size[0], 0, 0, size[1], size[0]]] * len(embeddings), device=device, dtype=kind)
        more["added_cond_kwargs"] = {"text_embeds": pooled.to(kind), "time_ids": ids}
    last = objective.timesteps - 1 if objective.prediction != "flow" else objective.timesteps
    times = torch.linspace(last, 0, steps + 1, device=device)
    if objective.prediction != "flow":
        times = times.round()
    for now, following in pairwise(times):
        given = torch.cat([latents] * 2) if guided else latents
        at = now.expand(len(given))
        with torch.autocast(device.type, kind, enabled=kind != torch.float32):
            answer = network(given.to(kind), at, embeddings.to(kind), **more, return_dict=False)[0]
        answer = answer.float()[:, : latents.shape[1]]
        if guided:
            without, asked = answer.chunk(2)
            answer = without + guidance_scale * (asked - without)
        at = now.expand(len(latents))
        clean = objective.clean(latents, answer, at)
        signal, level = objective.levels(at)
        rest = (latents - signal * clean) / level.clamp_min(1e-4)
        signal, level = objective.levels(following.expand(len(latents)))
        latents = clean if following == times[-1] else signal * clean + level * rest
    for module in (network, *base.text_encoders):
        module.train(was_training)
    pictures = base.decode(latents.to(base.vae.dtype)).float()
    return (pictures / 2 + 0.5).clamp(0, 1).cpu()
