"""Landmarks of a photo in a file, and what reads them from a picture."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

PictureReader = Callable[[Path, str], Floats]
"""Finds the landmarks of the face in a picture, in pixels; takes the picture and the option that names it. Where
pictures are read is no matter of this package; who may, hands such a function in."""

SUFFIXES = (".json", ".npy")
"""Endings of files that hold landmarks; all others are pictures."""


def read_landmarks(path: Path, option: str, read_picture: PictureReader | None = None, *, others: str = "") -> Floats:
    """Read the landmarks of a photo.

    Args:
        path: `.npy`; `.json` with a list of points or with `landmarks_px`, as `auface structure` writes; or a picture.
        option: Name of the option that gave it, for the error.
        read_picture: What finds landmarks in a picture; without it pictures are refused.
        others: What else than a file the option accepts, for the error.

    Raises:
        ValueError: There is no such file, it holds no landmarks, or there is no face in the picture.
    """
    picture = path.suffix.lower() not in SUFFIXES
    if not path.is_file() or (picture and read_picture is None):
        accepted = [others, "a JSON or .npy file with landmarks", "a photo of a face" if read_picture else ""]
        raise ValueError(
            f"`{option}` is {str(path)!r}{'' if path.is_file() else ', where no file is'}; accepted is "
            f"{', or '.join(filter(None, accepted))}."
        )
    if picture:
        assert read_picture is not None
        return read_picture(path, option)
    try:
        if path.suffix.lower() == ".npy":
            return np.asarray(np.load(path), np.float32)
        data: Any = json.loads(path.read_text(encoding="utf-8"))
        return np.array(data["landmarks_px"] if isinstance(data, dict) else data, np.float32)
    except (ValueError, KeyError, OSError, TypeError) as error:
        raise ValueError(f"`{option}` is {str(path)!r}, which holds no landmarks: {error}.") from None
