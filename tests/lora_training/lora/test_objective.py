"""Noise, targets and weights are those of the papers, for everything that bases predict."""

from pathlib import Path
from typing import Any

import pytest
import torch
from diffusers import DDPMScheduler
from tiny_base import tiny_base

from auface.lora_training.lora.base_model import load_base
from auface.lora_training.lora.config import LoraConfig
from auface.lora_training.lora.objective import Objective

TIMES = torch.tensor([0.0, 20.0, 500.0, 999.0])


@pytest.fixture(scope="module", params=["epsilon", "v_prediction", "flow"])
def base(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_base(tmp_path_factory.mktemp("base") / "base", "sd", request.param)


def objective(base: Path, **more: float) -> Objective:
    return Objective(load_base(str(base)), LoraConfig.of(more))


def test_the_right_answer_means_the_clean_picture(base: Path) -> None:
    wanted = objective(base)
    clean, noise = torch.randn(2, 4, 4, 8, 8, generator=torch.Generator().manual_seed(0))
    noisy = wanted.noisy(clean, noise, TIMES)
    answer = wanted.target(clean, noise, TIMES)
    # At the last timestep hardly any of the picture is left in float32.
    torch.testing.assert_close(wanted.clean(noisy, answer, TIMES), clean, atol=2e-4, rtol=1e-3)
    if wanted.prediction == "flow":
        torch.testing.assert_close(noisy - TIMES[:, None, None, None] / 1000 * answer, clean, atol=1e-5, rtol=1e-5)
    else:
        schedule: Any = DDPMScheduler.from_pretrained(base / "scheduler")
        torch.testing.assert_close(noisy, schedule.add_noise(clean, noise, TIMES.long()))


def test_min_snr_caps_the_weight_of_clear_pictures(base: Path) -> None:
    plain, weighted = objective(base, snr_gamma=0.0), objective(base, snr_gamma=5.0)
    assert torch.equal(plain.weights(TIMES), torch.ones(4))
    if weighted.prediction == "flow":
        assert torch.equal(weighted.weights(TIMES), torch.ones(4))
        return
    schedule: Any = DDPMScheduler.from_pretrained(base / "scheduler")
    kept = schedule.alphas_cumprod[TIMES.long()]
    ratio = kept / (1 - kept)  # signal to noise, arXiv 2303.09556
    expected = ratio.clamp_max(5.0) / (ratio if weighted.prediction == "epsilon" else ratio + 1)
    torch.testing.assert_close(weighted.weights(TIMES), expected, atol=1e-6, rtol=1e-3)
    assert weighted.weights(TIMES)[0] < 0.01


def test_the_offset_shifts_whole_channels(base: Path) -> None:
    like = torch.zeros(4000, 4, 4)
    plain, shifted = (
        objective(base, noise_offset=offset).noise(like, torch.Generator().manual_seed(1)) for offset in (0.0, 0.5)
    )
    shift = shifted - plain
    torch.testing.assert_close(shift, shift[:, :1, :1].expand_as(shift), atol=1e-6, rtol=0)
    assert float(shift[:, 0, 0].std()) == pytest.approx(0.5, rel=0.05)
