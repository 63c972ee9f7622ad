"""`TrainingData`: the pictures of a run with their caches; each step has the same batch in one process and in many."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from auface.autext.record import Split
from auface.autext.seed import derived_seed
from auface.facs import Expression
from auface.lora_training.lora.base_model import BaseModel
from auface.lora_training.lora.batch import CHANCES, Batch
from auface.lora_training.lora.bucket import Placement, bucket_sizes, place
from auface.lora_training.lora.cache import Advance, LatentCache, TextCache
from auface.lora_training.lora.config import READ, LoraConfig
from auface.lora_training.lora.example import Example, caption_of, read_examples, slider_units, unit_weights
from auface.lora_training.lora.objective import Objective
from auface.lora_training.lora.sampler import Sampler
from auface.lora_training.lora.slider import Slider, slider_weights
from auface.structure.topology import mirrored_pixels

PRECISIONS = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}
"""Names of precisions."""


@dataclass(slots=True, eq=False)
class _Set:
    """Pictures that are drawn together."""

    examples: list[Example]
    placements: list[Placement]
    sizes: list[tuple[int, int]]
    sampler: Sampler


class TrainingData:
    """The pictures of a run.

    Attributes:
        examples: Those that are learned.
        placements: How each is seen.
        steps_per_epoch: Steps in which all are seen.

    Args:
        config: Which pictures, and how.
        base: What makes latents and embeddings.
        objective: What makes noise and timesteps.
        processes: Number of processes, and which of them this is.
        split: Which split is learned.

    Raises:
        ValueError: The data cannot be used, or lack what an option needs.
    """

    def __init__(
        self,
        config: LoraConfig,
        base: BaseModel,
        objective: Objective,
        processes: tuple[int, int] = (1, 0),
        split: Split = "train",
    ) -> None:
        self._config, self._base, self._objective = config, base, objective
        self._world, self._rank = processes
        self._group = config.batch * config.accumulation * self._world
        self._slider = Slider(config) if config.slider and not config.learns_from_base else None
        self._learned = self._set(_known(read_examples(Path(config.data), split), config), "sampler")
        if split == "train":
            _check_landmarks(self._learned.examples, config)
        self._prior = None
        if config.prior_weight:
            prior = read_examples(Path(config.prior_data), prior=True, name="prior_data")
            self._prior = self._set(prior, "prior sampler")
        precision = PRECISIONS[config.precision]
        home = Path(config.cache) if config.cache else Path(config.out) / "cache"
        self._latents = LatentCache(home / "latents", base, precision)
        text_home = home / "text" if config.cache_text else None
        self._texts = None if config.text_encoder else TextCache(text_home, base, precision)

    @property
    def examples(self) -> list[Example]:
        """The pictures that are learned."""
        return self._learned.examples

    @property
    def placements(self) -> list[Placement]:
        """How each picture is seen."""
        return self._learned.placements

    @property
    def steps_per_epoch(self) -> int:
        """Steps in which all pictures are seen."""
        return self._learned.sampler.steps_per_epoch

    def fingerprint(self) -> str:
        """Return what tells this data from other data: the names and labels of the pictures, and how they are seen."""
        digest = hashlib.blake2b(digest_size=12)
        for one in self._sets():
            for example, placement in zip(one.examples, one.placements, strict=True):
                digest.update(f"{example.picture.name} {example.record.expression.notation()} {placement}".encode())
        return digest.hexdigest()

    def bucket_counts(self) -> dict[str, int]:
        """Return how many pictures each bucket has, by its size such as "512x512"."""
        return dict(Counter(f"{placement.width}x{placement.height}" for placement in self._learned.placements))

    def cropped(self) -> tuple[float, int]:
        """Return the largest share that is cropped from a picture, and how many are padded to keep the face whole."""
        seen = list(zip(self._learned.placements, self._learned.sizes, strict=True))
        return max(one.cropped(*size) for one, size in seen), sum(one.padded(*size) for one, size in seen)

    def work(self) -> int:
        """Return how many latents and captions `prepare` goes through."""
        return len(self._wanted()) + len(self._captions())

    def prepare(self, advance: Advance = lambda count: None) -> None:
        """Fill the caches.

        Args:
            advance: Told of progress, up to `work`.

        Raises:
            ValueError: Pictures cannot be read.
        """
        self._latents.fill(self._wanted(), advance)
        if self._texts is not None:
            self._texts.fill(self._captions(), advance)

    def batch(self, step: int, turn: int, *, prior: bool = False) -> Batch:
        """Return one go of a step.

        Every picture of a step has random numbers of its own, which its place in the whole step decides. So a step
        is the same in one process and in many, in one go and in several.

        Args:
            step: Steps done before.
            turn: Which go of the step.
            prior: Whether pictures that preserve the look are wanted.
        """
        chosen = self._prior if prior else self._learned
        assert chosen is not None
        epoch, numbers = chosen.sampler[step]
        start = (turn * self._world + self._rank) * self._config.batch
        places = range(start, start + self._config.batch)
        purpose = "prior" if prior else "picture"
        seeds = [derived_seed(self._config.seed, purpose, step * self._group + at) for at in places]
        return self._batch(chosen, [numbers[at] for at in places], seeds, epoch, prior)

    def keep_texts(self, texts: Sequence[str]) -> None:
        """Keep embeddings of other prompts in memory, so that `embeddings` knows them.

        Args:
            texts: Prompts.
        """
        if self._texts is not None:
            self._texts.keep(texts)

    def embeddings(self, texts: Sequence[str]) -> tuple[Tensor, Tensor | None]:
        """Return the embeddings of prompts, from the cache or from the text encoders that are trained.

        Args:
            texts: Prompts of a batch.
        """
        return self._base.encode_text(texts) if self._texts is None else self._texts(texts)

    def _batch(self, chosen: _Set, numbers: list[int], seeds: list[int], epoch: int, prior: bool) -> Batch:
        config, objective = self._config, self._objective
        clean, noise, shares, times, texts, ids = [], [], [], [], [], []
        shown: list[Expression] = []
        points: list[NDArray[np.float32] | None] = []
        chances: list[list[float]] = []
        for number, seed in zip(numbers, seeds, strict=True):
            rng, generator = Random(seed), torch.Generator().manual_seed(seed)
            example, placement = chosen.examples[number], chosen.placements[number]
            mirrored = rng.random() < config.flip
            kept = self._latents(example, placement, mirrored)
            mean, spread = kept.parameters.chunk(2)
            latent = mean + (spread.clamp(-30, 20) / 2).exp() * torch.randn(mean.shape, generator=generator)
            clean.append(self._base.scaled(latent))
            noise.append(objective.noise(mean, generator))
            times.append(objective.timestep(rng.random()))
            dropped = rng.random() < config.caption_dropout
            variant = epoch % config.caption_variants
            texts.append("" if dropped else caption_of(example, config, variant, mirrored=mirrored))
            shares.append(kept.shares)
            expression = example.record.expression
            shown.append(expression.mirrored() if mirrored else expression)
            ids.append(_time_ids(placement, chosen.sizes[number]))
            points.append(landmarks_in_bucket(example, placement, mirrored))
            chances.append([rng.random() for _ in range(CHANCES)])
        slid = None
        if self._slider is not None and not prior:
            slid = torch.tensor([self._slider.strength(one) for one in shown])
        return Batch(
            torch.stack(clean),
            torch.stack(noise),
            torch.tensor(times),
            texts,
            torch.stack(shares),
            torch.tensor(ids),
            slid,
            shown,
            [chosen.examples[number].record.coded for number in numbers],
            points,
            (chosen.placements[numbers[0]].width, chosen.placements[numbers[0]].height),
            torch.tensor(chances),
            prior,
        )

    def _set(self, examples: list[Example], purpose: str) -> _Set:
        config = self._config
        buckets = bucket_sizes(config.resolution, config.bucket_step, config.bucket_ratio)
        sizes = [_size_of(example) for example in examples]
        placements = [place(*size, example.face, buckets) for example, size in zip(examples, sizes, strict=True)]
        if self._slider is not None and purpose == "sampler":
            weights = slider_weights([self._slider.strength(example.record.expression) for example in examples])
        else:
            weights = unit_weights(examples, config.balance if purpose == "sampler" else 0)
        groups = [(placement.width, placement.height) for placement in placements]
        sampler = Sampler(groups, weights, self._group, derived_seed(config.seed, purpose))
        return _Set(examples, placements, sizes, sampler)

    def _sets(self) -> list[_Set]:
        return [self._learned] if self._prior is None else [self._learned, self._prior]

    def _sides(self) -> list[bool]:
        return [side for side, used in ((False, self._config.flip < 1), (True, self._config.flip > 0)) if used]

    def _wanted(self) -> list[tuple[Example, Placement, bool]]:
        return [
            (example, placement, side)
            for one in self._sets()
            for example, placement in zip(one.examples, one.placements, strict=True)
            for side in self._sides()
        ]

    def _captions(self) -> list[str]:
        if self._texts is None:
            return []
        config = self._config
        variants = 1 if config.captions == "text" and not config.slider else config.caption_variants
        epochs = -(-config.steps // min(one.sampler.steps_per_epoch for one in self._sets()))
        found = [
            caption_of(example, config, variant, mirrored=side)
            for one in self._sets()
            for example in one.examples
            for side in self._sides()
            for variant in range(min(variants, epochs))
        ]
        return ["", *dict.fromkeys(found)]


def _known(examples: list[Example], config: LoraConfig) -> list[Example]:
    """Return the pictures whose place on the slider is known; where that does not matter, all."""
    if config.learns_from_base:
        return examples
    units = slider_units(config)
    found = [example for example in examples if units <= set(example.record.coded)]
    if not found:
        named = ", ".join(unit.name for unit in sorted(units))
        raise ValueError(f"`slider` needs {named}, which no picture of `data` has coded; accepted are coded units.")
    return found


def _check_landmarks(examples: list[Example], config: LoraConfig) -> None:
    """Refuse options that would do nothing because no picture has landmarks."""
    if any(example.landmarks is not None for example in examples):
        return
    parts = config.parts if config.trains_adapter else 1.0
    none = {"background": 1.0, "parts": parts, **dict.fromkeys(READ, 0.0)}
    for name, value in none.items():
        if getattr(config, name) != value:
            raise ValueError(
                f"`{name}` is {getattr(config, name)}, and no picture of `data` has the landmarks that it needs; "
                f"accepted is {value:g}, or a data set with landmarks."
            )


def _size_of(example: Example) -> tuple[int, int]:
    try:
        with Image.open(example.picture) as picture:
            return picture.size
    except (OSError, ValueError) as error:
        home = f"{example.picture.parent.name}/{example.picture.name}"
        raise ValueError(f"`data` has a picture that cannot be read: {home} ({error}).") from None


def landmarks_in_bucket(example: Example, placement: Placement, mirrored: bool) -> NDArray[np.float32] | None:
    """Return (478, 2) landmarks in pixels of the bucket, or None where they are not known.

    Args:
        example: The picture.
        placement: How it lies in its bucket.
        mirrored: Whether it is seen mirrored.
    """
    if example.landmarks is None:
        return None
    points = (example.landmarks - np.array(placement.window[:2], np.float32)) * np.float32(placement.scale)
    return mirrored_pixels(points, placement.width) if mirrored else points


def _time_ids(placement: Placement, size: tuple[int, int]) -> list[float]:
    """SDXL's: original size, top left corner of the window in pixels of the bucket, size of the bucket."""
    left, top = (max(0.0, edge) * placement.scale for edge in placement.window[:2])
    return [float(size[1]), float(size[0]), round(top), round(left), float(placement.height), float(placement.width)]
