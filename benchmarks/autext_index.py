"""Indexing of 300,000 frames: `python benchmarks/autext_index.py FOLDER` writes `benchmarks/results/autext_index.json`.

FOLDER is where a data set with the layout of BP4D is made: 41 subjects, 8 tasks, 300,000 tiny files in place of
pictures, all 27 units and the intensity of five. Making it takes longer than reading it, and is not counted. The index
is made in this process; its memory is the growth of the process's peak.
"""

import json
import random
import resource
import sys
import time
from pathlib import Path
from typing import Any

from machine import birth_certificate

from auface.autext.importers.bp4d import GRADED, UNITS, index_bp4d
from auface.autext.importers.split import FOLDS

FRAMES = 300_000
TASKS = 8


def make(root: Path) -> int:
    """Write the data set, unless it is there, and return the number of its frames."""
    subjects = sorted(name for part in FOLDS["bp4d-3fold"] for name in part)
    sequences = [(subject, f"T{task}") for subject in subjects for task in range(1, TASKS + 1)]
    rng, each = random.Random(0), -(-FRAMES // len(sequences))
    made = 0
    (root / "AUCoding/AU_OCC").mkdir(parents=True, exist_ok=True)
    for subject, task in sequences:
        count = min(each, FRAMES - made)
        first = rng.randrange(1, 3000)
        made += count
        table = root / f"AUCoding/AU_OCC/{subject}_{task}.csv"
        if table.exists():
            continue
        folder = root / subject / task
        folder.mkdir(parents=True, exist_ok=True)
        for frame in range(first, first + count):
            (folder / f"{frame:04d}.jpg").write_bytes(b"x" * rng.randrange(64))
        for unit in GRADED:
            path = root / f"AU-Intensity-Codes3.0/AU{unit.value:02d}/{subject}_{task}_AU{unit.value:02d}.csv"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("".join(f"{frame},{rng.choice('012345')}\n" for frame in range(first, first + count)))
        rows = [",".join(["0", *(str(unit.value) for unit in UNITS)])]
        rows += [",".join([str(frame), *rng.choices("0001", k=len(UNITS))]) for frame in range(first, first + count)]
        table.write_text("\n".join(rows) + "\n")
    return made


def main() -> None:
    """Measure and write the result."""
    if len(sys.argv) != 2:
        raise SystemExit("usage: python benchmarks/autext_index.py FOLDER")
    root = Path(sys.argv[1])
    made = make(root)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start, used = time.perf_counter(), time.process_time()
    index = index_bp4d(root)
    index.settings()
    wall, cpu = time.perf_counter() - start, time.process_time() - used
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert len(index) + sum(index.dropped.values()) == made
    result: dict[str, Any] = birth_certificate()
    result["command"] = "python benchmarks/autext_index.py FOLDER"
    result["frames"] = made
    result["frames in the index"] = len(index)
    result["left out"] = dict(index.dropped)
    result["seconds"] = round(wall, 2)
    result["CPU seconds"] = round(cpu, 2)
    result["peak memory of the process, MB"] = round(peak / 1024)
    result["of which before indexing, MB"] = round(before / 1024)
    path = Path(__file__).parent / "results" / "autext_index.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    sys.stdout.write(json.dumps(result, indent=2) + "\n")


if __name__ == "__main__":
    main()
