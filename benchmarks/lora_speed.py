"""How LoRA training compares with diffusers' own script, and how soon a run with caches starts.

diffusers' `train_text_to_image_lora.py` is not in its wheel; `reference` below is a minimal loop with the same steps in
the same order (pictures resized, cropped and normalized by a data loader; autoencoder and text encoder in every step;
AdamW, clipped gradients, constant rate, rank-4 LoRA on attention), without logging, validation and checkpoints.
`reference, cached` is the same with latents and embeddings made before, which the script cannot do. Each way runs in a
process of its own with one thread, one after the other; the best round counts. Steps are timed by the processor's
time, which other programs on the machine hardly change. Caches are filled with random numbers: what is in them does not
matter for the time.
"""

from __future__ import annotations

import argparse
import importlib
import json
import multiprocessing
import resource
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from machine import slow_packages

from auface.garbage import seek_rarely

WARM = 2  # steps that are not counted
PICTURES = 1000


def options(given: argparse.Namespace, out: str, *, extras: bool) -> dict[str, Any]:
    """Return the options of our run, without or with masked loss and sampled captions."""
    plain = {"captions": "text", "caption_dropout": 0.0, "balance": 0.0, "flip": 0.0, "snr_gamma": 0.0}
    more = {"background": 0.2, "parts": 2.0, "caption_variants": 4} if extras else plain
    return {
        "base": given.base,
        "data": given.data,
        "out": out,
        "resolution": given.resolution,
        "bucket_step": 64,
        "batch": given.batch,
        "rank": 4,
        "alpha": 4.0,
        "targets": "attention",
        "steps": given.steps + WARM,
        "schedule": "constant",
        "warmup": 0,
        "checkpoint_seconds": 1e5,
        "precision": given.precision,
        "cache": given.cache,
        "device": "cpu",
        **more,
    }


def ours(given: argparse.Namespace, extras: bool) -> dict[str, float]:
    """Return steps per second and peak memory of our run; caches are filled before."""
    import torch

    from auface.lora_training.lora.config import LoraConfig
    from auface.lora_training.lora.run import LoraRun

    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as out:
        run = LoraRun(LoraConfig.of(options(given, f"{out}/run", extras=extras)))
        run.prepare()
        clock = Clock(run)
        run.train([clock])
    return clock.result(given.steps)


class Clock:
    """Notes when each step ends, and ends the run before it draws pictures."""

    def __init__(self, run: Any) -> None:
        self.run, self.ends = run, list[float]()

    def after(self, loop: Any, losses: dict[str, float]) -> None:
        """Note a step."""
        self.ends.append(time.process_time())
        if loop.step == loop.config.steps - 1:
            self.run.stop()

    def result(self, steps: int) -> dict[str, float]:
        """Return what was measured."""
        counted = self.ends[WARM - 1 :]
        return {"steps_per_second": (len(counted) - 1) / (counted[-1] - counted[0]), "peak_mib": peak()}

    def state(self) -> dict[str, Any]:
        """Return nothing: a clock does not go on."""
        return {}

    def restore(self, state: dict[str, Any]) -> None:
        """Do nothing."""


def peak() -> float:
    """Return the most memory that this process had, MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def reference(given: argparse.Namespace, cached: bool) -> dict[str, float]:
    """Return steps per second and peak memory of the steps of diffusers' script."""
    import torch
    from diffusers import AutoencoderKL, DDPMScheduler, UNet2DConditionModel
    from peft import LoraConfig
    from transformers import CLIPTextModel, CLIPTokenizer

    torch.set_num_threads(1)
    torch.manual_seed(0)
    base = base_folder(given.base)
    kind = {"float32": torch.float32, "bfloat16": torch.bfloat16}[given.precision]
    scheduler: Any = DDPMScheduler.from_pretrained(base, subfolder="scheduler")
    tokenizer = CLIPTokenizer.from_pretrained(base, subfolder="tokenizer")
    text_encoder: Any = CLIPTextModel.from_pretrained(base, subfolder="text_encoder")
    vae: Any = AutoencoderKL.from_pretrained(base, subfolder="vae")
    unet: Any = UNet2DConditionModel.from_pretrained(base, subfolder="unet")
    for module in (text_encoder, vae, unet):
        module.requires_grad_(False).to(kind)
    targets = ["to_k", "to_q", "to_v", "to_out.0"]
    unet.add_adapter(LoraConfig(r=4, lora_alpha=4, init_lora_weights="gaussian", target_modules=targets))
    learned = [value for value in unet.parameters() if value.requires_grad]
    for value in learned:
        value.data = value.data.float()
    optimizer = torch.optim.AdamW(learned, lr=2e-4, betas=(0.9, 0.999), weight_decay=1e-2, eps=1e-8)
    pictures: Any = Pictures(given, tokenizer)
    loader = torch.utils.data.DataLoader(pictures, batch_size=given.batch, shuffle=True)
    kept: dict[int, tuple[Any, Any]] = {}
    if cached:
        with torch.no_grad():
            for number, pixels, ids in torch.utils.data.DataLoader(pictures, batch_size=given.batch):
                latents = vae.encode(pixels.to(kind)).latent_dist.parameters
                hidden = text_encoder(ids)[0]
                kept |= {int(one): (latents[place], hidden[place]) for place, one in enumerate(number)}
        numbers: Any = Numbers(list(kept))
        loader = torch.utils.data.DataLoader(numbers, batch_size=given.batch, shuffle=True)
        vae.encoder = text_encoder = None
    unet.train()
    ends: list[float] = []
    batches = iter(loader)
    while len(ends) < given.steps + WARM:
        batch = next(batches, None)
        if batch is None:
            batches = iter(loader)
            continue
        if cached:
            parameters = torch.stack([kept[int(number)][0] for number in batch])
            hidden = torch.stack([kept[int(number)][1] for number in batch])
            mean, spread = parameters.chunk(2, 1)
            latents = mean + (spread / 2).exp() * torch.randn_like(mean)
        else:
            _, pixels, ids = batch
            latents = vae.encode(pixels.to(kind)).latent_dist.sample()
            hidden = text_encoder(ids, return_dict=False)[0]
        latents = latents * vae.config.scaling_factor
        noise = torch.randn_like(latents)
        timesteps = torch.randint(0, scheduler.config.num_train_timesteps, (len(latents),)).long()
        noisy = scheduler.add_noise(latents, noise, timesteps)
        velocity = scheduler.config.prediction_type == "v_prediction"
        target = scheduler.get_velocity(latents, noise, timesteps) if velocity else noise
        with torch.autocast("cpu", kind, enabled=kind != torch.float32):
            answer = unet(noisy, timesteps, hidden, return_dict=False)[0]
            loss = torch.nn.functional.mse_loss(answer.float(), target.float(), reduction="mean")
        loss.backward()
        torch.nn.utils.clip_grad_norm_(learned, 1.0)
        optimizer.step()
        optimizer.zero_grad()
        loss.detach().item()
        ends.append(time.process_time())
    counted = ends[WARM - 1 :]
    return {"steps_per_second": (len(counted) - 1) / (counted[-1] - counted[0]), "peak_mib": peak()}


class Numbers:
    """The numbers of pictures, for a data loader."""

    def __init__(self, numbers: list[int]) -> None:
        self.numbers = numbers

    def __len__(self) -> int:
        return len(self.numbers)

    def __getitem__(self, place: int) -> int:
        return self.numbers[place]


class Pictures:
    """Pictures and token numbers, prepared as the script prepares them."""

    def __init__(self, given: argparse.Namespace, tokenizer: Any) -> None:
        self.home, self.side, self.tokenizer = Path(given.data) / "train", given.resolution, tokenizer
        lines = (self.home / "metadata.jsonl").read_text(encoding="utf-8").splitlines()
        self.rows = [json.loads(line) for line in lines]

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, place: int) -> tuple[int, Any, Any]:
        import torch
        from PIL import Image

        row = self.rows[place]
        with Image.open(self.home / row["file_name"]) as file:
            picture = file.convert("RGB")
        scale = self.side / min(picture.size)
        picture = picture.resize(
            (round(picture.width * scale), round(picture.height * scale)), Image.Resampling.LANCZOS
        )
        left, top = (picture.width - self.side) // 2, (picture.height - self.side) // 2
        picture = picture.crop((left, top, left + self.side, top + self.side))
        pixels = torch.from_numpy(np.asarray(picture, np.float32) / 127.5 - 1).permute(2, 0, 1)
        length = self.tokenizer.model_max_length
        ids = self.tokenizer(row["text"], max_length=length, padding="max_length", truncation=True, return_tensors="pt")
        return place, pixels, ids.input_ids[0]


def base_folder(base: str) -> str:
    """Return the folder of a base."""
    if base != "mini":
        return base
    from auface.pipelines.mini import mini_folder  # pyright: ignore[reportMissingImports]

    return str(mini_folder())


def fill(given: argparse.Namespace, extras: bool) -> dict[str, float]:
    """Fill the caches of our run, with random numbers in place of what the networks say."""
    import torch

    from auface.lora_training.lora.base_model import BaseModel
    from auface.lora_training.lora.config import LoraConfig
    from auface.lora_training.lora.run import LoraRun

    def encode_pictures(self: BaseModel, pictures: torch.Tensor) -> torch.Tensor:
        height, width = (side // self.latent_scale for side in pictures.shape[-2:])
        return torch.randn(len(pictures), 2 * self.latent_channels, height, width)

    def encode_text(self: BaseModel, texts: list[str]) -> tuple[torch.Tensor, None]:
        return torch.randn(len(texts), 77, self.unet.config.cross_attention_dim), None

    torch.set_num_threads(1)
    BaseModel.encode_pictures, BaseModel.encode_text = encode_pictures, encode_text  # pyright: ignore
    with tempfile.TemporaryDirectory() as out:
        run = LoraRun(LoraConfig.of(options(given, f"{out}/run", extras=extras)))
        run.prepare()
        return {"made": float(run.work())}


def second_start(given: argparse.Namespace, extras: bool) -> dict[str, float]:
    """Return how long a process with full caches takes to the end of its first step, in seconds."""
    start, used = time.perf_counter(), time.process_time()
    seek_rarely()  # as the command does
    for name in ("torch", "transformers", "diffusers.loaders.peft", "peft"):
        importlib.import_module(name)
    imported = time.perf_counter() - start
    import torch

    from auface.lora_training.lora.config import LoraConfig
    from auface.lora_training.lora.run import LoraRun

    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as out:
        run = LoraRun(LoraConfig.of(options(given, f"{out}/run", extras=extras)))
        run.prepare()
        prepared = time.perf_counter() - start
        clock = First(run)
        run.train([clock])
    return {
        "to first step": clock.end - start,
        "of it torch, transformers, diffusers and peft": imported,
        "of it before the step": prepared,
        "of it the processor's": clock.used - used,
    }


class First(Clock):
    """Ends a run at its first step."""

    def after(self, loop: Any, losses: dict[str, float]) -> None:
        """Note the step and stop."""
        self.end, self.used = time.perf_counter(), time.process_time()
        self.run.stop()


WAYS = {
    "reference": (reference, False),
    "reference, cached": (reference, True),
    "ours, plain": (ours, False),
    "ours, masked loss and sampled captions": (ours, True),
}


def alone(function: Any, given: argparse.Namespace, flag: bool) -> dict[str, float]:
    """Return what a function measures in a process of its own."""
    context = multiprocessing.get_context("spawn")
    with context.Pool(1) as pool:
        return pool.apply(function, (given, flag))


def shortened(data: str, out: Path, count: int = PICTURES) -> str:
    """Return a copy of a set with the first pictures of its split `train`, linked."""
    return str(linked(Path(data), rows(Path(data))[:count], out))


def rows(source: Path) -> list[str]:
    """Return the rows of a set's split `train`, as JSON.

    Args:
        source: An AUText folder.
    """
    return (source / "train" / "metadata.jsonl").read_text(encoding="utf-8").splitlines()


def linked(source: Path, lines: list[str], out: Path) -> Path:
    """Return a set of some pictures of another, linked.

    Args:
        source: An AUText folder with landmarks.
        lines: Of `rows`.
        out: The folder to write.
    """
    (out / "train").mkdir(parents=True)
    (out / "landmarks").symlink_to(source.resolve() / "landmarks")
    for line in lines:
        name = json.loads(line)["file_name"]
        (out / "train" / name).symlink_to(source.resolve() / "train" / name)
    (out / "train" / "metadata.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return out


def speed(given: argparse.Namespace) -> dict[str, Any]:
    """Return steps per second and memory of all ways, and against the script.

    Args:
        given: `base`, `data`, `cache`, `steps`, `rounds`, `batch`, `resolution`, `precision`.
    """
    for flag in (False, True):
        alone(fill, given, flag)
    rounds: dict[str, list[dict[str, float]]] = {name: [] for name in WAYS}
    for _ in range(given.rounds):
        for name, (function, flag) in WAYS.items():
            rounds[name].append(alone(function, given, flag))
    best = {
        name: {
            "steps_per_second": round(max(row["steps_per_second"] for row in rows), 3),
            "peak_mib": round(min(row["peak_mib"] for row in rows)),
        }
        for name, rows in rounds.items()
    }
    script = best["reference"]
    ratios = {
        name: {key: round(row[key] / script[key], 3) for key in script}
        for name, row in best.items()
        if name != "reference"
    }
    settings = {name: getattr(given, name) for name in ("steps", "rounds", "batch", "resolution", "precision")}
    return {"threads": 1, **settings, "best of rounds": best, "against diffusers' script": ratios}


def starts(given: argparse.Namespace) -> dict[str, Any]:
    """Return how long a start with full caches takes, in seconds: the quickest of the rounds.

    Args:
        given: As for `speed`.
    """
    alone(fill, given, False)
    best = min((alone(second_start, given, False) for _ in range(given.rounds)), key=lambda row: row["to first step"])
    seconds = {name: round(value, 2) for name, value in best.items()}
    return {"pictures": PICTURES, "seconds": seconds, **slow_packages()}
