"""A small run of auface-mini: a set of heads, a recipe, and the run itself, trained for two steps."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from auface.autext.head_description import HeadDescription
from auface.autext.heads.sample import sample_identity, sample_view
from auface.facs import Expression
from auface.lora_training.mini.autoencoder import AutoencoderConfig
from auface.lora_training.mini.recipe import MiniRecipe, StageConfig
from auface.lora_training.mini.run import MiniRun
from auface.lora_training.mini.unet import UNetConfig
from auface.structure.camera import portrait_camera
from auface.structure.identity import default_neutral

COUNT, SIZE = 6, 64


@pytest.fixture(scope="session")
def heads(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A set of pictures of noise, with the landmarks of the mean face."""
    folder = tmp_path_factory.mktemp("heads")
    (folder / "train").mkdir()
    (folder / "landmarks").mkdir()
    neutral = default_neutral()
    points = portrait_camera(neutral, SIZE).project(neutral)[:, :2]
    rows = []
    for number in range(COUNT):
        pixels = np.random.default_rng(number).integers(0, 256, (SIZE, SIZE, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(folder / "train" / f"{number}.png")
        np.savez(folder / "landmarks" / f"{number}.npz", landmarks=points)
        head = HeadDescription.of(
            Expression.parse("L12D+1B"), identity=sample_identity(number), view=sample_view(number)
        )
        place = f"landmarks/{number}.npz"
        rows.append({"file_name": f"{number}.png", "landmarks": place, "description": head.to_json()})
    (folder / "train" / "metadata.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return folder


@pytest.fixture(scope="session")
def recipe() -> MiniRecipe:
    stage = StageConfig(steps=2, learning_rate=1e-3, warmup=1, averaging=0.5)
    return MiniRecipe(
        size=64,
        drawn=64,
        chunk=4,
        chunks=2,
        bfloat16=False,
        autoencoder=AutoencoderConfig(channels=(32, 32, 32, 32), batch=4, window=16, wide_from=1, scales=(0.9, 1.0)),
        unet=UNetConfig(channels=(32, 64), head=32, token_channels=32, text_width=64, text_layers=1, batch=3),
        stages={name: stage for name in ("autoencoder", "decoder", "unet", "text", "adapter")},
    )


@pytest.fixture(scope="session")
def trained(heads: Path, recipe: MiniRecipe, tmp_path_factory: pytest.TempPathFactory) -> MiniRun:
    run = MiniRun(recipe, heads, tmp_path_factory.mktemp("run"))
    run.train_autoencoder()
    run.make_latents()
    run.train_unet()
    return run
