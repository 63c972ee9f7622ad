"""What a training would be: its size, and memory and time measured on two steps with random latents."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from auface.lora_training.face_consistency import FaceLoss, Shown
from auface.lora_training.lora.adapter_guide import AdapterGuide
from auface.lora_training.lora.base_model import load_base
from auface.lora_training.lora.batch import CHANCES, Batch
from auface.lora_training.lora.config import LoraConfig
from auface.lora_training.lora.expression_guide import guide_of
from auface.lora_training.lora.metadata import unit_table
from auface.lora_training.lora.objective import Objective
from auface.lora_training.lora.optimizer import lora_optimizer
from auface.lora_training.lora.run import device_of, task_of
from auface.lora_training.lora.task import LoraTask
from auface.lora_training.lora.training_data import PRECISIONS, TrainingData, landmarks_in_bucket
from auface.structure.topology import LANDMARKS

_MIB = 2**20


@dataclass(frozen=True, slots=True)
class Estimate:
    """A training before it starts.

    Attributes:
        pictures: Pictures that are learned.
        buckets: Size of a bucket -> pictures in it.
        cropped: Largest share that is cropped from a picture.
        padded: Pictures that are padded to keep the face whole.
        units: Action unit -> in how many pictures it is.
        layers: Layers with an adapter.
        parameters: Numbers that are learned.
        base_parameters: Numbers of the frozen base.
        steps: Steps.
        epochs: How often all pictures are seen.
        memory_mib: Most memory of two steps, MiB: of the process, or of the GPU where it is one.
        step_seconds: Time of a step; caches and validations not counted.
        cache_seconds: Time to fill the caches, from one picture and one caption.
        device: Where it was measured.
    """

    pictures: int
    buckets: dict[str, int]
    cropped: float
    padded: int
    units: dict[str, int]
    layers: int
    parameters: int
    base_parameters: int
    steps: int
    epochs: float
    memory_mib: int
    step_seconds: float
    cache_seconds: float
    device: str

    def text(self) -> str:
        """Return it for people."""
        hours = (self.step_seconds * self.steps + self.cache_seconds) / 3600
        units = ", ".join(f"{name} {count}" for name, count in self.units.items()) or "none"
        buckets = ", ".join(f"{name}: {count}" for name, count in self.buckets.items())
        length = f"{hours:.1f} hours" if hours >= 1 else f"{60 * hours:.1f} minutes"
        return "\n".join(
            [
                f"pictures   {self.pictures} ({buckets})",
                f"cropped    {self.cropped:.0%} at most; {self.padded} padded to keep the face whole",
                f"units      {units}",
                f"learned    {self.parameters:,} numbers in {self.layers} layers (base: {self.base_parameters:,})",
                f"steps      {self.steps}, {self.epochs:.1f} epochs",
                f"memory     about {self.memory_mib:,} MiB on {self.device}",
                f"time       about {length}: {self.step_seconds:.2f} s a step, "
                f"{self.cache_seconds:.0f} s for caches, validations not counted",
            ]
        )


def estimate(config: LoraConfig) -> Estimate:
    """Measure a training without starting it; nothing is written.

    Args:
        config: The training.

    Raises:
        ValueError: The base or the data cannot be used.
    """
    device = torch.device(device_of(config.device))
    precision = PRECISIONS[config.precision]
    base = load_base(config.base, variant=config.variant, precision=precision, device=device)
    objective = Objective(base, config)
    data = TrainingData(config, base, objective)
    _ = base.text_encoders  # so that they are counted
    base_parameters = sum(value.numel() for module in base.prefixes.values() for value in module.parameters())
    cache_seconds = _cache_seconds(config, base, data)
    face_loss = _NoFaces() if config.reads_faces else None
    guide = AdapterGuide.begin(base, config) if config.trains_adapter else guide_of(base, config.adapter)
    task = task_of(config, base, data, objective, device, face_loss, guide)
    optimizer = lora_optimizer(task.learned, config)
    if device.type == "cuda":
        torch.cuda.reset_peak_memory_stats(device)
    step_seconds = _step_seconds(
        config, task, optimizer, _random_batch(config, base, data, objective.timesteps), device
    )
    if device.type == "cuda":
        memory = torch.cuda.max_memory_allocated(device) / _MIB
    else:
        memory = _most_memory() / _MIB
    cropped, padded = data.cropped()
    return Estimate(
        pictures=len(data.examples),
        buckets=data.bucket_counts(),
        cropped=round(cropped, 4),
        padded=padded,
        units={name: int(row["pictures"]) for name, row in unit_table(data.examples).items()},
        layers=len({name.rpartition("/lora_")[0] or name for name in task.learned.state_dict() if "lora_B" in name})
        or len(task.learned.state_dict()) // 2,
        parameters=sum(value.numel() for value in task.learned.parameters()),
        base_parameters=base_parameters,
        steps=config.steps,
        epochs=round(config.steps / data.steps_per_epoch, 2),
        memory_mib=round(memory),
        step_seconds=round(step_seconds, 4),
        cache_seconds=round(cache_seconds, 1),
        device=str(device),
    )


def _most_memory() -> int:
    """Return the most bytes that this process has had."""
    if sys.platform == "win32":
        import psutil  # which accelerate brings

        return psutil.Process().memory_info().peak_wset
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


class _NoFaces(FaceLoss):
    """Reads nothing: the decoder takes nearly all of the time of a look, and the recognizer may not be installed."""

    def __call__(self, pictures: torch.Tensor, shown: Sequence[Shown]) -> tuple[torch.Tensor, torch.Tensor]:
        return pictures.mean((1, 2, 3)) * 0, pictures.mean((1, 2, 3)) * 0

    def landmarks(self, pictures: torch.Tensor, shown: Sequence[Shown]) -> NDArray[np.float32]:
        return np.zeros((len(shown), LANDMARKS, 2), np.float32)


def _random_batch(config: LoraConfig, base: Any, data: TrainingData, timesteps: int) -> Batch:
    example, largest = max(
        zip(data.examples, data.placements, strict=True),
        key=lambda pair: (pair[0].landmarks is not None, pair[1].width * pair[1].height),
    )
    count = config.batch
    size = (count, base.latent_channels)
    grid = (largest.height // base.latent_scale, largest.width // base.latent_scale)
    clean = torch.randn(*size, *grid)
    return Batch(
        clean,
        torch.randn_like(clean),
        (torch.arange(count) / count * timesteps).floor(),  # as many are clear enough to be read as in training
        ["a face"] * count,
        torch.ones(count, 2, *grid),
        torch.zeros(count, 6),
        torch.ones(count) if config.slider else None,
        [example.record.expression] * count,
        [example.record.coded] * count,
        [landmarks_in_bucket(example, largest, mirrored=False)] * count,
        (largest.width, largest.height),
        torch.rand(count, CHANCES),
        False,
    )


def _cache_seconds(config: LoraConfig, base: Any, data: TrainingData) -> float:
    once, side = 0.0, config.resolution
    for _ in range(2):  # the first time allocates
        start = time.perf_counter()
        base.encode_pictures(torch.zeros(1, 3, side, side, device=base.unet.device))
        with torch.no_grad():
            base.encode_text(["a face"])
        once = time.perf_counter() - start
    return once * data.work() / 2


def _step_seconds(config: LoraConfig, task: LoraTask, optimizer: Any, batch: Batch, device: torch.device) -> float:
    if not config.text_encoder:
        task.data.keep_texts(batch.texts)
    precision = PRECISIONS[config.precision]
    took = 0.0
    for _ in range(2):  # the first one allocates
        start = time.perf_counter()
        for _ in range(config.accumulation):
            with torch.autocast(device.type, precision, enabled=precision != torch.float32):
                losses = task.batch_losses(batch)
            sum(losses.values(), torch.zeros((), device=device)).backward()
        optimizer.step()
        optimizer.zero_grad()
        if device.type == "cuda":
            torch.cuda.synchronize(device)
        took = time.perf_counter() - start
    return took
