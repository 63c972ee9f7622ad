"""`BaseLayout`: the sizes of a base model's UNet that an adapter has to fit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal, get_args

from diffusers.models.attention_processor import Attention
from torch import nn

Base = Literal["sd1", "sdxl"]
"""Families of base models: Stable Diffusion 1.x and Stable Diffusion XL, at any width."""

BASES: tuple[Base, ...] = get_args(Base)
"""All families."""


@dataclass(frozen=True, kw_only=True)
class BaseLayout:
    """Sizes of a UNet. Layers are its text cross-attentions in the order in which they run: down, middle, up.

    Attributes:
        base: Family.
        feature_channels: Channels of each down block.
        feature_factors: How many times smaller than the latents each down block's feature is.
        layer_channels: Channels of the queries of each layer.
        layer_heads: Attention heads of each layer.
    """

    base: Base
    feature_channels: tuple[int, ...]
    feature_factors: tuple[int, ...]
    layer_channels: tuple[int, ...]
    layer_heads: tuple[int, ...]

    @classmethod
    def of(cls, unet: nn.Module) -> BaseLayout:
        """Return the layout of a UNet.

        Args:
            unet: A `UNet2DConditionModel`.

        Raises:
            ValueError: It is of another family, or draws from more than noise, as those for inpainting do.
        """
        config: Any = getattr(unet, "config", None)
        blocks = tuple(getattr(config, "down_block_types", ()))
        base = _base(config) if blocks else None
        if base is None or not set(blocks) <= {"DownBlock2D", "CrossAttnDownBlock2D"}:
            found = f"{type(unet).__name__} with the down blocks {', '.join(blocks) or 'of no name'}"
            raise ValueError(
                f"`unet` is {found}; accepted are UNets of the layouts of Stable Diffusion 1.x and XL, at any width."
            )
        if config.in_channels != config.out_channels:
            raise ValueError(
                f"`unet` takes {config.in_channels} channels and gives {config.out_channels}, as those for inpainting "
                "do; accepted are UNets that draw from noise alone."
            )
        last = len(blocks) - 1
        # A block without attention hands over its feature after it has made it smaller.
        factors = (2 ** (k + (kind == "DownBlock2D" and k < last)) for k, kind in enumerate(blocks))
        layers = [layer for _, layer in attention_layers(unet)]
        return cls(
            base=base,
            feature_channels=tuple(config.block_out_channels),
            feature_factors=tuple(factors),
            layer_channels=tuple(layer.inner_dim for layer in layers),
            layer_heads=tuple(layer.heads for layer in layers),
        )

    def difference(self, other: BaseLayout) -> str:
        """Return the first difference to another layout in words, or "".

        Args:
            other: The layout to compare with.
        """
        for name in ("base", "feature_channels", "feature_factors", "layer_channels", "layer_heads"):
            mine, others = getattr(self, name), getattr(other, name)
            if mine != others:
                return f"`{name}` {mine} instead of {others}"
        return ""


def attention_layers(unet: nn.Module) -> Iterator[tuple[str, Attention]]:
    """Yield name and module of each text cross-attention of a UNet, in the order in which they run.

    Args:
        unet: A `UNet2DConditionModel`.
    """
    # `torch.compile` puts a module of its own round the UNet, or round any part of it.
    named = ((f"{name}.".replace("_orig_mod.", "")[:-1], part) for name, part in unet.named_modules())
    found = [(name, part) for name, part in named if name.endswith("attn2")]
    order = ("down_blocks", "mid_block", "up_blocks")
    for place in order:
        for name, part in found:
            if name.startswith(place) and isinstance(part, Attention):
                yield name, part


def _base(config: Any) -> Base | None:
    if getattr(config, "class_embed_type", None) or getattr(config, "num_class_embeds", None):
        return None
    bases: dict[str | None, Base] = {None: "sd1", "text_time": "sdxl"}
    return bases.get(getattr(config, "addition_embed_type", None))
