"""Checkpoints as safetensors: tensors as they are, and all that is between them as JSON in the file's metadata.

Nothing in such a file can run, unlike in pickle's, and every number comes back bit for bit.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import torch
from torch import Tensor

from auface.lora_training.whole_file import write_whole

NAME = "checkpoint.safetensors"
"""Name of a run's checkpoint."""

FORMAT = "auface.checkpoint/1"
"""Name and version of the layout."""

_OLD = "checkpoint.pt"  # of runs of earlier versions


def write_checkpoint(path: Path, state: Mapping[str, Any]) -> None:
    """Write a state, whole or not at all.

    Args:
        path: The file.
        state: Tensors, numbers, texts, None, and lists, tuples and dictionaries of them.

    Raises:
        TypeError: Something else is in it.
        OSError: The file could not be written; what was there before is intact.
    """
    from safetensors.torch import save

    tensors: dict[str, Tensor] = {}
    tree = json.dumps(_packed(state, tensors))
    content = save(tensors, {"format": FORMAT, "state": tree})
    write_whole(path, lambda file: file.write(content))


def read_checkpoint(path: Path, device: torch.device | str = "cpu") -> dict[str, Any]:
    """Return a state that `write_checkpoint` wrote.

    Args:
        path: The file.
        device: Where its tensors are to be.

    Raises:
        ValueError: It is missing, damaged, or of another kind.
    """
    from safetensors import SafetensorError, safe_open

    if not path.is_file():
        raise ValueError(f"{path} is missing; accepted is the checkpoint of a run{_hint(path)}.")
    # accelerate calls the CPU "cpu:0", which safetensors takes for no device.
    place = torch.device(device)
    name = "cpu" if place.type == "cpu" else str(place)
    try:
        with safe_open(path, "pt", device=name) as file:
            about: dict[str, str] = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}
    except (SafetensorError, OSError) as error:
        raise ValueError(f"{path} is damaged: {error}.") from None
    if about.get("format") != FORMAT:
        raise ValueError(f"{path} is of the format {about.get('format')!r}; accepted is {FORMAT!r}.")
    return cast("dict[str, Any]", _unpacked(json.loads(about["state"]), tensors))


def refuse_old(folder: Path) -> None:
    """Refuse a run of an earlier version, which would otherwise begin anew.

    Args:
        folder: The run.

    Raises:
        ValueError: It has a checkpoint of the earlier layout alone.
    """
    if (folder / _OLD).is_file() and not (folder / NAME).is_file():
        raise ValueError(f"{folder / _OLD} is of an earlier version; accepted is {NAME}{_hint(folder / NAME)}.")


def _hint(path: Path) -> str:
    if not path.with_name(_OLD).is_file():
        return ""
    return f", which `python -m auface.lora_training.old_checkpoint {path.parent}` makes from {_OLD}"


def _packed(value: Any, tensors: dict[str, Tensor]) -> Any:
    """Return a value as JSON, in which a list [kind, ...] stands for what JSON has not."""
    if value is None or isinstance(value, str | bool | int | float):
        return value
    if isinstance(value, Tensor):
        name = str(len(tensors))
        tensors[name] = value.detach().to("cpu", copy=True).contiguous()
        return ["tensor", name]
    if isinstance(value, Mapping):
        pairs = cast("Mapping[Any, Any]", value).items()
        return ["dict", *([_packed(key, tensors), _packed(item, tensors)] for key, item in pairs)]
    if isinstance(value, list | tuple):
        kind = "list" if isinstance(value, list) else "tuple"
        return [kind, *(_packed(item, tensors) for item in cast("list[Any]", value))]
    raise TypeError(
        f"`state` has {type(value).__name__}; accepted are tensors, numbers, texts, None and lists of them."
    )


def _unpacked(value: Any, tensors: Mapping[str, Tensor]) -> Any:
    if not isinstance(value, list):
        return value
    kind, *items = cast("list[Any]", value)
    if kind == "tensor":
        return tensors[items[0]]
    if kind == "dict":
        return {_unpacked(key, tensors): _unpacked(item, tensors) for key, item in items}
    found = [_unpacked(item, tensors) for item in items]
    return found if kind == "list" else tuple(found)
