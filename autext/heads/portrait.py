"""Where the camera stands, and where points of the head are in its picture.

Lengths are decimeters. The camera's frame: x right, y up, z toward the camera.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from auface.autext.head_description import Camera

from .pack import Floats, HeadPack, Integers

CENTIMETERS = 10.0
"""Centimeters in a decimeter."""

_SENSOR = 24.0  # mm
_NEAR, _FAR = 0.25, 40.0  # dm


@dataclass(frozen=True, slots=True, eq=False)
class Turn:
    """A turn of the head. The neck bends, so that only a share of it reaches each vertex.

    Attributes:
        spin: 3 x 3 matrix of the turn.
        pivot: (3,) the point that stays where it is.
    """

    spin: Floats
    pivot: Floats

    def turned(self, points: Floats, weight: Floats | float = 1.0) -> Floats:
        """Return points after the turn.

        Args:
            points: (..., 3).
            weight: (...,) the share of the turn that each point takes, 0 to 1.
        """
        whole = (points - self.pivot) @ self.spin.T + self.pivot
        return points + np.asarray(weight, np.float32)[..., None] * (whole - points)


@dataclass(frozen=True, slots=True, eq=False)
class Projection:
    """A camera that looks along -z.

    Attributes:
        eye: (3,) its position.
        matrix: (4, 4) from world to clip coordinates, OpenGL's convention.
    """

    eye: Floats
    matrix: Floats

    def pixels(self, points: Floats, size: int) -> Floats:
        """Return the (..., 2) positions of points in the picture: x right, y down, in pixels.

        Args:
            points: (..., 3).
            size: Height and width of the picture.
        """
        clip = points @ self.matrix[:, :3].T + self.matrix[:, 3]
        flat = clip[..., :2] / clip[..., 3:]
        return ((flat * [0.5, -0.5] + 0.5) * size).astype(np.float32)


class Landmarks:
    """MediaPipe's 478 landmarks on heads of the pack.

    Args:
        pack: The head pack.
    """

    def __init__(self, pack: HeadPack) -> None:
        points = pack.landmark_points
        self._skin, self._skin_weight = points["skin_index"].astype(int), points["skin_weight"][..., None]
        self._iris, self._iris_weight = points["iris_index"].astype(int), points["iris_weight"][..., None]

    def on(self, skin: Floats, eyes: Floats) -> Floats:
        """Return the (478, 3) landmarks.

        Args:
            skin: (B, 3) the base mesh.
            eyes: (E, 3) the eyes.
        """
        on_skin = (skin[self._skin] * self._skin_weight).sum(1)
        return np.concatenate([on_skin, (eyes[self._iris] * self._iris_weight).sum(1)])


def framing(landmarks: Floats) -> tuple[Floats, float]:
    """Return the center and the side, in dm, of FFHQ's crop of a neutral face seen from the front.

    The crop is that of the data set's own alignment (arXiv 1812.04948, appendix A): centered a tenth of the way from
    the eyes to the mouth, its side the larger of 4 times the distance of the eyes and 3.6 times that to the mouth.

    Args:
        landmarks: (478, 3) of the neutral face, head straight.
    """
    right, left = landmarks[[33, 133]].mean(0), landmarks[[362, 263]].mean(0)
    eyes, mouth = (right + left) / 2, landmarks[[61, 291]].mean(0)
    down = mouth - eyes
    side = max(4 * np.linalg.norm(left - right), 3.6 * np.linalg.norm(down[:2]))
    return eyes + 0.1 * down, float(side)


def projection(center: Floats, side: float, camera: Camera) -> Projection:
    """Return the camera that shows a crop.

    Args:
        center: (3,) the middle of the picture.
        side: Height and width of the crop at that place, dm, before the zoom.
        camera: Lens and shifts.
    """
    scale = 2 * camera.focal_length / _SENSOR
    distance = side / camera.zoom * scale / 2
    eye = np.asarray(center, np.float32) + np.array([0, 0, distance], np.float32)
    matrix = np.zeros((4, 4), np.float32)
    matrix[0, 0] = matrix[1, 1] = scale
    matrix[0, 2], matrix[1, 2] = -2 * camera.shift_x, 2 * camera.shift_y
    matrix[2, 2], matrix[2, 3] = (_FAR + _NEAR) / (_NEAR - _FAR), 2 * _FAR * _NEAR / (_NEAR - _FAR)
    matrix[3, 2] = -1
    matrix[:, 3] -= matrix[:, :3] @ eye
    return Projection(eye, matrix)


class Surface:
    """The triangles of a mesh, prepared for computing normals often.

    Args:
        triangles: (T, 3) into the vertices.
        count: Number of vertices.
    """

    def __init__(self, triangles: Integers, count: int) -> None:
        self.triangles = triangles
        corners = triangles.ravel()
        order = np.argsort(corners, kind="stable")
        self._used, self._start = np.unique(corners[order], return_index=True)
        self._faces = order // 3
        self._count = count

    def normals(self, vertices: Floats) -> Floats:
        """Return the (N, 3) unit normals of the vertices, outward.

        Args:
            vertices: (N, 3).
        """
        a, b, c = (vertices[self.triangles[:, k]] for k in range(3))
        p, q = b - a, c - a
        face = np.empty_like(p)
        for k, (i, j) in enumerate(((1, 2), (2, 0), (0, 1))):
            face[:, k] = p[:, i] * q[:, j] - p[:, j] * q[:, i]
        normals = np.zeros((self._count, 3), np.float32)
        normals[self._used] = np.add.reduceat(face[self._faces], self._start, axis=0)
        return normals / np.maximum(np.sqrt(np.einsum("nk,nk->n", normals, normals)), 1e-12)[:, None]
