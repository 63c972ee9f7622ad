"""The language of faces: action units, expressions, notation, conflicts, words, and the codes of other tools.

Standard library only, no torch; imports in milliseconds. `Expression` is what every other part of AUFace takes.
Words (`describe`, `read`), emotions and the codes of other tools are loaded when they are first asked for.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from .action_unit import ActionUnit, Kind, Region, Sides
from .conflict import Conflict, ConflictError, find_conflicts, resolve
from .conflict_table import ConflictKind
from .expression import NEUTRAL, Activation, Expression
from .notation import NotationError
from .request import as_expression

if TYPE_CHECKING:
    from .blendshape import arkit_residual, from_arkit, to_arkit, without_arkit
    from .columns import ColumnReader, from_columns, to_columns
    from .prototype import compound, compound_emotions, prototype, prototypes
    from .text import Reading, describe, read, sample_descriptions
    from .valence_arousal import nearest_emotions, valence_arousal

_LAZY = {
    "ColumnReader": "columns",
    "Reading": "text",
    "arkit_residual": "blendshape",
    "compound": "prototype",
    "compound_emotions": "prototype",
    "describe": "text",
    "from_arkit": "blendshape",
    "from_columns": "columns",
    "nearest_emotions": "valence_arousal",
    "prototype": "prototype",
    "prototypes": "prototype",
    "read": "text",
    "sample_descriptions": "text",
    "to_arkit": "blendshape",
    "to_columns": "columns",
    "valence_arousal": "valence_arousal",
    "without_arkit": "blendshape",
}


def __getattr__(name: str) -> Any:
    if name in _LAZY:
        return getattr(importlib.import_module(f"{__name__}.{_LAZY[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


__all__ = [
    "NEUTRAL",
    "ActionUnit",
    "Activation",
    "ColumnReader",
    "Conflict",
    "ConflictError",
    "ConflictKind",
    "Expression",
    "Kind",
    "NotationError",
    "Reading",
    "Region",
    "Sides",
    "arkit_residual",
    "as_expression",
    "compound",
    "compound_emotions",
    "describe",
    "find_conflicts",
    "from_arkit",
    "from_columns",
    "nearest_emotions",
    "prototype",
    "prototypes",
    "read",
    "resolve",
    "sample_descriptions",
    "to_arkit",
    "to_columns",
    "valence_arousal",
    "without_arkit",
]
