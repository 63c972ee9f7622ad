"""Steps of the cascade that are solved for: the closed form is right, and the layers begin as it."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from command_line import auface
from sample_faces import small_networks
from torch import Tensor
from torch.nn import functional as F  # noqa: N812

from auface.lora_training.recognizer import seen_faces
from auface.lora_training.recognizer.cache import FaceCache
from auface.lora_training.recognizer.face import FaceBatches, landmark_weights
from auface.lora_training.recognizer.ridge import Ridge, Rows, ridge
from auface.lora_training.recognizer.step import begin
from auface.lora_training.recognizer.target_shape import shape_metric, target_shapes
from auface.recognition.face_network import CascadeStep
from auface.recognition.unit_table import UNITS
from auface.recognition.weight_file import load_networks, save_networks


def rows_of(seen: Tensor, goals: Tensor) -> Rows:
    def rows() -> Iterator[tuple[Tensor, Tensor]]:
        yield from zip(seen.split(70), goals.split(70), strict=True)

    return rows


def test_a_ridge_finds_a_linear_rule_and_keeps_what_says_most() -> None:
    torch.manual_seed(0)
    seen = torch.randn(600, 20) * torch.linspace(0.1, 30, 20) + 5
    rule = torch.randn(20, 2) @ torch.randn(2, 6) / torch.linspace(0.1, 30, 20)[:, None]  # of rank 2
    goals = seen @ rule + 7
    found, penalty = ridge(rows_of(seen[:500], goals[:500]), (1e-6, 0.3, 3.0), rows_of(seen[500:], goals[500:]))
    assert penalty == 1e-6, "what is exactly linear needs no penalty"
    assert found.error(rows_of(seen[500:], goals[500:])) < 1e-4
    keep, says = found.kept(2)
    kept = ((seen - found.mean) / found.spread) @ keep.T
    torch.testing.assert_close(kept[:500].square().mean(0), torch.ones(2), rtol=1e-3, atol=1e-3)
    torch.testing.assert_close(kept @ says + found.middle, goals, rtol=1e-2, atol=1e-2)


def test_noise_is_penalized() -> None:
    torch.manual_seed(0)
    seen, goals = torch.randn(120, 60), torch.randn(120, 3)
    found, penalty = ridge(rows_of(seen[:80], goals[:80]), (1e-4, 0.3, 10.0), rows_of(seen[80:], goals[80:]))
    assert penalty == 10.0
    assert found.weights.abs().max() < 0.1
    with pytest.raises(ValueError, match="`rows` has no rows"):
        ridge(rows_of(seen[:0], goals[:0]), (1.0,), rows_of(seen, goals))


def some_shapes(count: int) -> Tensor:
    torch.manual_seed(1)
    return torch.cat([torch.randn(count, 4), 0.1 * torch.randn(count, 4), torch.randn(count, 1)], 1)


def test_target_shapes_show_the_landmarks() -> None:
    network = small_networks().face
    network.basis.copy_(0.02 * torch.randn_like(network.basis))
    there = some_shapes(5)
    points = network.points(there)
    start = torch.zeros_like(there)
    found = target_shapes(network, start, points, landmark_weights())
    assert (network.points(start) - points).abs().max() > 0.05
    torch.testing.assert_close(network.points(found), points, atol=1e-4, rtol=0)
    assert torch.equal(found[:, -1], start[:, -1])


def test_differences_of_shapes_are_measured_as_landmarks_are() -> None:
    network = small_networks().face
    network.basis.copy_(0.02 * torch.randn_like(network.basis))
    weights, shapes = landmark_weights(), some_shapes(40) * 0.1
    even = shape_metric(network, shapes, weights)
    here = torch.cat([shapes[:, :-1].mean(0), torch.zeros(1)])[None]
    step = F.pad(1e-3 * torch.randn(1, len(even)), (0, 1))
    moved = (network.points(here + step) - network.points(here)) * torch.tensor([1, 1, 0.4]) * network.config.crop
    length = (moved.square().sum(-1) * weights / weights.sum()).sum().sqrt()
    torch.testing.assert_close((step[:, :-1] @ even).norm(), length, rtol=1e-2, atol=0)


def test_the_layers_begin_as_the_reading() -> None:
    torch.manual_seed(0)
    step = CascadeStep(replace(small_networks().face.config, hidden=40), 3)
    count, shapes = step.keep.in_features, step.correct.out_features - 1
    goals, units = shapes + 2 * len(UNITS), torch.rand(len(UNITS), 1) + 0.5
    correlation = torch.eye(count)
    weights = torch.zeros(count, goals)
    weights[:3] = torch.randn(3, goals)
    found = Ridge(torch.randn(count), torch.rand(count) + 0.5, weights, torch.randn(goals), correlation)
    even = torch.eye(shapes) * 2
    begin(step.train(False), found, even, units)
    seen, shape = torch.randn(9, count), torch.randn(9, shapes + 1)
    said = step(seen, shape)
    exact = ((seen - found.mean) / found.spread) @ weights + found.middle
    torch.testing.assert_close((said.shape - shape)[:, :-1] * 2, exact[:, :shapes], atol=1e-3, rtol=1e-3)
    read = said.units[:, : 2 * len(UNITS)].reshape(9, len(UNITS), 2) * units
    torch.testing.assert_close(read.flatten(1), exact[:, shapes:], atol=1e-3, rtol=1e-3)


def test_new_steps_by_the_command(
    folder: Path, scenes: np.ndarray, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    np.save(folder / "scenes.npy", scenes)
    start = tmp_path / "start.safetensors"
    save_networks(small_networks(), start)
    told: list[object] = []
    for name in ("one", "two", "one"):  # the third time it goes on where all is done
        sizes = ["--photographs=96", "--ranks", "5", "6", "--steps=6", "--batch=8"]
        place = ["--cache", str(folder), "--weights", str(start), "--out", str(tmp_path / name)]
        assert auface("train", "recognizer", "steps", *place, *sizes, "--json") == 0, capsys.readouterr().err
        told.append(json.loads(capsys.readouterr().out)["steps"])
    assert told[0] == told[1] == told[2]
    path = tmp_path / "one" / "recognition.safetensors"
    made, before = load_networks(path), load_networks(start)
    again = load_networks(tmp_path / "two" / "recognition.safetensors").face.state_dict()
    assert made.face.config.ranks == (5, 6)
    assert all(torch.equal(value, again[key]) for key, value in made.face.state_dict().items())
    looks = {key: value for key, value in before.face.state_dict().items() if not key.startswith("steps.")}
    assert all(torch.equal(made.face.state_dict()[key], value) for key, value in looks.items())
    with torch.no_grad():
        output = made.face.train(False)(torch.rand(2, 3, 128, 128) * 2 - 1)
    assert all(bool(value.isfinite().all()) for value in output)


@pytest.mark.parametrize(("option", "named"), [("--ranks=75", "(75,)"), ("--photographs=0", "0")])
def test_steps_that_cannot_be_made_are_refused(
    option: str, named: str, folder: Path, scenes: np.ndarray, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    np.save(folder / "scenes.npy", scenes)
    save_networks(small_networks(), start := tmp_path / "start.safetensors")
    place = ["--cache", str(folder), "--weights", str(start), "--out", str(tmp_path / "out")]
    assert auface("train", "recognizer", "steps", *place, option) != 0
    told = capsys.readouterr().err
    assert named in told
    assert "from 1 to 74" in told


def test_a_full_disk_is_told_before_anything_is_photographed(
    cache: FaceCache, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seen_faces.shutil, "disk_usage", lambda _: SimpleNamespace(free=1_000_000))
    faces, path = FaceBatches(cache, "train", None, 128, 0), tmp_path / "eyes.npy"
    with pytest.raises(OSError, match=r"0\.0 GB free; 9000 photographs need 0\.1 GB"):
        seen_faces.SeenFaces.photographed(small_networks().face, faces, 9000, path)
    assert not path.exists()
