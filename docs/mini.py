"""Draws the picture of docs/mini.md: `python docs/mini.py`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from PIL import Image

from auface.pipelines import AUFacePipeline, LaterGuidanceCallback
from auface.pipelines.mini import mini_folder

PEOPLE = (
    "a young woman, fair skin, red hair",
    "an old man, tan skin",
    "a middle-aged woman, dark skin, short hair",
    "a young man, blond hair, green background",
)
EXPRESSIONS = ("neutral", "6C+12D", "1+4+15D", "4D+7+23+24", "43E", "L12D+14", "25+26D", "9D+10D")
SIDE = 160


def main() -> None:
    """Draw a row for each person, a column for each expression."""
    pipe: Any = AUFacePipeline.from_pretrained(mini_folder())
    page = Image.new("RGB", (SIDE * len(EXPRESSIONS), SIDE * len(PEOPLE)))
    for row, prompt in enumerate(PEOPLE):
        drawn = pipe(
            [prompt] * len(EXPRESSIONS),
            expression=list(EXPRESSIONS),
            identity=row + 1,
            num_inference_steps=10,
            guidance_scale=6,
            callback_on_step_end=LaterGuidanceCallback(2),
            expression_guidance_scale=2.5,
            generator=[torch.Generator().manual_seed(20 + row) for _ in EXPRESSIONS],
        )
        for column, picture in enumerate(drawn.images):
            page.paste(picture.resize((SIDE, SIDE), Image.Resampling.LANCZOS), (SIDE * column, SIDE * row))
    page.save(Path(__file__).with_suffix(".jpg"), quality=85)


if __name__ == "__main__":
    main()
