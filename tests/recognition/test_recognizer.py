"""What goes in and comes out of a recognizer, whatever its networks have learned."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from sample_faces import CAMERA, face_points

from auface.recognition.face_choice import NoFaceError
from auface.recognition.face_reader import NeutralFace
from auface.recognition.face_source import GivenFaces, OwnFaces, face_of_landmarks
from auface.recognition.picture import TOGETHER, Picture, PictureError, is_handful
from auface.recognition.recognizer import Recognizer
from auface.recognition.result import Face
from auface.recognition.unit_table import EMOTIONS, UNITS
from auface.structure.camera import WeakPerspective
from auface.structure.pose import HeadPose

FAR = WeakPerspective(scale=20, center=(260, 60))


def test_a_picture_with_landmarks_is_read(untrained: Recognizer, picture: np.ndarray) -> None:
    found = untrained.read(picture, landmarks=face_points(HeadPose(yaw=10)), name="one.png")
    assert (found.source, found.size, len(found.faces)) == ("one.png", (300, 240), 1)
    reading = found.face()
    assert reading.face.source == "caller"
    assert reading.face.pose.yaw == pytest.approx(10, abs=5)
    assert reading.units.units == UNITS
    assert sum(reading.emotions.values()) == pytest.approx(1)
    assert tuple(reading.emotions) == EMOTIONS
    for value in reading.units.values.values():
        assert 0 <= value.left <= 5
        assert value.left_uncertainty > 0


def test_several_faces_the_largest_first_or_one_by_choice(untrained: Recognizer, picture: np.ndarray) -> None:
    both = [face_points(camera=FAR, person=5), face_points()]
    found = untrained.read(picture, landmarks=both)
    assert [round(one.face.center[0]) // 100 for one in found.faces] == [1, 2]
    right = untrained.read(picture, landmarks=both, choice="right")
    assert [one.face.center for one in right.faces] == [found.faces[1].face.center]
    with pytest.raises(NoFaceError, match="has 2 faces"):
        untrained.read(picture, landmarks=both, choice=2)


def test_a_neutral_picture_changes_what_is_read(untrained: Recognizer, picture: np.ndarray) -> None:
    smiling, rest = face_points(units={12: 1.0}), face_points()
    assert untrained.reader.look([]) == []
    alone = untrained.read(picture, landmarks=smiling).face().units
    relative = untrained.read(picture, landmarks=smiling, neutral=NeutralFace(rest)).face().units
    assert relative != alone


def test_landmarks_alone_are_enough(untrained: Recognizer) -> None:
    found = untrained.read_landmarks(face_points(units={26: 1.0})[:468, :2], size=(300, 240))
    assert found.face().emotions == {}
    assert found.face().units.units == UNITS
    relative = untrained.read_landmarks(face_points(units={26: 1.0}), neutral=face_points())
    assert relative.face().units != found.face().units


def test_crops_are_read_in_batches(untrained: Recognizer) -> None:
    crops = np.random.default_rng(0).integers(0, 256, (18, 128, 128, 3), np.uint8)
    found = untrained.read_crops(crops)
    assert len(found) == 18
    np.testing.assert_allclose(
        untrained.read_crops(crops[17:])[0].face().face.landmarks, found[17].face().face.landmarks, atol=1e-3
    )
    with pytest.raises(ValueError, match=r"uint8 \(1, 64, 64, 3\); accepted are uint8 \(B, 128, 128, 3\)"):
        untrained.read_crops(crops[:1, :64, :64])


class NoFaces:
    """A source that finds nothing."""

    def faces(self, picture: Picture) -> tuple[Face, ...]:
        """Return nothing."""
        return ()


def test_no_face_is_a_result_that_says_so(weights: Path, picture: np.ndarray) -> None:
    recognizer = Recognizer(NoFaces(), weights=weights)
    found = recognizer.read(picture, name="wall.png")
    assert found.faces == ()
    assert str(found) == "wall.png: no face found"
    with pytest.raises(NoFaceError, match=r"no face was found in 'wall\.png'"):
        recognizer.read(picture, name="wall.png", choice="largest")
    with pytest.raises(NoFaceError, match="given as `neutral`"):
        recognizer.read(picture, neutral=picture)


def test_many_pictures_are_read_a_few_at_a_time(untrained: Recognizer, picture: np.ndarray, tmp_path: Path) -> None:
    asked: list[int] = []

    def pictures() -> Iterator[np.ndarray]:
        for number in range(2 * TOGETHER + 1):
            asked.append(number)
            yield picture

    results = untrained.read_many(pictures())
    assert asked == []
    next(results)
    assert asked == list(range(TOGETHER))
    assert len(list(results)) == 2 * TOGETHER
    bad = untrained.read_many([picture, tmp_path / "none.png"])
    next(bad)  # what comes before a bad file is read
    with pytest.raises(PictureError, match="does not exist"):
        next(bad)


def test_large_pictures_are_read_one_by_one() -> None:
    large = Picture(np.broadcast_to(np.uint8(0), (4000, 4000, 3)))
    assert is_handful([large])
    small = Picture(np.zeros((4, 4, 3), np.uint8))
    assert not is_handful([small] * (TOGETHER - 1))
    assert is_handful([small] * TOGETHER)


@pytest.mark.parametrize("columns", [2, 3])
@pytest.mark.parametrize("count", [468, 478])
def test_what_landmarks_lack_is_filled_in(count: int, columns: int) -> None:
    whole = face_points(HeadPose(yaw=12))
    face = face_of_landmarks(whole[:count, :columns], "caller", 1.0)
    np.testing.assert_allclose(face.landmarks[:count, :2], whole[:count, :2], atol=1e-3)
    assert np.linalg.norm(face.landmarks[468:, :2] - whole[468:, :2], axis=1).max() < 0.08 * CAMERA.scale
    assert np.corrcoef(face.landmarks[:468, 2], whole[:468, 2])[0, 1] > 0.95
    x0, y0, x1, y1 = face.box
    assert (x0, y1) == pytest.approx((whole[:468, 0].min(), whole[:468, 1].max()), abs=0.01)
    assert y0 < y1
    assert x0 < x1


@pytest.mark.parametrize(
    ("landmarks", "message"),
    [
        (np.zeros((68, 2), np.float32), r"shape \(68, 2\)"),
        (np.full((478, 3), np.nan, np.float32), "not finite"),
        (face_points() / 300, "accepted are pixels"),
    ],
)
def test_wrong_landmarks_are_refused(
    untrained: Recognizer, picture: np.ndarray, landmarks: np.ndarray, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        untrained.read(picture, landmarks=landmarks)


def test_given_faces_may_be_one_or_many() -> None:
    picture = Picture(np.zeros((240, 300, 3), np.uint8))
    one = face_points()
    assert len(GivenFaces(one).faces(picture)) == 1
    assert len(GivenFaces(np.stack([one, one])).faces(picture)) == 2
    assert len(GivenFaces([one, one[:468]]).faces(picture)) == 2
    assert GivenFaces([]).faces(picture) == ()


def test_a_recognizer_takes_known_finders_only(weights: Path, untrained: Recognizer) -> None:
    with pytest.raises(ValueError, match="`faces` is 'dlib'; accepted are 'auface'"):
        Recognizer("dlib", weights=weights)  # pyright: ignore[reportArgumentType]
    with pytest.raises(ValueError, match="`threshold` is 0; accepted"):
        OwnFaces(untrained.reader, threshold=0)


def test_tensors_of_comfyui_are_pictures(untrained: Recognizer, picture: np.ndarray) -> None:
    tensor = torch.from_numpy(picture).float()[None] / 255
    again = untrained.read(tensor, landmarks=face_points()).face().units
    direct = untrained.read(picture, landmarks=face_points()).face().units
    assert again.left(12) == pytest.approx(direct.left(12), abs=1e-3)


@pytest.mark.parametrize("device", ["tpu", "cuda:99"])
def test_a_device_that_is_not_here_is_named(weights: Path, device: str) -> None:
    with pytest.raises(ValueError, match=f"`device` is '{device}', which cannot be used here"):
        Recognizer(weights=weights, device=device)
