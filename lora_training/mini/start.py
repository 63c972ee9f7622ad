"""A training run of auface-mini that goes on from finished weights, such as those that AUFace brings along.

The folder `start` of a run holds copies of UNet, text encoder and adapter; `vae` and `tokenizer` are the run's own.
Optimizers begin anew, so it is no substitute for the checkpoint of a run.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from diffusers import UNet2DConditionModel
from torch import nn
from transformers import CLIPTextModel

from auface.pipelines.adapter.model import AUFaceAdapter

_CLASSES: dict[str, Any] = {"unet": UNet2DConditionModel, "text_encoder": CLIPTextModel, "adapter": AUFaceAdapter}


def begin(weights: Path, run: Path) -> None:
    """Copy finished weights into a new run.

    Args:
        weights: A folder that `weights.export` wrote.
        run: Folder of the run.

    Raises:
        ValueError: The weights are incomplete, or the run has begun.
    """
    missing = [name for name in (*_CLASSES, "vae", "tokenizer") if not (weights / name).is_dir()]
    if missing:
        raise ValueError(f"`start` is {str(weights)!r}, which has no {missing[0]}; accepted is a folder of weights.")
    if (run / "vae").exists():
        raise ValueError(f"`run` is {str(run)!r}, which has a vae already; accepted is a folder for a new run.")
    for name in _CLASSES:
        shutil.copytree(weights / name, run / "start" / name, dirs_exist_ok=True)
    for name in ("tokenizer", "vae"):
        shutil.copytree(weights / name, run / name)


def started(part: nn.Module, run: Path, name: str) -> bool:
    """Load a part from the start of a run, if it has one.

    Args:
        part: The part, of the recipe's sizes.
        run: Folder of the run.
        name: `unet`, `text_encoder` or `adapter`.

    Returns:
        Whether it was loaded.

    Raises:
        ValueError: The weights have other sizes than the recipe's.
    """
    folder = run / "start" / name
    if not folder.is_dir():
        return False
    try:
        part.load_state_dict(_CLASSES[name].from_pretrained(folder).float().state_dict())
    except RuntimeError:
        raise ValueError(f"`recipe` has other sizes than {name} of the weights that the run began with.") from None
    return True
