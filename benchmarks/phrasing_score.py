"""Hand-written phrasings with hand-written labels, and how a reader scores on them.

`phrasings/test.jsonl` was written and labelled apart from the reader and is used for nothing but its score;
`phrasings/development.jsonl` was looked at while the reader's words were collected.
"""

import json
from pathlib import Path
from typing import NamedTuple

from auface.facs import Expression, read
from auface.facs.intensity import level

FOLDER = Path(__file__).resolve().parent / "phrasings"

_OPENING = {
    19,
    26,
    27,
}  # a shown tongue, a dropped jaw and a stretched mouth part the lips: 25 is not counted beside them


class Row(NamedTuple):
    """One phrasing: its text, the units it means, and the units that it denies."""

    text: str
    units: Expression
    denied: frozenset[int]


class Score(NamedTuple):
    """Shares of rows read as labelled: units and sides; these with levels within one letter; all exactly."""

    rows: int
    units: float
    within_one_letter: float
    exact: float


def phrasings(name: str) -> list[Row]:
    """Return the rows of a set: "test" or "development"."""
    rows = [json.loads(line) for line in (FOLDER / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()]
    return [Row(row["text"], Expression.parse(row["units"]), frozenset(row["not"])) for row in rows]


def score(rows: list[Row]) -> Score:
    """Return how well the reader reads them; a denied unit that is read counts as a wrong unit."""
    units = near = exact = 0
    for row in rows:
        wanted, found = _levels(row.units), _levels(read(row.text).expression)
        same = _sides(wanted) == _sides(found)
        units += same
        near += same and all(
            abs(mine - yours) <= 1 for unit in wanted for mine, yours in zip(wanted[unit], found[unit], strict=True)
        )
        exact += wanted == found
    count = len(rows)
    return Score(count, units / count, near / count, exact / count)


def _levels(expression: Expression) -> dict[int, tuple[int, int]]:
    levels = {int(unit): (level(left), level(right)) for unit, left, right in expression}
    if _OPENING & levels.keys():
        levels.pop(25, None)
    return levels


def _sides(levels: dict[int, tuple[int, int]]) -> dict[int, tuple[bool, bool]]:
    return {unit: (left > 0, right > 0) for unit, (left, right) in levels.items()}
