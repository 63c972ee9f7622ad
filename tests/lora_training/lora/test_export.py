"""The exported file loads in diffusers without a key left over and is as strong as the adapter was in training."""

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from tiny_task import answers, config, distance, randomize, task_of

from auface.lora_training.lora.export import export_lora


def pipeline(folder: Path) -> Any:
    from diffusers import DiffusionPipeline

    more = {"safety_checker": None, "feature_extractor": None} if folder.name == "sd" else {}
    return DiffusionPipeline.from_pretrained(folder, **more)


@pytest.mark.filterwarnings("ignore:.*:FutureWarning")
@pytest.mark.parametrize("layout", ["sd", "sdxl"])
@pytest.mark.parametrize(
    "more",
    [
        {"alpha": 2.0, "text_encoder": True, "targets": "transformer"},
        {"targets": "all", "block_rank": {"down_blocks.0": 2}, "block_alpha": {"up_blocks": 1.0}},
        {"algorithm": "loha", "rank": 2},
        {"algorithm": "lokr"},
        {"algorithm": "dora", "targets": "all"},
    ],
    ids=lambda more: more.get("algorithm", more["targets"] if "targets" in more else ""),
)
def test_diffusers_loads_it_with_the_strength_of_training(
    request: pytest.FixtureRequest, faces: Path, tmp_path: Path, layout: str, more: dict[str, Any]
) -> None:
    folder = request.getfixturevalue(layout)
    wanted = config(folder, faces, tmp_path, export_precision="float32", **more)
    task = task_of(wanted)
    randomize(task._base)
    trained, tokens = answers(task._base.unet, layout), None
    if wanted.text_encoder:
        for encoder in task._base.text_encoders:
            encoder.eval()
        tokens = [value.detach() for value in task._base.encode_text(["a face"]) if value is not None]
    files = export_lora(task._base, wanted, tmp_path / "face.safetensors")
    assert [file.name for file in files] == ["face.safetensors", "face.diffusers.safetensors"][: len(files)]
    pipe = pipeline(folder)
    plain = answers(pipe.unet, layout)
    pipe.load_lora_weights(str(files[-1].parent), weight_name=files[-1].name)
    loaded = answers(pipe.unet, layout)
    assert distance(loaded, plain) > 0.01
    assert distance(loaded, trained) < 1e-3
    assert len([key for key in load_file(files[-1]) if key.endswith(("lora_up.weight", "lora_B.weight"))]) == sum(
        "lora_B" in name for module in (pipe.unet, pipe.text_encoder) for name, _ in module.named_parameters()
    ) + sum("lora_B" in name for name, _ in getattr(pipe, "text_encoder_2", torch.nn.Module()).named_parameters())
    if tokens is not None:
        base = dataclasses.replace(task._base, _texts=(task_encoders(pipe), task._base.tokenizers))
        for one, other in zip(base.encode_text(["a face"]), tokens, strict=False):
            assert one is not None
            assert distance(one.detach(), other) < 1e-3


def task_encoders(pipe: Any) -> tuple[Any, ...]:
    encoders = [pipe.text_encoder, getattr(pipe, "text_encoder_2", None)]
    return tuple(encoder.eval() for encoder in encoders if encoder is not None)


def test_strength_is_in_the_alpha_of_each_layer(sd: Path, faces: Path, tmp_path: Path) -> None:
    wanted = config(sd, faces, tmp_path, alpha=1.0, rank=4, block_rank={"down_blocks.0": 2})
    task = task_of(wanted)
    [file] = export_lora(task._base, wanted, tmp_path / "face.safetensors", {"auface.units": "AU12"})
    tensors = load_file(file)
    assert {float(value) for key, value in tensors.items() if key.endswith(".alpha")} == {1.0}
    ranks = {key: value.shape[0] for key, value in tensors.items() if key.endswith("lora_down.weight")}
    assert all(rank == (2 if "down_blocks_0" in key else 4) for key, rank in ranks.items())
    with safe_open(file, "pt") as opened:
        about = opened.metadata()
    assert about["auface.units"] == "AU12"
    assert json.loads(about["auface.lora_adapter_metadata"])["unet.r"] == 4
    assert tensors["lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn1_to_q.lora_up.weight"].dtype == (
        torch.float16
    )


def test_diffusers_still_refuses_its_own_metadata_beside_alphas(sd: Path, faces: Path, tmp_path: Path) -> None:
    # The reason why the file has it under another name. When this fails, write it under diffusers' own.
    wanted = config(sd, faces, tmp_path)
    task = task_of(wanted)
    [file] = export_lora(task._base, wanted, tmp_path / "face.safetensors")
    with safe_open(file, "pt") as opened:
        about = opened.metadata()["auface.lora_adapter_metadata"]
    save_file(load_file(file), tmp_path / "both.safetensors", {"lora_adapter_metadata": about})
    with pytest.raises(ValueError, match="cannot be specified"):
        pipeline(sd).load_lora_weights(str(tmp_path), weight_name="both.safetensors")


def test_numbers_that_do_not_fit_are_refused(sd: Path, faces: Path, tmp_path: Path) -> None:
    wanted = config(sd, faces, tmp_path)
    task = task_of(wanted)
    next(iter(task.learned.parameters())).data.fill_(1e6)
    with pytest.raises(ValueError, match="`export_precision`"):
        export_lora(task._base, wanted, tmp_path / "face.safetensors")
    assert not (tmp_path / "face.safetensors").exists()
