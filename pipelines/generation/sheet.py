"""Sheets: many pictures of one request side by side, with labels."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

from auface.facs import ActionUnit, Activation, Expression, Sides, as_expression, resolve
from auface.facs.intensity import letter
from auface.pipelines.generation.request import PictureRequest

if TYPE_CHECKING:
    from PIL.Image import Image

SheetKind = Literal["intensities", "units", "seeds", "identities"]
"""What differs between the pictures of a sheet."""

SHEETS: tuple[SheetKind, ...] = get_args(SheetKind)
"""All kinds."""

LEVELS = (1, 2, 3, 4, 5)
"""FACS A to E."""

# Units that express something: no turns of head and eyes, no blink, nothing that hides in the mouth.
_EXPRESSIVE = {*range(1, 29), 43} - {3, 8, 19, 21}
_COUNT: dict[SheetKind, int] = {"intensities": 1, "units": 1, "seeds": 9, "identities": 5}
_SMALLEST_CELL = 160  # pixels; smaller pictures are enlarged, so that labels fit
_MARGIN = 8


@dataclass(frozen=True, slots=True)
class Sheet:
    """Which pictures a sheet has, and what stands beside them.

    Attributes:
        requests: One row of requests after the other; the last row may be shorter.
        columns: Headings of columns; empty where every picture has a label of its own.
        rows: Headings of rows; empty where there are none.
        labels: What stands under each picture, in the order of requests; empty where headings say it.
    """

    requests: tuple[tuple[PictureRequest, ...], ...]
    columns: tuple[str, ...] = ()
    rows: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()


def plan_sheet(kind: str, request: PictureRequest, count: int | None = None) -> Sheet:
    """Return the pictures of a sheet.

    Args:
        kind: `intensities`: the request from neutral to E, for as many seeds as asked; `units`: each of its units
            alone from A to E (of the neutral face: every unit of the face); `seeds`: the request with several seeds;
            `identities`: several people, at rest and with the request.
        request: What is asked for.
        count: How many seeds or people; by default 1 for `intensities` and `units`, 9 seeds, 5 people.

    Raises:
        ValueError: Unknown kind, or a count that it cannot have.
    """
    if kind not in SHEETS:
        raise ValueError(f"`--sheet` is {kind!r}; accepted are {', '.join(SHEETS)}.")
    number = _COUNT[kind] if count is None else count
    if not 1 <= number <= 64 or (kind == "units" and number != 1):
        raise ValueError(f"`--count` is {number}; accepted is {'1' if kind == 'units' else '1 to 64'} for this sheet.")
    asked = resolve(as_expression(request.expression), request.conflict_policy)
    if kind == "intensities":
        return _intensities(request, asked, number)
    if kind == "units":
        return _units(request, asked)
    if kind == "seeds":
        wide = math.ceil(math.sqrt(number))
        many = [request.changed(seed=request.seed + place) for place in range(number)]
        rows = tuple(tuple(many[start : start + wide]) for start in range(0, number, wide))
        return Sheet(rows, labels=tuple(f"seed {one.seed}" for one in many))
    if request.image is not None:
        raise ValueError("`--sheet` is identities with `--image`, which says whose face it is; accepted is either.")
    first = int(request.identity) if request.identity.isdigit() else 0
    people = [request.changed(identity=str(first + place)) for place in range(number)]
    rest = tuple(person.changed(expression="neutral") for person in people)
    headings = tuple(f"person {person.identity}" for person in people)
    if asked.is_neutral:
        return Sheet((rest,), headings)
    return Sheet((rest, tuple(people)), headings, ("neutral", _short(asked)))


def join_sheet(sheet: Sheet, pictures: Sequence[Image]) -> Image:
    """Put pictures side by side, with labels.

    Args:
        sheet: What they are.
        pictures: RGB pictures of one size, in the order of the sheet's requests.
    """
    from PIL import Image as Images, ImageDraw, ImageFont

    width, height = pictures[0].size
    factor = max(1, math.ceil(_SMALLEST_CELL / min(width, height)))
    width, height = width * factor, height * factor
    font = ImageFont.load_default(max(14, round(min(width, height) / 14)))
    line = round(font.getbbox("Ag")[3] * 1.2) + _MARGIN
    left = 2 * _MARGIN + max((round(font.getlength(text)) for text in sheet.rows), default=-_MARGIN)
    top, below = (line if sheet.columns else _MARGIN), (line if sheet.labels else _MARGIN)
    across = max(len(row) for row in sheet.requests)
    size = (left + across * (width + _MARGIN), top + len(sheet.requests) * (height + below))
    joined = Images.new("RGB", size, "white")
    pen = ImageDraw.Draw(joined)
    for place, text in enumerate(sheet.columns):
        pen.text((left + place * (width + _MARGIN) + width / 2, top / 2), text, "black", font, anchor="mm")
    number = 0
    for down, row in enumerate(sheet.requests):
        y = top + down * (height + below)
        if sheet.rows:
            pen.text((_MARGIN, y + height / 2), sheet.rows[down], "black", font, anchor="lm")
        for place in range(len(row)):
            x = left + place * (width + _MARGIN)
            joined.paste(pictures[number].resize((width, height), Images.Resampling.LANCZOS), (x, y))
            if sheet.labels:
                pen.text((x + width / 2, y + height + line / 2), sheet.labels[number], "black", font, anchor="mm")
            number += 1
    return joined


def _intensities(request: PictureRequest, asked: Expression, count: int) -> Sheet:
    if asked.is_neutral:
        raise ValueError("`--sheet` is intensities of the neutral face, which has none; accepted is an expression.")
    strongest = max(activation.intensity for activation in asked)
    levels = ["neutral", *(asked.scaled(level / strongest).notation() for level in LEVELS)]
    rows = tuple(
        tuple(request.changed(expression=level, seed=request.seed + place) for level in levels)
        for place in range(count)
    )
    columns = ("neutral", *(f"{letter(level)} ({level})" for level in LEVELS))
    headings = tuple(f"seed {row[0].seed}" for row in rows) if count > 1 else (_short(asked),)
    return Sheet(rows, columns, headings)


def _units(request: PictureRequest, asked: Expression) -> Sheet:
    every = (Activation(unit, 3.0, 3.0) for unit in ActionUnit if unit in _EXPRESSIVE)
    units = Expression(tuple(every)) if asked.is_neutral else asked
    rows = tuple(
        tuple(request.changed(expression=Expression((_leveled(activation, level),)).notation()) for level in LEVELS)
        for activation in units
    )
    columns = tuple(f"{letter(level)} ({level})" for level in LEVELS)
    return Sheet(rows, columns, tuple(_name(activation) for activation in units))


def _leveled(activation: Activation, level: float) -> Activation:
    unit, left, right = activation
    return Activation(unit, level if left else 0.0, level if right else 0.0)


def _name(activation: Activation) -> str:
    unit, left, right = activation
    side = "" if (left and right) or unit.sides is Sides.TOGETHER else ("L" if left else "R")
    return f"{side}{unit.value} {unit.label}"


def _short(expression: Expression, longest: int = 28) -> str:
    notation = expression.notation()
    return notation if len(notation) <= longest else f"{notation[: longest - 1]}…"
