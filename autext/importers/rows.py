"""`ImportRows`: copies the pictures of an `Index` into a data set and writes what is known about each."""

from __future__ import annotations

import io
from dataclasses import dataclass

import numpy as np

from auface.autext.caption import Style, caption
from auface.autext.record import Record
from auface.autext.seed import derived_seed
from auface.autext.writer import FilePlacer
from auface.facs import ActionUnit, Expression
from auface.facs.action_unit import Sides

from .index import FrameSequence, Index

_LEAST_CONTRAST = 8  # gray levels between the darkest and the lightest pixel of anything that shows a face


@dataclass(frozen=True, slots=True)
class ImportWorkshop:
    """Carries an index to the process that copies.

    Attributes:
        index: The frames.
        captions: Style of captions.
        seed: Seed of the captions.
        size: Height and width to which pictures are cropped about their center and scaled, or 0 to copy the files.
    """

    index: Index
    captions: Style = "sentence"
    seed: int = 0
    size: int = 0

    def __call__(self) -> ImportRows:
        """Return what makes the rows."""
        return ImportRows(self.index, self.captions, self.seed, self.size)


class ImportRows:
    """Makes the rows of an imported set; a `RowMaker`."""

    def __init__(self, index: Index, captions: Style, seed: int, size: int) -> None:
        """Prepare the numbering.

        Args:
            index: The frames.
            captions: Style of captions.
            seed: Seed of the captions.
            size: Height and width of pictures, or 0 to copy the files.
        """
        self._index = index
        self._captions: Style = captions
        self._seed = seed
        self._size = size
        self._ends = np.cumsum([len(sequence.frames) for sequence in index.sequences])

    def make(self, index: int, placer: FilePlacer) -> Record | None:
        """Copy one picture and return its row, or None if the picture shows nothing.

        Args:
            index: Which frame of the index.
            placer: Where the files go.

        Raises:
            ValueError: The picture cannot be read.
        """
        number = int(np.searchsorted(self._ends, index, side="right"))
        sequence = self._index.sequences[number]
        row = index - (int(self._ends[number - 1]) if number else 0)
        frame = int(sequence.frames[row])
        content, suffix = self._picture(sequence, frame)
        if content is None:
            return None
        expression, coded, graded, side_unknown = known(sequence, row, self._index.units)
        name = f"{sequence.name}_{frame:06d}{suffix}"
        placer.place(f"{sequence.split}/{name}", content)
        return Record(
            file_name=name,
            text=caption(expression, coded, graded, derived_seed(self._seed, name), self._captions),
            expression=expression,
            coded=coded,
            graded=graded,
            side_unknown=side_unknown,
            sided=self._index.sided,
            subject=sequence.subject,
            source=self._index.source,
            split=sequence.split,
            frame=frame,
        )

    def _picture(self, sequence: FrameSequence, frame: int) -> tuple[bytes | None, str]:
        from PIL import Image, ImageOps

        content, suffix = sequence.pictures.read(frame), sequence.pictures.suffix(frame)
        try:
            with Image.open(io.BytesIO(content)) as picture:
                low, high = picture.convert("L").getextrema()
                if int(high) - int(low) < _LEAST_CONTRAST:  # pyright: ignore[reportArgumentType]
                    return None, suffix
                if not self._size:
                    return content, suffix
                fitted = ImageOps.fit(picture.convert("RGB"), (self._size, self._size), Image.Resampling.LANCZOS)
        except OSError as error:
            raise ValueError(f"frame {frame} in {sequence.pictures.place} cannot be read: {error}") from None
        buffer = io.BytesIO()
        fitted.save(buffer, "PNG", compress_level=4)
        return buffer.getvalue(), ".png"


_Known = tuple[Expression, tuple[ActionUnit, ...], tuple[ActionUnit, ...], tuple[ActionUnit, ...]]


def known(sequence: FrameSequence, row: int, units: tuple[ActionUnit, ...]) -> _Known:
    """Return what is known of one frame: expression, coded units, graded units, units whose side is unknown.

    Where only presence was coded, a present unit stands at its default intensity and is not graded. A unit that an
    expression cannot hold without a side (30, 36, 46) is not coded where it is present, but its side is unknown; where
    it is absent, it is coded as absent.

    Args:
        sequence: The sequence.
        row: Which of its frames.
        units: The units of its columns.
    """
    values: dict[ActionUnit, float] = {}
    coded: list[ActionUnit] = []
    graded: list[ActionUnit] = []
    side_unknown: list[ActionUnit] = []
    for unit, presence, intensity in zip(units, sequence.presence[row], sequence.intensity[row], strict=True):
        if presence < 0 and intensity < 0:
            continue
        value = float(intensity) if intensity >= 0 else unit.default_intensity * float(presence)
        if value and unit.sides is Sides.ONE:
            side_unknown.append(unit)
            continue
        coded.append(unit)
        if intensity >= 0:
            graded.append(unit)
        if value:
            values[unit] = value
    return Expression.of(values), tuple(coded), tuple(graded), tuple(side_unknown)
