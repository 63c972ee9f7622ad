"""Requests, their PNG files, sheets, and the face of a photo; without any model."""

from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
from PIL import Image, PngImagePlugin

from auface.facs import Expression
from auface.facs.conflict import Policy
from auface.pipelines import command
from auface.pipelines.generation.photo import PhotoFace, read_photo
from auface.pipelines.generation.picture_file import KEY, read_request, write_picture
from auface.pipelines.generation.progress import progress
from auface.pipelines.generation.request import PictureRequest, Precision
from auface.pipelines.generation.sheet import SheetKind, join_sheet, plan_sheet
from auface.structure.camera import WeakPerspective
from auface.structure.face_structure import FaceStructure
from auface.structure.model import shipped_model
from auface.structure.pose import HeadPose

REQUEST = PictureRequest(
    expression="1+2C+5D+26",
    prompt='a "young" woman: rain, Zürich',
    negative_prompt="blurry",
    seed=7,
    steps=12,
    guidance=2.5,
    size=(64, 96),
    pose="10,0,0",
    loras=(("a.safetensors", 0.8), ("b.safetensors", -1.0)),
)


def test_a_request_goes_through_json() -> None:
    assert PictureRequest.from_json(REQUEST.to_json()) == REQUEST
    assert hash(PictureRequest.from_json(REQUEST.to_json())) == hash(REQUEST)


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ({"expression": "99"}, "99"),
        ({"expression": "a banana"}, "request"),
        ({"pose": "a"}, "pose"),
        ({"seed": -1}, "seed"),
        ({"seed": 1.5}, "seed"),
        ({"steps": 0}, "steps"),
        ({"guidance": float("nan")}, "guidance"),
        ({"early_guidance": -1}, "early_guidance"),
        ({"early_guidance": 6, "guidance": 1}, "`early_guidance` 6"),
        ({"expression_scale": -1}, "expression_scale"),
        ({"expression_guidance": float("inf")}, "expression_guidance"),
        ({"strength": 0.5}, "strength"),
        ({"landmarks": "a.npy"}, "landmarks"),
        ({"image": "a.png", "strength": 0}, "strength"),
        ({"image": "a.png", "strength": float("nan")}, "strength"),
        ({"image": "a.png"}, "pose"),
        ({"conflict_policy": "maybe"}, "conflict_policy"),
        ({"precision": "float8"}, "precision"),
        ({"loras": (("a", float("nan")),)}, "lora"),
    ],
)
def test_wrong_values_are_named(values: dict[str, Any], named: str) -> None:
    with pytest.raises(ValueError, match=named):
        REQUEST.changed(**values)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"schema": "auface.picture/1"}', REQUEST.to_json()[:-1]])
def test_other_json_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="text"):
        PictureRequest.from_json(text)
    with pytest.raises(ValueError, match="flavor"):
        PictureRequest.from_json(REQUEST.to_json()[:-1] + ', "flavor": "sweet"}')


def test_the_choices_of_the_command_are_those_of_the_request() -> None:
    assert get_args(command.SheetChoice) == get_args(SheetKind)
    assert get_args(command.PolicyChoice) == get_args(Policy)
    assert get_args(command.PrecisionChoice) == get_args(Precision)


def picture(color: str = "white", size: tuple[int, int] = (32, 32)) -> Image.Image:
    return Image.new("RGB", size, color)


def test_a_picture_carries_its_request(tmp_path: Path) -> None:
    file = tmp_path / "new" / "face.png"
    write_picture(picture(), file, REQUEST, "seeds:4")
    assert read_request(file) == (REQUEST, "seeds:4")
    with Image.open(file) as opened:
        told = opened.info["parameters"]
    lines = told.splitlines()
    assert lines[0] == REQUEST.prompt
    assert lines[1] == "Negative prompt: blurry"
    assert lines[2].startswith("Steps: 12, CFG scale: 2.5, Seed: 7, Size: 96x64, Model: auface-mini")
    assert [path.name for path in file.parent.iterdir()] == ["face.png"]


def test_an_interrupted_write_leaves_nothing_and_keeps_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "face.png"
    write_picture(picture(), file, REQUEST)
    before = file.read_bytes()
    write = Path.write_bytes

    def interrupted(self: Path, data: bytes) -> int:
        write(self, data[: len(data) // 2])
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "write_bytes", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_picture(picture("black"), file, REQUEST.changed(seed=8))
    assert file.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["face.png"]


def test_pictures_without_a_request_are_refused(tmp_path: Path) -> None:
    plain, text, cut, other = (tmp_path / name for name in ("plain.png", "text.png", "cut.png", "other.png"))
    picture().save(plain)
    text.write_text("no picture", encoding="utf-8")
    write_picture(picture(), cut, REQUEST)
    cut.write_bytes(cut.read_bytes()[:-40])
    told = PngImagePlugin.PngInfo()
    told.add_text(KEY, "{}")
    picture().save(other, pnginfo=told)
    for file in (plain, text, cut, other, tmp_path / "none.png", tmp_path):
        with pytest.raises(ValueError, match="--from"):
            read_request(file)


def test_intensities_go_from_neutral_to_the_maximum() -> None:
    sheet = plan_sheet("intensities", REQUEST, 2)
    shown = [Expression.parse(one.expression) for one in sheet.requests[0]]
    assert [expression.intensity(5) for expression in shown] == [0, 1, 2, 3, 4, 5]
    assert [expression.intensity(26) for expression in shown] == [0, 0.75, 1.5, 2.25, 3, 3.75]
    assert [row[0].seed for row in sheet.requests] == [7, 8]
    assert sheet.columns == ("neutral", "A (1)", "B (2)", "C (3)", "D (4)", "E (5)")
    assert sheet.rows == ("seed 7", "seed 8")
    with pytest.raises(ValueError, match="neutral"):
        plan_sheet("intensities", REQUEST.changed(expression="neutral"))


def test_units_are_shown_one_by_one() -> None:
    sheet = plan_sheet("units", REQUEST.changed(expression="L12C+26B"))
    assert [[one.expression for one in row] for row in sheet.requests] == [
        ["L12A", "L12B", "L12C", "L12D", "L12E"],
        ["26A", "26B", "26C", "26D", "26E"],
    ]
    assert sheet.rows == ("L12 Lip corner puller", "26 Jaw drop")
    every = plan_sheet("units", REQUEST.changed(expression="neutral"))
    assert len(every.requests) == 25
    assert {len(row) for row in every.requests} == {5}


def test_seeds_and_identities_differ_in_nothing_else() -> None:
    seeds = plan_sheet("seeds", REQUEST, 5)
    assert [len(row) for row in seeds.requests] == [3, 2]
    assert [one for row in seeds.requests for one in row] == [REQUEST.changed(seed=7 + place) for place in range(5)]
    people = plan_sheet("identities", REQUEST, 3)
    assert [one.expression for one in people.requests[0]] == ["neutral"] * 3
    assert [one.identity for one in people.requests[1]] == ["0", "1", "2"]
    assert {one.seed for row in people.requests for one in row} == {7}


def test_sheets_that_cannot_be_are_refused() -> None:
    for kind, count in (("moods", None), ("seeds", 65), ("seeds", 0), ("units", 2)):
        with pytest.raises(ValueError, match=r"--sheet|--count"):
            plan_sheet(kind, REQUEST, count)


def test_a_sheet_shows_every_picture_and_every_label() -> None:
    colors = ["red", "lime", "blue", "yellow", "cyan"]
    sheet = plan_sheet("seeds", REQUEST, 5)
    joined = np.asarray(join_sheet(sheet, [picture(color, (64, 64)) for color in colors])).reshape(-1, 3)
    for color in colors:
        pixels = (joined == np.asarray(picture(color))[0, 0]).all(1).sum()
        assert pixels >= 160 * 160, "small pictures are enlarged, so that labels fit"
    assert (joined < 60).all(1).sum() > 200, "no labels"
    tall = plan_sheet("units", REQUEST.changed(expression="L12C+26B"))
    size = join_sheet(tall, [picture("gray", (160, 160))] * 10).size
    assert size[0] > 5 * 160
    assert size[1] > 2 * 160


def photo_face(size: tuple[int, int] = (400, 300)) -> PhotoFace:
    """A gray photo with the landmarks of a turned face in it."""
    face: FaceStructure = shipped_model().structure("neutral", pose=HeadPose(yaw=15, pitch=5))
    camera = WeakPerspective(scale=60, center=(size[0] * 0.6, size[1] * 0.4))
    return PhotoFace(picture("gray", size), camera.project(face.turned))


def test_the_crop_of_a_photo_frames_the_face_as_pipelines_draw_it() -> None:
    photo = photo_face()
    landmarks = photo.crop_landmarks(128, 128)
    eyes = landmarks[[33, 133, 362, 263], :2].mean(0)
    assert photo.crop(128, 128).size == (128, 128)
    np.testing.assert_allclose(eyes, [64, 60], atol=8)
    assert 25 < np.linalg.norm(landmarks[33, :2] - landmarks[263, :2]) < 50
    wide = photo.crop_landmarks(128, 256)
    np.testing.assert_allclose(wide[:, 0], landmarks[:, 0] + 64, atol=1e-2)
    np.testing.assert_allclose(wide[:, 1], landmarks[:, 1], atol=1e-2)


def test_a_drawn_face_is_put_back_where_it_changed() -> None:
    photo = photo_face()
    changed = np.asarray(photo.pasted(picture("red", (128, 128)), "26E")).astype(int)
    assert changed.shape == (300, 400, 3)
    red = (changed[..., 0] - changed[..., 1]) / 255
    chin, outside = photo.landmarks[152, :2].round().astype(int), (5, 290)
    assert red[chin[1] - 4, chin[0]] > 0.5
    assert red[outside[1], outside[0]] == 0
    assert (red == 0).mean() > 0.4
    np.testing.assert_array_equal(np.asarray(photo.image), np.asarray(picture("gray", (400, 300))))


def test_a_face_at_the_edge_is_cropped_with_the_border_going_on() -> None:
    face = photo_face((200, 150))
    assert face.box[0] + face.box[2] > 200
    assert set(np.unique(np.asarray(face.crop(64, 64)))) == {128}


def test_photos_that_cannot_be_read_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text, cut, large = (tmp_path / name for name in ("text.png", "cut.jpg", "large.png"))
    text.write_text("no picture", encoding="utf-8")
    Image.effect_noise((64, 64), 50).save(cut)
    cut.write_bytes(cut.read_bytes()[:-500])
    picture(size=(9000, 2)).save(large)
    for file in (text, cut, large, tmp_path / "none.png"):
        with pytest.raises(ValueError, match="--image"):
            read_photo(str(file))


def test_photos_become_upright_and_rgb(tmp_path: Path) -> None:
    turned = picture(size=(40, 20))
    exif = turned.getexif()
    exif[0x0112] = 6
    turned.save(tmp_path / "turned.jpg", exif=exif)
    assert read_photo(str(tmp_path / "turned.jpg")).size == (20, 40)
    Image.new("LA", (8, 8)).save(tmp_path / "gray.png")
    assert read_photo(str(tmp_path / "gray.png")).mode == "RGB"


def test_progress_is_told_step_by_step(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    with progress(2, quiet=False) as told:
        told.picture(1)
    assert capsys.readouterr().err == "", "stderr is no terminal here"
    monkeypatch.setenv("FORCE_COLOR", "1")
    with progress(2, quiet=False) as told:
        told.picture(2)
        told.step(3, 12)
    assert "picture 2 of 2, step 3 of 12" in capsys.readouterr().err
