"""`train`: the structural prior, stage after stage, each a run of the one loop in a folder of its own."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from auface.lora_training.loop import Loop, LoopConfig
from auface.structure.network import NetworkConfig, StructureNetwork

from .batch import FaceBatches
from .stage import STAGES, trained_parts, training_loss


@dataclass(frozen=True, kw_only=True)
class StructureTraining:
    """Everything that decides what a run does.

    Attributes:
        data: Folder of face sets, made with `--heads` if it is empty.
        out: Folder of the run.
        people: People of the training split; each has 50 faces.
        batch: Faces of a step.
        steps: Steps of the stages, in order.
        learning_rate: Highest learning rate of the stages, in order.
        seed: Seed of weights, order and captions.
        checkpoint_seconds: Time between checkpoints.
        network: Sizes.
    """

    data: Path
    out: Path
    people: int = 4000
    batch: int = 96
    steps: tuple[int, int, int, int] = (12_000, 12_000, 12_000, 8_000)
    learning_rate: tuple[float, float, float, float] = (1e-3, 2e-3, 1e-3, 3e-4)
    seed: int = 0
    checkpoint_seconds: float = 120.0
    network: NetworkConfig = field(default_factory=NetworkConfig)

    def __post_init__(self) -> None:
        if len(self.steps) != len(STAGES) or len(self.learning_rate) != len(STAGES) or min(self.steps) < 0:
            raise ValueError(f"`steps` is {self.steps}; accepted is a whole number from 0 for each of {STAGES}.")
        if self.batch < 1 or self.people < 1:
            raise ValueError(f"`batch` is {self.batch} and `people` {self.people}; accepted are numbers from 1.")


class StageTask:
    """One stage of the network, as the loop trains it.

    Args:
        network: The network; only the parts of the stage learn.
        stage: One of `STAGES`.
        faces: What to learn from.
        batch: Faces of a step.
    """

    def __init__(self, network: StructureNetwork, stage: str, faces: FaceBatches, batch: int) -> None:
        self._network, self._stage, self._faces, self._batch = network, stage, faces, batch
        network.requires_grad_(False)
        for part in trained_parts(network, stage):
            part.requires_grad_(True)

    def parts(self) -> dict[str, nn.Module]:
        """Return the network."""
        return {"network": self._network}

    def losses(self, step: int) -> dict[str, Tensor]:
        """Return the losses of the stage.

        Args:
            step: Steps done so far.
        """
        return training_loss(self._network, self._stage, self._faces, self._batch)

    def state(self) -> dict[str, Any]:
        """Return stage, sizes and the place in the faces."""
        return {"stage": self._stage, "config": _sizes(self._network), "faces": self._faces.state()}

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from a checkpoint.

        Args:
            state: What `state` returned.

        Raises:
            ValueError: The checkpoint is of a network of other sizes.
        """
        if state["config"] != _sizes(self._network):
            raise ValueError("`out` has a checkpoint of a network of other sizes; accepted is a new folder.")
        self._faces.restore(state["faces"])


def train(config: StructureTraining, faces: FaceBatches) -> StructureNetwork:
    """Train all stages, or go on where an earlier run in the same folder was, and return the network.

    Args:
        config: What to do.
        faces: What to learn from.
    """
    torch.manual_seed(config.seed)
    network = StructureNetwork(config.network)
    for place in range(len(STAGES)):
        train_stage(config, place, network, faces)
    return network


def train_stage(config: StructureTraining, place: int, network: StructureNetwork, faces: FaceBatches) -> None:
    """Train one stage, or load what an earlier run made of it.

    Args:
        config: What to do.
        place: Which of `STAGES`.
        network: The network as the stage before left it.
        faces: What to learn from.
    """
    steps = config.steps[place]
    if not steps:
        return
    settings = LoopConfig(
        out=stage_folder(config.out, place),
        steps=steps,
        learning_rate=config.learning_rate[place],
        warmup=min(200, 1 + steps // 10) - 1,
        averaging=0,
        seed=config.seed + place,
        checkpoint_seconds=config.checkpoint_seconds,
        log_steps=100,
    )
    parts = trained_parts(network, STAGES[place])

    def optimizer() -> torch.optim.Optimizer:
        return torch.optim.AdamW([value for part in parts for value in part.parameters()], weight_decay=1e-3)

    Loop(settings, StageTask(network, STAGES[place], faces, config.batch), optimizer=optimizer).train()


def stage_folder(run: Path, place: int) -> Path:
    """Return the folder of a stage inside a run's: `1-text`, `2-tokenizer`, ...

    Args:
        run: Folder of the run.
        place: Which of `STAGES`.
    """
    return run / f"{place + 1}-{STAGES[place]}"


def _sizes(network: StructureNetwork) -> dict[str, Any]:
    return json.loads(json.dumps(network.config.to_data()))
