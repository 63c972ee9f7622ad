"""The seven-class protocol on a copy made by the test."""

import csv
from pathlib import Path

import pytest
from painted_reader import PaintedReader, painted

from auface.facs.prototype import compound
from auface.facs.prototype_table import C_EXPR_DB
from auface.recognition.emotion.opinion import Opinion
from auface.recognition.evaluation.cexpr import HEADER, evaluate_cexpr, labelled_frames


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    rows = []
    for place, name in enumerate(C_EXPR_DB):
        for number in (1, 2):
            file = tmp_path / f"video-{place}" / f"{number:05d}.jpg"
            file.parent.mkdir(exist_ok=True)
            painted(compound(name).notation()).save(file, quality=100, subsampling=0)
            rows.append([f"video-{place}/{number:05d}.jpg", place])
    rows.append(["video-0/00099.jpg", -1])  # a frame without a label
    with (tmp_path / "labels.csv").open("w", newline="") as file:
        csv.writer(file).writerows([HEADER, *rows])
    return tmp_path


def test_the_header_is_that_of_the_challenge() -> None:
    assert HEADER[:3] == ("image_location", "Fearfully_Surprised", "Happily_Surprised")
    assert HEADER[-1] == "Sadly_Angry"


def test_prototypes_are_recognized(copy: Path) -> None:
    frames = labelled_frames(copy)
    assert len(frames) == 14
    report = evaluate_cexpr(PaintedReader(0.0), frames)
    assert report.macro_f1() == 1
    assert report.to_dict()["macro F1"]["anatomy"] == 1
    assert report.to_dict()["confusion"]["sadly_angry"]["sadly_angry"] == 2


def test_a_wrong_answer_and_a_missing_face_cost(copy: Path) -> None:
    painted().save(copy / "video-0" / "00001.jpg")
    painted("4C+15C").save(copy / "video-1" / "00001.jpg", quality=100, subsampling=0)
    report = evaluate_cexpr(PaintedReader(0.0), labelled_frames(copy))
    assert report.to_dict()["without face"] == 1
    # one of two right; one of two right; and sadly angry has one too many
    assert report.macro_f1() == pytest.approx((2 * (2 / 3) + 0.8 + 4) / 7)


def test_a_damaged_frame_is_listed_and_counts_as_wrong(copy: Path) -> None:
    (copy / "video-2" / "00001.jpg").write_bytes(b"no picture")
    report = evaluate_cexpr(PaintedReader(0.0), labelled_frames(copy))
    assert [one.name for one in report.problems] == ["video-2/00001.jpg"]
    assert report.macro_f1() == pytest.approx((6 + 2 / 3) / 7)


def test_another_source_has_its_own_figure_and_joins_the_fusion(copy: Path) -> None:
    def stubborn(path: Path, face, classes) -> Opinion:
        return Opinion.of_scores("vlm", classes, [9.0] + [0.0] * 6)

    report = evaluate_cexpr(PaintedReader(0.0), labelled_frames(copy), asked=stubborn)
    assert report.macro_f1("vlm") == pytest.approx(2 * 2 / (2 + 14) / 7)
    assert set(report.sources) == {"anatomy", "vlm", "fusion"}


def test_predictions_have_the_form_of_the_challenge(copy: Path, tmp_path: Path) -> None:
    report = evaluate_cexpr(PaintedReader(0.0), labelled_frames(copy))
    report.write_predictions(tmp_path / "predictions.csv")
    with (tmp_path / "predictions.csv").open(newline="") as file:
        rows = list(csv.reader(file))
    assert tuple(rows[0]) == HEADER
    assert rows[3] == ["video-1/00001.jpg", "1"]
    again = labelled_frames(copy, tmp_path / "predictions.csv")
    assert [frame.label for frame in again] == [frame.label for frame in report.frames]


def test_without_a_table_there_are_predictions_only(copy: Path) -> None:
    (copy / "labels.csv").unlink()
    frames = labelled_frames(copy, every=2)
    assert len(frames) == 7
    assert evaluate_cexpr(PaintedReader(0.0), frames).macro_f1() is None


def test_one_column_a_class_is_read_as_well(copy: Path) -> None:
    rows = [HEADER, ["video-3/00001.jpg", 0, 0, 0, 1, 0, 0, 0], ["video-3/00002.jpg", 0, 0, 0, 0, 0, 0, 0]]
    with (copy / "labels.csv").open("w", newline="") as file:
        csv.writer(file).writerows(rows)
    [frame] = labelled_frames(copy)
    assert frame.label == "disgustedly_surprised"


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("path,class\na,1\n", "whose first column"),
        ("image_location,x\nvideo-0/00001.jpg,happy\n", "accepted is a name and a class"),
        ("image_location,x\nvideo-0/00001.jpg,1,2\n", "has 2 numbers"),
    ],
)
def test_wrong_tables_are_refused(copy: Path, table: str, said: str) -> None:
    (copy / "labels.csv").write_text(table)
    with pytest.raises(ValueError, match=said):
        labelled_frames(copy)


def test_wrong_folders_are_refused(copy: Path, tmp_path: Path) -> None:
    (copy / "more.csv").write_text("image_location\n")
    with pytest.raises(ValueError, match="holds 2 tables"):
        labelled_frames(copy)
    with pytest.raises(ValueError, match="which is no folder"):
        labelled_frames(tmp_path / "nowhere")
    (tmp_path / "empty").mkdir()
    with pytest.raises(ValueError, match="holds no frames"):
        labelled_frames(tmp_path / "empty")
