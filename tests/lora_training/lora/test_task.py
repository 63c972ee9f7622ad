"""Tasks learn on every layout, objective and kind of adapter; steps are the same however they are divided."""

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from tiny_base import tiny_base
from tiny_task import config, task_of

from auface.lora_training.loop import Loop, LoopConfig
from auface.lora_training.lora.base_model import load_base
from auface.lora_training.lora.config import LoraConfig
from auface.lora_training.lora.denoiser import Question
from auface.lora_training.lora.network import learned_of
from auface.lora_training.lora.optimizer import lora_optimizer
from auface.lora_training.lora.task import LoraTask


def train(task: LoraTask, wanted: LoraConfig, out: Path) -> list[float]:
    settings = LoopConfig(out=out, steps=wanted.steps, averaging=0, learning_rate=wanted.learning_rate, warmup=0)
    loop = Loop(settings, task, optimizer=lambda: lora_optimizer(task.learned, wanted))
    return [sum(loop._advance().values()) for _ in range(wanted.steps)]


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"algorithm": "dora", "targets": "transformer"},
        {"algorithm": "loha", "snr_gamma": 0.0, "noise_offset": 0.1},
        {"algorithm": "lokr", "background": 0.2, "parts": 2.0},
        {"targets": "all", "block_rank": {"down_blocks.0": 2, "mid_block": 0}, "gradient_checkpointing": True},
        {"text_encoder": True, "captions": "text", "dropout": 0.1},
        {"slider": "12E", "slider_from": "data", "flip": 0.0},
    ],
)
def test_an_adapter_learns_and_the_base_stays(sd: Path, faces: Path, tmp_path: Path, more: dict[str, Any]) -> None:
    wanted = config(sd, faces, tmp_path, caption_dropout=0.2, **more)
    task = task_of(wanted)
    base = {name: value.clone() for name, value in task._base.unet.named_parameters() if not value.requires_grad}
    before = task.learned.state_dict()
    before = {name: value.clone() for name, value in before.items()}
    fixed = task.data.batch(0, 0)
    with torch.no_grad():
        first = float(task.batch_losses(fixed)["denoising"])
    train(task, wanted, tmp_path)
    with torch.no_grad():
        last = float(task.batch_losses(fixed)["denoising"])
    assert last < first
    moved = [name for name, value in task.learned.state_dict().items() if not torch.equal(value, before[name])]
    assert len(moved) > 0.9 * len(before)
    assert all(torch.equal(value, base[name]) for name, value in task._base.unet.named_parameters() if name in base)


@pytest.mark.parametrize("prediction", ["v_prediction", "flow"])
def test_other_objectives_learn(faces: Path, tmp_path: Path, prediction: str) -> None:
    wanted = config(tiny_base(tmp_path / "base", "sd", prediction), faces, tmp_path / "run")
    task = task_of(wanted)
    assert task._objective.prediction == prediction
    fixed = task.data.batch(0, 0)
    first = task.batch_losses(fixed)["denoising"].detach()
    train(task, wanted, tmp_path / "run")
    assert task.batch_losses(fixed)["denoising"].detach() < first


def test_sdxl_learns_with_both_text_encoders(sdxl: Path, faces: Path, tmp_path: Path) -> None:
    wanted = config(sdxl, faces, tmp_path, text_encoder=True, prior_data=str(faces), prior_weight=0.5)
    task = task_of(wanted)
    names = {name.partition("/")[0] for name in task.learned.state_dict()}
    assert names == {"lora_unet", "lora_te1", "lora_te2"}
    assert set(task.losses(0)) == {"denoising", "prior"}
    train(task, wanted, tmp_path)
    start = {name: value for name, value in task_of(wanted).learned.state_dict().items()}
    still = [name for name, value in task.learned.state_dict().items() if torch.equal(value, start[name])]
    # The pooled half of the second encoder and the hidden half of both have gradients; their last layer may not.
    assert len(still) < 0.3 * len(start)


def test_a_step_is_the_same_in_goes_and_processes(sd: Path, faces: Path, tmp_path: Path) -> None:
    whole = task_of(config(sd, faces, tmp_path, batch=4)).data.batch(3, 0)
    goes = task_of(config(sd, faces, tmp_path, batch=2, accumulation=2)).data
    ranks = [task_of(config(sd, faces, tmp_path, batch=2), (2, rank)).data for rank in (0, 1)]
    for halves in ([goes.batch(3, 0), goes.batch(3, 1)], [ranks[0].batch(3, 0), ranks[1].batch(3, 0)]):
        for name in ("clean", "noise", "timesteps", "shares"):
            assert torch.equal(getattr(whole, name), torch.cat([getattr(half, name) for half in halves]))
        assert whole.texts == halves[0].texts + halves[1].texts


def test_strengths_scale_each_picture_by_its_own_number(sd: Path, faces: Path, tmp_path: Path) -> None:
    wanted = config(sd, faces, tmp_path, slider="12E", slider_from="data", caption_dropout=1.0)
    task = task_of(wanted)
    train(task, wanted, tmp_path)
    batch = task.data.batch(0, 0)
    both = batch.clean[:1].repeat(2, 1, 1, 1)
    times = batch.timesteps[:1].repeat(2)
    question = Question(["a face"] * 2, batch.time_ids, torch.tensor([0.0, 1.0]))
    with torch.no_grad():
        zero, one = task.ask(both, times, question, task.data.embeddings)
        other = replace(question, strengths=torch.tensor([1.0, 0.0]))
        swapped = task.ask(both, times, other, task.data.embeddings)
    torch.testing.assert_close(zero, swapped[1])
    torch.testing.assert_close(one, swapped[0])
    assert (one - zero).abs().max() > 1e-3


def test_missing_optimizers_are_named(sd: Path, faces: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    task = task_of(config(sd, faces, tmp_path))
    for name, package in (("adamw8bit", "bitsandbytes"), ("prodigy", "prodigyopt")):
        for module in (package, f"{package}.optim"):
            monkeypatch.setitem(sys.modules, module, None)
        with pytest.raises(ImportError, match=f"needs the package {package}"):
            lora_optimizer(task.learned, config(sd, faces, tmp_path, optimizer=name))


@pytest.mark.parametrize("option", ["block_rank", "block_alpha"])
def test_blocks_that_the_base_does_not_have_are_refused(sd: Path, faces: Path, tmp_path: Path, option: str) -> None:
    wanted = config(sd, faces, tmp_path, **{option: {"mid_block": 2, "down_block.0": 2}})
    message = rf"`{option}` has 'down_block.0'.*accepted are down_blocks.0, down_blocks.1, mid_block, up_blocks.0"
    with pytest.raises(ValueError, match=message):
        learned_of(load_base(wanted.base), wanted)


def test_unknown_bases_are_refused(faces: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"`base` is .*accepted is a Stable Diffusion"):
        load_base(str(tmp_path))
