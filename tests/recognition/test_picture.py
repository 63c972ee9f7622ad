"""Every picture that people have is read, or refused with one clear line."""

import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from auface.recognition.picture import Picture, PictureError, open_picture

RED = (200, 30, 20)


def red(mode: str = "RGB", size: tuple[int, int] = (8, 6)) -> Image.Image:
    """A red picture in some mode."""
    return Image.new("RGB", size, RED).convert(mode)


@pytest.mark.parametrize(
    ("name", "mode"),
    [("a.png", "RGB"), ("a.png", "RGBA"), ("a.png", "P"), ("a.jpg", "RGB"), ("a.jpg", "CMYK"), ("a.tif", "CMYK")],
)
def test_modes_come_out_as_rgb(tmp_path: Path, name: str, mode: str) -> None:
    red(mode).save(tmp_path / name)
    found = open_picture(tmp_path / name)
    assert found.name == name
    assert found.size == (8, 6)
    assert found.pixels.dtype == np.uint8
    assert np.abs(found.pixels.reshape(-1, 3).mean(0) - RED).max() < 12


@pytest.mark.parametrize("mode", ["L", "1", "LA", "I", "F"])
def test_gray_has_three_equal_channels(mode: str) -> None:
    found = open_picture(Image.new("L", (8, 6), 255).convert(mode)).pixels
    assert found.shape == (6, 8, 3)
    assert (found == 255).all()


def test_sixteen_bits_are_scaled_not_cut(tmp_path: Path) -> None:
    ramp = np.linspace(0, 65535, 48).astype(np.uint16).reshape(6, 8)
    Image.fromarray(ramp).save(tmp_path / "deep.png")
    found = open_picture(tmp_path / "deep.png").pixels
    assert found[0, 0, 0] == 0
    assert found[-1, -1, 0] == 255
    assert np.abs(found[..., 0].astype(int) - ramp / 257).max() < 2


def test_a_cut_out_is_put_on_white() -> None:
    clear = Image.new("RGBA", (4, 4), (0, 0, 0, 0))
    assert (open_picture(clear).pixels == 255).all()
    assert (open_picture(np.zeros((4, 4, 4), np.uint8)).pixels == 255).all()


def test_exif_turns_the_picture(tmp_path: Path) -> None:
    image = Image.new("RGB", (8, 4), "black")
    image.putpixel((0, 0), (255, 255, 255))
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was turned by a quarter
    image.save(tmp_path / "turned.png", exif=exif)
    found = open_picture(tmp_path / "turned.png")
    assert found.size == (4, 8)
    assert found.pixels[0, 3].tolist() == [255, 255, 255]


@pytest.mark.parametrize(
    "array",
    [
        np.full((6, 8, 3), 255, np.uint8),
        np.full((6, 8), 65535, np.uint16),
        np.ones((6, 8, 1), np.float32),
        np.ones((1, 6, 8, 3)),
        torch.ones(1, 6, 8, 3),
        torch.ones(6, 8, 4),
    ],
)
def test_arrays_and_tensors_are_pictures(array: np.ndarray) -> None:
    found = open_picture(array, "white")
    assert found.pixels.shape == (6, 8, 3)
    assert (found.pixels == 255).all()
    assert open_picture(found).pixels is found.pixels
    assert open_picture(Picture(found.pixels), "other").name == "other"


def huge_png(side: int) -> bytes:
    """A PNG that says it is very large; only its head matters."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0")) + chunk(b"IEND", b"")


@pytest.mark.parametrize("side", [10_000, 30_000])
def test_a_huge_picture_is_refused_before_it_is_decoded(tmp_path: Path, side: int) -> None:
    (tmp_path / "huge.png").write_bytes(huge_png(side))
    with pytest.raises(PictureError, match=r"huge.png'.*80,000,000"):
        open_picture(tmp_path / "huge.png")


@pytest.mark.parametrize(("name", "share"), [("a.jpg", 0.5), ("a.png", 0.6), ("a.jpg", 0.02), ("a.webp", 0.4)])
def test_half_a_file_is_damaged(tmp_path: Path, name: str, share: float) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8)
    Image.fromarray(noise).save(tmp_path / name)
    content = (tmp_path / name).read_bytes()
    (tmp_path / name).write_bytes(content[: int(share * len(content))])
    with pytest.raises(PictureError, match=rf"{name}', which is (damaged|no picture)"):
        open_picture(tmp_path / name)


def test_what_is_no_picture_is_refused(tmp_path: Path) -> None:
    (tmp_path / "text.png").write_text("hello")
    (tmp_path / "empty.jpg").write_bytes(b"")
    for name, message in [("text.png", "no picture"), ("empty.jpg", "no picture"), ("none.png", "does not exist")]:
        with pytest.raises(PictureError, match=message):
            open_picture(tmp_path / name)
    with pytest.raises(PictureError, match="a folder"):
        open_picture(tmp_path)


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (np.zeros((6, 8, 2), np.uint8), r"shape \(6, 8, 2\)"),
        (np.zeros((2, 6, 8, 3), np.uint8), r"shape \(2, 6, 8, 3\)"),
        (np.zeros((0, 8, 3), np.uint8), r"shape \(0, 8, 3\)"),
        (np.full((6, 8, 3), 200.0), "from 200 to 200"),
        (np.full((6, 8, 3), np.nan), "from nan"),
        (np.zeros((6, 8, 3), np.int64), "int64"),
        ([[1]], "is list"),
    ],
)
def test_other_arrays_are_refused(array: np.ndarray, message: str) -> None:
    with pytest.raises(PictureError, match=message):
        open_picture(array)
