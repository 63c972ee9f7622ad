"""Adapters in one safetensors file each, with what they are made for in its metadata."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import nn

from .layout import BaseLayout
from .model import AUFaceAdapter
from .structure_version import structure_version

FORMAT = "auface.adapter/1"
"""Name and version of the file's layout."""


def write_adapter(adapter: AUFaceAdapter, path: Path | str, about: Mapping[str, str] | None = None) -> Path:
    """Write an adapter with its sizes, base layout, units and structure version; the file is replaced whole.

    Args:
        adapter: The adapter, in any type; the weights are written as they are.
        path: A .safetensors file.
        about: More metadata, such as what it was trained from.

    Raises:
        ValueError: The name does not end in .safetensors.
    """
    from safetensors.torch import save

    target = Path(path)
    if target.suffix != ".safetensors":
        raise ValueError(f"`path` is {str(path)!r}; accepted is a name that ends in .safetensors.")
    config = {name: value for name, value in adapter.config.items() if not name.startswith("_")}
    metadata = {
        **(about or {}),
        "format": FORMAT,
        "base": config["base"],
        "units": json.dumps(config["units"]),
        "structure": config["structure"],
        "config": json.dumps(config),
    }
    tensors = {name: value.detach().cpu().contiguous() for name, value in adapter.state_dict().items()}
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(target.name + ".part")
    part.write_bytes(save(tensors, metadata))
    part.replace(target)
    return target


def read_adapter(path: Path | str, torch_dtype: torch.dtype | None = None) -> AUFaceAdapter:
    """Read an adapter that `write_adapter` wrote.

    Args:
        path: The file.
        torch_dtype: Type of the weights; by default that of the file.

    Raises:
        ValueError: There is no file, it is damaged or cut off, of another kind, or its weights do not fit its sizes.
    """
    from safetensors import SafetensorError, safe_open

    source = Path(path)
    if not source.is_file():
        raise ValueError(f"`path` is {str(path)!r}, where no file is; accepted is an adapter's .safetensors file.")
    try:
        with safe_open(source, "pt") as file:
            metadata: dict[str, str] = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}
    except (SafetensorError, OSError) as error:
        raise ValueError(f"`path` is {str(path)!r}, which is damaged or no safetensors file: {error}.") from None
    if metadata.get("format") != FORMAT:
        raise ValueError(f"`path` is {str(path)!r} of the format {metadata.get('format')!r}; accepted is {FORMAT!r}.")
    try:
        adapter = AUFaceAdapter(**json.loads(metadata["config"]))
        adapter.load_state_dict(
            {name: value.to(torch_dtype or value.dtype) for name, value in tensors.items()}, assign=True
        )
    except (KeyError, TypeError, RuntimeError, ValueError) as error:
        said = str(error).splitlines()[0]
        raise ValueError(f"`path` is {str(path)!r}, whose weights do not fit its sizes: {said}") from None
    adapter.requires_grad_(False).train(False)
    return adapter


def check_fits(adapter: AUFaceAdapter, unet: nn.Module, latent_factor: int) -> None:
    """Refuse an adapter that is for another base model or another structure model.

    Args:
        adapter: The adapter.
        unet: The base's UNet.
        latent_factor: Pixels of the picture along a side of a pixel of the base's latents.

    Raises:
        ValueError: The layouts, the latents or the structure models differ.
    """
    config: Any = adapter.config
    if difference := adapter.layout.difference(BaseLayout.of(unet)):
        raise ValueError(f"`adapter` is for another base model: it has {difference}.")
    if config["latent_factor"] != latent_factor:
        raise ValueError(
            f"`adapter` is for latents {config['latent_factor']} times smaller than the picture; accepted is "
            f"{latent_factor}, as the base's are."
        )
    if config["structure"] != structure_version():
        raise ValueError(
            f"`adapter` was made for the structure model {config['structure']!r}; accepted is {structure_version()!r}, "
            "the installed one."
        )
