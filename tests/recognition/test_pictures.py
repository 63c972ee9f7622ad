"""Heat maps and pictures of verdicts: color lies where the units act, and nowhere else."""

import numpy as np
import pytest
from made_reading import face_of, reading_of
from PIL import Image

from auface.facs import ActionUnit, Expression
from auface.recognition.canvas import close_up, wrapped
from auface.recognition.heat_map import HeatLayer, draw_heat, reading_levels, unit_heat
from auface.recognition.result import Unjudged
from auface.recognition.verdict import judge
from auface.recognition.verdict_picture import WIDTH, draw_verdict, verdict_layers
from auface.structure.topology import LEFT_LIDS, OUTER_LIPS, topology

LEFT_CORNER, RIGHT_CORNER, CHIN, FOREHEAD = 291, 61, 152, 10
GRAY = Image.new("RGB", (256, 256), (120, 120, 120))


def heat_of(notation: str) -> np.ndarray:
    return unit_heat(Expression.parse(notation).values())


def test_heat_lies_on_the_side_that_acts() -> None:
    heat = heat_of("L12D")
    assert heat[LEFT_CORNER] > 0.5
    assert heat[RIGHT_CORNER] < 0.05
    assert np.allclose(heat_of("R12D"), heat[topology().mirror])


def test_heat_lies_where_the_unit_moves_the_skin() -> None:
    assert heat_of("26E")[CHIN] > 0.5
    assert heat_of("26E")[FOREHEAD] == 0
    assert heat_of("5E")[list(LEFT_LIDS[0])].max() > 0.8
    assert heat_of("5E")[list(OUTER_LIPS)].max() == 0


def test_heat_grows_with_intensity_and_has_no_place_for_the_head() -> None:
    assert heat_of("12B").max() < heat_of("12D").max() <= 1
    assert heat_of("51D+61C").max() == heat_of("61C").max()
    assert heat_of("neutral").max() == 0


def test_a_neutral_face_stays_as_it_is() -> None:
    face = face_of("neutral").face
    drawn = draw_heat(GRAY, face, HeatLayer(heat_of("neutral")))
    assert np.array_equal(np.asarray(drawn), np.asarray(GRAY))


def test_colors_stay_on_the_face_and_the_picture_given_is_not_changed() -> None:
    before = np.asarray(GRAY).copy()
    drawn = np.asarray(draw_heat(GRAY, face_of("12E").face, HeatLayer(heat_of("L12E")))).astype(int)
    assert np.array_equal(np.asarray(GRAY), before)
    changed = np.abs(drawn - before.astype(int)).max(-1) > 8
    assert changed.any()
    rows, columns = np.nonzero(changed)
    assert columns.min() > 120  # the subject's left is on the right of the picture; 128 is the middle
    assert rows.min() > 80


def test_a_face_outside_the_picture_draws_nothing() -> None:
    far = face_of("12E", box=(600.0, 600.0, 700.0, 740.0)).face
    assert np.array_equal(np.asarray(draw_heat(GRAY, far, HeatLayer(heat_of("12E")))), np.asarray(GRAY))


def test_what_cannot_be_judged_is_not_drawn() -> None:
    reading = reading_of("12D", unjudged=(Unjudged(ActionUnit.AU12, "left", "turned away"),))
    assert reading_levels(reading)[ActionUnit.AU12] == (0.0, 4.0)


def test_right_missing_and_too_much_have_their_own_layers() -> None:
    right, weak, strong = verdict_layers(judge(face_of("1D+25D"), "1D+12D"))
    assert right.heat[LEFT_CORNER] == 0
    assert weak.heat[LEFT_CORNER] > 0.5
    assert strong.heat[list(OUTER_LIPS)].max() > 0.5
    assert strong.heat[LEFT_CORNER] < weak.heat[LEFT_CORNER]
    assert weak.colors != strong.colors != right.colors


def test_a_close_up_keeps_landmarks_on_the_face() -> None:
    picture = Image.new("RGB", (300, 300), (0, 0, 0))
    face = face_of("neutral", box=(200.0, 210.0, 280.0, 310.0)).face
    for number in (LEFT_CORNER, CHIN):
        x, y = (round(float(value)) for value in face.landmarks[number, :2])
        if 0 <= x < 300 and 0 <= y < 300:
            picture.putpixel((x, y), (255, 255, 255))
    cut, moved = close_up(picture, face, 400)
    x, y = moved.landmarks[LEFT_CORNER, :2]
    window = np.asarray(cut)[int(y) - 4 : int(y) + 6, int(x) - 4 : int(x) + 6]
    assert window.max() > 60
    assert cut.size == (400, 400)
    assert moved.center == pytest.approx((200, 200))


@pytest.mark.parametrize("shown", ["1+2C+5D+26", "neutral", "1+2+4+5+6+7+9+10+12+14+15+16+17+20+22+23+25+27"])
def test_the_picture_has_room_for_its_rows(shown: str) -> None:
    verdict = judge(face_of(shown, 0.2), "1+2C+5D+26")
    picture = draw_verdict(verdict, GRAY)
    assert picture.width == WIDTH
    assert 480 < picture.height < 900
    assert len(np.unique(np.asarray(picture).reshape(-1, 3), axis=0)) > 20


def test_without_a_face_the_picture_says_so() -> None:
    assert draw_verdict(judge(None, "12D"), GRAY).width == WIDTH
    with_face = draw_verdict(judge(face_of("12D"), "12D"))
    assert np.asarray(with_face)[200, 100].tolist() == [228, 227, 222]  # the pale place of the face


def test_long_texts_end_in_an_ellipsis() -> None:
    lines = wrapped("one two three four five six seven eight", 15, 60, 2)
    assert len(lines) == 2
    assert lines[1].endswith("…")
