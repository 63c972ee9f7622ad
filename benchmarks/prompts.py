"""Whether pictures follow the prompt: pairs of prompts that differ in one thing, drawn with the same seeds.

    python benchmarks/prompts.py --set SET --landmarker FILE [--base FOLDER ...] [--seeds 4] [--size 256]

Each pair has a measure: the color of a region, or age or sex as a reader of renders sees them. The difference of the
pair's pictures is compared with that of renders of heads which the two prompts describe: 1 is as much, 0 nothing, below
0 the wrong direction. SET is a set of synthetic heads; FILE is MediaPipe's `face_landmarker.task`. Writes
`benchmarks/results/prompts.json`, or another file, and a sheet of each model's pictures beside it.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import torch
from generate import RESULTS
from machine import birth_certificate
from numpy.typing import NDArray
from picture_landmarks import PictureReader
from picture_settings import picture_settings, pipeline_arguments
from PIL import Image
from prompt_reader import LookReader, Render, color_of, renders

from auface.autext.head_caption import hair_color, person_words
from auface.autext.head_description import HeadDescription
from auface.pipelines.generation.base import load_base
from auface.pipelines.generation.request import MINI, PictureRequest

Floats = NDArray[np.float32]
Shown = Callable[[HeadDescription], bool]

_BATCH = 4
_TAUGHT = 1500  # renders that the reader of age and sex learns from
_OTHERS = 500
_SHEET_SIDE = 96


@dataclass(frozen=True, slots=True)
class Pair:
    """Two prompts and what is to differ.

    Attributes:
        name: What differs.
        prompts: The two prompts; of the first, the measure is to be larger.
        measure: "age", "sex", or a region and what of its color: "lightness" or "red" (against blue).
        shown: Which heads each prompt describes.
    """

    name: str
    prompts: tuple[str, str]
    measure: str
    shown: tuple[Shown, Shown]


def _is(sex: str | None = None, age: str | None = None) -> Shown:
    def shown(head: HeadDescription) -> bool:
        found, other = person_words(head.identity)
        return (sex is None or other == sex) and (age is None or found == age)

    return shown


def _hair(*names: str) -> Shown:
    return lambda head: hair_color(head.identity.look) in names


def _skin(low: float, high: float) -> Shown:
    return lambda head: low <= head.identity.look.tone < high


def _backdrop(low: float, high: float) -> Shown:
    return lambda head: not head.view.background.panorama and low <= float(np.mean(head.view.background.color)) < high


_PALE, _BROWN, _DARK = _skin(0, 0.12), _skin(0.5, 0.66), _skin(0.84, 9)
_OLD_MAN, _YOUNG_MAN = _is("male", "old"), _is("male", "young")
_OLD_WOMAN, _YOUNG_WOMAN = _is("female", "old"), _is("female", "young")
_MAN, _WOMAN = "a middle-aged man", "a middle-aged woman"
PAIRS = (
    Pair("old or young man", ("an old man", "a young man"), "age", (_OLD_MAN, _YOUNG_MAN)),
    Pair("old or young woman", ("an old woman", "a young woman"), "age", (_OLD_WOMAN, _YOUNG_WOMAN)),
    Pair("old or young, studio light", ("an old man, studio light", "a young man, studio light"), "age",
         (_OLD_MAN, _YOUNG_MAN)),
    Pair("years", ("a 75 years old woman", "a 22 years old woman"), "age", (_OLD_WOMAN, _YOUNG_WOMAN)),
    Pair("man or woman", (_MAN, _WOMAN), "sex", (_is("male"), _is("female"))),
    Pair("old man or woman", ("an old man", "an old woman"), "sex", (_OLD_MAN, _OLD_WOMAN)),
    Pair("young man or woman", ("a young man", "a young woman"), "sex", (_YOUNG_MAN, _YOUNG_WOMAN)),
    Pair("pale or dark man", (f"{_MAN}, pale skin", f"{_MAN}, dark skin"), "skin lightness", (_PALE, _DARK)),
    Pair("pale or dark woman", (f"{_WOMAN}, pale skin", f"{_WOMAN}, dark skin"), "skin lightness", (_PALE, _DARK)),
    Pair("pale or brown skin", (f"{_WOMAN}, pale skin", f"{_WOMAN}, brown skin"), "skin lightness", (_PALE, _BROWN)),
    Pair("gray or black hair, man", (f"{_MAN}, gray hair", f"{_MAN}, black hair"), "hair lightness",
         (_hair("gray"), _hair("black"))),
    Pair("gray or black hair, woman", (f"{_WOMAN}, gray hair", f"{_WOMAN}, black hair"), "hair lightness",
         (_hair("gray"), _hair("black"))),
    Pair("blond or black hair, man", (f"{_MAN}, blond hair", f"{_MAN}, black hair"), "hair lightness",
         (_hair("blond"), _hair("black"))),
    Pair("blond or black hair, woman", (f"{_WOMAN}, blond hair", f"{_WOMAN}, black hair"), "hair lightness",
         (_hair("blond"), _hair("black"))),
    Pair("red or black hair", (f"{_WOMAN}, red hair", f"{_WOMAN}, black hair"), "hair red",
         (_hair("red"), _hair("black"))),
    Pair("light or dark background", (f"{_MAN}, light gray background", f"{_MAN}, dark gray background"),
         "background lightness", (_backdrop(0.6, 1), _backdrop(0, 0.35))),
    Pair("light or dark background, woman", (f"{_WOMAN}, light gray background", f"{_WOMAN}, dark gray background"),
         "background lightness", (_backdrop(0.6, 1), _backdrop(0, 0.35))),
    Pair("brown or blue background", (f"{_MAN}, brown background", f"{_MAN}, blue background"), "background red",
         (lambda head: not head.view.background.panorama and _warm(head) > 0.06,
          lambda head: not head.view.background.panorama and _warm(head) < -0.06)),
)  # fmt: skip


def _warm(head: HeadDescription) -> float:
    red, _, blue = head.view.background.color
    return red - blue


def measured(picture: Image.Image, landmarks: Floats, measure: str, looks: LookReader) -> float:
    """Return a measure of a picture.

    Args:
        picture: RGB.
        landmarks: (478, 2 or more) in pixels.
        measure: As in `Pair`.
        looks: Reads age and sex.
    """
    if measure in ("age", "sex"):
        return looks.read(picture, landmarks)[("age", "sex").index(measure)]
    region, what = measure.split()
    red, green, blue = color_of(picture, landmarks, region)
    return float(red - blue if what == "red" else (red + green + blue) / 3)


def drawn(pipe: Any, seeds: int, size: int, settings: dict[str, Any], keep: Path) -> dict[str, list[Image.Image]]:
    """Return pictures of neutral faces of each prompt, in the order of seeds.

    Args:
        pipe: The pipeline.
        seeds: How many pictures of each.
        size: Height and width in pixels.
        settings: Steps and guidance.
        keep: Folder of pictures; those that are there are not drawn again.
    """
    keep.mkdir(parents=True, exist_ok=True)
    prompts = list(dict.fromkeys(prompt for pair in PAIRS for prompt in pair.prompts))
    files = {
        (prompt, seed): keep / f"{prompt.replace(' ', '-')}-{seed}.png" for prompt in prompts for seed in range(seeds)
    }
    missing = [one for one, file in files.items() if not file.exists()]
    for start in range(0, len(missing), _BATCH):
        part = missing[start : start + _BATCH]
        found = pipe(
            [prompt for prompt, _ in part],
            expression=["neutral"] * len(part),
            identity=[seed for _, seed in part],
            generator=[torch.Generator().manual_seed(seed) for _, seed in part],
            height=size,
            width=size,
            **pipeline_arguments(settings),
        )
        for one, picture in zip(part, found.images, strict=True):
            picture.save(files[one])
    return {prompt: [Image.open(files[prompt, seed]) for seed in range(seeds)] for prompt in prompts}


def results(
    pictures: dict[str, list[Image.Image]], reader: PictureReader, looks: LookReader, others: list[Render]
) -> dict[str, Any]:
    """Return all results of a model.

    Args:
        pictures: Of `drawn`.
        reader: Reads landmarks.
        looks: Reads age and sex.
        others: Renders to compare with.

    Raises:
        ValueError: No face is found in a picture.
    """
    seen: dict[str, list[tuple[Image.Image, Floats]]] = {}
    for prompt, own in pictures.items():
        for picture in own:
            if (points := reader.read(picture)) is None:
                raise ValueError(f"`pictures` has one of {prompt!r} in which no face is found.")
            seen.setdefault(prompt, []).append((picture, points))
    rows: dict[str, Any] = {}
    for pair in PAIRS:
        one, other = (
            np.array([measured(picture, points, pair.measure, looks) for picture, points in seen[prompt]])
            for prompt in pair.prompts
        )
        true = [
            np.mean(
                [measured(head.picture, head.landmarks, pair.measure, looks) for head in others if shown(head.head)]
            )
            for shown in pair.shown
        ]
        rows[pair.name] = {
            "prompts": pair.prompts,
            "measure": pair.measure,
            "difference of pictures": round(float((one - other).mean()), 3),
            "difference of renders": round(float(true[0] - true[1]), 3),
            "share": round(float((one - other).mean() / (true[0] - true[1])), 2),
            "seeds in order": f"{int(((one - other) * (true[0] - true[1]) > 0).sum())} of {len(one)}",
        }
    return {
        "pairs in order": f"{sum(row['share'] > 0 for row in rows.values())} of {len(rows)}",
        "pairs with at least a third of the renders' difference": sum(row["share"] > 1 / 3 for row in rows.values()),
        "median share of the renders' difference": round(float(np.median([row["share"] for row in rows.values()])), 2),
        "pairs": rows,
    }


def sheet(pictures: dict[str, list[Image.Image]]) -> Image.Image:
    """Return a sheet: a column for each prompt, in order, a row for each of the first three seeds.

    Args:
        pictures: Of `drawn`.
    """
    side, columns = _SHEET_SIDE, list(pictures.values())
    page = Image.new("RGB", (side * len(columns), side * min(3, len(columns[0]))))
    for x, own in enumerate(columns):
        for y, picture in enumerate(own[:3]):
            page.paste(picture.resize((side, side), Image.Resampling.LANCZOS), (x * side, y * side))
    return page


def main() -> None:
    """Measure everything and write the results."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--set", type=Path, required=True)
    parser.add_argument("--landmarker", type=Path, required=True)
    parser.add_argument("--base", nargs="+", default=[MINI], help="one model, or several to compare")
    parser.add_argument("--seeds", type=int, default=4)
    parser.add_argument("--size", type=int, default=256)
    parser.add_argument("--keep", type=Path, help="folder of pictures, which are not drawn again")
    parser.add_argument("--out", type=Path, default=RESULTS / "prompts.json")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    looks = LookReader(renders(arguments.set, "train", _TAUGHT))
    others = renders(arguments.set, "test", _OTHERS) + renders(arguments.set, "validation", _OTHERS)
    result: dict[str, Any] = {**birth_certificate(), "size": arguments.size, "seeds": arguments.seeds}
    result["reader of age and sex, on people it never saw"] = looks.quality(others)
    with TemporaryDirectory() as folder, closing(PictureReader(arguments.landmarker)) as reader:
        for base in arguments.base:
            pipe, name = load_base(PictureRequest(expression="neutral", base=base)), Path(base).name
            settings = picture_settings(base, pipe, None)
            pictures = drawn(pipe, arguments.seeds, arguments.size, settings, (arguments.keep or Path(folder)) / name)
            result[name] = {"settings": settings, **results(pictures, reader, looks, others)}
            sheet(pictures).save(arguments.out.with_name(f"{arguments.out.stem}-{name}.jpg"), quality=80)
    text = json.dumps(result, indent=2)
    arguments.out.write_text(text + "\n", encoding="utf-8")
    print(text)  # noqa: T201 - the command's output


if __name__ == "__main__":
    main()
