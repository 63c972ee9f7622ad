"""`HeadRenderer`: what draws a `HeadDescription`, and `HeadImage`: the picture with its exact maps.

Every map of a `HeadImage` comes from the same camera as its picture. Pixel coordinates have their origin at the outer
corner of the top left pixel: x to the right, y down, a pixel's center at (0.5, 0.5).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum
from typing import Literal, Protocol, get_args

import numpy as np
from numpy.typing import NDArray

from auface.autext.head_description import HeadDescription

MapName = Literal["landmarks", "depth", "normals", "parts"]
"""What can be asked for beside the picture; `landmarks` gives them in 2D and in 3D."""

MAPS: tuple[MapName, ...] = get_args(MapName)
"""All maps."""


class Part(IntEnum):
    """Labels of the part mask. A renderer that has no such part leaves the label out."""

    BACKGROUND = 0
    SKIN = 1
    BROWS = 2
    EYES = 3
    LASHES = 4
    LIPS = 5
    TEETH = 6
    TONGUE = 7
    MOUTH = 8  # the inside of the mouth, behind the lips
    HAIR = 9
    CLOTHES = 10
    EARS = 11
    NECK = 12


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class HeadImage:
    """A picture of a head and its maps; maps that were not asked for are None.

    Attributes:
        image: (H, W, 3) uint8, sRGB.
        landmarks: (478, 2) float32, MediaPipe's landmarks in pixels; points may lie outside of the picture or be
            hidden by the head.
        landmarks_3d: (478, 3) float32, the same points in the head's own frame, without head pose and camera: cm, x
            toward the subject's left, y up, z forward, origin midway between the centers of the neutral eyeballs.
        depth: (H, W) float32, distance from the camera's plane in cm; 0 where there is only background.
        normals: (H, W, 3) float32, unit vectors in the camera's frame: x right, y up, z toward the camera; 0 where
            there is only background.
        parts: (H, W) uint8, labels of `Part`.
    """

    image: NDArray[np.uint8]
    landmarks: NDArray[np.float32] | None = None
    landmarks_3d: NDArray[np.float32] | None = None
    depth: NDArray[np.float32] | None = None
    normals: NDArray[np.float32] | None = None
    parts: NDArray[np.uint8] | None = None


class HeadRenderer(Protocol):
    """Draws heads. The same description, size and maps give the same result on the same machine."""

    def render(self, description: HeadDescription, size: int, maps: Iterable[MapName] = ("landmarks",)) -> HeadImage:
        """Draw one head.

        Args:
            description: What to draw.
            size: Height and width in pixels, 16 to 2048.
            maps: What else to return.

        Raises:
            ValueError: The size or a map is not one of those accepted, or the description names something, such as a
                haircut, that the heads do not have.
        """
        ...


def checked_maps(size: int, maps: Iterable[str]) -> frozenset[str]:
    """Return the maps asked for, after checking them and the size.

    Args:
        size: Height and width in pixels.
        maps: Names of maps.

    Raises:
        ValueError: The size lies outside 16 to 2048, or a map is unknown.
    """
    if not 16 <= size <= 2048:
        raise ValueError(f"`size` is {size!r}; accepted is a whole number from 16 to 2048.")
    names = frozenset(maps)
    if unknown := sorted(names - set(MAPS)):
        raise ValueError(f"`maps` holds {unknown}; accepted are {list(MAPS)}.")
    return names
