"""What cannot be seen is not judged, and says why."""

import numpy as np
import pytest
from sample_faces import face_points

from auface.recognition.face_source import face_of_landmarks
from auface.recognition.judgement import unit_reading
from auface.recognition.result import UnitReading
from auface.recognition.unit_table import TOGETHER, UNITS
from auface.structure.camera import WeakPerspective
from auface.structure.pose import HeadPose


def reading(
    pose: HeadPose, scale: float = 60, center: tuple[float, float] = (150, 120), error: float = 0.3, blind: int = 0
) -> UnitReading:
    """A face with every unit at 3, seen somehow."""
    face = face_of_landmarks(face_points(pose, camera=WeakPerspective(scale=scale, center=center)), "caller", 1.0)
    shape = (len(UNITS), 2)
    reliable = [int(unit) != blind for unit in UNITS]
    return unit_reading(np.full(shape, 3.0), np.full(shape, error), face, (300, 240), reliable)


def reasons(units: UnitReading) -> set[str]:
    """Why units are not judged."""
    return {item.reason for item in units.unjudged}


def test_a_face_in_full_view_is_judged() -> None:
    assert reading(HeadPose(yaw=20, pitch=10)).unjudged == ()


@pytest.mark.parametrize(("yaw", "hidden", "seen"), [(50, "left", "right"), (-50, "right", "left")])
def test_the_side_that_is_turned_away_is_not_judged(yaw: float, hidden: str, seen: str) -> None:
    units = reading(HeadPose(yaw=yaw))
    assert reasons(units) == {"turned away"}
    assert units.is_judged(12, seen)  # pyright: ignore[reportArgumentType]
    assert not units.is_judged(12, hidden)  # pyright: ignore[reportArgumentType]
    assert units.is_judged(25)
    expression = units.expression()
    assert (expression.left(12) if hidden == "left" else expression.right(12)) == 0
    assert (expression.right(12) if hidden == "left" else expression.left(12)) == 3


def test_a_small_or_hidden_face_is_not_judged_at_all() -> None:
    assert reasons(reading(HeadPose(), scale=6)) == {"too small"}
    assert reasons(reading(HeadPose(yaw=75))) == {"turned away"}
    assert reading(HeadPose(), scale=6).expression().is_neutral


def test_what_is_outside_the_picture_is_not_judged() -> None:
    units = reading(HeadPose(), center=(150, 200))  # the mouth is below the edge
    assert reasons(units) == {"outside the picture"}
    assert units.is_judged(1)
    assert not units.is_judged(12)
    assert not units.is_judged(26)


def test_doubt_and_blindness_are_named() -> None:
    assert reasons(reading(HeadPose(), error=2.5)) == {"unclear"}
    units = reading(HeadPose(), blind=19)
    assert reasons(units) == {"cannot be read"}
    assert [item.unit for item in units.unjudged] == [19]
    assert len(TOGETHER) == len(UNITS)
