"""`UnitJudge`: scores of drawn pictures by what the recognizer reads in them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import fmean
from typing import Any

import numpy as np
from torch import Tensor

from auface.facs import Expression, resolve
from auface.recognition.evaluation.alignment import alignment
from auface.recognition.presence import presence_of_reading, presence_of_text
from auface.recognition.unit_table import COUNTED


class UnitJudge:
    """Scores drawn pictures by what the recognizer reads in them: a `Judge`.

    `unit_error` is the mean absolute error of intensity over all counted units and both sides, 0 to 5, a picture
    without a face counting as a face at rest; `asked_error` is that of the units asked for; `aaad` is our definition in
    `auface.recognition.evaluation.alignment`; `faces` is the share of pictures with a face.

    Args:
        recognizer: An `auface.recognition.recognizer.Recognizer`.
    """

    def __init__(self, recognizer: Any) -> None:
        self._recognizer = recognizer

    def __call__(self, pictures: Tensor, asked: Sequence[Expression]) -> dict[str, float]:
        """Return the scores.

        Args:
            pictures: (batch, 3, height, width) from 0 to 1.
            asked: What each was to show.
        """
        errors: list[float] = []
        own: list[float] = []
        aligned: list[float] = []
        faces = 0
        for picture, request in zip(pictures, asked, strict=True):
            values = (picture.permute(1, 2, 0).numpy() * 255).round().astype(np.uint8)
            found = self._recognizer.read(values)
            wanted = resolve(request)
            reading = found.faces[0].units if found.faces else None
            faces += reading is not None
            for unit in COUNTED:
                told = (reading.left(unit), reading.right(unit)) if reading and unit in reading.units else (0.0, 0.0)
                error = fmean([abs(told[0] - wanted.left(unit)), abs(told[1] - wanted.right(unit))])
                errors.append(error)
                if unit in wanted:
                    own.append(error)
            if reading is not None:
                there = presence_of_reading(reading)
                aligned.append(alignment(presence_of_text(wanted, tuple(there), Expression()), there))
        scores = {"unit_error": fmean(errors), "faces": faces / len(asked)}
        if own:
            scores["asked_error"] = fmean(own)
        if sound := [value for value in aligned if not math.isnan(value)]:
            scores["aaad"] = fmean(sound)
        return scores


def recognizer_or_none() -> Any:
    """Return the recognizer, or None where its weights are not installed."""
    from auface.recognition.recognizer import Recognizer
    from auface.recognition.weight_file import shipped_path

    return Recognizer() if shipped_path().is_file() else None
