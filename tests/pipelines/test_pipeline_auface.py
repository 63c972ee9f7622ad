"""`AUFacePipeline`: what the tests of diffusers' own pipelines check, and what expressions add."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tiny_diffusion as tiny
import torch
from diffusers.pipelines.stable_diffusion.pipeline_stable_diffusion import StableDiffusionPipeline

from auface.pipelines import AUFacePipeline


def pipeline(**changes: Any) -> AUFacePipeline:
    made = AUFacePipeline(**{**tiny.sd_components(), **changes})
    made.set_progress_bar_config(disable=True)
    return made


def drawn(pipe: Any, **arguments: Any) -> Any:
    generator = torch.Generator().manual_seed(3)
    given = {"prompt": "a face", "num_inference_steps": 3, "output_type": "np", "generator": generator, **arguments}
    return pipe(**given).images


@pytest.fixture(scope="module")
def pipe() -> AUFacePipeline:
    return pipeline()


@pytest.fixture(scope="module")
def plain() -> Any:
    parts = tiny.sd_components()
    del parts["adapter"]
    made = StableDiffusionPipeline(**parts)
    made.set_progress_bar_config(disable=True)
    return made


@pytest.mark.parametrize("guidance_scale", [1.0, 7.5])
def test_without_expression_it_is_the_plain_pipeline(pipe: AUFacePipeline, plain: Any, guidance_scale: float) -> None:
    assert np.array_equal(drawn(pipe, guidance_scale=guidance_scale), drawn(plain, guidance_scale=guidance_scale))


def test_an_expression_changes_the_picture(pipe: AUFacePipeline, plain: Any) -> None:
    smile = drawn(pipe, expression="12D")
    assert np.abs(smile - drawn(plain)).max() > 1e-3
    assert np.abs(smile - drawn(pipe, expression="neutral")).max() > 1e-3
