"""auface-mini is trained in stages that go on where they stopped, and ends as a folder that the pipeline opens."""

import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from auface.lora_training.checkpoint import NAME, read_checkpoint
from auface.lora_training.mini.__main__ import main
from auface.lora_training.mini.autoencoder import new_autoencoder
from auface.lora_training.mini.faces import _times
from auface.lora_training.mini.facts import FACTS, TextConfig, TextTask
from auface.lora_training.mini.recipe import MiniRecipe
from auface.lora_training.mini.run import STAGES, MiniRun
from auface.lora_training.mini.start import begin
from auface.lora_training.mini.text import LENGTH, new_text_encoder, open_tokenizer, write_tokenizer
from auface.lora_training.mini.unet import new_unet, prompt_layers
from auface.lora_training.mini.weights import export
from auface.pipelines import AUFacePipeline
from auface.pipelines.adapter.model import AUFaceAdapter

# diffusers' DPM-Solver turns tensors into arrays in the way of numpy 1.

RECIPES = Path(__file__).resolve().parents[3] / "lora_training" / "mini" / "recipes"


def test_the_weights_are_a_pipeline_that_draws(trained: MiniRun, tmp_path: Path) -> None:
    trained.train_decoder()
    export(trained.folder, trained.recipe, tmp_path)
    pipe: Any = AUFacePipeline.from_pretrained(tmp_path)
    pipe.set_progress_bar_config(disable=True)
    seed = torch.Generator().manual_seed(0)
    faces = pipe("an old man", expression="12D", num_inference_steps=2, generator=seed, output_type="np").images
    assert faces.shape == (1, 64, 64, 3)
    assert np.isfinite(faces).all()
    assert not any(str(trained.folder) in path.read_text() for path in tmp_path.rglob("config.json"))
    assert {path.suffix for path in tmp_path.rglob("*") if path.is_file()} == {".json", ".safetensors", ".txt"}


def test_the_command_does_all_stages(
    heads: Path, recipe: MiniRecipe, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told: dict[str, dict[str, Any]] = {}
    written = tmp_path / "recipe.json"
    written.write_text(json.dumps(asdict(recipe)))
    for stage in STAGES:
        options = ["--recipe", written, "--set", heads, "--run", tmp_path / "run", "--out", tmp_path / "mini"]
        main([stage, *map(str, options), "--json"])
        told[stage] = json.loads(capsys.readouterr().out)
    assert told["latents"] == {"latents": str(tmp_path / "run" / "latents")}
    checkpoint = str(tmp_path / "run" / "unet" / "checkpoint.safetensors")
    assert told["unet"] == {"step": 2, "finished": True, "checkpoint": checkpoint}
    assert told["export"] == {"weights": str(tmp_path / "mini")}
    assert (tmp_path / "mini" / "model_index.json").is_file()


def test_latents_are_standardized_for_the_factor_of_stable_diffusion(trained: MiniRun) -> None:
    task = trained.unet_task()
    assert task.faces.scaling == 0.18215
    latents = task.faces.faces(list(range(len(task.faces)))).latents
    assert latents.std() == pytest.approx(1, abs=0.15)
    assert latents.mean() == pytest.approx(0, abs=0.15)


def test_a_mirrored_window_has_mirrored_maps_and_halves(trained: MiniRun) -> None:
    faces = trained.unet_task().faces
    faces.windows.places[0, 3], faces.windows.places[1] = 0, faces.windows.places[0]
    faces.windows.places[1, 3] = 1
    one, other = faces.faces([0]), faces.faces([1])
    assert torch.equal(one.maps, other.maps.flip(3))
    assert torch.equal(one.vectors, other.vectors.flip(1))
    assert not torch.equal(one.vectors, other.vectors)


def test_the_decoder_learns_without_changing_latents(trained: MiniRun) -> None:
    before = trained._vae()
    trained.train_decoder()
    after = read_checkpoint(trained.folder / "decoder" / "checkpoint.safetensors")["parts"]["vae"]
    same = {name for name, value in before.state_dict().items() if torch.equal(value, after[name])}
    assert {name for name in after if name.startswith(("encoder.", "quant_conv."))} <= same
    assert not any(name.startswith("decoder.conv_in") for name in same)


def test_missing_stages_are_named(heads: Path, recipe: MiniRecipe, tmp_path: Path) -> None:
    run = MiniRun(recipe, heads, tmp_path)
    with pytest.raises(ValueError, match="has no vae"):
        run.make_latents()
    with pytest.raises(ValueError, match="has no latents"):
        run.train_unet()
    with pytest.raises(ValueError, match=r"unet/checkpoint\.safetensors is missing"):
        export(tmp_path, recipe, tmp_path / "out")
    with pytest.raises(ValueError, match=r"has no train/metadata\.jsonl"):
        MiniRun(recipe, tmp_path, tmp_path).train_autoencoder()


def test_one_batch_with_one_noise_is_learned(trained: MiniRun) -> None:
    task: Any = trained.unet_task()
    task.config = replace(task.config, no_prompt=0, no_expression=0, maps_only=0, tokens_only=0)
    batch = task.faces.faces([0, 1])
    optimizer = torch.optim.Adam([value for part in task.parts().values() for value in part.parameters()], 2e-3)
    errors = []
    for _ in range(25):
        torch.manual_seed(0)
        loss = task.loss_of(batch)
        optimizer.zero_grad()
        loss["noise"].backward()
        optimizer.step()
        errors.append(float(loss["_plain"]))
    assert errors[-1] < 0.4 * errors[0]
    assert float(task.adapter.layers[0].to_v.weight.detach().abs().max()) > 0, "the adapter learns too"


@pytest.mark.parametrize("name", ["192.json", "256.json", "prompt.json", "landmarks.json", "units.json"])
def test_the_weights_of_a_recipe_fit_into_60_megabytes(name: str) -> None:
    recipe = MiniRecipe.load(RECIPES / name)
    with torch.device("meta"):
        unet: Any = new_unet(recipe.unet)
        parts = [unet, new_autoencoder(recipe.autoencoder)]
        parts.append(AUFaceAdapter.for_unet(unet, token_channels=recipe.unet.token_channels))
    text = 1_300_000 * (recipe.unet.text_width / 192) ** 2 * recipe.unet.text_layers / 3
    count = sum(value.numel() for part in parts for value in part.parameters()) + text
    assert 2 * count < 60e6


def test_an_unknown_name_in_a_recipe_is_refused(tmp_path: Path) -> None:
    data = json.loads((RECIPES / "192.json").read_text())
    data["unet"]["chanels"] = [1]
    path = tmp_path / "recipe.json"
    path.write_text(json.dumps(data))
    with pytest.raises(ValueError, match="`recipe` has 'chanels'; accepted are batch, channels"):
        MiniRecipe.load(path)


def test_data_goes_on_where_it_stopped(trained: MiniRun) -> None:
    one, other = trained.unet_task().faces, trained.unet_task().faces
    one.batch(3)
    other.restore(json.loads(json.dumps(one.state())))
    assert one.batch(4).prompts == other.batch(4).prompts


def test_a_run_goes_on_from_finished_weights(trained: MiniRun, heads: Path, tmp_path: Path) -> None:
    export(trained.folder, trained.recipe, tmp_path / "weights")
    learning = replace(
        trained.recipe, also=(128,), unet=replace(trained.recipe.unet, learns="prompt", rare=1.0, hearing=2.0)
    )
    run = MiniRun(learning, heads, tmp_path / "run")
    begin(tmp_path / "weights", run.folder)
    run.make_latents()
    run.train_text()
    run.train_unet()
    first = load_file(tmp_path / "weights" / "unet" / "diffusion_pytorch_model.safetensors")
    after = read_checkpoint(run.folder / "unet" / NAME)["parts"]
    changed = {name for name, value in first.items() if not torch.equal(value.float(), after["unet"][name])}
    assert changed
    assert all(".attn2." in name or ".transformer_blocks." in name for name in changed)
    taught = read_checkpoint(run.folder / "text" / NAME)["averages"]["text_encoder"]
    assert all(torch.equal(value, after["text_encoder"][name]) for name, value in taught.items())
    with pytest.raises(ValueError, match="has a vae already"):
        begin(tmp_path / "weights", run.folder)
    with pytest.raises(ValueError, match="has no unet"):
        begin(tmp_path, tmp_path / "other")
    other = replace(learning, unet=replace(learning.unet, channels=(64, 64)))
    with pytest.raises(ValueError, match="other sizes than unet"):
        MiniRun(other, heads, run.folder).unet_task()


def test_noisy_times_and_rare_hair_come_more_often(trained: MiniRun) -> None:
    assert _times(["black"] * 6 + ["gray"] * 2 + ["red"], 1.0) == [1] * 6 + [3] * 2 + [4]
    assert _times(["black"] * 6 + ["gray"], 0.0) == [1] * 7
    with pytest.raises(ValueError, match="`learns` is 'much'"):
        replace(trained.recipe.unet, learns="much")  # pyright: ignore[reportArgumentType]
    with pytest.raises(ValueError, match="`noisiness` is 0"):
        replace(trained.recipe.unet, noisiness=0)


def test_layers_that_hear_the_prompt_learn_at_their_own_rate(trained: MiniRun) -> None:
    task = trained.task_of(trained.faces(trained.recipe.size), hearing=4.0)
    others, hearing = task.rates(1e-3)
    assert (others["highest"], hearing["highest"]) == (1e-3, 4e-3)
    assert {id(value) for value in hearing["params"]} == {id(value) for value in prompt_layers(task.unet)}
    whole = sum(value.numel() for part in task.parts().values() for value in part.parameters())
    assert sum(value.numel() for group in (others, hearing) for value in group["params"]) == whole
    with pytest.raises(ValueError, match="`hearing` 0"):
        replace(trained.recipe.unet, hearing=0)


def test_facts_are_learned_from_the_end_of_the_text(tmp_path: Path) -> None:
    write_tokenizer(tmp_path)
    tokenizer = open_tokenizer(tmp_path)
    torch.manual_seed(0)
    task = TextTask(TextConfig(batch=32), tokenizer, new_text_encoder(tokenizer, 64, 1))
    optimizer = torch.optim.Adam([value for part in task.parts().values() for value in part.parameters()], 3e-3)
    for step in range(60):
        optimizer.zero_grad()
        task.losses(step)["facts"].backward()
        optimizer.step()
    with torch.no_grad():
        found, end = task.read(["a man", "a woman", "an old man, gray hair"])
    sex = FACTS.index("sex")
    assert end[0].sum() == LENGTH - 3
    assert float(found[0, -1, sex]) > 0.3 > -0.3 > float(found[1, -1, sex])
    assert float(found[2, -1, FACTS.index("age")]) > float(found[0, -1, FACTS.index("age")])
