"""`Scene`: faces where they are in pictures, and all maps of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from .camera import Camera
from .face_structure import FaceStructure
from .landmark_drawing import LandmarkStyle
from .surface_map import SurfaceMaps


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Scene:
    """One face in each of several pictures of one size.

    Attributes:
        faces: The faces, one or more.
        cameras: What sees each face.
        height: Height of the pictures in pixels.
        width: Width of the pictures in pixels.
    """

    faces: tuple[FaceStructure, ...]
    cameras: tuple[Camera, ...]
    height: int
    width: int

    def __post_init__(self) -> None:
        if not self.faces or len(self.faces) != len(self.cameras):
            raise ValueError(
                f"`faces` are {len(self.faces)} and `cameras` {len(self.cameras)}; accepted is one camera for each of "
                "one or more faces."
            )

    @classmethod
    def portrait(cls, faces: tuple[FaceStructure, ...], height: int, width: int, *, zoom: float = 1.0) -> Scene:
        """Frame each person as a portrait in the middle of the picture; see `camera.portrait_camera`.

        Args:
            faces: The faces.
            height: Height of the pictures in pixels.
            width: Width of the pictures in pixels.
            zoom: Size of the face; 1 fills the shorter side as FFHQ does.
        """
        size = min(height, width)
        cameras: list[Camera] = []
        for face in faces:
            camera = face.camera(size, zoom=zoom)
            x, y = camera.center
            cameras.append(replace(camera, center=(x + (width - size) / 2, y + (height - size) / 2)))
        return cls(faces=faces, cameras=tuple(cameras), height=height, width=width)

    @classmethod
    def joined(cls, scenes: Sequence[Scene]) -> Scene:
        """Return the pictures of several scenes of one size as one scene.

        Args:
            scenes: One or more.
        """
        return cls(
            faces=tuple(face for scene in scenes for face in scene.faces),
            cameras=tuple(camera for scene in scenes for camera in scene.cameras),
            height=scenes[0].height,
            width=scenes[0].width,
        )

    def landmark_map(self, style: LandmarkStyle = "controlnet") -> Tensor:
        """Draw the landmarks, (pictures, height, width, 3) RGB from 0 to 1.

        Args:
            style: `controlnet` or `comfyui`.
        """
        drawn = [
            face.landmark_map(camera, self.height, self.width, style)
            for face, camera in zip(self.faces, self.cameras, strict=True)
        ]
        return torch.stack([torch.from_numpy(picture) for picture in drawn])

    def surface_maps(self) -> SurfaceMaps:
        """Draw depth, normals and parts of all pictures; about 24 bytes a pixel."""
        return SurfaceMaps.joined(
            [
                face.surface_maps(camera, self.height, self.width)
                for face, camera in zip(self.faces, self.cameras, strict=True)
            ]
        )

    def silhouette(self) -> Tensor:
        """Draw heads and necks, roughly, (pictures, height, width) from 0 to 1."""
        drawn = [
            face.silhouette(camera, self.height, self.width)
            for face, camera in zip(self.faces, self.cameras, strict=True)
        ]
        return torch.stack([torch.from_numpy(picture) for picture in drawn])
