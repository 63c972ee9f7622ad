"""Train the structural prior in stages: text encoder, tokenizer, prior, all together.

    python -m auface.lora_training.structure --heads HEADS --data FACES --out RUN

Stages (progressive cross-modal alignment, our definition of the term of arXiv 2603.18588):

1. `text`: text -> action units.
2. `tokenizer`: displacement <-> tokens.
3. `prior`: action units -> tokens, by masked token modelling; the geometry of the expected tokens counts too.
4. `joint`: prior and both encoders together, from text or action units -> tokens.

Everything of a run (weights, optimizer, random state, position) is in RUN/checkpoint.pt and is written every few
minutes; started again with the same arguments, the run goes on where it was. RUN/log.jsonl has the losses.
"""

from __future__ import annotations

import argparse
import json
import math
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import torch
from torch import nn

from auface.structure.network import NetworkConfig, StructureNetwork

from .face_batch import FaceBatches
from .structure_stage import STAGES, trained_parts, training_loss


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


class Run:
    """A training run that can be stopped and started again.

    Args:
        config: What to do.
        faces: What to learn from.
    """

    def __init__(self, config: StructureTraining, faces: FaceBatches) -> None:
        self.config, self.faces = config, faces
        torch.manual_seed(config.seed)
        self.network = StructureNetwork(config.network)
        self.stage, self.step = 0, 0
        self.optimizer = self._optimizer()
        self.checkpoint = config.out / "checkpoint.pt"
        if self.checkpoint.exists():
            self._load()

    def train(self) -> None:
        """Train to the end of the last stage."""
        saved = time.monotonic()
        while self.stage < len(STAGES):
            running: dict[str, float] = {}
            for loss in self._losses():
                for name, value in loss.items():
                    running[name] = 0.98 * running.get(name, value) + 0.02 * value
                if self.step % 100 == 0:
                    self._log(running)
                if time.monotonic() - saved > self.config.checkpoint_seconds:
                    self.save()
                    saved = time.monotonic()
            self.stage, self.step = self.stage + 1, 0
            if self.stage < len(STAGES):
                self.optimizer = self._optimizer()
            self.save()

    def _losses(self) -> Iterator[dict[str, float]]:
        name, total = STAGES[self.stage], self.config.steps[self.stage]
        parts = trained_parts(self.network, name)
        self.network.requires_grad_(False)
        for part in parts:
            part.requires_grad_(True)
        while self.step < total:
            for group in self.optimizer.param_groups:
                group["lr"] = self._learning_rate(self.step / total)
            losses = training_loss(self.network, name, self.faces, self.config.batch)
            self.optimizer.zero_grad()
            sum(losses.values(), torch.zeros(())).backward()
            nn.utils.clip_grad_norm_([p for part in parts for p in part.parameters()], 1.0)
            self.optimizer.step()
            self.step += 1
            yield {key: float(value.detach()) for key, value in losses.items()}

    def _learning_rate(self, done: float) -> float:
        warm = min(1.0, (self.step + 1) / min(200, 1 + self.config.steps[self.stage] // 10))
        return self.config.learning_rate[self.stage] * warm * (0.02 + 0.98 * (0.5 + 0.5 * math.cos(math.pi * done)))

    def _optimizer(self) -> torch.optim.Optimizer:
        parts = trained_parts(self.network, STAGES[min(self.stage, len(STAGES) - 1)])
        return torch.optim.AdamW([p for part in parts for p in part.parameters()], lr=1e-3, weight_decay=1e-3)

    def _log(self, losses: dict[str, float]) -> None:
        entry = {"stage": STAGES[self.stage], "step": self.step, "time": round(time.time()), **losses}
        with (self.config.out / "log.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps(entry) + "\n")

    def save(self) -> None:
        """Write the checkpoint, whole or not at all."""
        state = {
            "stage": self.stage,
            "step": self.step,
            "config": self.config.network.to_data(),
            "network": self.network.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "random": torch.get_rng_state(),
            "faces": self.faces.state(),
        }
        part = self.checkpoint.with_suffix(".part")
        torch.save(state, part)
        part.replace(self.checkpoint)

    def _load(self) -> None:
        state = torch.load(self.checkpoint, weights_only=True)
        if state["config"] != json.loads(json.dumps(self.config.network.to_data())) and (
            state["config"] != self.config.network.to_data()
        ):
            raise ValueError(f"`out` is {self.config.out}, whose checkpoint has other sizes; accepted is a new folder.")
        self.network.load_state_dict(state["network"])
        self.stage, self.step = state["stage"], state["step"]
        self.optimizer = self._optimizer()
        self.optimizer.load_state_dict(state["optimizer"])
        torch.set_rng_state(state["random"])
        self.faces.restore(state["faces"])


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description="Train the structural prior.")
    parser.add_argument("--heads", type=Path, help="folder of the head pack; needed to make faces")
    parser.add_argument("--data", type=Path, required=True, help="folder of face sets")
    parser.add_argument("--out", type=Path, required=True, help="folder of the run")
    parser.add_argument("--people", type=int, default=4000, help="people to learn from")
    parser.add_argument("--batch", type=int, default=96, help="faces of a step")
    parser.add_argument("--steps", type=int, nargs=4, default=StructureTraining.steps, metavar="N")
    parser.add_argument("--threads", type=int, default=1, help="CPU threads")
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    first, second, third, fourth = given.steps
    config = StructureTraining(
        data=given.data, out=given.out, people=given.people, batch=given.batch, steps=(first, second, third, fourth)
    )
    config.out.mkdir(parents=True, exist_ok=True)
    Run(config, FaceBatches.open(config.data, given.heads, config.people, config.seed)).train()


if __name__ == "__main__":
    main()
