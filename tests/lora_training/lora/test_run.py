"""Whole runs by the command: they end with files and a report, go on after kills, and stop with one clear line."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from random import Random

import pytest
import torch
from command_line import auface
from safetensors import safe_open
from safetensors.torch import load_file
from tiny_base import tiny_set
from tiny_task import TINY, config

from auface.lora_training.checkpoint import read_checkpoint
from auface.lora_training.loop import Loop
from auface.lora_training.lora.run import LoraRun

FLAGS = [
    f"--{name.replace('_', '-')}={value}" for name, value in TINY.items() if name not in ("steps", "rank", "alpha")
]


def arguments(base: Path, data: Path, out: Path, *more: str) -> list[str]:
    own = ["train", "lora", "--base", str(base), "--data", str(data), "--out", str(out), "--device", "cpu"]
    return [*own, *FLAGS, "--rank=2", "--alpha=2", "--sample-steps=2", "--sample-seeds=1", *more]


def adapter(out: Path) -> dict[str, torch.Tensor]:
    return read_checkpoint(out / "checkpoint.safetensors")["parts"]["adapter"]


def test_libraries_say_nothing_of_their_own(sd: Path, faces: Path, tmp_path: Path) -> None:
    own = arguments(sd, faces, tmp_path / "out", "--steps=1", "--expressions=12E")
    done = subprocess.run([sys.executable, "-m", "auface", *own], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out" / "samples").is_dir(), "a picture is drawn, for which much is imported"
    assert "[transformers]" not in done.stderr, done.stderr


def test_a_run_leaves_files_report_and_curves(
    sd: Path, faces: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "grin"
    more = ["--steps=6", "--validate-steps=3", "--trigger=zxface", "--ema=0.5", "--background=0.2", "--json"]
    more += ["--expressions=12E", "--expressions=1+4", "--prompts=a house", "--author=A. Uthor", "--title=Grin"]
    assert auface(*arguments(sd, faces, out, *more)) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["step"] == 6
    assert [Path(file).name for file in answer["files"]] == ["grin.safetensors", "grin.best.safetensors"]
    assert answer["best"] in (3, 6)
    text = (out / "report.md").read_text(encoding="utf-8")
    assert f"**Best checkpoint: step {answer['best']}**" in text
    assert "](samples/step-000006.png)" in text
    assert (out / "samples" / "step-000003.png").is_file()
    assert list((out / "tensorboard").iterdir())
    rows = [json.loads(line) for line in (out / "metrics.jsonl").read_text().splitlines()]
    assert {row["step"] for row in rows if "validation/held_out_loss" in row} == {3, 6}
    with safe_open(out / "grin.safetensors", "pt") as file:
        about = file.metadata()
    assert about["modelspec.title"] == "Grin"
    assert about["modelspec.trigger_phrase"] == "zxface"
    assert about["modelspec.architecture"] == "stable-diffusion-v1/lora"
    assert about["ss_steps"] == about["auface.steps"] == "6"
    assert about["ss_num_train_images"] == "12"
    assert json.loads(about["auface.units"])["AU4"]["pictures"] > 0
    assert "held_out_loss" in json.loads(about["auface.scores"])
    assert "zxface" in json.loads(about["ss_tag_frequency"])["auface"]


def test_killed_at_a_random_moment_a_run_ends_with_the_same_weights(sd: Path, faces: Path, tmp_path: Path) -> None:
    whole, killed, cache = tmp_path / "whole", tmp_path / "killed", f"--cache={tmp_path / 'cache'}"
    more = ["--steps=24", "--validate-steps=12", "--dropout=0.2", "--ema=0.9", cache, "--checkpoint-seconds=0.2"]
    assert auface(*arguments(sd, faces, whole, *more, "--quiet")) == 0
    code = "import sys, torch; torch.set_num_threads(1); from auface.cli import main; sys.argv[0] = 'auface'; main()"
    command = [sys.executable, "-c", code, *arguments(sd, faces, killed, *more, "--quiet")]
    rng, kills = Random(2), 0
    while kills < 1:
        process = subprocess.Popen(command, env={**os.environ, "OMP_NUM_THREADS": "1"})
        began = len(_lines(killed / "log.jsonl"))
        while process.poll() is None and len(_lines(killed / "log.jsonl")) <= began:
            time.sleep(0.02)  # until it trains
        time.sleep(rng.uniform(0, 0.3))
        process.send_signal(signal.SIGKILL)
        if process.wait() == 0:
            break
        kills += 1
    assert kills
    assert auface(*arguments(sd, faces, killed, *more, "--quiet")) == 0
    one, other = adapter(whole), adapter(killed)
    assert all(torch.equal(value, other[name]) for name, value in one.items())
    first, second = (load_file(out / f"{out.name}.safetensors") for out in (whole, killed))
    assert all(torch.equal(value, second[name]) for name, value in first.items())
    steps = [json.loads(line)["step"] for line in _lines(killed / "metrics.jsonl")]
    assert steps == [json.loads(line)["step"] for line in _lines(whole / "metrics.jsonl")]


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else []


def test_an_interrupt_ends_at_a_step_with_a_file(sd: Path, faces: Path, tmp_path: Path) -> None:
    class Interrupt:
        def after(self, loop: Loop, losses: dict[str, float]) -> None:
            if loop.step == 4:
                os.kill(os.getpid(), signal.SIGINT)

        def state(self) -> dict[str, int]:
            return {}

        def restore(self, state: dict[str, int]) -> None:
            pass

    from auface.lora_training.command import _stopped_by_signals

    run = LoraRun(config(sd, faces, tmp_path / "run", steps=50))
    run.prepare()
    with _stopped_by_signals(run):
        outcome = run.train([Interrupt()])
    assert (outcome.step, outcome.finished, outcome.report) == (4, False, None)
    assert outcome.files[0].is_file()
    again = LoraRun(config(sd, faces, tmp_path / "run", steps=50))
    again.prepare()
    again.stop()
    assert again.train().step == 4


def test_an_interrupt_ends_the_filling_of_caches(sd: Path, faces: Path, tmp_path: Path) -> None:
    run = LoraRun(config(sd, faces, tmp_path / "run", cache_text=True))
    run.prepare(lambda count: run.stop())
    kept = list((tmp_path / "run" / "cache").rglob("*.safetensors"))
    assert len(kept) < run.work()
    outcome = run.train()
    assert (outcome.step, outcome.finished, outcome.files) == (0, False, ())
    again = LoraRun(config(sd, faces, tmp_path / "run", cache_text=True, steps=8))
    again.prepare()
    assert again.train().finished


def test_a_run_that_gets_no_better_is_ended(sd: Path, faces: Path, tmp_path: Path) -> None:
    wanted = config(sd, faces, tmp_path / "run", steps=60, validate_steps=2, patience=2, sample_steps=1, sample_seeds=1)
    scores = iter([3.0, 2.0, 2.5, 2.6, 1.0])
    run = LoraRun(wanted, judge=lambda pictures, asked: {"unit_error": next(scores)})
    run.prepare()
    outcome = run.train()
    assert (outcome.step, outcome.finished, outcome.best) == (8, True, 4)
    again = LoraRun(wanted)
    again.prepare()
    assert again.train().step == 8
    assert "ended early" in (tmp_path / "run" / "report.md").read_text()


def test_a_dry_run_tells_and_writes_nothing(
    sd: Path, faces: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert auface(*arguments(sd, faces, tmp_path / "run", "--dry-run", "--json")) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["pictures"] == 12
    assert found["parameters"] > 0
    assert found["step_seconds"] > 0
    assert found["memory_mib"] > 50
    assert list(tmp_path.iterdir()) == []
    assert auface(*arguments(sd, faces, tmp_path / "run", "--dry-run")) == 0
    assert "12 (32x32: 12)" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (["--rank=0"], "`rank` is 0; accepted is a whole number from 1 to 1024"),
        (["--base=no/such/folder"], "`base` is 'no/such/folder'"),
        (["--data="], "`data` is ''"),
        (["--device=cuda:7"], "`device` is 'cuda:7'"),
        (["--config=none.toml"], "`config` is 'none.toml'"),
        (["--block-rank=mid_block"], "`block_rank` is 'mid_block'; accepted is such as"),
        (["--unit-weight=-1"], "`unit_weight`"),
        (["--preset=sd9"], "`preset` is 'sd9'"),
    ],
)
def test_wrong_input_is_one_line_and_exit_code_2(
    sd: Path, faces: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], more: list[str], message: str
) -> None:
    assert auface(*arguments(sd, faces, tmp_path / "run", "--steps=2", *more)) == 2
    told = capsys.readouterr().err.strip().splitlines()
    assert len(told) == 1
    assert message in told[0]
    assert not (tmp_path / "run" / "config.toml").exists()  # the repaired command can use the folder


def test_wrong_input_does_not_throw_an_older_run_away(faces: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    run.mkdir()
    for name in ("config.toml", "grin.safetensors"):
        (run / name).write_text("older")
    assert auface(*arguments(tmp_path / "nowhere", faces, run, "--overwrite")) == 2
    assert [(run / name).read_text() for name in ("config.toml", "grin.safetensors")] == ["older", "older"]


def test_other_options_or_data_do_not_go_on_with_a_run(
    sd: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data, out = tiny_set(tmp_path / "data", 4), tmp_path / "run"
    assert auface(*arguments(sd, data, out, "--steps=2", "--quiet")) == 0
    assert auface(*arguments(sd, data, out, "--steps=2", "--quiet", "--sample-seeds=2")) == 0
    assert auface(*arguments(sd, data, out, "--steps=3", "--quiet")) == 2
    assert "`out` has a run whose `steps` is 2, not 3" in capsys.readouterr().err
    rows = (data / "train" / "metadata.jsonl").read_text().splitlines()
    (data / "train" / "metadata.jsonl").write_text("\n".join(rows[:2]) + "\n")
    assert auface(*arguments(sd, data, out, "--steps=2", "--quiet")) == 2
    assert "`data` has changed since the checkpoint" in capsys.readouterr().err
    assert auface(*arguments(sd, data, out, "--steps=3", "--quiet", "--overwrite")) == 0
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "thesis.txt").touch()
    assert auface(*arguments(sd, data, tmp_path / "other", "--steps=3", "--overwrite")) == 2
    assert "holds other files" in capsys.readouterr().err


def test_a_run_goes_on_that_is_older_than_an_option(
    sd: Path, faces: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "run"
    assert auface(*arguments(sd, faces, out, "--steps=2", "--quiet")) == 0
    lines = (out / "config.toml").read_text().splitlines(keepends=True)
    older = "".join(line for line in lines if not line.startswith("asked_weight"))
    assert older.count("\n") == len(lines) - 1
    (out / "config.toml").write_text(older)
    assert auface(*arguments(sd, faces, out, "--steps=2", "--quiet")) == 0
    (out / "config.toml").write_text(older)
    assert auface(*arguments(sd, faces, out, "--steps=2", "--quiet", "--asked-weight=3")) == 2
    assert "`out` has a run whose `asked_weight` is 1.0, not 3.0" in capsys.readouterr().err


def test_a_loss_that_is_no_number_leaves_the_checkpoint(
    sd: Path, faces: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "run"
    assert auface(*arguments(sd, faces, out, "--steps=2", "--quiet")) == 0
    before = (out / "checkpoint.safetensors").read_bytes()
    from auface.lora_training.lora.task import LoraTask

    whole = LoraTask.batch_losses
    monkeypatch.setattr(LoraTask, "batch_losses", lambda *given: {"denoising": whole(*given)["denoising"] * torch.nan})
    (out / "config.toml").write_text((out / "config.toml").read_text().replace("steps = 2\n", "steps = 4\n", 1))
    capsys.readouterr()
    assert auface(*arguments(sd, faces, out, "--steps=4", "--quiet")) == 1
    told = capsys.readouterr().err
    assert "The loss is nan at step 2; the last good checkpoint is" in told
    assert (out / "checkpoint.safetensors").read_bytes() == before
