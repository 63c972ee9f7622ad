"""Make `structure/face.npz`: what the structural prior needs to know of faces in general.

Run once with the head pack: `python -m auface.lora_training.structure.table HEADS structure/face.npz`. Trained
weights depend on the mean face and the regions in it: after a change of the file, train anew. It holds

* `triangles` (898, 3), `edges_*` (E, 2), `mirror` (478,): MediaPipe's canonical face model, its named edge sets, and
  which landmark is the mirror image of which. MediaPipe is (C) The MediaPipe Authors, Apache-2.0.
* `neutral` (478, 3): the mean of 2,000 random people at rest, made symmetric; `identity` (40, 478, 3): their principal
  components, each at one standard deviation. People are those of `auface.autext.heads` (MakeHuman, CC0; ICT-FaceKit,
  MIT), from the training split.
* `region` (6, 478): how much each landmark belongs to brow, eye, nose, cheek, mouth and jaw of the subject's left half.
  Over both halves the shares of a landmark sum to 1.
* `unit` (47, 478, 3): what each of `auface.structure.action_vector.UNITS` does at intensity 5, on the subject's left
  if it can be one-sided; the mean of 24 people.

Positions are in the frame of `auface.structure.frame`.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from auface.facs import Expression, Sides
from auface.structure.action_vector import UNITS

from .faces import FIRST_PERSON, FaceFactory

PEOPLE = 2000
PEOPLE_FOR_UNITS = 24
COMPONENTS = 40

_HALF_WIDTH = 0.12  # of the seam between both halves, in inter-ocular distances
_SMOOTHING = 3

_Floats = NDArray[np.float32]


def write_table(heads: Path, path: Path, people: int = PEOPLE) -> None:
    """Write the file.

    Args:
        heads: Folder of the head pack.
        path: An .npz file.
        people: How many people to take the mean of.
    """
    factory = FaceFactory(heads)
    with np.load(heads / "canonical468.npz") as file:
        topology = {key: file[key] for key in file.files}
    mirror = factory.pack.landmark_points["mirror"].astype(np.int64)
    first = FIRST_PERSON["train"]
    faces = np.stack([factory.neutral(factory.person(first + number)) for number in range(people)])
    both = np.concatenate([faces, faces[:, mirror] * [-1, 1, 1]])
    mean = both.mean(0)
    mean = (mean + mean[mirror] * [-1, 1, 1]) / 2
    flat = (both - mean).reshape(len(both), -1)
    _, spread, axes = np.linalg.svd(flat[:: max(1, len(flat) // 2000)], full_matrices=False)
    scale = spread[:COMPONENTS, None] / np.sqrt(len(flat[:: max(1, len(flat) // 2000)]))
    edges = {key: topology[key].astype(np.uint16) for key in topology if key.startswith("edges_")}
    np.savez_compressed(
        path,
        triangles=topology["triangles"].astype(np.uint16),
        mirror=mirror.astype(np.uint16),
        neutral=mean.astype(np.float32),
        identity=(axes[:COMPONENTS] * scale).reshape(COMPONENTS, -1, 3).astype(np.float16),
        unit=unit_shapes(factory, PEOPLE_FOR_UNITS).astype(np.float16),
        region=regions(mean, mirror, topology["triangles"].astype(int), edges).astype(np.float16),
        **edges,  # pyright: ignore[reportArgumentType]
    )


def unit_shapes(factory: FaceFactory, people: int) -> _Floats:
    """Return (47, 478, 3), the mean displacement of each unit at intensity 5, on the left if it can be one-sided.

    Args:
        factory: What makes faces.
        people: How many people to take the mean of.
    """
    found = np.zeros((len(UNITS), 478, 3), np.float32)
    for number in range(people):
        face = factory.person(FIRST_PERSON["train"] + number)
        rest = factory.neutral(face)
        for place, unit in enumerate(UNITS):
            value = (5.0, 5.0) if unit.sides is Sides.TOGETHER else (5.0, 0.0)
            found[place] += (factory.points(face, Expression.of({unit: value})) - rest) / people
    return found


def regions(neutral: _Floats, mirror: NDArray[np.int64], triangles: NDArray[np.int64], edges: dict) -> _Floats:
    """Return the (6, 478) shares of the landmarks in the regions of the left half.

    Args:
        neutral: (478, 3) symmetric face.
        mirror: (478,) mirror images.
        triangles: (898, 3).
        edges: The named edge sets.
    """
    points = {name: np.unique(edges[f"edges_{name}"]) for name in ("left_eye", "right_eye", "lips", "nose")}
    points["brows"] = np.unique(np.concatenate([edges["edges_left_eyebrow"], edges["edges_right_eyebrow"]]))
    neighbors = np.zeros((478, 478), bool)
    for a, b in ((0, 1), (1, 2), (2, 0)):
        neighbors[triangles[:, a], triangles[:, b]] = neighbors[triangles[:, b], triangles[:, a]] = True
    neighbors |= np.eye(478, dtype=bool)

    def grown(seed: NDArray[np.int64], rings: int) -> NDArray[np.bool_]:
        chosen = np.zeros(478, bool)
        chosen[seed] = True
        for _ in range(rings):
            chosen = np.asarray(neighbors[chosen].any(0))
        return chosen

    mouth_line = neutral[[61, 291], 1].mean()
    nose = (np.abs(neutral[:, 0]) < 0.33) & (neutral[:, 1] < 0.02) & (neutral[:, 1] > neutral[2, 1] - 0.02)
    label = np.where(neutral[:, 1] < mouth_line + 0.25, 5, 3)  # jaw, else cheek
    label[neutral[:, 1] > neutral[points["brows"], 1].min() - 0.02] = 0
    label[nose] = 2
    label[grown(points["lips"], 2)] = 4
    label[grown(np.concatenate([points["left_eye"], points["right_eye"]]), 2)] = 1
    label[points["brows"]] = 0
    label[468:] = 1
    share = np.eye(6)[label]
    for _ in range(_SMOOTHING):
        share[:468] = (neighbors[:468, :468] @ share[:468]) / neighbors[:468, :468].sum(1, keepdims=True)
    share[share < 0.08] = 0
    share /= share.sum(1, keepdims=True)
    across = np.clip((neutral[:, 0] + _HALF_WIDTH) / (2 * _HALF_WIDTH), 0, 1)
    left = across**2 * (3 - 2 * across)
    share = (share + share[mirror]) / 2
    return (share * left[:, None]).T


if __name__ == "__main__":
    write_table(Path(sys.argv[1]), Path(sys.argv[2]))
