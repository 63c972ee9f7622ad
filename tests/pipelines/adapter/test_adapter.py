"""`AUFaceAdapter`: it fits its base, changes nothing untrained, learns, and its files are safe."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import tiny_diffusion as tiny
import torch
from diffusers.models.unets.unet_2d_condition import UNet2DConditionModel
from pipeline_cases import drawn, pipeline
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from auface.facs import Expression
from auface.pipelines.adapter import (
    AUFaceAdapter,
    BaseLayout,
    ExpressionAttention,
    decoupled_attention,
    face_condition,
    read_adapter,
    write_adapter,
)
from auface.structure.action_vector import UNITS

XL = {"sd1": False, "sdxl": True}


def said(unet: Any, output: Any = None, scale: Any = 1.0) -> torch.Tensor:
    """What a UNet says about two latents, with or without an adapter's output."""
    torch.manual_seed(1)
    latents, text = torch.randn(2, 4, 8, 8), torch.randn(2, 5, unet.config.cross_attention_dim)
    arguments: dict[str, Any] = {}
    if unet.config.addition_embed_type:
        arguments["added_cond_kwargs"] = {"text_embeds": torch.randn(2, tiny.WIDTH), "time_ids": torch.ones(2, 6)}
    if output is None:
        return unet(latents, 500, text, **arguments).sample
    with ExpressionAttention(unet, output, scale):
        features = output.residuals(scale)
        return unet(latents, 500, text, down_intrablock_additional_residuals=features, **arguments).sample


def told(adapter: AUFaceAdapter) -> Any:
    condition = face_condition([Expression.parse("12D"), Expression.parse("1+2")], tiny.SIZE, tiny.SIZE)
    return adapter(condition.maps, condition.vectors)


def test_an_untrained_adapter_changes_nothing(kind: str) -> None:
    unet = tiny.unet(xl=XL[kind])
    adapter = tiny.adapter(unet, woken=False)
    assert torch.equal(said(unet, told(adapter)), said(unet))


def test_rows_may_be_switched_off(kind: str) -> None:
    unet = tiny.unet(xl=XL[kind])
    with_one = said(unet, told(tiny.adapter(unet)), torch.tensor([0.0, 1.0]))
    plain = said(unet)
    assert torch.equal(with_one[0], plain[0])
    assert not torch.allclose(with_one[1], plain[1])


def test_every_weight_learns(kind: str) -> None:
    unet = tiny.unet(xl=XL[kind]).requires_grad_(False)
    adapter = tiny.adapter(unet).requires_grad_(True)
    said(unet, told(adapter)).square().mean().backward()
    idle = [name for name, value in adapter.named_parameters() if value.grad is None or not value.grad.any()]
    assert not idle


def test_one_layer_alone_is_what_the_unet_hears(kind: str) -> None:
    """What a ComfyUI patch calls: one layer's attention, before the output layer."""
    adapter = tiny.adapter(tiny.unet(xl=XL[kind]))
    condition = face_condition([Expression.parse("12D")], tiny.SIZE, tiny.SIZE)
    output = adapter(condition.maps, condition.vectors)
    for layer, (key, value, heads) in enumerate(zip(output.keys, output.values, output.heads, strict=True)):
        query = torch.randn(1, 6, key.shape[-1])
        alone = adapter.attention(query, adapter.tokens(condition.vectors), layer)
        assert torch.allclose(alone, decoupled_attention(query, key, value, heads), atol=1e-6)
    assert all(
        torch.equal(one, other) for one, other in zip(adapter.features(condition.maps), output.features, strict=True)
    )


def test_layouts() -> None:
    sd1, sdxl = BaseLayout.of(tiny.unet()), BaseLayout.of(tiny.unet(xl=True))
    assert (sd1.base, sdxl.base) == ("sd1", "sdxl")
    assert sd1.feature_factors == (1, 2)
    assert sdxl.feature_factors == (2, 2)  # without attention, the feature comes after the block has made it smaller
    assert len(sd1.layer_channels) == 1 + 1 + 2
    assert "base" in sd1.difference(sdxl)
    assert not sd1.difference(BaseLayout.of(tiny.unet(seed=7)))


def test_sizes_that_no_factor_divides(kind: str) -> None:
    unet = tiny.unet(xl=XL[kind])
    adapter = tiny.adapter(unet)
    condition = face_condition([Expression.parse("12D")], 72, 88)
    features = adapter.features(condition.maps)
    sizes = [tuple(-(-side // factor) for side in (9, 11)) for factor in adapter.layout.feature_factors]
    assert [tuple(feature.shape[-2:]) for feature in features] == sizes


@pytest.mark.parametrize("changes", [{"class_embed_type": "timestep"}, {"addition_embed_type": "text"}])
def test_an_unknown_base_layout_is_refused(changes: dict[str, Any]) -> None:
    unet = tiny.unet()
    unet.register_to_config(**changes)
    with pytest.raises(ValueError, match="`unet` is UNet2DConditionModel"):
        AUFaceAdapter.for_unet(unet)


def test_a_base_for_inpainting_is_refused(kind: str) -> None:
    unet: Any = UNet2DConditionModel.from_config(tiny.unet(xl=XL[kind]).config, in_channels=9)
    with pytest.raises(ValueError, match="takes 9 channels"):
        AUFaceAdapter.for_unet(unet)


def test_another_kind_of_model_is_refused() -> None:
    with pytest.raises(ValueError, match="`unet` is AutoencoderKL"):
        AUFaceAdapter.for_unet(tiny.vae())


def test_file_round_trip(tmp_path: Path) -> None:
    adapter = tiny.adapter(tiny.unet())
    path = write_adapter(adapter, tmp_path / "a.safetensors")
    again = read_adapter(path)
    assert again.layout == adapter.layout
    assert all(torch.equal(value, again.state_dict()[name]) for name, value in adapter.state_dict().items())
    with safe_open(path, "pt") as file:
        metadata = file.metadata()
    assert metadata["base"] == "sd1"
    assert json.loads(metadata["units"]) == [int(unit) for unit in UNITS]
    assert metadata["structure"].startswith("auface.structure/1 ")
    assert next(read_adapter(path, torch.float16).parameters()).dtype == torch.float16


def spoiled(how: str, folder: Path) -> Path:
    path = write_adapter(tiny.adapter(tiny.unet()), folder / "a.safetensors")
    if how == "cut off":
        path.write_bytes(path.read_bytes()[:-1000])
    elif how == "empty":
        path.write_bytes(b"")
    elif how == "another format":
        save_file({"a": torch.zeros(1)}, path, {"format": "pt"})
    elif how == "other sizes":
        with safe_open(path, "pt") as file:
            metadata = file.metadata()
        tensors = load_file(path)
        tensors["encoder.norm.weight"] = torch.zeros(3)
        save_file(tensors, path, metadata)
    elif how == "a weight is missing":
        with safe_open(path, "pt") as file:
            metadata = file.metadata()
        tensors = load_file(path)
        del tensors["encoder.norm.weight"]
        save_file(tensors, path, metadata)
    else:
        path.unlink()
    return path


@pytest.mark.parametrize(
    "how", ["cut off", "empty", "another format", "other sizes", "a weight is missing", "there is none"]
)
def test_spoiled_files_are_one_clear_error(how: str, tmp_path: Path) -> None:
    path = spoiled(how, tmp_path)
    pipe = pipeline("sd1", adapter=None)
    with pytest.raises(ValueError, match=r"`path` is .*a\.safetensors"):
        pipe.load_adapter(path)
    assert pipe.adapter is None


def test_loading_saving_and_unloading_leave_no_trace(kind: str, tmp_path: Path) -> None:
    pipe, never = pipeline(kind, adapter=None), pipeline(kind, adapter=None)
    with pytest.raises(ValueError, match="adapter"):
        pipe.save_adapter(tmp_path / "none.safetensors")
    pipe.load_adapter(tiny.adapter(pipe.unet))
    shown = drawn(pipe, expression="12D")
    path = pipe.save_adapter(tmp_path / "a.safetensors")
    pipe.unload_adapter()
    assert pipe.adapter is None
    assert dict(pipe.config) == dict(never.config)
    assert (drawn(pipe) == drawn(never)).all()
    pipe.load_adapter(path)
    assert (drawn(pipe, expression="12D") == shown).all()
    folder = tmp_path / "folder"
    read_adapter(path).save_pretrained(folder)
    pipe.unload_adapter()
    pipe.load_adapter(folder)
    assert (drawn(pipe, expression="12D") == shown).all()


def test_an_adapter_takes_the_type_of_its_base(tmp_path: Path) -> None:
    pipe = pipeline("sd1", adapter=None).to(dtype=torch.bfloat16)
    pipe.load_adapter(tiny.adapter(pipe.unet))
    assert pipe.adapter.dtype == torch.bfloat16


def test_an_adapter_for_another_base_is_refused(kind: str) -> None:
    pipe = pipeline(kind)
    before = pipe.adapter
    for other in (tiny.unet(xl=not XL[kind]), tiny.unet(xl=XL[kind], width=16)):
        with pytest.raises(ValueError, match="`adapter` is for another base model"):
            pipe.load_adapter(tiny.adapter(other))
    assert pipe.adapter is before
    made = pipeline(kind, adapter=tiny.adapter(tiny.unet(xl=XL[kind], width=16)))
    with pytest.raises(ValueError, match="`adapter` is for another base model"):
        drawn(made, expression="12D")


def test_an_adapter_for_another_structure_model_is_refused() -> None:
    pipe = pipeline("sd1", adapter=None)
    adapter = tiny.adapter(pipe.unet)
    adapter.register_to_config(structure="auface.structure/0 older")
    with pytest.raises(ValueError, match=r"structure model 'auface\.structure/0 older'"):
        pipe.load_adapter(adapter)


def test_an_adapter_for_other_latents_is_refused() -> None:
    pipe = pipeline("sd1", adapter=None)
    with pytest.raises(ValueError, match="latents 4 times smaller"):
        pipe.load_adapter(AUFaceAdapter.for_unet(pipe.unet, latent_factor=4, token_channels=16, widths=[16, 16]))
