"""From an expression to what any ControlNet of a base model takes: a prompt and maps.

Data flow: `convention` (what the pipelines of each base take), `words` (the prompt), `face` (whose face, seen from
where) -> `controls`.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from auface.pipelines.controls.controls import ExpressionControls, expression_to_controls
    from auface.pipelines.controls.convention import BASES, ControlBase

_LAZY = {
    "BASES": "convention",
    "ControlBase": "convention",
    "ExpressionControls": "controls",
    "expression_to_controls": "controls",
}


def __getattr__(name: str) -> Any:
    if name in _LAZY:
        return getattr(importlib.import_module(f"{__name__}.{_LAZY[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


__all__ = ["BASES", "ControlBase", "ExpressionControls", "expression_to_controls"]
