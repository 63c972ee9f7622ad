"""`StableDiffusionXLSteps`: the steps of a call that Stable Diffusion XL brings itself: from sizes to decoding.

Steps with diffusers' own names are diffusers' own functions, so that a plain picture is that of the installed release.
"""

from __future__ import annotations

from typing import Any

import torch
from diffusers.image_processor import PipelineImageInput
from diffusers.pipelines.stable_diffusion.pipeline_stable_diffusion_img2img import StableDiffusionImg2ImgPipeline
from diffusers.pipelines.stable_diffusion_xl.pipeline_stable_diffusion_xl import StableDiffusionXLPipeline
from torch import Tensor

from .canvas import Canvas

Size = tuple[int, int]


class StableDiffusionXLSteps:
    """The plain pipeline's steps."""

    _encodes_in_float32 = True

    encode_prompt = StableDiffusionXLPipeline.encode_prompt
    encode_image = StableDiffusionXLPipeline.encode_image
    prepare_ip_adapter_image_embeds = StableDiffusionXLPipeline.prepare_ip_adapter_image_embeds
    prepare_latents = StableDiffusionXLPipeline.prepare_latents
    prepare_extra_step_kwargs = StableDiffusionXLPipeline.prepare_extra_step_kwargs
    get_guidance_scale_embedding = StableDiffusionXLPipeline.get_guidance_scale_embedding
    get_timesteps = StableDiffusionImg2ImgPipeline.get_timesteps
    check_prompt_inputs = StableDiffusionXLPipeline.check_inputs
    upcast_vae = StableDiffusionXLPipeline.upcast_vae
    _get_add_time_ids = StableDiffusionXLPipeline._get_add_time_ids
    guidance_scale = StableDiffusionXLPipeline.guidance_scale
    guidance_rescale = StableDiffusionXLPipeline.guidance_rescale
    clip_skip = StableDiffusionXLPipeline.clip_skip
    do_classifier_free_guidance = StableDiffusionXLPipeline.do_classifier_free_guidance
    cross_attention_kwargs = StableDiffusionXLPipeline.cross_attention_kwargs
    denoising_end = StableDiffusionXLPipeline.denoising_end
    num_timesteps = StableDiffusionXLPipeline.num_timesteps
    interrupt = StableDiffusionXLPipeline.interrupt

    def default_size(self: Any, height: int | None, width: int | None) -> Size:
        """Return the size of the pictures in pixels: what is asked for, or else what the base was trained for.

        Args:
            height: Height, or None.
            width: Width, or None.
        """
        size = self.default_sample_size * self.vae_scale_factor
        return height or size, width or size

    def check_inputs(
        self: Any,
        prompt: str | list[str] | None,
        prompt_2: str | list[str] | None,
        height: int,
        width: int,
        negative_prompt: str | list[str] | None = None,
        negative_prompt_2: str | list[str] | None = None,
        prompt_embeds: Tensor | None = None,
        negative_prompt_embeds: Tensor | None = None,
        pooled_prompt_embeds: Tensor | None = None,
        negative_pooled_prompt_embeds: Tensor | None = None,
        ip_adapter_image: PipelineImageInput | None = None,
        ip_adapter_image_embeds: list[Tensor] | None = None,
        callback_on_step_end_tensor_inputs: list[str] | None = None,
        **expression_inputs: Any,
    ) -> int:
        """Refuse what cannot be drawn, before any work, and return the number of prompts.

        Args:
            prompt: What to draw.
            prompt_2: The same for the second text encoder.
            height: In pixels.
            width: In pixels.
            negative_prompt: What not to draw.
            negative_prompt_2: The same for the second text encoder.
            prompt_embeds: Instead of a prompt.
            negative_prompt_embeds: Instead of a negative prompt.
            pooled_prompt_embeds: Goes with `prompt_embeds`.
            negative_pooled_prompt_embeds: Goes with `negative_prompt_embeds`.
            ip_adapter_image: Picture for IP-Adapter.
            ip_adapter_image_embeds: Its embeddings.
            callback_on_step_end_tensor_inputs: Which tensors the callback gets.
            **expression_inputs: For `check_expression_inputs`.

        Raises:
            ValueError: An argument is missing, out of range or contradicts another.
        """
        self.check_prompt_inputs(
            prompt,
            prompt_2,
            height,
            width,
            None,
            negative_prompt,
            negative_prompt_2,
            prompt_embeds,
            negative_prompt_embeds,
            pooled_prompt_embeds,
            negative_pooled_prompt_embeds,
            ip_adapter_image,
            ip_adapter_image_embeds,
            callback_on_step_end_tensor_inputs,
        )
        given: Any = prompt if prompt_embeds is None else prompt_embeds
        batch_size = 1 if isinstance(given, str) else len(given)
        self.check_expression_inputs(batch_size=batch_size, **expression_inputs)
        return batch_size

    def encode_text(
        self: Any, device: torch.device, num_images_per_prompt: int, **prompts: Any
    ) -> tuple[Tensor, Tensor]:
        """Return prompt embeddings and pooled ones, a row for each picture; negative rows first if the prompt guides.

        Args:
            device: Where to compute.
            num_images_per_prompt: Pictures for each prompt.
            **prompts: For `encode_prompt`.
        """
        text, negative, pooled, negative_pooled = self.encode_prompt(
            device=device,
            num_images_per_prompt=num_images_per_prompt,
            do_classifier_free_guidance=self.do_classifier_free_guidance,
            **prompts,
        )
        if self.do_classifier_free_guidance:
            text, pooled = torch.cat([negative, text]), torch.cat([negative_pooled, pooled])
        return text.to(device), pooled.to(device)

    def prepare_time_ids(
        self: Any,
        original_size: Size,
        crops_coords_top_left: Size,
        target_size: Size,
        pooled: Tensor,
        dtype: torch.dtype,
        images: int,
        negative: tuple[Size | None, Size, Size | None] = (None, (0, 0), None),
    ) -> Tensor:
        """Return sizes as the UNet takes them, (images, 6); twice as many rows if the prompt guides.

        Args:
            original_size: Height and width of the picture before it was cropped, in pixels.
            crops_coords_top_left: Where the crop begins, in pixels.
            target_size: Height and width of the picture in pixels.
            pooled: (batch, channels) pooled prompt embeddings.
            dtype: Type of the result.
            images: Number of pictures.
            negative: The same three for the negative prompt; those above, if one of its sizes is None.
        """
        encoder = self.text_encoder_2
        channels = pooled.shape[-1] if encoder is None else encoder.config.projection_dim
        about = {"dtype": dtype, "text_encoder_projection_dim": int(channels)}
        found = self._get_add_time_ids(original_size, crops_coords_top_left, target_size, **about)
        if self.do_classifier_free_guidance:
            other = found if None in negative else self._get_add_time_ids(*negative, **about)
            found = torch.cat([other, found])
        return found.repeat(images, 1)  # in the plain pipeline's order, which also mixes sizes up if they differ

    def until_denoising_end(self: Any, times: Tensor) -> Tensor:
        """Return the times of the steps that are left when another model goes on from `denoising_end`.

        Args:
            times: (steps,) falling.
        """
        end = self.denoising_end
        if end is None or not 0 < end < 1:
            return times
        count = self.scheduler.config.num_train_timesteps
        cutoff = round(count - end * count)
        return times[: int((times >= cutoff).sum())]

    def decode(self: Any, latents: Tensor, output_type: str, canvas: Canvas | None = None) -> Any:
        """Return pictures.

        Args:
            latents: (batch, channels, height, width) without noise.
            output_type: "pil", "np", "pt" or "latent".
            canvas: A photo that was drawn on.
        """
        if output_type == "latent":
            return self.image_processor.postprocess(latents, output_type=output_type)
        config = self.vae.config
        overflows = self.vae.dtype == torch.float16 and config.force_upcast
        if overflows:
            self.vae.to(dtype=torch.float32)
            latents = latents.to(next(iter(self.vae.post_quant_conv.parameters())).dtype)
        mean, deviation = (getattr(config, name, None) for name in ("latents_mean", "latents_std"))
        if mean is not None and deviation is not None:
            shape = (1, -1, 1, 1)
            spread, middle = latents.new_tensor(deviation).view(shape), latents.new_tensor(mean).view(shape)
            latents = latents * spread / config.scaling_factor + middle
        else:
            latents = latents / config.scaling_factor
        try:
            pictures = self.vae.decode(latents, return_dict=False)[0]
        finally:
            if overflows:
                self.vae.to(dtype=torch.float16)
        if canvas is not None:
            pictures = canvas.pasted(pictures)
        if self.watermark is not None:
            pictures = self.watermark.apply_watermark(pictures)
        return self.image_processor.postprocess(pictures, output_type=output_type)
