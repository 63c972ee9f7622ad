"""`AdapterPatch`: lets ComfyUI's UNet hear an adapter, by a wrapper of the diffusion model and by patches inside of it.

For every step of every cond that carries a face, the wrapper puts two kinds of patches into the options of that call
alone: one adds features to the blocks of the way down, one adds what queries find in expression tokens to each text
cross-attention (decoupled, arXiv 2308.06721). Patches that are there already, those of IP-Adapters too, do their work
as before. A cond without a face runs as if there were no adapter.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import comfy.ldm.modules.attention
import torch
from comfy.ldm.modules.attention import SpatialTransformer
from torch import Tensor, nn

from auface.pipelines.adapter.maps import face_maps
from auface.pipelines.adapter.output import AdapterOutput, per_row

from .adapter_network import AdapterNetwork
from .told_face import Told, unpacked

Block = tuple[Any, ...]
"""ComfyUI's name of a place in the UNet: ("input", 1), or ("input", 1, 0) for a transformer in it."""

_FACTOR = 8  # pixels of the picture along a side of a pixel of the latents


class AdapterPatch:
    """A wrapper for `WrappersMP.DIFFUSION_MODEL`.

    Args:
        network: The adapter.
        name: Name under which faces ride in conditioning.
    """

    def __init__(self, network: AdapterNetwork, name: str) -> None:
        self.network, self.name = network, name
        self._last: tuple[Tensor, tuple[int, int], AdapterOutput] | None = None

    def __call__(
        self,
        executor: Any,
        x: Tensor,
        timesteps: Tensor,
        context: Tensor | None = None,
        y: Tensor | None = None,
        control: Any = None,
        transformer_options: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> Tensor:
        """Run the UNet for one batch.

        Args:
            executor: What comes next: other wrappers, then the UNet.
            x: (rows, channels, height, width) latents.
            timesteps: (rows,).
            context: Of the text.
            y: Of other conditions.
            control: Of ControlNets.
            transformer_options: ComfyUI's options of this call.
            **kwargs: Further conditions; ours under `name`.
        """
        options, bits = transformer_options or {}, kwargs.pop(self.name, None)
        if bits is not None:
            height, width = _FACTOR * x.shape[2], _FACTOR * x.shape[3]
            sigma = float(options["sigmas"].max())
            told = unpacked(bits, sigma, height, width, self.network.config["condition_vectors"])
            if bool(told.tokens.any()) or bool(told.features.any()):
                output = self._output(bits, told, height, width)
                options = self._patched(options, executor.class_obj, output, told)
        return executor(x, timesteps, context, y, control, options, **kwargs)

    def forget(self, *_: Any) -> None:
        """Let go of what the last picture needed."""
        self._last = None

    def _output(self, bits: Tensor, told: Told, height: int, width: int) -> AdapterOutput:
        """Run the adapter, once for all steps of a picture."""
        if self._last is not None and self._last[1] == (height, width) and torch.equal(self._last[0], bits):
            return self._last[2]
        device = self.network.encoder.place.device
        maps = face_maps(told.landmarks.cpu(), height, width).to(device)
        output = self.network(maps, told.vectors.to(device))
        self._last = (bits, (height, width), output)
        return output

    def _patched(self, options: dict[str, Any], unet: nn.Module, output: AdapterOutput, told: Told) -> dict[str, Any]:
        """Return the options of a call with the adapter's patches in it."""
        features = dict(zip(feature_places(unet, self.network.config), output.features, strict=True))

        def add_feature(h: Tensor, extra: dict[str, Any]) -> Tensor:
            feature = features.get(tuple(extra["block"]))
            return h if feature is None else h + (feature * per_row(told.features, feature)).to(h)

        patches = {name: list(several) for name, several in options.get("patches", {}).items()}
        patches.setdefault("input_block_patch", []).append(add_feature)
        replaced = {name: dict(places) for name, places in options.get("patches_replace", {}).items()}
        attentions = replaced.setdefault("attn2", {})
        for (place, heads), key, value in zip(attention_places(unet), output.keys, output.values, strict=True):
            before = attentions.get(place) or attentions.get(place[:2])
            attentions[place] = _attention(before, heads, key, value, told.tokens)
        return {**options, "patches": patches, "patches_replace": replaced}


def attention_places(unet: nn.Module) -> Iterator[tuple[Block, int]]:
    """Yield place and number of heads of each text cross-attention of ComfyUI's UNet, in the order in which they run.

    Args:
        unet: A `UNetModel`.
    """
    for name, blocks in _parts(unet):
        for number, block in enumerate(blocks):
            for part in block:
                if isinstance(part, SpatialTransformer):
                    for depth, transformer in enumerate(part.transformer_blocks):
                        yield (name, number, depth), transformer.attn2.heads


def feature_places(unet: nn.Module, config: dict[str, Any]) -> list[Block]:
    """Return after which block of ComfyUI's UNet each feature of an adapter is added.

    Args:
        unet: A `UNetModel`.
        config: Of the adapter.
    """
    places: list[Block] = []
    at, levels = 1, len(config["feature_channels"])
    for level, count in enumerate(unet.num_res_blocks):  # type: ignore[union-attr, arg-type]
        attends = any(isinstance(part, SpatialTransformer) for part in unet.input_blocks[at])  # type: ignore[index]
        # A level without attention hands over its feature after it has made it smaller; the last one does not.
        down = not attends and level < levels - 1
        places.append(("input", at + count - 1 + down))
        at += count + 1
    return places


def difference(unet: nn.Module, config: dict[str, Any]) -> str:
    """Return in words what of an adapter does not fit a UNet, or "".

    Args:
        unet: Any diffusion model of ComfyUI.
        config: Of the adapter.
    """
    if not hasattr(unet, "input_blocks") or not hasattr(unet, "num_res_blocks"):
        return "the model has no UNet of Stable Diffusion"
    if (config["base"] == "sdxl") != (unet.num_classes is not None):
        return f"the adapter is for {config['base']}"
    found = [transformer.attn2 for transformer in _transformers(unet)]
    layers = [(layer.to_q.out_features, layer.heads) for layer in found]
    wanted = list(zip(config["layer_channels"], config["layer_heads"], strict=True))
    if layers != wanted:
        return f"it has {len(layers)} layers of attention of {sorted({a for a, _ in layers})} channels, not " + (
            f"{len(wanted)} of {sorted({a for a, _ in wanted})}"
        )
    channels = [unet.model_channels * factor for factor in unet.channel_mult]  # type: ignore[union-attr, operator]
    if channels != list(config["feature_channels"]):
        return f"its blocks have {channels} channels, not {list(config['feature_channels'])}"
    return "" if config["latent_factor"] == _FACTOR else "its latents are of another size"


def _attention(
    before: Callable[..., Tensor] | None, heads: int, key: Tensor, value: Tensor, scale: Tensor
) -> Callable[..., Tensor]:
    def attend(q: Tensor, k: Tensor, v: Tensor, extra: dict[str, Any]) -> Tensor:
        attention = comfy.ldm.modules.attention.optimized_attention
        if before is not None:
            plain = before(q, k, v, extra)
        else:
            plain = attention(q, k, v, heads, attn_precision=extra.get("attn_precision"))
        query, keys, values = (part.to(q).unflatten(-1, (heads, -1)).transpose(1, 2) for part in (q, key, value))
        found = nn.functional.scaled_dot_product_attention(query, keys, values).transpose(1, 2).flatten(2)
        return plain + found * per_row(scale.to(found.device), found)

    return attend


def _parts(unet: nn.Module) -> list[tuple[str, Any]]:
    return [("input", unet.input_blocks), ("middle", [unet.middle_block]), ("output", unet.output_blocks)]


def _transformers(unet: nn.Module) -> Iterator[Any]:
    for _, blocks in _parts(unet):
        for block in blocks:
            for part in block if block is not None else ():
                if isinstance(part, SpatialTransformer):
                    yield from part.transformer_blocks
