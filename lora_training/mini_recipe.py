"""`MiniRecipe`: everything that decides how auface-mini is trained, in one JSON file; `recipes/` has two."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, TypeVar

from auface.lora_training.mini_autoencoder import AutoencoderConfig
from auface.lora_training.mini_unet import UNetConfig

_T = TypeVar("_T")


@dataclass(frozen=True, kw_only=True)
class StageConfig:
    """How long and how fast a stage learns.

    Attributes:
        steps: Steps in all.
        learning_rate: The highest.
        warmup: Steps in which the learning rate rises.
        averaging: Decay of the averaged weights for each step.
        weight_decay: Of AdamW.
    """

    steps: int
    learning_rate: float
    warmup: int = 100
    averaging: float = 0.998
    weight_decay: float = 0.0


@dataclass(frozen=True, kw_only=True)
class MiniRecipe:
    """A recipe.

    Attributes:
        size: Height and width of what the UNet learns to draw, in pixels; a multiple of 64.
        drawn: Height and width that pictures have by default, in pixels; all parts are convolutions and attention, and
            draw somewhat larger pictures than they learned.
        chunk: Pictures whose latents are made at a time and kept in a file of their own.
        chunks: Chunks in all; each goes evenly through the set.
        bfloat16: Compute in bfloat16.
        autoencoder: The autoencoder.
        unet: The UNet, the text encoder and the adapter.
        stages: How `autoencoder`, `decoder` and `unet` learn.
    """

    size: int = 128
    drawn: int = 128
    chunk: int = 1000
    chunks: int = 18
    bfloat16: bool = True
    autoencoder: AutoencoderConfig = field(default_factory=AutoencoderConfig)
    unet: UNetConfig = field(default_factory=UNetConfig)
    stages: dict[str, StageConfig] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in ("size", "drawn"):
            if (value := getattr(self, name)) < 64 or value % 64:
                raise ValueError(f"`{name}` is {value}; accepted are multiples of 64.")
        if set(self.stages) != {"autoencoder", "decoder", "unet"}:
            raise ValueError(f"`stages` are {sorted(self.stages)}; accepted are autoencoder, decoder and unet.")

    @classmethod
    def load(cls, path: Path) -> MiniRecipe:
        """Read a recipe.

        Args:
            path: A JSON file.

        Raises:
            ValueError: The file is not JSON, or a name in it is unknown.
        """
        try:
            data = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise ValueError(f"`recipe` is {str(path)!r}, which cannot be read: {error}") from None
        data["autoencoder"] = _made(AutoencoderConfig, data.get("autoencoder", {}))
        data["unet"] = _made(UNetConfig, data.get("unet", {}))
        data["stages"] = {name: _made(StageConfig, stage) for name, stage in data.get("stages", {}).items()}
        return _made(cls, data)


def _made(kind: type[_T], data: dict[str, Any]) -> _T:
    known = {entry.name for entry in fields(kind)}  # pyright: ignore[reportArgumentType]
    if unknown := sorted(set(data) - known):
        raise ValueError(f"`recipe` has {', '.join(map(repr, unknown))}; accepted are {', '.join(sorted(known))}.")
    return kind(**{name: tuple(value) if isinstance(value, list) else value for name, value in data.items()})
