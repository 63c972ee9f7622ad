"""Of latents only the part with the face is decoded, and read where it is."""

from typing import Any

import numpy as np
import pytest
import torch

from auface.facs import ActionUnit, Expression
from auface.lora_training.face_consistency import FaceLoss, Shown
from auface.lora_training.sight import Sight
from auface.structure.camera import portrait_camera
from auface.structure.identity import default_neutral

POINTS = portrait_camera(default_neutral(), 64).project(default_neutral())[:, :2].astype(np.float32)
NOWHERE = Shown(Expression(), (), torch.full((4,), torch.nan), None)


class Eyes(FaceLoss):
    """Takes what is bright for an error, sees landmarks 2 pixels too low, and notes what it is shown."""

    def __init__(self) -> None:
        self.pictures, self.shown = torch.zeros(0), list[Shown]()

    def __call__(self, pictures: torch.Tensor, shown: Any) -> tuple[torch.Tensor, torch.Tensor]:
        self.pictures, self.shown = pictures.detach(), list(shown)
        return pictures.mean((1, 2, 3)), 2 * pictures.mean((1, 2, 3))

    def landmarks(self, pictures: torch.Tensor, shown: Any) -> np.ndarray:
        self(pictures, shown)
        return np.stack([one.landmarks for one in shown]) + np.array([0, 2], np.float32)


def eight_times(latents: torch.Tensor) -> torch.Tensor:
    return latents[:, :3].repeat_interleave(8, 2).repeat_interleave(8, 3)


def test_the_square_round_the_face_is_read_where_it_is() -> None:
    eyes, latents = Eyes(), torch.zeros(1, 4, 40, 32)
    points = POINTS + np.float32(120)  # in a picture of 256 by 320 pixels
    face = Shown.by_landmarks(points)
    x, y, side, _ = face.frame.tolist()
    latents[0, :, int(y // 8), int(x // 8)] = 1
    Sight(eight_times, eyes).errors(latents, [face])
    [seen] = eyes.shown
    assert side < eyes.pictures.shape[-1] < side + 40, "little more than the square is decoded"
    left, top = seen.frame[0] - x, seen.frame[1] - y
    [[row, column]] = torch.nonzero(eyes.pictures[0, 0, ::8, ::8] == 1)
    assert (int(row), int(column)) == (int((y + top) // 8), int((x + left) // 8))
    assert seen.landmarks is not None
    np.testing.assert_allclose(seen.landmarks, points + np.array([left, top], np.float32), atol=1e-3)
    assert seen.frame[2:].tolist() == face.frame[2:].tolist()


def test_faces_at_the_border_and_of_other_sizes_share_a_batch() -> None:
    eyes = Eyes()
    near = Shown.by_landmarks(POINTS * 3)
    corner = Shown.by_landmarks(POINTS - np.float32(20))
    beyond = Shown.by_landmarks(POINTS + np.float32(500))
    Sight(eight_times, eyes).errors(torch.randn(3, 4, 32, 32), [near, corner, beyond])
    assert len(eyes.pictures) == 3
    assert eyes.pictures.shape[-1] <= 256
    for told, face in zip(eyes.shown, (near, corner, beyond), strict=True):
        assert told.frame[2] == face.frame[2]


def test_a_turned_square_is_decoded_whole() -> None:
    eyes, upright = Eyes(), Shown.by_landmarks(4 * POINTS + np.float32(128))
    sizes: list[int] = []
    for roll in (0.0, 45.0):
        turned = upright._replace(frame=torch.tensor([*upright.frame[:3].tolist(), roll]))
        Sight(eight_times, eyes).errors(torch.zeros(1, 4, 64, 64), [turned])
        sizes.append(eyes.pictures.shape[-1])
    assert sizes[1] > 1.3 * sizes[0]


def test_pictures_without_a_face_are_not_decoded() -> None:
    eyes = Eyes()
    latents = torch.rand(3, 4, 8, 8, generator=torch.Generator().manual_seed(0)).requires_grad_()
    face = Shown(Expression(), (ActionUnit.AU12,), Shown.by_landmarks(POINTS).frame, POINTS)
    units, landmarks = Sight(eight_times, eyes).errors(latents, [NOWHERE, face, NOWHERE])
    assert len(eyes.pictures) == 1
    assert units.tolist() == [0, pytest.approx(float(eyes.pictures.mean())), 0]
    assert torch.equal(landmarks, 2 * units)
    [gradient] = torch.autograd.grad(landmarks.sum(), latents)
    assert [bool(part.abs().max() > 0) for part in gradient] == [False, True, False]
    for error in Sight(eight_times, eyes).errors(latents, [NOWHERE] * 3):
        assert error.tolist() == [0, 0, 0]


def test_what_is_seen_elsewhere_is_told_in_pixels_of_the_whole_picture() -> None:
    eyes, latents = Eyes(), torch.zeros(3, 4, 40, 32, requires_grad=True)
    face = Shown.by_landmarks(POINTS + np.float32(120))
    found = Sight(eight_times, eyes).misplaced(latents, [NOWHERE, face, NOWHERE])
    assert eyes.pictures.shape[0] == 1, "only the face is decoded"
    assert found[0] is None
    assert found[2] is None
    assert found[1] is not None
    np.testing.assert_allclose(found[1], np.tile([0.0, 2.0], (len(POINTS), 1)), atol=1e-4)
    moved = face.shifted(found[1])
    assert moved.landmarks is not None
    np.testing.assert_allclose(moved.landmarks, POINTS + np.array([120, 122]), atol=1e-4)
    assert torch.equal(moved.frame, face.frame)
