"""`StableDiffusionSteps`: the steps of a call that Stable Diffusion 1.x brings itself: sizes, checks, prompt, decoding.

Steps with diffusers' own names are diffusers' own functions, so that a plain picture is that of the installed release.
"""

from __future__ import annotations

from typing import Any

import torch
from diffusers.configuration_utils import FrozenDict
from diffusers.image_processor import PipelineImageInput
from diffusers.pipelines.stable_diffusion.pipeline_stable_diffusion import StableDiffusionPipeline
from diffusers.pipelines.stable_diffusion.pipeline_stable_diffusion_img2img import StableDiffusionImg2ImgPipeline
from torch import Tensor

from .canvas import Canvas


class StableDiffusionSteps:
    """The plain pipeline's steps."""

    _encodes_in_float32 = False

    encode_image = StableDiffusionPipeline.encode_image
    prepare_ip_adapter_image_embeds = StableDiffusionPipeline.prepare_ip_adapter_image_embeds
    prepare_latents = StableDiffusionPipeline.prepare_latents
    prepare_extra_step_kwargs = StableDiffusionPipeline.prepare_extra_step_kwargs
    get_guidance_scale_embedding = StableDiffusionPipeline.get_guidance_scale_embedding
    get_timesteps = StableDiffusionImg2ImgPipeline.get_timesteps
    run_safety_checker = StableDiffusionPipeline.run_safety_checker
    check_prompt_inputs = StableDiffusionPipeline.check_inputs
    guidance_scale = StableDiffusionPipeline.guidance_scale
    guidance_rescale = StableDiffusionPipeline.guidance_rescale
    clip_skip = StableDiffusionPipeline.clip_skip
    do_classifier_free_guidance = StableDiffusionPipeline.do_classifier_free_guidance
    cross_attention_kwargs = StableDiffusionPipeline.cross_attention_kwargs
    num_timesteps = StableDiffusionPipeline.num_timesteps
    interrupt = StableDiffusionPipeline.interrupt

    def encode_prompt(
        self: Any,
        prompt: str | list[str] | None,
        device: torch.device,
        num_images_per_prompt: int,
        do_classifier_free_guidance: bool,
        negative_prompt: str | list[str] | None = None,
        prompt_embeds: Tensor | None = None,
        negative_prompt_embeds: Tensor | None = None,
        lora_scale: float | None = None,
        clip_skip: int | None = None,
    ) -> tuple[Tensor, Tensor | None]:
        """Return embeddings of prompts and of negative prompts, (pictures, tokens, channels): those of diffusers.

        Args:
            prompt: What to draw.
            device: Where to compute.
            num_images_per_prompt: Pictures for each prompt.
            do_classifier_free_guidance: Whether the prompt guides; if not, there may be no negative embeddings.
            negative_prompt: What not to draw.
            prompt_embeds: Instead of a prompt.
            negative_prompt_embeds: Instead of a negative prompt.
            lora_scale: Scale of LoRAs of the text encoder.
            clip_skip: Layers of CLIP to leave out.
        """
        encoder = self.text_encoder
        # diffusers 0.42 looks for CLIP's last norm in `text_model`, which transformers 5 has made the encoder itself.
        renamed = clip_skip is not None and encoder is not None and not hasattr(encoder, "text_model")
        if renamed:
            encoder.__dict__["text_model"] = encoder  # not as a part of itself, which would never end
        try:
            return StableDiffusionPipeline.encode_prompt(
                self,
                prompt,
                device,
                num_images_per_prompt,
                do_classifier_free_guidance,
                negative_prompt,
                prompt_embeds,
                negative_prompt_embeds,
                lora_scale,
                clip_skip,
            )
        finally:
            if renamed:
                del encoder.__dict__["text_model"]

    def default_size(self: Any, height: int | None, width: int | None) -> tuple[int, int]:
        """Return the size of the pictures in pixels: what is asked for, or else what the base was trained for.

        Args:
            height: Height, or None.
            width: Width, or None.
        """
        if height and width:
            return height, width
        size = self.unet.config.sample_size
        tall, wide = (size, size) if isinstance(size, int) else size
        return tall * self.vae_scale_factor, wide * self.vae_scale_factor

    def check_inputs(
        self: Any,
        prompt: str | list[str] | None,
        height: int,
        width: int,
        negative_prompt: str | list[str] | None = None,
        prompt_embeds: Tensor | None = None,
        negative_prompt_embeds: Tensor | None = None,
        ip_adapter_image: PipelineImageInput | None = None,
        ip_adapter_image_embeds: list[Tensor] | None = None,
        callback_on_step_end_tensor_inputs: list[str] | None = None,
        **expression_inputs: Any,
    ) -> int:
        """Refuse what cannot be drawn, before any work, and return the number of prompts.

        Args:
            prompt: What to draw.
            height: In pixels.
            width: In pixels.
            negative_prompt: What not to draw.
            prompt_embeds: Instead of a prompt.
            negative_prompt_embeds: Instead of a negative prompt.
            ip_adapter_image: Picture for IP-Adapter.
            ip_adapter_image_embeds: Its embeddings.
            callback_on_step_end_tensor_inputs: Which tensors the callback gets.
            **expression_inputs: For `check_expression_inputs`.

        Raises:
            ValueError: An argument is missing, out of range or contradicts another.
        """
        self.check_prompt_inputs(
            prompt,
            height,
            width,
            None,
            negative_prompt,
            prompt_embeds,
            negative_prompt_embeds,
            ip_adapter_image,
            ip_adapter_image_embeds,
            callback_on_step_end_tensor_inputs,
        )
        given: Any = prompt if prompt_embeds is None else prompt_embeds
        batch_size = 1 if isinstance(given, str) else len(given)
        self.check_expression_inputs(batch_size=batch_size, **expression_inputs)
        return batch_size

    def decode(
        self: Any,
        latents: Tensor,
        output_type: str,
        dtype: torch.dtype,
        device: torch.device,
        generator: torch.Generator | list[torch.Generator] | None = None,
        canvas: Canvas | None = None,
    ) -> tuple[Any, list[bool] | None]:
        """Return pictures, and what the safety checker found in each.

        Args:
            latents: (batch, channels, height, width) without noise.
            output_type: "pil", "np", "pt" or "latent".
            dtype: Type in which the safety checker computes.
            device: Where it computes.
            generator: For decoders that draw noise.
            canvas: A photo that was drawn on.
        """
        flagged: list[bool] | None = None
        pictures = latents
        if output_type != "latent":
            scaled = latents / self.vae.config.scaling_factor
            pictures = self.vae.decode(scaled, return_dict=False, generator=generator)[0]
            if canvas is not None:
                pictures = canvas.pasted(pictures)
            pictures, flagged = self.run_safety_checker(pictures, device, dtype)
        shown = [True] * len(pictures) if flagged is None else [not found for found in flagged]
        return self.image_processor.postprocess(pictures, output_type=output_type, do_denormalize=shown), flagged


def modernize(scheduler: Any) -> None:
    """Give a scheduler from a file of before 2023 two settings that it lacks, as the plain pipeline does.

    Args:
        scheduler: The scheduler; changed in place.
    """
    needed = {"steps_offset": 1, "clip_sample": False}
    settings = {name: value for name, value in needed.items() if scheduler.config.get(name, value) != value}
    if settings:
        scheduler._internal_dict = FrozenDict({**scheduler.config, **settings})
