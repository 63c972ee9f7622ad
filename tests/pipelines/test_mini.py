"""auface-mini comes along, opens without any download, and does what is asked."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from auface.facs import Expression
from auface.pipelines import AUFacePipeline, mini
from auface.pipelines.mini import mini_folder

# diffusers' DPM-Solver turns tensors into arrays in the way of numpy 1.


@pytest.fixture(scope="module")
def pipe() -> Any:
    pipe = AUFacePipeline.from_pretrained(mini_folder())
    pipe.set_progress_bar_config(disable=True)
    return pipe


def drawn(pipe: Any, expression: str | None) -> np.ndarray:
    return pipe(
        "a woman, brown hair",
        expression=expression and Expression.parse(expression),
        num_inference_steps=4,
        guidance_scale=1.5,
        generator=torch.Generator().manual_seed(1),
        output_type="np",
    ).images[0]


def test_it_is_small_and_says_what_it_is() -> None:
    files = [path for path in mini_folder().rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) < 60e6
    assert mini_folder() / "README.md" in files


def test_an_open_mouth_is_drawn_where_the_mouth_is(pipe: Any) -> None:
    rest, opened = drawn(pipe, "neutral"), drawn(pipe, "27E")
    change = np.abs(opened - rest).mean(2)
    high, wide = change.shape
    mouth = change[int(0.65 * high) : int(0.95 * high), int(0.3 * wide) : int(0.7 * wide)]
    top = change[: int(0.25 * high)]
    assert mouth.mean() > 3 * top.mean()


def test_a_missing_model_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(mini, "_FOLDER", tmp_path)
    with pytest.raises(ValueError, match=r"auface-mini is missing: .* has no model_index\.json"):
        mini_folder()
