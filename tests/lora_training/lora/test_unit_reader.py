"""The recognizer in training: crops are its own, its loss has gradients, its scores are what they are called."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from tiny_task import config

from auface.facs import ActionUnit, Expression
from auface.lora_training.lora.base_model import load_base
from auface.lora_training.lora.objective import Objective
from auface.lora_training.lora.task import LoraTask, Shown
from auface.lora_training.lora.training_data import TrainingData
from auface.lora_training.lora.unit_reader import COUNTED, FaceConsistency, UnitJudge, cropped
from auface.recognition.crop_frame import CropFrame
from auface.recognition.face_network import FaceNetwork, FaceNetworkConfig
from auface.recognition.result import Face, FaceReading, Recognition, UnitReading, UnitValue
from auface.recognition.unit_table import UNITS
from auface.structure.pose import HeadPose

TINY = FaceNetworkConfig(widths=(8, 8, 8, 8), depths=(1, 1, 1), narrow=4, components=4, ranks=(8,), hidden=8)


def network() -> FaceNetwork:
    torch.manual_seed(0)
    found = FaceNetwork(TINY)
    [step] = found.steps
    for layer in (step.units, step.layer, step.keep):
        assert isinstance(layer, torch.nn.Linear)
        torch.nn.init.normal_(layer.weight, std=0.5)
    found.mean.uniform_(-0.4, 0.4)  # landmarks all over the crop
    return found


def test_crops_are_those_of_the_recognizer() -> None:
    y, x = np.mgrid[:96, :128] / 96
    picture = (255 * np.stack([x * 0.7, y, 1 - y], -1)).astype(np.uint8)
    frame = CropFrame(60, 50, 48, 20)
    wanted = frame.cut(picture).astype(float)
    values = torch.from_numpy(picture).permute(2, 0, 1)[None] / 127.5 - 1
    found = cropped(values, torch.tensor([[60.0, 50.0, 48.0, 20.0]]), 128)
    told = ((found[0] + 1) * 127.5).permute(1, 2, 0).numpy()
    assert np.abs(told - wanted)[8:-8, 8:-8].mean() < 2


def test_the_loss_moves_pictures_toward_what_they_should_show() -> None:
    loss = FaceConsistency(network())
    pictures = torch.randn(2, 3, 64, 64, generator=torch.Generator().manual_seed(1)).requires_grad_()
    frame = torch.tensor([32.0, 32.0, 50.0, 0.0])
    known = (ActionUnit.AU12, ActionUnit.AU4)
    points = np.random.default_rng(0).uniform(10, 50, (478, 2)).astype(np.float32)
    shown = [
        Shown(Expression.parse("12E"), known, frame, points),
        Shown(Expression(), known, torch.full((4,), torch.nan), None),
    ]
    for errors in loss(pictures, shown):
        assert errors[0] > 0
        assert errors[1] == 0
        [gradient] = torch.autograd.grad(errors.sum(), pictures, retain_graph=True)
        assert gradient[0].abs().max() > 0
        assert gradient[1].abs().max() == 0


def test_landmarks_that_are_where_they_should_be_are_no_error() -> None:
    eyes = network()
    loss, frame = FaceConsistency(eyes), torch.tensor([30.0, 34.0, 50.0, 20.0])
    pictures = torch.randn(1, 3, 64, 64, generator=torch.Generator().manual_seed(1))
    read: np.ndarray = eyes.train(False)(cropped(pictures, frame[None], TINY.crop)).points[0].detach().numpy()
    exact = CropFrame(30, 34, 50, 20).to_picture(read[:, :2] + np.float32(0.5))
    off = CropFrame(30, 34, 50, 20).to_picture(read[:, :2] + np.array([0.6, 0.5], np.float32))
    cases: list[tuple[np.ndarray, float]] = [(exact, 0.0), (off, 0.31)]  # the square is 3.1 distances of the eyes wide
    for points, wanted in cases:
        _, landmarks = loss(pictures, [Shown(Expression(), (), frame, points)])
        assert landmarks.item() == pytest.approx(wanted, abs=1e-4)


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
