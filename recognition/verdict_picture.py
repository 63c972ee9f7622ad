"""The picture of a verdict: the face with what is right, missing and too much on it, and a bar for each unit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from auface.facs import ActionUnit, describe

from .canvas import AMBER, BLUE, GRAY, GREEN, INK, PALE, RED, Canvas, Color, close_up, text_width, wrapped
from .heat_map import AS_ASKED, TOO_STRONG, TOO_WEAK, HeatLayer, draw_heat, unit_heat
from .unit_verdict import SideVerdict, UnitVerdict
from .verdict import Verdict

if TYPE_CHECKING:
    from PIL.Image import Image

WIDTH = 1120
"""Width of the picture in pixels."""

FACE = 420
"""Height and width of the face in pixels."""

MOST_ROWS = 16
"""Rows of units that are drawn; the others are counted."""

_MARGIN = 28
_ROW = 30
_BARS = 340  # pixels of intensity 5
_LEFT = _MARGIN + FACE + 36  # where the text begins
_TRACK = _LEFT + 240  # where bars begin
_OUTCOME: dict[str, Color] = {"pass": GREEN, "fail": RED, "undecided": AMBER, "no face": AMBER}
_LEGEND: tuple[tuple[str, Color], ...] = (("as asked", GREEN), ("too weak or missing", BLUE), ("too strong", RED))


def draw_verdict(verdict: Verdict, picture: Image | None = None) -> Image:
    """Draw a verdict.

    Args:
        verdict: The verdict.
        picture: RGB; the picture that was judged. Without one, or without a face, the bars alone are drawn.

    Returns:
        RGB, `WIDTH` pixels wide and as high as its rows need.
    """
    rows = [(unit, name, side) for unit in verdict.of_interest for name, side in unit.rows()]
    hidden = len(rows) - MOST_ROWS
    rows = rows[:MOST_ROWS]
    words = wrapped(describe(verdict.asked, conflict_policy="keep"), 15, WIDTH - _LEFT - _MARGIN, 2)
    top = _MARGIN + 62 + 20 * len(words) + (20 if verdict.request != verdict.asked else 0)
    height = max(_MARGIN * 2 + FACE + 34, top + 34 + _ROW * len(rows) + 44)
    canvas = Canvas(WIDTH, height)
    _face(canvas, verdict, picture)
    _heading(canvas, verdict, words)
    _bars(canvas, rows, top)
    foot = top + 34 + _ROW * len(rows) + 6
    canvas.text((_LEFT, foot), _footnote(verdict, hidden), 13, GRAY)
    return canvas.image


def verdict_layers(verdict: Verdict) -> tuple[HeatLayer, ...]:
    """Return what to draw on the face: what is as asked, what is too weak, what is too strong.

    Args:
        verdict: The verdict.
    """
    right: dict[ActionUnit, tuple[float, float]] = {}
    weak: dict[ActionUnit, tuple[float, float]] = {}
    strong: dict[ActionUnit, tuple[float, float]] = {}
    for row in verdict.units:
        sides = [_split(side) for side in (row.left, row.right)]
        for kind, place in ((right, 0), (weak, 1), (strong, 2)):
            kind[row.unit] = (sides[0][place], sides[1][place])
    return (
        HeatLayer(unit_heat(right), AS_ASKED),
        HeatLayer(unit_heat(weak), TOO_WEAK),
        HeatLayer(unit_heat(strong), TOO_STRONG),
    )


def _split(side: SideVerdict) -> tuple[float, float, float]:
    """Return the intensity that is as asked, that is missing, and that is too much; small differences are neither."""
    if side.detected is None or not side.weight:
        return 0.0, 0.0, 0.0
    common = min(side.detected, side.requested)
    if side.deviations < 1:
        return common, 0.0, 0.0
    return common, max(0.0, side.requested - side.detected), max(0.0, side.detected - side.requested)


def _face(canvas: Canvas, verdict: Verdict, picture: Image | None) -> None:
    x, y = _MARGIN, _MARGIN
    if picture is None or verdict.face is None:
        canvas.bar((x, y, x + FACE, y + FACE), PALE)
        text = "no picture" if verdict.face is not None else "no face"
        canvas.text((x + FACE / 2, y + FACE / 2), text, 18, GRAY, "mm")
        return
    cut, face = close_up(picture, verdict.face.face, FACE)
    canvas.paste(draw_heat(cut, face, *verdict_layers(verdict)), (x, y))
    place = float(x)
    for text, color in _LEGEND:
        canvas.dot((place + 6, y + FACE + 20), 6, color)
        canvas.text((place + 18, y + FACE + 20), text, 13, INK, "lm")
        place += 18 + text_width(text, 13) + 22


def _heading(canvas: Canvas, verdict: Verdict, words: list[str]) -> None:
    color = _OUTCOME[verdict.outcome]
    label = verdict.outcome.upper()
    width = text_width(label, 20) + 28
    canvas.bar((_LEFT, _MARGIN, _LEFT + width, _MARGIN + 34), color)
    canvas.text((_LEFT + width / 2, _MARGIN + 17), label, 20, (255, 255, 255), "mm")
    canvas.text((_LEFT + width + 16, _MARGIN + 17), f"{verdict.score:.2f}", 26, color, "lm")
    canvas.text((WIDTH - _MARGIN, _MARGIN + 17), f"passes from {verdict.threshold:.2f}; 1 is as asked", 13, GRAY, "rm")
    line = _MARGIN + 46
    for text in words:
        canvas.text((_LEFT, line), text, 15, INK)
        line += 20
    canvas.text((_LEFT, line), verdict.asked.notation(), 13, GRAY)
    if verdict.request != verdict.asked:
        canvas.text((_LEFT, line + 20), f"a face can do {verdict.request.notation()}", 13, GRAY)


def _bars(canvas: Canvas, rows: list[tuple[UnitVerdict, str, SideVerdict]], top: int) -> None:
    first, last = top + 30, top + 30 + _ROW * len(rows)
    for level, name in enumerate("0ABCDE"):
        x = _TRACK + _BARS * level / 5
        canvas.line((x, first - 6), (x, last), PALE)
        canvas.text((x, first - 10), name, 12, GRAY, "mm")
    for number, (unit, name, side) in enumerate(rows):
        middle = first + _ROW * (number + 0.5)
        code = f"{name}{int(unit.unit)}"
        canvas.text((_LEFT + 34, middle), code, 15, INK, "rm")
        canvas.text((_LEFT + 44, middle), unit.unit.label, 14, INK, "lm")
        _bar(canvas, unit, side, middle)


def _bar(canvas: Canvas, unit: UnitVerdict, side: SideVerdict, middle: float) -> None:
    per_letter = _BARS / 5
    if side.detected is None:
        canvas.text((_TRACK + 8, middle), unit.reason or "cannot be judged", 13, AMBER, "lm")
    elif side.detected > 0.02:
        end = _TRACK + max(3.0, per_letter * side.detected)
        canvas.bar((_TRACK, middle - 6, end, middle + 6), _color(unit, side))
    if side.requested:
        end = _TRACK + max(4.0, per_letter * side.requested)
        canvas.bar((_TRACK, middle - 10, end, middle + 10), INK, hollow=True)
    if side.detected is not None:
        low = _TRACK + per_letter * max(0.0, side.detected - side.spread)
        high = _TRACK + per_letter * min(5.0, side.detected + side.spread)
        canvas.line((low, middle), (high, middle), INK, 2)
        canvas.text((_TRACK + _BARS + 12, middle), f"{side.detected - side.requested:+.1f}", 13, GRAY, "lm")


def _color(unit: UnitVerdict, side: SideVerdict) -> Color:
    if not side.weight or side.detected is None:
        return GRAY
    if side.deviations < 1:
        return GREEN
    return BLUE if side.detected < side.requested else RED


def _footnote(verdict: Verdict, hidden: int) -> str:
    parts = ["outline: asked", "bar: seen, with its standard error"]
    if verdict.unjudged:
        parts.append("cannot be judged: " + ", ".join(f"AU{int(row.unit)}" for row in verdict.unjudged))
    if hidden > 0:
        parts.append(f"{hidden} more rows")
    return "; ".join(parts)
