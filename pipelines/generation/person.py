"""Whose face: the default head, a person by a seed, or the person of a photo."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from auface.pipelines.generation.photo import picture_landmarks
from auface.structure.landmark_file import read_landmarks

Floats = NDArray[np.float32]


def identity_of(name: str) -> int | Floats | None:
    """Return what pipelines take as `identity`.

    Args:
        name: `default`, a seed, or a photo or a JSON or .npy file with the landmarks of one, of which the person is
            taken.

    Raises:
        ValueError: There is no such file, it holds no landmarks, or no face is in the photo.
    """
    if name == "default":
        return None
    if name.isdigit():
        return int(name)
    from auface.structure.photo import fit_photo

    return fit_photo(read_landmarks(Path(name), "--identity", picture_landmarks, others="'default', a seed")).neutral
