"""Plain heads: the face does what the description says, and maps fit the picture."""

from pathlib import Path

import numpy as np
import pytest

from auface.autext.anny import face_pack as packs
from auface.autext.anny.torch_renderer import TorchRenderer
from auface.autext.heads import HeadDescription, HeadImage, HeadPose, View, open_renderer, sample_identity, sample_view
from auface.autext.heads.renderer import MAPS, Part
from auface.facs import Expression

# Landmarks of MediaPipe: (subject's left, subject's right)
INNER_BROW, OUTER_BROW = (336, 107), (334, 105)
LIP_CORNER, UPPER_LID, LOWER_LID = (291, 61), (386, 159), (374, 145)
UPPER_LIP, LOWER_LIP, CHIN = 13, 14, 152


@pytest.fixture(scope="module")
def renderer(home: Path) -> TorchRenderer:
    return TorchRenderer()


def face(renderer: TorchRenderer, notation: str, view: View | None = None, size: int = 64) -> HeadImage:
    description = HeadDescription.of(Expression.parse(notation), identity=sample_identity(5), view=view)
    return renderer.render(description, size, MAPS)


def moved(renderer: TorchRenderer, notation: str) -> np.ndarray:
    """How far the landmarks are from the neutral face, cm."""
    points, rest = face(renderer, notation).landmarks_3d, face(renderer, "neutral").landmarks_3d
    assert points is not None
    assert rest is not None
    return points - rest


@pytest.mark.parametrize(
    ("notation", "landmarks", "axis", "sign"),
    [
        ("1E", INNER_BROW, 1, 1),
        ("2E", OUTER_BROW, 1, 1),
        ("4E", INNER_BROW, 1, -1),
        ("12E", LIP_CORNER, 1, 1),
        ("15E", LIP_CORNER, 1, -1),
        ("5E", UPPER_LID, 1, 1),
        ("43E", UPPER_LID, 1, -1),
    ],
)
def test_units_move_what_they_are_named_for(
    renderer: TorchRenderer, notation: str, landmarks: tuple[int, int], axis: int, sign: int
) -> None:
    change = moved(renderer, notation)
    left, right = (float(change[landmark, axis]) * sign for landmark in landmarks)
    assert left > 0.05
    assert right > 0.05
    for number, side in enumerate("LR"):
        one = moved(renderer, f"{side}{notation}")
        own, other = (float(one[landmarks[place], axis]) * sign for place in (number, 1 - number))
        assert own > 0.03
        assert abs(other) < own / 3


def test_jaw_and_lips_open(renderer: TorchRenderer) -> None:
    assert moved(renderer, "27E")[CHIN, 1] < moved(renderer, "26C")[CHIN, 1] < -0.2
    assert moved(renderer, "25E")[LOWER_LIP, 1] < -0.1
    assert moved(renderer, "25E")[UPPER_LIP, 1] > 0


def test_closed_eyes_are_closed(renderer: TorchRenderer) -> None:
    points = face(renderer, "43E").landmarks_3d
    assert points is not None
    for upper, lower in zip(UPPER_LID, LOWER_LID, strict=True):
        assert abs(points[upper, 1] - points[lower, 1]) < 0.15
    parts = face(renderer, "43E").parts
    assert parts is not None
    assert (parts == Part.EYES).sum() == 0


def test_turning_to_the_left_turns_to_the_left(renderer: TorchRenderer) -> None:
    straight = face(renderer, "neutral", View()).landmarks
    left = face(renderer, "neutral", View(pose=HeadPose(yaw=25))).landmarks
    up = face(renderer, "neutral", View(pose=HeadPose(pitch=20))).landmarks
    tilted = face(renderer, "neutral", View(pose=HeadPose(roll=15))).landmarks
    assert straight is not None
    assert left is not None
    assert up is not None
    assert tilted is not None
    assert left[1, 0] > straight[1, 0] + 2  # the subject's left is the picture's right
    assert up[1, 1] < straight[1, 1] - 2
    assert tilted[LIP_CORNER[0], 1] - tilted[LIP_CORNER[1], 1] > 0 or tilted[10, 0] > straight[10, 0]
    assert tilted[10, 0] > straight[10, 0]  # the forehead toward the left shoulder


def test_the_face_fills_the_picture_as_in_portraits(renderer: TorchRenderer) -> None:
    points = face(renderer, "neutral", size=128).landmarks
    assert points is not None
    eyes, mouth = points[[468, 473]], points[[UPPER_LIP, LOWER_LIP]].mean(0)
    assert eyes[1, 0] - eyes[0, 0] == pytest.approx(128 / 4, rel=0.15)  # FFHQ: a quarter of the width
    assert abs(eyes[:, 0].mean() - 64) < 2
    assert 50 < eyes[:, 1].mean() < 66 < mouth[1] < 105


def test_maps_fit_each_other(renderer: TorchRenderer) -> None:
    drawn = face(renderer, "12C+26", sample_view(2))
    assert drawn.parts is not None
    assert drawn.depth is not None
    assert drawn.normals is not None
    head = drawn.parts != Part.BACKGROUND
    assert np.array_equal(head, drawn.depth > 0)
    assert np.allclose(np.linalg.norm(drawn.normals, axis=-1), head, atol=1e-4)
    assert (drawn.normals[head][:, 2] > -0.3).mean() > 0.95
    found = set(np.unique(face(renderer, "12C+27", size=128).parts))  # pyright: ignore[reportArgumentType, reportCallIssue]
    assert {Part.SKIN, Part.BROWS, Part.EYES, Part.LIPS, Part.TEETH, Part.HAIR, Part.NECK} <= found


def test_the_same_description_gives_the_same_picture(renderer: TorchRenderer) -> None:
    first, second = (face(render, "1C+12D", sample_view(4)) for render in (renderer, TorchRenderer()))
    assert np.array_equal(first.image, second.image)
    assert np.array_equal(first.landmarks, second.landmarks)  # pyright: ignore[reportArgumentType]


def test_people_differ(renderer: TorchRenderer) -> None:
    pictures = [
        renderer.render(HeadDescription(identity=sample_identity(seed)), 32, ()).image.astype(float)
        for seed in range(4)
    ]
    for number, one in enumerate(pictures):
        assert all(np.abs(one - other).mean() > 3 for other in pictures[:number])


def test_it_is_what_open_renderer_opens(home: Path) -> None:
    drawn = open_renderer("torch").render(HeadDescription(), 16, ())
    assert drawn.image.shape == (16, 16, 3)
    assert drawn.landmarks is None


def test_size_and_maps_are_checked(renderer: TorchRenderer) -> None:
    with pytest.raises(ValueError, match="size"):
        renderer.render(HeadDescription(), 8)
    with pytest.raises(ValueError, match="masks"):
        renderer.render(HeadDescription(), 32, ("masks",))  # pyright: ignore[reportArgumentType]


def test_the_cache_is_used_and_repaired(tmp_path: Path) -> None:
    first = packs.face_pack(tmp_path)
    [cached] = tmp_path.glob("*.npz")
    before = cached.stat().st_mtime_ns
    again = packs.face_pack(tmp_path)
    assert cached.stat().st_mtime_ns == before
    assert np.array_equal(first.shapes, again.shapes)
    cached.write_bytes(cached.read_bytes()[:-100])
    repaired = packs.face_pack(tmp_path)
    assert np.array_equal(first.shapes, repaired.shapes)


def test_the_pack_is_small(home: Path) -> None:
    pack = packs.face_pack()
    assert 1_000 < len(pack.triangles) < 11_000
    assert pack.triangles.max() < len(pack.vertices)
