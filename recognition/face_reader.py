"""`FaceReader`: what the networks see in one or many faces whose place is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from auface.structure.device import usable_device
from auface.structure.pose import HeadPose

from .crop_frame import CropFrame, frame_of_landmarks
from .face_network import FaceOutput, crops_to_input, mean_output, mirrored_output, split_output
from .folding import folded
from .fusion import NEUTRAL_SHARE
from .geometry_network import face_shape, halves
from .weight_file import Networks

Floats = NDArray[np.float32]
Bytes = NDArray[np.uint8]

BATCH = 16
"""Most crops in one pass; keeps memory flat."""


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """What the crop network sees in a face.

    Attributes:
        frame: Where it looked.
        landmarks: (478, 3) in pixels of the picture; depth in the same unit, 0 midway between the eyes.
        units: (units, 2) intensities, not limited to 0 to 5.
        scale: (units, 2) their expected absolute errors.
        emotions: (emotions,) probabilities.
        score: Probability that this is a face.
    """

    frame: CropFrame
    landmarks: Floats
    units: Floats
    scale: Floats
    emotions: Floats
    score: float


@dataclass(frozen=True, slots=True, eq=False)
class NeutralFace:
    """A person at rest, which `Recognizer.neutral` reads once for many pictures of the person.

    Attributes:
        landmarks: (478, 3) in pixels of its own picture.
        look: What the crop network saw, or None where only landmarks are known.
    """

    landmarks: Floats
    look: Look | None = None


class FaceReader:
    """Looks at faces.

    Args:
        networks: The networks.
        device: Where to compute.

    Raises:
        ValueError: The device cannot be used here.
    """

    def __init__(self, networks: Networks, device: torch.device | str = "cpu") -> None:
        self.device = usable_device(device)
        ready = replace(networks, face=folded(networks.face), finder=folded(networks.finder))
        self.networks = ready.to(self.device)

    @torch.no_grad()
    def look(self, squares: Sequence[tuple[Bytes, CropFrame]], *, twice: bool = True) -> list[Look]:
        """Return what is seen in squares of pictures; many together take about two thirds of the time of one by one.

        Args:
            squares: A picture, (H, W, 3) RGB, and a square in it, each.
            twice: Whether to look at them in a mirror too, and to take the mean.
        """
        if not squares:
            return []
        size = self.networks.face.config.crop
        crops = np.stack([frame.cut(picture, size) for picture, frame in squares])
        return self.look_at_crops(crops, [frame for _, frame in squares], twice=twice)

    @torch.no_grad()
    def look_at_crops(
        self, crops: Bytes, frames: Sequence[CropFrame] | None = None, *, twice: bool = True
    ) -> list[Look]:
        """Return what is seen in crops.

        Args:
            crops: (B, crop, crop, 3) RGB.
            frames: Where they were cut; by default each is a picture of its own.
            twice: Whether to look at them in a mirror too, and to take the mean: reads better, and takes twice as long.
        """
        size = crops.shape[1]
        frames = frames or [CropFrame(size / 2, size / 2, size)] * len(crops)
        found: list[Look] = []
        for start in range(0, len(crops), BATCH):
            shown = crops_to_input(torch.from_numpy(crops[start : start + BATCH])).to(self.device)
            output = self._said(shown, twice=twice)
            emotions, scores = torch.softmax(output.emotions, 1), torch.sigmoid(output.score)
            rows = zip(output.points, output.units, output.scale, emotions, scores, strict=True)
            for frame, (points, *rest) in zip(frames[start:], rows, strict=False):
                landmarks = frame.to_picture(points.cpu().numpy() + np.array([0.5, 0.5, 0], np.float32))
                units, scale, emotion = (value.cpu().numpy() for value in rest[:3])
                found.append(Look(frame, landmarks, units, scale, emotion, float(rest[3])))
        return found

    def _said(self, shown: Tensor, *, twice: bool) -> FaceOutput:
        if not twice:
            return self.networks.face(shown)
        both = torch.cat([shown, shown.flip(3)]).contiguous(memory_format=torch.channels_last)
        once, mirrored = split_output(self.networks.face(both), len(shown))
        return mean_output(once, mirrored_output(mirrored))

    @torch.no_grad()
    def units(
        self, landmarks: Sequence[Floats], looks: Sequence[Look] | None, neutral: NeutralFace | None = None
    ) -> tuple[Floats, Floats, list[HeadPose]]:
        """Return (B, units, 2) intensities and their expected absolute errors, and how the heads are turned.

        Args:
            landmarks: (478 or 468, 2 or 3) in pixels, of each face.
            looks: What the crop network saw of each, or None to go by landmarks alone.
            neutral: The person at rest, if it is one person and known.
        """
        straight = [face_shape(points) for points in landmarks]
        shapes = torch.from_numpy(np.stack([halves(*one) for one in straight])).to(self.device)
        rest: Tensor | None = None
        if neutral is not None:
            rest = torch.from_numpy(halves(*face_shape(neutral.landmarks)))[None].to(self.device)
            rest = rest.expand(len(shapes), -1, -1)
        units, scale = self.networks.geometry(shapes, rest)
        poses = [pose for _, pose in straight]
        if looks is None:
            return units.clamp(0, 5).cpu().numpy(), scale.cpu().numpy(), poses
        seen = np.stack([look.units for look in looks])
        known = neutral is not None and neutral.look is not None
        if neutral is not None and neutral.look is not None:
            seen = seen - NEUTRAL_SHARE * neutral.look.units.clip(0, 5)
        crop = torch.from_numpy(seen).to(self.device), torch.from_numpy(np.stack([one.scale for one in looks]))
        fused, error = self.networks.fusion((crop[0], crop[1].to(self.device)), (units, scale), neutral=known)
        return fused.cpu().numpy(), error.cpu().numpy(), poses


def settled(look: Look) -> CropFrame:
    """Return the frame of the landmarks that a look found: where to look next, more exactly.

    Args:
        look: A look.
    """
    return frame_of_landmarks(look.landmarks)[0]
