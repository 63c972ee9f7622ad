"""Write an expression adapter that was trained, with what it was trained from in the file's metadata."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from pathlib import Path

from torch import nn

from auface.lora_training.lora.config import LoraConfig
from auface.lora_training.lora.training_data import PRECISIONS
from auface.pipelines.adapter.file import write_adapter
from auface.pipelines.adapter.model import AUFaceAdapter

_KEPT = (
    "auface.",
    "modelspec.title",
    "modelspec.author",
    "modelspec.license",
    "modelspec.description",
    "modelspec.date",
)


def export_adapter(adapter: AUFaceAdapter, config: LoraConfig, path: Path, metadata: Mapping[str, str]) -> list[Path]:
    """Write an adapter for `AUFacePipeline.load_adapter`, `auface generate --adapter` and ComfyUI; it stays as it is.

    Args:
        adapter: The adapter.
        config: Says the precision of the file.
        path: The file.
        metadata: Of `file_metadata`; what is true of LoRAs alone is left out.

    Returns:
        The file.
    """
    # Not diffusers' own `to`, which warns of types.
    written = copy.deepcopy(adapter)
    nn.Module.to(written, PRECISIONS[config.export_precision])
    about = {key: value for key, value in metadata.items() if key.startswith(_KEPT)}
    return [write_adapter(written, path, about)]
