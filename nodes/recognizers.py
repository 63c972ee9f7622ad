"""The recognizers that nodes offer, and the one that a node has chosen."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import comfy.model_management
from comfy_api.latest import io

from .models_folder import chosen, safetensors_files, shipped_weights
from .one_thread import use_one_thread

SHIPPED = "auface"
"""What menus call the recognizer that the pack ships."""


def recognizers() -> dict[str, Path]:
    """Return the recognizers that menus offer, by name."""
    found = {name: path for name, path in safetensors_files().items() if name.startswith("recognition")}
    return {SHIPPED: shipped_weights() / "recognition.safetensors", **found}


def recognizer_input() -> io.Input:
    """Return the schema of the choice who reads faces."""
    return io.Combo.Input(
        "recognizer",
        options=list(recognizers()),
        default=SHIPPED,
        advanced=True,
        tooltip="What reads faces. auface comes with the pack; files in models/auface whose names begin with "
        "recognition are listed too.",
    )


def reader_named(name: str) -> Any:
    """Return the `auface.recognition.Recognizer` of a menu's entry; read again only when its file has changed.

    Args:
        name: A name that `recognizers` has.

    Raises:
        ValueError: It is missing or damaged.
    """
    path = chosen("recognizer", name, recognizers())
    return _read(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=1)
def _read(path: Path, changed: int) -> Any:
    from auface.recognition import Recognizer

    reader = Recognizer(weights=path, device=comfy.model_management.get_torch_device())
    for network in (reader.reader.networks.face, reader.reader.networks.finder, reader.reader.networks.geometry):
        use_one_thread(network)
    return reader
