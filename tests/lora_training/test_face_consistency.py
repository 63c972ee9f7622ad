"""The recognizer as a loss: crops are its own, and its errors have gradients."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from tiny_network import TINY, network

from auface.facs import ActionUnit, Expression
from auface.lora_training.face_consistency import FaceConsistency, Shown, cropped
from auface.recognition.crop_frame import CropFrame
from auface.recognition.unit_table import UNITS


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


class Told:
    """In place of the crop network: says the same units of every picture."""

    def __init__(self, level: float) -> None:
        self.config, self.level = TINY, torch.tensor(level, requires_grad=True)

    def to(self, device: object) -> "Told":
        return self

    def train(self, mode: bool) -> "Told":
        return self

    def requires_grad_(self, wanted: bool) -> "Told":
        return self

    def __call__(self, crops: torch.Tensor) -> SimpleNamespace:
        units = self.level.expand(len(crops), len(UNITS), 2)
        return SimpleNamespace(units=units, points=torch.zeros(len(crops), 478, 3))


@pytest.mark.parametrize(
    ("told", "asked", "error", "slope"),
    [
        (-2.0, 0, 0.0, 0),  # less than nothing is nothing
        (1.0, 0, 1.0, 1),
        (-2.0, 3, 5.0, -1),  # and yet more is wanted
        (2.0, 3, 1.0, -1),
        (4.0, 3, 1.0, 1),
        (7.0, 5, 0.0, 0),
        (4.0, 5, 1.0, -1),
    ],
)
def test_units_are_read_from_0_to_5(told: float, asked: int, error: float, slope: int) -> None:
    network = Told(told)
    points = np.random.default_rng(0).uniform(10, 50, (478, 2)).astype(np.float32)
    unit = ActionUnit.AU12
    shown = [Shown.by_landmarks(points, Expression.of({unit: asked}) if asked else Expression(), (unit,))]
    found, _ = FaceConsistency(network)(torch.zeros(1, 3, 64, 64), shown)  # pyright: ignore[reportArgumentType]
    assert found.item() == pytest.approx(error / 5)
    found.sum().backward()
    assert network.level.grad is not None
    assert network.level.grad.sign().item() == slope


def test_units_that_are_asked_for_count_as_often_as_is_said() -> None:
    points = np.random.default_rng(0).uniform(10, 50, (478, 2)).astype(np.float32)
    known = (ActionUnit.AU12, ActionUnit.AU4, ActionUnit.AU9)
    shown = [
        Shown.by_landmarks(points, Expression.parse("12E"), known),
        Shown.by_landmarks(points, Expression(), known),
        Shown.by_landmarks(points, Expression.parse("1E"), known),
    ]
    for weight, wanted in ((1, (4 + 1 + 1) / 3), (10, (10 * 4 + 1 + 1) / 12)):
        loss = FaceConsistency(Told(1.0), asked_weight=weight)  # pyright: ignore[reportArgumentType]
        found, _ = loss(torch.zeros(3, 3, 64, 64), shown)
        assert found.tolist() == pytest.approx([wanted / 5, 1 / 5, 1 / 5])


def test_landmarks_that_are_where_they_should_be_are_no_error() -> None:
    eyes = network()
    loss, frame = FaceConsistency(eyes), torch.tensor([30.0, 34.0, 50.0, 20.0])
    pictures = torch.randn(1, 3, 64, 64, generator=torch.Generator().manual_seed(1))
    read: np.ndarray = eyes.train(False)(cropped(pictures, frame[None], TINY.crop)).points[0].detach().numpy()
    exact = CropFrame(30, 34, 50, 20).to_picture(read[:, :2] + np.float32(0.5))
    off = CropFrame(30, 34, 50, 20).to_picture(read[:, :2] + np.array([0.6, 0.5], np.float32))
    cases: list[tuple[np.ndarray, float]] = [(exact, 0.0), (off, 0.31)]  # the square is 3.1 distances of the eyes wide
    face = Shown(Expression(), (), frame, exact)
    np.testing.assert_allclose(loss.landmarks(pictures, [face])[0], exact, atol=1e-4)
    for points, wanted in cases:
        _, landmarks = loss(pictures, [Shown(Expression(), (), frame, points)])
        assert landmarks.item() == pytest.approx(wanted, abs=1e-4)
