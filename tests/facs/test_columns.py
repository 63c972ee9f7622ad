"""Columns of other tools are read as their tools mean them, written consistently, and refused where they are wrong."""

import csv
import io
import math
from typing import Any

import pytest
from hypothesis import given, strategies as st

from auface.facs.columns import STYLES, UNITS, ColumnReader, Style, from_columns, to_columns
from auface.facs.expression import NEUTRAL, Expression

parse = Expression.parse

styles = pytest.mark.parametrize("style", STYLES)
intensities = st.integers(0, 50_000).map(lambda number: number / 10_000)


@st.composite
def tables(draw: st.DrawFn) -> tuple[Style, Expression]:
    style = draw(st.sampled_from(STYLES))
    values = draw(st.dictionaries(st.sampled_from(UNITS[style]), intensities))
    return style, Expression.of({unit: intensity for unit, intensity in values.items()})


OPENFACE = """frame, face_id, timestamp, confidence, success, gaze_0_x, AU01_r, AU12_r, AU45_r, AU01_c, AU12_c, AU28_c
1, 0, 0.000, 0.98, 1, -0.1, 0.35, 2.81, 0.00, 0.00, 1.00, 1.00
2, 0, 0.033, 0.98, 1, -0.1, 0.00, 0.00, 5.00, 0.00, 1.00, 0.00
"""


def openface_rows() -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(OPENFACE)))


# Writing


def test_openface_columns() -> None:
    columns = to_columns(parse("1=0.5+12D"))
    assert list(columns)[:4] == ["AU01_r", "AU01_c", "AU02_r", "AU02_c"]
    assert {name: value for name, value in columns.items() if value} == {
        "AU01_r": 0.5,
        "AU01_c": 1,
        "AU12_r": 4,
        "AU12_c": 1,
    }
    assert len(columns) == 2 * 18


def test_pyfeat_columns() -> None:
    columns = to_columns(parse("12D+43E"), "pyfeat")
    assert len(columns) == 20
    assert {name: value for name, value in columns.items() if value} == {"AU12": 0.8, "AU43": 1}


def test_libreface_columns() -> None:
    columns = to_columns(parse("12D"), "libreface")
    assert (columns["au_12"], columns["au_12_intensity"], columns["au_1"], columns["au_24"]) == (1, 4, 0, 0)


def test_the_stronger_side_is_written() -> None:
    assert to_columns(parse("L12B+R12D"))["AU12_r"] == 4


@styles
def test_columns_do_not_depend_on_the_expression(style: Style) -> None:
    assert list(to_columns(NEUTRAL, style)) == list(to_columns(parse("1+12"), style))


@given(tables())
def test_presence_agrees_with_intensity(table: tuple[Style, Expression]) -> None:
    style, expression = table
    columns = to_columns(expression, style)
    for unit in UNITS[style]:
        names = {"openface": f"AU{unit:02d}_c", "libreface": f"au_{unit}"}
        if style in names:
            assert columns[names[style]] == (unit in expression)


def test_units_that_would_be_lost_are_refused() -> None:
    with pytest.raises(ValueError, match=r"`expression` has AU22, AU43.*openface.*AU45"):
        to_columns(parse("12+22+43"))
    assert to_columns(parse("12+22"), units=(12, 22))["AU22_r"] == 3
    with pytest.raises(ValueError, match=r"has AU12.*accepted are AU1\."):
        to_columns(parse("12"), units=[1])


def test_units_that_need_a_side_are_refused() -> None:
    with pytest.raises(ValueError, match=r"AU46.*needs a side"):
        to_columns(NEUTRAL, units=[46])


# Reading


@given(tables())
def test_reading_undoes_writing(table: tuple[Style, Expression]) -> None:
    style, expression = table
    columns = to_columns(expression, style)
    assert from_columns(columns) == expression
    reader = ColumnReader(list(columns), contradiction="refuse")
    assert (reader.style, reader.units) == (style, UNITS[style])
    assert reader.read([f" {value:.6f}" for value in columns.values()]) == expression


def test_an_openface_file() -> None:
    rows = openface_rows()
    assert from_columns(rows[0]) == Expression.of({1: 0.35, 12: 2.81, 28: 3})
    assert from_columns(rows[1]) == Expression.of({45: 5})


def test_cells_in_order_are_read_as_by_name() -> None:
    header, *rows = csv.reader(io.StringIO(OPENFACE))
    reader = ColumnReader(header)
    assert (reader.style, reader.units) == ("openface", (1, 12, 28, 45))
    assert [reader.read(row) for row in rows] == [from_columns(row) for row in openface_rows()]


def test_libreface_reads_what_each_unit_has() -> None:
    row = {
        "frame_idx": "3",
        "au_7": 1,
        "au_10": 0,
        "au_12": 1,
        "au_12_intensity": 1.5,
        "facial_expression": "Happiness",
    }
    assert from_columns(row) == Expression.of({7: 3, 12: 1.5})


def test_pyfeat_is_scaled() -> None:
    assert from_columns({"AU12": 0.5, "anger": 0.1, "FaceScore": 0.99}) == Expression.of({12: 2.5})


def test_what_counts_when_the_two_contradict() -> None:
    silent, loud = {"AU12_r": 2.0, "AU12_c": 0}, {"AU12_r": 0.0, "AU12_c": 1}
    assert from_columns(silent) == Expression.of({12: 2})
    assert from_columns(loud) == NEUTRAL
    assert from_columns(silent, contradiction="presence") == NEUTRAL
    assert from_columns(loud, contradiction="presence") == Expression.of({12: 3})
    for row in (silent, loud):
        with pytest.raises(ValueError, match=r"AU12 has presence . but intensity"):
            from_columns(row, contradiction="refuse")
    for contradiction in ("intensity", "presence", "refuse"):
        assert from_columns({"AU12_r": 2.0, "AU12_c": 1}, contradiction=contradiction) == Expression.of({12: 2})


def test_clipping_moves_to_the_ends() -> None:
    assert from_columns({"AU12_r": -0.2, "AU06_r": 5.4}, clip=True) == Expression.of({6: 5})
    assert from_columns({"AU12": 1.2}, clip=True) == Expression.of({12: 5})


def test_a_given_style_ignores_the_others() -> None:
    row = {"AU12": 0.2, "AU12_r": 3.0}
    with pytest.raises(ValueError, match=r"openface and pyfeat.*`style`"):
        from_columns(row)
    assert from_columns(row, "pyfeat") == Expression.of({12: 1})
    assert from_columns(row, "openface") == Expression.of({12: 3})


# The border


@pytest.mark.parametrize("cell", [-0.01, 5.01, "6", math.nan, "nan", "", " ", None, math.inf, "1_0", "0,35", True, []])
def test_wrong_intensities_name_column_and_value(cell: Any) -> None:
    with pytest.raises(ValueError) as error:  # noqa: PT011 - the words are checked below
        from_columns({"frame": "1", " AU12_r": cell})
    assert "' AU12_r'" in str(error.value)
    assert repr(cell) in str(error.value)
    assert "accepted is a number" in str(error.value)


@pytest.mark.parametrize("cell", [math.nan, "", math.inf, None])
def test_clipping_does_not_invent_numbers(cell: Any) -> None:
    with pytest.raises(ValueError, match="'AU12_r'"):
        from_columns({"AU12_r": cell}, clip=True)


@pytest.mark.parametrize("cell", [0.7, 2, -1, 9, "yes", ""])
def test_presence_is_0_or_1(cell: Any) -> None:
    with pytest.raises(ValueError, match="'AU12_c'"):
        from_columns({"AU12_c": cell})


@pytest.mark.parametrize(
    ("header", "words"),
    [
        (["frame", "AU99_r", "AU12_r"], "'AU99_r'.*99"),
        (["AU03_r"], "'AU03_r'.*write 4"),
        (["AU46_r"], "'AU46_r'.*needs a side"),
        (["AU12_r", "AU12_x"], "'AU12_x' is not known; accepted for openface"),
        (["AU12_q"], "only 'AU12_q'"),
        (["AU12_r", " AU12_r"], "'AU12_r' and ' AU12_r' are the same"),
        (["frame", "confidence"], "none; accepted are such as AU01_r"),
        ([], "no known column"),
    ],
)
def test_wrong_headers_are_refused(header: list[str], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        ColumnReader(header)


def test_wrong_rows_are_refused() -> None:
    reader = ColumnReader(["frame", "AU12_r"])
    with pytest.raises(ValueError, match="has 1 cells; accepted are 2"):
        reader.read(["1"])
    with pytest.raises(ValueError, match="no column 'AU12_r'"):
        reader.read({"frame": "1"})


@pytest.mark.parametrize("options", [{"style": "facereader"}, {"contradiction": "both"}, {"style": "libreface"}])
def test_wrong_options_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"accepted (are|for)"):
        from_columns({"AU12_r": 1.0}, **options)


def test_other_columns_are_ignored() -> None:
    row = {"audio_1": "x", "AUC": "y", "author": "z", "AU12_r": "1.0"}
    assert from_columns(row) == parse("12A")
