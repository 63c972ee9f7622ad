"""`train_face`, `train_steps`, `train_finder`, `train_geometry`: the networks of the recognizer, by the one loop."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from auface.lora_training.checkpoint import NAME, read_checkpoint
from auface.lora_training.loop import Loop, LoopConfig
from auface.recognition.face_network import FaceNetwork, FaceNetworkConfig
from auface.recognition.finder_network import FinderNetwork
from auface.recognition.geometry_network import GeometryNetwork
from auface.recognition.unit_table import UNITS
from auface.recognition.weight_file import load_networks, save_networks

from .cache import FaceCache
from .cascade import CascadeTask
from .face import FaceBatches, FaceTask, scene_bank, shape_basis
from .finder import FinderBatches, FinderTask
from .geometry import GeometryTask
from .seen_faces import SeenFaces
from .shape import ReadLandmarks, ShapeTable, ShownUnits
from .start import widened, with_new_steps
from .step import solve_steps


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


def train_steps(
    cache: FaceCache,
    scenes: Path,
    heads: Path | None,
    config: LoopConfig,
    weights: Path | None,
    *,
    photographs: int,
    ranks: Sequence[int],
    batch: int,
) -> list[dict[str, Any]]:
    """Give a trained recognizer a cascade whose steps are solved for; it is written to `recognition.safetensors`.

    Its reader of landmarks and its fusion stay as they are: both are to be trained and fitted again.

    Args:
        cache: The faces.
        scenes: File of scenes without faces; made if it is missing.
        heads: Folder of the head pack, for scenes.
        config: How the layers of each step are trained.
        weights: The recognizer; by default the shipped one.
        photographs: How many faces are photographed; 100 kB of disk for each.
        ranks: How many numbers each step keeps.
        batch: Faces of a step of the loop.

    Returns:
        What `solve_steps` returns.

    Raises:
        ValueError: No photographs, no steps, or a step that keeps more numbers than it has to say.
    """
    torch.manual_seed(config.seed)
    before = load_networks(weights)
    most = before.face.config.components + 4 + 2 * len(UNITS)
    if photographs < 1 or not ranks or not all(1 <= rank <= most for rank in ranks):
        raise ValueError(
            f"`photographs` is {photographs} and `ranks` {tuple(ranks)}; accepted are at least one photograph, and for "
            f"each step a number from 1 to {most}."
        )
    network = with_new_steps(before.face, tuple(ranks))
    bank = scene_bank(scenes, heads, cache, 3000)
    size = network.config.crop
    splits = {"train": photographs, "validation": max(1, photographs // 24)}
    faces = {split: FaceBatches(cache, split, bank, size, config.seed) for split in splits}
    seen, others = (
        SeenFaces.photographed(network, faces[split], count, config.out / f"{split}.npy")
        for split, count in splits.items()
    )
    shown = ShownUnits(before.geometry, cache, ShapeTable(cache, "train"))
    report = solve_steps(network, faces["train"], seen, others, config, batch, shown)
    about = {"trained": json.dumps({"steps": report})}
    save_networks(replace(before, face=network), config.out / "recognition.safetensors", about)
    return report


def averaged_weights(run: Path) -> dict[str, dict[str, torch.Tensor]]:
    """Return the weights to use of a run, by part.

    Args:
        run: Its folder.

    Raises:
        ValueError: It has no checkpoint.
    """
    return read_checkpoint(run / NAME)["averages"]
