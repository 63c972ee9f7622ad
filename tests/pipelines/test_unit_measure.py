"""The measures that `benchmarks/generate.py` publishes measure what they say."""

import numpy as np
import pytest
from picture_landmarks import aligned, error_percent, interocular
from unit_measure import EXPRESSIVE, UnitShown, measure, summary

from auface.facs import ActionUnit, Expression
from auface.structure.camera import portrait_camera
from auface.structure.identity import default_neutral

FACE = portrait_camera(default_neutral(), 256).project(default_neutral())


def test_an_error_is_a_share_of_the_distance_of_the_eyes() -> None:
    shifted = FACE[:, :2] + [0.03 * interocular(FACE), 0]
    assert error_percent(shifted, FACE) == pytest.approx(3, abs=1e-3)


def test_alignment_takes_away_shift_turn_and_scale_alone() -> None:
    angle = np.radians(10)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    moved = 1.3 * FACE[:, :2] @ turn.T + [20, -5]
    np.testing.assert_allclose(aligned(moved, FACE), FACE[:, :2], atol=1e-2)
    mirrored = FACE[:, :2] * [-1, 1]
    assert np.abs(aligned(mirrored, FACE) - FACE[:, :2]).max() > 10


def test_the_measure_is_the_share_of_the_movement() -> None:
    direction = np.zeros((478, 2), np.float32)
    direction[10] = (3, 4)
    across = np.zeros_like(direction)
    across[10] = (-4, 3)
    assert measure(direction, direction) == pytest.approx(1)
    assert measure(-0.5 * direction + across, direction) == pytest.approx(-0.5)
    assert np.isnan(measure(None, direction))


def test_a_picture_without_a_face_shows_nothing() -> None:
    request = Expression.of({ActionUnit.AU12: 4.0})
    rows = [UnitShown(ActionUnit.AU12, request, 1.0, shown) for shown in (0.9, 0.1, -0.2, float("nan"))]
    rows.append(UnitShown(ActionUnit.AU4, request, -0.5, -0.4))
    found = summary(rows)
    assert found["right direction, percent"] == 60.0
    assert found["at least a quarter of the way, percent"] == 40.0
    assert found["wrong"] == {"AU12": 2}
    assert len(EXPRESSIVE) == 25
