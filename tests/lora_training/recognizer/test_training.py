"""Training of the recognizer: labels follow the picture through every change, and every task learns and goes on."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from command_line import auface
from sample_faces import face_points, small_networks

from auface.facs import ActionUnit, Expression
from auface.lora_training.loop import Loop, LoopConfig
from auface.lora_training.recognizer.cache import FaceCache, picture_points, prepare
from auface.lora_training.recognizer.cascade import CascadeTask
from auface.lora_training.recognizer.emotion import emotion_shares
from auface.lora_training.recognizer.export import export, fit_fusion, fitted_knots, unit_f1, unit_icc
from auface.lora_training.recognizer.face import FaceBatches, FaceTask, shape_basis
from auface.lora_training.recognizer.finder import PICTURE, FinderBatches, FinderTask, finder_losses
from auface.lora_training.recognizer.geometry import GeometryTask
from auface.lora_training.recognizer.read import read_by_crops, save_landmarks
from auface.lora_training.recognizer.scene import SCENE
from auface.lora_training.recognizer.shape import ReadLandmarks, ShapeTable, ShownUnits, rarity, unit_weights
from auface.lora_training.recognizer.start import narrowed, widened
from auface.recognition.face_reader import FaceReader
from auface.recognition.finder_network import MIDDLE_SIDE, STRIDE, FinderOutput
from auface.recognition.fusion import drawn_out
from auface.recognition.unit_table import EMOTIONS, UNITS, intensities


def brightest(crop: np.ndarray) -> np.ndarray:
    """Where the nose is marked, as x, y in sides of the crop from its middle."""
    bright = np.argwhere(crop.mean(-1) > 0.75 * crop.mean(-1).max())
    return (bright.mean(0)[::-1] + 0.5) / crop.shape[0] - 0.5


def test_cached_landmarks_are_where_the_picture_has_them(cache: FaceCache) -> None:
    for row in range(len(cache.split)):
        found = brightest(cache.crops[row] / 255.0) * 1.4  # a cached crop is 1.4 times as wide
        np.testing.assert_allclose(found, cache.landmarks[row, 1, :2], atol=0.025)
        x, y = brightest(cache.whole[row] / 255.0) + 0.5
        center, side = cache.frames[row, :2], cache.frames[row, 2]
        assert np.hypot(x - center[0], y - center[1]) < side / 2


def test_labels_are_those_of_the_expression(cache: FaceCache) -> None:
    np.testing.assert_array_equal(cache.units[2], intensities(Expression.parse("L12D+26")))
    assert EMOTIONS[int(cache.emotions[1].argmax())] == "happiness"
    assert EMOTIONS[int(cache.emotions[0].argmax())] == "neutral"
    assert emotion_shares(Expression.parse("L14C"))[-1] == pytest.approx(emotion_shares(Expression.parse("R14C"))[-1])
    np.testing.assert_allclose(cache.emotions.sum(1), 1, atol=1e-5)


def test_sets_of_other_people_are_joined(data: Path, cache: FaceCache, tmp_path: Path) -> None:
    other = tmp_path / "other"
    shutil.copytree(data, other)
    with pytest.raises(ValueError, match="accepted are sets of different seeds"):
        prepare([data, other], tmp_path / "same")
    for table in other.glob("*/metadata.jsonl"):
        table.write_text(table.read_text(encoding="utf-8").replace('"subject": "', '"subject": "other '))
    sets = ("--data", str(data), str(other))
    assert auface("train", "recognizer", "prepare", *sets, "--out", str(tmp_path / "both")) == 0
    both = FaceCache.load(tmp_path / "both")
    assert len(set(both.subject)) == 2 * len(set(cache.subject))
    for name in ("crops", "whole", "landmarks", "frames", "units", "emotions", "pose", "split"):
        values = getattr(cache, name)
        np.testing.assert_array_equal(getattr(both, name), np.concatenate([values, values]))


def test_depth_is_in_pixels_and_grows_away_from_the_camera() -> None:
    points = face_points()
    space = (np.stack([points[:, 0], -points[:, 1], -points[:, 2]], 1) / 7).astype(np.float32)
    found = picture_points(points[:, :2], space)
    eyes = points[[33, 133, 263, 362], 2].mean()
    np.testing.assert_allclose(found[:, 2], points[:, 2] - eyes, atol=1e-2)
    assert found[1, 2] < found[454, 2]  # the nose is nearer than the ear


def test_points_follow_the_crop_through_every_change(cache: FaceCache, scenes: np.ndarray) -> None:
    faces = FaceBatches(cache, "train", None, 128, seed=0)
    for batch in (faces.plain(cache.rows("train")[:6]), faces.next(6), faces.next(6)):
        truth = torch.from_numpy(cache.landmarks[batch.rows].astype(np.float32))
        torch.testing.assert_close(batch.exact(batch.points), truth, atol=1e-4, rtol=1e-3)
    plain = faces.plain(cache.rows("train"))
    for crop, points in zip(plain.crops, plain.points, strict=True):
        np.testing.assert_allclose(brightest(crop.permute(1, 2, 0).numpy() + 1), points[1, :2], atol=0.02)


def test_a_mirrored_batch_has_mirrored_labels(cache: FaceCache) -> None:
    faces = FaceBatches(cache, "train", None, 128, seed=0)
    first = faces.next(8)
    second = faces.next(8)
    torch.testing.assert_close(second.units, first.units.flip(2))
    torch.testing.assert_close(second.crops, first.crops.flip(3))
    nose = second.points[:, 1, 0] + first.points[:, 1, 0]
    torch.testing.assert_close(nose, torch.zeros(8))
    assert (second.flip != first.flip).all()


def test_some_crops_show_no_face(cache: FaceCache, scenes: np.ndarray) -> None:
    batch = FaceBatches(cache, "train", scenes, 128, seed=0).next(8)
    assert batch.face.sum() == 7
    assert batch.crops.abs().max() <= 1


def ideal(frames: torch.Tensor) -> FinderOutput:
    """Maps that say exactly where faces are."""
    size = PICTURE // STRIDE
    heat, roll = torch.full((len(frames), size, size), -12.0), torch.zeros(len(frames), size, size)
    shift, side = torch.zeros(len(frames), 2, size, size), torch.zeros(len(frames), size, size)
    cells = torch.arange(size) + 0.5
    for number, faces in enumerate(frames):
        for x, y, length, lean in faces.tolist():
            if length:
                away_x, away_y = x / STRIDE - cells, y / STRIDE - cells
                near = away_x[None, :] ** 2 + away_y[:, None] ** 2 < 9
                heat[number][int(y // STRIDE), int(x // STRIDE)] = 12.0
                shift[number, 0][near] = away_x.expand(size, size)[near]
                shift[number, 1][near] = away_y[:, None].expand(size, size)[near]
                side[number][near], roll[number][near] = np.log(length / MIDDLE_SIDE), lean / 45
    return FinderOutput(heat, shift, side, roll)


def test_the_finder_is_right_where_its_maps_say_what_is_so(cache: FaceCache, scenes: np.ndarray) -> None:
    frames = torch.zeros(2, 3, 4)
    frames[0, 0] = torch.tensor([44.0, 60.0, 30.0, 10.0])
    frames[0, 1] = torch.tensor([122.0, 101.0, 40.0, -20.0])
    right = finder_losses(ideal(frames), frames)
    wrong = finder_losses(ideal(frames.flip(0)), frames)
    assert sum(float(value) for value in right.values()) < 0.6
    assert float(wrong["heat"]) > 10
    made = FinderBatches(cache, "train", scenes, seed=0)
    batch, mirrored = made.next(4), made.next(4)
    shown = batch.frames[..., 2] > 0
    torch.testing.assert_close(mirrored.frames[..., 0][shown], PICTURE - batch.frames[..., 0][shown])
    assert batch.pictures.shape == (4, 3, PICTURE, PICTURE)


def test_scenes_differ_and_are_pictures(scenes: np.ndarray) -> None:
    assert scenes.shape[1:] == (SCENE, SCENE, 3)
    assert len({scene.tobytes() for scene in scenes}) == len(scenes)


def run(tmp_path: Path, task: object, steps: int = 3, learning_rate: float = 1e-3) -> Loop:
    """Train a little."""
    config = LoopConfig(out=tmp_path, steps=steps, learning_rate=learning_rate, log_steps=1, warmup=1)
    loop = Loop(config, task)  # pyright: ignore[reportArgumentType]
    loop.train()
    return loop


def test_every_task_takes_steps_and_goes_on(cache: FaceCache, scenes: np.ndarray, tmp_path: Path) -> None:
    networks = small_networks()
    for part in networks.parts().values():
        part.requires_grad_(True).train()
    table = ShapeTable(cache, "train")
    assert (table.neutral >= 0).any()
    run(tmp_path / "geometry", GeometryTask(networks.geometry, cache, batch=8))
    shown = ShownUnits(networks.geometry, cache, table)
    mean, basis = shape_basis(cache, networks.face.config.components)
    networks.face.mean.copy_(mean)
    networks.face.basis.copy_(basis)
    faces = FaceBatches(cache, "train", scenes, 128, seed=0)
    run(tmp_path / "face", FaceTask(networks.face, faces, 8, shown))
    again = FaceBatches(cache, "train", scenes, 128, seed=0)
    loop = run(tmp_path / "face", FaceTask(networks.face, again, 8, shown), steps=4)
    assert loop.step == 4
    assert again.place == faces.place
    run(tmp_path / "finder", FinderTask(networks.finder, FinderBatches(cache, "train", scenes, 0), batch=2))
    assert len((tmp_path / "finder" / "log.jsonl").read_text().splitlines()) == 3


def test_trunk_and_cascade_learn_together(cache: FaceCache, tmp_path: Path) -> None:
    networks = small_networks()
    for part in networks.parts().values():
        part.requires_grad_(True).train()
    before = {key: value.clone() for key, value in networks.face.named_parameters()}
    task = FaceTask(networks.face, FaceBatches(cache, "train", None, 128, seed=0), 8)
    run(tmp_path, task, steps=2)
    still = {key for key, value in networks.face.named_parameters() if torch.equal(value, before[key])}
    assert still == {"steps.0.emotions.weight", "steps.0.emotions.bias"}  # emotions are read by the last step alone


def test_the_cascade_goes_on_while_the_trunk_rests(cache: FaceCache, scenes: np.ndarray, tmp_path: Path) -> None:
    network = widened(small_networks().face, cache, 6)
    before = {key: value.clone() for key, value in network.state_dict().items()}
    task = CascadeTask(network, FaceBatches(cache, "train", scenes, 128, seed=0), 8)
    run(tmp_path, task, steps=4)
    changed = {key for key, value in network.state_dict().items() if not torch.equal(value, before[key])}
    assert {key.split(".")[0] for key in changed} == {"eyes", "steps"}
    with pytest.raises(ValueError, match="no eyes of its own"):
        CascadeTask(small_networks().face, task.faces, 8)


def test_a_wider_network_says_the_same_and_can_learn_more(cache: FaceCache) -> None:
    network = small_networks().face
    wide = widened(network, cache, 9).train(False)
    crops = torch.rand(3, 3, 128, 128) * 2 - 1
    with torch.no_grad():
        for one, two in zip(network(crops), wide(crops), strict=True):
            torch.testing.assert_close(one, two)
    new = wide.basis[4:].flatten(1)
    torch.testing.assert_close(new @ network.basis.flatten(1).T, torch.zeros(5, 4), atol=1e-4, rtol=0)
    assert (new.norm(dim=1) > 0).all()
    with pytest.raises(ValueError, match="accepted is 4 or more"):
        widened(network, cache, 3)


def test_a_narrower_cascade_says_nearly_the_same() -> None:
    network = small_networks().face
    with torch.no_grad():
        network.steps[1].keep.weight[5:] = 0  # pyright: ignore[reportAttributeAccessIssue, reportIndexIssue]
    narrow = narrowed(network, (4, 5)).train(False)
    assert narrow.config.ranks == (4, 5)
    crops = torch.rand(3, 3, 128, 128) * 2 - 1
    with torch.no_grad():
        torch.testing.assert_close(narrow(crops).units, network(crops).units, atol=1e-4, rtol=1e-4)
    with pytest.raises(ValueError, match="accepted are numbers up to"):
        narrowed(network, (4, 9))


def test_rare_units_count_more_and_come_more_often(cache: FaceCache) -> None:
    rows = cache.rows("train")
    times = rarity(cache, np.concatenate([rows] * 20 + [rows[:1]]))
    assert times.min() == 1
    assert times.max() <= 4
    weights = unit_weights(cache)
    often, never = UNITS.index(ActionUnit(12)), UNITS.index(ActionUnit(39))
    assert weights[often] < weights[never]
    assert float(weights.mean()) == pytest.approx(1, abs=1e-4)


def test_landmarks_that_are_read_are_learned_from(cache: FaceCache, tmp_path: Path) -> None:
    networks = small_networks()
    read = read_by_crops(FaceReader(networks), cache, count=6)
    save_landmarks(read, tmp_path / "read.npz")
    again = ReadLandmarks.load(tmp_path / "read.npz")
    rows = cache.rows("train")
    np.testing.assert_array_equal(again.rows, rows[[0, 1, 2, 4, 5, 7]])  # of all sets, when several are joined
    table = ShapeTable(cache, "train", again)
    assert len(table.shapes) == 6
    exact = ReadLandmarks(rows, cache.landmarks[rows].astype(np.float32))
    torch.testing.assert_close(ShapeTable(cache, "train", exact).shapes, ShapeTable(cache, "train").shapes)
    networks.geometry.requires_grad_(True)
    assert run(tmp_path / "geometry", GeometryTask(networks.geometry, cache, [again], batch=8)).step == 3


def test_fusion_is_fitted_on_validation_faces(cache: FaceCache) -> None:
    networks = small_networks()
    measures = fit_fusion(networks, cache)
    assert set(measures) >= {"crop", "landmarks", "fused"}
    assert torch.isfinite(networks.fusion.weight).all()
    assert (networks.fusion.knots[..., 1] > networks.fusion.knots[..., 0]).all()


def test_timid_readings_are_drawn_out() -> None:
    rng = np.random.default_rng(0)
    asked = np.where(rng.random((800, 2, 2)) < 0.3, rng.uniform(0, 5, (800, 2, 2)), 0).astype(np.float32)
    timid = torch.from_numpy(0.6 * asked + rng.normal(0, 0.3, asked.shape).astype(np.float32))
    drawn, _ = drawn_out(timid, fitted_knots(timid, torch.from_numpy(asked)))
    assert (unit_icc(drawn.numpy(), asked) > unit_icc(timid.numpy(), asked) + 0.03).all()
    assert (unit_f1(drawn.numpy(), asked) > unit_f1(timid.numpy(), asked) + 0.03).all()
    assert unit_f1(asked, asked) == pytest.approx(1)


def test_a_missing_run_is_named(cache: FaceCache, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no checkpoint of face, finder, geometry"):
        export(cache, tmp_path, tmp_path / "out.safetensors")


def test_icc_is_one_for_the_truth_and_about_zero_for_noise() -> None:
    rng = np.random.default_rng(0)
    asked = rng.uniform(0, 5, (500, 3, 2)).astype(np.float32)
    np.testing.assert_allclose(unit_icc(asked, asked), 1, atol=1e-5)
    np.testing.assert_allclose(unit_icc(asked + 0.7, asked), 1, atol=1e-4)  # consistency: an offset does not count
    assert np.abs(unit_icc(rng.uniform(0, 5, asked.shape).astype(np.float32), asked)).max() < 0.15


def test_a_folder_that_was_not_prepared_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"holds no labels\.npz"):
        FaceCache.load(tmp_path)


@pytest.mark.parametrize(
    ("what", "missing"), [("prepare", "data"), ("geometry", "cache"), ("landmarks", "cache"), ("export", "cache")]
)
def test_an_option_that_is_missing_is_named(
    what: str, missing: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert auface("train", "recognizer", what, "--out", str(tmp_path / "out")) == 2
    [line] = capsys.readouterr().err.splitlines()
    assert f"`{missing}` is missing; `{what}` needs" in line
    assert not (tmp_path / "out").exists()


def test_the_command_tells_a_program_what_it_did(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own = ["train", "recognizer", "geometry", "--cache", str(folder), "--out", str(tmp_path)]
    assert auface(*own, "--steps", "1", "--batch", "2", "--json") == 0
    checkpoint = str(tmp_path / "checkpoint.safetensors")
    assert json.loads(capsys.readouterr().out) == {"step": 1, "finished": True, "checkpoint": checkpoint}


def test_a_run_that_cannot_go_on_says_so_in_a_line(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own = ["train", "recognizer", "geometry", "--cache", str(folder), "--out", str(tmp_path), "--batch", "2"]
    assert auface(*own, "--steps", "9", "--learning-rate", "1e30") == 1
    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith("auface: The ")
    assert "no checkpoint" in line
