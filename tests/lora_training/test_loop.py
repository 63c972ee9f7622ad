"""The loop learns, goes on from checkpoints exactly, and stops at a loss that is no number."""

from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from auface.lora_training.loop import Loop, LoopConfig


class Line:
    """Learns y = 3x from numbers drawn with its own generator."""

    def __init__(self, broken_at: int = -1) -> None:
        torch.manual_seed(1)
        self.part = nn.Linear(1, 1)
        self.draw = torch.Generator().manual_seed(2)
        self.broken_at = broken_at

    def parts(self) -> dict[str, nn.Module]:
        return {"line": self.part}

    def losses(self, step: int) -> dict[str, Tensor]:
        x = torch.randn(16, 1, generator=self.draw)
        error = (self.part(x) - 3 * x).pow(2).mean()
        return {"error": error * float("nan") if step == self.broken_at else error, "_doubled": 2 * error}

    def state(self) -> dict[str, Any]:
        return {"draw": self.draw.get_state()}

    def restore(self, state: dict[str, Any]) -> None:
        self.draw.set_state(state["draw"])


def config(out: Path, steps: int = 300) -> LoopConfig:
    return LoopConfig(out=out, steps=steps, learning_rate=0.05, warmup=5, averaging=0.9, log_steps=10)


def test_a_task_is_learned_and_logged(tmp_path: Path) -> None:
    task = Line()
    loop = Loop(config(tmp_path), task)
    loop.train()
    assert float(loop.averaged()["line"]["weight"]) == pytest.approx(3, abs=0.05)
    assert len((tmp_path / "log.jsonl").read_text().splitlines()) == 30


def test_a_stopped_run_ends_with_the_same_weights(tmp_path: Path) -> None:
    whole = Line()
    Loop(config(tmp_path / "whole"), whole).train()
    first = Loop(config(tmp_path / "parts"), Line())
    for _ in range(123):
        first._advance()
    first.save()
    second = Line()
    Loop(config(tmp_path / "parts"), second).train()
    assert torch.equal(whole.part.weight, second.part.weight)


def test_a_loss_that_is_no_number_stops_the_run_and_leaves_the_checkpoint(tmp_path: Path) -> None:
    loop = Loop(config(tmp_path), Line(broken_at=50))
    loop.save()
    before = loop.checkpoint.read_bytes()
    with pytest.raises(FloatingPointError, match="step 50"):
        loop.train()
    assert loop.checkpoint.read_bytes() == before


def test_wrong_numbers_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="`steps` is 0"):
        LoopConfig(out=tmp_path, steps=0)
