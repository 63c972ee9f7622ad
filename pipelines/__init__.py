"""Diffusers pipelines, the adapter, and the embedded default model."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from auface.pipelines.controls import ExpressionControls, expression_to_controls

_LAZY = {
    "ExpressionControls": "auface.pipelines.controls",
    "expression_to_controls": "auface.pipelines.controls",
}


def __getattr__(name: str) -> Any:
    if name in _LAZY:
        return getattr(importlib.import_module(_LAZY[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


__all__ = ["ExpressionControls", "expression_to_controls"]
