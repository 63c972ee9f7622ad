"""Blocks for Modular Diffusers: an expression to prompt and map, reading faces, the verdict (docs/modular.md).

Each folder is also a block repository of its own, with `modular_config.json` and `block.py`, as
`ModularPipelineBlocks.from_pretrained` reads it.
"""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from auface.pipelines.modular.expression.block import ExpressionBlock
    from auface.pipelines.modular.recognition.block import RecognitionBlock
    from auface.pipelines.modular.verdict.block import VerdictBlock

_LAZY = {"ExpressionBlock": "expression", "RecognitionBlock": "recognition", "VerdictBlock": "verdict"}


def __getattr__(name: str) -> Any:
    if name in _LAZY:
        return getattr(importlib.import_module(f"{__name__}.{_LAZY[name]}.block"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def block_folder(name: str) -> Path:
    """Return the folder of a block, for `ModularPipelineBlocks.from_pretrained` or for the hub.

    Args:
        name: `expression`, `recognition` or `verdict`.

    Raises:
        ValueError: Another name.
    """
    if name not in _LAZY.values():
        raise ValueError(f"`name` is {name!r}; accepted are {', '.join(map(repr, _LAZY.values()))}.")
    return Path(__file__).parent / name


__all__ = ["ExpressionBlock", "RecognitionBlock", "VerdictBlock", "block_folder"]
