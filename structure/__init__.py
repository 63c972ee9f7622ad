"""Face geometry: from text to structure, and from geometry to maps. VQ-AUFace, our definition (docs/structure.md).

Needs torch; the modules are loaded when they are first asked for.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .camera import Perspective, WeakPerspective, portrait_camera
    from .face_structure import FaceStructure
    from .identity import default_neutral, sampled_neutral
    from .landmark_drawing import landmark_map
    from .model import Sampling, StructureModel, shipped_model
    from .photo import PhotoFit, fit_photo
    from .pose import HeadPose
    from .retargeting import Retargeted, retarget
    from .scene import Scene
    from .surface import FacePart
    from .surface_map import SurfaceMaps, surface_maps

_LAZY = {
    "FacePart": "surface",
    "FaceStructure": "face_structure",
    "HeadPose": "pose",
    "Perspective": "camera",
    "PhotoFit": "photo",
    "Retargeted": "retargeting",
    "Sampling": "model",
    "Scene": "scene",
    "StructureModel": "model",
    "SurfaceMaps": "surface_map",
    "WeakPerspective": "camera",
    "default_neutral": "identity",
    "fit_photo": "photo",
    "landmark_map": "landmark_drawing",
    "portrait_camera": "camera",
    "retarget": "retargeting",
    "sampled_neutral": "identity",
    "shipped_model": "model",
    "surface_maps": "surface_map",
}


def __getattr__(name: str) -> Any:
    if name in _LAZY:
        return getattr(importlib.import_module(f"{__name__}.{_LAZY[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


__all__ = [
    "FacePart",
    "FaceStructure",
    "HeadPose",
    "Perspective",
    "PhotoFit",
    "Retargeted",
    "Sampling",
    "Scene",
    "StructureModel",
    "SurfaceMaps",
    "WeakPerspective",
    "default_neutral",
    "fit_photo",
    "landmark_map",
    "portrait_camera",
    "retarget",
    "sampled_neutral",
    "shipped_model",
    "surface_maps",
]
