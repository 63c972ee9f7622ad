"""Retargeting keeps what does not change, and moves what does; files hold the face."""

import json
import struct
from pathlib import Path

import numpy as np
import pytest
import torch
from typer.testing import CliRunner

from auface.facs import ActionUnit, Expression
from auface.structure.action_vector import UNITS
from auface.structure.camera import WeakPerspective
from auface.structure.command import app
from auface.structure.identity import sampled_neutral
from auface.structure.mesh_file import glb_bytes, obj_text
from auface.structure.model import StructureModel
from auface.structure.network import NetworkConfig, StructureNetwork
from auface.structure.photo import fit_photo
from auface.structure.prior import PriorConfig
from auface.structure.retargeting import Retargeted, retarget
from auface.structure.tokenizer import TokenizerConfig
from auface.structure.topology import topology
from auface.structure.weight_file import save_weights
from auface.structure.yardstick import LinearYardstick

TINY = NetworkConfig(tokenizer=TokenizerConfig(hidden=16), prior=PriorConfig(width=16, layers=1, heads=2))
SIZE = 128


@pytest.fixture(scope="module")
def model() -> StructureModel:
    torch.manual_seed(1)
    return StructureModel(StructureNetwork(TINY))


@pytest.fixture(scope="module")
def landmarks() -> np.ndarray:
    return WeakPerspective(scale=30, center=(64, 56)).project(sampled_neutral(9))


@pytest.fixture(scope="module")
def changed(landmarks: np.ndarray) -> Retargeted:
    """The person with a dropped jaw, by the plain displacement of the unit."""
    fit = fit_photo(landmarks)
    jaw = 0.6 * topology().unit[UNITS.index(ActionUnit.AU27)]
    opened = fit.displacement + jaw
    before, after = (fit.camera.project(fit.neutral + moved) for moved in (fit.displacement, opened))
    return Retargeted(fit=fit, expression=Expression.parse("27C"), before=before, after=after, displacement=opened)


def test_before_is_the_photo(model: StructureModel, landmarks: np.ndarray) -> None:
    changed = retarget(landmarks, "27E+5D", model)
    assert changed.expression == Expression.parse("5D+27E")
    np.testing.assert_allclose(changed.before[:, :2], landmarks[:, :2], atol=0.05)


def test_adding_nothing_changes_nothing(model: StructureModel, landmarks: np.ndarray) -> None:
    same = retarget(landmarks, "neutral", model, mode="relative")
    np.testing.assert_allclose(same.after, same.before, atol=1e-3)
    assert same.mask(SIZE, SIZE).max() == 0
    photo = torch.rand(SIZE, SIZE, 3)
    torch.testing.assert_close(same.preview(photo), photo, atol=1e-2, rtol=0)


def test_the_field_takes_new_landmarks_to_old_ones(changed: Retargeted) -> None:
    field = changed.field(SIZE, SIZE)
    for landmark in (1, 33, 263, 61, 291, 152):
        x, y = changed.after[landmark, :2]
        shift = (changed.before - changed.after)[landmark, :2]
        np.testing.assert_allclose(field[int(y), int(x)].numpy(), shift, atol=0.5)


def test_field_and_mask_fade_toward_the_border(changed: Retargeted) -> None:
    field, mask = changed.field(SIZE, SIZE), changed.mask(SIZE, SIZE)
    assert field[0].abs().max() == 0
    assert mask.min() >= 0
    assert mask.max() <= 1


def test_an_unknown_mode_is_refused(model: StructureModel, landmarks: np.ndarray) -> None:
    with pytest.raises(ValueError, match="`mode` is 'more'"):
        retarget(landmarks, "12", model, mode="more")  # pyright: ignore[reportArgumentType]


def test_meshes_hold_every_landmark_and_triangle() -> None:
    face, moved = sampled_neutral(2), topology().unit[0]
    lines = obj_text(face + moved).splitlines()
    assert sum(line.startswith("v ") for line in lines) == 468
    assert sum(line.startswith("f ") for line in lines) == 898
    content = glb_bytes(face, moved)
    magic, version, length, chunk = struct.unpack("<4sIII", content[:16])
    assert (magic, version, length) == (b"glTF", 2, len(content))
    document = json.loads(content[20 : 20 + chunk])
    start = 28 + chunk
    stored = np.frombuffer(content[start : start + document["bufferViews"][0]["byteLength"]], "<f4").reshape(-1, 3)
    np.testing.assert_array_equal(stored, face[:468])


def test_the_yardstick_finds_linear_faces_again() -> None:
    faces = [Expression.of({unit: float(level)}) for unit in (1, 2, 12, 26) for level in range(1, 6)]
    rng = np.random.default_rng(0)
    shape = {unit: rng.normal(size=(478, 3)).astype(np.float32) for unit in (1, 2, 12, 26)}
    targets = np.stack([shape[int(face.units[0])] * face.intensity(face.units[0]) / 5 for face in faces])
    yardstick = LinearYardstick.fit(faces, targets.astype(np.float32))
    asked = Expression.parse("1E+12E")
    np.testing.assert_allclose(yardstick.displacement([asked])[0], shape[1] + shape[12], atol=0.15)


def test_the_command_writes_everything(model: StructureModel, landmarks: np.ndarray, tmp_path: Path) -> None:
    weights, photo = tmp_path / "tiny.safetensors", tmp_path / "photo.npy"
    save_weights(model.network, weights)
    np.save(photo, landmarks)
    base = ["1+2C+26", "--out", str(tmp_path / "out"), "--weights", str(weights), "--size", "64"]
    result = CliRunner().invoke(app, [*base, "--pose", "20,0,0", "--identity", str(photo), "--sheet", "--json"])
    assert result.exit_code == 0, result.output
    answer = json.loads(result.stdout)
    assert answer["expression"] == "1C+2C+26C"
    assert answer["pose"]["yaw"] == 20
    assert answer["identity"]["kind"] == "photo"
    written = {path.name for path in (tmp_path / "out").iterdir()}
    assert written == set(answer["files"])
    assert {"landmarks.npy", "face.glb", "depth.png", "normal.png", "mask_lips.png", "sheet.png"} <= written
    again = CliRunner().invoke(app, base)
    assert isinstance(again.exception, ValueError)
    assert "--overwrite" in str(again.exception)
