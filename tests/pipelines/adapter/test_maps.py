"""Face maps: exact areas, what opens and shuts, the same for every source of landmarks."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor

from auface.facs import Expression
from auface.pipelines.adapter.condition import face_condition, framed_camera
from auface.pipelines.adapter.maps import FaceMap, face_maps
from auface.pipelines.adapter.outline import filled, strokes
from auface.structure.identity import default_neutral


def area_of(corners: list[tuple[float, float]], size: int = 16) -> Tensor:
    ring = torch.tensor([corners])
    return filled(ring, ring.roll(-1, 1), torch.zeros(len(corners), dtype=torch.long), 1, size, size)[0, 0]


def test_a_rectangle_is_exact() -> None:
    area = area_of([(2.25, 3.0), (10.5, 3.0), (10.5, 9.0), (2.25, 9.0)])
    assert area[5, 5] == 1
    assert area[5, 2] == pytest.approx(0.75)
    assert area[5, 10] == pytest.approx(0.5)
    assert area[:3].sum() == area[9:].sum() == 0
    assert float(area.sum()) == pytest.approx(8.25 * 6, rel=1e-5)


def test_direction_does_not_matter() -> None:
    corners = [(2.0, 3.0), (10.0, 4.0), (7.0, 9.0)]
    assert torch.allclose(area_of(corners), area_of(corners[::-1]), atol=1e-6)


def test_a_disc_has_its_area() -> None:
    corners = [(8 + 5 * math.cos(angle / 10), 8 + 5 * math.sin(angle / 10)) for angle in range(63)]
    assert float(area_of(corners).sum()) == pytest.approx(math.pi * 25, rel=0.01)


def test_a_hollow_shape_is_hollow() -> None:
    corners = [(2.0, 2.0), (14.0, 2.0), (14.0, 14.0), (8.0, 6.0), (2.0, 14.0)]  # a notch from below
    assert area_of(corners)[12, 8] == 0
    assert area_of(corners)[12, 3] > 0


def test_what_is_outside_of_the_picture_is_cut_off() -> None:
    area = area_of([(-50.0, -50.0), (8.0, -50.0), (8.0, 50.0), (-50.0, 50.0)])
    assert torch.equal(area[:, :8], torch.ones(16, 8))
    assert area[:, 8:].sum() == 0


def test_a_stroke_is_as_thick_as_asked() -> None:
    starts, ends = strokes(torch.tensor([[[2.0, 8.0]]]), torch.tensor([[[14.0, 8.0]]]), 2.0)
    area = filled(starts, ends, torch.zeros(4, dtype=torch.long), 1, 16, 16)[0, 0]
    assert float(area[:, 8].sum()) == pytest.approx(2.0)


def maps_of(expression: str, size: int = 128) -> Tensor:
    return face_condition([Expression.parse(expression)], size, size).maps[0]


def test_shape_range_and_repetition() -> None:
    maps = maps_of("1+2C+5D+26")
    assert maps.shape == (len(FaceMap), 128, 128)
    assert 0 <= float(maps.min()) <= float(maps.max()) <= 1
    assert torch.equal(maps, maps_of("1+2C+5D+26"))


@pytest.mark.parametrize(
    ("expression", "part", "grows"),
    [
        ("5E", FaceMap.EYES, True),
        ("43E", FaceMap.EYES, False),
        ("43E", FaceMap.IRISES, False),
        ("26E", FaceMap.MOUTH, True),
        ("28E", FaceMap.LIPS, False),
    ],
)
def test_parts_open_and_shut(expression: str, part: FaceMap, grows: bool) -> None:
    before, after = (float(maps_of(one)[part].sum()) for one in ("neutral", expression))
    assert (after > 1.15 * before) if grows else (after < 0.85 * before)


def test_gaze_moves_irises() -> None:
    across = torch.arange(128) + 0.5

    def middle(expression: str) -> float:
        irises = maps_of(expression)[FaceMap.IRISES]
        return float((irises.sum(0) * across).sum() / irises.sum())

    assert middle("61E") > middle("neutral") + 0.5  # the subject's left is right in the picture
    assert middle("62E") < middle("neutral") - 0.5


def test_irises_lie_between_the_lids() -> None:
    maps = maps_of("5D")
    assert bool((maps[FaceMap.IRISES] <= maps[FaceMap.EYES] + 1e-6).all())


def test_larger_pictures_show_the_same() -> None:
    small, large = maps_of("12D+25"), maps_of("12D+25", 256)
    averaged = torch.nn.functional.avg_pool2d(large[None], 2)[0]
    areas = [int(part) for part in (FaceMap.FACE, FaceMap.EYES, FaceMap.LIPS, FaceMap.MOUTH)]
    assert float((small[areas] - averaged[areas]).abs().mean()) < 2e-3


def test_faces_are_framed_in_the_middle_of_any_picture() -> None:
    for height, width in ((128, 128), (128, 192), (192, 128)):
        maps = face_condition([Expression()], height, width).maps[0, FaceMap.FACE]
        x = float((maps.sum(0) * (torch.arange(width) + 0.5)).sum() / maps.sum())
        assert x == pytest.approx(width / 2, abs=0.5)
    camera = framed_camera(default_neutral(), 128, 192)
    assert camera.center[0] == 96


@pytest.mark.parametrize(
    ("landmarks", "named"),
    [
        (torch.zeros(478, 2), "landmarks"),
        (torch.zeros(1, 468, 2), "landmarks"),
        (torch.full((1, 478, 2), float("nan")), "landmarks"),
    ],
)
def test_wrong_landmarks_are_refused(landmarks: Tensor, named: str) -> None:
    with pytest.raises(ValueError, match=named):
        face_maps(landmarks, 64, 64)


def test_an_empty_picture_is_refused() -> None:
    with pytest.raises(ValueError, match="height"):
        face_maps(torch.zeros(1, 478, 2), 0, 64)
