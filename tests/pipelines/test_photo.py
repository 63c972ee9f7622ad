"""Drawing an expression onto a photo."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tiny_diffusion as tiny
import torch
from diffusers.pipelines.stable_diffusion.pipeline_stable_diffusion_img2img import StableDiffusionImg2ImgPipeline
from diffusers.pipelines.stable_diffusion_xl.pipeline_stable_diffusion_xl_img2img import (
    StableDiffusionXLImg2ImgPipeline,
)
from made_reading import recognition_of
from PIL import Image
from pipeline_cases import apart, drawn, pipeline, seeded

from auface.facs import Expression
from auface.pipelines.adapter.condition import face_condition
from auface.recognition.face_choice import NoFaceError
from auface.recognition.result import Recognition

PLAIN: dict[str, Any] = {"sd1": StableDiffusionImg2ImgPipeline, "sdxl": StableDiffusionXLImg2ImgPipeline}
PHOTO: dict[str, Any] = {"strength": 0.8, "num_inference_steps": 3}


@pytest.fixture(scope="module")
def photo() -> Image.Image:
    pixels = np.random.default_rng(0).integers(0, 255, (tiny.SIZE, tiny.SIZE, 3), np.uint8)
    return Image.fromarray(pixels)


@pytest.fixture(scope="module")
def landmarks() -> np.ndarray:
    return face_condition([Expression()], tiny.SIZE, tiny.SIZE).landmarks[0].numpy()


def test_without_expression_it_is_image_to_image(kind: str, pipe: Any, photo: Image.Image) -> None:
    plain = PLAIN[kind].from_pipe(pipe)
    plain.set_progress_bar_config(disable=True)
    assert np.array_equal(drawn(pipe, image=photo, **PHOTO), drawn(plain, image=photo, **PHOTO))


@pytest.mark.filterwarnings("ignore:You have passed 2 text prompts:FutureWarning")  # of the plain pipeline
@pytest.mark.parametrize("generators", [None, (1, 2)])
def test_one_photo_for_several_pictures_is_image_to_image(
    kind: str, pipe: Any, photo: Image.Image, generators: tuple[int, ...] | None
) -> None:
    plain = PLAIN[kind].from_pipe(pipe)
    plain.set_progress_bar_config(disable=True)

    def both(one: Any) -> np.ndarray:
        noise = seeded(1) if generators is None else [seeded(seed) for seed in generators]
        return drawn(one, image=photo, num_images_per_prompt=2, generator=noise, **PHOTO)

    assert np.array_equal(both(pipe), both(plain))


@pytest.mark.filterwarnings("ignore:`upcast_vae` is deprecated:FutureWarning")  # of the plain pipeline
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_photos_in_half_types_are_image_to_image(kind: str, dtype: torch.dtype, photo: Image.Image) -> None:
    own = pipeline(kind).to(dtype=dtype)
    parts = {name: part for name, part in own.components.items() if name != "adapter"}
    plain = PLAIN[kind](**parts, **({"requires_safety_checker": False} if kind == "sd1" else {}))
    plain.set_progress_bar_config(disable=True)
    assert np.array_equal(drawn(own, image=photo, **PHOTO), drawn(plain, image=photo, **PHOTO))
    assert own.vae.dtype == dtype


def test_what_does_not_move_stays_as_it_is(pipe: Any, photo: Image.Image, landmarks: np.ndarray) -> None:
    picture = drawn(pipe, image=photo, landmarks=landmarks, expression="26E", **PHOTO)[0]
    before = np.asarray(photo, np.float32) / 255
    top, mouth = picture[:8], picture[40:48, 28:36]
    assert np.abs(top - before[:8]).max() < 1e-3
    assert np.abs(mouth - before[40:48, 28:36]).max() > 1e-2


def test_a_mask_says_what_may_change(pipes: dict[str, Any], photo: Image.Image, landmarks: np.ndarray) -> None:
    mask = Image.new("L", photo.size)
    mask.paste(255, (0, 0, tiny.SIZE // 2, tiny.SIZE))
    picture = drawn(pipes["sd1"], image=photo, mask_image=mask, landmarks=landmarks, expression="12D", **PHOTO)[0]
    changed = np.abs(picture - np.asarray(photo, np.float32) / 255).max(-1)
    assert changed[:, tiny.SIZE // 2 :].max() < 1e-3
    assert changed[:, : tiny.SIZE // 2].max() > 1e-2


def test_landmarks_are_in_pixels_of_the_photo(pipes: dict[str, Any], photo: Image.Image, landmarks: np.ndarray) -> None:
    twice = photo.resize((2 * tiny.SIZE, 2 * tiny.SIZE), Image.Resampling.NEAREST)
    arguments = {"prompt": "a", "expression": "26", "height": tiny.SIZE, "width": tiny.SIZE, **PHOTO}
    small = pipes["sd1"](image=photo, landmarks=landmarks, **arguments)
    large = pipes["sd1"](image=twice, landmarks=landmarks * [2, 2, 1], **arguments)
    assert np.allclose(small.landmarks, large.landmarks, atol=1e-3)
    own = pipes["sd1"]("a", image=twice, landmarks=landmarks * [2, 2, 1], expression="26", **PHOTO)
    assert own.images[0].size == twice.size


def test_several_photos(pipes: dict[str, Any], photo: Image.Image, landmarks: np.ndarray) -> None:
    flipped = photo.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    arguments = {"expression": ["12D", "26"], "landmarks": [landmarks, landmarks], **PHOTO}
    generators = [torch.Generator().manual_seed(seed) for seed in (1, 2)]
    both = drawn(pipes["sd1"], prompt=["a", "b"], image=[photo, flipped], generator=generators, **arguments)
    alone = drawn(
        pipes["sd1"],
        prompt="b",
        image=flipped,
        generator=torch.Generator().manual_seed(2),
        expression="26",
        landmarks=landmarks,
        **PHOTO,
    )
    assert apart(both[1], alone[0]) < 1e-4


class Finder:
    """Finds the same faces in every photo."""

    def __init__(self, *expressions: str) -> None:
        self.found = recognition_of(*expressions) if expressions else Recognition("", (1, 1), ())

    def read(self, image: Any, neutral: Any = None) -> Recognition:
        return self.found


def test_the_face_of_a_photo_is_found(photo: Image.Image) -> None:
    pipe = pipeline("sd1")
    pipe.recognizer = Finder("12D", "1")
    found = pipe("a", image=photo, expression="26", **PHOTO)
    given = pipe("a", image=photo, expression="26", landmarks=pipe.recognizer.found.face().face.landmarks, **PHOTO)
    assert np.array_equal(found.landmarks, given.landmarks)
    tensor = torch.rand(1, 3, tiny.SIZE, tiny.SIZE)
    assert np.array_equal(pipe("a", image=tensor, expression="26", **PHOTO).landmarks, given.landmarks)


def test_a_photo_without_a_face_is_refused(photo: Image.Image) -> None:
    pipe = pipeline("sd1")
    pipe.recognizer = Finder()
    with pytest.raises(NoFaceError, match="`image` shows no face"):
        drawn(pipe, image=photo, expression="12D", **PHOTO)


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ({"strength": 0.0}, "strength"),
        ({"strength": float("nan")}, "strength"),
        ({"strength": 0.1}, "num_inference_steps"),
        ({"timesteps": [900, 100], "strength": 0.3, "num_inference_steps": 50}, "num_inference_steps"),
        ({"image": "photo.jpg"}, "image"),
        ({"image": []}, "image"),
        ({"image": Image.new("RGBA", (64, 64))}, r"convert|RGB"),
        ({"image": Image.new("L", (64, 64))}, "image"),
        ({"image": np.zeros((64, 64, 3), np.uint8)}, "uint8"),
        ({"image": np.full((64, 64, 3), 255.0)}, "255"),
        ({"image": torch.zeros(1, 4, 8, 8)}, "image"),
        ({"image": [Image.new("RGB", (64, 64)), Image.new("RGB", (96, 64))]}, "sizes"),
        ({"generator": [torch.Generator()] * 2}, "generator"),
        ({"latents": torch.zeros(1, 4, 8, 8)}, "latents"),
        ({"landmarks": np.zeros((478, 2))}, "landmarks"),
        ({"landmarks": np.full((478, 2), np.nan)}, "landmarks"),
        ({"image": None, "mask_image": Image.new("L", (64, 64))}, "mask_image"),
        ({"prompt": ["a", "b", "c"], "image": [Image.new("RGB", (64, 64))] * 2}, "image"),
    ],
)
def test_wrong_photos_are_one_clear_error(
    pipes: dict[str, Any], photo: Image.Image, landmarks: np.ndarray, arguments: dict[str, Any], named: str
) -> None:
    with pytest.raises(ValueError, match=named):
        drawn(pipes["sd1"], **{"image": photo, "landmarks": landmarks, "expression": "12D", **PHOTO, **arguments})
