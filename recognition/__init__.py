"""Reading faces: landmarks, action units, expressions, and verdicts against a request.

Needs torch; the modules are loaded when they are first asked for.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .comparison import Comparison, UnitChange
    from .face_choice import NoFaceError
    from .heat_map import draw_heat
    from .recognizer import Recognizer, recognize
    from .result import Face, FaceReading, Recognition, UnitReading, UnitValue
    from .table import data_frame
    from .unit_verdict import SideVerdict, UnitVerdict
    from .verdict import Verdict, judge
    from .verdict_picture import draw_verdict
    from .verification import Choice, best_of, compare, verify

_LAZY = {
    "Choice": "verification",
    "Comparison": "comparison",
    "Face": "result",
    "FaceReading": "result",
    "NoFaceError": "face_choice",
    "Recognition": "result",
    "Recognizer": "recognizer",
    "SideVerdict": "unit_verdict",
    "UnitChange": "comparison",
    "UnitReading": "result",
    "UnitValue": "result",
    "UnitVerdict": "unit_verdict",
    "Verdict": "verdict",
    "best_of": "verification",
    "compare": "verification",
    "data_frame": "table",
    "draw_heat": "heat_map",
    "draw_verdict": "verdict_picture",
    "judge": "verdict",
    "recognize": "recognizer",
    "verify": "verification",
}


def __getattr__(name: str) -> Any:
    if name in _LAZY:
        return getattr(importlib.import_module(f"{__name__}.{_LAZY[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


__all__ = [
    "Choice",
    "Comparison",
    "Face",
    "FaceReading",
    "NoFaceError",
    "Recognition",
    "Recognizer",
    "SideVerdict",
    "UnitChange",
    "UnitReading",
    "UnitValue",
    "UnitVerdict",
    "Verdict",
    "best_of",
    "compare",
    "data_frame",
    "draw_heat",
    "draw_verdict",
    "judge",
    "recognize",
    "verify",
]
