"""`Example`: a picture to learn from, with its labels, its face and its captions; read from an AUText folder."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from random import Random

import numpy as np
from numpy.typing import NDArray

from auface.autext.caption import caption
from auface.autext.head_caption import prompt_of
from auface.autext.head_description import HeadDescription
from auface.autext.record import Record
from auface.autext.seed import derived_seed
from auface.facs import ActionUnit
from auface.lora_training.lora.bucket import Box
from auface.lora_training.lora.config import LoraConfig

_MARGIN = 0.15  # around the landmarks, of their extent: landmarks end at the hairline


@dataclass(frozen=True, slots=True, eq=False)
class Example:
    """A row of a data set with its files.

    Attributes:
        picture: File of the picture.
        record: The row.
        landmarks: (478, 2) pixels, or None where the data set has none.
        prior: Whether only the look of the base is to be preserved with it.
    """

    picture: Path
    record: Record
    landmarks: NDArray[np.float32] | None
    prior: bool = False

    @property
    def face(self) -> Box | None:
        """The region that has to be seen, or None where it is not known."""
        if self.landmarks is None:
            return None
        low, high = self.landmarks.min(0), self.landmarks.max(0)
        more = _MARGIN * (high - low)
        (x0, y0), (x1, y1) = low - more * [1, 2], high + more  # more above: the forehead
        return float(x0), float(y0), float(x1), float(y1)


def read_examples(folder: Path, split: str = "train", *, prior: bool = False, name: str = "data") -> list[Example]:
    """Read the rows of a split.

    Args:
        folder: AUText folder.
        split: Name of the split.
        prior: Whether the pictures only preserve the look of the base.
        name: Argument to blame.

    Raises:
        ValueError: It is no AUText folder, or a row or a file of it cannot be read.
    """
    home = folder / split
    table = next((path for kind in ("jsonl", "parquet") if (path := home / f"metadata.{kind}").is_file()), None)
    if table is None:
        raise ValueError(
            f"`{name}` is {str(folder)!r}, which has no {split}/metadata.jsonl; accepted is an AUText folder, such as "
            "`auface dataset folder PICTURES --label --out DATA` makes of a folder of pictures."
        )
    found: list[Example] = []
    for number, line in enumerate(_lines(table), 1):
        try:
            record = Record.from_json(line)
            landmarks = _landmarks(folder / record.landmarks) if record.landmarks else None
        except (ValueError, KeyError, OSError) as error:
            raise ValueError(f"{split}/{table.name}:{number}: {error}") from None
        found.append(Example(home / record.file_name, record, landmarks, prior))
    if not found:
        raise ValueError(f"`{name}` is {str(folder)!r}, whose split {split!r} is empty; accepted is one with rows.")
    return found


def caption_of(example: Example, config: LoraConfig, variant: int, *, mirrored: bool) -> str:
    """Return the prompt of a picture.

    With a slider, the words say nothing about the units that it moves: its strength stands for them.

    Args:
        example: The picture.
        config: How captions are made.
        variant: Which of its sampled captions.
        mirrored: Whether the picture is seen mirrored; labels and words are then mirrored too.
    """
    record = example.record
    if config.captions == "person":
        words = _person_words(record, derived_seed(config.seed, f"person {record.file_name}", variant))
    elif config.captions == "text" and not config.slider:
        words = mirrored_words(record.text) if mirrored else record.text
    else:
        hidden = slider_units(config)
        expression = record.expression.removed([unit for unit in record.expression.units if unit in hidden])
        known = set(record.coded) - hidden
        words = caption(
            expression.mirrored() if mirrored else expression,
            known,
            set(record.graded) - hidden,
            derived_seed(config.seed, f"caption {record.file_name} {mirrored}", variant),
            config.caption_style,  # pyright: ignore[reportArgumentType]
        )
    prompt = config.template.replace("{caption}", words)
    return f"{config.trigger}, {prompt}" if config.trigger and not example.prior else prompt


def slider_units(config: LoraConfig) -> set[ActionUnit]:
    """Return the units that a slider moves.

    Args:
        config: The configuration.
    """
    from auface.facs import Expression

    ends = [Expression.parse(text) for text in (config.slider, config.slider_opposite) if text]
    return {unit for end in ends for unit in end.units}


def mirrored_words(text: str) -> str:
    """Return a text with left and right exchanged.

    Args:
        text: English.
    """
    exchanged = {"left": "right", "right": "left"}

    def other(match: re.Match[str]) -> str:
        word = exchanged[match[0].lower()]
        return word.upper() if match[0].isupper() else word.capitalize() if match[0][0].isupper() else word

    return re.sub(r"\b(left|right)\b", other, text, flags=re.IGNORECASE)


def unit_weights(examples: Iterable[Example], balance: float) -> NDArray[np.float64]:
    """Return how often each picture is drawn, so that rare action units come as often as common ones.

    A picture weighs as much as the rarest of its units; a face at rest counts as a unit of its own. Weights sum to 1.

    Args:
        examples: The pictures.
        balance: 0: all alike, 1: fully balanced; between, the weights' power.
    """
    kinds = [[unit for unit in example.record.expression.units] or [None] for example in examples]
    count = Counter(kind for own in kinds for kind in own)
    weights = np.array([1 / min(count[kind] for kind in own) for own in kinds]) ** balance
    return weights / weights.sum()


def _person_words(record: Record, seed: int) -> str:
    """Return words about person and view, which only synthetic sets know; of others nothing is said."""
    if not record.description:
        return ""
    return prompt_of(HeadDescription.from_json(record.description), Random(seed))


def _lines(table: Path) -> list[str]:
    if table.suffix == ".jsonl":
        return table.read_text(encoding="utf-8").splitlines()
    try:
        from pyarrow.parquet import read_table
    except ImportError:
        raise ImportError("parquet tables need pyarrow, which auface[data] brings") from None
    return [json.dumps(row) for row in read_table(table).to_pylist()]


def _landmarks(path: Path) -> NDArray[np.float32]:
    with np.load(path) as file:
        points = np.asarray(file["landmarks"], np.float32)
    if points.shape != (478, 2) or not np.isfinite(points).all():
        raise ValueError(f"{path.name} has landmarks of shape {points.shape}; accepted are (478, 2) numbers")
    return points
