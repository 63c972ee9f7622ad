"""Write a training run of auface-mini as a folder that `AUFacePipeline.from_pretrained` opens: float16, safetensors."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from diffusers import AutoencoderKL, DPMSolverMultistepScheduler

from auface.lora_training.checkpoint import NAME, read_checkpoint
from auface.pipelines.adapter.model import AUFaceAdapter
from auface.pipelines.pipeline_auface import AUFacePipeline

from .recipe import MiniRecipe
from .text import new_text_encoder, open_tokenizer, write_tokenizer
from .unet import new_unet, noise_schedule


def export(run: Path, recipe: MiniRecipe, out: Path) -> AUFacePipeline:
    """Write the averaged weights of a run; a model card that is there stays.

    Args:
        run: Folder of the run, with a UNet in training or trained.
        recipe: Its recipe.
        out: Folder of the weights, which is made.

    Returns:
        What was written, in float32.

    Raises:
        ValueError: The run has no UNet yet.
    """
    pipe = pipeline_of(run, recipe)
    for part in (pipe.unet, pipe.vae, pipe.text_encoder, pipe.adapter):
        part.half()
    pipe.save_pretrained(out, safe_serialization=True)
    # transformers would compute in the type of the file, diffusers in float32: all in what the caller asks for.
    _change(out / "text_encoder" / "config.json", dtype="float32")
    _change(out / "vae" / "config.json", _name_or_path="")  # the run's folder on this machine
    # vocab.json and merges.txt, which every version of transformers reads, instead of what the newest writes.
    shutil.rmtree(out / "tokenizer")
    write_tokenizer(out / "tokenizer")
    for part in (pipe.unet, pipe.vae, pipe.text_encoder, pipe.adapter):
        part.float()
    return pipe


def _change(path: Path, **values: str) -> None:
    settings = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**settings, **values}, indent=2) + "\n", encoding="utf-8")


def pipeline_of(run: Path, recipe: MiniRecipe) -> AUFacePipeline:
    """Return the pipeline of a run, with averaged weights, as it is in its last checkpoint.

    Args:
        run: Folder of the run.
        recipe: Its recipe.

    Raises:
        ValueError: The run has no UNet yet.
    """
    averages = read_checkpoint(run / "unet" / NAME)["averages"]
    config = recipe.unet
    tokenizer = open_tokenizer(run / "tokenizer")
    unet = new_unet(config, recipe.drawn // 8)
    adapter = AUFaceAdapter.for_unet(unet, token_channels=config.token_channels)
    text_encoder = new_text_encoder(tokenizer, config.text_width, config.text_layers)
    for part, name in ((unet, "unet"), (adapter, "adapter"), (text_encoder, "text_encoder")):
        part.load_state_dict(averages[name])
    pipe = AUFacePipeline(
        vae=_autoencoder(run),
        text_encoder=text_encoder,
        tokenizer=tokenizer,
        unet=unet,
        scheduler=solver(),  # pyright: ignore[reportArgumentType] - diffusers' type of schedulers is a list of names
        adapter=adapter,
        requires_safety_checker=False,
    )
    for part in (pipe.unet, pipe.vae, pipe.text_encoder, pipe.adapter):
        part.requires_grad_(False).train(False)
    return pipe


def solver() -> DPMSolverMultistepScheduler:
    """Return the solver that needs fewest steps: DPM-Solver++ (arXiv 2211.01095) at the noise of arXiv 2206.00364.

    Root mean square difference to 60 steps, of pictures from 0 to 1, at 6, 8 and 10 steps: 0.017, 0.010, 0.006; evenly
    spaced 0.022, 0.016, 0.013; UniPC 0.020, 0.014, 0.012; DDIM 0.031, 0.023, 0.022.
    """
    noise = noise_schedule().config
    return DPMSolverMultistepScheduler(
        **{name: noise[name] for name in ("beta_start", "beta_end", "beta_schedule", "prediction_type")},
        use_karras_sigmas=True,
    )


def _autoencoder(run: Path) -> AutoencoderKL:
    vae = AutoencoderKL.from_pretrained(run / "vae")
    later = run / "decoder" / NAME
    if later.is_file():
        vae.load_state_dict(read_checkpoint(later)["averages"]["vae"])
    return vae
