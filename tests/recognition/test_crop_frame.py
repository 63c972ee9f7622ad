"""A crop shows the face upright, and points go there and back."""

import numpy as np
import pytest
from sample_faces import CAMERA, face_points

from auface.recognition.crop_frame import CROP, SIDE, CropFrame, frame_of_landmarks
from auface.structure.pose import HeadPose


@pytest.mark.parametrize(
    "frame", [CropFrame(40, 30, 20), CropFrame(70.5, 60.2, 55, roll=30), CropFrame(5, 90, 8, -100)]
)
def test_points_go_there_and_back(frame: CropFrame) -> None:
    points = np.random.default_rng(0).uniform(0, 100, (7, 3)).astype(np.float32)
    np.testing.assert_allclose(frame.to_picture(frame.to_crop(points, 64), 64), points, atol=1e-3)
    np.testing.assert_allclose(frame.to_crop(np.array([[frame.x, frame.y]], np.float32), 64), [[32, 32]], atol=1e-4)


@pytest.mark.parametrize(
    "frame", [CropFrame(60, 50, 40), CropFrame(60, 50, 40, roll=25), CropFrame(60, 50, 90, roll=-70)]
)
def test_pixels_are_cut_where_points_say(frame: CropFrame) -> None:
    y, x = np.mgrid[:120, :140] + 0.5
    picture = np.stack([x, y, np.zeros_like(x)], -1).astype(np.uint8)  # every pixel holds its own place
    crop = frame.cut(picture, 32).astype(np.float32)
    middles = np.stack(np.meshgrid(np.arange(32) + 0.5, np.arange(32) + 0.5), -1).astype(np.float32)
    places = frame.to_picture(middles, 32)
    inside = (places > 3).all(-1) & (places < [137, 117]).all(-1)
    assert inside.mean() > 0.5
    assert np.abs(crop[..., :2] + 0.5 - places)[inside].max() < 2.5


def test_outside_the_picture_is_black() -> None:
    white = np.full((50, 50, 3), 255, np.uint8)
    assert CropFrame(500, 500, 40).cut(white, 16).max() == 0
    half = CropFrame(0, 25, 40).cut(white, 16)
    assert half[:, :7].max() == 0
    assert half[:, 9:].min() == 255


def test_a_large_face_is_averaged_not_skipped_over() -> None:
    board = ((np.indices((800, 800)).sum(0) % 2) * 255).astype(np.uint8)[..., None].repeat(3, -1)
    crop = CropFrame(400, 400, 700).cut(board, 32)
    assert np.abs(crop.astype(int) - 127).max() < 40


@pytest.mark.parametrize("pose", [HeadPose(), HeadPose(roll=20), HeadPose(yaw=25, pitch=-10, roll=-15)])
def test_the_frame_of_landmarks_stands_on_the_face(pose: HeadPose) -> None:
    frame, found = frame_of_landmarks(face_points(pose))
    assert frame.side == pytest.approx(SIDE * CAMERA.scale, rel=0.08)  # a person is not the mean person
    assert (found.yaw, found.pitch, found.roll) == pytest.approx((pose.yaw, pose.pitch, pose.roll), abs=5)
    upright = frame.to_crop(face_points(pose), CROP)
    eyes, mouth = upright[[33, 133, 263, 362]].mean(0), upright[[61, 291]].mean(0)
    assert eyes[1] < mouth[1]
    assert abs(upright[10, 0] - upright[152, 0]) < 12
    assert upright[:468, :2].min() > -12
    assert upright[:468, :2].max() < CROP + 12


@pytest.mark.parametrize("side", [0.0, -1.0, float("nan"), float("inf")])
def test_a_square_has_a_side(side: float) -> None:
    with pytest.raises(ValueError, match="accepted is a square"):
        CropFrame(1, 1, side)
