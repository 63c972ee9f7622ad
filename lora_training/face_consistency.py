"""`FaceConsistency`: what the recognizer sees in pictures that a model is learning to draw, as a loss.

The picture that a noisy one is on its way to is read, as ControlNet++ does (Li et al. 2024, arXiv 2404.07987).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from auface.facs import ActionUnit, Expression
from auface.recognition.crop_frame import SIDE, CropFrame, frame_of_landmarks
from auface.recognition.face_network import seen_landmarks
from auface.recognition.unit_table import UNITS, intensities
from auface.structure.topology import LANDMARKS

if TYPE_CHECKING:
    from auface.recognition.recognizer import Recognizer


class Shown(NamedTuple):
    """What a picture shows.

    Attributes:
        expression: Its units.
        coded: The units of which that is known.
        frame: (4,) the square round the face: x, y and side in pixels, and lean to the right in degrees; NaN where
            there is none.
        landmarks: (478, 2) in pixels, or None.
    """

    expression: Expression
    coded: tuple[ActionUnit, ...]
    frame: Tensor
    landmarks: NDArray[np.float32] | None

    @classmethod
    def by_landmarks(
        cls,
        landmarks: NDArray[np.float32] | None,
        expression: Expression | None = None,
        coded: tuple[ActionUnit, ...] = (),
    ) -> Shown:
        """Return a face that is where its landmarks are.

        Args:
            landmarks: (478, 2) in pixels; None where they are not known.
            expression: Its units.
            coded: The units of which that is known; none by default.
        """
        if landmarks is None:
            return cls(expression or Expression(), coded, torch.full((4,), torch.nan), None)
        frame, _ = frame_of_landmarks(landmarks)
        place = torch.tensor([frame.x, frame.y, frame.side, frame.roll])
        return cls(expression or Expression(), coded, place, landmarks)

    def moved(self, x: float, y: float) -> Shown:
        """Return the same face elsewhere.

        Args:
            x: Pixels to the right.
            y: Pixels down.
        """
        shift = np.array([x, y], np.float32)
        points = None if self.landmarks is None else self.landmarks + shift
        return self._replace(frame=self.frame + torch.tensor([x, y, 0.0, 0.0]), landmarks=points)

    def shifted(self, by: NDArray[np.float32] | None) -> Shown:
        """Return the same face in the same square, with landmarks elsewhere.

        Args:
            by: (478, 2) pixels; None leaves them.
        """
        return self if by is None or self.landmarks is None else self._replace(landmarks=self.landmarks + by)


class FaceLoss(Protocol):
    """Sees faces in predicted pictures; `FaceConsistency` does."""

    def __call__(self, pictures: Tensor, shown: Sequence[Shown]) -> tuple[Tensor, Tensor]:
        """Return the errors of units and of landmarks, (batch,) each.

        Args:
            pictures: (batch, 3, height, width) from -1 to 1.
            shown: What each picture would show.
        """
        ...

    def landmarks(self, pictures: Tensor, shown: Sequence[Shown]) -> NDArray[np.float32]:
        """Return where landmarks are seen, (batch, 478, 2) in pixels.

        Args:
            pictures: (batch, 3, height, width) from -1 to 1.
            shown: Where each face is.
        """
        ...


class FaceConsistency(FaceLoss):
    """The errors of the crop network on predicted pictures, with gradients.

    Args:
        network: The recognizer's crop network; it is frozen.
        device: Where to compute.
        asked_weight: How much more a unit counts where it is asked for. Of some 26 known units few are, and where all
            count alike, what is learned first is to show none.
    """

    def __init__(self, network: nn.Module, device: torch.device | str = "cpu", *, asked_weight: float = 1.0) -> None:
        self._network: Any = network.to(device).train(False).requires_grad_(False)
        self._asked_weight = asked_weight
        self._looked_at = list(seen_landmarks())

    @classmethod
    def of(
        cls, recognizer: Recognizer, device: torch.device | str = "cpu", *, asked_weight: float = 1.0
    ) -> FaceConsistency:
        """Return the errors that a recognizer sees.

        Args:
            recognizer: Whose crop network reads.
            device: Where to compute.
            asked_weight: How much more a unit counts where it is asked for.
        """
        return cls(recognizer.reader.networks.face, device, asked_weight=asked_weight)

    def __call__(self, pictures: Tensor, shown: Sequence[Shown]) -> tuple[Tensor, Tensor]:
        """Return two errors of each picture, 0 where no landmarks are known.

        (batch,) is the weighted mean absolute error of known units, in levels of 5; the other (batch,) the mean
        distance of the landmarks of brows, eyes, nose and mouth from where they should be, in distances between the
        eyes.

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
        counts = known * torch.where(wanted.amax(-1) > 0, self._asked_weight, 1.0)
        error = (counts * level_errors(told.units, wanted).mean(-1)).sum(1) / counts.sum(1).clamp_min(1)
        units = seen * error / 5
        goals = torch.stack([_places(one) for one in shown]).to(told.points)
        away = (told.points[:, self._looked_at, :2] - goals[:, self._looked_at]).norm(dim=-1).mean(1)
        return units, seen * away * SIDE

    @torch.no_grad()
    def landmarks(self, pictures: Tensor, shown: Sequence[Shown]) -> NDArray[np.float32]:
        """Return where landmarks are seen, (batch, 478, 2) in pixels.

        Args:
            pictures: (batch, 3, height, width) from -1 to 1.
            shown: Where each face is.
        """
        frames = torch.stack([one.frame for one in shown]).to(pictures.device)
        told = self._network(cropped(pictures, frames, self._network.config.crop)).points[..., :2].cpu().numpy()
        squares = [CropFrame(*one.frame.tolist()) for one in shown]
        return np.stack(
            [square.to_picture(points + np.float32(0.5)) for square, points in zip(squares, told, strict=True)]
        )


def level_errors(told: Tensor, wanted: Tensor) -> Tensor:
    """Return how far levels are from those that are wanted, of the same shape.

    The crop network is not held to the range of levels: it says less than 0 of a unit that is surely absent, which is
    as good as 0, and more than 5 in the same way.

    Args:
        told: What the crop network says.
        wanted: Levels, 0 to 5.
    """
    nothing, most = wanted <= 0, wanted >= 5
    return torch.where(nothing, told.clamp_min(0), torch.where(most, (5 - told).clamp_min(0), (told - wanted).abs()))


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


def _places(shown: Shown) -> Tensor:
    """Return (478, 2) landmarks in sides of the square round the face from its middle; 0 where there are none."""
    if shown.landmarks is None:
        return torch.zeros(LANDMARKS, 2)
    x, y, side, roll = shown.frame.tolist()
    return torch.from_numpy(CropFrame(x, y, side, roll).to_crop(shown.landmarks) - np.float32(0.5))
