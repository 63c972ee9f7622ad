"""A trained crop network with more to learn: what it says is the same at first.

It gets more components of landmark shapes, and eyes of its own for the cascade, which can then learn while the trunk
rests.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from auface.recognition.face_network import FaceNetwork
from auface.structure.topology import LANDMARKS, topology

from .cache import FaceCache


def widened(network: FaceNetwork, cache: FaceCache, components: int) -> FaceNetwork:
    """Return a network with eyes that can say what is left over in the shapes of faces, and does not do so yet.

    Args:
        network: A trained network; it is not changed.
        cache: The faces; the training split decides what is left over.
        components: Components in all.

    Raises:
        ValueError: Fewer components than the network has.
    """
    old = network.config.components
    if components < old:
        raise ValueError(f"`components` is {components}; accepted is {old} or more, as the network has so many.")
    wide = FaceNetwork(replace(network.config, components=components, eyes=True))
    state = {key: value.clone() for key, value in network.state_dict().items()}
    if not network.config.eyes:
        own = {key for key in wide.state_dict() if key.startswith("eyes.")}
        state |= {key: state[key.replace("eyes.", "trunk.", 1)].clone() for key in own}
    state["basis"] = torch.cat([state["basis"], left_over(network, cache, components - old)])
    for key in [key for key in state if key.startswith("shape_head.2.") or ".correct." in key]:
        state[key] = _inserted(state[key], 0, old, components - old)
    for number, rank in enumerate(network.config.ranks):
        key = f"steps.{number}.layer.weight"
        state[key] = _inserted(state[key], 1, rank + old, components - old)
    wide.load_state_dict(state)
    return wide


def narrowed(network: FaceNetwork, ranks: tuple[int, ...]) -> FaceNetwork:
    """Return a network that keeps fewer numbers of what is seen at the landmarks: those that its layers make most of.

    Args:
        network: A trained network; it is not changed.
        ranks: How many numbers each step is to keep.

    Raises:
        ValueError: More than the network keeps, or another number of steps.
    """
    kept = network.config.ranks
    if len(ranks) != len(kept) or any(new > old for new, old in zip(ranks, kept, strict=True)):
        raise ValueError(f"`ranks` is {ranks}; accepted are numbers up to {kept}.")
    narrow = FaceNetwork(replace(network.config, ranks=ranks))
    state = {key: value.clone() for key, value in network.state_dict().items()}
    for number, (new, old) in enumerate(zip(ranks, kept, strict=True)):
        keep, layer = f"steps.{number}.keep.weight", f"steps.{number}.layer.weight"
        use, rest = state[layer].split([old, state[layer].shape[1] - old], 1)
        left, size, right = torch.linalg.svd(use.double() @ state[keep].double(), full_matrices=False)
        root = size[:new].sqrt()
        state[keep] = (root[:, None] * right[:new]).float()
        state[layer] = torch.cat([(left[:, :new] * root).float(), rest], 1)
    narrow.load_state_dict(state)
    return narrow


def with_new_steps(network: FaceNetwork, ranks: tuple[int, ...]) -> FaceNetwork:
    """Return a network that looks as it did, with new steps of the cascade.

    Args:
        network: A trained network; it is not changed.
        ranks: How many numbers each step is to keep.
    """
    new = FaceNetwork(replace(network.config, ranks=ranks))
    looks = {key: value.clone() for key, value in network.state_dict().items() if not key.startswith("steps.")}
    new.load_state_dict(looks, strict=False)
    return new


def left_over(network: FaceNetwork, cache: FaceCache, count: int) -> Tensor:
    """Return (count, 478, 3) components, at one standard deviation, of what the network's own cannot say of shapes.

    Args:
        network: A network.
        cache: The faces; those of the training split and their mirror images are taken.
        count: How many components.
    """
    shapes = cache.landmarks[cache.rows("train")].astype(np.float32)
    mirrored = shapes[:, topology().mirror] * np.array([-1, 1, 1], np.float32)
    rows = np.concatenate([shapes, mirrored]).reshape(2 * len(shapes), -1).astype(np.float64)
    rows -= network.mean.numpy().ravel()
    known, _ = np.linalg.qr(network.basis.numpy().reshape(network.config.components, -1).astype(np.float64).T)
    rows -= (rows @ known) @ known.T
    values, vectors = np.linalg.eigh(rows.T @ rows / len(rows))
    best = np.argsort(values)[::-1][:count]
    basis = (vectors[:, best] * np.sqrt(values[best].clip(0))).T
    return torch.from_numpy(basis.reshape(count, LANDMARKS, 3).astype(np.float32))


def _inserted(values: Tensor, axis: int, place: int, count: int) -> Tensor:
    before, after = values.split([place, values.shape[axis] - place], axis)
    shape = list(values.shape)
    shape[axis] = count
    return torch.cat([before, torch.zeros(shape), after], axis)
