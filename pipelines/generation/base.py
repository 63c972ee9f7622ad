"""Base models: where they lie, which layout they have, and how they are loaded."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from auface.pipelines.generation.request import MINI, PictureRequest

_XL_KEYS = ("conditioner.embedders.1.", "conditioner.embedders.0.transformer.")
_SD1_KEY = "cond_stage_model.transformer."
_PRINTED = 1 << 16  # bytes at each end of a weights file that tell it from others


def load_base(request: PictureRequest) -> Any:
    """Return the pipeline of a request's base, with its adapter and LoRAs, on the request's device.

    Args:
        request: What is asked for.

    Raises:
        ValueError: The base, the adapter or a LoRA is missing, damaged, or of another layout.
        ImportError: peft is missing, for a LoRA.
    """
    import torch

    quiet_libraries()
    _check_device(request.device)
    dtype = getattr(torch, request.precision)
    pipe = _loaded(request.base, dtype)
    _check_layout(request.base, pipe)
    pipe.set_progress_bar_config(disable=True)
    if request.adapter is not None:
        _load_adapter(pipe, request.adapter)
    for place, (file, _) in enumerate(request.loras):
        _load_lora(pipe, file, f"lora{place}")
    if request.loras:
        pipe.set_adapters(
            [f"lora{place}" for place in range(len(request.loras))], [scale for _, scale in request.loras]
        )
    return pipe.to(request.device)


def quiet_libraries() -> None:
    """Keep off the screen what diffusers and transformers say of their own: hints, and a bar for each file."""
    from diffusers.utils import logging as diffusers_logging
    from transformers.utils import logging as transformers_logging

    for library in (diffusers_logging, transformers_logging):
        library.set_verbosity_error()
        library.disable_progress_bar()


def base_print(base: str) -> str | None:
    """Return a short text that other weights under the same name do not have; None for a name on the hub.

    Names, sizes, and both ends of each weights file go into it, so that it takes no time for large models.

    Args:
        base: `auface-mini`, a folder, or a file.
    """
    place = mini_place() if base == MINI else Path(base)
    files = sorted(place.rglob("*.safetensors")) if place.is_dir() else [place] if place.is_file() else []
    if not files:
        return None
    found = hashlib.sha256()
    for file in files:
        size = file.stat().st_size
        found.update(f"{file.name} {size}\n".encode())
        with file.open("rb") as source:
            found.update(source.read(_PRINTED))
            source.seek(max(0, size - _PRINTED))
            found.update(source.read(_PRINTED))
    return found.hexdigest()[:16]


def mini_place() -> Path:
    """Return the folder of the embedded default model."""
    from auface.pipelines.mini import mini_folder

    return mini_folder()


def _loaded(base: str, dtype: Any) -> Any:
    place = mini_place() if base == MINI else Path(base)
    if place.is_file():
        return _guarded(base, lambda: _pipeline(_file_layout(place)).from_single_file(str(place), dtype=dtype))
    if place.is_dir():
        return _guarded(base, lambda: _pipeline(_folder_layout(place)).from_pretrained(str(place), dtype=dtype))
    if place.suffix or place.is_absolute() or base.startswith(".") or base.count("/") != 1:
        raise ValueError(
            f"`--base` is {base!r}, where nothing is; accepted are {MINI}, a folder in diffusers' layout, a "
            ".safetensors file, or a name on the hub such as 'owner/model'."
        )
    return _guarded(base, lambda: _pipeline(_hub_layout(base)).from_pretrained(base, dtype=dtype))


def _pipeline(layout: str) -> Any:
    if layout == "sd1":
        from auface.pipelines import AUFacePipeline

        return AUFacePipeline
    from auface.pipelines import AUFaceXLPipeline

    return AUFaceXLPipeline


def _guarded(base: str, load: Any) -> Any:
    """Load a model, and say in one line what is wrong with it."""
    from safetensors import SafetensorError

    try:
        return load()
    except (ValueError, OSError, SafetensorError, RuntimeError, KeyError, TypeError, AttributeError) as error:
        said = str(error).strip().splitlines()
        if said and said[0].startswith("`--base`"):
            raise
        raise ValueError(f"`--base` is {base!r}, which cannot be loaded: {said[0] if said else error!r}") from None


def _folder_layout(folder: Path) -> str:
    index = folder / "model_index.json"
    if not index.is_file():
        raise ValueError(f"`--base` is {str(folder)!r}, a folder without model_index.json; accepted is one with it.")
    try:
        found = json.loads(index.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"`--base` is {str(folder)!r}, whose model_index.json is damaged: {error}") from None
    return _layout(str(folder), found)


def _hub_layout(name: str) -> str:
    from auface.pipelines import AUFacePipeline

    return _layout(name, AUFacePipeline.load_config(name))


def _layout(base: str, index: Any) -> str:
    """Return the layout by the parts that a pipeline has: SDXL has two text encoders."""
    if not isinstance(index, dict) or "unet" not in index or "text_encoder" not in index:
        kind = index.get("_class_name") if isinstance(index, dict) else None
        raise ValueError(
            f"`--base` is {base!r}, a {kind}; accepted are models in the layout of Stable Diffusion 1.x or SDXL. For "
            "others, `expression_to_controls` makes maps for their ControlNets."
        )
    return "sdxl" if "text_encoder_2" in index else "sd1"


def _file_layout(file: Path) -> str:
    from safetensors import SafetensorError, safe_open

    if file.suffix != ".safetensors":
        raise ValueError(f"`--base` is {str(file)!r}; accepted is a .safetensors file, which can hold no code.")
    try:
        with safe_open(file, "pt") as weights:
            names = list(weights.keys())
    except (SafetensorError, OSError) as error:
        raise ValueError(f"`--base` is {str(file)!r}, which is damaged or cut off: {error}.") from None
    if any(name.startswith(_XL_KEYS) for name in names):
        return "sdxl"
    if any(name.startswith(_SD1_KEY) for name in names):
        return "sd1"
    raise ValueError(
        f"`--base` is {str(file)!r}, no whole checkpoint of Stable Diffusion 1.x or SDXL; accepted is one with UNet, "
        "VAE and text encoder."
    )


def _check_layout(base: str, pipe: Any) -> None:
    """Refuse models that have the parts of a known layout, but another UNet."""
    from auface.pipelines.adapter.layout import BaseLayout

    try:
        BaseLayout.of(pipe.unet)
    except ValueError as error:
        raise ValueError(f"`--base` is {base!r}, which cannot draw here: {error}") from None


def _load_adapter(pipe: Any, file: str) -> None:
    """Give a pipeline an adapter from a file or a folder; what is wrong with it is one line."""
    if not Path(file).exists() and (Path(file).suffix or Path(file).is_absolute() or file.count("/") != 1):
        raise ValueError(
            f"`--adapter` is {file!r}, where nothing is; accepted are an adapter's .safetensors file, its folder, or a "
            "name on the hub such as 'owner/adapter'."
        )
    try:
        pipe.load_adapter(file)
    except (ValueError, OSError, RuntimeError, KeyError, TypeError) as error:
        said = " ".join(str(error).split())
        raise ValueError(f"`--adapter` is {file!r}, which cannot be used with this base: {said}") from None


def _load_lora(pipe: Any, file: str, name: str) -> None:
    from safetensors import SafetensorError

    path = Path(file)
    if not path.is_file():
        raise ValueError(f"`--lora` is {file!r}, where no file is; accepted is a .safetensors file, or FILE:SCALE.")
    try:
        pipe.load_lora_weights(str(path.parent), weight_name=path.name, adapter_name=name)
    except ImportError:
        raise ImportError("LoRAs need peft, which auface[train] brings") from None
    except (ValueError, OSError, SafetensorError, RuntimeError, KeyError, IndexError, AttributeError) as error:
        said = str(error).strip().splitlines()
        raise ValueError(
            f"`--lora` is {file!r}, which does not fit this base: {said[0] if said else error!r}"
        ) from None
    if name not in {one for part in pipe.get_list_adapters().values() for one in part}:
        raise ValueError(f"`--lora` is {file!r}, which holds nothing for this base; accepted is a LoRA for its layout.")


def _check_device(device: str) -> None:
    import torch

    try:
        torch.empty(1, device=device)
    except (RuntimeError, AssertionError) as error:
        said = str(error).splitlines()[0]
        raise ValueError(f"`--device` is {device!r}, which cannot be used here: {said}") from None
