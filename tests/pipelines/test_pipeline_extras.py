"""Habits of users of Stable Diffusion: single files, learned words, slices, compiled parts, xformers, autocast."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tiny_diffusion as tiny
import torch
from diffusers.models.attention_processor import XFormersAttnProcessor
from pipeline_cases import KINDS, PLAIN, apart, drawn, pipeline
from safetensors.torch import save_file

from auface.pipelines.adapter import BaseLayout
from auface.pipelines.adapter.layout import attention_layers
from auface.pipelines.ldm_keys import ldm_state_dict, ldm_unet, ldm_vae


def test_a_compiled_unet_has_the_same_layers(kind: str) -> None:
    plain, part = (tiny.unet(xl=kind == "sdxl") for _ in range(2))
    block: Any = torch.compile(part.down_blocks[-1], backend="eager")
    part.down_blocks[-1] = block
    whole: Any = torch.compile(tiny.unet(xl=kind == "sdxl"), backend="eager")
    names = [name for name, _ in attention_layers(plain)]
    assert names
    for unet in (whole, part):
        assert [name for name, _ in attention_layers(unet)] == names
        assert BaseLayout.of(unet) == BaseLayout.of(plain)


@pytest.mark.filterwarnings("ignore:.*torch.jit.script_method:DeprecationWarning")  # of torch about itself
def test_a_compiled_unet_draws_the_same(kind: str, pipe: Any) -> None:
    compiled = pipeline(kind)
    adapter = compiled.adapter
    wrapped: Any = torch.compile(compiled.unet)
    compiled.unet = wrapped
    compiled.unload_adapter()
    compiled.load_adapter(adapter)
    with torch.compiler.set_stance("force_eager"):  # the wrapper is there, but nothing waits for a compiler
        assert np.array_equal(drawn(compiled, expression="12D"), drawn(pipe, expression="12D"))
        assert np.array_equal(drawn(compiled), drawn(pipe))
    assert not any("Expression" in type(layer.processor).__name__ for _, layer in attention_layers(compiled.unet))


def test_a_single_file_is_loaded(pipes: dict[str, Any], tmp_path: Path) -> None:
    pipe = pipes["sd1"]
    save_file(ldm_state_dict(pipe.unet, pipe.vae, pipe.text_encoder), tmp_path / "base.safetensors")
    pipe.save_pretrained(tmp_path / "folder")
    made = KINDS["sd1"][0].from_single_file(
        str(tmp_path / "base.safetensors"), config=str(tmp_path / "folder"), local_files_only=True
    )
    made.set_progress_bar_config(disable=True)
    made.load_adapter(pipe.adapter)
    assert apart(drawn(made, expression="12D"), drawn(pipe, expression="12D")) < 1e-4


def test_unet_and_autoencoder_of_the_larger_layout_come_from_a_single_file(
    pipes: dict[str, Any], tmp_path: Path
) -> None:
    """The text encoders are given, as nothing here writes them under their original names."""
    pipe = pipes["sdxl"]
    unet = {f"model.diffusion_model.{name}": value for name, value in ldm_unet(pipe.unet).items()}
    vae = {f"first_stage_model.{name}": value for name, value in ldm_vae(pipe.vae).items()}
    save_file({**unet, **vae}, tmp_path / "base.safetensors")
    pipe.save_pretrained(tmp_path / "folder")
    names = ("text_encoder", "text_encoder_2", "tokenizer", "tokenizer_2")
    made = KINDS["sdxl"][0].from_single_file(
        str(tmp_path / "base.safetensors"),
        config=str(tmp_path / "folder"),
        local_files_only=True,
        **{name: getattr(pipe, name) for name in names},
    )
    made.set_progress_bar_config(disable=True)
    made.load_adapter(pipe.adapter)
    assert apart(drawn(made, expression="12D"), drawn(pipe, expression="12D")) < 1e-4


def test_words_that_were_learned_are_understood(kind: str, pipe: Any, tmp_path: Path) -> None:
    own = pipeline(kind)
    learned = torch.linspace(-3, 3, tiny.WIDTH)
    encoders = [("", own.text_encoder, own.tokenizer)]
    if kind == "sdxl":
        encoders.append(("2", own.text_encoder_2, own.tokenizer_2))
    before = drawn(own, prompt="a <look>", expression="12D")
    for _, encoder, tokenizer in encoders:
        save_file({"<look>": learned}, tmp_path / "look.safetensors")
        own.load_textual_inversion(tmp_path, weight_name="look.safetensors", text_encoder=encoder, tokenizer=tokenizer)
    assert apart(drawn(own, prompt="a <look>", expression="12D"), before) > 1e-4


def test_slices_and_tiles_draw_the_same(kind: str, pipe: Any) -> None:
    own = pipeline(kind)
    before = drawn(own, prompt=["a", "b"], expression=["12D", "1+2"])
    own.vae.enable_slicing()
    own.enable_attention_slicing(1)
    assert apart(drawn(own, prompt=["a", "b"], expression=["12D", "1+2"]), before) < 1e-4
    own.vae.disable_slicing()
    own.disable_attention_slicing()
    own.vae.enable_tiling()
    assert apart(drawn(own, prompt=["a", "b"], expression=["12D", "1+2"]), before) < 0.2  # tiles are blended
    own.vae.disable_tiling()
    assert np.array_equal(drawn(own, prompt=["a", "b"], expression=["12D", "1+2"]), before)


def test_from_pipe_goes_back_without_an_adapter(kind: str, pipe: Any) -> None:
    own = pipeline(kind)
    bare = PLAIN[kind].from_pipe(own)
    bare.set_progress_bar_config(disable=True)
    assert bare.unet is own.unet
    assert not hasattr(bare, "adapter")
    assert np.array_equal(drawn(bare), drawn(own))
    assert np.array_equal(drawn(own, expression="12D"), drawn(pipe, expression="12D"))


def test_xformers_that_is_missing_is_named(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "xformers", None)
    own = pipeline(kind)
    before = [type(layer.processor) for _, layer in attention_layers(own.unet)]
    with pytest.raises((ModuleNotFoundError, ValueError), match=r"xformers"):
        own.enable_xformers_memory_efficient_attention()
    assert [type(layer.processor) for _, layer in attention_layers(own.unet)] == before


def test_the_processor_of_xformers_hears_the_expression(pipes: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """Its own operation is replaced by torch's, so that no GPU is needed; layout of its tensors as in xformers."""
    from types import SimpleNamespace

    from diffusers.models import attention_processor

    def attention(query: Any, key: Any, value: Any, attn_bias: Any = None, op: Any = None, scale: Any = None) -> Any:
        return torch.nn.functional.scaled_dot_product_attention(query, key, value, attn_mask=attn_bias, scale=scale)

    fake = SimpleNamespace(ops=SimpleNamespace(memory_efficient_attention=attention))
    monkeypatch.setattr(attention_processor, "xformers", fake, raising=False)
    own = pipeline("sd1")
    for _, layer in attention_layers(own.unet):
        layer.set_processor(XFormersAttnProcessor())  # pyright: ignore[reportArgumentType]
    assert apart(drawn(own, expression="12D"), drawn(pipes["sd1"], expression="12D")) < 1e-4
    assert all(isinstance(layer.processor, XFormersAttnProcessor) for _, layer in attention_layers(own.unet))


def test_a_pipeline_draws_under_autocast(kind: str, pipe: Any) -> None:
    plain = drawn(pipe, expression="12D")
    with torch.autocast("cpu", torch.bfloat16):
        mixed = drawn(pipe, expression="12D")
    assert np.isfinite(mixed).all()
    assert np.abs(mixed - plain).mean() < 0.05  # bfloat16 has 8 bits
