"""Diffusers pipelines, the adapter, and the embedded default model.

Needs torch, diffusers and transformers; the modules are loaded when they are first asked for.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .adapter.model import AUFaceAdapter
    from .controls.controls import ExpressionControls, expression_to_controls
    from .later_guidance import LaterGuidanceCallback
    from .pipeline_auface import AUFacePipeline
    from .pipeline_auface_xl import AUFaceXLPipeline
    from .pipeline_output import AUFacePipelineOutput, AUFaceXLPipelineOutput

_LAZY = {
    "AUFaceAdapter": "adapter.model",
    "AUFacePipeline": "pipeline_auface",
    "AUFacePipelineOutput": "pipeline_output",
    "AUFaceXLPipeline": "pipeline_auface_xl",
    "AUFaceXLPipelineOutput": "pipeline_output",
    "ExpressionControls": "controls.controls",
    "LaterGuidanceCallback": "later_guidance",
    "expression_to_controls": "controls.controls",
}


def __getattr__(name: str) -> Any:
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        return getattr(importlib.import_module(f"{__name__}.{_LAZY[name]}"), name)
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] == "auface":
            raise
        raise ImportError(f"{name} needs {error.name}, which auface[pipelines] brings") from error


__all__ = [
    "AUFaceAdapter",
    "AUFacePipeline",
    "AUFacePipelineOutput",
    "AUFaceXLPipeline",
    "AUFaceXLPipelineOutput",
    "ExpressionControls",
    "LaterGuidanceCallback",
    "expression_to_controls",
]
