"""Every argument of the plain pipelines does in ours what it does there, bit for bit."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import tiny_diffusion as tiny
import torch
from diffusers.models.unets.unet_2d_condition import UNet2DConditionModel
from diffusers.pipelines.stable_diffusion.safety_checker import StableDiffusionSafetyChecker
from diffusers.schedulers.scheduling_ddpm import DDPMScheduler
from diffusers.schedulers.scheduling_dpmsolver_multistep import DPMSolverMultistepScheduler
from diffusers.schedulers.scheduling_euler_ancestral_discrete import EulerAncestralDiscreteScheduler
from diffusers.schedulers.scheduling_euler_discrete import EulerDiscreteScheduler
from diffusers.schedulers.scheduling_heun_discrete import HeunDiscreteScheduler
from diffusers.schedulers.scheduling_lcm import LCMScheduler
from diffusers.schedulers.scheduling_pndm import PNDMScheduler
from diffusers.schedulers.scheduling_unipc_multistep import UniPCMultistepScheduler
from pipeline_cases import PLAIN, apart, drawn, pipeline, seeded
from transformers import CLIPConfig, CLIPImageProcessor

# Arguments that diffusers calls deprecated.
GONE = {"self", "kwargs"}


def beside(pipe: Any) -> Any:
    """The plain pipeline with the parts of ours."""
    made = PLAIN["sdxl" if hasattr(pipe, "text_encoder_2") else "sd1"].from_pipe(pipe)
    made.set_progress_bar_config(disable=True)
    return made


def same(pipe: Any, make: Callable[[], dict[str, Any]]) -> bool:
    """Whether both draw the same; arguments are made twice, as generators have a state."""
    return np.array_equal(drawn(pipe, **make()), drawn(beside(pipe), **make()))


def test_all_arguments_are_there_in_the_same_order_with_the_same_defaults(kind: str, pipe: Any) -> None:
    ours, theirs = (
        {name: found for name, found in inspect.signature(one.__call__).parameters.items() if name not in GONE}
        for one in (type(pipe), PLAIN[kind])
    )
    assert list(ours)[: len(theirs)] == list(theirs)
    for name, found in theirs.items():
        default = tuple(found.default) if isinstance(found.default, list) else found.default
        assert ours[name].default == default, name


ARGUMENTS: dict[str, Callable[[], dict[str, Any]]] = {
    "eta": lambda: {"eta": 1.0},
    "generators": lambda: {"prompt": ["a", "b"], "generator": [seeded(1), seeded(2)]},
    "latents": lambda: {"latents": torch.ones(1, 4, 8, 8)},
    "guidance_rescale": lambda: {"guidance_rescale": 0.7, "negative_prompt": "b"},
    "cross_attention_kwargs": lambda: {"cross_attention_kwargs": {"scale": 0.5}},
}


@pytest.mark.parametrize("name", list(ARGUMENTS))
def test_an_argument_does_what_it_does_in_the_plain_pipeline(pipe: Any, name: str) -> None:
    assert same(pipe, ARGUMENTS[name])


def test_clip_skip_leaves_layers_out(pipe: Any) -> None:
    """Also in Stable Diffusion 1.x with transformers 5, where diffusers 0.42 looks for a part that is not there."""
    assert apart(drawn(pipe, clip_skip=1), drawn(pipe)) > 1e-5
    if hasattr(pipe, "text_encoder_2"):
        assert same(pipe, lambda: {"clip_skip": 1})
    else:
        assert np.array_equal(drawn(pipe, clip_skip=0), drawn(pipe))
    assert "text_model" not in vars(pipe.text_encoder)


def test_embeddings_take_the_place_of_prompts(kind: str, pipe: Any) -> None:
    """`encode_prompt` works on its own, and a call without a prompt and without text encoders goes on from there."""
    names = ("prompt_embeds", "negative_prompt_embeds", "pooled_prompt_embeds", "negative_pooled_prompt_embeds")
    device = torch.device("cpu")
    asked: Any = {"prompt": "a face", "negative_prompt": "b"}
    found = pipe.encode_prompt(
        **asked, device=device, num_images_per_prompt=1, do_classifier_free_guidance=True, lora_scale=None
    )
    embeds: Any = dict(zip(names, found, strict=False))
    own = pipeline(kind)
    for part in ("text_encoder", "text_encoder_2", "tokenizer", "tokenizer_2"):
        if hasattr(own, part):
            setattr(own, part, None)
    for expression in (None, "12D"):
        embedded = drawn(own, prompt=None, expression=expression, **embeds)
        assert np.array_equal(embedded, drawn(pipe, expression=expression, **asked))


@pytest.mark.parametrize(
    "arguments",
    [
        {"prompt_2": "other", "negative_prompt": "b", "negative_prompt_2": "c"},
        {"original_size": (96, 48), "crops_coords_top_left": (4, 8), "target_size": (48, 96)},
        {"negative_original_size": (32, 32), "negative_crops_coords_top_left": (1, 2), "negative_target_size": (8, 8)},
        {"negative_original_size": (32, 32)},
    ],
)
def test_arguments_of_the_larger_layout(pipes: dict[str, Any], arguments: dict[str, Any]) -> None:
    pipe = pipes["sdxl"]
    assert same(pipe, lambda: arguments)
    shown = {"expression": "12D", "guidance_scale": 30.0}
    assert len(arguments) == 1 or apart(drawn(pipe, **arguments, **shown), drawn(pipe, **shown)) > 1e-6


SCHEDULERS = [
    (DDPMScheduler, {}),
    (PNDMScheduler, {"skip_prk_steps": True}),
    (EulerAncestralDiscreteScheduler, {}),
    (HeunDiscreteScheduler, {}),
    (DPMSolverMultistepScheduler, {"use_karras_sigmas": True}),
    (UniPCMultistepScheduler, {}),
    (LCMScheduler, {}),
]


@pytest.mark.parametrize(("scheduler", "settings"), SCHEDULERS, ids=[one.__name__ for one, _ in SCHEDULERS])
def test_schedulers(kind: str, pipe: Any, scheduler: Any, settings: dict[str, Any]) -> None:
    own = pipeline(kind, scheduler=scheduler.from_config(pipe.scheduler.config, **settings))
    assert same(own, lambda: {"num_inference_steps": 3})
    shown = drawn(own, num_inference_steps=3, expression="12D")
    assert np.isfinite(shown).all()
    assert apart(shown, drawn(own, num_inference_steps=3)) > 1e-4


@pytest.mark.parametrize("arguments", [{"sigmas": [10.0, 5.0, 1.0]}, {"timesteps": [900, 500, 100]}])
def test_own_times_of_steps(kind: str, pipe: Any, arguments: dict[str, Any]) -> None:
    own = pipeline(kind, scheduler=EulerDiscreteScheduler.from_config(pipe.scheduler.config))
    assert same(own, lambda: arguments)


def test_times_of_the_larger_layout_may_repeat(pipes: dict[str, Any]) -> None:
    own = pipeline("sdxl", scheduler=EulerDiscreteScheduler.from_config(pipes["sdxl"].scheduler.config))
    assert same(own, lambda: {"timesteps": [900, 900, 100]})


def test_distilled_models_that_take_the_guidance_scale(kind: str, pipe: Any) -> None:
    torch.manual_seed(0)
    unet: Any = UNet2DConditionModel.from_config(pipe.unet.config, time_cond_proj_dim=16)
    scheduler = LCMScheduler.from_config(pipe.scheduler.config)
    own = pipeline(kind, unet=unet, adapter=tiny.adapter(unet), scheduler=scheduler)
    assert same(own, dict)
    shown = drawn(own, prompt=["a", "b"], expression=["12D", None], expression_guidance_scale=2.0)
    assert apart(shown[0], drawn(own, prompt=["a", "b"])[0]) > 1e-4


def test_fused_projections_and_free_unets(kind: str, pipe: Any) -> None:
    own = pipeline(kind)
    own.fuse_qkv_projections()
    assert apart(drawn(own, expression="12D"), drawn(pipe, expression="12D")) < 1e-4
    own.unfuse_qkv_projections()
    own.enable_freeu(0.9, 0.2, 1.2, 1.4)
    assert same(own, dict)
    assert apart(drawn(own, expression="12D"), drawn(own)) > 1e-4
    own.disable_freeu()
    assert np.array_equal(drawn(own, expression="12D"), drawn(pipe, expression="12D"))


@pytest.mark.parametrize("weight", [-2.0, 2.0])
def test_a_safety_checker_looks_at_the_pictures(weight: float) -> None:
    torch.manual_seed(0)
    part = {"hidden_size": 32, "intermediate_size": 32, "num_hidden_layers": 1, "num_attention_heads": 4}
    config = CLIPConfig(
        text_config={**part, "vocab_size": 50},
        vision_config={**part, "image_size": 32, "patch_size": 16},
        projection_dim=32,
    )
    checker = StableDiffusionSafetyChecker(config).train(False)
    torch.nn.init.normal_(checker.concept_embeds)
    torch.nn.init.constant_(checker.concept_embeds_weights, weight)
    processor = CLIPImageProcessor(crop_size={"height": 32, "width": 32}, size={"height": 32, "width": 32})
    own = pipeline("sd1", safety_checker=checker, feature_extractor=processor, requires_safety_checker=True)
    shown = own("a", expression="12D", num_inference_steps=1, output_type="np")
    assert shown.nsfw_content_detected == [weight < 0]
    assert same(own, dict)


def test_a_missing_safety_checker_is_told(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    from diffusers.utils import logging

    monkeypatch.setattr(logging.get_logger("diffusers"), "propagate", True)
    pipeline("sd1", requires_safety_checker=False)
    assert "safety checker" not in caplog.text
    pipeline("sd1", requires_safety_checker=True)
    assert "safety checker" in caplog.text
