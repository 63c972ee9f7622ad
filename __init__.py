"""AUFace: direct a face in words, in FACS notation or with sliders, and let a diffusion model draw it.

This folder is a Python package and a ComfyUI custom node pack at once. Importing it loads nothing: each public name
comes from its home when it is first asked for.
"""

import importlib
import logging
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from auface.facs import ActionUnit, Expression
    from auface.nodes import AUFaceExtension
    from auface.pipelines import AUFacePipeline, AUFaceXLPipeline
    from auface.recognition import recognize, verify

__version__ = "0.1.0"
__all__ = ["AUFacePipeline", "AUFaceXLPipeline", "ActionUnit", "Expression", "__version__", "recognize", "verify"]

WEB_DIRECTORY = "./web"
"""What ComfyUI serves to its page: the face picker and the help of the nodes."""

# ComfyUI names this module after the path of its folder. Without this line the classes would carry that path in their
# `__module__`, a saved pipeline would load nowhere else, and `import auface` would make a second copy of everything.
# For the same reason this file imports by full name, never relatively. tests/test_import.py checks it.
sys.modules.setdefault("auface", sys.modules[__name__])

_HOMES = {
    "AUFacePipeline": "auface.pipelines",
    "AUFaceXLPipeline": "auface.pipelines",
    "ActionUnit": "auface.facs",
    "Expression": "auface.facs",
    "recognize": "auface.recognition",
    "verify": "auface.recognition",
}


def __getattr__(name: str) -> object:
    """Import a public name from its home (PEP 562)."""
    if name in _HOMES:
        return getattr(importlib.import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    """List the public names, also those that are not imported yet."""
    return sorted({*globals(), *__all__})


async def comfy_entrypoint() -> "AUFaceExtension":
    """Return what ComfyUI asks for the nodes."""
    try:
        return importlib.import_module("auface.nodes").AUFaceExtension()
    except Exception:
        # ComfyUI shows only the message of what goes wrong here.
        logging.getLogger("auface").exception("AUFace: the nodes could not be loaded")
        raise
