"""`auface structure --identity photo.jpg`: the person of a picture, without landmarks at hand."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from auface.cli import app
from auface.structure.command import app as structure_alone
from auface.structure.model import shipped_model


def run(*arguments: Any) -> Any:
    return CliRunner().invoke(app, ["structure", *map(str, arguments)])


def test_the_person_of_a_picture_shows_the_request(tmp_path: Path) -> None:
    data = pytest.importorskip("skimage.data", reason="a photo of a person comes with scikit-image")
    photo = tmp_path / "astronaut.jpg"
    Image.fromarray(data.astronaut()).save(photo)
    result = run("27E", "--identity", photo, "--out", tmp_path / "out", "--size", 64, "--json")
    assert result.exit_code == 0, result.output
    identity = json.loads(result.stdout)["identity"]
    assert identity["kind"] == "photo"
    assert 0 < identity["confidence"] < 1
    points = np.array(json.loads((tmp_path / "out" / "landmarks.json").read_text())["points"])
    default = shipped_model().structure("27E").points
    assert 0.01 < np.linalg.norm(points - default, axis=1).mean() < 0.3, "another person, but a face"
    assert points[13, 1] - points[14, 1] > 0.2, "the mouth is open"


def test_a_picture_without_a_face_and_one_that_is_none_are_refused(tmp_path: Path) -> None:
    wall, text = tmp_path / "wall.png", tmp_path / "text.jpg"
    Image.new("RGB", (128, 128), "gray").save(wall)
    text.write_text("no picture")
    for file, said in ((wall, "no face was found"), (text, "damaged or no picture"), ("nobody", "'default', a seed")):
        result = run("12", "--identity", file, "--out", tmp_path / "out")
        assert isinstance(result.exception, ValueError)
        assert "`--identity`" in str(result.exception)
        assert said in str(result.exception)
    assert not (tmp_path / "out").exists()


def test_alone_the_command_takes_landmarks_only(tmp_path: Path) -> None:
    wall = tmp_path / "wall.png"
    Image.new("RGB", (128, 128), "gray").save(wall)
    arguments = ["12", "--identity", str(wall), "--out", str(tmp_path / "out")]
    result = CliRunner().invoke(structure_alone, arguments)
    assert isinstance(result.exception, ValueError)
    assert "JSON or .npy" in str(result.exception)


def test_a_folder_inside_of_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    result = CliRunner().invoke(app, ["structure", "12", "--out", str(tmp_path / "file" / "folder")])
    assert isinstance(result.exception, ValueError)
    assert "lies in a file" in str(result.exception)
