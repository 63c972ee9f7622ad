"""`ldm_state_dict`: the weights of a Stable Diffusion 1.x pipeline of any width under the names of one original file.

The names are those of CompVis' latent diffusion, which ComfyUI and others read. The blocks may have any number and
width, as those of auface-mini have; a program that only knows the sizes of Stable Diffusion has to be told.
"""

from __future__ import annotations

import re
from typing import Any

from torch import Tensor, nn

_RESNET = {
    "norm1": "in_layers.0",
    "conv1": "in_layers.2",
    "time_emb_proj": "emb_layers.1",
    "norm2": "out_layers.0",
    "conv2": "out_layers.3",
    "conv_shortcut": "skip_connection",
}
_ENDS = {
    "conv_in": "input_blocks.0.0",
    "time_embedding.linear_1": "time_embed.0",
    "time_embedding.linear_2": "time_embed.2",
    "add_embedding.linear_1": "label_emb.0.0",  # sizes and pooled text, in the layout of XL
    "add_embedding.linear_2": "label_emb.0.2",
    "conv_norm_out": "out.0",
    "conv_out": "out.2",
}
_VAE_ATTENTION = {"group_norm": "norm", "to_q": "q", "to_k": "k", "to_v": "v", "to_out.0": "proj_out"}


def ldm_state_dict(unet: nn.Module, vae: nn.Module, text_encoder: nn.Module) -> dict[str, Tensor]:
    """Return all weights of a pipeline, as in one original checkpoint.

    Args:
        unet: A `UNet2DConditionModel` of the layout of Stable Diffusion 1.x.
        vae: An `AutoencoderKL`.
        text_encoder: A `CLIPTextModel`.
    """
    text = {name.removeprefix("text_model."): value for name, value in text_encoder.state_dict().items()}
    return {
        **{f"model.diffusion_model.{name}": value for name, value in ldm_unet(unet).items()},
        **{f"first_stage_model.{name}": value for name, value in ldm_vae(vae).items()},
        **{f"cond_stage_model.transformer.text_model.{name}": value for name, value in text.items()},
    }


def ldm_unet(unet: nn.Module) -> dict[str, Tensor]:
    """Return the weights of a UNet under their original names.

    Args:
        unet: A `UNet2DConditionModel` of the layout of Stable Diffusion 1.x or XL.

    Raises:
        ValueError: It has a part that the layout has no name for.
    """
    config: Any = unet.config
    layers = config.layers_per_block
    if not isinstance(layers, int):
        raise ValueError(f"`unet` has {layers} layers by block; accepted is one number for all.")
    attentive = [kind.startswith("CrossAttn") for kind in config.up_block_types]
    return {_unet_name(name, layers + 1, attentive): value for name, value in unet.state_dict().items()}


def _unet_name(name: str, stride: int, attentive: list[bool]) -> str:
    part, _, kind = name.rpartition(".")
    if part in _ENDS:
        return f"{_ENDS[part]}.{kind}"
    if found := re.fullmatch(r"mid_block\.(resnets|attentions)\.(\d)\.(.+)", name):
        group, number, rest = found[1], int(found[2]), found[3]
        return f"middle_block.1.{rest}" if group == "attentions" else f"middle_block.{2 * number}.{_resnet(rest)}"
    if found := re.fullmatch(r"(down|up)_blocks\.(\d+)\.(\w+)\.(\d+)\.(.+)", name):
        way, level, group, number, rest = found[1], int(found[2]), found[3], int(found[4]), found[5]
        place = level * stride + number + (way == "down")
        block = f"{'input' if way == 'down' else 'output'}_blocks.{place}"
        if group == "resnets":
            return f"{block}.0.{_resnet(rest)}"
        if group == "attentions":
            return f"{block}.1.{rest}"
        if group == "downsamplers":
            return f"input_blocks.{(level + 1) * stride}.0.op.{kind}"
        if group == "upsamplers":
            return f"output_blocks.{(level + 1) * stride - 1}.{1 + attentive[level]}.conv.{kind}"
    raise ValueError(f"`unet` has {name!r}; accepted are the parts of Stable Diffusion 1.x and XL.")


def _resnet(rest: str) -> str:
    part, _, kind = rest.rpartition(".")
    return f"{_RESNET[part]}.{kind}"


def ldm_vae(vae: nn.Module) -> dict[str, Tensor]:
    """Return the weights of an autoencoder under their original names.

    Args:
        vae: An `AutoencoderKL`.
    """
    config: Any = vae.config
    last = len(config.block_out_channels) - 1
    named = ((_vae_name(name, last), value) for name, value in vae.state_dict().items())
    # What is a linear layer there was a convolution of 1 by 1 in the original.
    return {name: value[:, :, None, None] if ".attn_1." in name and value.ndim == 2 else value for name, value in named}


def _vae_name(name: str, last: int) -> str:
    name = name.replace("conv_norm_out", "norm_out").replace("conv_shortcut", "nin_shortcut")
    if found := re.fullmatch(r"(\w+)\.mid_block\.resnets\.(\d)\.(.+)", name):
        return f"{found[1]}.mid.block_{int(found[2]) + 1}.{found[3]}"
    if found := re.fullmatch(r"(\w+)\.mid_block\.attentions\.0\.(.+)\.(\w+)", name):
        return f"{found[1]}.mid.attn_1.{_VAE_ATTENTION[found[2]]}.{found[3]}"
    if found := re.fullmatch(r"(\w+)\.(down|up)_blocks\.(\d+)\.(\w+)\.(\d+)\.(.+)", name):
        coder, way, level, group, number, rest = found.groups()
        place = int(level) if way == "down" else last - int(level)  # the original counts resolutions from the full one
        if group == "resnets":
            return f"{coder}.{way}.{place}.block.{number}.{rest}"
        return f"{coder}.{way}.{place}.{way}sample.{rest}"
    return name
