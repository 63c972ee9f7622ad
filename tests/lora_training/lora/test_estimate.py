"""What a training would take is measured on what it would do, also where faces are read."""

from collections.abc import Sequence
from pathlib import Path

import pytest
import torch
from tiny_task import config

from auface.lora_training.face_consistency import Shown
from auface.lora_training.lora.estimate import estimate
from auface.lora_training.sight import Sight


def test_as_many_faces_are_decoded_as_are_clear_enough(
    sd: Path, faces: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    decoded: list[int] = []
    errors = Sight.errors

    def counted(self: Sight, latents: torch.Tensor, shown: Sequence[Shown]) -> tuple[torch.Tensor, torch.Tensor]:
        decoded.append(sum(bool(torch.isfinite(one.frame).all()) for one in shown))
        return errors(self, latents, shown)

    monkeypatch.setattr(Sight, "errors", counted)
    estimate(config(sd, faces, tmp_path, landmark_weight=1.0, unit_steps=0.5, batch=4))
    assert set(decoded) == {2}
