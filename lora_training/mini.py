"""Train auface-mini: the autoencoder, the latents of the set, the UNet with text encoder and adapter, the weights.

    auface dataset synth --count 20000 --size 256 --maps landmarks --out heads
    python -m auface.lora_training.mini autoencoder --recipe lora_training/recipes/mini-192.json --set heads --run mini
    python -m auface.lora_training.mini latents     (the same options)
    python -m auface.lora_training.mini unet
    python -m auface.lora_training.mini decoder
    python -m auface.lora_training.mini export --out weights/mini

Every stage goes on where it was stopped, and may be stopped at any time: `unet` learns from the latents that there are,
`decoder` makes the decoder better without changing latents, and may run before, beside or after `unet`.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch
from diffusers import AutoencoderKL

from auface.lora_training.checkpoint import NAME, read_checkpoint
from auface.lora_training.loop import Loop, LoopConfig, Task
from auface.lora_training.mini_autoencoder import AutoencoderTask, new_autoencoder, standardize
from auface.lora_training.mini_faces import MiniFaces, Windows, seen
from auface.lora_training.mini_pictures import HeadPictures
from auface.lora_training.mini_recipe import MiniRecipe
from auface.lora_training.mini_text import new_text_encoder, open_tokenizer, write_tokenizer
from auface.lora_training.mini_unet import UNetTask

STAGES = ("autoencoder", "latents", "unet", "decoder", "export")
"""The stages in order."""

_MEASURED = 256  # pictures whose latents decide how latents are standardized


class MiniRun:
    """A training run of auface-mini.

    Args:
        recipe: What to do.
        dataset: Folder of the set of heads.
        folder: Folder of the run; everything that is made is in it.
        device: Where to compute.
    """

    def __init__(self, recipe: MiniRecipe, dataset: Path, folder: Path, device: str = "cpu") -> None:
        self.recipe, self.dataset, self.folder, self.device = recipe, dataset, folder, device

    def train_autoencoder(self) -> None:
        """Train encoder and decoder; then standardize latents and keep the encoder for good."""
        task = AutoencoderTask(self.recipe.autoencoder, self._pictures(), 0, self.device)
        loop = self._loop("autoencoder", task)
        loop.train()
        self.keep_autoencoder()

    def keep_autoencoder(self) -> None:
        """Write `vae/` from the last checkpoint of the autoencoder: from here on the encoder does not change."""
        model = new_autoencoder(self.recipe.autoencoder)
        model.load_state_dict(_averages(self.folder / "autoencoder")["vae"])
        model = model.train(False).to(self.device, memory_format=torch.channels_last)  # pyright: ignore
        pictures = self._pictures()
        rows = np.linspace(0, len(pictures.rows) - 1, min(_MEASURED, len(pictures.rows))).astype(np.int64)
        latents = torch.from_numpy(seen(model, pictures, rows, self.recipe.size, 0).latents).float()
        model = model.to("cpu")  # pyright: ignore - diffusers hides torch's signature
        standardize(model, latents.mean((0, 2, 3)), latents.std((0, 2, 3)))
        model.save_pretrained(self.folder / "vae")

    def make_latents(self) -> None:
        """Make the latents of all chunks that are missing."""
        model = self._vae().to(self.device, memory_format=torch.channels_last)  # pyright: ignore
        pictures, recipe = self._pictures(), self.recipe
        for chunk in range(recipe.chunks):
            path = self.folder / "latents" / f"{chunk:03d}.npz"
            if path.exists():
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            # Beyond the last picture they begin again, seen through other windows.
            rows = (np.arange(recipe.chunk) * recipe.chunks + chunk) % len(pictures.rows)
            seen(model, pictures, rows, recipe.size, chunk).save(path)

    def train_unet(self) -> None:
        """Train UNet, text encoder and adapter on the latents that there are."""
        self._loop("unet", self.unet_task()).train()

    def unet_task(self) -> UNetTask:
        """Return the task that trains the UNet, with random weights.

        Raises:
            ValueError: There are no latents.
        """
        from auface.structure.model import shipped_model

        paths = sorted((self.folder / "latents").glob("*[0-9].npz"))
        if not paths:
            raise ValueError(f"`run` is {str(self.folder)!r}, which has no latents; accepted is one with latents made.")
        pictures = self._pictures()
        scaling = float(self._vae().config["scaling_factor"])
        faces = MiniFaces(pictures.rows, pictures.landmarks, Windows.load(*paths), scaling, shipped_model())
        folder = self.folder / "tokenizer"
        if not folder.exists():
            write_tokenizer(folder)
        tokenizer = open_tokenizer(folder)
        config = self.recipe.unet
        torch.manual_seed(0)
        encoder = new_text_encoder(tokenizer, config.text_width, config.text_layers)
        return UNetTask(config, faces, tokenizer, encoder, 0, self.device)

    def train_decoder(self) -> None:
        """Train the decoder on; the encoder stays."""
        task = AutoencoderTask(self.recipe.autoencoder, self._pictures(), 1, self.device, finished=self._vae())
        self._loop("decoder", task).train()

    def _loop(self, stage: str, task: Task) -> Loop:
        plan = self.recipe.stages[stage]
        config = LoopConfig(
            out=self.folder / stage,
            steps=plan.steps,
            learning_rate=plan.learning_rate,
            warmup=plan.warmup,
            weight_decay=plan.weight_decay,
            averaging=plan.averaging,
            bfloat16=self.recipe.bfloat16,
        )
        return Loop(config, task, self.device)

    def _pictures(self) -> HeadPictures:
        return HeadPictures.open(self.dataset, "train", self.folder / "pictures")

    def _vae(self) -> AutoencoderKL:
        folder = self.folder / "vae"
        if not folder.exists():
            raise ValueError(f"`run` is {str(self.folder)!r}, which has no vae; accepted is one with its stage done.")
        return AutoencoderKL.from_pretrained(folder)


def _averages(folder: Path) -> dict[str, dict[str, torch.Tensor]]:
    return read_checkpoint(folder / NAME)["averages"]


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description="Train auface-mini.")
    parser.add_argument("stage", choices=(*STAGES, "keep"))
    parser.add_argument("--recipe", type=Path, required=True, help="a JSON file, such as those in recipes/")
    parser.add_argument("--set", type=Path, required=True, help="folder of a set of synthetic heads with landmarks")
    parser.add_argument("--run", type=Path, required=True, help="folder of the run")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--threads", type=int, default=1, help="CPU threads")
    parser.add_argument("--out", type=Path, help="folder of the weights, for the stage export")
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    run = MiniRun(MiniRecipe.load(given.recipe), given.set, given.run, given.device)
    given.run.mkdir(parents=True, exist_ok=True)
    if given.stage == "export":
        from auface.lora_training.mini_weights import export

        if given.out is None:
            parser.error("export needs --out")
        export(given.run, run.recipe, given.out)
    else:
        stages = {
            "autoencoder": run.train_autoencoder,
            "keep": run.keep_autoencoder,
            "latents": run.make_latents,
            "unet": run.train_unet,
            "decoder": run.train_decoder,
        }
        stages[given.stage]()


if __name__ == "__main__":
    main()
