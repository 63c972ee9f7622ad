"""`head_silhouette`: an outline of head and neck round a face, without hair or ears.

Cranium and neck are not known from landmarks: an ellipsoid and a cylinder of common proportions, as wide as the face.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from .camera import Camera
from .drawing import hull, polygon_coverage
from .precision import full_precision
from .topology import topology

_CRANIUM, _RADII = (0.0, 0.42, -1.3), (1.3, 1.55, 1.62)
_NECK, _NECK_RADIUS, _NECK_ENDS = (0.0, -1.45), 0.98, (-0.6, -5.0)  # x and z, radius, highest and lowest y
_FACE_HALF_WIDTH = 1.23  # of the default head, for which these numbers hold
_NECK_SHARE = 0.35  # of the head's turn that the neck takes


@full_precision
def head_silhouette(points: Tensor, rotation: Tensor, camera: Camera, height: int, width: int) -> Tensor:
    """Return how much of each pixel head and neck cover, (batch, height, width) from 0 to 1.

    Args:
        points: (batch, 478, 3) faces in the frame of the face, head straight.
        rotation: (3, 3) turn of the head.
        camera: What sees the head.
        height: Height of the picture in pixels.
        width: Width of the picture in pixels.
    """
    oval = torch.from_numpy(topology().edges["face_oval"]).unique()
    partly = torch.lerp(torch.eye(3), rotation.float().cpu(), _NECK_SHARE).to(points)
    covered: list[Tensor] = []
    for face in points:
        scale = float(face[:, 0].max() - face[:, 0].min()) / (2 * _FACE_HALF_WIDTH)
        head = torch.cat([_ellipsoid(scale).to(points), face[oval.to(points.device)]]) @ rotation.to(points).T
        parts = [head, _cylinder(scale).to(points) @ partly.T]
        outlines = [hull(camera.project(part)[:, :2]) for part in parts]
        covered.append(torch.stack([polygon_coverage(o[None], height, width)[0] for o in outlines]).amax(0))
    return torch.stack(covered)


def _ellipsoid(scale: float) -> Tensor:
    across, up = torch.meshgrid(
        torch.arange(32) * (2 * math.pi / 32), torch.linspace(-math.pi / 2, math.pi / 2, 17), indexing="ij"
    )
    sphere = torch.stack([up.cos() * across.cos(), up.sin(), up.cos() * across.sin()], -1).reshape(-1, 3)
    return (sphere * torch.tensor(_RADII) + torch.tensor(_CRANIUM)) * scale


def _cylinder(scale: float) -> Tensor:
    angle = torch.arange(24) * (2 * math.pi / 24)
    x, z = _NECK
    rings = [
        torch.stack([x + _NECK_RADIUS * angle.cos(), torch.full_like(angle, y), z + _NECK_RADIUS * angle.sin()], -1)
        for y in _NECK_ENDS
    ]
    return torch.cat(rings) * scale
