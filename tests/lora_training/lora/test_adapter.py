"""Adapters that are trained: they learn beside a base that stays as it is, go on, and load where adapters load."""

from pathlib import Path
from typing import Any

import pytest
import torch
from command_line import auface
from safetensors import safe_open
from tiny_base import tiny_set
from tiny_task import config

from auface.lora_training.loop import Loop
from auface.lora_training.lora.adapter_guide import AdapterGuide, chosen_parts
from auface.lora_training.lora.adapter_task import AdapterTask
from auface.lora_training.lora.base_model import load_base
from auface.lora_training.lora.objective import Objective
from auface.lora_training.lora.run import LoraRun
from auface.lora_training.lora.training_data import TrainingData
from auface.pipelines.adapter.file import read_adapter

MORE = {"algorithm": "adapter", "captions": "person", "resolution": 32, "learning_rate": 3e-3, "parts": 3.0}


def flags(base: Path, data: Path, out: Path, *more: str) -> list[str]:
    own = ["train", "adapter", "--base", str(base), "--data", str(data), "--out", str(out), "--device=cpu"]
    sizes = ["--resolution=32", "--bucket-step=8", "--batch=2", "--caption-variants=1", "--sample-steps=2"]
    return [*own, *sizes, "--sample-seeds=1", "--learning-rate=0.003", "--warmup=0", *more]


@pytest.mark.parametrize("layout", ["sd", "sdxl"])
def test_an_adapter_learns_and_its_base_does_not(
    layout: str, faces: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    folder = request.getfixturevalue(layout)
    given = config(folder, faces, tmp_path / "run", **MORE, batch=6, flip=0.0, expression_dropout=0.0)
    base = load_base(given.base)
    before = {name: value.clone() for name, value in base.unet.state_dict().items()}
    objective = Objective(base, given)
    data = TrainingData(given, base, objective)
    data.prepare()
    guide = AdapterGuide.begin(base, given)
    task = AdapterTask(given, base, data, objective, guide=guide)
    batch = data.batch(0, 0)
    start = task.batch_losses(batch)["denoising"].item()
    optimizer = torch.optim.Adam(task.learned.parameters(), 3e-3)
    for _ in range(12):
        optimizer.zero_grad()
        task.batch_losses(batch)["denoising"].backward()
        optimizer.step()
    assert task.batch_losses(batch)["denoising"].item() < 0.97 * start
    assert all(torch.equal(value, before[name]) for name, value in base.unet.state_dict().items())
    moved = [name for name, value in guide.adapter.named_parameters() if value.grad is None]
    assert not moved, "every part of the adapter gets gradients"


def test_the_command_leaves_an_adapter_that_a_pipeline_takes(
    sd: Path, faces: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from auface.pipelines import AUFacePipeline

    out = tmp_path / "faces-adapter"
    more = ["--steps=4", "--expressions=12E", "--author=A. Uthor", "--ema=0", "--json"]
    assert auface(*flags(sd, faces, out, *more)) == 0, capsys.readouterr().err
    path = out / "faces-adapter.safetensors"
    with safe_open(path, "pt") as file:
        about = file.metadata()
    assert about["base"] == "sd1"
    assert about["modelspec.author"] == "A. Uthor"
    assert about["auface.steps"] == "4"
    assert not [name for name in about if name.startswith("ss_")]
    assert "**Best checkpoint" in (out / "report.md").read_text(encoding="utf-8")
    pipe = AUFacePipeline.from_pretrained(sd, safety_checker=None)
    pipe.set_progress_bar_config(disable=True)
    pipe.load_adapter(path)
    same: dict[str, Any] = {"num_inference_steps": 2, "height": 32, "width": 32, "output_type": "np"}
    pictures: list[Any] = []
    for expression in (None, "12E"):
        drawn: Any = pipe("", expression=expression, generator=torch.Generator().manual_seed(0), **same)
        pictures.append(drawn.images)
    assert abs(pictures[0] - pictures[1]).max() > 1e-4


def test_stopped_and_gone_on_with_the_weights_are_the_same(sd: Path, faces: Path, tmp_path: Path) -> None:
    class Stop:
        def after(self, loop: Loop, losses: dict[str, float]) -> None:
            if loop.step == 2:
                loop.stop()

        def state(self) -> dict[str, int]:
            return {}

        def restore(self, state: dict[str, int]) -> None:
            pass

    found = []
    for name, callbacks in (("whole", []), ("stopped", [Stop()])):
        given = config(sd, faces, tmp_path / name, **MORE, steps=5, ema=0.5, sample_steps=1, expressions=("12E",))
        run = LoraRun(given)
        run.prepare()
        if not run.train(callbacks).finished:
            run = LoraRun(given)
            run.prepare()
            assert run.train().finished
        found.append(read_adapter(tmp_path / name / f"{name}.safetensors").state_dict())
    assert all(torch.equal(value, found[1][name]) for name, value in found[0].items())


def test_an_adapter_to_begin_with_is_gone_on_from(sd: Path, faces: Path, tmp_path: Path) -> None:
    out = tmp_path / "first"
    assert auface(*flags(sd, faces, out, "--steps=2", "--quiet", "--export-precision=float32", "--ema=0")) == 0
    first = out / "first.safetensors"
    given = config(sd, faces, tmp_path / "second", **MORE, adapter=str(first))
    start = AdapterGuide.begin(load_base(given.base), given).adapter.state_dict()
    assert all(torch.equal(value, start[name]) for name, value in read_adapter(first).state_dict().items())


def test_pictures_without_landmarks_are_told_by_tokens_alone(sd: Path, tmp_path: Path) -> None:
    data = tiny_set(tmp_path / "data", landmarks=False)
    assert auface(*flags(sd, data, tmp_path / "run", "--steps=2", "--quiet")) == 0


def test_each_way_of_asking_has_its_share() -> None:
    chances = torch.arange(1000) / 1000
    maps, tokens = chosen_parts(chances, torch.ones(1000, dtype=torch.bool), 0.1)
    ways = [int(((maps == one) & (tokens == other)).sum()) for one, other in ((0, 0), (1, 0), (0, 1), (1, 1))]
    assert ways == [100, 50, 50, 800]
    maps, tokens = chosen_parts(chances, torch.zeros(1000, dtype=torch.bool), 0.1)
    assert not maps.any()
    assert tokens.sum() == 850


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (("--adapter=nowhere.safetensors",), "`adapter` is 'nowhere.safetensors'"),
        (("--expression-dropout=0.9",), "`expression_dropout` is 0.9"),
    ],
)
def test_wrong_input_is_one_line(
    more: tuple[str, ...], said: str, sd: Path, faces: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert auface(*flags(sd, faces, tmp_path / "run", *more)) == 2
    [line] = capsys.readouterr().err.strip().splitlines()
    assert said in line


def test_options_of_a_lora_are_refused(sd: Path, faces: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="`text_encoder` is set"):
        config(sd, faces, tmp_path, **MORE, text_encoder=True)
