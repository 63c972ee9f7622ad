"""The exported file in the real ComfyUI: every key is loaded, and it is as strong as the adapter was in training."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
import torch
from comfyui_host import environment
from comfyui_install import installed_host
from safetensors.torch import load_file, save_file
from tiny_task import answers, config, distance, randomize, task_of

from auface.lora_training.lora.export import export_lora


@pytest.mark.parametrize("layout", ["sd", "sdxl"])
@pytest.mark.parametrize(
    "more",
    [
        {"alpha": 2.0, "text_encoder": True, "targets": "all", "block_rank": {"down_blocks.0": 2}},
        {"algorithm": "lokr", "targets": "transformer"},
        {"algorithm": "dora", "targets": "all", "text_encoder": True},
    ],
    ids=["lora", "lokr", "dora"],
)
def test_comfyui_loads_every_key_with_the_strength_of_training(
    request: pytest.FixtureRequest, checkout: Path, faces: Path, tmp_path: Path, layout: str, more: dict[str, Any]
) -> None:
    installed = installed_host(checkout)
    folder = request.getfixturevalue(layout)
    wanted = config(folder, faces, tmp_path, export_precision="float32", **more)
    task = task_of(wanted)
    save_file(_plain(task._base.unet), tmp_path / "unet.safetensors")
    save_file(_texts(task._base), tmp_path / "text.safetensors")
    randomize(task._base)
    trained = answers(task._base.unet, layout)
    export_lora(task._base, wanted, tmp_path / "lora.safetensors")
    _write_inputs(task._base.unet, layout, tmp_path)
    (tmp_path / "base.json").write_text(json.dumps(_sizes(task._base, layout)), encoding="utf-8")
    script = checkout / "tests" / "comfyui" / "lora.py"
    command = [str(installed / "venv" / "bin" / "python"), str(script), str(installed / "ComfyUI"), str(tmp_path)]
    result = subprocess.run(command, capture_output=True, text=True, env=environment(), cwd=tmp_path)
    assert result.returncode == 0, result.stderr[-4000:]
    seen = json.loads(result.stdout.strip().splitlines()[-1])
    assert seen["told"] == []
    tensors = load_file(tmp_path / "lora.safetensors")
    assert seen["patched"] == sum(key.endswith(".alpha") for key in tensors)
    outputs = load_file(tmp_path / "outputs.safetensors")
    assert distance(outputs["loaded"], outputs["plain"]) > 0.01
    assert distance(outputs["loaded"], trained) < 1e-3
    for name, value in _texts(task._base).items():
        assert distance(outputs[name], value) < 1e-3, name


def _plain(network: Any) -> dict[str, torch.Tensor]:
    """The weights of the base alone."""
    found = {name.replace(".base_layer", ""): value for name, value in network.state_dict().items()}
    return {name: value.contiguous() for name, value in found.items() if ".auface" not in name}


def _texts(base: Any) -> dict[str, torch.Tensor]:
    """The weights of text encoders as ComfyUI names them, with the adapter in them."""
    found: dict[str, torch.Tensor] = {}
    for place, encoder in zip(("clip_l", "clip_g"), base.text_encoders, strict=False):
        layers = dict(encoder.named_modules())
        for name, value in _plain(encoder).items():
            layer: Any = layers.get(name.removesuffix(".weight"))
            if name.endswith(".weight") and hasattr(layer, "lora_A"):
                value = _merged(layer)
            plain = name if name.startswith("text_") else f"text_model.{name}"
            if ".encoder.layers." in plain:
                found[f"{place}.transformer.{plain}"] = value.detach().contiguous()
    return found


def _merged(layer: Any) -> torch.Tensor:
    layer.merge(adapter_names=["auface"])
    value = layer.base_layer.weight.detach().clone()
    layer.unmerge()
    return value


def _write_inputs(unet: Any, layout: str, folder: Path) -> None:
    torch.manual_seed(9)
    inputs = {"noisy": torch.randn(2, 4, 8, 8), "context": torch.randn(2, 77, unet.config.cross_attention_dim)}
    if layout == "sdxl":
        inputs |= {"pooled": torch.randn(2, 32), "time_ids": torch.ones(2, 6)}
    save_file({**inputs, "timesteps": torch.tensor([500.0, 10.0])}, folder / "inputs.safetensors")


def _sizes(base: Any, layout: str) -> dict[str, Any]:
    unet, text = base.unet.config, base.text_encoders[0].config
    names = ("num_hidden_layers", "hidden_size", "num_attention_heads", "intermediate_size", "hidden_act")
    names += ("max_position_embeddings", "eos_token_id")
    depths = [1, 1] if layout == "sd" else list(unet.transformer_layers_per_block)
    return {
        "layout": layout,
        "channels": list(unet.block_out_channels),
        "heads": unet.attention_head_dim,
        "depths": depths,
        "context": unet.cross_attention_dim,
        "adm": unet.projection_class_embeddings_input_dim,
        "text": {name: getattr(text, name) for name in names},
    }
