"""auface-mini learns from the recognizer where landmarks are in the pictures that it is on its way to."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from auface.autext.head_description import HeadDescription
from auface.lora_training.face_consistency import FaceLoss, Shown
from auface.lora_training.mini.faces import MiniFaces
from auface.lora_training.mini.run import MiniRun
from auface.lora_training.sight import Sight
from auface.recognition.unit_table import COUNTED
from auface.structure.topology import topology


class Eyes(FaceLoss):
    """A `FaceLoss` that takes the darkness of pictures for errors, thrice for units, and notes what it sees."""

    def __init__(self) -> None:
        self.shown: list[Any] = []

    def __call__(self, pictures: torch.Tensor, shown: Any) -> tuple[torch.Tensor, torch.Tensor]:
        self.shown += shown
        dark = (1 - pictures).mean((1, 2, 3))
        return 3 * dark, dark

    def landmarks(self, pictures: torch.Tensor, shown: Any) -> Any:
        raise NotImplementedError


@pytest.fixture
def seeing(trained: MiniRun, monkeypatch: pytest.MonkeyPatch) -> tuple[Any, Eyes]:
    eyes = Eyes()
    monkeypatch.setattr(trained, "sight", lambda: Sight(lambda latents: latents.repeat(1, 1, 8, 8)[:, :3], eyes))
    task: Any = trained.task_of(
        trained.faces(trained.recipe.size), landmark_weight=2.0, read=2, read_times=1.0, no_expression=0.0
    )
    task.config = replace(task.config, maps_only=0.0, tokens_only=0.0)
    return task, eyes


def test_landmarks_are_those_of_the_window(trained: MiniRun) -> None:
    faces: MiniFaces = trained.faces(trained.recipe.size)
    x, y, side, _ = faces.windows.places[0]
    faces.windows.places[0, 3], faces.windows.places[1] = 0, faces.windows.places[0]
    faces.windows.rows[1] = faces.windows.rows[0]
    faces.windows.places[1, 3] = 1
    one, other = faces.faces([0, 1]).landmarks
    true = trained.pictures().landmarks[faces.windows.rows[0]]
    np.testing.assert_allclose(one, (true - [x, y]) * (64 / side), atol=1e-4)
    np.testing.assert_allclose(other[:, 1], one[topology().mirror, 1], atol=1e-4)
    np.testing.assert_allclose(other[:, 0], 64 - one[topology().mirror, 0], atol=1e-4)


def test_expressions_are_those_of_the_window(trained: MiniRun) -> None:
    faces: MiniFaces = trained.faces(trained.recipe.size)
    faces.windows.rows[1] = faces.windows.rows[0]
    faces.windows.places[:2, 3] = 0, 1
    one, other = faces.faces([0, 1]).expressions
    head = HeadDescription.from_json(trained.pictures().rows[faces.windows.rows[0]]["description"])
    assert one == head.shown
    assert other == head.shown.mirrored()


def test_maps_are_drawn_from_what_is_told_and_not_from_what_is_true(trained: MiniRun) -> None:
    true = trained.pictures().landmarks
    plain, told = trained.faces(64), trained.faces(64, told=true + np.float32(5))
    one, other = plain.faces([0, 1]), told.faces([0, 1])
    np.testing.assert_array_equal(one.landmarks, other.landmarks)
    assert not torch.equal(one.maps, other.maps)


def test_what_the_recognizer_sees_teaches_the_unet(seeing: tuple[Any, Eyes]) -> None:
    task, eyes = seeing
    batch = task.faces.faces([0, 1, 2])
    loss = task.loss_of(batch)["landmarks"]
    assert len(eyes.shown) == 2, "at most `read` faces"
    heads = batch.landmarks - batch.landmarks[:, :1]
    for shown in eyes.shown:  # in pixels of what is decoded
        assert min(np.abs(shown.landmarks - shown.landmarks[:1] - head).max() for head in heads) < 1e-3
    assert float(loss.detach()) > 0
    loss.backward()
    assert max(float(value.grad.abs().max()) for value in task.unet.parameters() if value.grad is not None) > 0


def test_units_that_the_recognizer_sees_teach_it_too(seeing: tuple[Any, Eyes]) -> None:
    task, eyes = seeing
    task.config = replace(task.config, unit_weight=4.0)
    batch = task.faces.faces([0, 1, 2])
    losses = task.loss_of(batch)
    assert float(losses["units"].detach()) == pytest.approx(4 / 2 * 3 * float(losses["landmarks"].detach()))
    for shown in eyes.shown:
        assert shown.expression in batch.expressions
        assert shown.coded == COUNTED
    losses["units"].backward()
    assert max(float(value.grad.abs().max()) for value in task.unet.parameters() if value.grad is not None) > 0
    task.config = replace(task.config, landmark_weight=0.0)
    assert "landmarks" not in task.loss_of(batch)


def test_faces_without_an_expression_are_not_read(seeing: tuple[Any, Eyes]) -> None:
    task, eyes = seeing
    task.config = replace(task.config, no_expression=1.0)
    assert float(task.loss_of(task.faces.faces([0, 1, 2]))["landmarks"].detach()) == 0
    assert not eyes.shown


def test_the_noisiest_faces_that_are_clear_enough_are_read(seeing: tuple[Any, Eyes]) -> None:
    task, eyes = seeing
    noisy = {}
    for times in (1.0, 0.3):
        eyes.shown.clear()
        torch.manual_seed(3)
        task.config = replace(task.config, read=1, read_times=times, no_expression=0.0)
        task.loss_of(task.faces.faces([0, 1, 2]))
        noisy[times] = eyes.shown[0].landmarks[0].tolist()
    assert noisy[1.0] != noisy[0.3]


def test_the_recognizer_that_comes_along_sees_latents(trained: MiniRun) -> None:
    latents = torch.zeros(2, 4, 8, 8, requires_grad=True)
    shown = [Shown.by_landmarks(points) for points in trained.faces(64).faces([0, 1]).landmarks]
    _, away = trained.sight().errors(latents, shown)
    assert away.shape == (2,)
    assert float(away.detach().min()) > 0
    [gradient] = torch.autograd.grad(away.sum(), latents)
    assert gradient.abs().amax((1, 2, 3)).min() > 0


def test_wrong_options_are_refused(trained: MiniRun) -> None:
    unet = trained.recipe.unet
    for wrong in ({"landmark_weight": -1.0}, {"unit_weight": -1.0}, {"read": 0}, {"read_times": 0.0}):
        with pytest.raises(ValueError, match="accepted are numbers from 0, one from 1, and a share above 0"):
            replace(unet, **wrong)  # pyright: ignore[reportArgumentType]
    task: Any = trained.unet_task()
    for landmarks, units in ((1.0, 0.0), (0.0, 1.0)):
        wanted = replace(unet, landmark_weight=landmarks, unit_weight=units)
        message = f"`landmark_weight` is {landmarks} and `unit_weight` {units} without `sight`"
        with pytest.raises(ValueError, match=message):
            type(task)(wanted, task.faces, task.tokenizer, task.text_encoder)
