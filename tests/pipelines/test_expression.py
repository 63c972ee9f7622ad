"""What expressions do in `AUFacePipeline` and `AUFaceXLPipeline`, and that the plain pipelines stay what they are."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from diffusers.pipelines.stable_diffusion_xl.pipeline_stable_diffusion_xl import StableDiffusionXLPipeline
from pipeline_cases import PLAIN, apart, drawn, pipeline

from auface.facs import ConflictError, Expression

TWO = {"prompt": ["a", "b"], "negative_prompt": ["c", "d"], "num_images_per_prompt": 2}


@pytest.fixture
def plain(kind: str, pipe: Any) -> Any:
    made = PLAIN[kind].from_pipe(pipe)
    made.set_progress_bar_config(disable=True)
    return made


@pytest.mark.parametrize(
    "arguments", [{}, {"guidance_scale": 1.0}, {**TWO, "guidance_rescale": 0.5}, {"height": 48, "width": 80}]
)
def test_without_expression_it_is_the_plain_pipeline(pipe: Any, plain: Any, arguments: dict[str, Any]) -> None:
    assert np.array_equal(drawn(pipe, **arguments), drawn(plain, **arguments))


@pytest.mark.parametrize(
    "arguments",
    [
        {"negative_original_size": (32, 32), "negative_target_size": (64, 64), **TWO},
        {"denoising_end": 0.6, "num_inference_steps": 3},
    ],
)
def test_without_expression_it_is_the_plain_xl_pipeline(pipes: dict[str, Any], arguments: dict[str, Any]) -> None:
    plain = StableDiffusionXLPipeline.from_pipe(pipes["sdxl"])
    assert np.array_equal(drawn(pipes["sdxl"], **arguments), drawn(plain, **arguments))


def test_scales_of_0_are_the_plain_pipeline(pipe: Any, plain: Any) -> None:
    silent = drawn(pipe, expression="12D", expression_scale=0.0, structure_scale=0.0)
    assert np.array_equal(silent, drawn(plain))


def test_each_scale_is_heard(pipe: Any) -> None:
    both = drawn(pipe, expression="12D")
    assert apart(both, drawn(pipe, expression="12D", expression_scale=0.0)) > 1e-4
    assert apart(both, drawn(pipe, expression="12D", structure_scale=0.0)) > 1e-4


def test_neutral_is_a_request(pipe: Any) -> None:
    neutral = drawn(pipe, expression=Expression())
    assert np.array_equal(neutral, drawn(pipe, expression="neutral"))
    assert apart(neutral, drawn(pipe)) > 1e-4
    assert apart(neutral, drawn(pipe, expression="12D")) > 1e-4


@pytest.mark.parametrize("same", ["12D", "AU12D", Expression.parse("12D")])
def test_an_expression_in_any_form(pipes: dict[str, Any], same: Any) -> None:
    shown = pipes["sd1"]("a", expression=same, num_inference_steps=1).expressions
    assert shown == [Expression.parse("12D")]


def test_english(pipes: dict[str, Any]) -> None:
    found = pipes["sd1"]("a", expression="inner brows raised, jaw dropped", num_inference_steps=1).expressions[0]
    assert {1, 26} <= {int(unit) for unit in found.units}


def test_geometry_is_what_was_asked_for(pipes: dict[str, Any]) -> None:
    result = pipes["sd1"]("a", expression="26", pose=(20.0, 0, 0), identity=3, num_inference_steps=1)
    straight = pipes["sd1"]("a", expression="26", identity=3, num_inference_steps=1)
    other = pipes["sd1"]("a", expression="26", identity=4, num_inference_steps=1)
    assert result.landmarks.shape == (1, 478, 3)
    assert apart(result.landmarks[..., :2], straight.landmarks[..., :2]) > 1
    assert apart(other.landmarks[..., :2], straight.landmarks[..., :2]) > 0.1


def test_conflict_policy(pipes: dict[str, Any]) -> None:
    pipe = pipes["sd1"]
    natural = pipe("a", expression="24D+27E", num_inference_steps=1).expressions[0]
    kept = pipe("a", expression="24D+27E", num_inference_steps=1, conflict_policy="keep").expressions[0]
    assert natural != kept == Expression.parse("24D+27E")
    with pytest.raises(ConflictError):
        pipe("a", expression="24D+27E", conflict_policy="strict")


def test_a_batch_has_an_expression_for_each_picture(pipe: Any) -> None:
    noise = torch.randn(3, 4, 8, 8, generator=torch.Generator().manual_seed(0))
    asked = ["12D", "1+2", None]
    together = drawn(pipe, prompt=["a"] * 3, expression=asked, identity=[1, None, 2], latents=noise)
    for row, (one, person) in enumerate(zip(asked, (1, None, 2), strict=True)):
        someone = {} if one is None else {"identity": person}  # a plain picture is of nobody
        alone = drawn(pipe, prompt="a", expression=one, **someone, latents=noise[row : row + 1])
        assert apart(together[row], alone[0]) < 1e-4  # sums of another batch size round otherwise


def test_pictures_of_a_prompt_may_have_their_own_expressions(pipes: dict[str, Any]) -> None:
    asked = ["12D", "1+2", "4", "9"]
    shown = pipes["sd1"](["a", "b"], expression=asked, num_images_per_prompt=2, num_inference_steps=1).expressions
    assert shown == [Expression.parse(one) for one in asked]
    twice = pipes["sd1"](["a", "b"], expression=asked[:2], num_images_per_prompt=2, num_inference_steps=1).expressions
    assert twice == [Expression.parse(one) for one in ("12D", "12D", "1+2", "1+2")]


@pytest.mark.parametrize("guidance_scale", [1.0, 7.5])
def test_expression_guidance(pipe: Any, guidance_scale: float) -> None:
    usual = drawn(pipe, expression="12D", guidance_scale=guidance_scale)
    almost = drawn(pipe, expression="12D", guidance_scale=guidance_scale, expression_guidance_scale=1 + 1e-6)
    more = drawn(pipe, expression="12D", guidance_scale=guidance_scale, expression_guidance_scale=2.0)
    assert apart(usual, almost) < 1e-4
    assert apart(usual, more) > 1e-4


def test_no_expression_guidance_is_no_expression(pipes: dict[str, Any]) -> None:
    """Without prompt guidance, an expression guidance of 0 leaves the plain noise."""
    pipe = pipes["sd1"]
    none = drawn(pipe, expression="12D", guidance_scale=1.0, expression_guidance_scale=0.0)
    assert apart(none, drawn(pipe, guidance_scale=1.0)) < 1e-4


def test_structure_may_begin_late_and_end_early(pipes: dict[str, Any]) -> None:
    pipe = pipes["sd1"]
    never = drawn(pipe, expression="12D", structure_scale=0.0)
    assert np.array_equal(drawn(pipe, expression="12D", structure_start=1.0), never)
    assert np.array_equal(drawn(pipe, expression="12D", structure_end=0.0), never)
    half = drawn(pipe, expression="12D", structure_end=0.5)
    assert apart(half, never) > 1e-4
    assert apart(half, drawn(pipe, expression="12D")) > 1e-4


NAN = float("nan")


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ({"expression": "12D", "expression_scale": NAN}, "expression_scale"),
        ({"expression": "12D", "expression_scale": -1.0}, "expression_scale"),
        ({"expression": "12D", "expression_guidance_scale": NAN}, "expression_guidance_scale"),
        ({"expression": "12D", "structure_scale": float("inf")}, "structure_scale"),
        ({"expression": "12D", "structure_start": 0.6, "structure_end": 0.5}, "structure_start"),
        ({"expression": "12D", "structure_end": NAN}, "structure_end"),
        ({"expression": "12D", "conflict_policy": "nice"}, "conflict_policy"),
        ({"expression": ["12D", "1"]}, "expression"),
        ({"expression": "12D", "identity": [1, 2, 3]}, "identity"),
        ({"expression": "12D", "pose": [(0, 0, 0)] * 2}, "pose"),
        ({"expression": "12D", "identity": "me"}, "identity"),
        ({"expression": "12D", "pose": (0, 0)}, "pose"),
        ({"expression": "12D", "identity": 1, "landmarks": np.zeros((478, 2))}, "landmarks"),
        ({"expression": "12D", "structure_start": "a"}, "structure_start"),
        ({"expression": "12D", "landmarks": [np.zeros((478, 2))] * 3}, "landmarks"),
        ({"expression": "12D", "landmarks": np.zeros((1, 478, 2))}, "landmarks"),
        ({"expression": "12D", "pose": (NAN, 0, 0)}, "yaw"),
        ({"expression": "12D", "identity": np.full((478, 3), NAN)}, "identity"),
        ({"guidance_scale": NAN}, "guidance_scale"),
        ({"guidance_rescale": NAN}, "guidance_rescale"),
        ({"identity": 3}, "identity"),
        ({"pose": (10, 0, 0)}, "pose"),
        ({"expression": 12}, "expression"),
        ({"expression": "12Q"}, "'Q' is not"),
        ({"expression": "12D", "height": 60, "width": 64}, "height"),
        ({"prompt": None, "expression": "12D"}, "prompt"),
    ],
)
def test_wrong_arguments_are_one_clear_error(pipe: Any, arguments: dict[str, Any], named: str) -> None:
    with pytest.raises(ValueError, match=named):
        drawn(pipe, **arguments)


def test_scales_may_be_of_numpy(pipes: dict[str, Any]) -> None:
    one = drawn(pipes["sd1"], expression="12D", expression_scale=np.float32(0.5), num_inference_steps=1)
    assert np.array_equal(one, drawn(pipes["sd1"], expression="12D", expression_scale=0.5, num_inference_steps=1))


def test_plain_pictures_among_others_have_no_expression(pipe: Any) -> None:
    shown = pipe(["a", "b"], expression=["12D", None], num_inference_steps=1).expressions
    assert shown == [Expression.parse("12D"), None]


def test_without_adapter_an_expression_is_refused(kind: str) -> None:
    with pytest.raises(ValueError, match="load_adapter"):
        drawn(pipeline(kind, adapter=None), expression="12D")
