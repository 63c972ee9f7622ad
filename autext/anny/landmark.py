"""`Landmarks`: MediaPipe's 478 landmarks on a plain head.

`landmarks.npz` says on which triangle of the base mesh each of the 468 skin landmarks lies: `index` (468, 3) vertices
of the base mesh, `weight` (468, 3) barycentric. It was measured by this project: 30 random people were drawn four times
each (from the front, mouth open, turned by 25 degrees to either side), MediaPipe's face landmarker was run on the 120
pictures, each landmark was put on the nearest visible point of the surface, and the weighted median over the people was
made symmetric. On those people the landmarks lie within 2.5 % of the distance of the outer eye corners on average, and
within 8 % at the outline of temples and jaw. The ten iris landmarks are the center of the iris and its right, upper,
left and lower edge in the picture.
"""

from __future__ import annotations

from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from .face_pack import FacePack

COUNT = 478
"""Number of landmarks."""

_IRIS_RADIUS = 0.057  # dm on the base mesh
_ROUND = ((0, 0), (1, 0), (0, 1), (-1, 0), (0, -1))


class Landmarks:
    """Finds the landmarks of posed heads of one pack."""

    def __init__(self, pack: FacePack) -> None:
        """Prepare the weights.

        Args:
            pack: The arrays of the head.
        """
        place = np.full(int(pack.source_index.max()) + 1, -1)
        place[pack.source_index] = np.arange(len(pack.source_index))
        with (files("auface.autext.anny") / "landmarks.npz").open("rb") as file, np.load(file) as table:
            skin, weight = place[table["index"].astype(int)], table["weight"].astype(np.float64)
        iris = [_on_eye(pack, row) for row in (1, 0)]  # the subject's right eye comes first
        self._index = np.concatenate([skin, *(index for index, _ in iris)])
        self._weight = np.concatenate([weight, *(own for _, own in iris)])

    def of(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the landmarks, (478, columns).

        Args:
            points: (vertices, columns) for the vertices of the pack, in any frame.
        """
        return np.einsum("nkc,nk->nc", points[self._index], self._weight)


def _on_eye(pack: FacePack, row: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return vertices and weights of an iris: its center, then four places on its edge."""
    own = np.flatnonzero(pack.eye_centers[row])
    eye = pack.vertices[own].astype(np.float64)
    center = eye.mean(0)
    front = own[eye[:, 2] > center[2] + 0.05]
    index: list[NDArray[np.int64]] = []
    weight: list[NDArray[np.float64]] = []
    for across, up in _ROUND:
        wanted = center[:2] + _IRIS_RADIUS * np.array([across, up])
        near = front[np.argsort(np.linalg.norm(pack.vertices[front, :2] - wanted, axis=1))[:3]]
        away = 1 / (np.linalg.norm(pack.vertices[near, :2] - wanted, axis=1) + 1e-4)
        index.append(near)
        weight.append(away / away.sum())
    return np.stack(index), np.stack(weight)
