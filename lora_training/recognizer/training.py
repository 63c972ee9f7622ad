"""`train_face`, `train_finder`, `train_geometry`: the three networks of the recognizer, each a run of the one loop."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from auface.lora_training.checkpoint import NAME, read_checkpoint
from auface.lora_training.loop import Loop, LoopConfig
from auface.recognition.face_network import FaceNetwork, FaceNetworkConfig
from auface.recognition.finder_network import FinderNetwork
from auface.recognition.geometry_network import GeometryNetwork
from auface.recognition.weight_file import load_networks

from .cache import FaceCache
from .cascade import CascadeTask
from .face import FaceBatches, FaceTask, scene_bank, shape_basis
from .finder import FinderBatches, FinderTask
from .geometry import GeometryTask
from .shape import ReadLandmarks, ShapeTable, ShownUnits
from .start import widened


def train_face(
    cache: FaceCache,
    scenes: Path,
    heads: Path | None,
    config: LoopConfig,
    batch: int,
    *,
    geometry: Path | None = None,
    weights: Path | None = None,
) -> Loop:
    """Train the crop network.

    Args:
        cache: The faces.
        scenes: File of scenes without faces; made if it is missing.
        heads: Folder of the head pack, for scenes.
        config: How to train.
        batch: Crops of a step.
        geometry: Run of the geometry network, which is trained first; by default the one of `weights`.
        weights: A trained recognizer to go on from.

    Raises:
        ValueError: Neither `geometry` nor `weights` is given.
    """
    torch.manual_seed(config.seed)
    loop = Loop(config, face_task(cache, scene_bank(scenes, heads, cache, 3000), config.seed, batch, geometry, weights))
    loop.train()
    return loop


def face_task(
    cache: FaceCache,
    scenes: NDArray[np.uint8],
    seed: int,
    batch: int,
    geometry: Path | None = None,
    weights: Path | None = None,
) -> FaceTask:
    """Return the task of the crop network: all of it, or, to go on from a trained one, its cascade.

    Args:
        cache: The faces.
        scenes: Scenes without faces.
        seed: Of order and chance.
        batch: Crops of a step.
        geometry: Run of the geometry network; by default the one of `weights`.
        weights: A trained recognizer whose cascade goes on learning.

    Raises:
        ValueError: Neither `geometry` nor `weights` is given.
    """
    if weights is None and geometry is None:
        raise ValueError("`geometry` and `weights` are missing; accepted is a run, a trained recognizer, or both.")
    before = None if weights is None else load_networks(weights)
    reader = GeometryNetwork() if before is None else before.geometry
    if geometry is not None:
        reader.load_state_dict(averaged_weights(geometry)["geometry"])
    shown = ShownUnits(reader, cache, ShapeTable(cache, "train"))
    if before is None:
        network = FaceNetwork()
        mean, basis = shape_basis(cache, network.config.components)
        network.mean.copy_(mean)
        network.basis.copy_(basis)
    else:
        network = widened(before.face, cache, FaceNetworkConfig().components)
    network.to(memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue]
    faces = FaceBatches(cache, "train", scenes, network.config.crop, seed)
    return (FaceTask if before is None else CascadeTask)(network, faces, batch, shown)


def train_finder(cache: FaceCache, scenes: Path, heads: Path | None, config: LoopConfig, batch: int) -> Loop:
    """Train the finder of faces.

    Args:
        cache: The faces.
        scenes: File of scenes without faces; made if it is missing.
        heads: Folder of the head pack, for scenes.
        config: How to train.
        batch: Pictures of a step.
    """
    torch.manual_seed(config.seed)
    network = FinderNetwork()
    network.to(memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue]
    bank = scene_bank(scenes, heads, cache, 3000)
    loop = Loop(config, FinderTask(network, FinderBatches(cache, "train", bank, config.seed), batch))
    loop.train()
    return loop


def train_geometry(
    cache: FaceCache, config: LoopConfig, batch: int, read: Sequence[Path] = (), weights: Path | None = None
) -> Loop:
    """Train the reader of landmarks.

    Args:
        cache: The faces.
        config: How to train.
        batch: Faces of a step.
        read: Files of landmarks as detectors read them, to learn from besides the exact ones.
        weights: A trained recognizer to go on from.
    """
    torch.manual_seed(config.seed)
    network = GeometryNetwork() if weights is None else load_networks(weights).geometry.requires_grad_(True)
    landmarks = [ReadLandmarks.load(path) for path in read]
    loop = Loop(config, GeometryTask(network, cache, landmarks, batch, config.seed))
    loop.train()
    return loop


def averaged_weights(run: Path) -> dict[str, dict[str, torch.Tensor]]:
    """Return the weights to use of a run, by part.

    Args:
        run: Its folder.

    Raises:
        ValueError: It has no checkpoint.
    """
    return read_checkpoint(run / NAME)["averages"]
