"""The shipped weights read faces that training did not see. pictures/README.md says where the pictures are from."""

from pathlib import Path

import numpy as np
import pytest

from auface.recognition.picture import Picture, open_picture
from auface.recognition.recognizer import Recognizer
from auface.recognition.result import Recognition
from auface.recognition.unit_table import UNITS
from auface.recognition.weight_file import shipped_path

PICTURES = Path(__file__).parent / "pictures"


@pytest.fixture(scope="module")
def shipped() -> Recognizer:
    """A recognizer with the shipped weights."""
    return Recognizer()


@pytest.fixture(scope="module")
def grin(shipped: Recognizer) -> Recognition:
    """What is read in a picture of 12=4.75+25E."""
    return shipped.read(PICTURES / "grin.jpg")


def test_the_weights_are_small() -> None:
    assert shipped_path().stat().st_size < 15e6
    card = shipped_path().with_suffix(".md").read_text(encoding="utf-8")
    assert shipped_path().with_name("recognition.safetensors.sha256").read_text().split()[0] in card


def test_a_grin_is_a_grin(grin: Recognition) -> None:
    assert len(grin.faces) == 1
    units = grin.face().units
    assert units.left(12) > 2.5
    assert units.right(12) > 2.5
    assert units.intensity(25) > 2
    assert units.intensity(15) < 1
    assert units.intensity(4) < 1.5
    assert max(grin.face().emotions, key=lambda name: grin.face().emotions[name]) == "happiness"


def test_one_side_is_told_from_the_other(shipped: Recognizer) -> None:
    units = shipped.read(PICTURES / "left_corner_up.jpg").face().units
    assert units.left(12) > units.right(12) + 1


def test_rest_shows_little_and_helps(shipped: Recognizer) -> None:
    rest = shipped.read(PICTURES / "rest.jpg").face().units
    assert np.mean([value.intensity for value in rest.values.values()]) < 0.5
    neutral = shipped.neutral(PICTURES / "rest.jpg")
    again = shipped.read(PICTURES / "rest.jpg", neutral=neutral).face().units
    assert np.mean([value.intensity for value in again.values.values()]) < 0.3
    surprised = shipped.read(PICTURES / "happily_surprised.jpg", neutral=neutral).face().units
    for unit in (1, 2, 12, 25):
        assert surprised.intensity(unit) > 2


def test_a_mirrored_picture_is_read_mirrored(shipped: Recognizer) -> None:
    from auface.recognition.picture import open_picture

    pixels = open_picture(PICTURES / "left_corner_up.jpg").pixels
    units = shipped.read(np.ascontiguousarray(pixels[:, ::-1])).face().units
    assert units.right(12) > units.left(12) + 1


def test_faces_of_all_sizes_are_found_where_they_are(shipped: Recognizer) -> None:
    from PIL import Image

    face = Image.open(PICTURES / "grin.jpg")
    wall = Image.new("RGB", (640, 480), (120, 110, 100))
    wall.paste(face, (20, 40))
    wall.paste(face.resize((120, 120)), (450, 300))
    found = shipped.read(wall)
    assert len(found.faces) == 2
    for reading, (x, y) in zip(found.faces, ((148, 190), (510, 370)), strict=True):
        assert abs(reading.face.center[0] - x) < 25
        assert abs(reading.face.center[1] - y) < 25
    assert found.face("right").units.intensity(12) > 1.5


@pytest.mark.parametrize("kind", ["black", "noise", "stripes", "ramp"])
def test_no_face_is_found_where_none_is(shipped: Recognizer, kind: str) -> None:
    picture = np.zeros((200, 300, 3), np.uint8)
    if kind == "noise":
        picture = np.random.default_rng(0).integers(0, 256, picture.shape, np.uint8)
    elif kind == "stripes":
        picture[::6] = 255
    elif kind == "ramp":
        picture[:] = np.linspace(0, 255, 300).astype(np.uint8)[None, :, None]
    assert shipped.read(picture).faces == ()


def test_pictures_read_together_are_read_as_one_by_one(shipped: Recognizer) -> None:
    whole = open_picture(PICTURES / "grin.jpg").pixels
    nothing, mirrored = np.zeros_like(whole), np.ascontiguousarray(whole[:, ::-1])
    shown = [Picture(one) for one in (whole, nothing, mirrored, whole[: len(whole) - 20])]
    together = shipped.read_together(shown)
    assert [len(found.faces) for found in together] == [1, 0, 1, 1]
    for found, picture in zip(together, shown, strict=True):
        for one, other in zip(found.faces, shipped.read(picture).faces, strict=True):
            np.testing.assert_allclose(one.face.landmarks, other.face.landmarks, atol=0.05)
            for unit in UNITS:
                assert one.units.left(unit) == pytest.approx(other.units.left(unit), abs=0.02)
    with_rest = shipped.read_together(shown, neutral=PICTURES / "rest.jpg")
    assert [len(found.faces) for found in with_rest] == [1, 0, 1, 1]
    assert with_rest[0].face().units.left(1) != together[0].face().units.left(1)
