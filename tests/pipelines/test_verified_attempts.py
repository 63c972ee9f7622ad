"""Drawing until recognition sees what was asked for."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from made_reading import recognition_of
from pipeline_cases import drawn, pipeline, seeded

from auface.recognition.result import Recognition


class Scripted:
    """Reads what it was told to, picture by picture."""

    def __init__(self, *shown: str) -> None:
        self.shown = list(shown)

    def read(self, image: Any, neutral: Any = None) -> Recognition:
        assert image.pixels.shape[-1] == 3
        assert image.pixels.dtype == np.uint8
        return recognition_of(self.shown.pop(0), error=0.0)


def attempts(reader: Scripted, **arguments: Any) -> Any:
    pipe = pipeline("sd1")
    pipe.recognizer = reader
    given = {"num_inference_steps": 1, "output_type": "np", "generator": seeded(1), "verify_attempts": 3, **arguments}
    return pipe("a", expression="12D", **given)


@pytest.mark.parametrize("output_type", ["np", "pt", "pil"])
def test_it_stops_when_the_expression_is_seen(output_type: str) -> None:
    reader = Scripted("4D", "12D", "12D")
    result = attempts(reader, output_type=output_type)
    assert reader.shown == ["12D"]
    assert [verdict.passed for verdict in result.verdicts] == [True]


def test_the_first_attempt_is_the_picture_of_a_plain_call() -> None:
    picture = attempts(Scripted("12D")).images
    assert np.array_equal(
        picture, drawn(pipeline("sd1"), prompt="a", num_inference_steps=1, generator=seeded(1), expression="12D")
    )


def test_the_best_is_kept() -> None:
    first = attempts(Scripted("12D")).images
    result = attempts(Scripted("4D+9C", "4D+15D", "12B"))
    assert not result.verdicts[0].passed or result.verdicts[0].score < 1
    assert not np.array_equal(result.images, first)
    best = attempts(Scripted("12B", "4D+9C", "4D+15D"))
    assert np.array_equal(best.images, first)


def test_an_interrupt_ends_the_attempts() -> None:
    reader = Scripted("4D", "4D", "4D")

    def stop(pipe: Any, step: int, time: Any, tensors: dict[str, Any]) -> dict[str, Any]:
        pipe._interrupt = True
        return {}

    attempts(reader, callback_on_step_end=stop)
    assert reader.shown == ["4D", "4D"]


def test_each_picture_has_its_own_best() -> None:
    reader = Scripted("12D", "4D", "4D", "12D")
    result = attempts(reader, num_images_per_prompt=2)
    assert not reader.shown
    assert [verdict.passed for verdict in result.verdicts] == [True, True]


@pytest.mark.parametrize(
    "arguments",
    [
        {"verify_attempts": 0},
        {"verify_attempts": 1.5},
        {"output_type": "latent"},
        {"return_dict": False},
        {"latents": torch.zeros(1, 4, 8, 8)},
    ],
)
def test_what_cannot_be_verified_is_refused(arguments: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="verify_attempts"):
        attempts(Scripted(), **arguments)


def test_a_plain_picture_cannot_be_verified() -> None:
    for asked in (None, ["12D", None]):
        with pytest.raises(ValueError, match="expression"):
            drawn(pipeline("sd1"), prompt=["a", "b"], expression=asked, verify_attempts=2)
