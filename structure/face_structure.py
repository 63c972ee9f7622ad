"""`FaceStructure`: the geometry of one face as one frozen value: who, what it does, how the head is turned."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
import torch
from numpy.typing import NDArray

from auface.facs import Expression

from .camera import Camera, portrait_camera
from .landmark_drawing import LandmarkStyle, landmark_map
from .pose import HeadPose
from .silhouette import head_silhouette
from .surface_map import SurfaceMaps, surface_maps
from .topology import LANDMARKS, mirrored

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FaceStructure:
    """The geometry of a face.

    Attributes:
        expression: What the face shows.
        neutral: (478, 3) the person at rest, in the frame of the face: inter-ocular distances, x toward the subject's
            left, y up, z out of the face, origin between the eyes.
        displacement: (478, 3) what the expression adds.
        tokens: (2, tokens) numbers of the codebook for the left and the right half; empty if no tokens were made.
        pose: How the head is turned.
    """

    expression: Expression
    neutral: Floats
    displacement: Floats
    tokens: NDArray[np.int64]
    pose: HeadPose = field(default_factory=HeadPose)

    def __post_init__(self) -> None:
        for name in ("neutral", "displacement"):
            value = getattr(self, name)
            if value.shape != (LANDMARKS, 3) or not np.isfinite(value).all():
                raise ValueError(f"`{name}` has shape {value.shape}; accepted are ({LANDMARKS}, 3) finite numbers.")

    @property
    def points(self) -> Floats:
        """(478, 3) the face, head straight."""
        return self.neutral + self.displacement

    @property
    def turned(self) -> Floats:
        """(478, 3) the face, head turned."""
        return self.points @ self.pose.rotation.T

    def mirrored(self) -> FaceStructure:
        """Return the mirror image of person, expression and pose."""
        return replace(
            self,
            expression=self.expression.mirrored(),
            neutral=mirrored(self.neutral),
            displacement=mirrored(self.displacement),
            tokens=self.tokens[::-1].copy() if self.tokens.size else self.tokens,
            pose=self.pose.mirrored(),
        )

    def camera(self, size: int, *, focal_length: float | None = 85.0, zoom: float = 1.0) -> Camera:
        """Return a camera that frames this person as a portrait; see `camera.portrait_camera`.

        Args:
            size: Height and width in pixels.
            focal_length: In mm on a sensor of 24 mm; None for a camera infinitely far away.
            zoom: Size of the face.
        """
        return portrait_camera(self.neutral, size, focal_length=focal_length, zoom=zoom)

    def landmarks(self, camera: Camera) -> Floats:
        """Return the (478, 3) landmarks in a picture: x and y in pixels, and the distance from the camera's plane.

        Args:
            camera: What sees the head.
        """
        return camera.project(self.turned)

    def landmark_map(self, camera: Camera, height: int, width: int, style: LandmarkStyle = "controlnet") -> Floats:
        """Draw the landmarks, (height, width, 3) RGB from 0 to 1.

        Args:
            camera: What sees the head.
            height: Height in pixels.
            width: Width in pixels.
            style: `controlnet` or `comfyui`.
        """
        pixels = torch.from_numpy(self.landmarks(camera))[None]
        return landmark_map(pixels, height, width, style)[0].numpy()

    def surface_maps(self, camera: Camera, height: int, width: int) -> SurfaceMaps:
        """Draw depth, normals and parts, as a batch of one.

        Args:
            camera: What sees the head.
            height: Height in pixels.
            width: Width in pixels.
        """
        points = torch.from_numpy(self.points)[None]
        return surface_maps(points, torch.from_numpy(self.pose.rotation), camera, height, width)

    def silhouette(self, camera: Camera, height: int, width: int) -> Floats:
        """Draw head and neck, roughly, (height, width) from 0 to 1.

        Args:
            camera: What sees the head.
            height: Height in pixels.
            width: Width in pixels.
        """
        points = torch.from_numpy(self.points)[None]
        return head_silhouette(points, torch.from_numpy(self.pose.rotation), camera, height, width)[0].numpy()
