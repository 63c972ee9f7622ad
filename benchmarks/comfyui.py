"""From a fresh ComfyUI folder to a face with a verdict: `python benchmarks/comfyui.py`.

Copies what the registry distributes into the `custom_nodes` of an empty base folder, starts ComfyUI 0.30 on the CPU,
opens the first template in the real page, presses Run, and measures until the face and the verdict are there. Needs
the host of `tests/comfyui/install.py`, node and chromium. Writes benchmarks/results/comfyui.json.
"""

import argparse
import json
import shutil
import subprocess  # noqa: TID251 - ComfyUI and the page are programs of their own
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from machine import birth_certificate

ROOT = Path(__file__).resolve().parents[1]
RESULT = ROOT / "benchmarks" / "results" / "comfyui.json"
sys.path[:0] = [str(ROOT / "tests" / "support"), str(ROOT / "tests" / "comfyui")]

from comfyui_host import PACK, Host, environment  # noqa: E402
from install import host_folder, is_installed  # noqa: E402


def copy_pack(target: Path) -> int:
    """Copy what the registry distributes, and return how many bytes that is."""

    def listed(*options: str) -> set[str]:
        command = ["git", "ls-files", "-z", *options]
        found = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
        return {name for name in found.split("\0") if name}

    left_out = listed("--cached", "--others", "--ignored", "--exclude-from=.comfyignore")
    total = 0
    for name in sorted(listed() - left_out):
        place = target / name
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, place)
        total += place.stat().st_size
    return total


class FreshHost(Host):
    """A host with a copy of the pack instead of a link to this checkout, and threads as asked for."""

    threads = 0

    def prepare(self) -> None:
        """Lay out an empty base folder; the pack is there already."""
        for folder in ("input", "output", "models", "user"):
            (self.base / folder).mkdir(parents=True, exist_ok=True)

    def environment(self) -> dict[str, str]:
        """Return the environment: torch's own choice of threads for 0."""
        kept = {name: value for name, value in environment().items() if not name.endswith("_NUM_THREADS")}
        return {**kept, **({"OMP_NUM_THREADS": str(self.threads)} if self.threads else {})}


def scored(host: Host) -> dict[str, Any]:
    """Return the verdict of the last run, from the host's own history and without drawing again."""
    last = list(host.get("/history").values())[-1]
    prompt = last["prompt"][2]
    [verify] = [key for key, node in prompt.items() if node["class_type"] == "AUFaceVerifyExpression"]
    prompt = {**prompt, **{f"p{n}": _look(verify, n) for n in (0, 1)}}
    outputs = host.run(prompt, seconds=300)["outputs"]
    return {"score": round(float(outputs["p0"]["text"][0]), 3), "passed": outputs["p1"]["text"] == ["True"]}


def _look(node: str, output: int) -> dict[str, Any]:
    return {"class_type": "PreviewAny", "inputs": {"source": [node, output]}}


def measured(threads: int, screenshots: Path) -> dict[str, Any]:
    """Return what one visit to a fresh folder took."""
    with tempfile.TemporaryDirectory() as base:
        host = FreshHost(host_folder(), Path(base), ROOT)
        host.threads = threads
        size = copy_pack(Path(base) / "custom_nodes" / PACK)
        start = time.monotonic()
        try:
            host.start()
            ready = time.monotonic() - start
            page = [ROOT / "tests" / "comfyui" / "first.mjs", host.installed / "page", host.url, "vue", screenshots]
            visit = subprocess.run(["node", *map(str, page)], capture_output=True, text=True, timeout=900, check=True)
            seen = json.loads(visit.stdout)
            if "failure" in seen or seen["errors"]:
                raise SystemExit(seen.get("failure") or seen["errors"])
            verdict = scored(host)
        finally:
            host.stop()
    first, second = seen["runs"]
    return {
        "threads": threads or "torch's own choice",
        "pack_mb": round(size / 1e6, 1),
        "server_ready_s": round(ready, 1),
        "first_run_s": round(first["seconds"], 1),
        "second_run_s": round(second["seconds"], 1),
        "first_run_asked": first["asked"],
        "second_run_asked": second["asked"],
        "second_run_verdict": verdict,
    }


def main() -> None:
    """Measure and write the result."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threads", default="0,1", help="threads of torch, with commas; 0 is its own choice")
    parser.add_argument("--screenshots", type=Path, help="folder for pictures of the page")
    given = parser.parse_args()
    if not is_installed():
        raise SystemExit("ComfyUI is not installed: python tests/comfyui/install.py")
    folder = given.screenshots or Path(tempfile.mkdtemp())
    rows = [measured(int(threads), folder) for threads in given.threads.split(",")]
    result = {**birth_certificate(), "goal_first_run_s": 20, "visits": rows}
    RESULT.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    sys.stdout.write(json.dumps(result, indent=2) + "\n")


if __name__ == "__main__":
    main()
