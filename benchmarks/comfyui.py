"""From a fresh ComfyUI folder to a face with a verdict: `python benchmarks/comfyui.py`.

Copies what the registry distributes into the `custom_nodes` of an empty base folder, starts ComfyUI 0.30 on the CPU,
opens the first template in the real page, sends what Run sends, and measures until the face and the verdict are there,
by the clock and by the time of the processor. Needs the host of `tests/comfyui/install.py`, node and chromium. Writes
benchmarks/results/comfyui.json.
"""

import argparse
import json
import os
import shutil
import subprocess  # noqa: TID251 - ComfyUI and the page are programs of their own
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from machine import birth_certificate

ROOT = Path(__file__).resolve().parents[1]
TEMPLATE = ROOT / "workflows" / "a_first_face.json"
RESULT = ROOT / "benchmarks" / "results" / "comfyui.json"
sys.path[:0] = [str(ROOT / "tests" / "support"), str(ROOT / "tests" / "comfyui")]

from comfyui_host import PACK, Host, environment  # noqa: E402
from install import host_folder, is_installed  # noqa: E402  # pyright: ignore[reportMissingImports]


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


def page_prompt(host: Host) -> dict[str, Any]:
    """Return what the page sends when the first template is opened and Run is pressed, with the verdict as text."""
    script = [ROOT / "tests" / "comfyui" / "prompts.mjs", host.installed / "page", host.url, TEMPLATE]
    answer = subprocess.run(["node", *map(str, script)], capture_output=True, text=True, timeout=900, check=True)
    prompt: dict[str, Any] = json.loads(answer.stdout)[TEMPLATE.stem]
    [verify] = [key for key, node in prompt.items() if node["class_type"] == "AUFaceVerifyExpression"]
    for name, output in (("score", 0), ("passed", 1)):
        prompt[name] = {"class_type": "PreviewAny", "inputs": {"source": [verify, output]}}
    return prompt


def processor_seconds(host: Host) -> float:
    """Return the time that the host has had a processor for: what a machine without other work would take."""
    assert host.process is not None
    fields = Path(f"/proc/{host.process.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def measured(threads: int) -> dict[str, Any]:
    """Return what one visit to a fresh folder took."""
    with tempfile.TemporaryDirectory() as base:
        host = FreshHost(host_folder(), Path(base), ROOT)
        host.threads = threads
        size = copy_pack(Path(base) / "custom_nodes" / PACK)
        try:
            start = time.monotonic()
            host.start()
            ready = time.monotonic() - start, processor_seconds(host)
            prompt, runs = page_prompt(host), list[dict[str, float]]()
            for seed in (7, 8):
                for node in prompt.values():
                    node["inputs"].update({"seed": seed} if node["class_type"] == "KSampler" else {})
                start, worked = time.monotonic(), processor_seconds(host)
                entry = host.run(prompt, seconds=600)
                if entry["status"]["status_str"] != "success":
                    raise SystemExit(json.dumps(entry["status"]))
                took = {"seconds": time.monotonic() - start, "processor_s": processor_seconds(host) - worked}
                verdict = {name: entry["outputs"][name]["text"][0] for name in ("score", "passed")}
                runs.append({**{name: round(value, 1) for name, value in took.items()}, **verdict})
        finally:
            host.stop()
    return {
        "threads": threads or "torch's own choice",
        "pack_mb": round(size / 1e6, 1),
        "server_ready": {"seconds": round(ready[0], 1), "processor_s": round(ready[1], 1)},
        "first_run": runs[0],
        "next_run_with_another_seed": runs[1],
    }


def main() -> None:
    """Measure and write the result."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threads", default="1", help="threads of torch, with commas; 0 is its own choice")
    given = parser.parse_args()
    if not is_installed():
        raise SystemExit("ComfyUI is not installed: python tests/comfyui/install.py")
    rows: list[dict[str, Any]] = []
    for threads in given.threads.split(","):
        rows.append(measured(int(threads)))
        result = {**birth_certificate(), "load_average": round(os.getloadavg()[0], 1), "goal_s": 20, "visits": rows}
        RESULT.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    sys.stdout.write(RESULT.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
