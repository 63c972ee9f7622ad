"""What is read from a photo's landmarks is in the photo."""

import numpy as np
import pytest

from auface.structure.action_vector import UNITS
from auface.structure.camera import WeakPerspective
from auface.structure.identity import sampled_neutral
from auface.structure.photo import fit_photo
from auface.structure.pose import HeadPose
from auface.structure.topology import topology

CAMERA = WeakPerspective(scale=120, center=(300, 280))


def seen(seed: int, pose: HeadPose, units: dict[int, float] | None = None) -> np.ndarray:
    """Landmarks of a sampled person, in pixels."""
    points = sampled_neutral(seed)
    for unit, share in (units or {}).items():
        moved = topology().unit[UNITS.index(unit)]  # pyright: ignore[reportArgumentType]
        points = points + share * moved
    return CAMERA.project(points @ pose.rotation.T)


@pytest.mark.parametrize("pose", [HeadPose(), HeadPose(yaw=20, pitch=-8, roll=5)])
@pytest.mark.parametrize("count", [468, 478])
def test_a_fit_gives_the_photo_back(pose: HeadPose, count: int) -> None:
    landmarks = seen(21, pose, {27: 0.8, 43: 1.0})
    fit = fit_photo(landmarks[:count])
    again = fit.camera.project((fit.neutral + fit.displacement) @ fit.pose.rotation.T)
    np.testing.assert_allclose(again[:count, :2], landmarks[:count, :2], atol=0.05)


def test_the_head_pose_is_found() -> None:
    fit = fit_photo(seen(8, HeadPose(yaw=18, pitch=6, roll=-4)))
    assert (fit.pose.yaw, fit.pose.pitch, fit.pose.roll) == pytest.approx((18, 6, -4), abs=3)


def test_the_expression_is_taken_off() -> None:
    neutral, smiling = (fit_photo(seen(13, HeadPose(), units)) for units in ({}, {26: 1.0, 25: 0.8}))
    apart = smiling.neutral[13, 1] - smiling.neutral[14, 1]
    there = (smiling.neutral + smiling.displacement)[[13, 14], 1]
    assert there[0] - there[1] > 4 * abs(apart)
    assert smiling.confidence <= neutral.confidence
    assert 0 < smiling.confidence < 1
    assert smiling.expression.intensity(26) + smiling.expression.intensity(27) > 2


@pytest.mark.parametrize(
    ("landmarks", "message"),
    [
        (np.zeros((68, 2)), r"shape \(68, 2\)"),
        (np.full((478, 2), np.nan), "not finite"),
        (np.ones((478, 2)), "point or a line"),
        (np.linspace(0, 1, 478)[:, None] * np.ones((1, 2)), "point or a line"),
    ],
)
def test_what_is_no_face_is_refused(landmarks: np.ndarray, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        fit_photo(landmarks)
