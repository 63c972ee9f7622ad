"""`Record`: one row of a data set, a picture with its caption and what is known about the face.

What a data set did not code is unknown, not absent. `left` and `right` of a row are therefore null for such units, and
`expression` holds only what is known. Three degrees of knowledge are kept apart: `coded` (presence is known), `graded`
(intensity is known too; other coded units stand at their default intensity), and `side_unknown` (present, but the data
set does not say on which side, for units that an expression cannot hold without one: 30, 36, 46).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Literal, get_args

from auface.facs import ActionUnit, Expression

Split = Literal["train", "validation", "test"]
"""The names that `datasets` knows."""

SPLITS: tuple[Split, ...] = get_args(Split)
"""All splits, in the order of tables."""

MAPS = ("depth", "normals", "parts")
"""Names of the maps that a picture may have."""

FIELDS = (
    "file_name",
    "text",
    "expression",
    "left",
    "right",
    "graded",
    "side_unknown",
    "sided",
    "subject",
    "source",
    "split",
    "frame",
    "landmarks",
    "pose",
    "depth",
    "normals",
    "parts",
    "description",
)
"""The fields of a row, in the order of the file. Every row has all of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pose:
    """How the head is turned: degrees, positive toward the subject's left, up, and the left shoulder.

    Attributes:
        yaw: Degrees toward the subject's left.
        pitch: Degrees up.
        roll: Degrees toward the left shoulder.
    """

    yaw: float
    pitch: float
    roll: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One row of a data set.

    Attributes:
        file_name: Picture, relative to the folder of its split, with forward slashes.
        text: Caption; it claims nothing about units that are not coded.
        expression: What is known to be there.
        coded: The units whose presence is known, by number.
        graded: Those of `coded` whose intensity is known as well.
        side_unknown: Units that are there on a side that is not known.
        sided: Whether left and right were told apart; if not, both sides hold the stronger one.
        subject: Name of the person; the same person has the same name in every row, and is in one split only.
        source: Where the picture comes from, such as "bp4d" or "synth".
        split: Split.
        frame: Number of the frame in its source, or of the picture in a synthetic set.
        landmarks: Landmark file, relative to the data set's folder, or "".
        pose: Head pose, or None where it is not known.
        maps: Name of `MAPS` -> its file, relative to the data set's folder.
        description: JSON of what a synthetic picture was drawn from, or "".

    Raises:
        ValueError: A field contradicts another one.
    """

    file_name: str
    text: str
    expression: Expression
    coded: tuple[ActionUnit, ...]
    graded: tuple[ActionUnit, ...] = ()
    side_unknown: tuple[ActionUnit, ...] = ()
    sided: bool = True
    subject: str
    source: str
    split: Split
    frame: int
    landmarks: str = ""
    pose: Pose | None = None
    maps: Mapping[str, str] = field(default_factory=dict[str, str])
    description: str = ""

    def __post_init__(self) -> None:
        if self.split not in SPLITS:
            raise ValueError(f"`split` is {self.split!r}; accepted are {', '.join(SPLITS)}.")
        for name in ("coded", "graded", "side_unknown"):
            object.__setattr__(self, name, tuple(sorted(getattr(self, name))))
        if extra := sorted(set(self.maps) - set(MAPS)):
            raise ValueError(f"`maps` has {', '.join(extra)}; accepted are {', '.join(MAPS)}.")
        if extra := sorted(set(self.expression.units) - set(self.coded)):
            raise ValueError(f"`expression` has {_names(extra)}, which `coded` lacks; what is not coded is unknown.")
        if extra := sorted(set(self.graded) - set(self.coded)):
            raise ValueError(f"`graded` has {_names(extra)}, which `coded` lacks; an intensity implies presence.")
        if both := sorted(set(self.side_unknown) & set(self.coded)):
            raise ValueError(f"`side_unknown` and `coded` both have {_names(both)}; accepted is one of the two.")

    def to_json(self, units: Iterable[ActionUnit]) -> str:
        """Return the row as one line of JSON.

        Args:
            units: The units that `left` and `right` list, null where a unit is not coded. They are the same in every
                row of a data set, so that all rows have the same columns.
        """
        values = self.expression.values()
        coded = set(self.coded)

        def side(place: int) -> dict[str, float | None]:
            return {unit.name: values.get(unit, (0.0, 0.0))[place] if unit in coded else None for unit in units}

        row: dict[str, Any] = {
            "file_name": self.file_name,
            "text": self.text,
            "expression": self.expression.notation(),
            "left": side(0),
            "right": side(1),
            "graded": [unit.name for unit in self.graded],
            "side_unknown": [unit.name for unit in self.side_unknown],
            "sided": self.sided,
            "subject": self.subject,
            "source": self.source,
            "split": self.split,
            "frame": self.frame,
            "landmarks": self.landmarks,
            "pose": None if self.pose is None else [self.pose.yaw, self.pose.pitch, self.pose.roll],
            **{name: self.maps.get(name, "") for name in MAPS},
            "description": self.description,
        }
        return json.dumps(row, ensure_ascii=False)

    @classmethod
    def from_json(cls, line: str) -> Record:
        """Read a line that `to_json` wrote.

        Args:
            line: JSON object with all of `FIELDS`.

        Raises:
            ValueError: The line is not JSON, or a field is missing, unknown or wrong.
        """
        try:
            row = json.loads(line)
        except ValueError as error:
            raise ValueError(f"row cannot be read: {error}") from None
        if not isinstance(row, dict) or row.keys() != set(FIELDS):
            found = sorted(row) if isinstance(row, dict) else type(row).__name__
            raise ValueError(f"row has fields {found}; accepted are {', '.join(FIELDS)}.")
        left, right = row["left"], row["right"]
        known = tuple(name for name, value in left.items() if value is not None)
        coded = _units(known)
        values = {unit: (left[name], right[name]) for name, unit in zip(known, coded, strict=True)}
        pose = row["pose"]
        return cls(
            file_name=row["file_name"],
            text=row["text"],
            expression=Expression.of({unit: sides for unit, sides in values.items() if any(sides)}),
            coded=coded,
            graded=_units(tuple(row["graded"])),
            side_unknown=_units(tuple(row["side_unknown"])),
            sided=row["sided"],
            subject=row["subject"],
            source=row["source"],
            split=row["split"],
            frame=row["frame"],
            landmarks=row["landmarks"],
            pose=None if pose is None else Pose(yaw=pose[0], pitch=pose[1], roll=pose[2]),
            maps={name: row[name] for name in MAPS if row[name]},
            description=row["description"],
        )


def _names(units: Iterable[ActionUnit]) -> str:
    return ", ".join(unit.name for unit in units)


@lru_cache(maxsize=1000)  # the rows of a set mostly have the same units coded
def _units(names: tuple[str, ...]) -> tuple[ActionUnit, ...]:
    for name in names:
        if name not in ActionUnit.__members__:
            raise ValueError(f"row names the unit {name!r}; accepted are names such as 'AU12'.")
    return tuple(ActionUnit[name] for name in names)
