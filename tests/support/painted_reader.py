"""A recognizer for tests of everything behind it: pictures carry the expression that they show in their first pixels.

It opens pictures as the real one does, so that wrong files fail in the same way, and reads what was painted with a
chosen error.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from made_reading import recognition_of
from PIL import Image

from auface.recognition.face_choice import FaceChoice
from auface.recognition.picture import Picture, open_picture
from auface.recognition.result import Recognition

_CELL = 8


def painted(*expressions: str, size: tuple[int, int] = (320, 160), brightness: int = 0) -> Image.Image:
    """Return a picture that says which expressions its faces show; none for a picture without a face."""
    text = ("|".join(expressions)).encode()
    pixels = np.full((size[1], size[0], 3), 128 + brightness, np.uint8)
    for place, value in enumerate((len(text), *text)):
        row, column = divmod(place, size[0] // _CELL)
        pixels[row * _CELL : (row + 1) * _CELL, column * _CELL : (column + 1) * _CELL] = value
    return Image.fromarray(pixels)


class PaintedReader:
    """Reads what was painted."""

    def __init__(self, error: float = 0.2) -> None:
        self.error = error
        self.neutrals: list[Any] = []

    def neutral(self, image: Any) -> Any:
        """Remember the picture."""
        return open_picture(image)

    def read(self, image: Any, *, neutral: Any = None, choice: FaceChoice | None = None) -> Recognition:
        """Return the painted faces."""
        self.neutrals.append(neutral)
        picture = open_picture(image)
        pixels = picture.pixels[_CELL // 2 :: _CELL, _CELL // 2 :: _CELL]
        columns = picture.size[0] // _CELL
        values = [int(value.mean().round()) for value in pixels[:, :columns].reshape(-1, 3)]
        text = bytes(values[1 : 1 + values[0]]).decode()
        found = recognition_of(*text.split("|"), error=self.error) if text else Recognition("", (1, 1), ())
        found = replace(found, source=picture.name, size=picture.size)
        if neutral is None and choice is None:
            return found
        return replace(found, faces=(found.face("largest" if choice is None else choice),))

    def read_together(self, pictures: Sequence[Picture], *, neutral: Any = None) -> list[Recognition]:
        """Return the painted faces of each picture, with `neutral` the largest."""
        found = [self.read(picture) for picture in pictures]
        self.neutrals[-len(found) :] = [neutral] * len(found)
        return found if neutral is None else [replace(one, faces=one.faces[:1]) for one in found]


def save_all(folder: Path, pictures: dict[str, Sequence[str] | str]) -> Path:
    """Save painted pictures by name."""
    for name, expressions in pictures.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        shown = (expressions,) if isinstance(expressions, str) else expressions
        painted(*shown).save(path)
    return folder
