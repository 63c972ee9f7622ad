"""Prompts and maps reach the ControlNets of every base as their pipelines want them."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tiny_bases
import torch

from auface.facs import Expression, read
from auface.facs.text import clip_length
from auface.pipelines.controls import BASES, expression_to_controls
from auface.pipelines.controls.convention import MAPS
from auface.structure.identity import sampled_neutral
from auface.structure.topology import LEFT_IRIS, RIGHT_IRIS

# What diffusers 0.42 does inside: it moves a class of Flux.
pytestmark = [
    pytest.mark.filterwarnings("ignore:`FluxPosEmbed` is deprecated:FutureWarning"),
]

MAKERS = {
    "sd15": tiny_bases.sd15_control,
    "sdxl": tiny_bases.sdxl_control,
    "flux": tiny_bases.flux_control,
    "sd3": tiny_bases.sd3_control,
}
PAGE = Path(__file__).resolve().parents[2] / "docs" / "controlnet.md"


def drawn(pipe: Any, **arguments: Any) -> np.ndarray:
    torch.manual_seed(0)  # the pipeline of SD 3 encodes its map with noise that no argument seeds
    pipe.set_progress_bar_config(disable=True)
    generator = torch.Generator().manual_seed(0)
    return pipe(**arguments, num_inference_steps=2, generator=generator, output_type="np").images[0]


@pytest.mark.parametrize("base", list(MAKERS))
def test_pipelines_take_prompt_and_maps(base: Any) -> None:
    pipe = MAKERS[base]()
    assert type(pipe).__name__ == BASES[base].pipeline
    controls = expression_to_controls("12D+6C", "an old man", base=base, size=64)
    pictures = {name: drawn(pipe, **controls.arguments(name)) for name in MAPS}
    assert pictures["depth"].shape == (64, 64, 3)
    assert np.abs(pictures["depth"] - pictures["normal"]).max() > 1e-6, "the map changes nothing"


@pytest.mark.parametrize("base", list(MAKERS))
def test_a_tensor_is_the_same_map_as_the_picture(base: Any) -> None:
    pipe = MAKERS[base]()
    controls = expression_to_controls("26D", "", base=base, size=64)
    arguments = controls.arguments("normal")
    from_picture = drawn(pipe, **arguments)
    from_tensor = drawn(pipe, **{**arguments, BASES[base].map_argument: controls.tensor("normal")})
    np.testing.assert_allclose(from_tensor, from_picture, atol=2e-3)  # the picture has 8 bits
    other = drawn(pipe, **{**arguments, BASES[base].map_argument: 0 * controls.tensor("normal")})
    assert np.abs(other - from_picture).max() > np.abs(from_tensor - from_picture).max()


def test_several_controlnets_get_their_maps_in_order() -> None:
    controls = expression_to_controls("4D", "a woman", size=64)
    images = controls.arguments("depth", "landmarks")["image"]
    assert [np.asarray(image).tolist() for image in images] == [
        np.asarray(controls.image(name)).tolist() for name in ("depth", "landmarks")
    ]


def test_long_prompts_go_to_the_encoder_that_reads_them() -> None:
    flux = expression_to_controls("1+2C+5D+26", "an old man", base="flux", size=64).arguments("depth")
    assert flux["prompt_2"].startswith("an old man. The brows are raised")
    assert "prompt_3" in expression_to_controls("1", base="sd3", size=64).arguments("depth")
    assert set(expression_to_controls("1", size=64).arguments("depth")) == {"prompt", "image", "height", "width"}


def test_words_stay_within_the_length_of_clip() -> None:
    asked = Expression.parse("1D+2D+4C+5D+6C+7B+9C+10B+12D+14B+17B+20C+25C+26D+43A")
    prompt = "portrait photo of a fisherman with a gray beard, " + "soft light, " * 12
    controls = expression_to_controls(asked, prompt, size=64)
    assert clip_length(controls.prompt) <= 75
    assert not controls.unsaid.is_neutral
    said = read(controls.prompt).expression
    assert not set(said.units) & set(controls.unsaid.units)
    weakest_said = min(controls.expression.removed(controls.unsaid), key=lambda one: one.intensity).intensity
    assert max(one.intensity for one in controls.unsaid) <= weakest_said
    assert expression_to_controls("12", "a man", size=64).unsaid.is_neutral


def test_the_count_is_exact_with_the_tokenizer() -> None:
    tokenizer = tiny_bases.clip_tokenizer()  # counts letters: far more than words
    controls = expression_to_controls("1D+4C+12C", "a man", size=64, tokenizer=tokenizer, token_limit=40)
    assert len(tokenizer(controls.prompt, add_special_tokens=False).input_ids) <= 40
    assert not controls.unsaid.is_neutral


def test_words_take_the_place_of_the_placeholder() -> None:
    controls = expression_to_controls("12D", "a man, {expression}, rain", size=64)
    assert controls.prompt == "a man, strongly upturned lip corners, rain"
    assert "{" not in controls.long_prompt


def test_the_face_follows_identity_pose_and_zoom() -> None:
    one, other = (expression_to_controls("neutral", size=64, identity=seed) for seed in (1, 2))
    assert np.abs(one.landmarks - other.landmarks).max() > 0.5
    same = expression_to_controls("neutral", size=64, identity=sampled_neutral(1))
    np.testing.assert_array_equal(one.landmarks, same.landmarks)
    turned = expression_to_controls("neutral", size=64, pose="30,0,0")
    straight = expression_to_controls("neutral", size=64)
    assert turned.landmarks[4, 0] > straight.landmarks[4, 0] + 3  # the nose goes to the subject's left

    def eyes(landmarks: np.ndarray) -> float:
        return float(np.linalg.norm(landmarks[LEFT_IRIS[0], :2] - landmarks[RIGHT_IRIS[0], :2]))

    far = expression_to_controls("neutral", size=64, zoom=0.5)
    assert eyes(far.landmarks) == pytest.approx(eyes(straight.landmarks) / 2, rel=0.02)


def test_pictures_need_not_be_square() -> None:
    wide, square = (expression_to_controls("12", size=size) for size in ((64, 128), 64))
    np.testing.assert_allclose(wide.landmarks[:, 0], square.landmarks[:, 0] + 32, atol=1e-3)
    assert wide.image("depth").size == (128, 64)


def test_a_photo_keeps_its_place() -> None:
    photo = expression_to_controls("neutral", size=128, identity=3, pose="15,5,0").landmarks[:, :2]
    again = expression_to_controls("neutral", size=128, landmarks=photo)
    error = np.linalg.norm(again.landmarks[:, :2] - photo, axis=1).mean()
    assert error < 1.0  # pixels; a third of a pixel is what perspective is worth
    opened = expression_to_controls("27D", size=128, landmarks=photo)
    assert opened.landmarks[152, 1] > again.landmarks[152, 1] + 3  # the chin


def test_policies_reach_prompt_and_maps() -> None:
    natural = expression_to_controls("24D+26C", "a man", size=64)
    kept = expression_to_controls("24D+26C", "a man", size=64, conflict_policy="keep")
    assert natural.expression.notation() == kept.expression.notation() == "24D"
    assert "jaw" in kept.prompt
    assert "jaw" not in natural.prompt


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ({"expression": "99"}, "99"),
        ({"expression": "a red banana"}, "request"),
        ({"expression": "24D+26C", "conflict_policy": "strict"}, "24"),
        ({"base": "sd4"}, "base"),
        ({"size": 63}, "size"),
        ({"size": (64, 64, 64)}, "size"),
        ({"size": True}, "size"),
        ({"base": "flux", "size": 72}, "size"),
        ({"identity": -1}, "seed"),
        ({"identity": np.zeros((3, 3), np.float32)}, "identity"),
        ({"pose": "a,b"}, "pose"),
        ({"zoom": 0}, "zoom"),
        ({"zoom": float("nan")}, "zoom"),
        ({"landmarks": np.zeros((478, 2), np.float32), "size": None}, "size"),
        ({"landmarks": np.zeros((478, 2), np.float32), "size": 64}, "landmarks"),
        ({"landmarks": np.zeros((478, 2), np.float32), "size": 64, "identity": 1}, "identity"),
        ({"landmarks": np.full((478, 2), np.nan, np.float32), "size": 64}, "landmarks"),
        ({"prompt": "word " * 80}, "prompt"),
    ],
)
def test_wrong_arguments_are_named(arguments: dict[str, Any], named: str) -> None:
    with pytest.raises(ValueError, match=named):
        expression_to_controls(**{"expression": "12", "size": 64, **arguments})


def test_a_map_that_is_none_is_named() -> None:
    controls = expression_to_controls("12", size=64)
    with pytest.raises(ValueError, match="canny"):
        controls.image("canny")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="names"):
        controls.arguments()


EXAMPLES = re.findall(
    r"```python no-run: needs weights of a base\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL
)


@pytest.mark.parametrize("code", EXAMPLES, ids=[re.findall(r"(\w+ControlNetPipeline)", code)[0] for code in EXAMPLES])
def test_the_documented_examples_run(code: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The code of the page, with tiny random components of the same classes in place of what it would download."""
    import diffusers

    name = re.findall(r"(\w+ControlNetPipeline)", code)[0]
    base: Any = next(base for base, facts in BASES.items() if facts.pipeline == name)
    pipe = MAKERS[base]()
    pipe.set_progress_bar_config(disable=True)
    for kind in {name, *re.findall(r"(\w*ControlNetModel)", code)}:
        made = pipe if kind == name else pipe.controlnet
        monkeypatch.setattr(getattr(diffusers, kind), "from_pretrained", lambda *_, made=made, **__: made)
    monkeypatch.setattr(type(pipe), "to", lambda self, *_: self)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(BASES, base, replace(BASES[base], size=128))
    exec(re.sub(r"num_inference_steps=\d+", "num_inference_steps=1", code), {"__name__": "__main__"})
    assert list(tmp_path.glob("*.png"))


def test_there_are_examples_for_three_bases() -> None:
    assert len(EXAMPLES) == 3
