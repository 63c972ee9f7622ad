"""The adapter: what lets a base model draw expressions (design.md, 4.5; docs/pipelines.md).

Needs torch and diffusers; the modules are loaded when they are first asked for.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .attention import ExpressionAttention, decoupled_attention
    from .condition import FaceCondition, face_condition
    from .file import check_fits, read_adapter, write_adapter
    from .layout import BaseLayout
    from .maps import FaceMap, face_maps
    from .model import AUFaceAdapter
    from .output import AdapterOutput

_LAZY = {
    "AUFaceAdapter": "model",
    "AdapterOutput": "output",
    "BaseLayout": "layout",
    "ExpressionAttention": "attention",
    "FaceCondition": "condition",
    "FaceMap": "maps",
    "check_fits": "file",
    "decoupled_attention": "attention",
    "face_condition": "condition",
    "face_maps": "maps",
    "read_adapter": "file",
    "write_adapter": "file",
}


def __getattr__(name: str) -> Any:
    if name in _LAZY:
        return getattr(importlib.import_module(f"{__name__}.{_LAZY[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


__all__ = [
    "AUFaceAdapter",
    "AdapterOutput",
    "BaseLayout",
    "ExpressionAttention",
    "FaceCondition",
    "FaceMap",
    "check_fits",
    "decoupled_attention",
    "face_condition",
    "face_maps",
    "read_adapter",
    "write_adapter",
]
