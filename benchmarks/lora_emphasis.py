"""Units that auface-mini moves least, and how much further they move with an emphasis, by landmarks.

It is trained with the command's own options, and used through the pipeline with its default settings, on people and
noise that training has not seen.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from lora_faces import Booth, chosen, train
from lora_weak import SURVEYED, WEAK
from picture_landmarks import PictureReader
from PIL import Image
from unit_shares import Trial


def emphasis_part(data: Path, home: Path, reader: PictureReader, given: Any) -> tuple[dict[str, Any], Image.Image]:
    """Return which units auface-mini moves least, and how much better they are with an emphasis.

    Args:
        data: Pictures that give people and noise.
        home: An empty folder.
        reader: Reads landmarks.
        given: Of the command line, with `heads`.
    """
    trial = Trial.of(reader, given)
    survey = trial.shares(trial.rows(trial.base, SURVEYED[:1], 0))
    shares = {unit: max(0.1, float(np.median(values))) for unit, values in survey.items()}
    weak = sorted(shares, key=lambda unit: shares[unit])[:WEAK]
    emphasis = {str(int(unit)): round(min(1.5, 1 / shares[unit] - 1), 2) for unit in weak}
    options = {"emphasis": emphasis, **({"steps": 4} if given.quick else {})}
    took = train({**options, "data": str(data)}, home / "emphasis")
    found, picture = trial.compared(Booth(home / "emphasis" / "emphasis.safetensors", reader), weak)
    surveyed = {unit.name: round(shares[unit], 2) for unit in weak}
    return {"options": chosen(options), "training": took, "surveyed: share": surveyed, **found}, picture
