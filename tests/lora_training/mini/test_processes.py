"""Processes that are launched together train auface-mini's UNet together, each on faces of its own."""

import dataclasses
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import torch

from auface.lora_training.checkpoint import read_checkpoint
from auface.lora_training.mini.run import MiniRun

COMMAND = "from auface.cli import main\n\nmain()\n"


def launched(run: MiniRun, home: Path, stage: str, steps: int = 2) -> "subprocess.CompletedProcess[str]":
    for part in ("latents", "tokenizer", "vae", "pictures"):
        shutil.copytree(run.folder / part, home / "run" / part, dirs_exist_ok=True)
    recipe = dataclasses.asdict(run.recipe)
    recipe["stages"]["unet"]["steps"] = steps
    (home / "recipe.json").write_text(json.dumps(recipe), encoding="utf-8")
    (home / "command.py").write_text(COMMAND, encoding="utf-8")
    launch = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc_per_node", "2", "--"]
    given = ["--recipe", str(home / "recipe.json"), "--set", str(run.dataset), "--run", str(home / "run"), "--json"]
    command = [*launch, str(home / "command.py"), "train", "mini", stage, *given]
    return subprocess.run(command, capture_output=True, text=True, timeout=600)


def test_each_process_has_its_share_of_the_same_faces(trained: MiniRun) -> None:
    tasks: list[Any] = [trained.unet_task() for _ in range(3)]
    seen: list[Any] = []
    for task, processes in zip(tasks, ((1, 0), (2, 0), (2, 1)), strict=True):
        task._processes = processes
        task.config = dataclasses.replace(task.config, batch=4 // processes[0])
        task.loss_of = lambda batch: seen.append(batch) or {}
        task.losses(0)
    whole, one, other = seen
    assert len(one.prompts) == len(other.prompts) == 2
    for name in ("latents", "maps", "vectors", "landmarks"):
        mine = torch.as_tensor(getattr(whole, name))
        torch.testing.assert_close(torch.as_tensor(getattr(one, name)), mine[::2])
        torch.testing.assert_close(torch.as_tensor(getattr(other, name)), mine[1::2])
    assert whole.expressions[1::2] == other.expressions
    assert tasks[0].state() == tasks[2].state(), "one order for all"


def test_two_processes_train_one_unet(trained: MiniRun, tmp_path: Path) -> None:
    for steps in (2, 3):  # the second goes on
        both = launched(trained, tmp_path, "unet", steps)
        assert both.returncode == 0, both.stderr
        answer = json.loads(both.stdout)  # of one process
        assert answer["finished"]
        state = read_checkpoint(Path(answer["checkpoint"]))
        assert state["step"] == steps
        first, second = state["random"]
        assert not torch.equal(first[0], second[0]), "noise of its own"


def test_other_stages_are_for_one_process(trained: MiniRun, tmp_path: Path) -> None:
    both = launched(trained, tmp_path, "decoder")
    assert both.returncode != 0
    assert "`stage` is 'decoder' in 2 processes; accepted is 'unet'" in both.stderr
