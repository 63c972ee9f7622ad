"""`AUFaceXLPipeline`: the same as for `AUFacePipeline`, where the layouts differ."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tiny_diffusion as tiny
import torch
from diffusers.pipelines.stable_diffusion_xl.pipeline_stable_diffusion_xl import StableDiffusionXLPipeline

from auface.pipelines import AUFaceXLPipeline


def pipeline(**changes: Any) -> AUFaceXLPipeline:
    made = AUFaceXLPipeline(**{**tiny.xl_components(), **changes})
    made.set_progress_bar_config(disable=True)
    return made


def drawn(pipe: Any, **arguments: Any) -> Any:
    generator = torch.Generator().manual_seed(3)
    given = {"prompt": "a face", "num_inference_steps": 3, "output_type": "np", "generator": generator, **arguments}
    return pipe(**given).images


@pytest.fixture(scope="module")
def pipe() -> AUFaceXLPipeline:
    return pipeline()


@pytest.fixture(scope="module")
def plain() -> Any:
    parts = tiny.xl_components()
    del parts["adapter"]
    made = StableDiffusionXLPipeline(**parts)
    made.set_progress_bar_config(disable=True)
    return made


@pytest.mark.parametrize(
    "arguments",
    [
        {"guidance_scale": 1.0},
        {},
        {"prompt": ["a", "b"], "negative_prompt": ["c", "d"], "num_images_per_prompt": 2, "guidance_rescale": 0.5},
        {"negative_original_size": (32, 32), "negative_target_size": (64, 64), "num_images_per_prompt": 2},
        {"denoising_end": 0.6, "output_type": "latent"},
    ],
)
def test_without_expression_it_is_the_plain_pipeline(pipe: Any, plain: Any, arguments: dict[str, Any]) -> None:
    assert np.array_equal(drawn(pipe, **arguments), drawn(plain, **arguments))


def test_an_expression_changes_the_picture(pipe: Any) -> None:
    assert np.abs(drawn(pipe, expression="12D") - drawn(pipe, expression="neutral")).max() > 1e-3
    assert np.abs(drawn(pipe, expression="neutral") - drawn(pipe)).max() > 1e-3
