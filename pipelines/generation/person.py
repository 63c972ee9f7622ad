"""Whose face: the default head, a person by a seed, or the person of a photo's landmarks."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


def identity_of(name: str) -> int | Floats | None:
    """Return what pipelines take as `identity`.

    Args:
        name: `default`, a seed, or a JSON or .npy file with the landmarks of a photo, of which the person is taken.

    Raises:
        ValueError: There is no such file, or it holds no landmarks.
    """
    if name == "default":
        return None
    if name.isdigit():
        return int(name)
    from auface.structure.photo import fit_photo

    return fit_photo(read_landmarks(Path(name), "--identity")).neutral


def read_landmarks(path: Path, option: str) -> Floats:
    """Read the landmarks of a photo from a file.

    Args:
        path: `.npy`, or JSON with a list of points or with `landmarks_px`, as `auface structure` writes.
        option: Name of the option that gave it, for the error.

    Raises:
        ValueError: There is no such file, or it holds no landmarks.
    """
    if not path.is_file():
        raise ValueError(f"`{option}` is {str(path)!r}, where no file is; accepted is one with landmarks of a photo.")
    try:
        if path.suffix == ".npy":
            return np.asarray(np.load(path), np.float32)
        data: Any = json.loads(path.read_text(encoding="utf-8"))
        return np.array(data["landmarks_px"] if isinstance(data, dict) else data, np.float32)
    except (ValueError, KeyError, OSError, TypeError) as error:
        raise ValueError(f"`{option}` is {str(path)!r}, which holds no landmarks: {error}.") from None
