"""Every optimizer stops and goes on with the same weights, bit for bit."""

from pathlib import Path

import pytest
import torch
from tiny_task import config

from auface.lora_training.checkpoint import NAME, read_checkpoint
from auface.lora_training.loop import Loop
from auface.lora_training.lora.run import LoraRun

PACKAGES = {"adamw": "torch", "prodigy": "prodigyopt", "adamw8bit": "bitsandbytes"}


class StopAt:
    """Ends a run after a step, as an interrupt does."""

    def __init__(self, run: LoraRun, step: int) -> None:
        self._run, self._step = run, step

    def after(self, loop: Loop, losses: dict[str, float]) -> None:
        if loop.step == self._step:
            self._run.stop()

    def state(self) -> dict[str, int]:
        return {}

    def restore(self, state: dict[str, int]) -> None:
        pass


def learned(run: LoraRun) -> dict[str, torch.Tensor]:
    return read_checkpoint(run.out / NAME)["parts"]["adapter"]


@pytest.mark.parametrize("name", PACKAGES)
def test_a_stopped_run_ends_with_the_same_weights(sd: Path, faces: Path, tmp_path: Path, name: str) -> None:
    pytest.importorskip(PACKAGES[name], reason=f"the optional optimizer {PACKAGES[name]} is not installed")
    more = {"steps": 8, "sample_steps": 1, "sample_seeds": 1, "optimizer": name, "cache": str(tmp_path / "cache")}
    # Prodigy finds its own rate; 8-bit states begin at 4,096 numbers, which a rank of 64 has.
    more |= {"learning_rate": 1.0 if name == "prodigy" else 1e-2, "rank": 64}
    whole = LoraRun(config(sd, faces, tmp_path / "whole", **more))
    whole.prepare()
    assert whole.train().finished
    halves = [LoraRun(config(sd, faces, tmp_path / "halves", **more)) for _ in range(2)]
    halves[0].prepare()
    assert halves[0].train([StopAt(halves[0], 3)]).step == 3
    halves[1].prepare()
    assert halves[1].train().finished
    one, other = learned(whole), learned(halves[1])
    assert all(torch.equal(value, other[key]) for key, value in one.items())
    assert any(value.any() for key, value in one.items() if "lora_B" in key)
