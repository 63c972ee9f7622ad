"""The exported file in the real ComfyUI: every key is loaded, and it is as strong as the adapter was in training."""

import json
import subprocess
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import torch
from comfyui_host import environment
from comfyui_install import installed_host
from safetensors.torch import load_file, save_file
from tiny_task import answers, config, distance, randomize, task_of

from auface.lora_training.lora.export import export_lora

KINDS: dict[str, dict[str, Any]] = {
    "lora": {"alpha": 2.0, "text_encoder": True, "targets": "all", "block_rank": {"down_blocks.0": 2}},
    "lokr": {"algorithm": "lokr", "targets": "transformer"},
    "dora": {"algorithm": "dora", "targets": "all", "text_encoder": True},
}
CASES = [f"{layout}-{kind}" for layout in ("sd", "sdxl") for kind in KINDS]


class Seen(NamedTuple):
    """What ComfyUI and the training said of one file."""

    told: list[str]
    patched: int
    keys: list[str]
    outputs: dict[str, torch.Tensor]
    trained: torch.Tensor
    texts: dict[str, torch.Tensor]


@pytest.fixture(scope="module")
def seen(
    checkout: Path, sd: Path, sdxl: Path, faces: Path, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Seen]:
    """All cases, loaded by one process of the host."""
    installed = installed_host(checkout)
    home = tmp_path_factory.mktemp("loras")
    trained: dict[str, tuple[torch.Tensor, dict[str, torch.Tensor]]] = {}
    for case in CASES:
        layout, kind = case.split("-")
        folder = home / case
        wanted = config({"sd": sd, "sdxl": sdxl}[layout], faces, folder, export_precision="float32", **KINDS[kind])
        task = task_of(wanted)
        save_file(_plain(task._base.unet), folder / "unet.safetensors")
        save_file(_texts(task._base), folder / "text.safetensors")
        randomize(task._base)
        trained[case] = (answers(task._base.unet, layout), _texts(task._base))
        export_lora(task._base, wanted, folder / "lora.safetensors")
        _write_inputs(task._base.unet, layout, folder)
        (folder / "base.json").write_text(json.dumps(_sizes(task._base, layout)), encoding="utf-8")
    script = checkout / "tests" / "comfyui" / "lora.py"
    command = [installed / "venv" / "bin" / "python", script, installed / "ComfyUI", *(home / case for case in CASES)]
    result = subprocess.run(list(map(str, command)), capture_output=True, text=True, env=environment(), cwd=home)
    assert result.returncode == 0, result.stderr[-4000:]
    answer = json.loads(result.stdout.strip().splitlines()[-1])
    return {
        case: Seen(
            **answer[case],
            keys=sorted(load_file(home / case / "lora.safetensors")),
            outputs=load_file(home / case / "outputs.safetensors"),
            trained=trained[case][0],
            texts=trained[case][1],
        )
        for case in CASES
    }


@pytest.mark.parametrize("case", CASES)
def test_comfyui_loads_every_key_with_the_strength_of_training(seen: dict[str, Seen], case: str) -> None:
    found = seen[case]
    assert found.told == []
    assert found.patched == sum(key.endswith(".alpha") for key in found.keys)
    assert distance(found.outputs["loaded"], found.outputs["plain"]) > 0.01
    assert distance(found.outputs["loaded"], found.trained) < 1e-3
    for name, value in found.texts.items():
        assert distance(found.outputs[name], value) < 1e-3, name


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
