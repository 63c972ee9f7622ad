"""Time for 200 synthetic pairs: `python benchmarks/autext_synth.py` writes `benchmarks/results/autext_synth.json`.

What a newcomer gives: one command with plain heads at 256 pixels, landmarks, table, card and sheet included, in
processes of their own. Wall seconds, so other work on the machine counts: the load is written beside them.
"""

import json
import os
import resource
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from machine import birth_certificate
from typer.testing import CliRunner

from auface.autext.anny.face_pack import face_pack
from auface.autext.command import app

COUNT = 200


def main() -> None:
    """Measure and write the result."""
    result: dict[str, Any] = birth_certificate()
    command = ["synth", "--count", str(COUNT), "--renderer", "torch", "--quiet"]
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        face_pack(Path(folder) / "cache")
        result["seconds to build the heads, once"] = round(time.perf_counter() - start, 2)
        start = time.perf_counter()
        outcome = CliRunner().invoke(app, [*command, "--out", f"{folder}/set"])
        assert outcome.exit_code == 0, outcome.output
        result["measured command"] = f"auface dataset {' '.join(command)} --out set"
        result["pairs"] = COUNT
        result["seconds"] = round(time.perf_counter() - start, 1)
        used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
        result["CPU seconds, all processes"] = round(sum(usage.ru_utime + usage.ru_stime for usage in used), 1)
    result["load of the machine, mean of the last minute"] = round(os.getloadavg()[0], 1)
    path = Path(__file__).parent / "results" / "autext_synth.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    sys.stdout.write(json.dumps(result, indent=2) + "\n")


if __name__ == "__main__":
    main()
