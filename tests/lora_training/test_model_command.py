"""The project's own models are trained by `auface train` as well."""

from pathlib import Path

import pytest
from command_line import auface

from auface.lora_training.model_command import MODELS


@pytest.mark.parametrize("name", MODELS)
def test_each_model_says_how_it_is_trained(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert auface("train", name, "--help") == 0
    said = capsys.readouterr().out
    assert f"usage: auface train {name}" in said
    assert f"Example: auface train {name}" in said


@pytest.mark.parametrize(
    ("given", "named"),
    [
        (("structure", "--out", "run"), "--data"),
        (("mini", "dream", "--recipe", "a", "--set", "b", "--run", "c"), "'dream'"),
        (("mini", "unet", "--recipe", "nowhere.json", "--set", "b", "--run", "c"), "nowhere.json"),
        (("recognizer", "geometry", "--cache", "nowhere", "--out", "run"), "nowhere"),
        (("recognizer", "geometry", "--speed", "9"), "--out"),
    ],
)
def test_wrong_options_are_one_line(
    given: tuple[str, ...],
    named: str,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert auface("train", *given) == 2
    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith("auface: ")
    assert named in line
    assert not any(tmp_path.iterdir())
