"""What LoRA training costs and what it reaches: speed, start, a slider, and what auface-mini does badly.

    python benchmarks/lora.py --data DATA [--landmarker FILE] [--heads HEADS] [--parts PART ...] [--quick]

DATA is an AUText folder of at least 1,000 pictures for `speed` and `start`, of which `slider` and `weak` take the first
48; FILE is MediaPipe's `face_landmarker.task`, HEADS the head pack, for these two. Parts that are run replace those in
`benchmarks/results/lora.json`; pictures go beside it. Speed and start take about three minutes of one core, slider
about twenty, weak about forty.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Any

from lora_speed import base_folder, shortened, speed, starts
from machine import birth_certificate

RESULTS = Path(__file__).parent / "results"
PEOPLE = 48
PARTS = ("speed", "start", "slider", "weak")
TARGETS = {
    "speed": {"plain, times": 1.0, "masked loss and sampled captions, times": 0.9, "memory, times": 1.02},
    "start": {"to first step, seconds": 5},
    "slider": {"monotone": True, "other units, share of its change": 0.33},
    "weak": {"error of weak units, percent lower": 25, "error of others, percent higher": 5, "minutes": 10},
}


def main() -> None:
    """Measure and write the results."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True)
    parser.add_argument("--base", default="mini")
    parser.add_argument("--landmarker", type=Path)
    parser.add_argument("--heads", type=Path)
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=PARTS)
    parser.add_argument("--steps", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--batch", type=int, default=4)
    parser.add_argument("--resolution", type=int, default=192)
    parser.add_argument("--precision", default="float32", choices=("float32", "bfloat16"))
    parser.add_argument("--quick", action="store_true", help="Fewer people and steps, to see that it works.")
    given = parser.parse_args()
    given.base = base_folder(given.base)
    found = {part: measured(part, given) for part in given.parts}
    path = (Path(tempfile.gettempdir()) if given.quick else RESULTS) / "lora.json"
    before = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    text = json.dumps({**before, "targets": TARGETS, **found}, indent=2)
    path.parent.mkdir(exist_ok=True)
    path.write_text(text + "\n", encoding="utf-8")
    print(text)  # noqa: T201 - the command's output


def measured(part: str, given: argparse.Namespace) -> dict[str, Any]:
    """Return the figures of a part, with the machine that made them.

    Args:
        part: One of `PARTS`.
        given: Of the command line.
    """
    with tempfile.TemporaryDirectory() as home:
        if part in ("speed", "start"):
            own = argparse.Namespace(**vars(given))
            own.data, own.cache = shortened(given.data, Path(home) / "data"), f"{home}/cache"
            return {**birth_certificate(), **(speed if part == "speed" else starts)(own)}
        from lora_faces import slider_part
        from lora_weak import weak_part
        from picture_landmarks import PictureReader

        if given.landmarker is None:
            raise SystemExit(f"--landmarker is missing, which {part} needs")
        with closing(PictureReader(given.landmarker)) as reader:
            data = Path(shortened(given.data, Path(home) / "data", PEOPLE))
            found, picture = (slider_part if part == "slider" else weak_part)(data, Path(home), reader, given)
        out = Path(tempfile.gettempdir()) if given.quick else RESULTS
        picture.save(out / f"lora_{part}.jpg", quality=85)
        return {**birth_certificate(), **found}


if __name__ == "__main__":
    main()
