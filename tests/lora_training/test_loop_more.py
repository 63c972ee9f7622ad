"""The loop accumulates, looks on without disturbing, stops at a step, survives kills, a full disk and bad numbers."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from random import Random
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from auface.lora_training.checkpoint import read_checkpoint
from auface.lora_training.loop import Loop, LoopConfig
from auface.lora_training.whole_file import write_whole

SCRIPT = """
import sys
from pathlib import Path
import torch
sys.path.insert(0, sys.argv[3])
from test_loop_more import Curve, config
from auface.lora_training.loop import Loop
from accelerate import Accelerator

torch.set_num_threads(1)
accelerator = Accelerator(cpu=True) if sys.argv[2] == "many" else None
task = Curve(wait=0.004 if sys.argv[2] == "alone" else 0, accelerator=accelerator)
loop = Loop(config(Path(sys.argv[1]), checkpoint_seconds=0.02), task, accelerator=accelerator)
print("ready", loop.step, flush=True)
loop.train()
"""


class Curve:
    """Learns a curve, with dropout, so that also the global random state counts; data depend on the step alone."""

    def __init__(self, *, wait: float = 0, batch: int = 8, accelerator: Any = None) -> None:
        torch.manual_seed(1)
        self.part: Any = nn.Sequential(
            nn.Linear(1, 8), nn.Tanh(), nn.Dropout(0 if accelerator else 0.1), nn.Linear(8, 1)
        )
        self.wait, self.batch, self.calls = wait, batch, (-1, 0)
        self.ranks, self.rank = (accelerator.num_processes, accelerator.process_index) if accelerator else (1, 0)

    def parts(self) -> dict[str, nn.Module]:
        return {"curve": self.part}

    def losses(self, step: int) -> dict[str, Tensor]:
        time.sleep(self.wait)
        self.calls = (step, self.calls[1] + 1 if self.calls[0] == step else 0)
        x = torch.randn(self.batch * 2, 1, generator=torch.Generator().manual_seed(step))
        share = len(x) // self.ranks
        x = x[self.rank * share :][:share] if self.ranks > 1 else x[self.calls[1] * self.batch :][: self.batch]
        return {"error": (self.part(x) - x.sin()).pow(2).mean()}

    def state(self) -> dict[str, Any]:
        return {}

    def restore(self, state: dict[str, Any]) -> None:
        pass


def config(out: Path, steps: int = 60, **more: Any) -> LoopConfig:
    more = {"checkpoint_seconds": 100.0, **more}
    return LoopConfig(out=out, steps=steps, learning_rate=0.02, warmup=5, averaging=0.9, log_steps=10, **more)


def start(out: Path, mode: str = "alone") -> "subprocess.Popen[str]":
    command = [sys.executable, "-c", SCRIPT, str(out), mode, str(Path(__file__).parent)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def weights(out: Path) -> dict[str, Any]:
    return read_checkpoint(out / "checkpoint.safetensors")


def test_accumulated_gradients_are_those_of_the_whole_batch(tmp_path: Path) -> None:
    whole, halves = Curve(batch=16), Curve(batch=8)
    whole.part[2].p = halves.part[2].p = 0.0
    Loop(config(tmp_path / "whole"), whole).train()
    Loop(config(tmp_path / "halves", accumulation=2), halves).train()
    for one, other in zip(whole.part.parameters(), halves.part.parameters(), strict=True):
        torch.testing.assert_close(one, other, atol=1e-5, rtol=1e-4)


class Watcher:
    """Draws random numbers after each step and stops at a given one."""

    def __init__(self, stop_at: int = -1) -> None:
        self.seen, self.stop_at = 0, stop_at

    def after(self, loop: Loop, losses: dict[str, float]) -> None:
        torch.rand(7)
        self.seen += 1
        if loop.step == self.stop_at:
            loop.stop()

    def state(self) -> dict[str, Any]:
        return {"seen": self.seen}

    def restore(self, state: dict[str, Any]) -> None:
        self.seen = state["seen"]


def test_who_looks_on_disturbs_nothing_and_can_stop_the_run(tmp_path: Path) -> None:
    alone, watched = Curve(), Curve()
    Loop(config(tmp_path / "alone"), alone).train()
    assert not Loop(config(tmp_path / "watched"), watched, callbacks=[Watcher(stop_at=23)]).train()
    assert weights(tmp_path / "watched")["step"] == 23
    again, watcher = Curve(), Watcher()
    assert Loop(config(tmp_path / "watched"), again, callbacks=[watcher]).train()
    assert watcher.seen == 60
    assert all(torch.equal(*pair) for pair in zip(alone.part.parameters(), again.part.parameters(), strict=True))
    steps = [json.loads(line)["step"] for line in (tmp_path / "watched" / "log.jsonl").read_text().splitlines()]
    assert steps == [10, 20, 30, 40, 50, 60]


def test_killed_at_random_moments_it_ends_with_the_same_weights(tmp_path: Path) -> None:
    Loop(config(tmp_path / "whole"), Curve()).train()
    out, rng, kills = tmp_path / "killed", Random(4), 0
    for _ in range(3):
        with start(out) as process:
            assert process.stdout is not None
            process.stdout.readline()
            time.sleep(rng.uniform(0.05, 0.2))
            process.send_signal(signal.SIGKILL)
        kills += process.returncode == -signal.SIGKILL
    assert kills >= 2
    last = start(out)
    assert last.communicate()[0].startswith("ready")
    one, other = weights(tmp_path / "whole"), weights(out)
    assert other["step"] == 60
    for key, value in one["parts"]["curve"].items():
        assert torch.equal(value, other["parts"]["curve"][key])
        assert torch.equal(one["averages"]["curve"][key], other["averages"]["curve"][key])


def test_two_processes_learn_as_one_does_with_the_whole_batch(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc_per_node", "2"]
    script = tmp_path / "train.py"
    script.write_text(SCRIPT, encoding="utf-8")
    subprocess.run([*command, str(script), str(tmp_path / "two"), "many", str(Path(__file__).parent)], check=True)
    whole = Curve(batch=16)
    whole.part[2].p = 0.0
    Loop(config(tmp_path / "one"), whole).train()
    curves = [
        [json.loads(line)["error"] for line in (tmp_path / name / "log.jsonl").read_text().splitlines()]
        for name in ("one", "two")
    ]
    assert curves[1] == pytest.approx(curves[0], rel=1e-4)
    two = weights(tmp_path / "two")
    assert len(two["random"]) == 2
    for key, value in weights(tmp_path / "one")["parts"]["curve"].items():
        torch.testing.assert_close(value, two["parts"]["curve"][key], atol=1e-5, rtol=1e-4)


def test_a_full_disk_leaves_the_checkpoint_before(tmp_path: Path) -> None:
    loop = Loop(config(tmp_path, steps=5), Curve())
    loop.save()
    before = loop.checkpoint.read_bytes()
    (tmp_path / "checkpoint.safetensors.part").symlink_to("/dev/full")
    with pytest.raises(OSError, match=r"No space left on device.*is intact"):
        loop.train()
    assert loop.checkpoint.read_bytes() == before
    assert not (tmp_path / "checkpoint.safetensors.part").exists()


def test_a_file_is_written_whole(tmp_path: Path) -> None:
    write_whole(tmp_path / "a" / "b", lambda file: file.write(b"new"))
    assert (tmp_path / "a" / "b").read_bytes() == b"new"
    assert [path.name for path in (tmp_path / "a").iterdir()] == ["b"]


def test_a_gradient_that_is_no_number_changes_no_weight(tmp_path: Path) -> None:
    class Rooted(Curve):
        def losses(self, step: int) -> dict[str, Tensor]:
            return {"error": (self.part[0].weight * 0).sum().sqrt() + self.part[0].bias.sum()}

    task = Rooted()
    before = [value.clone() for value in task.part.parameters()]
    with pytest.raises(FloatingPointError, match="gradient is nan at step 0; there is no checkpoint"):
        Loop(config(tmp_path), task).train()
    assert all(torch.equal(*pair) for pair in zip(before, task.part.parameters(), strict=True))


def test_wrong_settings_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="`accumulation` is 0"):
        config(tmp_path, accumulation=0)
    with pytest.raises(ValueError, match="`bfloat16` and `float16`"):
        config(tmp_path, bfloat16=True, float16=True)
