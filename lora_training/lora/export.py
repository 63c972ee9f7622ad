"""Write an adapter as one file that ComfyUI and diffusers load equally strong: kohya's keys, each with `.alpha`.

LoHa and LoKr are written as the plain LoRA that is exactly their product, because diffusers reads no others; a DoRA
needs a second file, because ComfyUI and peft mean different things by its magnitude: ComfyUI divides by the norm of the
base's weight, peft by that of the sum. All layers have the same alpha, and `up` holds what is left of their strength:
diffusers 0.42 loses alphas that differ from layer to layer.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from auface.lora_training.lora.base_model import BaseModel
from auface.lora_training.lora.config import LoraConfig
from auface.lora_training.lora.network import ADAPTER, layers_of, peft_config
from auface.lora_training.lora.training_data import PRECISIONS
from auface.lora_training.whole_file import write_whole

_NEGLIGIBLE = 1e-6  # singular values below this share of the largest are rounding


@dataclass(frozen=True, slots=True, eq=False)
class Pair:
    """The adapter of one layer as a LoRA.

    Attributes:
        key: Kohya's name of the layer.
        up: (out, rank) or (out, rank, 1, 1).
        down: (rank, in) or (rank, in, h, w).
        alpha: The layer adds `alpha / rank * up @ down`.
        magnitude: (out, 1) or (out, 1, 1, 1) of a DoRA, as ComfyUI reads it; None for others.
    """

    key: str
    up: Tensor
    down: Tensor
    alpha: float
    magnitude: Tensor | None


def pairs_of(base: BaseModel) -> Iterator[Pair]:
    """Yield the adapters of all layers of a base.

    Args:
        base: A base with an adapter.
    """
    for prefix, network in base.prefixes.items():
        for name, module in network.named_modules():
            if ADAPTER in getattr(module, "lora_A", ()):
                yield _lora_pair(kohya_key(prefix, name), module)
            elif any(ADAPTER in getattr(module, kind, ()) for kind in ("hada_w1_a", "lokr_w1", "lokr_w1_a")):
                yield _factored(kohya_key(prefix, name), module)


def kohya_key(prefix: str, name: str) -> str:
    """Return kohya's name of a layer.

    Args:
        prefix: `lora_unet`, `lora_te`, `lora_te1` or `lora_te2`.
        name: Dotted name of the layer inside its network.
    """
    if prefix.startswith("lora_te") and not name.startswith("text_model."):
        name = f"text_model.{name}"  # transformers has left this level out since version 5
    return f"{prefix}_{name.replace('.', '_')}"


def export_lora(
    base: BaseModel, config: LoraConfig, path: Path, metadata: Mapping[str, str] | None = None
) -> list[Path]:
    """Write the adapter of a base.

    Args:
        base: A base with an adapter.
        config: The kind of adapter, and the precision of the file.
        path: A .safetensors file.
        metadata: Further metadata; see `metadata.py`.

    Returns:
        The files written: for a DoRA a second one, `NAME.diffusers.safetensors`.

    Raises:
        ValueError: A number is not finite in the precision of the file.
        OSError: The disk is full; a file that was there before is intact.
    """
    from safetensors.torch import save

    precision = PRECISIONS[config.export_precision]
    tensors: dict[str, Tensor] = {}
    for pair in pairs_of(base):
        up = pair.up if pair.alpha == config.alpha else pair.up * (pair.alpha / config.alpha)
        tensors[f"{pair.key}.lora_up.weight"] = _written(up, precision, pair.key)
        tensors[f"{pair.key}.lora_down.weight"] = _written(pair.down, precision, pair.key)
        tensors[f"{pair.key}.alpha"] = torch.tensor(config.alpha, dtype=torch.float32)
        if pair.magnitude is not None:
            tensors[f"{pair.key}.dora_scale"] = _written(pair.magnitude, precision, pair.key)
    about = {"format": "pt", **(metadata or {}), "auface.lora_adapter_metadata": adapter_metadata(base, config)}
    content = save(tensors, about)
    write_whole(path, lambda file: file.write(content))
    if config.algorithm != "dora":
        return [path]
    other = path.with_suffix(".diffusers.safetensors")
    about = {"format": "pt", **(metadata or {}), "lora_adapter_metadata": adapter_metadata(base, config)}
    peft_content = save(_peft_tensors(base, precision), about)
    write_whole(other, lambda file: file.write(peft_content))
    return [path, other]


def adapter_metadata(base: BaseModel, config: LoraConfig) -> str:
    """Return peft's configuration of each network as diffusers writes it, as JSON.

    diffusers 0.42 refuses a file that has both `.alpha` keys and this as `lora_adapter_metadata`; a file with `.alpha`
    therefore carries it under `auface.`.

    Args:
        base: The base.
        config: The kind of adapter.
    """
    found: dict[str, Any] = {}
    for prefix, name in zip(base.prefixes, ("unet", "text_encoder", "text_encoder_2"), strict=False):
        if prefix == "lora_unet" or config.text_encoder:
            settings = peft_config(layers_of(_bare(base.prefixes[prefix]), config), config).to_dict()
            for key, value in settings.items():
                plain = sorted(value) if isinstance(value, set) else value
                if isinstance(plain, str | int | float | bool | list | dict | None):
                    found[f"{name}.{key}"] = plain
    return json.dumps(found, sort_keys=True)


def _bare(network: nn.Module) -> nn.Module:
    """Return a network as it was before the adapter, as far as names and kinds of layers go."""
    from peft.tuners.tuners_utils import BaseTunerLayer

    bare = nn.Module()
    bare.named_modules = lambda *given, **more: (  # pyright: ignore[reportAttributeAccessIssue]
        (name.replace(".base_layer", ""), module)
        for name, module in network.named_modules(*given, **more)
        if not isinstance(module, BaseTunerLayer) and ADAPTER not in name.split(".")
    )
    return bare


def _lora_pair(key: str, module: Any) -> Pair:
    down, up = module.lora_A[ADAPTER].weight.detach(), module.lora_B[ADAPTER].weight.detach()
    rank = down.shape[0]
    magnitude = None
    if ADAPTER in getattr(module, "lora_magnitude_vector", ()):
        base = module.base_layer.weight.detach().float()
        added = (up.flatten(1).float() @ down.flatten(1).float()).reshape(base.shape) * module.scaling[ADAPTER]
        wide = (-1, *[1] * (base.ndim - 1))
        # ComfyUI divides by the norm of the base's weight where peft divides by that of the sum.
        ratio = base.flatten(1).norm(dim=1) / (base + added).flatten(1).norm(dim=1)
        magnitude = (module.lora_magnitude_vector[ADAPTER].weight.detach().flatten() * ratio).reshape(wide)
    return Pair(key, up, down, module.scaling[ADAPTER] * rank, magnitude)


def _factored(key: str, module: Any) -> Pair:
    """Return the LoRA that adds what a LoHa or LoKr adds, of the least rank."""
    added = module.get_delta_weight(ADAPTER).detach().float()
    left, sizes, right = torch.linalg.svd(added.flatten(1), full_matrices=False)
    rank = max(1, int((sizes > _NEGLIGIBLE * sizes[0]).sum()))
    root = sizes[:rank].sqrt()
    up, down = left[:, :rank] * root, root[:, None] * right[:rank]
    if added.ndim == 4:
        up, down = up[..., None, None], down.reshape(rank, *added.shape[1:])
    return Pair(key, up, down, float(rank), None)


def _peft_tensors(base: BaseModel, precision: torch.dtype) -> dict[str, Tensor]:
    found: dict[str, Tensor] = {}
    names = dict(zip(base.prefixes, ("unet", "text_encoder", "text_encoder_2"), strict=False))
    for prefix, network in base.prefixes.items():
        for name, value in network.named_parameters():
            if f".{ADAPTER}" in name:
                if "lora_magnitude_vector" in name:
                    plain = name.replace(f".{ADAPTER}.weight", "")
                else:
                    plain = name.replace(f".{ADAPTER}", "")
                found[f"{names[prefix]}.{plain}"] = _written(value.detach(), precision, name)
    return found


def _written(value: Tensor, precision: torch.dtype, key: str) -> Tensor:
    found = value.to("cpu", precision).contiguous().clone()
    if not torch.isfinite(found).all():
        raise ValueError(f"`export_precision` is {precision}, in which {key} is not finite; accepted is 'float32'.")
    return found
