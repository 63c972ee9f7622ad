"""Steps of the cascade that are solved for: what they keep by least squares, what they make of it by gradient.

The first layer of a step is a linear reading in closed form (`Ridge`). The layers after it begin as that same reading
(GELU(x) - GELU(-x) is x), so that training can only bend it where bending helps.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from auface.lora_training.loop import Loop, LoopConfig
from auface.recognition.face_network import CascadeStep, FaceNetwork

from .face import FaceBatches, FaceTask, landmark_weights
from .ridge import Ridge, ridge
from .seen_faces import SeenFaces
from .shape import ShownUnits, unit_weights
from .target_shape import shape_metric, target_shapes

PENALTIES = (0.2, 0.5, 1.0)
"""Of the regressions, in shares of the variance of a number; what reads other people best is taken."""

_UNITS = 1.0  # how much units count beside landmarks in what the last step keeps
_FIRST_UNITS = 0.1  # in the steps before, which nobody asks for units
_AT_ONCE = 2000
_SHAPE = 0.05  # of the usual size: the layers' weights of the shape at first


class StepTask(FaceTask):
    """Teaches the layers of one step by what it keeps of photographed faces; see `auface.lora_training.loop.Task`.

    Args:
        network: The network; only the layers of the step learn.
        number: Which step.
        faces: Where the photographs are from.
        seen: The photographs, with the shapes that the step is given.
        kept: (N, rank) what the step keeps of them.
        batch: Faces of a step of the loop.
        shown: What landmarks that are a little off show, or None to count distances only.
    """

    def __init__(
        self,
        network: FaceNetwork,
        number: int,
        faces: FaceBatches,
        seen: SeenFaces,
        kept: Tensor,
        batch: int,
        shown: ShownUnits | None,
    ) -> None:
        super().__init__(network, faces, batch, shown)
        network.train(False).requires_grad_(False)
        self._step, self._last = _step_of(network, number), number == len(network.steps) - 1
        for layer in (self._step.layer, self._step.correct, self._step.units, self._step.emotions):
            layer.requires_grad_(True)
        self._seen, self._kept = seen, kept

    def parts(self) -> dict[str, nn.Module]:
        """Return the step."""
        return {"step": self._step}

    def losses(self, step: int) -> dict[str, Tensor]:
        """Return the losses of some of the photographs.

        Args:
            step: Steps done so far.
        """
        index = torch.randint(len(self._seen), (self.batch,), generator=self.faces.random)
        shape = self._seen.shape[index]
        output = self.network.said(self._step.read(self._kept[index], shape), shape[:, -1])
        losses = self.read_losses(output, self._seen.some(index))
        if self._last:
            return losses
        # Nobody reads the units of a step on the way; what its landmarks show counts all the same.
        return {name: value for name, value in losses.items() if name in ("points", "shown", "_landmark_pixels")}


def solve_steps(
    network: FaceNetwork,
    faces: FaceBatches,
    seen: SeenFaces,
    others: SeenFaces,
    config: LoopConfig,
    batch: int,
    shown: ShownUnits | None,
) -> list[dict[str, Any]]:
    """Solve for the steps of a cascade, one after the other, each on the shapes that those before it give.

    Args:
        network: The network; its trunk and eyes stay, its steps are new.
        faces: Where the photographs are from.
        seen: Photographs to learn from; their shapes become those of the last step.
        others: Photographs of other people, which decide how simple a reading is; their shapes likewise.
        config: How the layers of each step are trained, in a folder of its own in `out`.
        batch: Faces of a step of the loop.
        shown: What landmarks that are a little off show.

    Returns:
        For each step the penalty, and the mean error of landmarks of the other people in pixels of the crop.
    """
    weights, units = landmark_weights(), _unit_sizes(faces)
    people = (seen, others)
    targets = [target_shapes(network, one.shape, one.batch.points, weights) for one in people]
    report = list[dict[str, Any]]()
    network.train(False).requires_grad_(False)
    for number in range(len(network.steps)):
        step = _step_of(network, number)
        even = shape_metric(network, targets[0], weights)
        size = units * (_UNITS if number == len(network.steps) - 1 else _FIRST_UNITS)
        rows = [partial(_rows, network, step, one, at, even, size) for one, at in zip(people, targets, strict=True)]
        found, penalty = ridge(rows[0], PENALTIES, rows[1])
        begin(step, found, even, size)
        kept = [torch.cat([step.keep(step.normal(part)) for part, _ in each()]) for each in rows]
        loop = Loop(
            replace(config, out=config.out / f"step{number}"),
            StepTask(network, number, faces, seen, kept[0], batch, shown),
        )
        loop.train()
        step.load_state_dict(loop.averaged()["step"])
        network.requires_grad_(False)
        for one, what in zip(people, kept, strict=True):
            one.shape = torch.cat(
                [step.read(*part).shape for part in zip(what.split(_AT_ONCE), one.shape.split(_AT_ONCE), strict=True)]
            )
        off = (network.points(others.shape) - others.batch.points)[..., :2].norm(dim=-1).mean()
        report.append({"penalty": penalty, "landmarks, pixels": round(float(off) * network.config.crop, 3)})
    return report


def _rows(
    network: FaceNetwork, step: CascadeStep, faces: SeenFaces, targets: Tensor, even: Tensor, units: Tensor
) -> Iterator[tuple[Tensor, Tensor]]:
    """Give what a step sees of faces, and what that should say: the way to the target shape, and the units."""
    for part, eyes in faces.parts():
        shape = faces.shape[part]
        way = (targets[part] - shape)[:, :-1] @ even
        yield step.look(eyes, network.points(shape)), torch.cat([way, (faces.batch.units[part] * units).flatten(1)], 1)


@torch.no_grad()
def begin(step: CascadeStep, found: Ridge, even: Tensor, units: Tensor) -> None:
    """Let a step keep what a reading keeps, and say what it says.

    Args:
        step: Its layers are changed.
        found: The reading.
        even: (components + 4, components + 4) of `shape_metric`, by which it measures shapes.
        units: (units, 1) by which it measures units.
    """
    rank, shapes = step.keep.out_features, len(even)
    keep, says = found.kept(rank)
    step.normal.running_mean, step.normal.running_var = found.mean.clone(), found.spread**2 - step.normal.eps
    step.keep.weight.copy_(keep)
    way = torch.linalg.solve(even.T, says[:, :shapes].T)
    middle = torch.linalg.solve(even.T, found.middle[:shapes])
    sizes = units.expand(-1, 2).flatten()
    read, usual = (says[:, shapes:] / sizes).T, found.middle[shapes:] / sizes
    for layer in (step.correct, step.units, step.emotions):
        nn.init.zeros_(layer.weight)
        nn.init.zeros_(layer.bias)
    step.correct.bias[:shapes], step.units.bias[: len(sizes)] = middle, usual
    step.layer.bias.zero_()
    step.layer.weight[:, rank:] *= _SHAPE
    pairs = min(rank, step.layer.out_features // 5 * 2)  # the others are free to bend
    step.layer.weight[: 2 * pairs] = 0
    for sign, start in ((1, 0), (-1, pairs)):
        place = slice(start, start + pairs)
        step.layer.weight[place, :pairs] = sign * torch.eye(pairs)
        step.correct.weight[:shapes, place] = sign * way[:, :pairs]
        step.units.weight[: len(sizes), place] = sign * read[:, :pairs]


def _unit_sizes(faces: FaceBatches) -> Tensor:
    """Return (units, 1) by how much intensities are multiplied to count as much as landmarks."""
    spread = torch.from_numpy(faces.cache.units[faces.rows]).std((0, 2)).clamp_min(0.05)
    return (unit_weights(faces.cache) / spread[:, None]).sqrt()


def _step_of(network: FaceNetwork, number: int) -> CascadeStep:
    step = network.steps[number]
    assert isinstance(step, CascadeStep)
    return step
