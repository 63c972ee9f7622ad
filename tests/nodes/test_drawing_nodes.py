"""Drawing in the real host: the embedded model runs by stock nodes, and draws what the Python pipeline draws."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from comfyui_host import Host
from PIL import Image
from safetensors.torch import load_file, save_file

from auface.pipelines import AUFacePipeline

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:diffusers.*")  # of numpy, in its schedulers

Prompt = dict[str, Any]
PROMPT = "an old man, black hair"
ASKED = "1+2C+5D+26"
STEPS, SCALE, SIZE = 4, 3.0, 128


def node(kind: str, **inputs: object) -> Prompt:
    """One node of a prompt."""
    return {"class_type": kind, "inputs": inputs}


def drawing(**changes: object) -> Prompt:
    """A prompt that draws with the tiny model through stock nodes; `changes` are inputs of the adapter's node."""
    adapter: dict[str, object] = {"model": ["load", 0], "positive": ["text", 0], "negative": ["nothing", 0]}
    adapter |= {"expression": ["e", 0], "adapter": "tiny", "strength": 1.0, "geometry": 1.0, "start": 0.0, "end": 1.0}
    adapter |= changes
    adapter = {name: value for name, value in adapter.items() if value is not None}
    sampler = node(
        "KSampler", model=["apply", 0], positive=["apply", 1], latent_image=["empty", 0], seed=5, steps=STEPS, cfg=SCALE
    )
    negative = ["apply", 2] if "negative" in adapter else ["nothing", 0]
    sampler["inputs"] |= {"negative": negative, "sampler_name": "euler", "scheduler": "normal", "denoise": 1.0}
    return {
        "load": node("AUFaceLoadMini", model="tiny"),
        "text": node("CLIPTextEncode", clip=["load", 1], text=PROMPT),
        "nothing": node("CLIPTextEncode", clip=["load", 1], text=""),
        "e": node("AUFaceMakeExpression", text=ASKED),
        "apply": node("AUFaceApplyAdapter", **adapter),
        "empty": node("EmptyLatentImage", width=SIZE, height=SIZE, batch_size=1),
        "sample": sampler,
        "kept": node("SaveLatent", samples=["sample", 0], filename_prefix="t/latent"),
    }


def latents(host: Host, prompt: Prompt) -> torch.Tensor:
    """Run a prompt and return what the sampler gave."""
    entry = host.run(prompt)
    assert entry["status"]["status_str"] == "success", entry["status"]
    [kept] = entry["outputs"]["kept"]["latents"]
    return load_file(host.base / "output" / kept["subfolder"] / kept["filename"])["latent_tensor"]


def euler(made: AUFacePipeline) -> AUFacePipeline:
    """A model in diffusers with the sampler that ComfyUI calls euler, normal."""
    from diffusers import EulerDiscreteScheduler

    made.scheduler = EulerDiscreteScheduler(
        beta_start=0.00085,
        beta_end=0.012,
        beta_schedule="scaled_linear",
        prediction_type="v_prediction",
        timestep_spacing="linspace",
    )
    made.set_progress_bar_config(disable=True)
    return made


@pytest.fixture(scope="module")
def pipeline(tiny: Path) -> AUFacePipeline:
    """The tiny model in diffusers."""
    return euler(AUFacePipeline.from_pretrained(tiny))


def drawn(pipeline: AUFacePipeline, output_type: str = "latent", **arguments: Any) -> Any:
    """What the pipeline draws from the noise of ComfyUI's seed 5."""
    scheduler: Any = pipeline.scheduler
    scheduler.set_timesteps(STEPS)
    sigma = float(scheduler.sigmas[0])
    noise = torch.randn(1, 4, SIZE // 8, SIZE // 8, generator=torch.Generator().manual_seed(5))
    noise = (
        noise * (1 + sigma**2) ** 0.5 / float(scheduler.init_noise_sigma)
    )  # ComfyUI's first step is that much noisier
    common: dict[str, Any] = {"height": SIZE, "width": SIZE, "num_inference_steps": STEPS, "guidance_scale": SCALE}
    call: Any = pipeline
    return call(PROMPT, **common, negative_prompt="", latents=noise, output_type=output_type, **arguments).images


@pytest.fixture(scope="module")
def plain(host: Host) -> torch.Tensor:
    """What the model draws without any adapter."""
    prompt = drawing()
    prompt["sample"]["inputs"] |= {"model": ["load", 0], "positive": ["text", 0], "negative": ["nothing", 0]}
    return latents(host, prompt)


def test_the_model_gives_the_latents_of_diffusers(plain: torch.Tensor, pipeline: AUFacePipeline) -> None:
    assert (plain * 0.18215 - drawn(pipeline)).abs().max() < 1e-3


def test_an_expression_gives_the_latents_of_the_pipeline(
    host: Host, plain: torch.Tensor, pipeline: AUFacePipeline
) -> None:
    got = latents(host, drawing())
    assert (got * 0.18215 - drawn(pipeline, expression=ASKED)).abs().max() < 1e-3
    assert (got - plain).abs().mean() > 0.1


def test_a_structure_gives_the_face_of_the_pipeline(host: Host, pipeline: AUFacePipeline) -> None:
    face = node("AUFaceStructure", expression=["e", 0], width=SIZE, height=SIZE, yaw=20.0, pitch=0.0, roll=-5.0)
    face["inputs"] |= {"zoom": 1.0, "identity": 7, "style": "controlnet", "part": "face"}
    got = latents(host, {**drawing(expression=None, structure=["face", 4]), "face": face})
    wanted = drawn(pipeline, expression=ASKED, identity=7, pose=(20, 0, -5))
    assert (got * 0.18215 - wanted).abs().max() < 1e-3


def test_the_picture_is_that_of_the_pipeline(host: Host, pipeline: AUFacePipeline) -> None:
    prompt = drawing()
    prompt["decode"] = node("VAEDecode", samples=["sample", 0], vae=["load", 2])
    prompt["picture"] = node("SaveImage", images=["decode", 0], filename_prefix="t/face")
    [saved] = host.run(prompt)["outputs"]["picture"]["images"]
    got = np.asarray(Image.open(host.base / "output" / saved["subfolder"] / saved["filename"]), np.float32) / 255
    assert np.abs(got - drawn(pipeline, "np", expression=ASKED)[0]).mean() < 0.01


def test_without_expression_or_strength_nothing_changes(host: Host, plain: torch.Tensor) -> None:
    for changes in ({"expression": None}, {"strength": 0.0}, {"start": 0.5, "end": 0.5}):
        assert torch.equal(latents(host, drawing(**changes)), plain), changes


def test_a_neutral_expression_asks_for_the_neutral_face(
    host: Host, plain: torch.Tensor, pipeline: AUFacePipeline
) -> None:
    prompt = drawing()
    prompt["e"]["inputs"]["text"] = "neutral"
    got = latents(host, prompt)
    assert (got - plain).abs().mean() > 0.1
    assert (got * 0.18215 - drawn(pipeline, expression="neutral")).abs().max() < 1e-3


def test_each_conditioning_has_its_own_expression(host: Host, plain: torch.Tensor) -> None:
    alone = latents(host, drawing(negative=None))
    both = latents(host, drawing())
    assert (alone - both).abs().mean() > 0.05, "the negative prompt did not hear of it"
    prompt = drawing()
    prompt["e2"] = node("AUFaceMakeExpression", text="12E")
    again = {**prompt["apply"]["inputs"], "model": ["apply", 0], "positive": ["nothing", 0], "expression": ["e2", 0]}
    prompt["apply2"] = node("AUFaceApplyAdapter", **{**again, "negative": ["nothing", 0]})
    prompt["sample"]["inputs"] |= {"model": ["apply2", 0], "positive": ["apply", 1], "negative": ["apply2", 1]}
    different = latents(host, prompt)
    assert (different - both).abs().mean() > 0.05
    prompt["sample"]["inputs"] |= {"positive": ["text", 0], "negative": ["nothing", 0]}
    assert torch.equal(latents(host, prompt), plain), "a conditioning without expression is drawn as without adapter"


def test_stock_load_lora_changes_the_model(host: Host, plain: torch.Tensor, tiny: Path) -> None:
    generator = torch.Generator().manual_seed(0)
    weights = load_file(tiny / "unet" / "diffusion_pytorch_model.safetensors")
    lora: dict[str, torch.Tensor] = {}
    for name, weight in weights.items():
        if name.endswith(("attn2.to_v.weight", "attn1.to_out.0.weight")):
            key = "lora_unet_" + name.removesuffix(".weight").replace(".", "_")
            lora[f"{key}.lora_up.weight"] = torch.randn(weight.shape[0], 4, generator=generator)
            lora[f"{key}.lora_down.weight"] = torch.randn(4, weight.shape[1], generator=generator)
            lora[f"{key}.alpha"] = torch.tensor(4.0)
    folder = host.base / "models" / "loras"
    folder.mkdir(exist_ok=True)
    save_file(lora, folder / "tiny_lora.safetensors")
    prompt = drawing(expression=None)
    prompt["lora"] = node(
        "LoraLoader", model=["load", 0], clip=["load", 1], lora_name="tiny_lora.safetensors", strength_model=0.5
    )
    prompt["lora"]["inputs"]["strength_clip"] = 0.0
    prompt["apply"]["inputs"]["model"] = ["lora", 0]
    assert (latents(host, prompt) - plain).abs().mean() > 0.01
    assert "lora key not loaded" not in host.log


@pytest.mark.parametrize(
    ("file", "message"),
    [
        ("unet/diffusion_pytorch_model.safetensors", "is damaged"),
        ("vae/config.json", "cannot be read"),
        ("text_encoder/model.safetensors", "is missing"),
    ],
)
def test_damaged_models_are_refused_with_the_file(host: Host, tiny: Path, file: str, message: str) -> None:
    broken = host.base / "models" / "auface" / "broken"
    for source in tiny.rglob("*"):
        if source.is_file():
            copy = broken / source.relative_to(tiny)
            copy.parent.mkdir(parents=True, exist_ok=True)
            data = source.read_bytes()
            if source == tiny / file:
                data = data[: len(data) // 2]
            copy.write_bytes(data)
    if message == "is missing":
        (broken / file).unlink()
    preview = node("PreviewAny", source=["load", 0])
    entry = host.run({"load": node("AUFaceLoadMini", model="broken"), "p": preview})
    said = json.dumps(entry["status"])
    assert entry["status"]["status_str"] == "error"
    assert message in said
    assert file.split("/")[-1] in said


def test_an_adapter_for_another_model_is_refused(host: Host) -> None:
    prompt = drawing()
    prompt["other"] = node("CheckpointLoaderSimple", ckpt_name="v1-5-pruned-emaonly-fp16.safetensors")
    prompt["apply"]["inputs"]["model"] = ["other", 0]
    entry = host.run(prompt)
    assert "'tiny', which does not fit `model`" in json.dumps(entry["status"])
    entry = host.run(drawing(start=0.6, end=0.4))
    assert "accepted is an end after the start" in json.dumps(entry["status"])


def test_auface_mini_itself_is_drawn_as_by_the_pipeline(host: Host) -> None:
    from auface.pipelines.mini import mini_folder

    prompt = drawing()
    for each in prompt.values():
        each["inputs"].update({key: "auface-mini" for key in ("model", "adapter") if each["inputs"].get(key) == "tiny"})
    prompt["decode"] = node("VAEDecode", samples=["sample", 0], vae=["load", 2])
    prompt["picture"] = node("SaveImage", images=["decode", 0], filename_prefix="t/mini")
    made = euler(AUFacePipeline.from_pretrained(mini_folder()))
    outputs = host.run(prompt)["outputs"]
    [kept], [saved] = outputs["kept"]["latents"], outputs["picture"]["images"]
    latent = load_file(host.base / "output" / kept["subfolder"] / kept["filename"])["latent_tensor"]
    assert (latent * 0.18215 - drawn(made, expression=ASKED)).abs().max() < 1e-2
    got = np.asarray(Image.open(host.base / "output" / saved["subfolder"] / saved["filename"]), np.float32) / 255
    assert np.abs(got - drawn(made, "np", expression=ASKED)[0]).mean() < 0.02


def test_a_model_that_is_gone_is_named(host: Host, tiny: Path) -> None:
    gone = host.base / "models" / "auface" / "gone"
    gone.symlink_to(tiny, target_is_directory=True)
    assert "gone" in json.dumps(host.get("/object_info/AUFaceLoadMini"))
    gone.unlink()
    prompt = {"load": node("AUFaceLoadMini", model="gone"), "p": node("PreviewAny", source=["load", 0])}
    status, answer = host.post("/prompt", {"prompt": prompt})
    assert status == 400
    assert "gone" in json.dumps(answer["node_errors"]["load"])
    assert host.run(drawing())["status"]["status_str"] == "success", "the server goes on"


def test_memory_stays_flat_over_fifty_drawings_with_verdicts(host: Host) -> None:
    held: list[float] = []
    for run in range(50):
        prompt = drawing()
        prompt["sample"]["inputs"] |= {"seed": 1000 + run, "steps": 1}
        prompt["e"]["inputs"]["text"] = f"12={run / 10:.1f}" if run else "neutral"
        prompt["decode"] = node("VAEDecode", samples=["sample", 0], vae=["load", 2])
        prompt["check"] = node("AUFaceVerifyExpression", image=["decode", 0], expression=["e", 0], threshold=0.6)
        prompt["check"]["inputs"] |= {"face": "largest", "recognizer": "auface"}
        assert host.run(prompt)["status"]["status_str"] == "success"
        held.append(host.memory)
    assert held[-1] < 1.1 * held[9], held
