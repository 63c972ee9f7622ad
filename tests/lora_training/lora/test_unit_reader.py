"""The recognizer in training: a LoRA learns from its errors, and its scores are what they are called."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from tiny_network import network
from tiny_task import config

from auface.facs import ActionUnit, Expression
from auface.lora_training.face_consistency import FaceConsistency
from auface.lora_training.lora.base_model import load_base
from auface.lora_training.lora.objective import Objective
from auface.lora_training.lora.task import LoraTask
from auface.lora_training.lora.training_data import TrainingData
from auface.lora_training.lora.unit_reader import UnitJudge
from auface.recognition.result import Face, FaceReading, Recognition, UnitReading, UnitValue
from auface.recognition.unit_table import COUNTED, UNITS
from auface.structure.pose import HeadPose


def test_a_task_learns_from_the_recognizer(sd: Path, faces: Path, tmp_path: Path) -> None:
    wanted = config(sd, faces, tmp_path, unit_weight=1.0, landmark_weight=2.0, unit_steps=1.0, flip=0.5)
    base = load_base(str(sd))
    objective = Objective(base, wanted)
    data = TrainingData(wanted, base, objective)
    data.prepare()
    with pytest.raises(ValueError, match=r"`unit_weight` is 1\.0 without a recognizer"):
        LoraTask(wanted, base, data, objective)
    task = LoraTask(wanted, base, data, objective, face_loss=FaceConsistency(network()))
    losses = task.losses(0)
    for name in ("units", "landmarks"):
        assert float(losses[name].detach()) > 0
        task.learned.zero_grad()
        losses[name].backward(retain_graph=True)
        gradients = [value.grad for value in task.learned.parameters() if value.grad is not None]
        assert max(float(value.abs().max()) for value in gradients) > 0


class Oracle:
    """Reads a smile, E, in bright pictures, nothing in gray ones, and no face in black ones."""

    def read(self, picture: Any) -> Recognition:
        light = picture.mean()
        points = np.random.default_rng(0).uniform(4, 28, (478, 3)).astype(np.float32)
        face = Face((4, 4, 28, 28), points, 0.9, HeadPose())

        def value(unit: ActionUnit) -> UnitValue:
            level = 5.0 * (unit == 12 and light > 200)
            return UnitValue(left=level, right=level, left_uncertainty=0.2, right_uncertainty=0.2)

        reading = FaceReading(face, UnitReading({unit: value(unit) for unit in UNITS}))
        return Recognition("", (32, 32), (reading,) if light > 10 else ())


def test_scores_of_drawn_pictures() -> None:
    judge, smile = UnitJudge(Oracle()), Expression.parse("12E")
    bright, gray, black = (torch.full((1, 3, 32, 32), value) for value in (1.0, 0.5, 0.0))
    right, wrong, none = (judge(picture, [smile]) for picture in (bright, gray, black))
    assert right["unit_error"] == right["asked_error"] == 0
    assert wrong["asked_error"] == none["asked_error"] == 5
    assert wrong["unit_error"] == pytest.approx(5 / len(COUNTED))
    assert right["aaad"] > 0.9 > wrong["aaad"]
    assert none["faces"] == 0
    assert "aaad" not in none
