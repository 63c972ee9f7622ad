"""Half precision learns what float32 does, and averaged weights are those of the file."""

from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file
from tiny_task import config

from auface.lora_training.checkpoint import NAME, read_checkpoint
from auface.lora_training.loop import Loop
from auface.lora_training.lora.run import LoraRun, Outcome


class Losses:
    """Keeps the loss of each step."""

    def __init__(self) -> None:
        self.seen: list[float] = []

    def after(self, loop: Loop, losses: dict[str, float]) -> None:
        self.seen.append(losses["denoising"])

    def state(self) -> dict[str, int]:
        return {}

    def restore(self, state: dict[str, int]) -> None:
        pass


def trained(base: Path, data: Path, out: Path, **more: Any) -> tuple[Outcome, list[float]]:
    short = {"steps": 6, "sample_steps": 1, "sample_seeds": 1, "expressions": ["12E"], "learning_rate": 1e-3}
    run, losses = LoraRun(config(base, data, out, **{**short, **more}), board=False), Losses()
    run.prepare()
    return run.train([losses]), losses.seen


@pytest.mark.parametrize("precision", ["bfloat16", "float16"])
def test_half_precision_has_the_losses_of_float32(sd: Path, faces: Path, tmp_path: Path, precision: str) -> None:
    _, exact = trained(sd, faces, tmp_path / "exact")
    outcome, half = trained(sd, faces, tmp_path / "half", precision=precision)
    assert half == pytest.approx(exact, rel=0.03)  # bfloat16 has 8 bits
    state = read_checkpoint(tmp_path / "half" / NAME)["parts"]["adapter"]
    assert {value.dtype for value in state.values()} == {torch.float32}
    assert all(value.isfinite().all() for value in load_file(outcome.files[0]).values())


def test_the_file_has_the_averaged_weights(sd: Path, faces: Path, tmp_path: Path) -> None:
    outcome, _ = trained(sd, faces, tmp_path, ema=0.9, export_precision="float32")
    state = read_checkpoint(tmp_path / NAME)
    key = next(name for name in state["averages"]["adapter"] if "lora_B" in name)
    averaged, last = (state[kind]["adapter"][key] for kind in ("averages", "parts"))
    written = {tuple(value.flatten().tolist()) for value in load_file(outcome.files[0]).values()}
    assert tuple(averaged.flatten().tolist()) in written
    assert tuple(last.flatten().tolist()) not in written
