"""`topology`: what all faces share. The 478 landmarks, their triangles, named edges, mirror image and regions.

Everything is read from `face.npz`, which `auface.lora_training.structure.table` wrote. Triangles, edge sets and
landmark numbers are those of MediaPipe's canonical face model ((C) The MediaPipe Authors, Apache-2.0); positions are
in the frame of `auface.structure.frame`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Integers = NDArray[np.int64]

LANDMARKS = 478
"""Number of landmarks: 468 on the skin, then five each on the right and on the left iris, the center first."""

SKIN_LANDMARKS = 468
"""Number of landmarks on the skin."""

RIGHT_IRIS = tuple(range(468, 473))
"""Landmarks of the subject's right iris: center, then its edge toward image right, up, image left, down."""

LEFT_IRIS = tuple(range(473, 478))
"""Landmarks of the subject's left iris, in the same order."""

REGIONS = ("brow", "eye", "nose", "cheek", "mouth", "jaw")
"""Regions of each half of the face, in the order of `Topology.region`."""

INNER_LIPS = ((78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308), (78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308))
"""Landmarks along the inner edge of the upper and of the lower lip, from the subject's right corner to the left."""

OUTER_LIPS = (
    *(61, 185, 40, 39, 37, 0, 267, 269, 270, 409, 291),
    *(375, 321, 405, 314, 17, 84, 181, 91, 146),
)
"""Landmarks round the red of the lips, from the subject's right corner over the upper lip."""

RIGHT_LIDS = ((33, 246, 161, 160, 159, 158, 157, 173, 133), (33, 7, 163, 144, 145, 153, 154, 155, 133))
"""Landmarks along the margins of the right upper and lower lid, from the outer corner to the inner."""

LEFT_LIDS = ((263, 466, 388, 387, 386, 385, 384, 398, 362), (263, 249, 390, 373, 374, 380, 381, 382, 362))
"""Landmarks along the margins of the left upper and lower lid, from the outer corner to the inner."""


@dataclass(frozen=True, slots=True, eq=False)
class Topology:
    """What all faces share.

    Attributes:
        triangles: (898, 3) landmarks of the triangles, counterclockwise seen from outside; eyes and mouth are covered.
        mirror: (478,) the landmark that is the mirror image of each.
        edges: Name -> (E, 2) edges: contours, face_oval, irises, left_eye, left_eyebrow, left_iris, lips, nose,
            right_eye, right_eyebrow, right_iris, tesselation.
        neutral: (478, 3) the mean face at rest.
        identity: (40, 478, 3) principal components of faces at rest, at one standard deviation each.
        region: (6, 478) share of each landmark in the regions of the left half; with `mirror`, all shares sum to 1.
        unit: (47, 478, 3) what each of `action_vector.UNITS` does at intensity 5 on a mean person, on the left if it
            can be one-sided.
    """

    triangles: Integers
    mirror: Integers
    edges: dict[str, Integers]
    neutral: Floats
    identity: Floats
    region: Floats
    unit: Floats


@cache
def topology() -> Topology:
    """Return what all faces share; read once."""
    with (files("auface.structure") / "face.npz").open("rb") as file, np.load(file) as table:
        mirror = table["mirror"].astype(np.int64)
        region = table["region"].astype(np.float32)
        region = region / (region + region[:, mirror]).sum(0)
        return Topology(
            triangles=table["triangles"].astype(np.int64),
            mirror=mirror,
            edges={name[6:]: table[name].astype(np.int64) for name in table.files if name.startswith("edges_")},
            neutral=table["neutral"],
            identity=table["identity"].astype(np.float32),
            region=region,
            unit=table["unit"].astype(np.float32),
        )


def mirrored(points: Floats) -> Floats:
    """Return the mirror image of faces: left and right landmarks change places, x changes its sign.

    Args:
        points: (..., 478, 3) positions or displacements in the frame of the face.
    """
    return points[..., topology().mirror, :] * np.array([-1, 1, 1], np.float32)


def mirrored_pixels(points: Floats, width: float) -> Floats:
    """Return the landmarks of mirrored pictures.

    Args:
        points: (..., 478, 2) in pixels of the pictures.
        width: Of the pictures, in pixels.
    """
    other = points[..., topology().mirror, :].copy()
    other[..., 0] = width - other[..., 0]
    return other
