"""`label_folder`: a folder of pictures -> a whole AUText set, in this process, row by row."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from auface.facs import ActionUnit
from auface.recognition.unit_table import UNITS

from .labelling import LabelWorkshop, write_review
from .writer import COMPLETE, DatasetWriter

LICENCE = (
    "The pictures are those of the folder, and so are the terms. The labels are a program's where nobody gave any."
)
"""What cards say about the use of labelled pictures."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """What a set of labelled pictures holds.

    Attributes:
        rows: Split -> rows.
        left_out: Pictures that are in no split.
        review: Pictures that somebody should look at.
    """

    rows: dict[str, int]
    left_out: int
    review: int


def label_settings(shop: LabelWorkshop) -> dict[str, object]:
    """Return what a labelled set is made from, as JSON values.

    Args:
        shop: The work.
    """
    told = {
        name: [None if one.expression is None else one.expression.notation(), one.text]
        for name, one in sorted(shop.told.items())
    }
    more = {"told": told} if told else {}
    held = {} if shop.held_out else {"held_out": False}
    return {
        "source": "recognizer",
        "min_confidence": shop.min_confidence,
        "max_error": shop.max_error,
        "seed": shop.seed,
        "captions": shop.captions,
        "pictures": len(shop.names),
        **more,
        **held,
    }


def label_folder(
    shop: LabelWorkshop,
    out: Path,
    *,
    more: Mapping[str, object] | None = None,
    overwrite: bool = False,
    advance: Callable[[], object] = lambda: None,
) -> Labelled:
    """Write a set, or go on with one that was interrupted.

    Args:
        shop: What to label, and how.
        out: Folder of the set.
        more: What else tells this set from others, such as a checksum of the pictures.
        overwrite: Whether another set in the folder is replaced.
        advance: Called after each picture; what it raises ends the work, and the same call goes on from there.

    Raises:
        ValueError: The folder holds other things, or a picture cannot be read.
    """
    told = [one.expression for one in shop.told.values() if one.expression is not None]
    units: set[ActionUnit] = {*UNITS, *(unit for expression in told for unit in expression.units)}
    settings = {**label_settings(shop), **(more or {})}
    writer = DatasetWriter(
        out, settings, len(shop.names), sorted(units), overwrite=overwrite, sidecars=True, licence=LICENCE
    )
    try:
        pending = writer.pending()
        maker = shop() if pending else None
        for index in pending:
            assert maker is not None
            writer.add(index, maker.make(index, writer.placer))
            advance()
    finally:
        complete = writer.close()
    assert complete, "all rows were added"
    about = json.loads((out / COMPLETE).read_bytes())
    return Labelled(about["rows"], about["blank"], write_review(out, shop.images))
