"""Two processes that are launched together train what one does with the same global batch, and one of them tells."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from command_line import auface

from auface.lora_training.checkpoint import read_checkpoint

LAUNCH = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc_per_node", "2"]


def flags(base: Path, data: Path, home: Path, name: str, batch: int) -> list[str]:
    own = ["train", "lora", "--base", str(base), "--data", str(data), "--out", str(home / name), "--device=cpu"]
    own += ["--resolution=32", "--bucket-step=8", f"--batch={batch}", "--rank=2", "--steps=4", "--log-steps=1"]
    return [*own, "--sample-steps=1", "--sample-seeds=1", "--expressions=12E", f"--cache={home / 'cache'}", "--json"]


def test_two_processes_have_the_losses_of_one(
    sd: Path, faces: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert auface(*flags(sd, faces, tmp_path, "one", 4)) == 0
    capsys.readouterr()
    script = tmp_path / "launched.py"  # what an installed command does
    script.write_text("from auface.cli import main\n\nmain()\n", encoding="utf-8")
    command = [*LAUNCH, str(script), *flags(sd, faces, tmp_path, "two", 2)]
    both = subprocess.run(command, capture_output=True, text=True)
    assert both.returncode == 0, both.stderr
    [line] = both.stdout.splitlines()
    assert json.loads(line)["finished"]
    curves = [
        [json.loads(row)["denoising"] for row in (tmp_path / name / "log.jsonl").read_text().splitlines()]
        for name in ("one", "two")
    ]
    assert len(curves[0]) == 4
    assert curves[1] == pytest.approx(curves[0], rel=1e-4)  # float32, summed in another order
    weights = [
        read_checkpoint(tmp_path / name / "checkpoint.safetensors")["parts"]["adapter"] for name in ("one", "two")
    ]
    for key, value in weights[0].items():
        torch.testing.assert_close(weights[1][key], value, atol=1e-4, rtol=1e-3)
