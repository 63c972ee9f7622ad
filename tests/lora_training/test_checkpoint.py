"""A checkpoint comes back bit for bit, and what is none is refused."""

import math
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from auface.lora_training.checkpoint import NAME, read_checkpoint, write_checkpoint
from auface.lora_training.loop import Loop, LoopConfig
from auface.lora_training.old_checkpoint import convert


def state() -> dict[str, Any]:
    weight = torch.randn(3, 4)
    return {
        "optimizer": {"state": {0: {"step": torch.tensor(3.0), "average": weight.T}}, "betas": (0.9, 0.1 + 0.2)},
        "shared": [weight, weight],
        "kinds": [torch.randn(2).bfloat16(), torch.get_rng_state(), torch.tensor([True, False])],
        "rows": [{"loss": math.inf, "name": "tensor", "none": None, "whole": 2**70}],
        "empty": [(), [], {}, torch.empty(0)],
    }


def same(one: Any, other: Any) -> bool:
    if isinstance(one, torch.Tensor):
        return one.dtype == other.dtype and torch.equal(one, other)
    if isinstance(one, dict):
        return list(one) == list(other) and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list | tuple):
        return type(one) is type(other) and len(one) == len(other) and all(map(same, one, other))
    return type(one) is type(other) and one == other


class Line:
    """Learns a number."""

    def __init__(self) -> None:
        self.part = nn.Linear(1, 1)

    def parts(self) -> dict[str, nn.Module]:
        return {"line": self.part}

    def losses(self, step: int) -> dict[str, torch.Tensor]:
        return {"error": self.part(torch.ones(1, 1)).square().mean()}

    def state(self) -> dict[str, Any]:
        return {}

    def restore(self, state: dict[str, Any]) -> None:
        pass


def test_a_state_comes_back_bit_for_bit(tmp_path: Path) -> None:
    written = state()
    write_checkpoint(tmp_path / NAME, written)
    assert same(read_checkpoint(tmp_path / NAME), written)


def test_a_numbered_cpu_is_the_cpu(tmp_path: Path) -> None:
    written = state()
    write_checkpoint(tmp_path / NAME, written)
    assert same(read_checkpoint(tmp_path / NAME, "cpu:0"), written)  # accelerate's name of it


def test_what_a_file_cannot_hold_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TypeError, match="`state` has PosixPath"):
        write_checkpoint(tmp_path / NAME, {"place": tmp_path})
    assert not (tmp_path / NAME).exists()


@pytest.mark.parametrize(
    ("content", "message"), [(b"", "is damaged"), (b"\0" * 99, "is damaged"), (None, "is missing")]
)
def test_damaged_files_are_refused_by_name(tmp_path: Path, content: bytes | None, message: str) -> None:
    if content is not None:
        (tmp_path / NAME).write_bytes(content)
    with pytest.raises(ValueError, match=rf"checkpoint\.safetensors {message}"):
        read_checkpoint(tmp_path / NAME)


def test_a_run_of_an_earlier_version_goes_on_once_it_is_converted(tmp_path: Path) -> None:
    config = LoopConfig(out=tmp_path, steps=4, averaging=0.9)
    loop = Loop(config, Line())
    loop.train()
    kept = read_checkpoint(loop.checkpoint)
    loop.checkpoint.unlink()
    torch.save(kept, tmp_path / "checkpoint.pt")
    with pytest.raises(ValueError, match=r"checkpoint\.pt is of an earlier version.*old_checkpoint"):
        Loop(config, Line())
    assert convert(tmp_path) == [loop.checkpoint]
    assert Loop(config, Line()).step == 4
    assert convert(tmp_path) == []
