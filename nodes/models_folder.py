"""Where the nodes find models: those that the pack ships, and the folder `models/auface` of ComfyUI.

The folder can be named in ComfyUI's extra_model_paths.yaml, as `auface`.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import folder_paths

import auface

NAME = "auface"
"""The folder's name in ComfyUI."""

folder_paths.add_model_folder_path(NAME, str(Path(folder_paths.models_dir) / NAME))


def shipped_weights() -> Path:
    """Return the folder of the weights that the pack ships."""
    return Path(auface.__file__).parent / "weights"


def folders_with(file: str) -> dict[str, Path]:
    """Return the folders in `models/auface` that hold a file, by name.

    Args:
        file: Name of the file.
    """
    return {path.parent.name: path.parent for root in _roots() for path in sorted(root.glob(f"*/{file}"))}


def safetensors_files() -> dict[str, Path]:
    """Return the safetensors files in `models/auface` itself, by name."""
    return {path.name: path for root in _roots() for path in sorted(root.glob("*.safetensors"))}


def chosen(name: str, value: str, choices: dict[str, Path]) -> Path:
    """Return what a menu's entry stands for.

    Args:
        name: Of the input, for the error.
        value: The entry.
        choices: Entry -> place.

    Raises:
        ValueError: There is no such entry, or nothing is there any more.
    """
    path = choices.get(value)
    if path is None or not path.exists():
        accepted = ", ".join(map(repr, choices)) or "none, because there are no models"
        where = f" ({path} is missing)" if path is not None else ""
        raise ValueError(f"`{name}` is {value!r}{where}; accepted are {accepted}.")
    return path


def _roots() -> Iterator[Path]:
    for folder in folder_paths.get_folder_paths(NAME):
        if Path(folder).is_dir():
            yield Path(folder)
