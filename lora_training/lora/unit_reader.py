"""The recognizer in training: a loss on predicted pictures, and scores of drawn ones."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import fmean
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from auface.facs import Expression, resolve
from auface.lora_training.lora.task import Shown
from auface.recognition.crop_frame import SIDE, CropFrame
from auface.recognition.evaluation.alignment import alignment
from auface.recognition.face_network import seen_landmarks
from auface.recognition.presence import presence_of_reading, presence_of_text
from auface.recognition.unit_table import UNITS, WEAK_UNITS, intensities
from auface.structure.topology import LANDMARKS

COUNTED = tuple(unit for unit in UNITS if unit not in WEAK_UNITS)
"""The units that scores count: those that the recognizer can tell."""


class FaceConsistency:
    """The errors of the crop network on predicted pictures, with gradients: a `FaceLoss`.

    The picture that a noisy one is on its way to is read, as ControlNet++ does (Li et al. 2024, arXiv 2404.07987).

    Args:
        network: The recognizer's crop network; it is frozen.
        device: Where to compute.
    """

    def __init__(self, network: nn.Module, device: torch.device | str = "cpu") -> None:
        self._network: Any = network.to(device).train(False).requires_grad_(False)
        self._looked_at = list(seen_landmarks())

    def __call__(self, pictures: Tensor, shown: Sequence[Shown]) -> tuple[Tensor, Tensor]:
        """Return two errors of each picture, 0 where no landmarks are known.

        (batch,) is the mean absolute error of known units, in levels of 5; the other (batch,) the mean distance of the
        landmarks of brows, eyes, nose and mouth from where they should be, in distances between the eyes.

        Args:
            pictures: (batch, 3, height, width) from -1 to 1.
            shown: What each picture shows.
        """
        frames = torch.stack([one.frame for one in shown]).to(pictures.device)
        seen = torch.isfinite(frames).all(1)
        if not seen.any():
            return pictures.sum((1, 2, 3)) * 0, pictures.sum((1, 2, 3)) * 0
        crops = cropped(pictures, torch.nan_to_num(frames, nan=1.0), self._network.config.crop)
        told = self._network(crops)
        wanted = torch.from_numpy(np.stack([intensities(one.expression) for one in shown])).to(told.units)
        known = torch.tensor([[float(unit in one.coded) for unit in UNITS] for one in shown]).to(told.units)
        error = (told.units - wanted).abs().mean(-1) * known
        units = seen * error.sum(1) / known.sum(1).clamp_min(1) / 5
        goals = torch.stack([_places(one) for one in shown]).to(told.points)
        away = (told.points[:, self._looked_at, :2] - goals[:, self._looked_at]).norm(dim=-1).mean(1)
        return units, seen * away * SIDE


class UnitJudge:
    """Scores drawn pictures by what the recognizer reads in them: a `Judge`.

    `unit_error` is the mean absolute error of intensity over all counted units and both sides, 0 to 5, a picture
    without a face counting as a face at rest; `asked_error` is that of the units asked for; `aaad` is our definition in
    `auface.recognition.evaluation.alignment`; `faces` is the share of pictures with a face.

    Args:
        recognizer: An `auface.recognition.recognizer.Recognizer`.
    """

    def __init__(self, recognizer: Any) -> None:
        self._recognizer = recognizer

    def __call__(self, pictures: Tensor, asked: Sequence[Expression]) -> dict[str, float]:
        """Return the scores.

        Args:
            pictures: (batch, 3, height, width) from 0 to 1.
            asked: What each was to show.
        """
        errors: list[float] = []
        own: list[float] = []
        aligned: list[float] = []
        faces = 0
        for picture, request in zip(pictures, asked, strict=True):
            values = (picture.permute(1, 2, 0).numpy() * 255).round().astype(np.uint8)
            found = self._recognizer.read(values)
            wanted = resolve(request)
            reading = found.faces[0].units if found.faces else None
            faces += reading is not None
            for unit in COUNTED:
                told = (reading.left(unit), reading.right(unit)) if reading and unit in reading.units else (0.0, 0.0)
                error = fmean([abs(told[0] - wanted.left(unit)), abs(told[1] - wanted.right(unit))])
                errors.append(error)
                if unit in wanted:
                    own.append(error)
            if reading is not None:
                there = presence_of_reading(reading)
                aligned.append(alignment(presence_of_text(wanted, tuple(there), Expression()), there))
        scores = {"unit_error": fmean(errors), "faces": faces / len(asked)}
        if own:
            scores["asked_error"] = fmean(own)
        if sound := [value for value in aligned if not math.isnan(value)]:
            scores["aaad"] = fmean(sound)
        return scores


def _places(shown: Shown) -> Tensor:
    """Return (478, 2) landmarks in sides of the square round the face from its middle; 0 where there are none."""
    if shown.landmarks is None:
        return torch.zeros(LANDMARKS, 2)
    x, y, side, roll = shown.frame.tolist()
    return torch.from_numpy(CropFrame(x, y, side, roll).to_crop(shown.landmarks) - np.float32(0.5))


def cropped(pictures: Tensor, frames: Tensor, size: int) -> Tensor:
    """Return the squares round faces, (batch, 3, size, size); gradients pass. Black is outside of the picture.

    Args:
        pictures: (batch, 3, height, width) from -1 to 1.
        frames: (batch, 4) x, y, side in pixels, and lean to the right of the picture in degrees.
        size: Side of the crops in pixels.
    """
    height, width = pictures.shape[-2:]
    x, y, side, roll = frames.to(pictures).unbind(1)
    turn = roll * math.pi / 180
    half = side / 2
    # From crop to picture, both from -1 to 1; `CropFrame` has the same turn.
    rows = [
        torch.stack([half * turn.cos() * 2 / width, -half * turn.sin() * 2 / width, 2 * x / width - 1], 1),
        torch.stack([half * turn.sin() * 2 / height, half * turn.cos() * 2 / height, 2 * y / height - 1], 1),
    ]
    grid = torch.nn.functional.affine_grid(torch.stack(rows, 1), [len(frames), 3, size, size], align_corners=False)
    seen = torch.nn.functional.grid_sample(pictures + 1, grid, align_corners=False)  # beyond the border is black, -1
    return seen - 1


def recognizer_or_none() -> Any:
    """Return the recognizer, or None where its weights are not installed."""
    from auface.recognition.recognizer import Recognizer
    from auface.recognition.weight_file import shipped_path

    return Recognizer() if shipped_path().is_file() else None
