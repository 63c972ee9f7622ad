"""Label a plain folder of pictures with the recognizer; what it is unsure of goes into a review sheet.

A picture without a face, or with several, is left out, because it is not known whose expression the caption would be
about. A unit that could not be judged, or whose expected error is too large, is unknown in its row: the caption says
nothing about it. Both are listed in `review.csv`, with the reason, and shown in `review.png`.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from auface.facs import ActionUnit, Expression

from .caption import EXPRESSIVE_UNITS, Style, caption
from .importers.folder import split_of, subject_of
from .importers.picture import SUFFIXES
from .record import Pose, Record
from .seed import derived_seed
from .sheet import ContactSheet
from .writer import FilePlacer

REVIEW = "review"
"""Folder of what is to be reviewed, a file for each picture; then the name of the table and the sheet."""

_COLUMNS = ("picture", "kept", "reason", "score", "expression", "unknown")
_ENOUGH = 8  # pictures that show that the recognizer is never sure of a unit
_FAINT = 0.5  # intensity below which a unit counts as absent


class Reads(Protocol):
    """A recognizer, as far as labelling needs one."""

    def read(self, image: Path) -> Any:
        """Return an `auface.recognition.result.Recognition`."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What is known of a picture without reading it.

    Attributes:
        expression: All that the face does; None asks the recognizer.
        text: The caption; "" has it written.
    """

    expression: Expression | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class LabelWorkshop:
    """Carries the work to the process that does it; a `Workshop`.

    Attributes:
        images: Folder of the pictures.
        names: The pictures, relative to it.
        recognizer: Makes the recognizer, in that process.
        captions: Style of captions.
        seed: Seed of captions and splits.
        min_confidence: Faces less certain than this are none, 0 to 1.
        max_error: Units with a larger expected error are unknown, 0 to 5.
        told: Picture -> what is known of it without reading it; such a picture is kept without a face too.
        held_out: Whether a tenth of the people is kept for validation and test.
    """

    images: Path
    names: tuple[str, ...]
    recognizer: Callable[[], Reads]
    captions: Style = "sentence"
    seed: int = 0
    min_confidence: float = 0.8
    max_error: float = 1.0
    told: Mapping[str, Told] = field(default_factory=dict[str, Told])
    held_out: bool = True

    def __post_init__(self) -> None:
        if not 0 <= self.min_confidence <= 1 or not 0 < self.max_error <= 5:
            raise ValueError(
                f"`min_confidence` is {self.min_confidence}, `max_error` {self.max_error}; accepted are numbers from 0 "
                "to 1, and above 0 to 5."
            )

    def __call__(self) -> Labeller:
        """Return what makes the rows."""
        return Labeller(self, self.recognizer())


class Labeller:
    """Makes the rows of a labelled folder; a `RowMaker`.

    Args:
        workshop: What to label, and how.
        recognizer: What reads faces.
    """

    def __init__(self, workshop: LabelWorkshop, recognizer: Reads) -> None:
        self._shop, self._recognizer = workshop, recognizer

    def make(self, index: int, placer: FilePlacer) -> Record | None:
        """Label one picture and return its row, or None if it is left out.

        Args:
            index: Which picture.
            placer: Where the files go.

        Raises:
            ValueError: The picture cannot be read.
        """
        shop, name = self._shop, self._shop.names[index]
        told = shop.told.get(name, Told())
        found = self._recognizer.read(shop.images / name)
        sure = [face for face in found.faces if face.face.score >= shop.min_confidence]
        reading = sure[0] if len(sure) == 1 else None
        if reading is None:
            best = max((face.face.score for face in found.faces), default=0.0)
            reason = f"{len(sure)} faces" if sure else "no face" if not found.faces else "no face that is sure enough"
            self._flag(index, placer, {"kept": told.expression is not None, "reason": reason, "score": round(best, 3)})
        if told.expression is not None:
            expression, known = told.expression, tuple({*_units_of(reading), *told.expression.units})
        elif reading is not None:
            expression, known, unsure = settled(reading.units, shop.max_error)
            if unsure:
                units = " ".join(unit.name for unit in unsure)
                about = {"kept": True, "reason": "units that are not sure", "score": round(reading.face.score, 3)}
                self._flag(index, placer, {**about, "expression": expression.notation(), "unknown": units})
        else:
            return None
        subject = subject_of(name)
        split = split_of(subject, shop.seed) if shop.held_out else "train"
        place = f"{index:07d}{Path(name).suffix.lower()}"
        placer.place(f"{split}/{place}", (shop.images / name).read_bytes())
        text = told.text or caption(expression, known, known, derived_seed(shop.seed, place), shop.captions)
        return Record(
            file_name=place,
            text=text,
            expression=expression,
            coded=known,
            graded=known,
            subject=subject,
            source="recognizer" if told.expression is None else "told",
            split=split,
            frame=index,
            **({} if reading is None else self._place(index, placer, reading)),
        )

    @staticmethod
    def _place(index: int, placer: FilePlacer, reading: Any) -> dict[str, Any]:
        """Keep where the face is, and return it as fields of a row."""
        buffer = io.BytesIO()
        np.savez(buffer, landmarks=reading.face.landmarks[:, :2].astype(np.float32))
        placer.place(f"landmarks/{index:07d}.npz", buffer.getvalue())
        pose = reading.face.pose
        return {
            "landmarks": f"landmarks/{index:07d}.npz",
            "pose": Pose(yaw=round(pose.yaw, 2), pitch=round(pose.pitch, 2), roll=round(pose.roll, 2)),
        }

    def _flag(self, index: int, placer: FilePlacer, about: dict[str, Any]) -> None:
        row = {"picture": self._shop.names[index], **about}
        placer.place(f"{REVIEW}/{index:07d}.json", json.dumps(row).encode())


def _units_of(reading: Any) -> tuple[ActionUnit, ...]:
    """Return the units that are known where somebody said all that a face does."""
    return EXPRESSIVE_UNITS if reading is None else tuple({*EXPRESSIVE_UNITS, *reading.units.units})


def settled(units: Any, max_error: float) -> tuple[Expression, tuple[ActionUnit, ...], tuple[ActionUnit, ...]]:
    """Return what is known of a face: its expression, the units that are known, and those that are not sure.

    Args:
        units: An `auface.recognition.result.UnitReading`.
        max_error: Largest expected error of a unit that is known.
    """
    known = tuple(unit for unit in units.units if units.is_judged(unit) and units.uncertainty(unit) <= max_error)
    values = {unit: (units.left(unit), units.right(unit)) for unit in known}
    faint = {unit: tuple(value if value >= _FAINT else 0.0 for value in sides) for unit, sides in values.items()}
    expression = Expression.of({unit: sides for unit, sides in faint.items() if any(sides)})  # pyright: ignore[reportArgumentType]
    return expression, known, tuple(unit for unit in units.units if unit not in known)


def pictures_of(images: Path) -> tuple[str, ...]:
    """Return the pictures inside a folder, by name.

    Args:
        images: The folder.

    Raises:
        ValueError: It is no folder, or has none.
    """
    if not images.is_dir():
        raise ValueError(f"`images` is {str(images)!r}; accepted is a folder of pictures.")
    names = sorted(path.relative_to(images).as_posix() for path in images.rglob("*") if path.suffix.lower() in SUFFIXES)
    if not names:
        raise ValueError(
            f"`images` is {str(images)!r}, which has no pictures; accepted are {', '.join(sorted(SUFFIXES))}."
        )
    return tuple(names)


def write_review(folder: Path, images: Path) -> int:
    """Write `review.csv` and `review.png` of a labelled set, and return how many pictures are to be reviewed.

    A unit that the recognizer is sure of in no picture says nothing about any of them: it is no reason to look.

    Args:
        folder: The folder of the set.
        images: The folder of the pictures.
    """
    rows = [json.loads(path.read_bytes()) for path in sorted((folder / REVIEW).glob("*.json"))]
    rows = _telling(rows, sum(1 for _ in (folder / "landmarks").glob("*.npz")))
    buffer = io.StringIO(newline="")
    writer = csv.DictWriter(buffer, _COLUMNS, restval="")
    writer.writeheader()
    writer.writerows(rows)
    (folder / f"{REVIEW}.csv").write_text(buffer.getvalue(), encoding="utf-8")
    if rows:
        (folder / f"{REVIEW}.png").write_bytes(_sheet(rows, images))
    return len(rows)


def _telling(rows: list[Any], kept: int) -> list[Any]:
    """Return the rows without units that are unknown in all pictures that were kept."""
    unsure = [row["unknown"].split() for row in rows if row["kept"] and row.get("unknown")]
    never = set.intersection(*map(set, unsure)) if kept >= _ENOUGH and len(unsure) == kept else set[str]()
    found: list[Any] = []
    for row in rows:
        if not row["kept"] or not row.get("unknown"):  # there for another reason
            found.append(row)
        elif left := [name for name in row["unknown"].split() if name not in never]:
            found.append({**row, "unknown": " ".join(left)})
    return found


def _sheet(rows: Sequence[dict[str, Any]], images: Path) -> bytes:
    sheet = ContactSheet(images)
    ordered = sorted(rows, key=lambda row: (row["kept"], row["score"]))  # what is left out comes first
    for number, row in enumerate(ordered):
        text = f"{row['reason']}: {row['unknown']}" if row.get("unknown") else row["reason"]
        sheet.add(
            images / row["picture"], f"{'kept' if row['kept'] else 'left out'}  {row['score']}", text, number, len(rows)
        )
    return sheet.png()
