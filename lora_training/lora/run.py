"""`LoraRun`: a whole training in this process: caches, the loop, validations, the files and the report."""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import torch

from auface.lora_training.agreement import accelerator_or_none, agreed, processes_of
from auface.lora_training.face_consistency import FaceLoss
from auface.lora_training.loop import Callback, Loop, LoopConfig
from auface.lora_training.lora.adapter_file import export_adapter
from auface.lora_training.lora.adapter_guide import AdapterGuide
from auface.lora_training.lora.adapter_task import AdapterTask
from auface.lora_training.lora.base_model import BaseModel, load_base
from auface.lora_training.lora.config import LoraConfig
from auface.lora_training.lora.config_file import config_toml, read_config_file
from auface.lora_training.lora.export import export_lora
from auface.lora_training.lora.expression_guide import ExpressionGuide, guide_of
from auface.lora_training.lora.metadata import file_metadata
from auface.lora_training.lora.metrics import Metrics
from auface.lora_training.lora.objective import Objective
from auface.lora_training.lora.optimizer import lora_optimizer
from auface.lora_training.lora.option import default_of, limits_of
from auface.lora_training.lora.report import report
from auface.lora_training.lora.shard import shard_base
from auface.lora_training.lora.task import LoraTask
from auface.lora_training.lora.training_data import PRECISIONS, TrainingData
from auface.lora_training.lora.validation import Judge, Validation, held_out_data
from auface.lora_training.whole_file import write_whole
from auface.structure.device import usable_device

CONFIG_FILE = "config.toml"
"""The options of a run, as it was started."""

_MAY_CHANGE = {"out", "device", "checkpoint_seconds", "log_steps", "cache", "cache_text", "compile", "shard"}
_SECTIONS_THAT_MAY_CHANGE = {"export", "validation"}


class _StoppedError(Exception):
    """The run was stopped while its caches were filled."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run left.

    Attributes:
        step: Steps done.
        finished: Whether that is all of them, or all that were worth it.
        files: LoRA files: that of the last step, and that of the best one.
        report: The report, or None if the run was interrupted.
        best: Step of the best validation, or None.
        first: Whether this is the first of several processes, the one that writes and tells.
    """

    step: int
    finished: bool
    files: tuple[Path, ...]
    report: Path | None
    best: int | None
    first: bool = True


class LoraRun:
    """A training of a LoRA that can be stopped at any time and started again.

    Attributes:
        config: The configuration.
        out: Folder of the run.
        loop: The loop, once `train` has started.

    Args:
        config: What to do.
        overwrite: Whether an earlier run in the folder is thrown away instead of gone on with.
        judge: Scores drawn pictures, for validations; None without a recognizer.
        face_loss: The recognizer's errors, for `unit_weight` and `landmark_weight`.
        board: Whether TensorBoard gets the values too.

    Raises:
        ValueError: The folder has a run of other options, or the base or the data cannot be used.
        ImportError: A package is missing.
    """

    def __init__(
        self,
        config: LoraConfig,
        *,
        overwrite: bool = False,
        judge: Judge | None = None,
        face_loss: FaceLoss | None = None,
        board: bool = True,
    ) -> None:
        for name in ("data", "out"):
            if not getattr(config, name):
                raise ValueError(f"`{name}` is ''; accepted is a folder.")
        self.config, self.out, self._judge, self._board = config, Path(config.out), judge, board
        self._accelerator = accelerator_or_none()
        if config.shard and (self._accelerator is None or self._accelerator.num_processes < 2):
            raise ValueError("`shard` is true in a single process; accepted is false, or several launched together.")
        self._main = self._accelerator is None or self._accelerator.is_main_process
        device = self._accelerator.device if self._accelerator is not None else device_of(config.device)
        self.device = torch.device(device)
        self.base = load_base(
            config.base, variant=config.variant, precision=PRECISIONS[config.precision], device=self.device
        )
        self.objective = Objective(self.base, config)
        self._guide = (
            AdapterGuide.begin(self.base, config) if config.trains_adapter else guide_of(self.base, config.adapter)
        )
        self.data = TrainingData(config, self.base, self.objective, processes_of(self._accelerator))
        self._held_out = held_out_data(config, self.base, self.objective)
        if self._main:
            self._open_folder(overwrite)  # not before: wrong input must not touch an older run
        self.together()
        self._face_loss = face_loss
        self.loop: Loop | None = None
        self._stopping = False

    @property
    def name(self) -> str:
        """Name of the files."""
        return self.config.name or self.out.resolve().name

    def work(self) -> int:
        """Return how many latents and captions `prepare` goes through."""
        return self.data.work() + (0 if self._held_out is None else self._held_out.work())

    def prepare(self, advance: Callable[[int], None] = lambda count: None) -> None:
        """Fill the caches; `stop` ends it, and what is there stays.

        Args:
            advance: Told of progress, up to `work`.
        """

        def go_on(count: int) -> None:
            advance(count)
            if self._stopping:
                raise _StoppedError

        if self._main:
            with suppress(_StoppedError):
                for data in (self.data, self._held_out):
                    if data is not None:
                        data.prepare(go_on)
        if agreed(self._accelerator, self._stopping)[0]:
            self.stop()
        elif not self._main:
            self.data.prepare()  # what is kept in memory alone
        if not self.config.text_encoder:
            self.base.release()  # with full caches a step needs neither autoencoder nor text encoders

    def train(self, callbacks: Sequence[Callback] = ()) -> Outcome:
        """Train to the end or until `stop`, then write the files and the report.

        Args:
            callbacks: Look on after each step.
        """
        config = self.config
        task = task_of(config, self.base, self.data, self.objective, self.device, self._face_loss, self._guide)
        if config.shard:
            shard_base(self.base.unet, task.learned, self.device.type, self._accelerator.num_processes)
        metrics = Metrics(self.out, config.log_steps, self._board)
        validation = Validation(
            config, self.base, task, self.objective, self._held_out, metrics, self._judge, self._keep_best, self._main
        )
        settings = LoopConfig(
            out=self.out,
            steps=config.steps,
            learning_rate=config.learning_rate,
            warmup=config.warmup,
            least=1.0 if config.schedule == "constant" else 0.02,
            clip=config.clip,
            averaging=config.ema,
            seed=config.seed,
            checkpoint_seconds=config.checkpoint_seconds,
            log_steps=config.log_steps,
            bfloat16=config.precision == "bfloat16",
            float16=config.precision == "float16",
            accumulation=config.accumulation,
        )
        loop = self.loop = Loop(
            settings,
            task,
            self.device,
            optimizer=lambda: lora_optimizer(task.learned, config),
            callbacks=[metrics, validation, *callbacks],
            accelerator=self._accelerator,
            everywhere=[validation] if config.shard else [],  # all must ask a network that is divided
        )
        if self._stopping:
            loop.stop()
        if self._main:
            metrics.begin(loop.step)
        try:
            finished = validation.stopped or loop.train()
            [finished] = agreed(self._accelerator, finished or validation.stopped)  # the first process validates
        finally:
            metrics.close()
        outcome = Outcome(loop.step, finished, (), None, None, first=self._main)
        if self._main and loop.step:
            task.learned.load(loop.averaged()["adapter"])
            return self._write(outcome, metrics, validation)
        return outcome

    def _write(self, outcome: Outcome, metrics: Metrics, validation: Validation) -> Outcome:
        """Write the files and, of a finished run, the report."""
        scores = validation.rows[-1] if validation.rows else {}
        files = self._export(f"{self.name}.safetensors", outcome.step, dict(scores))
        if not outcome.finished:
            return dataclasses.replace(outcome, files=tuple(files))
        best = sorted(self.out.glob(f"{self.name}.best*.safetensors"))
        files += best
        text = report(
            self.config, self.data, metrics.rows(), validation, [file.relative_to(self.out) for file in files]
        )
        write_whole(self.out / "report.md", lambda file: file.write(text.encode()))
        step = validation.best[0] if validation.best else None
        return dataclasses.replace(outcome, files=tuple(files), report=self.out / "report.md", best=step)

    def stop(self) -> None:
        """End the run after the step that is being done. May be called from another thread or a signal."""
        self._stopping = True
        if self.loop is not None:
            self.loop.stop()

    def _keep_best(self, step: int, scores: dict[str, float]) -> None:
        self._export(f"{self.name}.best.safetensors", step, scores)

    def _export(self, name: str, step: int, scores: dict[str, float]) -> list[Path]:
        about = file_metadata(self.config, self.base, self.data, step, Path(name).stem, scores)
        if isinstance(self._guide, AdapterGuide):
            return export_adapter(self._guide.adapter, self.config, self.out / name, about)
        return export_lora(self.base, self.config, self.out / name, about)

    def _open_folder(self, overwrite: bool) -> None:
        if self.out.is_file():
            raise ValueError(f"`out` is {str(self.out)!r}, a file; accepted is a folder.")
        path = self.out / CONFIG_FILE
        there = sorted(item.name for item in self.out.iterdir()) if self.out.is_dir() else []
        if there and not path.is_file() and there != ["cache"]:
            raise ValueError(f"`out` is {str(self.out)!r}, which holds other files; accepted is a new or empty folder.")
        if path.is_file() and overwrite:
            for item in self.out.iterdir():
                if item.name != "cache":
                    shutil.rmtree(item) if item.is_dir() else item.unlink()
        elif path.is_file():
            _check_same(path, self.config)
        text = config_toml(self.config)
        write_whole(path, lambda file: file.write(text.encode()))

    def together(self) -> None:
        """Wait for the other processes, if there are any."""
        if self._accelerator is not None:
            self._accelerator.wait_for_everyone()


def task_of(
    config: LoraConfig,
    base: BaseModel,
    data: TrainingData,
    objective: Objective,
    device: torch.device,
    face_loss: FaceLoss | None,
    guide: ExpressionGuide | None,
) -> LoraTask:
    """Return the task of a run: a LoRA learns, or the adapter of an `AdapterGuide`.

    Args:
        config: How to train.
        base: The base.
        data: Batches.
        objective: Noise and targets.
        device: Where the base is.
        face_loss: The recognizer's errors, if `unit_weight` or `landmark_weight` ask for them.
        guide: The expression adapter, if there is one.
    """
    kind = AdapterTask if isinstance(guide, AdapterGuide) else LoraTask
    return kind(config, base, data, objective, device, face_loss, guide)


def device_of(name: str) -> str:
    """Return the device that a name stands for.

    Args:
        name: "auto", or a name of torch's.

    Raises:
        ValueError: There is no such device.
    """
    if name == "auto":
        return "cuda" if torch.cuda.is_available() else "mps" if torch.backends.mps.is_available() else "cpu"
    return str(usable_device(name))


def _check_same(path: Path, config: LoraConfig) -> None:
    """Refuse to go on with a run of other options."""
    before = read_config_file(path)[0]
    fields = [
        field
        for field in dataclasses.fields(config)
        if field.name not in _MAY_CHANGE and limits_of(field).section not in _SECTIONS_THAT_MAY_CHANGE
    ]
    for field in fields:
        # An option that is newer than the run does by default what was done before it.
        name, now = field.name, getattr(config, field.name)
        if (then := before.get(name, default_of(field))) != now:
            raise ValueError(
                f"`out` has a run whose `{name}` is {then!r}, not {now!r}; accepted are the same options, another "
                "folder, or --overwrite."
            )
