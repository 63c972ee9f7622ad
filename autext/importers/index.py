"""`Index`: every frame of a data set with its labels in a few arrays, filtered and counted before writing."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from auface.autext.record import Split
from auface.facs import ActionUnit

from .picture import Pictures
from .problem import Problems

NO_LABEL = "without a label"
NO_FACE = "without a face"
SAME_FRAME = "frame listed twice"
SAME_PICTURE = "same picture as the frame before"
THINNED = "left out by every-nth"
WEAK = "below the least intensity"
KNOWN_BAD = "in a sequence known to be broken"


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Which frames are wanted.

    Attributes:
        subjects: Names of subjects; empty for all.
        units: Units whose labels are used; empty for all.
        min_intensity: A frame is kept if one unit was coded at this intensity or above, 0 to 5. Units of which only
            presence was coded do not count, because their intensity is unknown.
        every_nth: Of each sequence, every n-th labelled frame is kept, from the first.

    Raises:
        ValueError: A value is out of range.
    """

    subjects: tuple[str, ...] = ()
    units: tuple[ActionUnit, ...] = ()
    min_intensity: float = 0.0
    every_nth: int = 1

    def __post_init__(self) -> None:
        if not 0 <= self.min_intensity <= 5:
            raise ValueError(f"`min_intensity` is {self.min_intensity}; accepted is a number from 0 to 5.")
        if self.every_nth < 1:
            raise ValueError(f"`every_nth` is {self.every_nth}; accepted is a whole number from 1.")

    def settings(self) -> dict[str, Any]:
        """Return the selection as JSON values."""
        return {
            "subjects": list(self.subjects),
            "units": [unit.value for unit in self.units],
            "min_intensity": self.min_intensity,
            "every_nth": self.every_nth,
        }


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FrameSequence:
    """The frames of one recording.

    Attributes:
        subject: Who.
        name: Name of the sequence, unique in the data set, such as "F001_T1".
        split: Split of the subject.
        frames: (frames,) int32, numbers.
        presence: (frames, units) int8: 0 absent, 1 present, -1 not coded.
        intensity: (frames, units) float32: 0 to 5, -1 not coded.
        pictures: Where the pictures are.
        table: The file with the labels, for messages.
        lines: (frames,) int32, line of each frame in that file.
    """

    subject: str
    name: str
    split: Split
    frames: NDArray[np.int32]
    presence: NDArray[np.int8]
    intensity: NDArray[np.float32]
    pictures: Pictures
    table: Path
    lines: NDArray[np.int32]

    def chosen(self, rows: NDArray[np.intp] | NDArray[np.bool_], *, slim: bool = False) -> FrameSequence:
        """Return some of the frames.

        Args:
            rows: Which.
            slim: Whether what only indexing needs is left behind.
        """
        return FrameSequence(
            subject=self.subject,
            name=self.name,
            split=self.split,
            frames=self.frames[rows],
            presence=self.presence[rows],
            intensity=self.intensity[rows],
            pictures=self.pictures.slim() if slim else self.pictures,
            table=self.table,
            lines=self.lines[rows],
        )


@dataclass(slots=True, kw_only=True, eq=False)
class Index:
    """The frames of a data set.

    Attributes:
        source: Name of the data set.
        units: The units that it codes and that were asked for.
        sided: Whether it tells left and right apart.
        sequences: What is left after filtering.
        dropped: Reason -> frames that were left out for it.
        disagreements: Labels whose presence and intensity contradict each other; the intensity counts.
    """

    source: str
    units: tuple[ActionUnit, ...]
    sided: bool = False
    sequences: list[FrameSequence] = field(default_factory=list[FrameSequence])
    dropped: Counter[str] = field(default_factory=Counter[str])
    disagreements: int = 0

    def __len__(self) -> int:
        return sum(len(sequence.frames) for sequence in self.sequences)

    def add(self, sequence: FrameSequence, selection: Selection, problems: Problems) -> None:
        """Filter the frames of a sequence and take the rest.

        Args:
            sequence: The frames, with the units of the index.
            selection: Which are wanted.
            problems: Where problems are noted.
        """
        sequence = self._without_repeats(sequence, problems)
        known = np.any((sequence.presence >= 0) | (sequence.intensity >= 0), axis=1)
        sequence = self._kept(sequence, known, NO_LABEL)
        sequence = self._kept(sequence, np.arange(len(sequence.frames)) % selection.every_nth == 0, THINNED)
        if selection.min_intensity > 0:
            strong = np.any(sequence.intensity >= selection.min_intensity, axis=1)
            sequence = self._kept(sequence, strong, WEAK)
        sequence = self._with_pictures(sequence, problems)
        both = (sequence.presence >= 0) & (sequence.intensity >= 0)
        self.disagreements += int((both & ((sequence.presence == 1) != (sequence.intensity > 0))).sum())
        if len(sequence.frames):
            self.sequences.append(sequence.chosen(np.ones(len(sequence.frames), bool), slim=True))

    def settings(self) -> dict[str, Any]:
        """Return what the set is made from as JSON values, with a checksum over all labels."""
        digest = hashlib.sha256()
        splits: Mapping[str, str] = {sequence.subject: sequence.split for sequence in self.sequences}
        for sequence in self.sequences:
            digest.update(f"{sequence.name} {sequence.subject} {sequence.split}\n".encode())
            for array in (sequence.frames, sequence.presence, sequence.intensity):
                digest.update(np.ascontiguousarray(array).tobytes())
        return {
            "source": self.source,
            "frames": len(self),
            "labels_sha256": digest.hexdigest(),
            "subjects_of_splits": {
                split: sum(1 for found in splits.values() if found == split) for split in sorted(set(splits.values()))
            },
            "left_out": dict(sorted(self.dropped.items())),
            "presence_and_intensity_disagree": self.disagreements,
        }

    def _kept(self, sequence: FrameSequence, keep: NDArray[np.bool_] | np.bool_, reason: str) -> FrameSequence:
        keep = np.asarray(keep)
        if keep.all():
            return sequence
        self.dropped[reason] += int((~keep).sum())
        return sequence.chosen(keep)

    def _without_repeats(self, sequence: FrameSequence, problems: Problems) -> FrameSequence:
        """Leave out frames that are listed again with the same labels; other labels are a problem."""
        order = np.argsort(sequence.frames, kind="stable")
        sequence = sequence.chosen(order)
        again = np.flatnonzero(np.diff(sequence.frames) == 0) + 1
        if not len(again):
            return sequence
        keep = np.ones(len(sequence.frames), bool)
        for row in again:
            same = (sequence.presence[row] == sequence.presence[row - 1]).all()
            if not same or (sequence.intensity[row] != sequence.intensity[row - 1]).any():
                problems.add(
                    sequence.table,
                    f"frame {sequence.frames[row]} is listed again with other labels (before: line "
                    f"{sequence.lines[row - 1]})",
                    int(sequence.lines[row]),
                )
            keep[row] = False
        return self._kept(sequence, keep, SAME_FRAME)

    def _with_pictures(self, sequence: FrameSequence, problems: Problems) -> FrameSequence:
        """Note frames without a picture, and leave out those whose picture is that of the frame before."""
        traces = [sequence.pictures.trace(int(frame)) for frame in sequence.frames]
        keep = np.ones(len(traces), bool)
        for row, trace in enumerate(traces):
            if trace is None:
                problems.add(
                    sequence.table,
                    f"frame {sequence.frames[row]} has no picture in {sequence.pictures.place}",
                    int(sequence.lines[row]),
                )
            elif row and trace == traces[row - 1] and self._same_picture(sequence, row):
                keep[row] = False
        return self._kept(sequence, keep, SAME_PICTURE)

    @staticmethod
    def _same_picture(sequence: FrameSequence, row: int) -> bool:
        now, before = (int(sequence.frames[place]) for place in (row, row - 1))
        return sequence.pictures.read(now) == sequence.pictures.read(before)
