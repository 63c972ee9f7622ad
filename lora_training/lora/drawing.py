"""Draw pictures with the network as it is in training, for validation: DDIM steps with guidance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Tensor

from auface.facs import Expression
from auface.lora_training.lora.base_model import BaseModel
from auface.lora_training.lora.denoiser import Denoiser, Embed, Question
from auface.lora_training.lora.objective import Objective
from auface.pipelines.guidance import Guidance


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A picture that is to be drawn.

    Attributes:
        prompt: The prompt.
        seed: Of the noise, and of the person where the expression adapter says whose face.
        expression: What the adapter is told, if there is one; None is the plain base.
        strength: How strongly the LoRA adds.
    """

    prompt: str
    seed: int
    expression: Expression | None = None
    strength: float = 1.0


@torch.no_grad()
def draw(
    base: BaseModel,
    objective: Objective,
    ask: Denoiser,
    wishes: Sequence[Wish],
    embed: Embed,
    *,
    size: tuple[int, int],
    steps: int,
    guidance_scale: float,
    expression_guidance_scale: float = 1.0,
) -> Tensor:
    """Return pictures, (batch, 3, height, width) from 0 to 1, float32 on the CPU.

    The steps are DDIM's (arXiv 2010.02502, eq. 12, without noise), which for flow matching are Euler's; guidance is
    that of the pipelines.

    Args:
        base: The base, with or without a LoRA.
        objective: What its answers mean.
        ask: Asks the network.
        wishes: One for each picture.
        embed: Embeds prompts.
        size: Width and height in pixels.
        steps: Denoising steps.
        guidance_scale: Classifier-free guidance; 1 and less is none.
        expression_guidance_scale: Guidance by what the adapter is told; 1 is none.
    """
    network = base.unet
    was_training = network.training
    trained = [module for module in base.loaded_text_encoders if module.training]
    for module in (network, *trained):
        module.train(False)
    device, kind = network.device, network.dtype
    width, height = (side // base.latent_scale for side in size)
    noise = [
        torch.randn(base.latent_channels, height, width, generator=torch.Generator().manual_seed(one.seed))
        for one in wishes
    ]
    latents = torch.stack(noise).to(device)
    guidance = Guidance(
        by_prompt=guidance_scale > 1,
        by_expression=ask.guide is not None and expression_guidance_scale != 1,
        prompt_scale=guidance_scale,
        expression_scale=expression_guidance_scale,
    )
    question = _question(ask, wishes, guidance, size)
    embedded = embed(question.texts)
    last = objective.timesteps - 1 if objective.prediction != "flow" else objective.timesteps
    times = torch.linspace(last, 0, steps + 1, device=device)
    if objective.prediction != "flow":
        times = times.round()
    for now, following in pairwise(times):
        given = guidance.latents(latents)
        with torch.autocast(device.type, kind, enabled=kind != torch.float32):
            answer = guidance.combined(ask(given, now.expand(len(given)), question, lambda texts: embedded))
        at = now.expand(len(latents))
        clean = objective.clean(latents, answer, at)
        signal, level = objective.levels(at)
        rest = (latents - signal * clean) / level.clamp_min(1e-4)
        signal, level = objective.levels(following.expand(len(latents)))
        latents = clean if following == times[-1] else signal * clean + level * rest
    network.train(was_training)
    for module in trained:
        module.train()
    if ask.guide is not None:
        ask.guide.silence()
    pictures = base.decode(latents.to(base.vae.dtype)).float()
    return (pictures / 2 + 0.5).clamp(0, 1).cpu()


def _question(ask: Denoiser, wishes: Sequence[Wish], guidance: Guidance, size: tuple[int, int]) -> Question:
    """Return what is asked in every step, with rows for every branch of the guidance."""
    prompts = [one.prompt for one in wishes]
    count = len(guidance.branches)
    texts = [prompt if said or not guidance.by_prompt else "" for said, _ in guidance.branches for prompt in prompts]
    ids = torch.tensor([[size[1], size[0], 0, 0, size[1], size[0]]] * count * len(wishes))
    strengths = torch.tensor([one.strength for one in wishes]).repeat(count)
    if ask.guide is None:
        return Question(texts, ids, strengths)
    told = ask.guide.portray([one.expression or Expression() for one in wishes], [one.seed for one in wishes], *size)
    asked = torch.tensor([float(one.expression is not None) for one in wishes])
    heard = torch.cat([asked * float(sees) for _, sees in guidance.branches])
    return Question(texts, ids, strengths, told.rows(torch.arange(len(wishes)).repeat(count)), heard)
