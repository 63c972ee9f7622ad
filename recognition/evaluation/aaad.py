"""`evaluate_captions`: AAAD over a folder, with the agreement of each unit, as JSON, Markdown and a plot."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from auface.facs import ActionUnit
from auface.recognition.agreement import Agreement, agreement, mean_agreement
from auface.recognition.batch import Reader
from auface.recognition.frames import Problem
from auface.recognition.presence import presence_of_reading
from auface.recognition.result import FaceReading
from auface.recognition.unit_table import UNITS

from .alignment import Presence, TextUnits, alignment, divergence
from .captions import CaptionedPicture

if TYPE_CHECKING:
    from PIL.Image import Image

_LEAST_PICTURES = 2  # captions cannot be exchanged with fewer


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptionReport:
    """How well pictures show their captions.

    Attributes:
        aaad: Mean alignment of pictures with their captions, 0 to 1.
        exchanged: The same with captions exchanged: what chance and common units give.
        ranking: Share of pictures that agree better with their own caption than with another one; 0.5 is chance.
        alignments: Alignment of each picture that was read, in order.
        truth: What intensities were compared with: "labels", or "captions" where the folder has none.
        units: Unit -> agreement of intensities.
        unit_alignments: Unit -> mean of 1 - divergence over pictures.
        count: Pictures that were read.
        without_face: Pictures in which no face was found; they are not counted.
        problems: What could not be read, with the reason.
    """

    aaad: float
    exchanged: float
    ranking: float
    alignments: tuple[float, ...]
    truth: str
    units: dict[ActionUnit, Agreement]
    unit_alignments: dict[ActionUnit, float]
    count: int
    without_face: tuple[str, ...]
    problems: tuple[Problem, ...]

    @property
    def mean(self) -> Agreement:
        """The mean of each figure over the units."""
        return mean_agreement(list(self.units.values()))

    def to_dict(self) -> dict[str, Any]:
        """Return what JSON holds; figures that are not defined are null."""
        return {
            "schema": "auface.aaad/1",
            "aaad": _number(self.aaad),
            "aaad, captions exchanged": _number(self.exchanged),
            "ranking, own caption against another": _number(self.ranking),
            "pictures": self.count,
            "truth of intensities": self.truth,
            "mean over units": self.mean.to_dict(),
            "units": {
                unit.name: {**found.to_dict(), "alignment": _number(self.unit_alignments[unit])}
                for unit, found in self.units.items()
            },
            "without face": list(self.without_face),
            "problems": [{"name": one.name, "reason": one.reason} for one in self.problems],
        }

    def to_markdown(self) -> str:
        """Return a report for people."""
        lines = [
            "# How well the pictures show their captions",
            "",
            f"AAAD {self.aaad:.3f} over {self.count} pictures; {self.exchanged:.3f} with captions exchanged. "
            f"{100 * self.ranking:.1f} % agree better with their own caption than with another one.",
            "",
            f"Intensities were compared with the {self.truth}. A dash: not defined, because nothing varies.",
            "",
            "| unit | name | pictures with it | alignment | F1 | ICC(3,1) | MAE | correlation |",
            "| --- | --- | --: | --: | --: | --: | --: | --: |",
        ]
        for unit, found in self.units.items():
            lines.append(_row(f"{int(unit)} | {unit.label}", found, self.unit_alignments[unit]))
        lines.append(_row("**mean** |", self.mean, float(np.nanmean(list(self.unit_alignments.values())))))
        if self.without_face:
            lines += ["", f"No face was found in {len(self.without_face)}: {', '.join(self.without_face[:20])}"]
        if self.problems:
            lines += ["", "Not read:", *(f"- {one.name}: {one.reason}" for one in self.problems)]
        return "\n".join([*lines, ""])

    def plot(self) -> Image:
        """Return a picture: alignment and F1 of each unit as bars, and how alignments are spread."""
        from .plot import draw_report

        rows = [
            (f"{int(unit)} {unit.label}", self.unit_alignments[unit], found.f1, found.icc)
            for unit, found in self.units.items()
        ]
        heading = f"AAAD {self.aaad:.3f}, exchanged {self.exchanged:.3f}, {self.count} pictures"
        return draw_report(heading, rows, self.alignments)


def evaluate_captions(
    reader: Reader,
    pictures: Iterable[CaptionedPicture | Problem],
    seed: int = 0,
    progress: Callable[[int], None] | None = None,
) -> CaptionReport:
    """Read pictures and compare them with their captions; the largest face of each counts.

    Args:
        reader: What reads faces.
        pictures: The pictures, one at a time, as `captioned_pictures` yields them.
        seed: Which captions are exchanged.
        progress: Called with the number of pictures done so far.

    Raises:
        ValueError: No picture could be read.
    """
    problems: list[Problem] = []
    without: list[str] = []
    read: list[tuple[TextUnits, CaptionedPicture, FaceReading]] = []
    for done, picture in enumerate(pictures, start=1):
        if isinstance(picture, Problem):
            problems.append(picture)
        else:
            try:
                text = TextUnits.of(picture.text)
                found = reader.read(picture.path)
                if found.faces:
                    read.append((text, picture, found.face()))
                else:
                    without.append(picture.path.name)
            except ValueError as error:
                problems.append(Problem(str(picture.path), str(error)))
        if progress is not None:
            progress(done)
    if not read:
        said = problems[0].reason if problems else "no face was found in any"
        raise ValueError(f"`pictures` hold none that could be read ({said}); accepted is at least one with a face.")
    return _report(read, problems, without, seed)


def _report(
    read: list[tuple[TextUnits, CaptionedPicture, FaceReading]], problems: list[Problem], without: list[str], seed: int
) -> CaptionReport:
    texts = [text.presence(UNITS) for text, _, _ in read]
    seen = [presence_of_reading(face.units) for _, _, face in read]
    own = [alignment(text, picture) for text, picture in zip(texts, seen, strict=True)]
    others = _exchanged(len(read), seed)
    other = [alignment(texts[others[place]], picture) for place, picture in enumerate(seen)] if others else []
    better = [(one > two) + 0.5 * (one == two) for one, two in zip(own, other, strict=False)]
    labelled = any(picture.labels for _, picture, _ in read)
    return CaptionReport(
        aaad=_mean(own),
        exchanged=_mean(other),
        ranking=_mean(better),
        alignments=tuple(own),
        truth="labels" if labelled else "captions",
        units={unit: _agreement(unit, read, labelled) for unit in UNITS},
        unit_alignments={unit: _unit_alignment(unit, texts, seen) for unit in UNITS},
        count=len(read),
        without_face=tuple(without),
        problems=tuple(problems),
    )


def _exchanged(count: int, seed: int) -> list[int]:
    """Return for each picture the number of another one: a random cycle through all."""
    if count < _LEAST_PICTURES:
        return []
    order = list(range(count))
    random.Random(seed).shuffle(order)
    following = dict(zip(order, [*order[1:], order[0]], strict=True))
    return [following[place] for place in range(count)]


def _agreement(
    unit: ActionUnit, read: list[tuple[TextUnits, CaptionedPicture, FaceReading]], labelled: bool
) -> Agreement:
    """Compare the intensities of a unit, left and right as two ratings where labels have sides."""
    truth: list[float] = []
    detected: list[float] = []
    for text, picture, face in read:
        if not face.units.is_judged(unit):
            continue
        if labelled:
            if unit not in picture.labels:
                continue
            pairs = zip(picture.labels[unit], (face.units.left(unit), face.units.right(unit)), strict=True)
        else:
            pairs = [(text.stated.intensity(unit), face.units.intensity(unit))]
        for one, two in pairs:
            truth.append(one)
            detected.append(two)
    return agreement(truth, detected)


def _unit_alignment(unit: ActionUnit, texts: Iterable[Presence], seen: Iterable[Presence]) -> float:
    pairs = zip(texts, seen, strict=True)
    return _mean(1 - divergence(text[unit], picture[unit]) for text, picture in pairs if unit in picture)


def _mean(values: Iterable[float]) -> float:
    known = [value for value in values if not math.isnan(value)]
    return float(np.mean(known)) if known else math.nan


def _number(value: float) -> float | None:
    return None if math.isnan(value) else round(value, 4)


def _row(name: str, found: Agreement, aligned: float) -> str:
    def cell(value: float, digits: int = 2) -> str:
        return "-" if math.isnan(value) else f"{value:.{digits}f}"

    present = "-" if math.isnan(found.present) else f"{100 * found.present:.0f} %"
    cells = (present, cell(aligned, 3), cell(found.f1), cell(found.icc), cell(found.mae), cell(found.correlation))
    return f"| {name} | {' | '.join(cells)} |"
