"""AAAD: the formula by hand, right captions above exchanged ones, and reports that say what they are about."""

import json
import math
from pathlib import Path

import pytest
from painted_reader import PaintedReader, painted, save_all

from auface.facs import ActionUnit, Expression
from auface.recognition.evaluation.aaad import evaluate_captions
from auface.recognition.evaluation.alignment import TextUnits, alignment, divergence
from auface.recognition.evaluation.captions import CaptionedPicture, captioned_pictures
from auface.recognition.frames import Problem

SMILE, BROWS = ActionUnit.AU12, ActionUnit.AU1
CAPTIONS = {
    "a.png": ("12D", "a broad smile"),
    "b.png": ("1+2C", "raised eyebrows"),
    "c.png": ("4D+15C", "brows lowered, corners of the mouth pulled down"),
    "d.png": ("43E", "eyes closed"),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    save_all(tmp_path, {name: shown for name, (shown, _) in CAPTIONS.items()})
    rows = [json.dumps({"file_name": name, "text": text}) for name, (_, text) in CAPTIONS.items()]
    (tmp_path / "metadata.jsonl").write_text("\n".join(rows), encoding="utf-8")
    return tmp_path


def test_divergence_by_hand() -> None:
    assert divergence(0.3, 0.3) == pytest.approx(0)
    assert divergence(0, 1) == pytest.approx(1)
    assert divergence(0.2, 0.9) == pytest.approx(divergence(0.9, 0.2))
    entropy = -0.25 * math.log2(0.25) - 0.75 * math.log2(0.75)
    assert divergence(0, 0.5) == pytest.approx(entropy - 0.5)


def test_alignment_by_hand() -> None:
    text, picture = {SMILE: 1.0, BROWS: 0.0}, {SMILE: 0.5, BROWS: 0.5}
    apart = divergence(1.0, 0.5) * 1.0 + divergence(0.0, 0.5) * 0.5
    assert alignment(text, picture) == pytest.approx(1 - apart / 1.5)
    assert alignment(text, text) == 1
    assert alignment({SMILE: 1.0}, {SMILE: 0.0}) == pytest.approx(0)


def test_absent_units_do_not_make_a_picture_look_aligned() -> None:
    many = {ActionUnit(number): 0.0 for number in (2, 4, 5, 6, 7, 9, 10)}
    assert alignment({SMILE: 1.0, **many}, {SMILE: 0.0, **many}) == pytest.approx(0)


def test_units_that_were_not_judged_are_left_out() -> None:
    assert alignment({SMILE: 1.0, BROWS: 1.0}, {SMILE: 1.0}) == 1
    assert math.isnan(alignment({SMILE: 1.0}, {}))


def test_texts_state_and_deny() -> None:
    text = TextUnits.of("a broad smile, eyebrows not raised")
    chances = text.presence([SMILE, BROWS, ActionUnit.AU9])
    assert chances[SMILE] > 0.95
    assert chances[BROWS] < chances[ActionUnit.AU9] < 0.1
    assert TextUnits.of("12D").stated == Expression.parse("12D")
    with pytest.raises(ValueError, match="nothing about a face"):
        TextUnits.of("a red car")


def test_right_captions_stand_above_exchanged_ones(folder: Path) -> None:
    report = evaluate_captions(PaintedReader(), captioned_pictures(folder))
    assert report.count == 4
    assert report.aaad > 0.85
    assert report.exchanged < 0.5
    assert report.ranking == 1
    assert report.truth == "captions"
    assert report.units[SMILE].f1 == 1


def test_wrong_pictures_lower_it(folder: Path) -> None:
    right = evaluate_captions(PaintedReader(), captioned_pictures(folder)).aaad
    painted("neutral").save(folder / "a.png")
    assert evaluate_captions(PaintedReader(), captioned_pictures(folder)).aaad < right - 0.1


def test_labels_are_used_where_the_folder_has_them(tmp_path: Path) -> None:
    save_all(tmp_path / "test", {"0.png": "L12D", "1.png": "neutral"})
    rows = [
        {"file_name": "0.png", "text": "a lopsided smile", "left": {"AU12": 4.0}, "right": {"AU12": 0.0}},
        {"file_name": "1.png", "text": "neutral", "left": {"AU12": 0.0}, "right": {"AU12": None}},
    ]
    (tmp_path / "test" / "metadata.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    report = evaluate_captions(PaintedReader(), captioned_pictures(tmp_path))
    assert report.truth == "labels"
    assert report.units[SMILE].count == 2  # left and right of the first; of the second one side is not known
    assert report.units[SMILE].mae < 0.6


def test_what_cannot_be_read_is_listed_and_the_rest_counts(folder: Path) -> None:
    painted().save(folder / "d.png")
    (folder / "c.png").write_bytes(b"no picture")
    with (folder / "metadata.jsonl").open("a", encoding="utf-8") as file:
        file.write('\n{"file_name": "gone.png", "text": "a smile"}\nno json\n{"file_name": "a.png"}\n')
        file.write('{"file_name": "a.png", "text": "a red car"}\n')
    report = evaluate_captions(PaintedReader(), captioned_pictures(folder))
    assert report.count == 2
    assert report.without_face == ("d.png",)
    assert len(report.problems) == 5
    reasons = " ".join(one.reason for one in report.problems)
    for said in ("no such picture", "no JSON", "no `text`", "nothing about a face"):
        assert said in reasons


def test_sidecar_texts_and_csv_are_read(tmp_path: Path) -> None:
    save_all(tmp_path / "one", {"a.png": "12D", "b.png": "4D"})
    (tmp_path / "one" / "a.txt").write_text("a smile\n", encoding="utf-8")
    found = list(captioned_pictures(tmp_path / "one"))
    assert [one.text for one in found if isinstance(one, CaptionedPicture)] == ["a smile"]
    (tmp_path / "one" / "metadata.csv").write_text("file_name,text\nb.png,a frown\n", encoding="utf-8")
    found = list(captioned_pictures(tmp_path / "one"))
    assert [one.text for one in found if isinstance(one, CaptionedPicture)] == ["a frown"]


def test_reports_are_json_markdown_and_a_picture(folder: Path) -> None:
    report = evaluate_captions(PaintedReader(), captioned_pictures(folder))
    data = json.loads(json.dumps(report.to_dict(), allow_nan=False))
    assert data["pictures"] == 4
    assert data["units"]["AU12"]["f1"] == 1
    assert data["units"]["AU46"]["icc"] is None
    text = report.to_markdown()
    assert "| 12 | Lip corner puller |" in text
    assert "nan" not in text
    picture = report.plot()
    assert picture.width == 1000
    assert len(picture.getcolors(100_000) or []) > 10


def test_a_single_picture_has_nothing_to_exchange(tmp_path: Path) -> None:
    save_all(tmp_path, {"a.png": "12D"})
    (tmp_path / "a.txt").write_text("a smile", encoding="utf-8")
    report = evaluate_captions(PaintedReader(), captioned_pictures(tmp_path))
    assert report.to_dict()["ranking, own caption against another"] is None
    assert "nan" not in report.to_markdown()


def test_wrong_folders_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="which is no folder"):
        list(captioned_pictures(tmp_path / "nowhere"))
    save_all(tmp_path, {"a.png": "12D"})
    with pytest.raises(ValueError, match="holds no captions"):
        list(captioned_pictures(tmp_path))
    with pytest.raises(ValueError, match="none that could be read"):
        evaluate_captions(PaintedReader(), [Problem("x", "gone")])
