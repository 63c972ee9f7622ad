"""Pipelines of real classes with tiny random components, made without any download."""

from __future__ import annotations

from typing import Any

import torch
from diffusers import (
    AutoencoderKL,
    ControlNetModel,
    DDIMScheduler,
    EulerDiscreteScheduler,
    FlowMatchEulerDiscreteScheduler,
    FluxControlNetModel,
    FluxControlNetPipeline,
    FluxTransformer2DModel,
    SD3ControlNetModel,
    SD3Transformer2DModel,
    StableDiffusion3ControlNetPipeline,
    StableDiffusionControlNetPipeline,
    StableDiffusionPipeline,
    StableDiffusionXLControlNetPipeline,
    UNet2DConditionModel,
)
from transformers import (
    CLIPTextConfig,
    CLIPTextModel,
    CLIPTextModelWithProjection,
    CLIPTokenizer,
    T5Config,
    T5EncoderModel,
    T5Tokenizer,
)

WIDTH = 32  # of text encoders and of cross-attention


def clip_tokenizer() -> CLIPTokenizer:
    """A tokenizer of CLIP's class that knows single letters."""
    letters = [chr(code) for code in (*range(33, 127), *range(161, 173), *range(174, 324))]
    tokens = [*letters, *(f"{letter}</w>" for letter in letters), "<|startoftext|>", "<|endoftext|>"]
    return CLIPTokenizer(vocab={token: place for place, token in enumerate(tokens)}, merges=[], model_max_length=77)


def t5_tokenizer() -> T5Tokenizer:
    """A tokenizer of T5's class that knows single letters."""
    letters = [chr(code) for code in range(33, 127)]
    vocab = [("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0), ("▁", -2.0), *((letter, -3.0) for letter in letters)]
    return T5Tokenizer(vocab=vocab, extra_ids=0, model_max_length=77)


def text_encoder(kind: Any = CLIPTextModel, size: int = 512) -> Any:
    """A text encoder of CLIP's class, or of another class that takes its configuration."""
    config = CLIPTextConfig(
        bos_token_id=size,
        eos_token_id=size + 1,
        pad_token_id=size + 1,
        hidden_size=WIDTH,
        intermediate_size=37,
        num_attention_heads=4,
        num_hidden_layers=2,
        vocab_size=len(clip_tokenizer()),
        projection_dim=WIDTH,
        hidden_act="gelu",
    )
    return kind(config).eval()


def t5_encoder() -> T5EncoderModel:
    """A text encoder of T5's class."""
    config = T5Config(
        d_model=WIDTH, d_ff=37, d_kv=8, num_heads=4, num_layers=2, vocab_size=len(t5_tokenizer()), num_decoder_layers=1
    )
    return T5EncoderModel(config).eval()


def autoencoder(channels: int = 4) -> AutoencoderKL:
    """An autoencoder that makes pictures 8 times smaller."""
    blocks: dict[str, Any] = {
        "block_out_channels": (8,) * 4,
        "down_block_types": ("DownEncoderBlock2D",) * 4,
        "up_block_types": ("UpDecoderBlock2D",) * 4,
    }
    return AutoencoderKL(
        **blocks,
        latent_channels=channels,
        layers_per_block=1,
        norm_num_groups=4,
        shift_factor=0.1,
        use_quant_conv=channels == 4,
        use_post_quant_conv=channels == 4,
    ).eval()


_BLOCKS: dict[str, Any] = {
    "block_out_channels": (8, 16),
    "down_block_types": ("CrossAttnDownBlock2D", "DownBlock2D"),
    "layers_per_block": 1,
    "norm_num_groups": 4,
    "attention_head_dim": 2,
}
_XL_BLOCKS: dict[str, Any] = {
    **_BLOCKS,
    "down_block_types": ("DownBlock2D", "CrossAttnDownBlock2D"),
    "addition_embed_type": "text_time",
    "addition_time_embed_dim": 8,
    "transformer_layers_per_block": (1, 2),
    "projection_class_embeddings_input_dim": 6 * 8 + WIDTH,
    "cross_attention_dim": 2 * WIDTH,
    "use_linear_projection": True,
}


def unet() -> UNet2DConditionModel:
    """A UNet of the layout of SD 1.x."""
    ups = ("UpBlock2D", "CrossAttnUpBlock2D")
    return UNet2DConditionModel(sample_size=8, cross_attention_dim=WIDTH, up_block_types=ups, **_BLOCKS).eval()


def xl_unet() -> UNet2DConditionModel:
    """A UNet of the layout of SDXL."""
    return UNet2DConditionModel(sample_size=8, up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"), **_XL_BLOCKS).eval()


def sd15_components() -> dict[str, Any]:
    """Components of SD 1.5."""
    torch.manual_seed(0)
    return {
        "vae": autoencoder(),
        "text_encoder": text_encoder(),
        "tokenizer": clip_tokenizer(),
        "unet": unet(),
        "scheduler": DDIMScheduler(clip_sample=False, set_alpha_to_one=False, steps_offset=1),
        "safety_checker": None,
        "feature_extractor": None,
    }


def sd15() -> StableDiffusionPipeline:
    """Stable Diffusion 1.5, text to image."""
    return StableDiffusionPipeline(**sd15_components(), requires_safety_checker=False)


def sd15_control() -> StableDiffusionControlNetPipeline:
    """Stable Diffusion 1.5 with a ControlNet."""
    parts = sd15_components()
    controlnet = ControlNetModel(cross_attention_dim=WIDTH, conditioning_embedding_out_channels=(4, 4, 8, 8), **_BLOCKS)
    return StableDiffusionControlNetPipeline(**parts, controlnet=_awake(controlnet), requires_safety_checker=False)


def sdxl_components() -> dict[str, Any]:
    """Components of SDXL."""
    torch.manual_seed(0)
    return {
        "vae": autoencoder(),
        "text_encoder": text_encoder(CLIPTextModelWithProjection),
        "text_encoder_2": text_encoder(CLIPTextModelWithProjection),
        "tokenizer": clip_tokenizer(),
        "tokenizer_2": clip_tokenizer(),
        "unet": xl_unet(),
        "scheduler": EulerDiscreteScheduler(beta_start=0.00085, beta_end=0.012, steps_offset=1),
    }


def xl_controlnet() -> ControlNetModel:
    """A ControlNet of SDXL."""
    return _awake(ControlNetModel(conditioning_embedding_out_channels=(4, 4, 8, 8), **_XL_BLOCKS))


def sdxl_control() -> StableDiffusionXLControlNetPipeline:
    """SDXL with a ControlNet."""
    return StableDiffusionXLControlNetPipeline(**sdxl_components(), controlnet=xl_controlnet(), add_watermarker=False)


def flux_control() -> FluxControlNetPipeline:
    """Flux with a ControlNet."""
    torch.manual_seed(0)
    size: dict[str, Any] = {
        "in_channels": 16,
        "num_layers": 1,
        "num_single_layers": 1,
        "attention_head_dim": 16,
        "num_attention_heads": 2,
        "joint_attention_dim": WIDTH,
        "pooled_projection_dim": WIDTH,
        "axes_dims_rope": (4, 4, 8),
    }
    return FluxControlNetPipeline(
        scheduler=FlowMatchEulerDiscreteScheduler(),
        vae=autoencoder(4),
        text_encoder=text_encoder(),
        tokenizer=clip_tokenizer(),
        text_encoder_2=t5_encoder(),
        tokenizer_2=t5_tokenizer(),
        transformer=FluxTransformer2DModel(**size).eval(),
        controlnet=_awake(FluxControlNetModel(**size)),
    )


def sd3_control() -> StableDiffusion3ControlNetPipeline:
    """Stable Diffusion 3 with a ControlNet."""
    torch.manual_seed(0)
    size: dict[str, Any] = {
        "sample_size": 32,
        "in_channels": 8,
        "num_layers": 2,
        "attention_head_dim": 8,
        "num_attention_heads": 4,
        "joint_attention_dim": 32,
        "caption_projection_dim": 32,
        "pooled_projection_dim": 2 * WIDTH,
        "out_channels": 8,
    }
    return StableDiffusion3ControlNetPipeline(
        scheduler=FlowMatchEulerDiscreteScheduler(),
        vae=autoencoder(8),
        text_encoder=text_encoder(CLIPTextModelWithProjection),
        tokenizer=clip_tokenizer(),
        text_encoder_2=text_encoder(CLIPTextModelWithProjection),
        tokenizer_2=clip_tokenizer(),
        text_encoder_3=t5_encoder(),
        tokenizer_3=t5_tokenizer(),
        transformer=SD3Transformer2DModel(**size).eval(),
        controlnet=_awake(SD3ControlNetModel(**size)),
    )


def _awake(controlnet: Any) -> Any:
    """Give the zero layers of a new ControlNet values, so that its map shows in the picture."""
    for parameter in controlnet.parameters():
        if not parameter.any():
            torch.nn.init.normal_(parameter, std=0.2)
    return controlnet.eval()
