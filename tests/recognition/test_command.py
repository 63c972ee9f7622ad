"""recognize, verify and bench as a user runs them, with a recognizer that reads what was painted."""

import csv
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from painted_reader import PaintedReader, painted, save_all
from PIL import Image

from auface import cli
from auface.recognition import verification

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run `auface` in this process and return exit code, stdout and stderr."""
    monkeypatch.setattr(verification, "shipped_recognizer", lambda device="cpu": PaintedReader(0.0))

    def command(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["auface", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out, said.err

    return command


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    return save_all(tmp_path / "in", {"a.png": "6C+12D", "b.png": ["1+2C+5D+26", "4D"], "c.png": []})


def test_verify_passes_and_prints_a_table(run: Run, pictures: Path) -> None:
    code, out, err = run("verify", pictures / "a.png", "6C+12D")
    assert code == 0
    assert "pass" in out
    assert "Lip corner puller" in out
    assert err == ""


def test_verify_fails_with_exit_code_1(run: Run, pictures: Path) -> None:
    code, out, _ = run("verify", pictures / "a.png", "1+2C+5D+26")
    assert code == 1
    assert "missing" in out
    code, out, _ = run("verify", pictures / "c.png", "12D", "--json")
    assert code == 1
    assert json.loads(out)["outcome"] == "no face"


def test_verify_takes_english_and_says_what_a_face_can_do(run: Run, pictures: Path) -> None:
    assert run("verify", pictures / "a.png", "a broad smile, cheeks raised")[0] == 0
    assert "a face can do 24D" in run("verify", pictures / "a.png", "24D+26C")[1]


def test_verify_draws_the_verdict(run: Run, pictures: Path, tmp_path: Path) -> None:
    out = tmp_path / "new" / "verdict.png"
    assert run("verify", pictures / "a.png", "12D", "--out", out, "--quiet")[1] == ""
    with Image.open(out) as picture:
        assert picture.width > 1000
    code, _, err = run("verify", pictures / "a.png", "12D", "--out", out)
    assert (code, err.count("\n")) == (2, 1)
    assert "add --overwrite" in err


def test_verify_chooses_a_face_and_a_threshold(run: Run, pictures: Path) -> None:
    assert run("verify", pictures / "b.png", "4D", "--face", "right")[0] == 0
    assert run("verify", pictures / "b.png", "4D", "--face", "1")[0] == 0
    assert run("verify", pictures / "a.png", "12B", "--threshold", "0.01")[0] == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ("verify", "nowhere.png", "12D"),
        ("verify", "a.png", "99"),
        ("verify", "a.png", "a red banana"),
        ("verify", "a.png", "12D", "--face", "all"),
        ("verify", "a.png", "12D", "--face", "7"),
        ("verify", "a.png", "12D", "--threshold", "3"),
        ("recognize", "nowhere"),
        ("recognize", "a.png", "--faces", "some"),
        ("recognize", "a.png", "--out", "faces.txt"),
        ("recognize", "a.png", "--out", "faces.csv", "--columns", "opensmile"),
        ("recognize",),
        ("bench", "cexpr", "nowhere"),
        ("bench", "aaad", "."),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(
    run: Run, pictures: Path, arguments: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(pictures)
    code, _, err = run(*arguments)
    assert code == 2
    assert err.count("\n") == 1
    assert err.startswith("auface: ")


def test_recognize_says_what_faces_show(run: Run, pictures: Path) -> None:
    code, out, _ = run("recognize", pictures)
    assert code == 0
    assert "6C+12D" in out
    assert "c.png: no face found" in out
    assert "happiness" in out
    assert out.count("b.png") == 2


def test_recognize_goes_on_after_a_bad_file_and_lists_it(run: Run, pictures: Path, tmp_path: Path) -> None:
    (pictures / "aa.jpg").write_bytes(b"no picture")
    table = tmp_path / "faces.csv"
    code, out, err = run("recognize", pictures, "--out", table, "--columns", "openface")
    assert code == 0
    assert "3 read, 1 not" in out
    assert "aa.jpg" in err
    with table.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["success"] for row in rows] == ["1", "1", "1", "0"]
    assert rows[0]["AU12_r"] == "4.0"
    assert rows[0]["AU12_c"] == "1.0"


def test_nothing_but_bad_files_is_exit_code_2(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"no picture")
    assert run("recognize", tmp_path)[0] == 2


def test_recognize_prints_and_writes_the_same_json(run: Run, pictures: Path, tmp_path: Path) -> None:
    (pictures / "d.jpg").write_bytes(b"no picture")
    _, out, _ = run("recognize", pictures, "--json")
    printed = json.loads(out)
    assert [Path(row["source"]).name for row in printed] == ["a.png", "b.png", "c.png", "d.jpg"]
    assert printed[0]["faces"][0]["expression"] == "6C+12D"
    assert printed[0]["faces"][0]["emotions"]["basic"]["answer"] == "happiness"
    assert "problem" in printed[3]
    run("recognize", pictures, "--out", tmp_path / "faces.json")
    assert json.loads((tmp_path / "faces.json").read_text()) == printed


def test_recognize_keeps_one_face_where_asked(run: Run, pictures: Path) -> None:
    _, out, _ = run("recognize", pictures / "b.png", "--json", "--faces", "1")
    assert [face["expression"] for face in json.loads(out)[0]["faces"]] == ["4D"]
    _, out, _ = run("recognize", pictures / "a.png", "--json", "--faces", "5")
    assert json.loads(out)[0]["faces"] == []


def test_recognize_draws_heat_maps(run: Run, pictures: Path, tmp_path: Path) -> None:
    save_all(pictures, {"deep/a.png": "neutral"})
    run("recognize", pictures, "--draw", tmp_path / "maps", "--quiet")
    assert {path.name for path in (tmp_path / "maps").iterdir()} == {"a.png", "a-2.png", "b.png", "c.png"}
    with Image.open(tmp_path / "maps" / "b.png") as drawn, Image.open(pictures / "b.png") as before:
        assert np.abs(np.asarray(drawn).astype(int) - np.asarray(before).astype(int)).max() > 40
    assert run("recognize", pictures, "--draw", tmp_path / "maps")[0] == 2


def test_bench_aaad_writes_reports(run: Run, tmp_path: Path) -> None:
    save_all(tmp_path / "in", {"a.png": "12D", "b.png": "4D+15C"})
    (tmp_path / "in" / "a.txt").write_text("a broad smile")
    (tmp_path / "in" / "b.txt").write_text("brows lowered, mouth corners down")
    code, out, _ = run("bench", "aaad", tmp_path / "in", "--out", tmp_path / "report")
    assert code == 0
    assert "AAAD 0." in out
    assert {path.name for path in (tmp_path / "report").iterdir()} == {"aaad.json", "aaad.md", "aaad.png"}
    assert json.loads((tmp_path / "report" / "aaad.json").read_text())["pictures"] == 2
    assert run("bench", "aaad", tmp_path / "in", "--out", tmp_path / "report")[0] == 2


def test_bench_cexpr_says_macro_f1(run: Run, tmp_path: Path) -> None:
    save_all(tmp_path / "in", {"v/00001.png": "1+2C+12C+25C", "v/00002.png": "4C+15C"})
    (tmp_path / "in" / "labels.csv").write_text("image_location,class\nv/00001.png,1\nv/00002.png,6\n")
    code, out, _ = run("bench", "cexpr", tmp_path / "in", "--out", tmp_path / "said.csv")
    assert code == 0
    assert "fusion: macro F1 0.286" in out  # two of seven classes occur
    assert (tmp_path / "said.csv").read_text().splitlines()[1:] == ["v/00001.png,1", "v/00002.png,6"]
    _, out, _ = run("bench", "cexpr", tmp_path / "in", "--json")
    assert json.loads(out)["labelled"] == 2


def test_a_neutral_picture_is_read_once(run: Run, pictures: Path, tmp_path: Path) -> None:
    painted("neutral").save(tmp_path / "rest.png")
    code, out, _ = run("recognize", pictures, "--neutral", tmp_path / "rest.png", "--json")
    assert code == 0
    assert [len(row["faces"]) for row in json.loads(out)] == [1, 1, 0]
    assert run("verify", pictures / "a.png", "6C+12D", "--neutral", tmp_path / "rest.png")[0] == 0
