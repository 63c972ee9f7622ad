"""One training loop for every task: steps, schedule, averaged weights, checkpoints that a killed run goes on from.

Several processes (`accelerate launch`) each compute their share of a step; the loop averages their gradients, so that
a task needs no wrapper around its modules. Which share a process has is the task's business.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import torch
from torch import Tensor, nn

from auface.lora_training.agreement import agreed
from auface.lora_training.checkpoint import NAME, read_checkpoint, refuse_old, write_checkpoint
from auface.lora_training.whole_file import write_whole


class Task(Protocol):
    """What is trained. A task owns its modules, its data and its losses; the loop owns everything else."""

    def parts(self) -> dict[str, nn.Module]:
        """Return the modules that learn, by name; their names and parameters stay the same through a run."""
        ...

    def losses(self, step: int) -> dict[str, Tensor]:
        """Return the losses of one step, which are summed; values with a name that starts with `_` are only logged.

        With `accumulation` it is called so many times for each step, each time for other data of the step.

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


class Callback(Protocol):
    """Something that looks on: a validation, a log, an early stop. It cannot disturb the run's random numbers."""

    def after(self, loop: Loop, losses: dict[str, float]) -> None:
        """Look at a step that was just done; `loop.stop()` ends the run after it.

        Args:
            loop: The loop.
            losses: Values of the step.
        """
        ...

    def state(self) -> dict[str, Any]:
        """Return what it needs to go on exactly here."""
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
        learning_rate: The highest; a parameter group with a value `highest` has its own.
        warmup: Steps in which the learning rate rises.
        least: Share of the learning rate that is left at the end, after a cosine; 1 keeps it constant.
        weight_decay: Of AdamW.
        clip: Largest gradient norm.
        averaging: Decay of the averaged weights for each step; 0 for none.
        seed: Of everything that is random.
        checkpoint_seconds: Time between checkpoints.
        log_steps: Steps between lines of the log.
        bfloat16: Compute in bfloat16 where autocast thinks it safe: on CPUs with AMX four times faster.
        float16: Compute in float16 instead, with a scaled loss.
        accumulation: How many times losses are computed and their gradients summed before a step is made.
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
    float16: bool = False
    accumulation: int = 1

    def __post_init__(self) -> None:
        if self.steps < 1 or self.learning_rate <= 0 or not 0 <= self.averaging < 1:
            raise ValueError(
                f"`steps` is {self.steps}, `learning_rate` {self.learning_rate}, `averaging` {self.averaging}; "
                "accepted are at least one step, a positive rate, and an averaging from 0 to below 1."
            )
        if self.accumulation < 1 or self.log_steps < 1:
            raise ValueError(
                f"`accumulation` is {self.accumulation} and `log_steps` {self.log_steps}; accepted are numbers from 1."
            )
        if self.bfloat16 and self.float16:
            raise ValueError("`bfloat16` and `float16` are both true; accepted is one of them.")


def adamw(parameters: Any, config: LoopConfig) -> torch.optim.AdamW:
    """Return the loop's own optimizer.

    Args:
        parameters: Parameters that learn, or groups of them; one with a value `highest` has its own highest rate.
        config: Gives the learning rate and the weight decay.
    """
    return torch.optim.AdamW(parameters, config.learning_rate, (0.9, 0.99), 1e-8, weight_decay=config.weight_decay)


class Loop:
    """A run of a task that can be stopped at any time and started again.

    Everything is in `out/checkpoint.safetensors`, which is replaced whole or not at all; `out/log.jsonl` has the
    losses.

    Args:
        config: How to train.
        task: What to train; its modules are initialized by the caller, before, under a seed of the caller's.
        device: Where the task computes.
        optimizer: Makes the optimizer, if it is not to be AdamW over all parameters that learn.
        callbacks: Look on after each step, in this order, in the first process.
        accelerator: Accelerate's, for a run of several processes.
        everywhere: Those of the callbacks that look on in every process, because they need all of them.
    """

    def __init__(
        self,
        config: LoopConfig,
        task: Task,
        device: torch.device | str = "cpu",
        *,
        optimizer: Callable[[], torch.optim.Optimizer] | None = None,
        callbacks: Sequence[Callback] = (),
        accelerator: Any = None,
        everywhere: Sequence[Callback] = (),
    ) -> None:
        self.config, self.task, self.device = config, task, torch.device(device)
        self.callbacks, self._accelerator = list(callbacks), accelerator
        self._many = accelerator is not None and accelerator.num_processes > 1
        self._main = accelerator is None or accelerator.is_main_process
        self._lookers = self.callbacks if self._main else list(everywhere)
        config.out.mkdir(parents=True, exist_ok=True)
        torch.manual_seed(config.seed + (0 if accelerator is None else accelerator.process_index))
        self.step, self.rate_factor = 0, 0.0
        self._stopping = False
        self._scaler = torch.amp.GradScaler(self.device.type, enabled=config.float16)
        if self._many:
            self._share_weights()
        self.optimizer = adamw(self._parameters(), config) if optimizer is None else optimizer()
        self.averages = {name: _copied(part) for name, part in task.parts().items()} if config.averaging else {}
        self.checkpoint = config.out / NAME
        self.log = config.out / "log.jsonl"
        refuse_old(config.out)
        if self.checkpoint.exists():
            self._load()
        if self._main:
            self._cut_log()

    def train(self) -> bool:
        """Train to the last step, or until `stop` is called; a checkpoint is left in both cases.

        Returns:
            Whether the last step was done.

        Raises:
            FloatingPointError: The loss or its gradient is no number; the last checkpoint is from before that.
            OSError: A checkpoint could not be written; the last one is intact.
        """
        saved, running = time.monotonic(), dict[str, float]()
        [ended] = agreed(self._accelerator, self._stopping)
        while self.step < self.config.steps and not ended:  # `_stopping` may change here at any time
            losses = self._advance()
            for name, value in losses.items():
                running[name] = 0.98 * running.get(name, value) + 0.02 * value
            if self._main and self.step % self.config.log_steps == 0:
                self._log(running)
            if self._lookers:
                with torch.random.fork_rng(self._devices()):
                    for callback in self._lookers:
                        callback.after(self, losses)
            late = time.monotonic() - saved > self.config.checkpoint_seconds
            ended, late = agreed(self._accelerator, self._stopping, late and self._main)
            if late:
                self.save()
                saved = time.monotonic()
        self.save()
        return self.step >= self.config.steps

    def stop(self) -> None:
        """End the run after the step that is being done, with a checkpoint. May be called from another thread."""
        self._stopping = True

    def averaged(self) -> dict[str, dict[str, Tensor]]:
        """Return the weights to use, by part: averaged where the run averages."""
        return self.averages or {name: _copied(part) for name, part in self.task.parts().items()}

    def save(self) -> None:
        """Write the checkpoint."""
        random = self._random()
        if self._main:
            state = {
                "step": self.step,
                "parts": {name: part.state_dict() for name, part in self.task.parts().items()},
                "averages": self.averages,
                "optimizer": self.optimizer.state_dict(),
                "scaler": self._scaler.state_dict(),
                "task": self.task.state(),
                "callbacks": [callback.state() for callback in self.callbacks],
                "random": random,
            }
            write_checkpoint(self.checkpoint, state)
        if self._many:
            self._accelerator.wait_for_everyone()

    def _load(self) -> None:
        state = read_checkpoint(self.checkpoint, self.device)
        self.task.restore(state["task"])  # first, because it may refuse a checkpoint of something else
        for name, part in self.task.parts().items():
            part.load_state_dict(state["parts"][name])
        self.step, self.averages = state["step"], state["averages"]
        self.optimizer.load_state_dict(state["optimizer"])
        self._scaler.load_state_dict(state.get("scaler", {}) if self.config.float16 else {})
        for callback, before in zip(self.callbacks, state.get("callbacks", []), strict=False):
            callback.restore(before)
        self._set_random(state["random"])

    def _advance(self) -> dict[str, float]:
        self.rate_factor = self._rate_factor()
        for group in self.optimizer.param_groups:
            group["lr"] = group.get("highest", self.config.learning_rate) * self.rate_factor
        self.optimizer.zero_grad()
        share = 1 / self.config.accumulation
        precision = torch.float16 if self.config.float16 else torch.bfloat16
        values: dict[str, Tensor] = {}
        for _ in range(self.config.accumulation):
            with torch.autocast(self.device.type, precision, enabled=self.config.bfloat16 or self.config.float16):
                losses = self.task.losses(self.step)
            total = sum(
                (value for name, value in losses.items() if name[0] != "_"), torch.zeros((), device=self.device)
            )
            self._scaler.scale(total * share).backward()
            for name, value in losses.items():
                values[name] = values.get(name, torch.zeros((), device=self.device)) + value.detach() * share
        if self._many:
            values = self._share_gradients(values)
        summed = float(sum(value for name, value in values.items() if name[0] != "_"))
        if not math.isfinite(summed):
            raise self._no_number("loss", summed)
        self._scaler.unscale_(self.optimizer)
        norm = float(nn.utils.clip_grad_norm_(self._parameters(), self.config.clip))
        if not math.isfinite(norm) and not self.config.float16:  # a scaled loss that overflows is scaled down instead
            raise self._no_number("gradient", norm)
        self._scaler.step(self.optimizer)
        self._scaler.update()
        self.step += 1
        self._average()
        return {name.lstrip("_"): float(value) for name, value in values.items()}

    def _no_number(self, what: str, value: float) -> FloatingPointError:
        left = (
            f"the last good checkpoint is {self.checkpoint}" if self.checkpoint.exists() else "there is no checkpoint"
        )
        return FloatingPointError(f"The {what} is {value} at step {self.step}; {left}. Try a lower learning rate.")

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

    def _rate_factor(self) -> float:
        config, done = self.config, self.step / self.config.steps
        warm = min(1.0, (self.step + 1) / (config.warmup + 1))
        return warm * (config.least + (1 - config.least) * (0.5 + 0.5 * math.cos(math.pi * done)))

    def _parameters(self) -> list[nn.Parameter]:
        return [value for part in self.task.parts().values() for value in part.parameters() if value.requires_grad]

    @torch.no_grad()
    def _share_weights(self) -> None:
        from accelerate.utils import broadcast

        for value in self._parameters():
            value.copy_(broadcast(value.detach().clone()))  # pyright: ignore[reportArgumentType]

    @torch.no_grad()
    def _share_gradients(self, values: dict[str, Tensor]) -> dict[str, Tensor]:
        """Average the gradients and the logged values of all processes, in one exchange."""
        learned = self._parameters()
        names = sorted(values)
        grads = [torch.zeros_like(value) if value.grad is None else value.grad for value in learned]
        flat = torch.cat([*(grad.flatten().float() for grad in grads), *(values[name].float()[None] for name in names)])
        flat = self._accelerator.reduce(flat, "mean")
        start = 0
        for value in learned:
            value.grad = flat[start : start + value.numel()].view_as(value).to(value.dtype)
            start += value.numel()
        return {name: flat[start + place] for place, name in enumerate(names)}

    def _devices(self) -> list[int]:
        return [self.device.index or 0] if self.device.type == "cuda" else []

    def _random(self) -> list[list[Tensor]]:
        own = [torch.get_rng_state(), *(torch.cuda.get_rng_state(device) for device in self._devices())]
        if not self._many:
            return [own]
        from accelerate.utils import gather_object

        return gather_object([own])

    def _set_random(self, states: list[list[Tensor]] | Tensor) -> None:
        if isinstance(states, Tensor):  # of a run that began before there could be several processes
            states = [[states]]
        place = self._accelerator.process_index if self._many else 0
        if place >= len(states):
            return  # more processes than before: the new ones keep their seed
        torch.set_rng_state(states[place][0].cpu())
        for device, value in zip(self._devices(), states[place][1:], strict=False):
            torch.cuda.set_rng_state(value.cpu(), device)

    def _cut_log(self) -> None:
        """Forget what was logged after the checkpoint: those steps are done again."""
        if self.log.exists():
            lines = self.log.read_text(encoding="utf-8").splitlines()
            kept = [line for line in lines if line.endswith("}") and json.loads(line)["step"] <= self.step]
            write_whole(self.log, lambda file: file.write("".join(f"{line}\n" for line in kept).encode()))

    def _log(self, losses: dict[str, float]) -> None:
        rate = self.config.learning_rate * self.rate_factor
        entry = {"step": self.step, "time": round(time.time()), "rate": rate, **losses}
        with self.log.open("a", encoding="utf-8") as file:
            file.write(json.dumps(entry) + "\n")


def _copied(part: nn.Module) -> dict[str, Tensor]:
    return {key: value.detach().clone() for key, value in part.state_dict().items()}
