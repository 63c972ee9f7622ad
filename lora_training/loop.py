"""One training loop for every task: steps, schedule, averaged weights, checkpoints that a killed run goes on from."""

from __future__ import annotations

import json
import math
import os
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import torch
from torch import Tensor, nn


class Task(Protocol):
    """What is trained. A task owns its modules, its data and its losses; the loop owns everything else."""

    def parts(self) -> dict[str, nn.Module]:
        """Return the modules that learn, by name; their names and parameters stay the same through a run."""
        ...

    def losses(self, step: int) -> dict[str, Tensor]:
        """Return the losses of one step, which are summed; values with a name that starts with `_` are only logged.

        Args:
            step: Steps done so far.
        """
        ...

    def state(self) -> dict[str, Any]:
        """Return what the task needs to go on exactly here: place in the data, its own random state."""
        ...

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from a state that `state` returned."""
        ...


@dataclass(frozen=True, kw_only=True)
class LoopConfig:
    """What decides how a task is trained.

    Attributes:
        out: Folder of the run.
        steps: Steps in all.
        learning_rate: The highest.
        warmup: Steps in which the learning rate rises.
        least: Share of the learning rate that is left at the end, after a cosine.
        weight_decay: Of AdamW.
        clip: Largest gradient norm.
        averaging: Decay of the averaged weights for each step; 0 for none.
        seed: Of everything that is random.
        checkpoint_seconds: Time between checkpoints.
        log_steps: Steps between lines of the log.
        bfloat16: Compute in bfloat16 where autocast thinks it safe: on CPUs with AMX four times faster.
    """

    out: Path
    steps: int
    learning_rate: float = 1e-3
    warmup: int = 200
    least: float = 0.02
    weight_decay: float = 1e-2
    clip: float = 1.0
    averaging: float = 0.999
    seed: int = 0
    checkpoint_seconds: float = 120.0
    log_steps: int = 50
    bfloat16: bool = False

    def __post_init__(self) -> None:
        if self.steps < 1 or self.learning_rate <= 0 or not 0 <= self.averaging < 1:
            raise ValueError(
                f"`steps` is {self.steps}, `learning_rate` {self.learning_rate}, `averaging` {self.averaging}; "
                "accepted are at least one step, a positive rate, and an averaging from 0 to below 1."
            )


class Loop:
    """A run of a task that can be stopped at any time and started again.

    Everything is in `out/checkpoint.pt`, which is replaced whole or not at all; `out/log.jsonl` has the losses.

    Args:
        config: How to train.
        task: What to train; its modules are initialized by the caller, before, under a seed of the caller's.
        device: Where the task computes.
    """

    def __init__(self, config: LoopConfig, task: Task, device: torch.device | str = "cpu") -> None:
        self.config, self.task, self.device = config, task, torch.device(device)
        config.out.mkdir(parents=True, exist_ok=True)
        torch.manual_seed(config.seed)
        self.step = 0
        self.optimizer = torch.optim.AdamW(list(self._parameters()), config.learning_rate, (0.9, 0.99), 1e-8)
        for group in self.optimizer.param_groups:
            group["weight_decay"] = config.weight_decay
        self.averages = {name: _copied(part) for name, part in task.parts().items()} if config.averaging else {}
        self.checkpoint = config.out / "checkpoint.pt"
        if self.checkpoint.exists():
            self._load()

    def train(self) -> None:
        """Train to the last step."""
        saved, running = time.monotonic(), dict[str, float]()
        while self.step < self.config.steps:
            for name, value in self._advance().items():
                running[name] = 0.98 * running.get(name, value) + 0.02 * value
            if self.step % self.config.log_steps == 0:
                self._log(running)
            if time.monotonic() - saved > self.config.checkpoint_seconds:
                self.save()
                saved = time.monotonic()
        self.save()

    def averaged(self) -> dict[str, dict[str, Tensor]]:
        """Return the weights to use, by part: averaged where the run averages."""
        return self.averages or {name: _copied(part) for name, part in self.task.parts().items()}

    def save(self) -> None:
        """Write the checkpoint."""
        state = {
            "step": self.step,
            "parts": {name: part.state_dict() for name, part in self.task.parts().items()},
            "averages": self.averages,
            "optimizer": self.optimizer.state_dict(),
            "task": self.task.state(),
            "random": torch.get_rng_state(),
        }
        part = self.checkpoint.with_suffix(".part")
        with part.open("wb") as file:
            torch.save(state, file)
            file.flush()
            os.fsync(file.fileno())
        part.replace(self.checkpoint)

    def _load(self) -> None:
        state = torch.load(self.checkpoint, map_location=self.device, weights_only=True)
        for name, part in self.task.parts().items():
            part.load_state_dict(state["parts"][name])
        self.step, self.averages = state["step"], state["averages"]
        self.optimizer.load_state_dict(state["optimizer"])
        self.task.restore(state["task"])
        torch.set_rng_state(state["random"].cpu())

    def _advance(self) -> dict[str, float]:
        for group in self.optimizer.param_groups:
            group["lr"] = self._learning_rate()
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.config.bfloat16):
            losses = self.task.losses(self.step)
        total = sum((value for name, value in losses.items() if name[0] != "_"), torch.zeros((), device=self.device))
        if not torch.isfinite(total):
            raise FloatingPointError(
                f"The loss is {float(total.detach())} at step {self.step}; "
                f"the last good checkpoint is {self.checkpoint}."
            )
        self.optimizer.zero_grad()
        total.backward()
        nn.utils.clip_grad_norm_(list(self._parameters()), self.config.clip)
        self.optimizer.step()
        self.step += 1
        self._average()
        return {name.lstrip("_"): float(value.detach()) for name, value in losses.items()}

    @torch.no_grad()
    def _average(self) -> None:
        # The first steps weigh less than the decay says, so that the random start is soon forgotten.
        decay = min(self.config.averaging, (1 + self.step) / (10 + self.step))
        for name, average in self.averages.items():
            for key, value in self.task.parts()[name].state_dict().items():
                if value.is_floating_point():
                    average[key].lerp_(value, 1 - decay)
                else:
                    average[key].copy_(value)

    def _learning_rate(self) -> float:
        config, done = self.config, self.step / self.config.steps
        warm = min(1.0, (self.step + 1) / (config.warmup + 1))
        return (
            config.learning_rate * warm * (config.least + (1 - config.least) * (0.5 + 0.5 * math.cos(math.pi * done)))
        )

    def _parameters(self) -> Iterable[nn.Parameter]:
        return (value for part in self.task.parts().values() for value in part.parameters() if value.requires_grad)

    def _log(self, losses: dict[str, float]) -> None:
        entry = {"step": self.step, "time": round(time.time()), "rate": self._learning_rate(), **losses}
        with (self.config.out / "log.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps(entry) + "\n")


def _copied(part: nn.Module) -> dict[str, Tensor]:
    return {key: value.detach().clone() for key, value in part.state_dict().items()}
