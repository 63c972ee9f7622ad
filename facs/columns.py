"""Expressions to and from the table columns of OpenFace, py-feat and LibreFace.

    openface    AU01_r, AU01_c           intensity 0 to 5; presence 0 or 1 (OpenFace 2.2 has presence alone for 28)
    pyfeat      AU01                     0 to 1, taken as intensity / 5 (its models give something like a probability)
    libreface   au_1_intensity, au_1     intensity 0 to 5; presence 0 or 1 (each for twelve units, not the same ones)

None of them has sides: the stronger side is written, and what is read holds for both sides. Writing derives presence
from intensity, so that the two always agree. Reading has to decide where they do not: OpenFace trains its two
predictors apart, and says itself that they may contradict each other. Cells may be numbers or text, with spaces around
them and around names, as in OpenFace's files. Rows of failed detections hold zeros: sort them out by the tool's own
`success`, `confidence` or `FaceScore` before reading a neutral face into them.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Literal, NamedTuple

from .action_unit import ActionUnit, Sides, checked_unit
from .expression import Activation, Expression
from .intensity import MAXIMUM

Style = Literal["openface", "pyfeat", "libreface"]
"""Whose column names."""

Contradiction = Literal["intensity", "presence", "refuse"]
"""What counts where intensity and presence of a unit contradict each other."""

Cell = float | str
"""What a cell of a table may be."""

STYLES: tuple[Style, ...] = ("openface", "pyfeat", "libreface")
"""The known styles."""

UNITS: dict[Style, tuple[ActionUnit, ...]] = {
    "openface": tuple(map(ActionUnit, (1, 2, 4, 5, 6, 7, 9, 10, 12, 14, 15, 17, 20, 23, 25, 26, 28, 45))),
    "pyfeat": tuple(map(ActionUnit, (1, 2, 4, 5, 6, 7, 9, 10, 11, 12, 14, 15, 17, 20, 23, 24, 25, 26, 28, 43))),
    "libreface": tuple(map(ActionUnit, (1, 2, 4, 5, 6, 7, 9, 10, 12, 14, 15, 17, 20, 23, 24, 25, 26))),
}
"""The units that each program writes (OpenFace 2.2, py-feat's classic detectors, LibreFace 2)."""

_LIKE_A_UNIT = re.compile(r"au_?[0-9].*", re.IGNORECASE)
_NAMES: dict[Style, re.Pattern[str]] = {
    "openface": re.compile(r"AU([0-9]{1,2})(_r|_c)"),
    "pyfeat": re.compile(r"AU([0-9]{1,2})()"),
    "libreface": re.compile(r"au_([0-9]{1,2})(_intensity|)"),
}
_EXAMPLES: dict[Style, str] = {
    "openface": "AU01_r and AU01_c",
    "pyfeat": "AU01",
    "libreface": "au_1_intensity and au_1",
}
_PRESENCE = {"openface": "_c", "pyfeat": None, "libreface": ""}
_SCALE: dict[Style, float] = {"openface": 1.0, "pyfeat": MAXIMUM, "libreface": 1.0}  # intensity per unit of a cell


class _Column(NamedTuple):
    name: str  # as the header spells it
    place: int


def to_columns(
    expression: Expression, style: Style = "openface", units: Iterable[int | ActionUnit] | None = None
) -> dict[str, float]:
    """Return column name -> value, the same columns for every expression.

    Args:
        expression: The expression to write. Where its sides differ, the stronger one is written.
        style: "openface", "pyfeat" or "libreface".
        units: FACS numbers to write, in this order; None writes the program's own, `UNITS`. OpenFace columns of 28
            and LibreFace columns are written in pairs, also where the program gives one of the two only.

    Returns:
        Intensity (0 to 5, py-feat: 0 to 1) and, but for py-feat, presence (1.0 where the intensity is above 0).

    Raises:
        ValueError: The style or a unit is unknown, a unit needs a side (30, 36, 46), or the expression has a unit that
            would not be written.
    """
    _check_style(style)
    written = UNITS[style] if units is None else tuple(checked_unit(unit, "`units`") for unit in units)
    for unit in written:
        _check_sides(unit, "`units`")
    missing = [unit.name for unit in expression.units if unit not in written]
    if missing:
        raise ValueError(
            f"`expression` has {', '.join(missing)}, for which no {style} column would be written; accepted are "
            f"{', '.join(unit.name for unit in written)}. Name more in `units`, or remove these units."
        )
    columns: dict[str, float] = {}
    for unit in written:
        intensity, presence = _spell(unit, style)
        value = expression.intensity(unit)
        columns[intensity] = value / _SCALE[style]
        if presence is not None:
            columns[presence] = float(value > 0)
    return columns


class ColumnReader:
    """Reads the rows of one table: the header is understood once, then each row is quick.

    Columns that do not look like action units (frame, confidence, gaze_0_x, ...) are ignored. A unit with presence
    only gets its default intensity where it is present.

    Attributes:
        style: The style of the header.
        units: The units that the header has, by number.

    Raises:
        ValueError: The header has no column of an action unit, columns of two styles, one that looks like an action
            unit but is none, or one twice; or an option is unknown.
    """

    def __init__(
        self,
        header: Sequence[str],
        style: Style | None = None,
        contradiction: Contradiction = "intensity",
        clip: bool = False,
    ) -> None:
        """Understand a header.

        Args:
            header: The names of all columns, in the order of the cells.
            style: Whose names; None finds out. Where it is given, columns of other styles are ignored.
            contradiction: Where presence and intensity of a unit contradict each other: "intensity" takes the
                intensity; "presence" takes 0 where presence is 0, and the default intensity where presence is 1 but
                the intensity is 0; "refuse" raises.
            clip: Whether intensities outside the range are moved to its ends instead of raising.
        """
        if contradiction not in ("intensity", "presence", "refuse"):
            raise ValueError(f"`contradiction` is {contradiction!r}; accepted are 'intensity', 'presence', 'refuse'.")
        self.style: Style = _style(header) if style is None else _check_style(style)
        self._contradiction: Contradiction = contradiction
        self._clip = clip
        self._scale = _SCALE[self.style]
        self._highest = MAXIMUM / self._scale
        self._length = len(header)
        found = _understood(header, self.style)
        self.units: tuple[ActionUnit, ...] = tuple(sorted(found))
        self._plan = tuple((unit, *found[unit]) for unit in self.units)

    def read(self, row: Sequence[Cell] | Mapping[str, Cell]) -> Expression:
        """Return the expression of one row.

        Args:
            row: The cells in the order of the header, or column name (as the header spells it) -> cell.

        Raises:
            ValueError: A cell is missing, empty, not a number or out of range, a presence is neither 0 nor 1, or,
                with "refuse", presence and intensity contradict each other.
        """
        cells = self._in_order(row) if isinstance(row, Mapping) else row
        if len(cells) != self._length:
            raise ValueError(f"`row` has {len(cells)} cells; accepted are {self._length}, as the header has.")
        activations: list[Activation] = []
        for unit, intensity_column, presence_column in self._plan:
            intensity = presence = None
            if intensity_column is not None:
                intensity = self._intensity(cells[intensity_column.place], intensity_column.name)
            if presence_column is not None:
                presence = _present(cells[presence_column.place], presence_column.name)
            value = self._decided(unit, intensity, presence)
            if value:
                activations.append(Activation(unit, value, value))
        return Expression(tuple(activations))

    def _in_order(self, row: Mapping[str, Cell]) -> list[Cell]:
        cells: list[Cell] = [0.0] * self._length
        for _, *columns in self._plan:
            for column in columns:
                if column is not None:
                    if column.name not in row:
                        raise ValueError(f"`row` has no column {column.name!r}, which the header has.")
                    cells[column.place] = row[column.name]
        return cells

    def _intensity(self, cell: Cell, name: str) -> float:
        number = _number(cell, name)
        if isinstance(cell, bool):
            raise ValueError(f"column {name!r} is {cell!r}; accepted is a number from 0 to {self._highest:g}.")
        if not 0.0 <= number <= self._highest:
            if not self._clip:
                raise ValueError(
                    f"column {name!r} is {cell!r}; accepted is a number from 0 to {self._highest:g}. "
                    "`clip=True` moves others to the ends of the range."
                )
            number = min(self._highest, max(0.0, number))
        return number * self._scale

    def _decided(self, unit: ActionUnit, intensity: float | None, presence: bool | None) -> float:
        if intensity is None:
            return unit.default_intensity if presence else 0.0
        if presence is None or presence == (intensity > 0) or self._contradiction == "intensity":
            return intensity
        if self._contradiction == "presence":
            return unit.default_intensity if presence else 0.0
        raise ValueError(
            f"{unit.name} has presence {int(presence)} but intensity {intensity:g}; say with `contradiction` which"
            " counts: 'intensity' or 'presence'."
        )


def from_columns(
    row: Mapping[str, Cell],
    style: Style | None = None,
    contradiction: Contradiction = "intensity",
    clip: bool = False,
) -> Expression:
    """Return the expression of one row; `ColumnReader` is quicker for many rows of one table.

    Args:
        row: Column name -> cell, of all columns of the table; others than action units are ignored.
        style: Whose names; None finds out.
        contradiction: What counts where presence and intensity contradict each other, as for `ColumnReader`.
        clip: Whether intensities outside the range are moved to its ends instead of raising.

    Raises:
        ValueError: As for `ColumnReader` and its `read`.
    """
    return _reader(tuple(row), style, contradiction, clip).read(row)


@lru_cache(maxsize=16)
def _reader(header: tuple[str, ...], style: Style | None, contradiction: Contradiction, clip: bool) -> ColumnReader:
    return ColumnReader(header, style, contradiction, clip)


def _check_style(style: Style) -> Style:
    if style not in STYLES:
        raise ValueError(f"`style` is {style!r}; accepted are {', '.join(STYLES)}.")
    return style


def _check_sides(unit: ActionUnit, what: str) -> None:
    if unit.sides is Sides.ONE:
        raise ValueError(f"{what} has {unit.name} ({unit.label}), which needs a side; columns have no sides.")


def _spell(unit: ActionUnit, style: Style) -> tuple[str, str | None]:
    """Return the names of a unit's columns: intensity, presence."""
    if style == "openface":
        return f"AU{unit.value:02d}_r", f"AU{unit.value:02d}_c"
    if style == "pyfeat":
        return f"AU{unit.value:02d}", None
    return f"au_{unit.value}_intensity", f"au_{unit.value}"


def _style(header: Sequence[str]) -> Style:
    """Find out whose column names a header has."""
    names = [name.strip() for name in header]
    found: list[Style] = [style for style in STYLES if any(_NAMES[style].fullmatch(name) for name in names)]
    if len(found) == 1:
        return found[0]
    if found:
        raise ValueError(f"the header has columns of {' and '.join(found)}; say with `style` which to read.")
    strange = [name for name in names if _LIKE_A_UNIT.fullmatch(name)]
    seen = f"only {strange[0]!r}" if strange else "none"
    examples = ", ".join(_EXAMPLES.values())
    raise ValueError(f"the header has no known column of an action unit, {seen}; accepted are such as {examples}.")


def _understood(header: Sequence[str], style: Style) -> dict[ActionUnit, tuple[_Column | None, _Column | None]]:
    """Return unit -> its intensity and presence column."""
    found: dict[ActionUnit, tuple[_Column | None, _Column | None]] = {}
    for index, spelled in enumerate(header):
        name = spelled.strip()
        match = _NAMES[style].fullmatch(name)
        if match is None:
            if _LIKE_A_UNIT.fullmatch(name) and not _of_another_style(name, style):
                raise ValueError(
                    f"column {spelled!r} is not known; accepted for {style} are such as {_EXAMPLES[style]}."
                )
            continue
        unit = checked_unit(int(match.group(1)), f"column {spelled!r}: unit")
        _check_sides(unit, f"column {spelled!r}")
        intensity, presence = found.get(unit, (None, None))
        column = _Column(spelled, index)
        if match.group(2) == _PRESENCE[style]:
            intensity, presence, again = intensity, column, presence
        else:
            intensity, presence, again = column, presence, intensity
        if again is not None:
            raise ValueError(f"columns {again.name!r} and {spelled!r} are the same; accepted is each once.")
        found[unit] = (intensity, presence)
    if not found:
        raise ValueError(f"the header has no {style} column of a unit; accepted are such as {_EXAMPLES[style]}.")
    return found


def _of_another_style(name: str, style: Style) -> bool:
    return any(_NAMES[other].fullmatch(name) for other in STYLES if other != style)


def _number(cell: Cell, name: str) -> float:
    try:
        number = math.nan if isinstance(cell, str) and "_" in cell else float(cell)  # float() reads 1_0 as 10
    except (TypeError, ValueError):
        number = math.nan
    if not math.isfinite(number):
        raise ValueError(f"column {name!r} is {cell!r}; accepted is a number.")
    return number


def _present(cell: Cell, name: str) -> bool:
    number = _number(cell, name)
    if number not in (0.0, 1.0):
        raise ValueError(f"column {name!r} is {cell!r}; accepted are 0 (absent) and 1 (present).")
    return number == 1.0
