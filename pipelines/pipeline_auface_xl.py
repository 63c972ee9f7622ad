"""`AUFaceXLPipeline`: Stable Diffusion XL that draws faces with the expressions that are asked for."""

# Not `from __future__ import annotations`: diffusers reads the types of the components from the constructor.
from collections.abc import Callable, Sequence
from typing import Any

import torch
from diffusers.callbacks import MultiPipelineCallbacks, PipelineCallback
from diffusers.image_processor import PipelineImageInput, VaeImageProcessor
from diffusers.loaders import (
    FromSingleFileMixin,
    IPAdapterMixin,
    StableDiffusionXLLoraLoaderMixin,
    TextualInversionLoaderMixin,
)
from diffusers.models.autoencoders.autoencoder_kl import AutoencoderKL
from diffusers.models.unets.unet_2d_condition import UNet2DConditionModel
from diffusers.pipelines.pipeline_utils import DiffusionPipeline, StableDiffusionMixin
from diffusers.pipelines.stable_diffusion.pipeline_stable_diffusion import retrieve_timesteps
from diffusers.pipelines.stable_diffusion_xl.pipeline_stable_diffusion_xl import StableDiffusionXLPipeline
from diffusers.pipelines.stable_diffusion_xl.watermark import StableDiffusionXLWatermarker
from diffusers.schedulers import KarrasDiffusionSchedulers
from diffusers.utils.import_utils import is_invisible_watermark_available
from torch import Tensor
from transformers import (
    CLIPImageProcessor,
    CLIPTextModel,
    CLIPTextModelWithProjection,
    CLIPTokenizer,
    CLIPVisionModelWithProjection,
)

from auface.facs.conflict import Policy
from auface.pipelines.adapter.condition import Identity, Pose
from auface.pipelines.adapter.model import AUFaceAdapter

from .canvas import Canvas
from .expression_mixin import ExpressionMixin, Floats, Request
from .photo_mixin import PhotoMixin
from .pipeline_output import AUFaceXLPipelineOutput
from .verified_attempts import verified_attempts
from .xl_steps import Size, StableDiffusionXLSteps


class AUFaceXLPipeline(
    ExpressionMixin,
    PhotoMixin,
    StableDiffusionXLSteps,
    DiffusionPipeline,
    StableDiffusionMixin,
    TextualInversionLoaderMixin,
    StableDiffusionXLLoraLoaderMixin,
    IPAdapterMixin,
    FromSingleFileMixin,
):
    """Draws pictures from a prompt and an expression, with any base model in the layout of Stable Diffusion XL.

    Without an expression it draws what `StableDiffusionXLPipeline` draws, bit for bit. LoRA, IP-Adapter, textual
    inversion, schedulers, offloading and callbacks work as they do there.

    Args:
        vae: Encodes and decodes latents.
        text_encoder: Encodes prompts.
        text_encoder_2: Encodes prompts too; gives pooled embeddings.
        tokenizer: Splits prompts.
        tokenizer_2: Splits prompts for the second text encoder.
        unet: Denoises latents.
        scheduler: Makes the steps.
        image_encoder: Encodes pictures for IP-Adapter.
        feature_extractor: Prepares pictures for IP-Adapter.
        adapter: Lets the UNet draw expressions; see `load_adapter`.
        force_zeros_for_empty_prompt: Whether no negative prompt means embeddings of 0.
        add_watermarker: Whether to add an invisible watermark; by default if the package for it is installed.
    """

    model_cpu_offload_seq = "text_encoder->text_encoder_2->image_encoder->adapter->unet->vae"
    _optional_components = [*StableDiffusionXLPipeline._optional_components, "adapter"]  # noqa: RUF012
    _callback_tensor_inputs = ["latents", "prompt_embeds", "add_text_embeds", "add_time_ids"]  # noqa: RUF012

    def __init__(
        self,
        vae: AutoencoderKL,
        text_encoder: CLIPTextModel,
        text_encoder_2: CLIPTextModelWithProjection,
        tokenizer: CLIPTokenizer,
        tokenizer_2: CLIPTokenizer,
        unet: UNet2DConditionModel,
        scheduler: KarrasDiffusionSchedulers,
        image_encoder: CLIPVisionModelWithProjection | None = None,
        feature_extractor: CLIPImageProcessor | None = None,
        adapter: AUFaceAdapter | None = None,
        force_zeros_for_empty_prompt: bool = True,
        add_watermarker: bool | None = None,
    ) -> None:
        super().__init__()
        self.register_modules(
            vae=vae,
            text_encoder=text_encoder,
            text_encoder_2=text_encoder_2,
            tokenizer=tokenizer,
            tokenizer_2=tokenizer_2,
            unet=unet,
            scheduler=scheduler,
            image_encoder=image_encoder,
            feature_extractor=feature_extractor,
            adapter=adapter,
        )
        self.register_to_config(force_zeros_for_empty_prompt=force_zeros_for_empty_prompt)
        self.vae_scale_factor = 2 ** (len(self.vae.config.block_out_channels) - 1) if vae is not None else 8
        self.image_processor = VaeImageProcessor(vae_scale_factor=self.vae_scale_factor)
        self.default_sample_size = unet.config["sample_size"] if unet is not None else 128
        add_watermarker = is_invisible_watermark_available() if add_watermarker is None else add_watermarker
        self.watermark = StableDiffusionXLWatermarker() if add_watermarker else None

    @torch.no_grad()
    @verified_attempts
    def __call__(
        self,
        prompt: str | list[str] | None = None,
        prompt_2: str | list[str] | None = None,
        height: int | None = None,
        width: int | None = None,
        num_inference_steps: int = 50,
        timesteps: list[int] | None = None,
        sigmas: list[float] | None = None,
        denoising_end: float | None = None,
        guidance_scale: float = 5.0,
        negative_prompt: str | list[str] | None = None,
        negative_prompt_2: str | list[str] | None = None,
        num_images_per_prompt: int = 1,
        eta: float = 0.0,
        generator: torch.Generator | list[torch.Generator] | None = None,
        latents: Tensor | None = None,
        prompt_embeds: Tensor | None = None,
        negative_prompt_embeds: Tensor | None = None,
        pooled_prompt_embeds: Tensor | None = None,
        negative_pooled_prompt_embeds: Tensor | None = None,
        ip_adapter_image: PipelineImageInput | None = None,
        ip_adapter_image_embeds: list[Tensor] | None = None,
        output_type: str = "pil",
        return_dict: bool = True,
        cross_attention_kwargs: dict[str, Any] | None = None,
        guidance_rescale: float = 0.0,
        original_size: Size | None = None,
        crops_coords_top_left: Size = (0, 0),
        target_size: Size | None = None,
        negative_original_size: Size | None = None,
        negative_crops_coords_top_left: Size = (0, 0),
        negative_target_size: Size | None = None,
        clip_skip: int | None = None,
        callback_on_step_end: Callable[..., dict] | PipelineCallback | MultiPipelineCallbacks | None = None,
        callback_on_step_end_tensor_inputs: Sequence[str] = ("latents",),
        *,
        expression: Request | list[Request | None] | None = None,
        expression_scale: float = 1.0,
        expression_guidance_scale: float = 1.0,
        structure_scale: float = 1.0,
        structure_start: float = 0.0,
        structure_end: float = 1.0,
        identity: Identity | list[Identity] = None,
        pose: Pose | list[Pose] = None,
        landmarks: Floats | list[Floats] | None = None,
        conflict_policy: Policy = "natural",
        image: PipelineImageInput | None = None,
        mask_image: PipelineImageInput | None = None,
        strength: float = 0.7,
        verify_attempts: int = 1,
    ) -> AUFaceXLPipelineOutput | tuple:
        """Draw pictures.

        Example:
            >>> pipe = AUFaceXLPipeline.from_pretrained("stabilityai/stable-diffusion-xl-base-1.0")
            >>> pipe.load_adapter("xl_adapter.safetensors")
            >>> pipe("an old man, studio light", expression="1+2C+5D+26").images[0].save("face.png")

        Args:
            prompt: What to draw.
            prompt_2: The same for the second text encoder; by default `prompt`.
            height: In pixels, a multiple of 8; by default what the base was trained for, or that of `image`.
            width: In pixels, a multiple of 8.
            num_inference_steps: Steps of denoising.
            timesteps: Times of the steps, falling, for schedulers that take them.
            sigmas: Noise of the steps, for schedulers that take it.
            denoising_end: Share of the steps after which another model goes on.
            guidance_scale: How much the prompt guides; 1 is not at all.
            negative_prompt: What not to draw.
            negative_prompt_2: The same for the second text encoder.
            num_images_per_prompt: Pictures for each prompt.
            eta: Noise that DDIM adds in each step, 0 to 1.
            generator: What the noise is drawn from; one, or one for each picture.
            latents: Noise to begin with, (batch, channels, height / 8, width / 8).
            prompt_embeds: (batch, tokens, channels) of `encode_prompt`, instead of a prompt.
            negative_prompt_embeds: The same for the negative prompt.
            pooled_prompt_embeds: (batch, channels), goes with `prompt_embeds`.
            negative_pooled_prompt_embeds: Goes with `negative_prompt_embeds`.
            ip_adapter_image: Picture for IP-Adapter.
            ip_adapter_image_embeds: Its embeddings, instead of the picture.
            output_type: "pil", "np" (0 to 1, NHWC), "pt" (0 to 1, NCHW) or "latent".
            return_dict: Whether to return an `AUFaceXLPipelineOutput`; if not, a tuple.
            cross_attention_kwargs: For the attention processors; {"scale": ...} is that of LoRAs.
            guidance_rescale: Against overexposure, 0 to 1 (arXiv 2305.08891, section 3.4).
            original_size: Height and width before cropping that the base is told; by default those of the picture.
            crops_coords_top_left: Where the crop began that the base is told.
            target_size: Height and width that the base is told; by default those of the picture.
            negative_original_size: `original_size` for the negative prompt, together with `negative_target_size`.
            negative_crops_coords_top_left: `crops_coords_top_left` for the negative prompt.
            negative_target_size: `target_size` for the negative prompt.
            clip_skip: Layers of CLIP to leave out.
            callback_on_step_end: Called after each step with pipeline, step, time and tensors, which it may change.
            callback_on_step_end_tensor_inputs: Which tensors it gets.
            expression: What the face shows: an Expression, FACS notation or English; one, or a list with one for each
                prompt or picture. None is the plain pipeline; the neutral expression asks for the face at rest.
            expression_scale: How strongly expression tokens are heard; 0 is off.
            expression_guidance_scale: How much the expression guides apart from the prompt; 1 costs nothing extra.
            structure_scale: How strongly the geometry is heard; 0 is off.
            structure_start: Share of the steps after which geometry begins.
            structure_end: Share of the steps after which it ends.
            identity: Whose geometry: a seed, a (478, 3) neutral face, or None for the mean face; one, or a list.
            pose: How the head is turned: a HeadPose, or yaw, pitch and roll in degrees; one, or a list.
            landmarks: (478, 2 or 3) landmarks, in pixels of `image` or of the picture, that give person, pose and
                place instead; one, or a list.
            conflict_policy: What becomes of units that exclude each other: "natural", "strict" or "keep".
            image: A photo to draw the expression onto; without `landmarks` its largest face is found.
            mask_image: Where the photo may change: white; by default where the face moves.
            strength: How much the photo may change, above 0 to 1.
            verify_attempts: How often to draw until recognition sees the expression; the best is kept. 1 is no look.

        Raises:
            ValueError: An argument is missing, out of range or contradicts another.
        """
        if isinstance(callback_on_step_end, (PipelineCallback, MultiPipelineCallbacks)):
            callback_on_step_end_tensor_inputs = callback_on_step_end.tensor_inputs

        # 1. Sizes, and what can be refused before any work
        if image is not None:
            height, width, landmarks = self.locate(image, height, width, landmarks, find=expression is not None)
        height, width = self.default_size(height, width)
        self.check_photo_inputs(
            image, strength, num_inference_steps, mask_image, latents, timesteps=timesteps, sigmas=sigmas
        )
        person: Any = {"identity": identity, "pose": pose, "landmarks": landmarks}
        batch_size = self.check_inputs(
            prompt,
            prompt_2,
            height,
            width,
            negative_prompt,
            negative_prompt_2,
            prompt_embeds,
            negative_prompt_embeds,
            pooled_prompt_embeds,
            negative_pooled_prompt_embeds,
            ip_adapter_image,
            ip_adapter_image_embeds,
            list(callback_on_step_end_tensor_inputs),
            expression=expression,
            num_images_per_prompt=num_images_per_prompt,
            expression_scale=expression_scale,
            expression_guidance_scale=expression_guidance_scale,
            structure_scale=structure_scale,
            structure_start=structure_start,
            structure_end=structure_end,
            conflict_policy=conflict_policy,
            guidance_scale=guidance_scale,
            guidance_rescale=guidance_rescale,
            **person,
        )
        self._guidance_scale = guidance_scale
        self._guidance_rescale = guidance_rescale
        self._expression_guidance_scale = expression_guidance_scale
        self._clip_skip = clip_skip
        self._cross_attention_kwargs = cross_attention_kwargs
        self._denoising_end = denoising_end
        self._interrupt = False
        device = self._execution_device
        images = batch_size * num_images_per_prompt

        # 2. Expression: geometry, maps, condition vectors
        condition = self.encode_expression(
            expression,
            height,
            width,
            batch_size,
            num_images_per_prompt,
            conflict_policy=conflict_policy,
            **person,
        )

        # 3. Prompt
        text, pooled = self.encode_text(
            device,
            num_images_per_prompt,
            prompt=prompt,
            prompt_2=prompt_2,
            negative_prompt=negative_prompt,
            negative_prompt_2=negative_prompt_2,
            prompt_embeds=prompt_embeds,
            negative_prompt_embeds=negative_prompt_embeds,
            pooled_prompt_embeds=pooled_prompt_embeds,
            negative_pooled_prompt_embeds=negative_pooled_prompt_embeds,
            lora_scale=(cross_attention_kwargs or {}).get("scale"),
            clip_skip=clip_skip,
        )
        time_ids = self.prepare_time_ids(
            original_size or (height, width),
            crops_coords_top_left,
            target_size or (height, width),
            pooled,
            text.dtype,
            images,
            (negative_original_size, negative_crops_coords_top_left, negative_target_size),
        ).to(device)
        image_cond: dict[str, Any] = {}
        if ip_adapter_image is not None or ip_adapter_image_embeds is not None:
            image_cond["image_embeds"] = self.prepare_ip_adapter_image_embeds(
                ip_adapter_image, ip_adapter_image_embeds, device, images, self.do_classifier_free_guidance
            )

        # 4. Adapter, once for all steps
        signal = self.prepare_structure(
            condition,
            device,
            self.unet.dtype,
            expression_scale=expression_scale,
            structure_scale=structure_scale,
            structure_start=structure_start,
            structure_end=structure_end,
        )

        # 5. Steps and latents
        times: Any
        steps: Any
        times, steps = retrieve_timesteps(self.scheduler, num_inference_steps, device, timesteps, sigmas)
        canvas: Canvas | None = None
        if image is not None:
            times, steps = self.get_timesteps(steps, strength, device)
            canvas, drawn = self.prepare_canvas(
                image,
                times[:1],
                height,
                width,
                images,
                text.dtype,
                device,
                generator,
                mask_image=mask_image,
                retargeted=condition.retargeted if condition is not None else (),
            )
        else:
            channels = self.unet.config.in_channels
            drawn = self.prepare_latents(images, channels, height, width, text.dtype, device, generator, latents)
            if hasattr(self.scheduler, "set_begin_index"):
                self.scheduler.set_begin_index(0)  # times may repeat
        extra_step_kwargs = self.prepare_extra_step_kwargs(generator, eta)
        timestep_cond = self.embedded_guidance(images, drawn)

        # 6. Denoise
        warmup = max(len(times) - steps * self.scheduler.order, 0)
        times = self.until_denoising_end(times)
        steps = min(steps, len(times))
        self._num_timesteps = len(times)
        with self.progress_bar(total=steps) as progress_bar:  # pyright: ignore[reportCallIssue] - it is not torch's
            for i, t in enumerate(times):
                if self.interrupt:
                    continue
                noise_pred = self.predict_noise(
                    drawn,
                    t,
                    text,
                    signal=signal,
                    step=i,
                    steps=len(times),
                    timestep_cond=timestep_cond,
                    added_cond_kwargs={"text_embeds": pooled, "time_ids": time_ids, **image_cond},
                )
                drawn = self.scheduler.step(noise_pred, t, drawn, **extra_step_kwargs, return_dict=False)[0]
                if canvas is not None:
                    following = times[i + 1] if i + 1 < len(times) else None
                    drawn = canvas.kept(drawn, self.scheduler, following)
                if callback_on_step_end is not None:
                    tensors = dict(zip(self._callback_tensor_inputs, (drawn, text, pooled, time_ids), strict=True))
                    given = {name: tensors[name] for name in callback_on_step_end_tensor_inputs}
                    changed = callback_on_step_end(self, i, t, given)
                    drawn = changed.pop("latents", drawn)
                    text = changed.pop("prompt_embeds", text)
                    pooled = changed.pop("add_text_embeds", pooled)
                    time_ids = changed.pop("add_time_ids", time_ids)
                if i == len(times) - 1 or ((i + 1) > warmup and (i + 1) % self.scheduler.order == 0):
                    progress_bar.update()

        # 7. Decode
        pictures = self.decode(drawn, output_type, canvas)
        self.maybe_free_model_hooks()
        if not return_dict:
            return (pictures,)
        return AUFaceXLPipelineOutput(
            images=pictures,
            expressions=None if condition is None else condition.asked,
            landmarks=None if condition is None else condition.landmarks.cpu().numpy(),
        )
