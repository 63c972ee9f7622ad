"""The real ComfyUI as a process of its own, for tests: start it, send prompts, read the answers."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PACK = "auface"


def free_port() -> int:
    """Return a port on loopback that nothing listens to."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def environment() -> dict[str, str]:
    """Return the environment of a host: one thread, so that a shared machine stays usable."""
    return {**os.environ, "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}


@dataclass
class Host:
    """A running ComfyUI with the checkout as a custom node pack, beside one that helps tests.

    Attributes:
        installed: The folder that `install.py` made.
        base: ComfyUI's base directory of this run: input, output, models, custom_nodes.
        checkout: The pack.
    """

    installed: Path
    base: Path
    checkout: Path
    port: int = 0
    process: subprocess.Popen[bytes] | None = None

    @property
    def python(self) -> str:
        """The interpreter of the host."""
        return str(self.installed / "venv" / "bin" / "python")

    @property
    def url(self) -> str:
        """Where the host listens."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> str:
        """What the host has printed so far."""
        return (self.base / "log.txt").read_text(encoding="utf-8", errors="replace")

    def environment(self) -> dict[str, str]:
        """Return the environment of the host's process."""
        return environment()

    def prepare(self) -> None:
        """Lay out the base directory."""
        for folder in ("input", "output", "models", "custom_nodes", "user"):
            (self.base / folder).mkdir(parents=True, exist_ok=True)
        for name, folder in ((PACK, self.checkout), ("helpers", self.checkout / "tests" / "comfyui" / "helpers")):
            pack = self.base / "custom_nodes" / name
            if not pack.exists():
                pack.symlink_to(folder, target_is_directory=True)

    def start(self) -> None:
        """Start the host and wait until it answers."""
        self.prepare()
        self.port = free_port()
        options = ["--cpu", "--listen", "127.0.0.1", "--port", str(self.port), "--base-directory", str(self.base)]
        options += ["--database-url", "sqlite:///:memory:", "--disable-api-nodes", "--dont-print-server"]
        with (self.base / "log.txt").open("wb") as log:
            self.process = subprocess.Popen(
                [self.python, str(self.installed / "ComfyUI" / "main.py"), *options],
                stdout=log,
                stderr=subprocess.STDOUT,
                env=self.environment(),
                cwd=self.base,
            )
        end = time.monotonic() + 600  # a machine that trains beside it takes minutes
        while time.monotonic() < end:
            if self.process.poll() is not None:
                raise RuntimeError(f"ComfyUI ended with {self.process.returncode}:\n{self.log[-4000:]}")
            try:
                self.get("/system_stats")
                return
            except OSError:
                time.sleep(0.25)
        raise RuntimeError(f"ComfyUI does not answer:\n{self.log[-4000:]}")

    def stop(self) -> None:
        """End the host."""
        if self.process is not None:
            self.process.terminate()
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def get(self, path: str) -> Any:
        """Return the JSON of a page of the host."""
        return json.loads(self.read(path))

    def read(self, path: str) -> bytes:
        """Return what the host serves at a path."""
        with urllib.request.urlopen(self.url + path, timeout=60) as answer:
            return answer.read()

    def post(self, path: str, data: object) -> tuple[int, Any]:
        """Send JSON and return the status and the answer."""
        request = urllib.request.Request(
            self.url + path, json.dumps(data).encode(), {"Content-Type": "application/json"}, method="POST"
        )
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                status, body = answer.status, answer.read()
        except urllib.error.HTTPError as error:
            status, body = error.code, error.read()
        return status, json.loads(body) if body.strip() else None

    @property
    def memory(self) -> float:
        """Megabytes that the host's process holds."""
        assert self.process is not None
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii")
        return int(status.split("VmRSS:")[1].split()[0]) / 1024

    def run(self, prompt: dict[str, Any], seconds: float = 120) -> dict[str, Any]:
        """Run a prompt to its end and return its entry in the history: `status`, and `outputs` by node."""
        status, answer = self.post("/prompt", {"prompt": prompt})
        if status != 200:
            raise RuntimeError(f"the prompt was refused: {json.dumps(answer, indent=1)}")
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            history = self.get(f"/history/{answer['prompt_id']}")
            if history:
                return history[answer["prompt_id"]]
            time.sleep(0.05)
        raise RuntimeError(f"the prompt did not end in {seconds} s:\n{self.log[-4000:]}")
