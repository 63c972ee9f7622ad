"""`Metrics`: the values of a run in `metrics.jsonl` and for TensorBoard."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from auface.lora_training.loop import Loop
from auface.lora_training.whole_file import write_whole


class Metrics:
    """Writes means of losses every few steps, and whatever validations add.

    Args:
        folder: Folder of the run.
        every: Steps between lines.
        board: Whether TensorBoard gets them too.

    Raises:
        ImportError: tensorboard is not installed.
    """

    def __init__(self, folder: Path, every: int, board: bool = True) -> None:
        if board and importlib.util.find_spec("tensorboard") is None:
            raise ImportError("the log of training needs tensorboard, which auface[train] brings")
        self.path = folder / "metrics.jsonl"
        self._every, self._sums, self._count = every, dict[str, float](), 0
        self._folder, self._start, self._wanted = folder / "tensorboard", 0, board
        self._writer: Any = None

    def begin(self, step: int) -> None:
        """Forget what is there of later steps, which are done again.

        Args:
            step: Steps done.
        """
        if self.path.exists():
            lines = self.path.read_text(encoding="utf-8").splitlines()
            kept = [line for line in lines if line.endswith("}") and json.loads(line)["step"] <= step]
            write_whole(self.path, lambda file: file.write("".join(f"{line}\n" for line in kept).encode()))
        self._start = step + 1

    def after(self, loop: Loop, losses: dict[str, float]) -> None:
        """Count the losses of a step.

        Args:
            loop: The loop.
            losses: Values of the step.
        """
        self._count += 1
        for name, value in losses.items():
            self._sums[name] = self._sums.get(name, 0.0) + value
        if loop.step % self._every == 0 or loop.step == loop.config.steps:
            means = {f"loss/{name}": value / self._count for name, value in self._sums.items()}
            self.add(loop.step, {**means, "rate": loop.config.learning_rate * loop.rate_factor})
            self._sums, self._count = {}, 0

    def add(self, step: int, values: Mapping[str, float]) -> None:
        """Write values.

        Args:
            step: Steps done.
            values: By name.
        """
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"step": step, **values}) + "\n")
        if self._wanted:
            for name, value in values.items():
                self._board().add_scalar(name, value, step)

    def picture(self, step: int, name: str, values: Any) -> None:
        """Show a picture in TensorBoard.

        Args:
            step: Steps done.
            name: Its name.
            values: (height, width, 3) uint8.
        """
        if self._wanted:
            self._board().add_image(name, values, step, dataformats="HWC")

    def close(self) -> None:
        """Write what is left."""
        if self._writer is not None:
            self._writer.close()

    def _board(self) -> Any:
        if self._writer is None:  # not before there is something to write: it takes a second to import
            from torch.utils.tensorboard.writer import SummaryWriter

            self._writer = SummaryWriter(str(self._folder), purge_step=self._start)
        return self._writer

    def rows(self) -> list[dict[str, float]]:
        """Return all that was written."""
        if not self.path.exists():
            return []
        return [json.loads(line) for line in self.path.read_text(encoding="utf-8").splitlines()]

    def state(self) -> dict[str, Any]:
        """Return the values that are not written yet."""
        return {"sums": dict(self._sums), "count": self._count}

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from a checkpoint.

        Args:
            state: What `state` returned.
        """
        self._sums, self._count = dict(state["sums"]), state["count"]
