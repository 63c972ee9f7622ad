"""`MiniRecipe`: everything that decides how auface-mini is trained, in one JSON file; `recipes/` has some."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, TypeVar

from .autoencoder import AutoencoderConfig
from .facts import TextConfig
from .unet import UNetConfig

_T = TypeVar("_T")

_NEEDED = {"autoencoder", "decoder", "unet"}
_STAGES = {*_NEEDED, "text", "adapter"}


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
        also: Further sizes that the UNet learns, in turn with `size`: smaller ones are quicker to learn from. One that
            is there twice comes twice as often.
        drawn: Height and width that pictures have by default, in pixels; all parts are convolutions and attention, and
            draw somewhat larger pictures than they learned.
        every: Only each so-many-th picture of the set is used.
        chunk: Pictures whose latents are made at a time and kept in a file of their own.
        chunks: Chunks in all; each goes evenly through the set.
        bfloat16: Compute in bfloat16.
        autoencoder: The autoencoder.
        text: The text encoder alone.
        unet: The UNet, the text encoder and the adapter.
        stages: How `autoencoder`, `decoder` and `unet` learn, and `text` and `adapter` where these stages are used.
    """

    size: int = 128
    also: tuple[int, ...] = ()
    drawn: int = 128
    every: int = 1
    chunk: int = 1000
    chunks: int = 18
    bfloat16: bool = True
    autoencoder: AutoencoderConfig = field(default_factory=AutoencoderConfig)
    text: TextConfig = field(default_factory=TextConfig)
    unet: UNetConfig = field(default_factory=UNetConfig)
    stages: dict[str, StageConfig] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name, value in (("size", self.size), ("drawn", self.drawn), *(("also", value) for value in self.also)):
            if value < 64 or value % 64:
                raise ValueError(f"`{name}` is {value}; accepted are multiples of 64.")
        if self.every < 1:
            raise ValueError(f"`every` is {self.every}; accepted are numbers from 1.")
        if not _NEEDED <= set(self.stages) <= _STAGES:
            raise ValueError(
                f"`stages` are {sorted(self.stages)}; accepted are autoencoder, decoder and unet, and beside them "
                "text and adapter."
            )

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
        data["text"] = _made(TextConfig, data.get("text", {}))
        data["unet"] = _made(UNetConfig, data.get("unet", {}))
        data["stages"] = {name: _made(StageConfig, stage) for name, stage in data.get("stages", {}).items()}
        return _made(cls, data)


def _made(kind: type[_T], data: dict[str, Any]) -> _T:
    known = {entry.name for entry in fields(kind)}  # pyright: ignore[reportArgumentType]
    if unknown := sorted(set(data) - known):
        raise ValueError(f"`recipe` has {', '.join(map(repr, unknown))}; accepted are {', '.join(sorted(known))}.")
    return kind(**{name: tuple(value) if isinstance(value, list) else value for name, value in data.items()})
