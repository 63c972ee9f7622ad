"""`auface generate` as a user runs it, with a tiny random base model."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tiny_diffusion
import torch
from generated import Sees, names, pixels
from made_reading import recognition_of
from PIL import Image
from safetensors.torch import save_file

from auface.pipelines import AUFacePipeline, AUFaceXLPipeline
from auface.pipelines.adapter import write_adapter
from auface.pipelines.generation import base as base_models
from auface.pipelines.generation.artist import Artist
from auface.pipelines.generation.picture_file import read_request
from auface.recognition import verification
from auface.recognition.result import Recognition
from auface.structure.camera import WeakPerspective
from auface.structure.model import shipped_model

pytestmark = pytest.mark.usefixtures("place")


def test_it_draws_and_repeats_a_picture_exactly(auface: Any) -> None:
    code, out, _ = auface("1+2C+5D+26", "--prompt", "an old man", "--seed", 7, "--steps", 2, "--out", "face.png")
    assert code == 0
    assert out == "face.png: 1C+2C+5D+26C, seed 7\n"
    assert names() == ["face.png"]
    request, _ = read_request(Path("face.png"))
    assert (request.seed, request.steps, request.size, request.base) == (7, 2, (64, 64), "auface-mini")
    assert auface("--from", "face.png", "--out", "again.png")[0] == 0
    np.testing.assert_array_equal(pixels("again.png"), pixels("face.png"))
    assert auface("--from", "face.png", "--out", "other.png", "--seed", 8)[0] == 0
    assert (pixels("other.png") != pixels("face.png")).any()


def test_the_model_that_comes_along_hears_the_prompt_early(auface: Any) -> None:
    shared = ("12D", "--prompt", "an old man", "--seed", 1, "--steps", 5)
    auface(*shared, "--out", "own.png")
    auface(*shared, "--guidance", 2, "--out", "even.png")
    auface(*shared, "--guidance", 2, "--early-guidance", 6, "--out", "said.png")
    own, even, said = (read_request(Path(name))[0] for name in ("own.png", "even.png", "said.png"))
    assert (own.guidance, own.early_guidance) == (2, 6)
    assert (even.guidance, even.early_guidance) == (2, None)
    assert said == own
    np.testing.assert_array_equal(pixels("said.png"), pixels("own.png"))
    assert (pixels("even.png") != pixels("own.png")).any()


def test_words_and_notation_draw_the_same(auface: Any) -> None:
    auface("12C", "--seed", 1, "--steps", 2, "--out", "notation.png")
    auface("a smile", "--seed", 1, "--steps", 2, "--out", "words.png")
    auface("neutral", "--seed", 1, "--steps", 2, "--out", "neutral.png")
    assert read_request(Path("words.png"))[0].expression == "a smile"
    np.testing.assert_array_equal(pixels("notation.png"), pixels("words.png"))
    assert (pixels("neutral.png") != pixels("words.png")).any()


def test_options_change_the_picture(auface: Any) -> None:
    shared = ("12D", "--prompt", "an old man", "--seed", 1, "--steps", 2, "--guidance", 30)
    auface(*shared, "--out", "plain.png")
    before = pixels("plain.png")
    for number, options in enumerate(
        [
            ("--pose", "30,0,0"),
            ("--identity", 3),
            ("--expression-scale", 0),
            ("--expression-guidance", 4),
            ("--guidance", 1),
            ("--negative-prompt", "a b c"),
            ("--prompt", "x {expression}"),
        ]
    ):
        assert auface(*shared, *options, "--out", f"{number}.png")[0] == 0, options
        assert (pixels(f"{number}.png") != before).any(), options
    assert auface(*shared, "--size", "64x128", "--out", "wide.png")[0] == 0
    assert pixels("wide.png").shape == (64, 128, 3)


def test_a_seed_is_chosen_and_told(auface: Any) -> None:
    answer = json.loads(auface("12", "--steps", 1, "--json")[1])
    again = json.loads(auface("12", "--steps", 1, "--json", "--overwrite")[1])
    assert answer["pictures"][0]["seed"] != again["pictures"][0]["seed"]
    assert answer["pictures"][0]["file"] == "face.png"
    assert answer["pictures"][0]["request"]["size"] == [64, 64]


def test_several_pictures_get_numbers_and_can_each_be_repeated(auface: Any) -> None:
    code, out, _ = auface("4D", "--count", 3, "--seed", 5, "--steps", 2, "--out", "new/face.png")
    assert code == 0
    assert [line.split()[-1] for line in out.splitlines()] == ["5", "6", "7"]
    assert sorted(path.name for path in Path("new").iterdir()) == ["face-1.png", "face-2.png", "face-3.png"]
    auface("--from", "new/face-2.png", "--out", "again.png")
    np.testing.assert_array_equal(pixels("again.png"), pixels("new/face-2.png"))
    assert (pixels("new/face-1.png") != pixels("new/face-2.png")).any()


@pytest.mark.parametrize(("kind", "count"), [("intensities", 6), ("units", 10), ("seeds", 9), ("identities", 10)])
def test_sheets_are_drawn_and_repeated(auface: Any, kind: str, count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[Any] = []
    draw = Artist.draw
    monkeypatch.setattr(Artist, "draw", lambda self, one, *rest: drawn.append(one) or draw(self, one, *rest))
    assert auface("L12C+26D", "--sheet", kind, "--seed", 3, "--steps", 1, "--out", "sheet.png")[0] == 0
    assert len(drawn) == len(set(drawn)) == count
    assert auface("--from", "sheet.png", "--out", "again.png")[0] == 0
    np.testing.assert_array_equal(pixels("again.png"), pixels("sheet.png"))


def test_files_are_replaced_only_when_asked(auface: Any) -> None:
    auface("12", "--steps", 1, "--seed", 1)
    before = Path("face.png").read_bytes()
    code, _, said = auface("4", "--steps", 1, "--seed", 1)
    assert (code, said.count("\n")) == (2, 1)
    assert "--overwrite" in said
    assert Path("face.png").read_bytes() == before
    assert auface("4", "--steps", 1, "--seed", 1, "--overwrite")[0] == 0
    assert Path("face.png").read_bytes() != before


def test_an_interrupt_leaves_whole_files_only(auface: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    draw = Artist.draw

    def interrupted(self: Artist, request: Any, step: Any, photo: Any) -> Any:
        def stop(done: int, steps: int) -> None:
            if request.seed == 6 and done == 2:
                raise KeyboardInterrupt

        return draw(self, request, stop, photo)

    monkeypatch.setattr(Artist, "draw", interrupted)
    code, _, said = auface("12", "--count", 3, "--seed", 5, "--steps", 3)
    assert (code, said) == (130, "auface: interrupted\n")
    assert names() == ["face-1.png"]
    read_request(Path("face-1.png"))


def test_a_base_without_an_adapter_says_so_and_gets_the_words(auface: Any, plain: Path) -> None:
    code, _, said = auface("12D", "--base", plain, "--steps", 2, "--seed", 1, "--out", "smile.png")
    assert code == 0
    assert "no adapter" in said
    auface("4D", "--base", plain, "--steps", 2, "--seed", 1, "--out", "frown.png")
    assert (pixels("smile.png") != pixels("frown.png")).any()


def test_an_adapter_from_a_file_is_the_one_in_the_folder(auface: Any, plain: Path) -> None:
    AUFacePipeline(**tiny_diffusion.sd_components()).save_adapter("adapter.safetensors")
    shared = ("12D", "--seed", 1, "--steps", 2, "--guidance", 2, "--expression-guidance", 2)
    auface(*shared, "--out", "folder.png")
    code, _, said = auface(*shared, "--base", plain, "--adapter", "adapter.safetensors", "--out", "file.png")
    assert (code, "no adapter" in said) == (0, False)
    np.testing.assert_array_equal(pixels("file.png"), pixels("folder.png"))


def test_a_base_of_the_larger_layout_is_recognized(auface: Any) -> None:
    AUFaceXLPipeline(**tiny_diffusion.xl_components()).save_pretrained("xl")
    shared = ("--base", "xl", "--steps", 2, "--seed", 1)
    code, _, said = auface("12D", *shared, "--out", "smile.png")
    assert code == 0, said
    auface("neutral", *shared, "--out", "neutral.png")
    assert (pixels("smile.png") != pixels("neutral.png")).any()


def lora(file: str, module: str = "mid_block.attentions.0.transformer_blocks.0.attn2.to_q", width: int = 64) -> None:
    """A LoRA file for one layer of the tiny UNet."""
    torch.manual_seed(0)
    parts = {"lora_A": torch.randn(2, width), "lora_B": torch.randn(width, 2)}
    save_file({f"unet.{module}.{name}.weight": value for name, value in parts.items()}, file)


def test_loras_act_with_their_scale(auface: Any) -> None:
    lora("style.safetensors")
    shared = ("12D", "--seed", 1, "--steps", 2)
    auface(*shared, "--out", "without.png")
    for scale in ("", ":0", ":-2"):
        code, _, said = auface(*shared, "--lora", f"style.safetensors{scale}", "--out", f"scale{scale[1:]}.png")
        assert code == 0, said
    without = pixels("without.png")
    np.testing.assert_array_equal(pixels("scale0.png"), without)
    assert (pixels("scale.png") != without).any()
    assert (pixels("scale-2.png") != pixels("scale.png")).any()
    assert read_request(Path("scale-2.png"))[0].loras == (("style.safetensors", -2.0),)
    auface("--from", "scale-2.png", "--out", "again.png")
    np.testing.assert_array_equal(pixels("again.png"), pixels("scale-2.png"))


def photo(file: str = "photo.png") -> None:
    """A gray photo, and the landmarks of a face in it beside."""
    face = shipped_model().structure("neutral")
    camera = WeakPerspective(scale=30, center=(80, 70))
    np.save("photo.npy", camera.project(face.turned))
    Image.new("RGB", (160, 140), "gray").save(file)


def test_an_expression_is_drawn_onto_a_photo(auface: Any, plain: Path) -> None:
    photo()
    shared = ("26E", "--image", "photo.png", "--landmarks", "photo.npy", "--seed", 1, "--steps", 4)
    code, _, said = auface(*shared, "--strength", 0.8, "--out", "open.png")
    assert code == 0, said
    changed = (pixels("open.png") != pixels("photo.png")).any(-1)
    chin = np.load("photo.npy")[152, :2].round().astype(int)
    assert pixels("open.png").shape == (140, 160, 3)
    assert changed[chin[1] - 3, chin[0]]
    assert not changed[:30].any(), "only what moves is drawn"
    request = read_request(Path("open.png"))[0]
    assert request.strength == 0.8
    assert request.early_guidance is None, "a photo has its colors already"
    auface("--from", "open.png", "--out", "again.png")
    np.testing.assert_array_equal(pixels("again.png"), pixels("open.png"))
    auface(*shared, "--base", plain, "--out", "words.png")
    changed = (pixels("words.png") != pixels("photo.png")).any(-1)
    assert changed[chin[1] - 3, chin[0]]
    assert not changed[:30].any()
    Image.new("RGB", (160, 140), "white").save("photo.png")
    code, _, said = auface("--from", "open.png", "--out", "third.png")
    assert (code, said.count("\n")) == (2, 1)
    assert "has changed" in said


def test_pictures_are_verified(auface: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verification, "shipped_recognizer", lambda: Sees("12D"))
    shared = ("--steps", 1, "--seed", 1, "--verify")
    code, out, _ = auface("12D", *shared, "--out", "smile.png")
    assert code == 0
    assert out.splitlines()[1].startswith("pass ")
    assert "Lip corner puller" in out
    answer = json.loads(auface("4D", *shared, "--json", "--count", 2, "--out", "frown.png")[1])
    assert [row["verdict"]["outcome"] for row in answer["pictures"]] == ["fail", "fail"]


def test_attempts_keep_the_best_with_its_own_seed(auface: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = iter(["4D", "12A", "12D", "12D", "4D", "12B", "neutral"])

    class Changing:
        def read(self, image: Any, neutral: Any = None) -> Recognition:
            return recognition_of(next(shown))

    monkeypatch.setattr(verification, "shipped_recognizer", Changing)
    shared = ("12D", "--steps", 1, "--seed", 5, "--verify", "--attempts")
    assert "seed 7" in auface(*shared, 4, "--out", "passes.png")[1]
    assert read_request(Path("passes.png"))[0].seed == 7
    rows = json.loads(auface(*shared, 2, "--count", 2, "--json", "--out", "two.png")[1])["pictures"]
    assert [row["seed"] for row in rows] == [5, 8]
    assert [row["verdict"]["outcome"] for row in rows] == ["pass", "fail"]
    auface("--from", "passes.png", "--out", "again.png")
    np.testing.assert_array_equal(pixels("again.png"), pixels("passes.png"))


def test_a_photo_without_a_face_is_refused(auface: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    Image.new("RGB", (64, 64)).save("wall.png")
    monkeypatch.setattr(verification, "shipped_recognizer", Sees)
    code, _, said = auface("12D", "--image", "wall.png", "--steps", 1)
    assert (code, said.count("\n"), names()) == (2, 1, ["wall.png"])
    assert "no face" in said
    monkeypatch.setattr(verification, "shipped_recognizer", lambda: Sees("neutral"))
    Image.new("RGB", (140, 150), "gray").save("face.png")
    assert auface("12D", "--image", "face.png", "--steps", 2, "--seed", 1, "--out", "smile.png")[0] == 0
    assert (pixels("smile.png") != pixels("face.png")).any()


def test_other_weights_of_the_same_name_are_noticed(auface: Any, plain: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    auface("12", "--steps", 1, "--seed", 1)
    monkeypatch.setattr(base_models, "mini_place", lambda: plain)
    assert "will differ" in auface("--from", "face.png", "--out", "again.png")[2]


def test_conflicts_are_told(auface: Any) -> None:
    assert "drawn as 24D" in auface("24D+26C", "--steps", 1, "--seed", 1)[2]
    code, _, said = auface("24D+26C", "--policy", "strict", "--steps", 1, "--out", "strict.png")
    assert (code, said.count("\n")) == (2, 1)


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ((), "EXPRESSION"),
        (("99",), "99"),
        (("a red banana",), "request"),
        (("12", "--out", "face.jpg"), "--out"),
        (("12", "--out", "nowhere"), "ends in a slash"),
        (("12", "--out", "gray.png/"), "--out"),
        (("12", "--size", "big"), "--size"),
        (("12", "--size", "60"), "--size"),
        (("12", "--size", "64x64x64"), "--size"),
        (("12", "--guidance", "nan"), "guidance"),
        (("12", "--expression-scale", "-1"), "expression_scale"),
        (("12", "--strength", "0.5"), "strength"),
        (("12", "--steps", "0"), "steps"),
        (("12", "--count", "0"), "count"),
        (("12", "--seed", "-1"), "seed"),
        (("12", "--pose", "a,b"), "pose"),
        (("12", "--identity", "nobody.json"), "--identity"),
        (("12", "--policy", "maybe"), "policy"),
        (("12", "--precision", "float8"), "precision"),
        (("12", "--sheet", "moods"), "sheet"),
        (("12", "--sheet", "seeds", "--count", "65"), "--count"),
        (("12", "--sheet", "seeds", "--verify"), "--verify"),
        (("12", "--attempts", "3"), "--attempts"),
        (("12", "--device", "abacus"), "--device"),
        (("12", "--base", "nowhere/at/all"), "--base"),
        (("12", "--base", "model.ckpt"), "--base"),
        (("12", "--base", "cut.safetensors"), "--base"),
        (("12", "--base", "lora.safetensors"), "--base"),
        (("12", "--base", "empty"), "--base"),
        (("12", "--base", "flux"), "--base"),
        (("12", "--base", "broken"), "--base"),
        (("12", "--base", "plain", "--adapter", "xl.safetensors"), "another base"),
        (("12", "--adapter", "none.safetensors"), "--adapter"),
        (("12", "--adapter", "lora.safetensors"), "--adapter"),
        (("12", "--adapter", "cut-adapter.safetensors"), "--adapter"),
        (("12", "--adapter", "empty"), "--adapter"),
        (("12", "--adapter", "nowhere"), "--adapter"),
        (("12", "--base", "spoiled"), "model_index.json"),
        (("12", "--out", f"{'a' * 300}.png"), "too long"),
        (("12", "--lora", "none.safetensors"), "--lora"),
        (("12", "--lora", "cut.safetensors"), "--lora"),
        (("12", "--lora", "wide.safetensors:0.5"), "--lora"),
        (("12", "--lora", "lora.safetensors:nan"), "lora"),
        (("12", "--image", "none.png"), "--image"),
        (("12", "--image", "cut.safetensors"), "--image"),
        (("12", "--image", "gray.png", "--landmarks", "none.npy"), "--landmarks"),
        (("12", "--image", "gray.png", "--landmarks", "line.npy"), "landmarks"),
        (("--from", "gray.png"), "--from"),
        (("--from", "none.png"), "--from"),
    ],
)
def test_bad_input_is_one_line_and_leaves_no_file(
    auface: Any, arguments: tuple[str, ...], named: str, folder: Path, plain: Path
) -> None:
    Image.new("RGB", (64, 64)).save("gray.png")
    np.save("line.npy", np.zeros((478, 2)))
    lora("lora.safetensors")
    lora("wide.safetensors", width=48)
    write_adapter(tiny_diffusion.adapter(tiny_diffusion.unet(xl=True)), "xl.safetensors")
    Path("plain").symlink_to(plain)
    weights = next((folder / "unet").glob("*.safetensors")).read_bytes()
    Path("cut.safetensors").write_bytes(weights[:-1000])
    Path("model.ckpt").write_bytes(b"")
    for name, index in {"flux": {"_class_name": "FluxPipeline", "transformer": []}, "broken": None}.items():
        Path(name).mkdir()
        text = json.dumps(index or json.loads((folder / "model_index.json").read_text(encoding="utf-8")))
        Path(name, "model_index.json").write_text(text, encoding="utf-8")
    Path("empty").mkdir()
    Path("cut-adapter.safetensors").write_bytes(Path("xl.safetensors").read_bytes()[:-1000])
    Path("spoiled").mkdir()
    Path("spoiled", "model_index.json").write_text('{"unet": [', encoding="utf-8")
    before = names()
    code, out, said = auface(*arguments)
    assert (code, out) == (2, ""), said
    assert said.startswith("auface: ")
    assert said.count("\n") == 1
    assert named in said
    assert names() == before


def test_a_missing_package_is_named_with_its_extra(auface: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "diffusers", None)
    code, _, said = auface("12")
    assert (code, said.count("\n"), names()) == (2, 1, [])
    assert "diffusers" in said
    assert "auface[pipelines]" in said
