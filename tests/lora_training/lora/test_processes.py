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


INSTALLED = """
from auface.cli import main

main()
"""
"""What the installed command does."""

INTERRUPTED = """
import os, signal, sys, threading, time
from pathlib import Path
from auface.cli import main

def interrupt():
    while not Path(sys.argv[sys.argv.index("--out") + 1], "log.jsonl").is_file():
        time.sleep(0.02)
    os.kill(os.getpid(), signal.SIGINT)

if os.environ["RANK"] == "1":
    threading.Thread(target=interrupt, daemon=True).start()
main()
"""
"""The same, and the second process alone gets a signal once there are steps."""

COUNTED = """
import os
from pathlib import Path
from torch.distributed.tensor import DTensor
from auface.cli import main
from auface.lora_training.lora import run

def counted(unet, *more):
    whole = sum(value.numel() for value in unet.parameters())
    shard_base(unet, *more)
    held = [value.to_local() if isinstance(value, DTensor) else value for value in unet.parameters()]
    share = sum(value.numel() for value in held) / whole
    Path(__file__).with_name("held-" + os.environ["RANK"]).write_text(str(share))

shard_base, run.shard_base = run.shard_base, counted
main()
"""
"""The same as the command, and each process writes which share of the base it holds."""


def launched(home: Path, code: str, arguments: list[str]) -> "subprocess.CompletedProcess[str]":
    script = home / "launched.py"
    script.write_text(code, encoding="utf-8")
    return subprocess.run([*LAUNCH, str(script), *arguments], capture_output=True, text=True, timeout=600)


def flags(base: Path, data: Path, home: Path, name: str, batch: int) -> list[str]:
    own = ["train", "lora", "--base", str(base), "--data", str(data), "--out", str(home / name), "--device=cpu"]
    own += ["--resolution=32", "--bucket-step=8", f"--batch={batch}", "--rank=2", "--steps=4", "--log-steps=1"]
    return [*own, "--sample-steps=1", "--sample-seeds=1", "--expressions=12E", f"--cache={home / 'cache'}", "--json"]


@pytest.mark.parametrize("sharded", [False, True])
def test_two_processes_have_the_losses_of_one(
    sd: Path, faces: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], sharded: bool
) -> None:
    more = ["--shard", "--validate-steps=2", "--patience=9"] if sharded else []
    assert auface(*flags(sd, faces, tmp_path, "one", 4)) == 0
    capsys.readouterr()
    both = launched(tmp_path, COUNTED if sharded else INSTALLED, [*flags(sd, faces, tmp_path, "two", 2), *more])
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
    if sharded:
        assert (tmp_path / "two" / "samples" / "step-000002.png").is_file()
        assert all(float((tmp_path / f"held-{rank}").read_text()) < 0.55 for rank in (0, 1))


def test_a_single_process_cannot_share_its_base(
    sd: Path, faces: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert auface(*flags(sd, faces, tmp_path, "one", 2), "--shard") == 2
    assert "`shard` is true in a single process" in capsys.readouterr().err
    assert not (tmp_path / "one").exists()


def test_two_processes_end_early_together(sd: Path, faces: Path, tmp_path: Path) -> None:
    more = ["--steps=60", "--validate-steps=1", "--patience=1", "--learning-rate=1"]
    both = launched(tmp_path, INSTALLED, [*flags(sd, faces, tmp_path, "two", 2), *more])
    assert both.returncode == 0, both.stderr
    answer = json.loads(both.stdout)
    assert answer["finished"]
    assert answer["step"] < 60
    assert Path(answer["report"]).is_file()


def test_an_interrupt_of_one_process_ends_both_at_a_step(sd: Path, faces: Path, tmp_path: Path) -> None:
    both = launched(tmp_path, INTERRUPTED, [*flags(sd, faces, tmp_path, "two", 2), "--steps=100000"])
    assert "exitcode  : 130" in both.stderr
    answer = json.loads(both.stdout)  # of one process
    assert not answer["finished"]
    assert answer["step"] == read_checkpoint(tmp_path / "two" / "checkpoint.safetensors")["step"] > 0
    assert all(Path(file).is_file() for file in answer["files"])
