"""Twins: two adapters that learn alike from the same faces, and differ only in what they are told of a request.

`prior` is told what VQ-AUFace makes of it: maps of the structural prior's geometry and condition vectors of the
resolved expression, as the product does. `linear` is told what the field does today: maps of summed displacements, and
a linear layer's sum of one-hot units (`LinearYardstick`). Both see faces as they were *asked* for, half of them
conflicts, and learn to draw what a face then does. UNet and text encoder are the same and stay as they are; both begin
with the same spatial encoder, which learned from true landmarks, and with new expression tokens.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import Any, Literal, get_args

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from auface.autext.head_description import HeadDescription
from auface.autext.heads.composition import Face
from auface.facs import Expression, resolve
from auface.lora_training.checkpoint import NAME, read_checkpoint
from auface.lora_training.structure.faces import FIRST_PERSON, FaceFactory
from auface.lora_training.structure.request import random_request
from auface.lora_training.whole_file import write_whole
from auface.pipelines.adapter.model import AUFaceAdapter
from auface.structure.model import Sampling, StructureModel, shipped_model
from auface.structure.yardstick import LinearYardstick, vectors

from .faces import Conditioning, Windows

Floats = NDArray[np.float32]

Twin = Literal["prior", "linear"]
"""What an adapter is told of a request."""

_TAUGHT = 1500
_PEOPLE = 50
_RIDGE = 0.1


@dataclass(frozen=True, slots=True, eq=False)
class LinearConditioning:
    """The one-hot linear way: from action units to displacement and to condition vectors, both by one linear layer.

    Attributes:
        yardstick: Units to displacement.
        weight: (units, 2 * vectors * width) units to condition vectors.
        shape: Of the condition vectors of a face, (2, vectors, width).
    """

    yardstick: LinearYardstick
    weight: Floats
    shape: tuple[int, ...]

    @classmethod
    def fit(cls, factory: FaceFactory, model: StructureModel, count: int = _TAUGHT) -> LinearConditioning:
        """Fit both layers to random requests, conflicts included, of people of the training split.

        Args:
            factory: Makes faces.
            model: Whose condition vectors the second layer comes as near to as it can.
            count: How many requests.
        """
        rng = Random("linear conditioning")
        people = [factory.person(FIRST_PERSON["train"] + number) for number in range(_PEOPLE)]
        rests = [factory.neutral(person) for person in people]
        asked: list[Expression] = [random_request(rng) for _ in range(count)]
        shown = [resolve(request) for request in asked]
        moved = [
            factory.points(people[number % _PEOPLE], face) - rests[number % _PEOPLE]
            for number, face in enumerate(shown)
        ]
        wanted = model.condition_of(shown)
        inputs = _with_one(vectors(asked)).astype(np.float64)
        normal = inputs.T @ inputs + _RIDGE * np.eye(inputs.shape[1])
        weight = np.linalg.solve(normal, inputs.T @ wanted.flatten(1).double().numpy())
        return cls(LinearYardstick.fit(asked, np.stack(moved)), weight.astype(np.float32), tuple(wanted.shape[1:]))

    @classmethod
    def of_run(cls, run: Path, factory: FaceFactory) -> LinearConditioning:
        """Return the layers of a run, which are fitted once: all its twins and their benchmark share them.

        Args:
            run: Folder of the run.
            factory: Makes faces.
        """
        path = run / "linear.npz"
        if not path.is_file():
            made = cls.fit(factory, shipped_model())
            parts = {"yardstick": made.yardstick.weight, "weight": made.weight, "shape": np.array(made.shape)}
            write_whole(path, lambda file: np.savez(file, **parts))
        with np.load(path) as file:
            return cls(LinearYardstick(file["yardstick"]), file["weight"], tuple(file["shape"].tolist()))

    def condition(self, asked: Sequence[Expression]) -> Tensor:
        """Return condition vectors, (batch, 2, vectors, width).

        Args:
            asked: Requests, conflicts included.
        """
        return torch.from_numpy(_with_one(vectors(asked)) @ self.weight).reshape(-1, *self.shape)


def twin_condition(twin: Twin, linear: LinearConditioning, asked: Sequence[Expression]) -> Tensor:
    """Return what a twin's expression tokens are made of, (batch, 2, vectors, width).

    Args:
        twin: Which.
        linear: The linear way.
        asked: Requests, conflicts included.
    """
    if twin == "linear":
        return linear.condition(asked)
    return shipped_model().condition_of([resolve(request) for request in asked])


def twin_displacement(twin: Twin, linear: LinearConditioning, asked: Sequence[Expression], neutral: Floats) -> Floats:
    """Return what a twin takes for the movement of faces, (batch, 478, 3), in inter-ocular distances.

    Args:
        twin: Which.
        linear: The linear way.
        asked: Requests, conflicts included.
        neutral: (batch, 478, 3) the people at rest.
    """
    if twin == "linear":
        return linear.yardstick.displacement(asked)
    model, shown = shipped_model(), [resolve(request) for request in asked]
    codes = model.codes(model.condition_of(shown), Sampling())
    return model.displacement(codes, torch.from_numpy(neutral), firmness=model.firmness_of(shown)).numpy()


@dataclass(frozen=True, slots=True, eq=False)
class TwinFaces:
    """What a twin learns from.

    Attributes:
        windows: All windows of conflicting requests and as many others.
        landmarks: (pictures, 478, 2) where it takes landmarks to be, in pixels of the pictures.
        conditioning: What makes its condition vectors.
    """

    windows: Windows
    landmarks: Floats
    conditioning: Conditioning


def twin_faces(
    twin: str, folder: Path, pack: Path, rows: list[dict[str, Any]], landmarks: Floats, windows: Windows
) -> TwinFaces:
    """Return what a twin learns from.

    Args:
        twin: Which.
        folder: Folder of the run.
        pack: Folder of the head pack, which says how people look at rest.
        rows: The metadata of the pictures.
        landmarks: (pictures, 478, 2) true landmarks, in pixels of the pictures.
        windows: What is seen of them.

    Raises:
        ValueError: Another twin, or there are no conflicts to learn from.
    """
    if twin not in get_args(Twin):
        raise ValueError(f"`twin` is {twin!r}; accepted are {', '.join(map(repr, get_args(Twin)))}.")
    kind: Any = twin
    factory = FaceFactory(pack)
    linear = LinearConditioning.of_run(folder, factory)
    kept, heads = _half_conflicts(windows, rows)
    chosen, there = sorted(heads), landmarks.copy()
    there[chosen] = _asked_landmarks(kind, linear, factory, [heads[row] for row in chosen], landmarks[chosen])
    return TwinFaces(kept, there, lambda heads: twin_condition(kind, linear, [head.asked for head in heads]))


def forget_tokens(adapter: AUFaceAdapter, unet: nn.Module) -> None:
    """Make the expression tokens of an adapter new, in place; its spatial encoder stays.

    Args:
        adapter: The adapter.
        unet: The UNet that it is for.
    """
    torch.manual_seed(0)
    new = AUFaceAdapter.for_unet(unet, token_channels=int(adapter.config["token_channels"]))
    adapter.encoder.load_state_dict(new.encoder.state_dict())
    adapter.layers.load_state_dict(new.layers.state_dict())


def trained_adapter(run: Path, twin: Twin) -> tuple[AUFaceAdapter, int]:
    """Return the adapter of a twin with averaged weights, and how many steps it learned.

    Args:
        run: Folder of the run.
        twin: Which.

    Raises:
        ValueError: It has not been trained.
    """
    state = read_checkpoint(run / f"adapter-{twin}" / NAME)
    adapter = AUFaceAdapter.from_pretrained(run / "start" / "adapter").float()
    adapter.load_state_dict(state["averages"]["adapter"])
    return adapter.train(False), int(state["step"])


def _half_conflicts(windows: Windows, rows: list[dict[str, Any]]) -> tuple[Windows, dict[int, HeadDescription]]:
    """Return all windows of conflicting requests and as many others, and the heads that they show."""
    heads = {row: HeadDescription.from_json(rows[row]["description"]) for row in sorted(set(windows.rows.tolist()))}
    conflicting = np.array([heads[row].asked != heads[row].shown for row in windows.rows.tolist()])
    if not conflicting.any():
        raise ValueError("`windows` show no conflicting request; accepted are some that do.")
    places = np.flatnonzero(conflicting)
    places = np.concatenate([places, np.flatnonzero(~conflicting)[: len(places)]])
    kept = replace(windows, rows=windows.rows[places], places=windows.places[places], latents=windows.latents[places])
    return kept, {row: heads[row] for row in set(kept.rows.tolist())}


def _asked_landmarks(
    twin: Twin, linear: LinearConditioning, factory: FaceFactory, heads: list[HeadDescription], true: Floats
) -> Floats:
    """Return where a twin takes landmarks of pictures to be, (heads, 478, 2) in pixels.

    The camera of each picture is the affine map that takes the true face to its landmarks best.
    """
    people: dict[int, tuple[Face, Floats]] = {}
    rests: list[Floats] = []
    faces: list[Floats] = []
    for head in heads:
        seed = head.identity.seed
        if seed not in people:
            face = factory.composer.face(head.identity)
            people[seed] = face, factory.neutral(face)
        face, rest = people[seed]
        rests.append(rest)
        faces.append(factory.points(face, head.shown))
    found: list[Floats] = []
    for start in range(0, len(heads), 128):
        part = slice(start, start + 128)
        rest = np.stack(rests[part])
        moved = rest + twin_displacement(twin, linear, [head.asked for head in heads[part]], rest)
        for there, face, pixels in zip(moved, faces[part], true[part], strict=True):
            camera, *_ = np.linalg.lstsq(np.c_[face, np.ones(len(face))], pixels, rcond=None)
            found.append((pixels + (there - face) @ camera[:3]).astype(np.float32))
    return np.stack(found)


def _with_one(values: Floats) -> Floats:
    return np.concatenate([values, np.ones((len(values), 1), np.float32)], 1)
