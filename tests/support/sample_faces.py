"""Faces as landmarks, and networks of the real classes that have learned nothing."""

import numpy as np
import torch

from auface.recognition.face_network import FaceNetwork, FaceNetworkConfig
from auface.recognition.finder_network import FinderConfig, FinderNetwork
from auface.recognition.fusion import Fusion
from auface.recognition.geometry_network import GeometryConfig, GeometryNetwork
from auface.recognition.weight_file import Networks
from auface.structure.action_vector import UNITS
from auface.structure.camera import WeakPerspective
from auface.structure.identity import sampled_neutral
from auface.structure.pose import HeadPose
from auface.structure.topology import topology

CAMERA = WeakPerspective(scale=60, center=(150, 120))


def face_points(
    pose: HeadPose | None = None,
    units: dict[int, float] | None = None,
    camera: WeakPerspective = CAMERA,
    person: int = 3,
) -> np.ndarray:
    """Landmarks of a sampled person: (478, 3), x and y in pixels, and depth, smaller toward the camera."""
    points = sampled_neutral(person)
    for unit, share in (units or {}).items():
        points = points + share * topology().unit[UNITS.index(unit)]  # pyright: ignore[reportArgumentType]
    seen = camera.project(points @ (pose or HeadPose()).rotation.T)
    seen[:, 2] *= camera.scale
    return seen


def small_networks() -> Networks:
    """Networks that have learned nothing, small and fast."""
    torch.manual_seed(0)
    face = FaceNetwork(
        FaceNetworkConfig(widths=(4, 4, 8, 8), depths=(1, 1, 1), narrow=4, ranks=(4, 8), hidden=8, components=4)
    )
    shared = topology().neutral / 3.1
    face.mean.copy_(torch.from_numpy((shared + np.array([0, 0.2, 0])) * [1, -1, -1]))
    finder = FinderNetwork(FinderConfig(widths=(4, 4, 8, 8, 8), depths=(1, 1, 1, 1), map=8))
    return Networks(face, finder, GeometryNetwork(GeometryConfig(first=16, second=16)), Fusion()).to("cpu")
