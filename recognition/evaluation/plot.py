"""The plot of a report: bars for each unit, and a histogram of alignments."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from auface.recognition.canvas import BLUE, GRAY, GREEN, INK, PALE, Canvas, Color

if TYPE_CHECKING:
    from PIL.Image import Image

_WIDTH, _MARGIN, _ROW = 1000, 32, 24
_BARS = 300  # where bars begin
_LENGTH = 560  # of a bar of 1
_BINS = 20


def draw_report(heading: str, rows: Sequence[tuple[str, float, float, float]], alignments: Sequence[float]) -> Image:
    """Draw a report.

    Args:
        heading: First line.
        rows: Name of a unit, its alignment, F1 and ICC(3,1), each at most 1; NaN where it is not defined.
        alignments: Alignment of each picture, 0 to 1.

    Returns:
        RGB, 1000 pixels wide.
    """
    top = _MARGIN + 64
    histogram = top + _ROW * len(rows) + 56
    canvas = Canvas(_WIDTH, histogram + 190)
    canvas.text((_MARGIN, _MARGIN), heading, 22)
    _legend(canvas, _MARGIN + 40)
    for tenth in range(0, 11, 2):
        x = _BARS + _LENGTH * tenth / 10
        canvas.line((x, top - 4), (x, top + _ROW * len(rows)))
        canvas.text((x, top + _ROW * len(rows) + 12), f"{tenth / 10:g}", 12, GRAY, "mm")
    for number, (name, aligned, f1, icc) in enumerate(rows):
        middle = top + _ROW * (number + 0.5)
        canvas.text((_BARS - 12, middle), name, 14, INK, "rm")
        _bar(canvas, middle, aligned, 8, PALE if math.isnan(aligned) else (196, 206, 224))
        _dot(canvas, middle, f1, GREEN)
        _dot(canvas, middle, icc, BLUE)
    _histogram(canvas, histogram, alignments)
    return canvas.image


def _legend(canvas: Canvas, y: float) -> None:
    canvas.bar((_BARS, y - 6, _BARS + 24, y + 6), (196, 206, 224))
    canvas.text((_BARS + 32, y), "alignment of presence", 13, INK, "lm")
    canvas.dot((_BARS + 220, y), 5, GREEN)
    canvas.text((_BARS + 232, y), "F1 of presence", 13, INK, "lm")
    canvas.dot((_BARS + 370, y), 5, BLUE)
    canvas.text((_BARS + 382, y), "ICC(3,1) of intensity", 13, INK, "lm")


def _bar(canvas: Canvas, middle: float, value: float, half: float, color: Color) -> None:
    if not math.isnan(value) and value > 0.01:
        canvas.bar((_BARS, middle - half, _BARS + _LENGTH * value, middle + half), color)


def _dot(canvas: Canvas, middle: float, value: float, color: Color) -> None:
    if not math.isnan(value):
        canvas.dot((_BARS + _LENGTH * max(0.0, value), middle), 5, color)


def _histogram(canvas: Canvas, top: float, alignments: Sequence[float]) -> None:
    known = [value for value in alignments if not math.isnan(value)]
    counts = [0] * _BINS
    for value in known:
        counts[min(_BINS - 1, max(0, int(value * _BINS)))] += 1
    canvas.text((_MARGIN, top), "Pictures by alignment", 15)
    floor, height, highest = top + 130, 96, max(counts, default=1) or 1
    for number, count in enumerate(counts):
        x = _BARS + _LENGTH * number / _BINS
        if count:
            canvas.bar((x + 2, floor - height * count / highest, x + _LENGTH / _BINS - 2, floor), (120, 146, 196))
            canvas.text((x + _LENGTH / _BINS / 2, floor - height * count / highest - 8), str(count), 11, GRAY, "mm")
    canvas.line((_BARS, floor), (_BARS + _LENGTH, floor), GRAY)
    for tenth in range(0, 11, 2):
        canvas.text((_BARS + _LENGTH * tenth / 10, floor + 12), f"{tenth / 10:g}", 12, GRAY, "mm")
