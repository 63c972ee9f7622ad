"""How far landmarks show what was asked for, of what they show in renders, with and without a LoRA.

The share of a unit is what MediaPipe's landmarks tell of it in a picture (`unit_measure`), in what they tell of it in
renders, which show it exactly. A picture without a face has a share of 0. The error is the mean distance from 1.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from generate import NEUTRAL, natural_requests, shown_units, single_requests
from lora_faces import FRESH, SIZE, Booth, sheet
from picture_landmarks import PictureReader
from PIL import Image
from rendered_units import rendered_rows
from unit_measure import LEVEL, UnitShown

from auface.facs import ActionUnit, Expression

_VISIBLE = 0.4  # share of a unit's movement that the reader sees in renders; others it cannot judge


@dataclass(frozen=True, slots=True)
class Trial:
    """How units are shown by the base.

    Attributes:
        base: Draws without a LoRA.
        seen: Unit -> what the reader sees of it in renders.
        singles: Requests of one unit.
        quick: Whether only to see that it works.
    """

    base: Booth
    seen: dict[ActionUnit, float]
    singles: list[Expression]
    quick: bool

    @classmethod
    def of(cls, reader: PictureReader, given: Any) -> Trial:
        """Return the trial of a command line.

        Args:
            reader: Reads landmarks.
            given: Of the command line, with `heads`.
        """
        if given.heads is None:
            raise SystemExit("--heads is missing, which weak needs")
        singles = single_requests()[:: 6 if given.quick else 1]
        renders: dict[ActionUnit, list[float]] = {}
        for row in rendered_rows(given.heads, reader, [1, 2], singles, SIZE):
            renders.setdefault(row.unit, []).append(share(row))
        seen = {unit: float(np.median(values)) for unit, values in renders.items()}
        return cls(
            Booth(None, reader), {unit: value for unit, value in seen.items() if value > _VISIBLE}, singles, given.quick
        )

    def rows(self, booth: Booth, people: list[int], combinations: int) -> list[UnitShown]:
        """Return how pictures show the units that the reader sees: alone at 4, and in natural combinations.

        Args:
            booth: Draws.
            people: Their seeds.
            combinations: How many requests of several units.
        """
        studio = booth.studio()
        rows = [row for seed in people for row in shown_units(studio, [seed], self.singles)]
        if combinations:
            rows += shown_units(studio, people, natural_requests(combinations))
        return [row for row in rows if row.unit in self.seen]

    def shares(self, rows: Iterable[UnitShown]) -> dict[ActionUnit, list[float]]:
        """Return the shares of each unit; 1 is as much as renders show.

        Args:
            rows: Of `rows`.
        """
        found: dict[ActionUnit, list[float]] = {}
        for row in rows:
            found.setdefault(row.unit, []).append(share(row) / self.seen[row.unit])
        return found

    def compared(self, lora: Booth, weak: list[ActionUnit]) -> tuple[dict[str, Any], Image.Image]:
        """Return the errors with and without a LoRA, and a sheet: above without, below with it.

        Args:
            lora: Draws with the LoRA.
            weak: The units that it learned.
        """
        people, combinations = (FRESH[:1], 2) if self.quick else (FRESH[:3], 36)
        booths = {"base": self.base, "LoRA": lora}
        shares = {name: self.shares(self.rows(booth, people, combinations)) for name, booth in booths.items()}
        errors = {
            name: {
                group: off([value for unit, values in part.items() if (unit in weak) == of_weak for value in values])
                for group, of_weak in (("weak", True), ("others", False))
            }
            for name, part in shares.items()
        }
        change = {group: 100 * (errors["LoRA"][group] / errors["base"][group] - 1) for group in ("weak", "others")}
        requests = [NEUTRAL, *(Expression.of({unit: LEVEL}) for unit in weak)]
        drawn = [
            [one.picture for one in booth.studio().draw([(people[0], request) for request in requests])]
            for booth in booths.values()
        ]
        result = {
            "people": len(people),
            "error of the share": errors,
            "change of the error, percent": {group: round(value, 1) for group, value in change.items()},
            "units: mean share, its spread, and error": {
                f"{unit.name}{' (weak)' if unit in weak else ''}": {
                    name: _spread(part[unit]) for name, part in shares.items()
                }
                for unit in sorted(shares["base"])
            },
        }
        return result, sheet(drawn)


def share(row: UnitShown) -> float:
    """Return what is shown of what was wanted; 0 where no face was found.

    Args:
        row: A unit of a picture.
    """
    return row.shown / row.wanted if np.isfinite(row.shown) else 0.0


def off(shares: list[float]) -> float:
    """Return the mean distance of shares from 1.

    Args:
        shares: At least one.
    """
    return float(np.mean(np.abs(np.array(shares) - 1)))


def _spread(shares: list[float]) -> list[float]:
    values = (np.mean(shares), np.std(shares), off(shares))
    return [round(float(value), 2) for value in values]
