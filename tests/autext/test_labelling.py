"""A plain folder is labelled by the recognizer; what it is unsure of is unknown and listed."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from auface.autext.command import app
from auface.autext.labelled_folder import label_folder
from auface.autext.labelling import LabelWorkshop, Told, pictures_of, write_review
from auface.autext.production import produce
from auface.autext.record import SPLITS, Record
from auface.autext.writer import DatasetWriter
from auface.facs import ActionUnit, Expression
from auface.recognition.result import Face, FaceReading, Recognition, UnitReading, UnitValue, Unjudged
from auface.recognition.unit_table import UNITS
from auface.structure.pose import HeadPose


class Oracle:
    """Reads what the name of a picture says: `score-faces-unsure`."""

    def read(self, image: Path) -> Recognition:
        score, faces, unsure = image.stem.split("-")
        with Image.open(image) as picture:
            size = picture.size
        points = np.random.default_rng(0).uniform(4, 28, (478, 3)).astype(np.float32)
        face = Face((4, 4, 28, 28), points, float(score), HeadPose(yaw=10))

        def value(unit: ActionUnit) -> UnitValue:
            level = {12: 3.2, 6: 0.3}.get(int(unit), 0.0)
            error = 2.0 if unsure == "12" and unit == 12 else 0.2
            return UnitValue(left=level, right=level, left_uncertainty=error, right_uncertainty=error)

        units = UnitReading({unit: value(unit) for unit in UNITS}, (Unjudged(ActionUnit.AU43, "both", "hidden"),))
        return Recognition(image.name, size, (FaceReading(face, units),) * int(faces))


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """A folder of five pictures, three of one person."""
    home = tmp_path / "photos"
    for name in ("ann/0.9-1-0", "ann/0.95-1-12", "ann/0.99-0-0", "0.5-1-0", "0.97-2-0"):
        path = home / f"{name}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (32, 32), "gray").save(path)
    return home


def labelled(photos: Path, out: Path) -> list[Record]:
    names = pictures_of(photos)
    writer = DatasetWriter(out, {"source": "recognizer"}, len(names), tuple(UNITS))
    assert produce(writer, LabelWorkshop(photos, names, Oracle), workers=1, quiet=True)
    found: list[Record] = []
    for split in SPLITS:
        table = out / split / "metadata.jsonl"
        found += [Record.from_json(line) for line in table.read_text().splitlines()] if table.exists() else []
    return found


def test_faces_are_labelled_and_doubts_are_unknown(photos: Path, tmp_path: Path) -> None:
    sure, unsure = sorted(labelled(photos, tmp_path / "set"), key=lambda record: record.frame)
    assert sure.expression.notation() == "12=3.2"  # 6 is too faint to count
    assert ActionUnit.AU43 not in sure.coded
    assert ActionUnit.AU6 in sure.coded
    assert ActionUnit.AU12 not in unsure.coded
    assert unsure.expression.is_neutral
    assert "lip corner" not in unsure.text
    assert sure.subject == unsure.subject == "ann"
    assert sure.pose is not None
    assert sure.pose.yaw == 10
    with np.load(tmp_path / "set" / sure.landmarks) as file:
        assert file["landmarks"].shape == (478, 2)


def test_all_that_is_doubtful_is_listed(photos: Path, tmp_path: Path) -> None:
    labelled(photos, tmp_path / "set")
    assert write_review(tmp_path / "set", photos) == 5
    with (tmp_path / "set" / "review.csv").open(newline="") as file:
        rows = {row["picture"]: row for row in csv.DictReader(file)}
    assert rows["ann/0.99-0-0.png"]["reason"] == "no face"
    assert rows["0.5-1-0.png"]["reason"] == "no face that is sure enough"
    assert rows["0.97-2-0.png"]["reason"] == "2 faces"
    assert rows["ann/0.95-1-12.png"]["unknown"] == "AU12 AU43"
    assert [row["kept"] for row in rows.values()].count("True") == 2
    with Image.open(tmp_path / "set" / "review.png") as sheet:
        assert sheet.width > 300


def test_what_is_never_sure_is_no_reason_to_look(tmp_path: Path) -> None:
    home = tmp_path / "photos"
    home.mkdir()
    for number in range(8):
        Image.new("RGB", (32, 32), "gray").save(home / f"0.9{number}-1-{12 if number == 3 else 0}.png")
    labelled(home, tmp_path / "set")
    assert write_review(tmp_path / "set", home) == 1  # AU43 is hidden in all of them
    with (tmp_path / "set" / "review.csv").open(newline="") as file:
        [row] = csv.DictReader(file)
    assert (row["picture"], row["unknown"]) == ("0.93-1-12.png", "AU12")


def test_the_command_labels(photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("auface.autext.command._recognizer", lambda device: Oracle())
    out = tmp_path / "set"
    result = CliRunner().invoke(app, ["folder", str(photos), "--label", "--out", str(out), "--sidecars"])
    assert result.exit_code == 0, result.output
    assert "5 pictures are to be reviewed" in result.output
    assert json.loads((out / "dataset.json").read_bytes())["blank"] == 3
    again = CliRunner().invoke(app, ["folder", str(photos), "--label", "--out", str(out), "--sidecars", "--json"])
    assert json.loads(again.output)["complete"]


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ([], "both given or both missing"),
        (["--label", "--labels", "a.csv"], "both given or both missing"),
        (["--label", "--size", "64"], "`--label` takes no"),
    ],
)
def test_wrong_input_is_refused(photos: Path, tmp_path: Path, more: list[str], message: str) -> None:
    result = CliRunner().invoke(app, ["folder", str(photos), "--out", str(tmp_path / "set"), *more])
    assert result.exit_code == 2
    assert message in result.output


def test_empty_folders_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="has no pictures; accepted are"):
        pictures_of(tmp_path)
    with pytest.raises(ValueError, match="`min_confidence` is 2"):
        LabelWorkshop(tmp_path, (), Oracle, min_confidence=2)


def rows_of(out: Path) -> dict[int, Record]:
    tables = [out / split / "metadata.jsonl" for split in SPLITS]
    lines = [line for table in tables if table.exists() for line in table.read_text().splitlines()]
    return {record.frame: record for record in map(Record.from_json, lines)}


def test_what_is_told_counts_more_than_what_is_read(photos: Path, tmp_path: Path) -> None:
    names = pictures_of(photos)
    asked = Expression.parse("L12D+29B")
    told = {
        "ann/0.99-0-0.png": Told(expression=asked, text="a grin"),
        "ann/0.9-1-0.png": Told(expression=Expression.parse("4C")),
        "ann/0.95-1-12.png": Told(text="ann, smiling"),
    }
    shop = LabelWorkshop(photos, names, Oracle, told=told, held_out=False)
    found = label_folder(shop, tmp_path / "set")
    assert found.rows == {"train": 3, "validation": 0, "test": 0}
    assert (found.left_out, found.review) == (2, 4)
    rows = {names[frame]: row for frame, row in rows_of(tmp_path / "set").items()}
    unseen = rows["ann/0.99-0-0.png"]
    assert (unseen.expression, unseen.text, unseen.landmarks, unseen.source) == (asked, "a grin", "", "told")
    seen = rows["ann/0.9-1-0.png"]
    assert seen.expression.notation() == "4C"
    assert seen.landmarks
    assert "brow" in seen.text
    assert rows["ann/0.95-1-12.png"].text == "ann, smiling"
    assert rows["ann/0.95-1-12.png"].source == "recognizer"
    assert (tmp_path / "set" / "train" / f"{unseen.file_name[:-4]}.txt").read_text() == "a grin\n"


def test_an_interrupted_set_goes_on_where_it_was(photos: Path, tmp_path: Path) -> None:
    shop = LabelWorkshop(photos, pictures_of(photos), Oracle, held_out=False)
    label_folder(shop, tmp_path / "whole")
    done = 0

    def interrupt() -> None:
        nonlocal done
        done += 1
        if done == 2:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        label_folder(shop, tmp_path / "set", advance=interrupt)
    assert not (tmp_path / "set" / "dataset.json").exists()
    label_folder(shop, tmp_path / "set", advance=interrupt)
    assert done == len(shop.names)
    assert rows_of(tmp_path / "set") == rows_of(tmp_path / "whole")
    with pytest.raises(ValueError, match="data set of other settings"):
        label_folder(LabelWorkshop(photos, shop.names, Oracle), tmp_path / "set")
