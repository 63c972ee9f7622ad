"""`Card`: the data card, README.md, with what is in a data set and what is not."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

from auface.facs import ActionUnit
from auface.facs.intensity import LETTERS, level

from .record import SPLITS, Record

_PAIRS = 30  # pairs of units that the card lists


class Card:
    """Counts rows and writes the card."""

    def __init__(self, settings: Mapping[str, Any], units: Sequence[ActionUnit], licence: str, blank: int = 0) -> None:
        """Start with nothing counted.

        Args:
            settings: What the set was made from, as JSON values.
            units: The units that the rows list.
            licence: What is to be said about the use of the data.
            blank: Pictures that were left out because nothing is to be seen on them.
        """
        self._blank = blank
        self._settings = settings
        self._units = tuple(units)
        self._licence = licence
        self._rows: Counter[str] = Counter()
        self._subjects: dict[str, set[str]] = {split: set() for split in SPLITS}
        self._sources: Counter[str] = Counter()
        self._coded: Counter[ActionUnit] = Counter()
        self._present: Counter[ActionUnit] = Counter()
        self._levels: Counter[tuple[ActionUnit, int]] = Counter()
        self._one_sided: Counter[ActionUnit] = Counter()
        self._no_side: Counter[ActionUnit] = Counter()
        self._together: Counter[tuple[ActionUnit, ActionUnit]] = Counter()
        self._neutral = 0
        self._sided = 0

    def count(self, record: Record) -> None:
        """Count one row.

        Args:
            record: The row.
        """
        self._rows[record.split] += 1
        self._subjects[record.split].add(record.subject)
        self._sources[record.source] += 1
        self._coded.update(record.coded)
        self._no_side.update(record.side_unknown)
        self._neutral += record.expression.is_neutral
        self._sided += record.sided
        graded = set(record.graded)
        for unit, left, right in record.expression:
            self._present[unit] += 1
            self._one_sided[unit] += min(left, right) == 0
            if unit in graded:
                self._levels[unit, level(max(left, right))] += 1
        self._together.update(combinations(record.expression.units, 2))

    def markdown(self) -> str:
        """Return the card."""
        total = sum(self._rows.values())
        lines = [
            "# Data card",
            "",
            f"{total} pictures of faces with captions and FACS labels. One row for each picture in `metadata.*`; "
            "`left` and `right` hold intensities from 0 (absent) to 5 (maximum), null where a unit was not coded.",
            "",
            *self._split_table(),
            "",
            f"Sources: {', '.join(f'{name} ({count})' for name, count in sorted(self._sources.items()))}. "
            f"No unit present: {self._neutral}. Left and right told apart: {self._sided}; in the other rows both sides "
            "hold the same value. Left out because the picture is blank: "
            f"{self._blank}.",
            "",
            "## Licence",
            "",
            self._licence or "As the source's.",
            "",
            "## Units",
            "",
            "*Coded* counts rows in which the unit's presence is known, *A* to *E* those with a coded intensity, "
            "*present only* those without, *side unknown* those where it is there on a side that was not coded.",
            "",
            *self._unit_table(),
            "",
            "## Units that occur together",
            "",
            *self._pair_table(),
            "",
            "## Settings",
            "",
            "```json",
            json.dumps(self._settings, indent=2, ensure_ascii=False),
            "```",
            "",
        ]
        return "\n".join(lines)

    def _split_table(self) -> list[str]:
        lines = ["| split | pictures | subjects |", "| --- | ---: | ---: |"]
        return lines + [f"| {split} | {self._rows[split]} | {len(self._subjects[split])} |" for split in SPLITS]

    def _unit_table(self) -> list[str]:
        lines = [
            f"| unit | name | coded | present | {' | '.join(LETTERS)} | present only | one side only | side unknown |",
            "| --- | --- |" + " ---: |" * 10,
        ]
        for unit in self._units:
            letters = [self._levels[unit, number] for number in range(1, len(LETTERS) + 1)]
            cells = [
                self._coded[unit],
                self._present[unit],
                *letters,
                self._present[unit] - sum(letters),
                self._one_sided[unit],
                self._no_side[unit],
            ]
            lines.append(f"| {unit.value} | {unit.label} | {' | '.join(map(str, cells))} |")
        return lines

    def _pair_table(self) -> list[str]:
        pairs = sorted(self._together.items(), key=lambda item: (-item[1], item[0]))[:_PAIRS]
        if not pairs:
            return ["None."]
        lines = ["| units | pictures |", "| --- | ---: |"]
        return lines + [f"| {first.value}+{second.value} | {count} |" for (first, second), count in pairs]
