"""Results are values: consistent by construction, and the same after a round trip."""

import json

import numpy as np
import pytest

from auface.facs import ActionUnit, Expression
from auface.recognition.face_choice import NoFaceError
from auface.recognition.result import Face, FaceReading, Recognition, UnitReading, UnitValue, Unjudged
from auface.structure.pose import HeadPose


def value(left: float, right: float | None = None, error: float = 0.3) -> UnitValue:
    """A unit that was read."""
    right = left if right is None else right
    return UnitValue(left=left, right=right, left_uncertainty=error, right_uncertainty=error / 2)


def reading(*boxes: tuple[float, float, float, float]) -> Recognition:
    """Faces at places of a picture of 400 x 300."""
    units = UnitReading({ActionUnit.AU12: value(3.0, 0.5), ActionUnit.AU25: value(2.0)})
    return Recognition(
        "two.png",
        (400, 300),
        tuple(
            FaceReading(Face(box, np.full((478, 3), i, np.float32), 0.9, HeadPose(yaw=i)), units)
            for i, box in enumerate(boxes)
        ),
    )


def test_presence_follows_from_intensity() -> None:
    units = UnitReading({ActionUnit.AU1: value(0.99), ActionUnit.AU12: value(0.2, 1.0)})
    assert not units.is_present(1)
    assert units.is_present(12)
    assert units.expression() == Expression.parse("R12A")
    assert units.expression(threshold=0.5) == Expression.parse("1=0.99+R12A")


def test_the_stronger_side_speaks_for_a_unit() -> None:
    units = UnitReading({ActionUnit.AU12: value(1.0, 3.0)})
    assert (units.left(12), units.right(12), units.intensity(12), units.uncertainty(12)) == (1.0, 3.0, 3.0, 0.15)


def test_what_cannot_be_judged_is_no_part_of_the_expression() -> None:
    values = {ActionUnit.AU6: value(3.0), ActionUnit.AU12: value(4.0), ActionUnit.AU26: value(2.0)}
    unjudged = (
        Unjudged(ActionUnit.AU6, "both", "covered"),
        Unjudged(ActionUnit.AU12, "left", "turned away"),
        Unjudged(ActionUnit.AU26, "left", "covered"),
    )
    units = UnitReading(values, unjudged)
    assert units.expression() == Expression.parse("R12D")
    assert units.is_judged(12, "right")
    assert not units.is_judged(12)
    assert not units.is_judged(1)


def test_a_unit_of_one_side_keeps_the_stronger() -> None:
    assert UnitReading({ActionUnit.AU46: value(2.0, 4.0)}).expression() == Expression.parse("R46D")


def test_units_without_sides_cannot_differ() -> None:
    with pytest.raises(ValueError, match=r"AU17 \(Chin raiser\) at 1 left and 2 right; accepted"):
        UnitReading({ActionUnit.AU17: value(1.0, 2.0)})


def test_a_unit_that_was_not_read_is_no_zero() -> None:
    with pytest.raises(ValueError, match="AU9, which was not read; accepted are 12, 25"):
        reading((0, 0, 9, 9)).face().units.intensity(9)


@pytest.mark.parametrize(
    ("choice", "yaw"),
    [(0, 1), (1, 0), ("largest", 1), ("left", 0), ("right", 2), ("center", 1), ((30, 30), 0), ((399, 150), 2)],
)
def test_faces_are_chosen(choice: object, yaw: float) -> None:
    found = reading((10, 10, 50, 60), (120, 80, 240, 220), (300, 20, 330, 60))
    assert found.face(choice).face.pose.yaw == yaw  # pyright: ignore[reportArgumentType]


def test_of_nested_faces_the_inner_is_meant() -> None:
    assert reading((0, 0, 300, 300), (100, 100, 140, 140)).face((120, 120)).face.pose.yaw == 1


@pytest.mark.parametrize("choice", [-1, "biggest", True, (1, 2, 3), (float("nan"), 1), None])
def test_another_choice_is_refused(choice: object) -> None:
    with pytest.raises(ValueError, match="accepted are a number from 0, 'largest'"):
        reading((0, 0, 9, 9)).face(choice)  # pyright: ignore[reportArgumentType]


def test_no_face_is_said() -> None:
    empty = Recognition("wall.png", (40, 30), ())
    assert str(empty) == "wall.png: no face found"
    with pytest.raises(NoFaceError, match=r"no face was found in 'wall.png'"):
        empty.face()
    with pytest.raises(NoFaceError, match="has 1 faces"):
        reading((0, 0, 9, 9)).face(1)


def test_json_round_trip() -> None:
    found = reading((0, 0, 90, 90), (5, 5, 15, 15))
    again = Recognition.from_json(found.to_json())
    assert again.to_json() == found.to_json()
    assert again.size == found.size
    assert [one.units for one in again.faces] == [one.units for one in found.faces]
    np.testing.assert_array_equal(again.face().face.landmarks, found.face().face.landmarks)
    assert json.loads(found.to_json())["faces"][0]["expression"] == found.face().expression().notation()


@pytest.mark.parametrize("text", ["", "[]", '{"schema": "other"}', '{"schema": "auface.recognition/1", "faces": [1]}'])
def test_other_json_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="recognition JSON"):
        Recognition.from_json(text)


@pytest.mark.parametrize(
    ("landmarks", "score", "message"),
    [
        (np.zeros((468, 3), np.float32), 0.5, r"shape \(468, 3\)"),
        (np.zeros((478, 3), np.float32), 1.5, "`score` is 1.5"),
    ],
)
def test_a_wrong_face_is_refused(landmarks: np.ndarray, score: float, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Face((0, 0, 1, 1), landmarks, score, HeadPose())
