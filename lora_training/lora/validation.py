"""`Validation`: fixed pictures and held-out losses while training, the best step, and the early stop."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from auface.facs import Expression, describe
from auface.lora_training.loop import Loop
from auface.lora_training.lora.base_model import BaseModel
from auface.lora_training.lora.config import LoraConfig
from auface.lora_training.lora.lesson import prompt
from auface.lora_training.lora.metrics import Metrics
from auface.lora_training.lora.objective import Objective
from auface.lora_training.lora.slider import Slider
from auface.lora_training.lora.task import LoraTask
from auface.lora_training.lora.training_data import TrainingData
from auface.lora_training.whole_file import write_whole

Judge = Callable[[Tensor, Sequence[Expression]], dict[str, float]]
"""Scores of pictures, (batch, 3, height, width) from 0 to 1, against what was asked for; `unit_error` is the one that
decides, and lower is better."""

SLIDER_STRENGTHS = [-1.0, -0.5, 0.0, 0.5, 1.0]
"""Strengths at which a slider is drawn."""

_COMMON = 4  # expressions of the data that are drawn where none are named
_HELD_OUT = 8  # batches of the split `validation`
_GAP = 4  # pixels between pictures of a sheet
_PICTURES = 16  # that are drawn at a time


class Validation:
    """Looks at a run every few steps.

    Attributes:
        best: Step and deciding score of the best validation so far, or None.
        rows: All validations: step and scores.
        stopped: Whether the run was ended early.

    Args:
        config: What is drawn, how often, and how long without a better one.
        base: The base with the adapter.
        task: Computes losses.
        objective: What the base answers.
        held_out: Data of the split `validation`, or None.
        metrics: Where scores are written.
        judge: Scores pictures, or None without a recognizer.
        keep: Called with the step and the scores when a validation is the best so far.
        first: Whether this process scores and writes; the others of a divided base only help it to draw.
    """

    def __init__(
        self,
        config: LoraConfig,
        base: BaseModel,
        task: LoraTask,
        objective: Objective,
        held_out: TrainingData | None,
        metrics: Metrics,
        judge: Judge | None = None,
        keep: Callable[[int, dict[str, float]], object] = lambda step, scores: None,
        first: bool = True,
    ) -> None:
        self._config, self._base, self._task, self._objective = config, base, task, objective
        self._held_out, self._metrics, self._judge, self._keep = held_out, metrics, judge, keep
        self._first = first
        self.best: tuple[int, float] | None = None
        self.rows: list[dict[str, float]] = []
        self.stopped = False
        self._since = 0

    def after(self, loop: Loop, losses: dict[str, float]) -> None:
        """Look, when it is time to.

        Args:
            loop: The loop.
            losses: Values of the step.
        """
        every = self._config.validate_steps
        if loop.step == loop.config.steps or (every and loop.step % every == 0):
            with self._averaged(loop):
                self.look(loop.step)
            if self._config.patience and self._since >= self._config.patience:
                self.stopped = True
                loop.stop()

    def look(self, step: int) -> dict[str, float]:
        """Validate the adapter as it is, and return the scores; none but in the first process.

        Args:
            step: Steps done.
        """
        scores: dict[str, float] = {}
        if self._held_out is not None:
            scores["held_out_loss"] = self._held_out_loss(self._held_out)
        prompts, expressions = self.requests()
        pictures = self._draw(prompts, expressions) if prompts else None
        if pictures is not None and not self._config.text_encoder and not self._config.reads_faces:
            self._base.release()
        if not self._first:
            return {}
        if pictures is not None:
            self._write_sheet(step, pictures, len(prompts))
            asked = [one for one in expressions for _ in range(self._config.sample_seeds)]
            known = [number for number, one in enumerate(asked) if one is not None]
            if self._judge is not None and known:
                told = [one for one in asked if one is not None]
                scores |= self._judge(pictures[known], told)
        self._metrics.add(step, {f"validation/{name}": value for name, value in scores.items()})
        self.rows.append({"step": step, **scores})
        decisive = self.decisive(scores)
        if decisive is not None and (self.best is None or scores[decisive] < self.best[1]):
            self.best, self._since = (step, scores[decisive]), 0
            self._keep(step, scores)
        else:
            self._since += 1
        return scores

    @staticmethod
    def decisive(scores: dict[str, float]) -> str | None:
        """Return which score decides, or None where there is none.

        Args:
            scores: Scores of a validation.
        """
        return next((name for name in ("unit_error", "held_out_loss") if name in scores), None)

    def requests(self) -> tuple[list[str], list[Expression | None]]:
        """Return the prompts that are drawn, and what each asks for; None where nothing is asked for."""
        config = self._config
        if config.slider:
            slider = Slider(config)
            return [self._prompt("a face")] * len(SLIDER_STRENGTHS), [slider.at(one) for one in SLIDER_STRENGTHS]
        texts = config.expressions or self._commonest()
        expressions: list[Expression | None] = [Expression.parse(text) for text in texts]
        words = ["" if self._task.ask.guide is not None else describe(one) for one in expressions if one is not None]
        described = [self._prompt(text) for text in words]
        return [*described, *config.prompts], [*expressions, *[None] * len(config.prompts)]

    def state(self) -> dict[str, Any]:
        """Return the scores so far."""
        return {"best": self.best, "rows": self.rows, "stopped": self.stopped, "since": self._since}

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from a checkpoint.

        Args:
            state: What `state` returned.
        """
        self.best, self.rows = state["best"], state["rows"]
        self.stopped, self._since = state["stopped"], state["since"]

    def _prompt(self, caption: str) -> str:
        return prompt(self._config, caption)

    def _commonest(self) -> list[str]:
        examples = self._task.data.examples
        count = Counter(example.record.expression.notation() for example in examples)
        return [text for text, _ in count.most_common(_COMMON)]

    @contextmanager
    def _averaged(self, loop: Loop) -> Any:
        """Look at the averaged weights, where the run averages."""
        if not loop.averages:
            yield
            return
        learned = self._task.learned
        own = {name: value.clone() for name, value in learned.state_dict().items()}
        learned.load(loop.averages["adapter"])
        try:
            yield
        finally:
            learned.load(own)

    @torch.no_grad()
    def _held_out_loss(self, data: TrainingData) -> float:
        total, batches = 0.0, min(_HELD_OUT, data.steps_per_epoch)
        kind = self._base.unet.dtype
        self._base.unet.train(False)
        for number in range(batches):
            with torch.autocast(self._base.unet.device.type, kind, enabled=kind != torch.float32):
                total += float(sum(self._task.batch_losses(data.batch(number, 0), data).values()))
        self._base.unet.train()
        return total / batches

    def _draw(self, prompts: list[str], expressions: list[Expression | None]) -> Tensor:
        # Not before pictures are drawn: guidance is that of the pipelines, whose imports take seconds.
        from auface.lora_training.lora.drawing import Wish, draw

        config = self._config
        strengths = SLIDER_STRENGTHS if config.slider else [1.0] * len(prompts)
        if config.slider:  # the LoRA alone moves a face at rest
            expressions = [Expression()] * len(prompts)
        wishes = [
            Wish(prompt=prompt, seed=config.seed + seed, expression=expression, strength=strength)
            for prompt, expression, strength in zip(prompts, expressions, strengths, strict=True)
            for seed in range(config.sample_seeds)
        ]
        if not self._first:  # the first process writes these to the cache
            self._task.data.keep_texts(["", *prompts])
        found: list[Tensor] = []
        for start in range(0, len(wishes), _PICTURES):
            found.append(
                draw(
                    self._base,
                    self._objective,
                    self._task.ask,
                    wishes[start : start + _PICTURES],
                    self._task.data.embeddings,
                    size=(config.resolution, config.resolution),
                    steps=config.sample_steps,
                    guidance_scale=config.guidance_scale,
                    expression_guidance_scale=config.expression_guidance_scale,
                )
            )
        return torch.cat(found)

    def _write_sheet(self, step: int, pictures: Tensor, rows: int) -> None:
        from PIL import Image

        values = sheet(pictures, rows)
        path = sheet_path(Path(self._config.out), step)
        write_whole(path, lambda file: Image.fromarray(values).save(file, "PNG"), sync=False)
        self._metrics.picture(step, "validation/pictures", values)


def sheet_path(out: Path, step: int) -> Path:
    """Return where the pictures of a validation are.

    Args:
        out: Folder of the run.
        step: Steps done.
    """
    return out / "samples" / f"step-{step:06d}.png"


def sheet(pictures: Tensor, rows: int) -> NDArray[np.uint8]:
    """Return pictures side by side, (height, width, 3).

    Args:
        pictures: (rows * columns, 3, height, width) from 0 to 1, row by row.
        rows: How many rows.
    """
    columns = len(pictures) // rows
    height, width = pictures.shape[-2:]
    whole = np.full((rows * (height + _GAP) - _GAP, columns * (width + _GAP) - _GAP, 3), 255, np.uint8)
    for number, picture in enumerate(pictures):
        top, left = number // columns * (height + _GAP), number % columns * (width + _GAP)
        values = (picture.permute(1, 2, 0).numpy() * 255).round().astype(np.uint8)
        whole[top : top + height, left : left + width] = values
    return whole


def held_out_data(config: LoraConfig, base: BaseModel, objective: Objective) -> TrainingData | None:
    """Return the split `validation` of the data, always seen in the same way; None where there is none.

    Args:
        config: The configuration of the run.
        base: The base.
        objective: Noise and timesteps.
    """
    home = Path(config.data) / "validation"
    if not any((home / f"metadata.{kind}").is_file() for kind in ("jsonl", "parquet")):
        return None
    fixed = dataclasses.replace(
        config,
        flip=0.0,
        caption_dropout=0.0,
        caption_variants=1,
        balance=0.0,
        accumulation=1,
        prior_data="",
        prior_weight=0.0,
        seed=1,
    )
    return TrainingData(fixed, base, objective, split="validation")
