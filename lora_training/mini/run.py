"""`MiniRun`: the stages of a training run of auface-mini, each of which goes on where it was stopped."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from diffusers import AutoencoderKL
from numpy.typing import NDArray

from auface.lora_training.agreement import accelerator_or_none, processes_of
from auface.lora_training.checkpoint import NAME, read_checkpoint
from auface.lora_training.face_consistency import FaceConsistency
from auface.lora_training.loop import Loop, LoopConfig, Task, adamw
from auface.lora_training.sight import Sight

from .autoencoder import AutoencoderTask, new_autoencoder, standardize
from .faces import Conditioning, MiniFaces, Windows, seen
from .facts import TextTask
from .pictures import HeadPictures
from .recipe import MiniRecipe
from .start import started
from .text import new_text_encoder, open_tokenizer, write_tokenizer
from .unet import UNetTask

if TYPE_CHECKING:
    from transformers import CLIPTextModel, CLIPTokenizer

STAGES = ("autoencoder", "latents", "text", "unet", "decoder", "export")
"""The stages in order."""

_MEASURED = 256  # pictures whose latents decide how latents are standardized


class MiniRun:
    """A training run of auface-mini.

    Args:
        recipe: What to do.
        dataset: Folder of the set of heads.
        folder: Folder of the run; everything that is made is in it.
        device: Where to compute; processes that were launched together have each their own.
    """

    def __init__(self, recipe: MiniRecipe, dataset: Path, folder: Path, device: str = "cpu") -> None:
        self.recipe, self.dataset, self.folder = recipe, dataset, folder
        self._accelerator = accelerator_or_none()
        self.device = device if self._accelerator is None else str(self._accelerator.device)

    @property
    def processes(self) -> tuple[int, int]:
        """How many processes were launched together, and which of them this is."""
        return processes_of(self._accelerator)

    def train_autoencoder(self) -> Loop:
        """Train encoder and decoder; then standardize latents and keep the encoder for good. Return the loop."""
        task = AutoencoderTask(self.recipe.autoencoder, self.pictures(), 0, self.device)
        loop = self._trained("autoencoder", task)
        self.keep_autoencoder()
        return loop

    def keep_autoencoder(self) -> Path:
        """Write `vae/` from the last checkpoint of the autoencoder: from here on the encoder does not change.

        Returns:
            The folder.
        """
        model = new_autoencoder(self.recipe.autoencoder)
        model.load_state_dict(_averages(self.folder / "autoencoder")["vae"])
        model = model.train(False).to(self.device, memory_format=torch.channels_last)  # pyright: ignore
        pictures = self.pictures()
        rows = np.linspace(0, len(pictures.rows) - 1, min(_MEASURED, len(pictures.rows))).astype(np.int64)
        latents = torch.from_numpy(
            seen(model, pictures, rows, self.recipe.size, 0, self.recipe.bfloat16).latents
        ).float()
        model = model.to("cpu")  # pyright: ignore - diffusers hides torch's signature
        standardize(model, latents.mean((0, 2, 3)), latents.std((0, 2, 3)))
        model.save_pretrained(self.folder / "vae")
        return self.folder / "vae"

    def make_latents(self) -> Path:
        """Make the latents of all chunks that are missing, and return the folder of those of the first size."""
        model = self._vae().to(self.device, memory_format=torch.channels_last)  # pyright: ignore
        pictures, recipe = self.pictures(), self.recipe
        for size in dict.fromkeys((recipe.size, *recipe.also)):
            for chunk in range(recipe.chunks):
                # Beyond the last picture they begin again, seen through other windows.
                rows = (np.arange(recipe.chunk) * recipe.chunks + chunk) % len(pictures.rows)
                path = self._latents(size) / f"{chunk:03d}.npz"
                if not path.exists():
                    path.parent.mkdir(parents=True, exist_ok=True)
                    seen(model, pictures, rows, size, chunk, recipe.bfloat16).save(path)
        return self._latents(recipe.size)

    def train_text(self) -> Loop:
        """Teach the text encoder what prompts say, and return the loop."""
        tokenizer, encoder = self._text()
        return self._trained("text", TextTask(self.recipe.text, tokenizer, encoder, 0, self.device))

    def train_unet(self) -> Loop:
        """Train UNet, text encoder and adapter on the latents that there are, and return the loop.

        Processes that were launched together learn together.
        """
        task = self.unet_task()
        if task.config.hearing == 1:
            return self._trained("unet", task)
        return self._trained("unet", task, groups=task.rates)

    def unet_task(self) -> UNetTask:
        """Return the task that trains the UNet, with the weights that the run began with, or random ones.

        Raises:
            ValueError: There are no latents.
        """
        sizes = (self.recipe.size, *self.recipe.also)
        faces, *also = [self.faces(size, seed=place) for place, size in enumerate(sizes)]
        return self.task_of(faces, *also)

    def task_of(self, *faces: MiniFaces, **changes: Any) -> UNetTask:
        """Return a task that trains the UNet or what is around it, as `unet_task` does.

        Args:
            *faces: What to learn from, for each size.
            **changes: What is other than in the recipe of the UNet.
        """
        config = replace(self.recipe.unet, **changes)
        tokenizer, encoder = self._text()
        taught = self.folder / "text" / NAME
        if taught.is_file() and config.learns != "adapter":  # a UNet that stays as it is knows the text encoder it had
            encoder.load_state_dict(_averages(taught.parent)["text_encoder"])
        sight = self.sight() if config.reads_faces else None
        task = UNetTask(
            config,
            faces[0],
            tokenizer,
            encoder,
            0,
            self.device,
            also=faces[1:],
            sight=sight,
            processes=self.processes,
        )
        for part in ("unet", "adapter"):
            started(task.parts()[part], self.folder, part)
        return task

    def sight(self) -> Sight:
        """Return the recognizer's sight of latents.

        Raises:
            ValueError: The recognizer's weights are not installed, or the run has no autoencoder.
        """
        from auface.recognition.recognizer import Recognizer

        vae: Any = self._vae().to(self.device, memory_format=torch.channels_last)  # pyright: ignore
        vae.train(False).requires_grad_(False)
        scaling = float(vae.config["scaling_factor"])
        reads = FaceConsistency.of(Recognizer(), self.device)
        return Sight(lambda latents: vae.decode(latents / scaling).sample, reads)

    def faces(
        self,
        size: int,
        conditioning: Conditioning | None = None,
        told: NDArray[np.float32] | None = None,
        windows: Windows | None = None,
        seed: int = 0,
    ) -> MiniFaces:
        """Return the faces that there are latents of.

        Args:
            size: Height and width in pixels.
            conditioning: What makes condition vectors; by default the structure model, of what faces show.
            told: (pictures, 478, 2) landmarks that maps are drawn from; by default the true ones.
            windows: What is seen; by default all that there are latents of.
            seed: Seed of order and prompts.

        Raises:
            ValueError: There are no latents.
        """
        from auface.structure.model import shipped_model

        pictures, config = self.pictures(), self.recipe.unet
        return MiniFaces(
            pictures.rows,
            pictures.landmarks,
            windows or self.windows(size),
            float(self._vae().config["scaling_factor"]),
            conditioning or (lambda heads: shipped_model().condition_of([head.shown for head in heads])),
            seed=seed,
            rare=config.rare,
            told=told,
        )

    def windows(self, size: int) -> Windows:
        """Return the windows that there are latents of.

        Args:
            size: Height and width in pixels.

        Raises:
            ValueError: There are none.
        """
        paths = sorted(self._latents(size).glob("*[0-9].npz"))
        if not paths:
            raise ValueError(f"`run` is {str(self.folder)!r}, which has no latents; accepted is one with latents made.")
        return Windows.load(*paths)

    def train_decoder(self) -> Loop:
        """Train the decoder on, while the encoder stays, and return the loop."""
        task = AutoencoderTask(self.recipe.autoencoder, self.pictures(), 1, self.device, finished=self._vae())
        return self._trained("decoder", task)

    def train_adapter(self, conditioning: str, heads: Path) -> Loop:
        """Train the adapter alone, on faces as they were asked for, and return the loop.

        Args:
            conditioning: What it is told, "prior" or "linear".
            heads: The head pack.
        """
        from .twin import forget_tokens, twin_faces

        pictures, size = self.pictures(), self.recipe.size
        told = twin_faces(conditioning, self.folder, heads, pictures.rows, pictures.landmarks, self.windows(size))
        faces = self.faces(size, told.conditioning, told.landmarks, told.windows)
        task = self.task_of(faces, learns="adapter", noisiness=1.0, maps_only=0.0, tokens_only=0.0)
        forget_tokens(task.adapter, task.unet)
        return self._trained("adapter", task, f"adapter-{conditioning}")

    def _text(self) -> tuple[CLIPTokenizer, CLIPTextModel]:
        folder, config = self.folder / "tokenizer", self.recipe.unet
        if not folder.exists():
            write_tokenizer(folder)
        tokenizer = open_tokenizer(folder)
        torch.manual_seed(0)
        encoder = new_text_encoder(tokenizer, config.text_width, config.text_layers)
        started(encoder, self.folder, "text_encoder")
        return tokenizer, encoder

    def _latents(self, size: int) -> Path:
        return self.folder / ("latents" if size == self.recipe.size else f"latents-{size}")

    def _trained(
        self,
        stage: str,
        task: Task,
        folder: str = "",
        groups: Callable[[float], list[dict[str, Any]]] | None = None,
    ) -> Loop:
        if stage not in self.recipe.stages:
            raise ValueError(f"`recipe` does not say how {stage!r} learns; accepted is one with this stage.")
        plan = self.recipe.stages[stage]
        config = LoopConfig(
            out=self.folder / (folder or stage),
            steps=plan.steps,
            learning_rate=plan.learning_rate,
            warmup=plan.warmup,
            weight_decay=plan.weight_decay,
            averaging=plan.averaging,
            bfloat16=self.recipe.bfloat16,
        )
        optimizer = groups and (lambda: adamw(groups(config.learning_rate), config))
        loop = Loop(config, task, self.device, optimizer=optimizer, accelerator=self._accelerator)
        loop.train()
        return loop

    def pictures(self) -> HeadPictures:
        """Return the pictures of the training split, decoded once."""
        return HeadPictures.open(self.dataset, "train", self.folder / "pictures", self.recipe.every)

    def _vae(self) -> AutoencoderKL:
        folder = self.folder / "vae"
        if not folder.exists():
            raise ValueError(f"`run` is {str(self.folder)!r}, which has no vae; accepted is one with its stage done.")
        return AutoencoderKL.from_pretrained(folder)


def _averages(folder: Path) -> dict[str, dict[str, torch.Tensor]]:
    return read_checkpoint(folder / NAME)["averages"]
