"""auface-mini, the model that comes with AUFace: where it is, and whether it is there."""

from __future__ import annotations

from pathlib import Path

_FOLDER = Path(__file__).resolve().parents[1] / "weights" / "mini"


def mini_folder() -> Path:
    """Return the folder of auface-mini, which `AUFacePipeline.from_pretrained` opens.

    Raises:
        ValueError: This installation came without it.
    """
    if not (_FOLDER / "model_index.json").is_file():
        raise ValueError(f"auface-mini is missing: {_FOLDER} has no model_index.json; install AUFace again.")
    return _FOLDER
