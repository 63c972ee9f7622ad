"""Buckets keep faces whole, samplers balance and repeat, captions mirror, caches know what made them."""

from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, strategies as st
from PIL import Image
from tiny_base import tiny_set
from tiny_task import TINY

from auface.facs import Expression, read
from auface.lora_training.lora.base_model import load_base
from auface.lora_training.lora.bucket import bucket_sizes, place
from auface.lora_training.lora.cache import LatentCache, TextCache
from auface.lora_training.lora.config import LoraConfig
from auface.lora_training.lora.example import caption_of, mirrored_words, read_examples, unit_weights
from auface.lora_training.lora.face_mask import face_shares, loss_weights
from auface.lora_training.lora.sampler import Sampler
from auface.lora_training.lora.slider import Slider, slider_weights

SIZES = bucket_sizes(512, 64, 2.0)


@given(st.integers(200, 3000), st.integers(200, 3000), st.tuples(*[st.floats(0, 1)] * 4))
def test_no_bucket_crops_a_face_away(width: int, height: int, corners: tuple[float, float, float, float]) -> None:
    x0, x1 = sorted((corners[0] * width, corners[1] * width))
    y0, y1 = sorted((corners[2] * height, corners[3] * height))
    seen = place(width, height, (x0, y0, x1, y1), SIZES)
    left, top, right, bottom = seen.window
    assert left <= x0 + 1e-3
    assert top <= y0 + 1e-3
    assert right >= x1 - 1e-3
    assert bottom >= y1 - 1e-3
    assert (right - left) / (bottom - top) == pytest.approx(seen.width / seen.height)
    assert (seen.width, seen.height) in SIZES
    if not seen.padded(width, height):
        assert 0 <= seen.cropped(width, height) < 1


def test_buckets_have_about_the_same_area() -> None:
    assert SIZES[0] == (512, 512)
    assert (384, 640) in SIZES
    assert (640, 384) in SIZES
    for width, height in SIZES:
        assert width % 64 == height % 64 == 0
        assert 0.7 < width * height / 512**2 <= 1
    assert bucket_sizes(512, 64, 1) == [(512, 512)]
    with pytest.raises(ValueError, match="`resolution` is 500"):
        bucket_sizes(500, 64, 2)


def test_a_padded_picture_goes_on_beyond_its_border() -> None:
    picture = Image.fromarray(np.full((600, 100, 3), 90, np.uint8))
    seen = place(100, 600, (0, 0, 100, 600), SIZES)
    assert seen.padded(100, 600)
    values = np.asarray(seen.apply(picture))
    assert values.shape == (seen.height, seen.width, 3)
    assert abs(values.astype(int) - 90).max() <= 1


def test_equal_weights_show_each_picture_once_in_an_epoch() -> None:
    sampler = Sampler(["a"] * 12 + ["b"] * 7, np.ones(19), 3, seed=1)
    assert sampler.steps_per_epoch == 4 + 3
    steps = [sampler[step] for step in range(7)]
    assert {epoch for epoch, _ in steps} == {0}
    seen = [number for _, group in steps for number in group]
    assert set(seen) == set(range(19))
    assert sorted(number for number in seen if number < 12) == list(range(12))
    for _, group in steps:
        assert len({number < 12 for number in group}) == 1
    assert [sampler[step] for step in range(7, 14)] != steps
    assert [Sampler(["a"] * 12 + ["b"] * 7, np.ones(19), 3, seed=1)[step] for step in range(7)] == steps


def test_balanced_weights_show_rare_units_more_often(faces: Path) -> None:
    examples = read_examples(faces)
    weights = unit_weights(examples, 1.0)
    assert weights.sum() == pytest.approx(1)
    assert np.ptp(unit_weights(examples, 0.0)) == pytest.approx(0)
    rare = int(weights.argmax())
    sampler = Sampler([0] * len(examples), weights, 1, 0)
    seen = [sampler[step][1][0] for step in range(20 * len(examples))]
    assert seen.count(rare) == pytest.approx(weights[rare] * len(seen), rel=0.1)
    assert weights.max() > 1.5 * weights.min()


def test_captions_say_what_is_seen_and_mirror_with_it(faces: Path) -> None:
    config = LoraConfig.of({**TINY, "trigger": "zxface", "template": "photo, {caption}", "caption_style": "sentence"})
    for example in read_examples(faces):
        plain, mirrored = (caption_of(example, config, 1, mirrored=side) for side in (False, True))
        assert plain.startswith("zxface, photo, ")
        shown = example.record.expression
        assert read(plain.removeprefix("zxface, photo, ")).expression.distance(shown) < 1.5
        if shown != shown.mirrored():
            assert read(mirrored.removeprefix("zxface, photo, ")).expression.distance(shown.mirrored()) < 1.5
    assert len({caption_of(read_examples(faces)[3], config, number, mirrored=False) for number in range(6)}) > 1
    assert mirrored_words("Left brow up, RIGHT eye leftover") == "Right brow up, LEFT eye leftover"


def test_a_sliders_captions_leave_its_units_out(faces: Path) -> None:
    shown = [example for example in read_examples(faces) if not example.record.expression.is_neutral]
    unit = shown[0].record.expression.units[0]
    config = LoraConfig.of({**TINY, "slider": f"{int(unit)}E" if unit.sides.name != "ONE" else f"L{int(unit)}E"})
    assert unit not in read(caption_of(shown[0], config, 0, mirrored=False)).expression.units


def test_a_slider_places_pictures_between_its_ends() -> None:
    one = Slider(LoraConfig.of({"slider": "12E", "slider_from": "data"}))
    assert [one.strength(Expression.parse(text)) for text in ("neutral", "12E", "L12E")] == [-1, 1, 0]
    two = Slider(LoraConfig.of({"slider": "12E", "slider_opposite": "15E", "slider_from": "data"}))
    assert [two.strength(Expression.parse(text)) for text in ("neutral", "12E", "15E")] == [0, 1, -1]
    for slider in (one, two):
        for strength in (-1, -0.4, 0, 0.6, 1):
            assert slider.strength(slider.at(strength)) == pytest.approx(strength)
    weights = slider_weights([-1, -1, -1, 1])
    assert weights[3] == pytest.approx(weights[:3].sum())
    with pytest.raises(ValueError, match="at the same place"):
        slider_weights([-1, -1])


def test_masks_follow_the_landmarks(faces: Path) -> None:
    landmarks = read_examples(faces)[0].landmarks
    assert landmarks is not None
    shares = face_shares(landmarks, 40, 40)
    inside = landmarks.astype(int).clip(0, 39)
    assert shares[0, inside[1, 1], inside[1, 0]] == 1  # the tip of the nose
    assert shares[1, inside[1, 1], inside[1, 0]] == 1
    assert shares[0, 0, 0] == 0
    weights = loss_weights(shares[None], 0.1, 2.0)
    assert weights.mean() == pytest.approx(1)
    assert weights[0, 0, 0, 0] < 0.2 * weights[0, 0].max()
    torch.testing.assert_close(loss_weights(shares[None], 1.0, 1.0), torch.ones(1, 1, 40, 40))


def test_latents_are_made_once_for_what_made_them(sd: Path, tmp_path: Path) -> None:
    data = tiny_set(tmp_path / "faces", 3, (48, 32))
    base, examples = load_base(str(sd)), read_examples(data)
    placement = place(48, 32, examples[0].face, bucket_sizes(32, 8, 2))
    cache = LatentCache(tmp_path / "cache", base, torch.float32)
    wanted = [(example, placement, side) for example in examples for side in (False, True)]
    cache.fill(wanted)
    files = {path: path.stat().st_mtime_ns for path in (tmp_path / "cache").iterdir()}
    assert len(files) == 6
    cache.fill(wanted)
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "cache").iterdir()} == files
    Image.new("RGB", (48, 32), "red").save(examples[0].picture)
    cache.fill(wanted)
    assert len(list((tmp_path / "cache").iterdir())) == 8
    plain, mirrored = (cache(examples[1], placement, side) for side in (False, True))
    assert plain.parameters.shape == (8, placement.height // 2, placement.width // 2)
    torch.testing.assert_close(plain.shares, mirrored.shares.flip(-1))
    with Image.open(examples[1].picture) as file:
        picture = placement.apply(file.convert("RGB"))
    values = torch.from_numpy(np.asarray(picture, np.float32) / 127.5 - 1).permute(2, 0, 1)[None]
    torch.testing.assert_close(plain.parameters, base.encode_pictures(values)[0], atol=1e-5, rtol=1e-4)


def test_all_corrupt_pictures_are_named(sd: Path, tmp_path: Path) -> None:
    data = tiny_set(tmp_path / "faces", 4)
    examples = read_examples(data)
    for number in (1, 3):
        content = examples[number].picture.read_bytes()
        examples[number].picture.write_bytes(content[: len(content) // 2])
    placement = place(40, 40, None, bucket_sizes(32, 8, 2))
    cache = LatentCache(tmp_path / "cache", load_base(str(sd)), torch.float32)
    with pytest.raises(ValueError, match=r"cannot be read: train/001.png .*; train/003.png"):
        cache.fill([(example, placement, side) for example in examples for side in (False, True)])
    assert len(list((tmp_path / "cache").iterdir())) == 4


def test_embeddings_are_those_of_the_text_encoders(sdxl: Path, tmp_path: Path) -> None:
    base = load_base(str(sdxl))
    texts = ["a smile", "", "a frown"]
    made = base.encode_text(texts)
    for folder in (tmp_path / "text", None):
        cache = TextCache(folder, base, torch.float32)
        cache.fill(texts)
        kept = cache(texts)
        for one, other in zip(kept, made, strict=True):
            assert one is not None
            assert other is not None
            torch.testing.assert_close(one, other, atol=1e-5, rtol=1e-4)
    assert len(list((tmp_path / "text").iterdir())) == 3
    broken = next((tmp_path / "text").iterdir())
    broken.write_bytes(b"nothing")
    cache = TextCache(tmp_path / "text", base, torch.float32)
    with pytest.raises(OSError, match="remove it, and it is made anew"):
        cache(texts)


def test_folders_that_are_no_data_set_are_refused(faces: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"`data` is .*no train/metadata.jsonl; accepted is an AUText"):
        read_examples(tmp_path)
    (tmp_path / "train").mkdir()
    rows = (faces / "train" / "metadata.jsonl").read_text().splitlines()
    (tmp_path / "train" / "metadata.jsonl").write_text("\n".join([rows[0].replace("landmarks/", "none/"), rows[1]]))
    with pytest.raises(ValueError, match=r"train/metadata.jsonl:1: "):
        read_examples(tmp_path)
