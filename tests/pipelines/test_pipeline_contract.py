"""What the tests of diffusers' own pipelines check: saving, types, callbacks, offloading, LoRA, IP-Adapter."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tiny_diffusion as tiny
import torch
from diffusers.callbacks import MultiPipelineCallbacks, PipelineCallback, SDCFGCutoffCallback, SDXLCFGCutoffCallback
from diffusers.pipelines.stable_diffusion.pipeline_stable_diffusion import StableDiffusionPipeline
from diffusers.schedulers.scheduling_euler_discrete import EulerDiscreteScheduler
from peft import LoraConfig
from pipeline_cases import KINDS, PLAIN, apart, drawn, pipeline, seeded

from auface.pipelines import LaterGuidanceCallback
from auface.pipelines.adapter.layout import attention_layers


def processors(pipe: Any) -> list[Any]:
    return [part for module in pipe.unet.modules() if (part := getattr(module, "processor", None)) is not None]


def test_saving_and_loading(kind: str, pipe: Any, tmp_path: Path) -> None:
    pipe.save_pretrained(tmp_path)
    loaded = KINDS[kind][0].from_pretrained(tmp_path)
    loaded.set_progress_bar_config(disable=True)
    assert json.loads((tmp_path / "model_index.json").read_text())["adapter"][0] == "auface.pipelines.adapter.model"
    assert np.array_equal(drawn(pipe, expression="12D"), drawn(loaded, expression="12D"))


def test_saving_and_loading_without_adapter(kind: str, tmp_path: Path) -> None:
    pipe = pipeline(kind, adapter=None)
    pipe.save_pretrained(tmp_path)
    loaded = KINDS[kind][0].from_pretrained(tmp_path)
    assert loaded.adapter is None
    assert np.array_equal(drawn(pipe), drawn(loaded))


def test_a_plain_folder_is_loaded(tmp_path: Path) -> None:
    parts = tiny.sd_components(with_adapter=False)
    del parts["adapter"]
    plain = StableDiffusionPipeline(**parts)
    plain.save_pretrained(tmp_path)
    assert np.array_equal(drawn(plain), drawn(KINDS["sd1"][0].from_pretrained(tmp_path)))


# What ComfyUI does with a folder in `custom_nodes`, then a pipeline that is saved from there.
FROM_COMFYUI = """
import importlib.util, sys
checkout, tests, out = sys.argv[1:]
name = "/ComfyUI/custom_nodes/ComfyUI-AUFace v1_x_0"
spec = importlib.util.spec_from_file_location(name, checkout + "/__init__.py")
pack = importlib.util.module_from_spec(spec)
sys.modules[name] = pack
spec.loader.exec_module(pack)
sys.path.append(tests)
import tiny_diffusion as tiny
pack.AUFacePipeline(**tiny.sd_components()).save_pretrained(out)
"""


def test_a_pipeline_saved_inside_comfyui_loads_elsewhere(checkout: Path, tmp_path: Path, pipes: dict[str, Any]) -> None:
    arguments = [str(checkout), str(checkout / "tests" / "support"), str(tmp_path)]
    done = subprocess.run([sys.executable, "-c", FROM_COMFYUI, *arguments], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    loaded = KINDS["sd1"][0].from_pretrained(tmp_path)
    assert np.array_equal(drawn(pipes["sd1"], expression="12D"), drawn(loaded, expression="12D"))


def test_from_pipe_shares_what_is_loaded(kind: str, pipe: Any) -> None:
    bare = PLAIN[kind].from_pipe(pipeline(kind, adapter=None))
    made = KINDS[kind][0].from_pipe(bare)
    made.set_progress_bar_config(disable=True)
    made.load_adapter(pipe.adapter)
    assert made.unet is bare.unet
    assert made.vae is bare.vae
    assert np.array_equal(drawn(made, expression="12D"), drawn(pipe, expression="12D"))


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_types(kind: str, dtype: torch.dtype, pipe: Any) -> None:
    half = pipeline(kind).to(dtype=dtype)
    assert half.adapter.dtype == dtype
    difference = np.abs(drawn(half, expression="12D") - drawn(pipe, expression="12D")).mean()
    assert difference < 0.05  # bfloat16 has 8 bits


@pytest.mark.parametrize("part", ["unet", "adapter"])
def test_weights_may_be_kept_in_8_bits(kind: str, part: str, pipe: Any) -> None:
    cast = pipeline(kind).to(dtype=torch.bfloat16)
    getattr(cast, part).enable_layerwise_casting(storage_dtype=torch.float8_e4m3fn, compute_dtype=torch.bfloat16)
    assert np.abs(drawn(cast, expression="12D") - drawn(pipe, expression="12D")).mean() < 0.05


def test_tuple_and_output_types(pipe: Any) -> None:
    arguments: dict[str, Any] = {"expression": "12D", "num_inference_steps": 1}
    result = pipe("a", generator=seeded(1), output_type="np", **arguments)
    assert np.array_equal(
        result.images, pipe("a", generator=seeded(1), output_type="np", return_dict=False, **arguments)[0]
    )
    tensor = pipe("a", generator=seeded(1), output_type="pt", **arguments).images
    assert np.allclose(tensor.permute(0, 2, 3, 1).numpy(), result.images, atol=1e-6)
    picture = pipe("a", generator=seeded(1), **arguments).images[0]
    assert picture.size == (tiny.SIZE, tiny.SIZE)
    assert pipe("a", generator=seeded(1), output_type="latent", **arguments).images.shape == (1, 4, 8, 8)


def test_other_schedulers(pipes: dict[str, Any]) -> None:
    base = pipes["sd1"]
    pipe = pipeline("sd1", scheduler=EulerDiscreteScheduler.from_config(base.scheduler.config))
    assert np.isfinite(drawn(pipe, expression="12D")).all()


def test_callbacks_see_and_change_tensors(kind: str, pipe: Any) -> None:
    seen: list[int] = []

    def callback(given: Any, step: int, time: Any, tensors: dict[str, Any]) -> dict[str, Any]:
        assert set(tensors) == set(pipe._callback_tensor_inputs)
        assert given is pipe
        seen.append(step)
        return {"latents": torch.zeros_like(tensors["latents"])}

    names = pipe._callback_tensor_inputs
    changed = pipe(
        "a",
        expression="12D",
        num_inference_steps=3,
        output_type="latent",
        callback_on_step_end=callback,
        callback_on_step_end_tensor_inputs=names,
    ).images
    assert seen == [0, 1, 2]
    assert not changed.any()
    with pytest.raises(ValueError, match="callback_on_step_end_tensor_inputs"):
        drawn(pipe, callback_on_step_end=callback, callback_on_step_end_tensor_inputs=["nothing"])


@pytest.mark.parametrize("expression_guidance_scale", [1.0, 2.0])
def test_guidance_may_stop_on_the_way(kind: str, pipe: Any, expression_guidance_scale: float) -> None:
    cutoff: Any = SDCFGCutoffCallback if kind == "sd1" else SDXLCFGCutoffCallback
    callback = cutoff(cutoff_step_ratio=None, cutoff_step_index=1)
    arguments = {"expression": "12D", "expression_guidance_scale": expression_guidance_scale, "num_inference_steps": 3}
    assert apart(drawn(pipe, callback_on_step_end=callback, **arguments), drawn(pipe, **arguments)) > 1e-5


def test_guidance_may_change_on_the_way(pipe: Any) -> None:
    scales: list[float] = []

    class Looks(PipelineCallback):
        @property
        def tensor_inputs(self) -> list[str]:
            return []

        def callback_fn(self, pipeline: Any, step_index: int, timesteps: Any, callback_kwargs: Any) -> dict[str, Any]:
            scales.append(pipeline.guidance_scale)
            return callback_kwargs

    arguments: dict[str, Any] = {"expression": "12D", "num_inference_steps": 5}
    changing = MultiPipelineCallbacks([LaterGuidanceCallback(2.0, 0.4), Looks()])
    changed = drawn(pipe, guidance_scale=8.0, callback_on_step_end=changing, **arguments)
    assert scales == [8, 2, 2, 2, 2]  # after the steps; the second was the last with 8
    early, late = (drawn(pipe, guidance_scale=scale, **arguments) for scale in (8.0, 2.0))
    assert min(apart(changed, early), apart(changed, late)) > 1e-5
    same = drawn(pipe, guidance_scale=8.0, callback_on_step_end=LaterGuidanceCallback(8.0), **arguments)
    np.testing.assert_array_equal(same, early)
    for first, later in ((1.0, 5.0), (5.0, 1.0)):
        with pytest.raises(ValueError, match=f"`guidance_scale` is {first}, and {later} later"):
            drawn(pipe, guidance_scale=first, callback_on_step_end=LaterGuidanceCallback(later), **arguments)
    with pytest.raises(ValueError, match="`guidance_scale` is nan"):
        LaterGuidanceCallback(float("nan"))
    with pytest.raises(ValueError, match="`cutoff_step_ratio` is 2"):
        LaterGuidanceCallback(2.0, 2)


def test_interrupt(pipe: Any) -> None:
    steps = 0

    def stop(given: Any, step: int, time: Any, tensors: dict[str, Any]) -> dict[str, Any]:
        nonlocal steps
        steps, given._interrupt = steps + 1, step == 1
        return tensors

    drawn(pipe, expression="12D", num_inference_steps=6, callback_on_step_end=stop)
    assert steps == 2


def test_processors_are_restored(kind: str) -> None:
    pipe = pipeline(kind)
    before = processors(pipe)
    drawn(pipe, expression="12D", expression_guidance_scale=2.0)
    assert all(one is other for one, other in zip(before, processors(pipe), strict=True))


@pytest.mark.parametrize("where", ["unet", "callback"])
def test_processors_are_restored_after_an_exception(kind: str, where: str, monkeypatch: pytest.MonkeyPatch) -> None:
    pipe = pipeline(kind)
    before = processors(pipe)

    def fail(*_: Any, **__: Any) -> Any:
        raise RuntimeError("on the way")

    if where == "unet":
        monkeypatch.setattr(pipe.unet.up_blocks[0], "forward", fail)
    with pytest.raises(RuntimeError, match="on the way"):
        drawn(pipe, expression="12D", **({"callback_on_step_end": fail} if where == "callback" else {}))
    assert all(one is other for one, other in zip(before, processors(pipe), strict=True))


def test_sliced_attention(pipes: dict[str, Any]) -> None:
    pipe = pipeline("sd1")
    pipe.enable_attention_slicing()
    assert apart(drawn(pipe, expression="12D"), drawn(pipes["sd1"], expression="12D")) < 1e-4


def test_offloading_by_model(kind: str, pipe: Any) -> None:
    offloaded = pipeline(kind)
    offloaded.enable_model_cpu_offload(device="cpu")
    assert np.array_equal(drawn(offloaded, expression="12D"), drawn(pipe, expression="12D"))
    offloaded.load_adapter(tiny.adapter(offloaded.unet, seed=1))
    assert hasattr(offloaded.adapter, "_hf_hook")
    assert apart(drawn(offloaded, expression="12D"), drawn(pipe, expression="12D")) > 1e-4


def test_offloading_by_layer(kind: str, pipe: Any) -> None:
    from accelerate import cpu_offload

    own = pipeline(kind)
    # What `enable_sequential_cpu_offload` does with each part; it asks for an accelerator.
    for part in own.components.values():
        if isinstance(part, torch.nn.Module):
            cpu_offload(part, torch.device("cpu"), offload_buffers=len(part._parameters) > 0)
    assert own.adapter.spatial.conv_in.weight.device.type == "meta"
    assert np.array_equal(drawn(own, expression="12D"), drawn(pipe, expression="12D"))


@pytest.mark.parametrize(
    "how", [{"offload_type": "leaf_level"}, {"offload_type": "block_level", "num_blocks_per_group": 1}]
)
def test_offloading_by_group(kind: str, pipe: Any, how: dict[str, Any]) -> None:
    own = pipeline(kind)
    own.enable_group_offload(onload_device=torch.device("cpu"), **how)
    assert np.array_equal(drawn(own, expression="12D"), drawn(pipe, expression="12D"))
    own.load_adapter(tiny.adapter(own.unet, seed=1))
    assert apart(drawn(own, expression="12D"), drawn(pipe, expression="12D")) > 1e-4


def test_lora_on_and_off(kind: str, pipe: Any, tmp_path: Path) -> None:
    teacher, changed = pipeline(kind), pipeline(kind)
    config = LoraConfig(r=2, lora_alpha=2, target_modules=["to_q", "to_out.0"], init_lora_weights=False)
    torch.manual_seed(0)
    teacher.unet.add_adapter(config)
    layers = {name: value for name, value in teacher.unet.state_dict().items() if "lora_" in name}
    layers = {name.replace(".default", ""): value for name, value in layers.items()}
    type(teacher).save_lora_weights(tmp_path, unet_lora_layers=layers)
    without = drawn(pipe, expression="12D")
    changed.load_lora_weights(tmp_path, adapter_name="look")
    with_lora = drawn(changed, expression="12D")
    assert apart(with_lora, without) > 1e-4
    assert apart(drawn(changed, expression="12D", cross_attention_kwargs={"scale": 0.0}), without) < 1e-5
    changed.disable_lora()
    assert apart(drawn(changed, expression="12D"), without) < 1e-5
    changed.enable_lora()
    assert apart(drawn(changed, expression="12D"), with_lora) < 1e-5
    changed.unload_lora_weights()
    assert np.array_equal(drawn(changed, expression="12D"), without)


def ip_adapter(pipe: Any) -> dict[str, Any]:
    """Weights of an IP-Adapter with four tokens of a picture embedding of 8 numbers."""
    torch.manual_seed(0)
    width = pipe.unet.config.cross_attention_dim
    projection = {
        "proj.weight": torch.randn(4 * width, 8),
        "proj.bias": torch.zeros(4 * width),
        "norm.weight": torch.ones(width),
        "norm.bias": torch.zeros(width),
    }
    layers: dict[str, torch.Tensor] = {}
    keys = [name for name, _ in pipe.unet.named_modules() if name.endswith("attn2")]
    for number, name in enumerate(keys):
        inner = pipe.unet.get_submodule(name).inner_dim
        layers[f"{2 * number + 1}.to_k_ip.weight"] = torch.randn(inner, width) * 0.1
        layers[f"{2 * number + 1}.to_v_ip.weight"] = torch.randn(inner, width) * 0.1
    return {"image_proj": projection, "ip_adapter": layers}


def test_weights_of_an_ip_adapter_stay_in_the_unet(kind: str) -> None:
    """Offloading moves what is in the UNet at the moment when it is called."""
    pipe, seen = pipeline(kind), []
    pipe.load_ip_adapter(ip_adapter(pipe), subfolder="", weight_name="", image_encoder_folder=None)
    weights = {id(weight) for weight in pipe.unet.parameters()}
    pipe.unet.register_forward_pre_hook(lambda unet, _: seen.append({id(weight) for weight in unet.parameters()}))
    embeds = [torch.zeros(2, 1, 8)]
    drawn(pipe, expression="12D", num_inference_steps=1, ip_adapter_image_embeds=embeds)
    assert seen == [weights]


def test_ip_adapter_and_expression(kind: str, pipe: Any) -> None:
    both = pipeline(kind)
    both.load_ip_adapter(ip_adapter(both), subfolder="", weight_name="", image_encoder_folder=None)
    before = processors(both)
    embeds = [torch.cat([torch.zeros(1, 1, 8), torch.ones(1, 1, 8)])]
    picture = drawn(both, expression="12D", ip_adapter_image_embeds=embeds)
    assert apart(picture, drawn(both, ip_adapter_image_embeds=embeds)) > 1e-4
    both.set_ip_adapter_scale(0.0)
    assert apart(picture, drawn(both, expression="12D", ip_adapter_image_embeds=embeds)) > 1e-4
    silent = drawn(both, expression="12D", ip_adapter_image_embeds=embeds)
    assert apart(silent, drawn(pipe, expression="12D")) < 1e-4
    assert all(one is other for one, other in zip(before, processors(both), strict=True))
    both.unload_ip_adapter()
    assert np.array_equal(drawn(both, expression="12D"), drawn(pipe, expression="12D"))
    assert all(layer.processor is not None for _, layer in attention_layers(both.unet))
