"""Frames, poses, cameras and fits undo what they do."""

import numpy as np
import pytest
import torch
from hypothesis import given, strategies as st

from auface.facs import Expression
from auface.structure.camera import FAR, Perspective, WeakPerspective, portrait_camera
from auface.structure.fitting import fit_similarity
from auface.structure.frame import frame_of
from auface.structure.identity import default_neutral, sampled_neutral
from auface.structure.pose import HeadPose
from auface.structure.topology import LEFT_IRIS, RIGHT_IRIS, mirrored, topology

angles = st.floats(-60, 60)
poses = st.builds(lambda y, p, r: HeadPose(yaw=y, pitch=p, roll=r), angles, angles, angles)


@given(poses)
def test_a_pose_is_what_its_rotation_says(pose: HeadPose) -> None:
    again = HeadPose.of(pose.rotation)
    assert (again.yaw, again.pitch, again.roll) == pytest.approx((pose.yaw, pose.pitch, pose.roll), abs=1e-2)


def test_yaw_pitch_and_roll_go_where_they_say() -> None:
    forward, up = np.array([0, 0, 1]), np.array([0, 1, 0])
    assert (HeadPose(yaw=30).rotation @ forward)[0] > 0.4  # toward the subject's left, +x
    assert (HeadPose(pitch=30).rotation @ forward)[1] > 0.4
    assert (HeadPose(roll=30).rotation @ up)[0] > 0.4  # the top of the head toward the left shoulder


def test_units_51_to_56_turn_the_head_and_mirror() -> None:
    turned = HeadPose().turned(Expression.parse("51E+53C"))
    assert turned.yaw == 30
    assert turned.pitch == 12
    assert HeadPose().turned(Expression.parse("51E+53C").mirrored()) == turned.mirrored()


def test_a_pose_is_read_from_text() -> None:
    assert HeadPose.parse("20,-5") == HeadPose(yaw=20, pitch=-5)
    with pytest.raises(ValueError, match="yaw,pitch,roll"):
        HeadPose.parse("left")
    with pytest.raises(ValueError, match="`yaw` is nan"):
        HeadPose(yaw=float("nan"))


@given(poses, st.floats(0.2, 400), st.floats(-500, 500))
def test_a_similarity_is_found_again(pose: HeadPose, scale: float, shift: float) -> None:
    face = default_neutral()
    moved = scale * face @ pose.rotation.T + np.array([shift, 2, -shift])
    fit = fit_similarity(face, moved.astype(np.float32))
    assert fit.scale == pytest.approx(scale, rel=1e-3)
    np.testing.assert_allclose(fit.rotation, pose.rotation, atol=1e-3)
    np.testing.assert_allclose(fit.undo(fit.apply(face)), face, atol=1e-2)


@pytest.mark.parametrize(
    "camera",
    [
        WeakPerspective(scale=130, center=(250.5, 240)),
        Perspective(focal_length=1800, center=(256, 256), eye=(0, -0.2, 14)),
    ],
)
def test_cameras_undo_what_they_do(camera: WeakPerspective | Perspective) -> None:
    face = sampled_neutral(3)
    np.testing.assert_allclose(camera.unproject(camera.project(face)), face, atol=1e-4)
    tensor = torch.from_numpy(face)
    np.testing.assert_allclose(camera.project(tensor).numpy(), camera.project(face), atol=1e-3)


def test_the_subjects_left_is_to_the_right_of_the_picture_and_up_is_up() -> None:
    camera = portrait_camera(default_neutral(), 512)
    pixels = camera.project(default_neutral())
    assert pixels[LEFT_IRIS[0], 0] > pixels[RIGHT_IRIS[0], 0]
    assert pixels[10, 1] < pixels[152, 1]
    assert pixels[1, 2] < pixels[10, 2]  # the tip of the nose is nearer


def test_a_portrait_is_framed_alike_by_both_cameras() -> None:
    near, far = (portrait_camera(default_neutral(), 512, focal_length=f) for f in (2000.0, None))
    np.testing.assert_allclose(near.project(default_neutral())[:, :2], far.project(default_neutral())[:, :2], atol=2)
    assert far.project(default_neutral())[:, 2].mean() == pytest.approx(FAR, abs=1)


def test_nothing_behind_a_camera_is_projected() -> None:
    with pytest.raises(ValueError, match="in front of the camera"):
        Perspective(focal_length=100, center=(0, 0), eye=(0, 0, 0.1)).project(default_neutral())


def test_a_frame_has_the_eyes_at_unit_distance_whatever_the_unit() -> None:
    face = sampled_neutral(11)
    frame = frame_of(face * 63 + np.array([5, 6, 7], np.float32))
    assert frame.unit == pytest.approx(63, rel=1e-3)
    np.testing.assert_allclose(frame.apply(frame.undo(face)), face, atol=1e-4)


def test_the_default_head_is_symmetric_and_people_differ() -> None:
    np.testing.assert_allclose(mirrored(default_neutral()), default_neutral(), atol=1e-5)
    assert np.abs(sampled_neutral(1) - sampled_neutral(2)).mean() > 0.01
    np.testing.assert_array_equal(sampled_neutral(5), sampled_neutral(5))
    with pytest.raises(ValueError, match="`seed` is -1"):
        sampled_neutral(-1)


def test_mirroring_twice_is_the_identity() -> None:
    shared = topology()
    np.testing.assert_array_equal(shared.mirror[shared.mirror], np.arange(478))
    face = sampled_neutral(4)
    np.testing.assert_array_equal(mirrored(mirrored(face)), face)


def test_regions_of_both_halves_share_every_landmark() -> None:
    shared = topology()
    total = (shared.region + shared.region[:, shared.mirror]).sum(0)
    np.testing.assert_allclose(total, 1, atol=1e-5)
    assert (shared.region >= 0).all()


def test_triangles_face_outward() -> None:
    points = default_neutral()[topology().triangles]
    facing = np.cross(points[:, 1] - points[:, 0], points[:, 2] - points[:, 0])
    assert (facing[:, 2] > 0).mean() > 0.95
