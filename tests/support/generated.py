"""What tests of `auface generate` share: reading pictures back, and a recognizer that sees what it is told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from made_reading import recognition_of
from PIL import Image

from auface.recognition.result import Recognition


def pixels(file: str | Path) -> np.ndarray:
    """The picture in a file, (height, width, 3) from 0 to 255."""
    with Image.open(file) as picture:
        return np.asarray(picture.convert("RGB")).astype(int)


def names() -> list[str]:
    """The files of the working folder."""
    return sorted(path.name for path in Path.cwd().iterdir())


class Sees:
    """A recognizer that finds a smile in every picture, or nothing."""

    def __init__(self, *shown: str) -> None:
        self.shown = shown

    def read(self, image: Any, neutral: Any = None) -> Recognition:
        return recognition_of(*self.shown)
