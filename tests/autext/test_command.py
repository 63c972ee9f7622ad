"""The command: every source gives the one format; wrong input is one message and exit code 2."""

import inspect
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from auface.autext.command import app, synth
from auface.autext.record import Record
from auface.autext.sampling import PICTURES_PER_PERSON

RUN = CliRunner()


@pytest.mark.parametrize("command", ["synth", "bp4d", "bp4dplus", "disfa", "folder"])
def test_every_help_has_an_example(command: str) -> None:
    result = RUN.invoke(app, [command, "--help"])
    assert result.exit_code == 0
    assert f"Example: auface dataset {command}" in " ".join(result.stdout.split())


def test_a_set_shows_as_many_people_as_are_asked_for(tmp_path: Path) -> None:
    assert inspect.signature(synth).parameters["per_person"].default == PICTURES_PER_PERSON
    out = tmp_path / "out"
    options = ["synth", "--out", str(out), "--renderer", "torch", "--size", "16", "--maps", "none", "--workers", "1"]
    result = RUN.invoke(app, [*options, "--count", "4", "--per-person", "2", "--quiet"])
    assert result.exit_code == 0, result.output
    lines = [line for table in out.glob("*/metadata.jsonl") for line in table.read_text(encoding="utf-8").splitlines()]
    people = [Record.from_json(line).subject for line in lines]
    assert sorted(people) == ["P0-000000", "P0-000000", "P0-000001", "P0-000001"]


@pytest.mark.parametrize(("command", "count"), [("bp4d", 18), ("bp4dplus", 8), ("disfa", 10)])
def test_data_sets_import_to_the_same_format(
    command: str, count: int, lay_out: Callable[..., Path], tmp_path: Path
) -> None:
    out = tmp_path / "out"
    options = [command, str(lay_out(command)), "--out", str(out), "--json", "--workers", "1"]
    result = RUN.invoke(app, options)
    assert result.exit_code == 0, result.output
    summary = json.loads(result.stdout)
    assert summary["complete"]
    assert sum(summary["rows"].values()) == count
    tables = [table.read_text() for table in out.glob("*/metadata.jsonl")]
    rows = [Record.from_json(line) for table in tables for line in table.splitlines()]
    assert len(rows) == count
    assert all((out / row.split / row.file_name).exists() for row in rows)
    again = RUN.invoke(app, options)
    assert json.loads(again.stdout)["complete"]


def test_blank_pictures_are_counted(lay_out: Callable[..., Path], tmp_path: Path) -> None:
    import io

    from PIL import Image

    buffer = io.BytesIO()
    Image.new("RGB", (48, 48), "gray").save(buffer, "JPEG")
    root, out = lay_out("disfa", {"Images/SN001/00002.jpg": buffer.getvalue()}), tmp_path / "out"
    result = RUN.invoke(app, ["disfa", str(root), "--out", str(out), "--json", "--workers", "1"])
    summary = json.loads(result.stdout)
    assert (sum(summary["rows"].values()), summary["blank"]) == (9, 1)
    assert "picture is blank: 1." in (out / "README.md").read_text()


def test_pictures_are_cropped_and_scaled_on_request(lay_out: Callable[..., Path], tmp_path: Path) -> None:
    from PIL import Image

    out = tmp_path / "out"
    result = RUN.invoke(app, ["disfa", str(lay_out("disfa")), "--out", str(out), "--size", "32", "--workers", "1"])
    assert result.exit_code == 0, result.output
    with Image.open(next(out.glob("train/*.png"))) as picture:
        assert picture.size == (32, 32)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["synth", "--shard", "5/4"], "`shard` is 5/4"),
        (["synth", "--units", "1,99"], "99"),
        (["synth", "--units", "1,x"], "'x'"),
        (["synth", "--units", "1,21", "--renderer", "torch"], "AU21"),
        (["synth", "--maps", "shadows"], "shadows"),
        (["bp4d", "nowhere"], "AUCoding"),
        (["bp4d", "nowhere", "--protocol", "mine"], "mine"),
        (["bp4d", "nowhere", "--subjects", "X1"], "X1"),
        (["disfa", "nowhere", "--fold", "4"], "fold"),
        (["folder", "nowhere", "--labels", "nothing.csv"], "nothing.csv"),
    ],
)
def test_wrong_input_is_said_on_stderr(arguments: list[str], said: str, tmp_path: Path) -> None:
    out = tmp_path / "out"
    result = RUN.invoke(app, [*arguments, "--out", str(out)])
    assert result.exit_code == 2
    assert said in result.stderr
    assert result.stdout == ""
    assert not out.exists()


def test_a_selection_without_frames_is_refused(lay_out: Callable[..., Path], tmp_path: Path) -> None:
    out = tmp_path / "out"
    result = RUN.invoke(app, ["disfa", str(lay_out("disfa")), "--out", str(out), "--min-intensity", "5"])
    assert result.exit_code == 2
    assert "10 below the least intensity" in result.stderr
