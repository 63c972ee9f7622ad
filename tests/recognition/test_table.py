"""Tables: OpenFace and py-feat users find their columns, presence never contradicts intensity, nothing is made up."""

import csv
import math
from pathlib import Path

import pytest
from made_reading import face_of, recognition_of

from auface.facs import ActionUnit, from_columns
from auface.facs.columns import ColumnReader
from auface.recognition.batch import FrameReading
from auface.recognition.result import Recognition, Unjudged
from auface.recognition.table import COLUMN_STYLES, CsvTable, columns_of, data_frame, rows_of


def frame(*expressions: str, number: int = 0, error: float = 0.0) -> FrameReading:
    return FrameReading("a.png", number, number / 10, recognition_of(*expressions, error=error))


def test_openface_columns_read_back_to_the_expression() -> None:
    [row] = rows_of(frame("1C+12D+43E"), "openface")
    units = {name: value for name, value in row.items() if name.startswith("AU")}
    assert list(row)[:6] == ["file", "frame", "face_id", "timestamp", "confidence", "success"]
    assert units["AU12_r"] == 4
    assert units["AU12_c"] == 1
    assert from_columns(units, contradiction="refuse").notation() == "1C+12D+45E"


def test_presence_never_contradicts_intensity() -> None:
    noisy = [row for seed in range(5) for row in rows_of(frame("1A+4C+12B", number=seed, error=0.8), "openface")]
    reader = ColumnReader(list(noisy[0]), contradiction="refuse")
    for row in noisy:
        reader.read(row)  # type: ignore[arg-type]


def test_pyfeat_columns() -> None:
    [row] = rows_of(frame("6C+12E"), "pyfeat")
    assert row["AU12"] == 1.0
    assert row["AU06"] == pytest.approx(0.6)
    assert row["happiness"] > 0.5  # type: ignore[operator]
    assert {"FaceRectX", "FaceRectY", "FaceRectWidth", "FaceRectHeight", "FaceScore", "input", "frame"} <= set(row)


def test_auface_columns_hold_sides_and_uncertainty() -> None:
    [row] = rows_of(frame("L12D", error=0.3), "auface")
    assert row["AU12_left"] > 2  # type: ignore[operator]
    assert row["AU12_right"] < 2  # type: ignore[operator]
    assert row["AU12_left_uncertainty"] == 0.3
    assert row["expression"] != ""


@pytest.mark.parametrize("style", COLUMN_STYLES)
def test_every_frame_has_the_same_columns(style) -> None:
    nobody = FrameReading("b.png", 0, 0.0, Recognition("b.png", (10, 10), ()))
    for reading in (frame("12D"), frame("neutral", "4D"), nobody):
        for row in rows_of(reading, style):
            assert tuple(row) == columns_of(style)


def test_a_frame_without_a_face_says_so_and_has_no_values() -> None:
    nobody = FrameReading("b.png", 0, 0.0, Recognition("b.png", (10, 10), ()))
    [row] = rows_of(nobody, "openface")
    assert row["success"] == 0
    assert math.isnan(row["AU12_r"])  # type: ignore[arg-type]
    [row] = rows_of(nobody, "auface")
    assert row["face"] == -1


def test_what_cannot_be_judged_is_empty() -> None:
    hidden = face_of("12D+4C", unjudged=(Unjudged(ActionUnit.AU12, "both", "covered"),))
    reading = FrameReading("a.png", 0, 0.0, Recognition("a.png", (256, 256), (hidden,)))
    [row] = rows_of(reading, "openface")
    assert math.isnan(row["AU12_r"])  # type: ignore[arg-type]
    assert row["AU04_r"] == 3
    [row] = rows_of(reading, "auface")
    assert math.isnan(row["AU12_left"])  # type: ignore[arg-type]


def test_data_frames_have_a_row_for_each_face() -> None:
    table = data_frame([frame("12D", "4D"), frame("neutral", number=1)], "openface")
    assert list(table["frame"]) == [1, 1, 2]
    assert list(table["face_id"]) == [0, 1, 0]
    assert table["AU12_r"].tolist() == [4.0, 0.0, 0.0]
    assert list(data_frame([], "openface").columns) == list(columns_of("openface"))


def test_csv_grows_and_is_not_replaced_silently(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "faces.csv"
    with CsvTable(path, "pyfeat") as table:
        table.write(frame("12D", "4D"))
        table.write(frame("neutral", number=1))
        assert table.rows == 3
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["AU12"] for row in rows] == ["0.8", "0.0", "0.0"]
    with pytest.raises(ValueError, match="which exists"):
        CsvTable(path)
    CsvTable(path, overwrite=True)


def test_an_unknown_style_is_refused() -> None:
    with pytest.raises(ValueError, match="accepted are auface, openface, pyfeat"):
        rows_of(frame("12D"), "opensmile")  # type: ignore[arg-type]
