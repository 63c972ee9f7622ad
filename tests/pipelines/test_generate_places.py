"""`auface generate`: where pictures go, whose face is drawn, and with how many threads."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any

import pytest
import tiny_diffusion as tiny
import torch
from diffusers.models.unets.unet_2d_condition import UNet2DConditionModel
from generated import Sees, pixels
from PIL import Image

from auface.pipelines import AUFacePipeline
from auface.pipelines.generation.artist import Artist
from auface.recognition import verification

pytestmark = pytest.mark.usefixtures("place")


def test_pictures_go_into_a_folder_that_is_there_or_ends_in_a_slash(auface: Any) -> None:
    Path("here").mkdir()
    shared = ("4D", "--seed", 5, "--steps", 1)
    assert auface(*shared, "--count", 2, "--out", "here")[1].startswith(str(Path("here") / "face-1.png"))
    assert auface(*shared, "--count", 2, "--out", "new/")[0] == 0
    assert auface(*shared, "--out", "one/")[0] == 0
    found = {folder: sorted(path.name for path in Path(folder).iterdir()) for folder in ("here", "new", "one")}
    assert found == {"here": ["face-1.png", "face-2.png"], "new": ["face-1.png", "face-2.png"], "one": ["face.png"]}
    assert "--overwrite" in auface(*shared, "--count", 2, "--out", "here")[2]


def test_a_folder_that_cannot_be_written_to_is_refused_before_drawing(
    auface: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)  # whoever runs tests as root may write anywhere
    code, _, said = auface("4D", "--out", "new/face.png")
    assert (code, said.count("\n"), "--out" in said, Path("new").exists()) == (2, 1, True, False)


def test_a_disk_that_is_full_is_one_line(auface: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(self: Path, data: bytes) -> int:
        raise OSError(errno.ENOSPC, "No space left on device", str(self))

    monkeypatch.setattr(Path, "write_bytes", full)
    code, _, said = auface("4D", "--steps", 1, "--seed", 1)
    assert (code, said.count("\n"), list(Path.cwd().iterdir())) == (2, 1, [])
    assert "No space left" in said


def test_a_base_for_inpainting_is_refused(auface: Any) -> None:
    unet: Any = UNet2DConditionModel.from_config(tiny.unet().config, in_channels=9)
    AUFacePipeline(**{**tiny.sd_components(with_adapter=False), "unet": unet}).save_pretrained("inpainting")
    code, _, said = auface("4D", "--base", "inpainting")
    assert (code, said.count("\n"), Path("face.png").exists()) == (2, 1, False)
    assert "`--base`" in said
    assert "9 channels" in said


def test_the_small_model_draws_with_one_thread(auface: Any, plain: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []
    draw = Artist.draw
    monkeypatch.setattr(Artist, "draw", lambda *given: seen.append(torch.get_num_threads()) or draw(*given))
    before = torch.get_num_threads()
    torch.set_num_threads(3)
    try:
        auface("12", "--steps", 1, "--seed", 1)
        auface("12", "--steps", 1, "--seed", 1, "--base", plain, "--out", "other.png")
        auface("12", "--steps", 1, "--guidance", "nan")
        assert torch.get_num_threads() == 3
    finally:
        torch.set_num_threads(before)
    assert seen == [1, 3]


def test_a_person_is_taken_from_a_photo(auface: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verification, "shipped_recognizer", lambda: Sees("neutral"))
    Image.new("RGB", (140, 150), "gray").save("somebody.jpg")
    shared = ("12D", "--steps", 2, "--seed", 1, "--guidance", 30)
    assert auface(*shared, "--out", "default.png")[0] == 0
    assert auface(*shared, "--identity", "somebody.jpg", "--out", "somebody.png")[0] == 0
    assert (pixels("default.png") != pixels("somebody.png")).any()
    monkeypatch.setattr(verification, "shipped_recognizer", Sees)
    code, _, said = auface(*shared, "--identity", "somebody.jpg", "--out", "nobody.png")
    assert (code, said.count("\n"), Path("nobody.png").exists()) == (2, 1, False)
    assert "`--identity`" in said
    assert "no face" in said
