"""Weights under original names are read back by diffusers' own converter."""

from typing import Any

import pytest
import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from diffusers.loaders.single_file_utils import convert_ldm_unet_checkpoint, convert_ldm_vae_checkpoint

from auface.lora_training.mini.autoencoder import AutoencoderConfig, new_autoencoder
from auface.lora_training.mini.text import new_text_encoder, open_tokenizer, write_tokenizer
from auface.lora_training.mini.unet import UNetConfig, new_unet
from auface.pipelines.ldm_keys import ldm_state_dict, ldm_unet, ldm_vae


@pytest.mark.parametrize("layers", [1, 2])
def test_the_unet_comes_back(layers: int) -> None:
    unet = new_unet(UNetConfig(channels=(32, 64, 64), head=32, layers=layers, text_width=64))
    named = {f"model.diffusion_model.{name}": value.clone() for name, value in ldm_unet(unet).items()}
    back: Any = UNet2DConditionModel.from_config(unet.config)
    back.load_state_dict(convert_ldm_unet_checkpoint(named, dict(unet.config)))
    noisy, text = torch.randn(2, 4, 8, 8), torch.randn(2, 5, 64)
    assert torch.equal(unet(noisy, 3, text).sample, back(noisy, 3, text).sample)


def test_the_autoencoder_comes_back() -> None:
    vae = new_autoencoder(AutoencoderConfig(channels=(32, 32, 64, 64)))
    named = {f"first_stage_model.{name}": value.clone() for name, value in ldm_vae(vae).items()}
    assert named["first_stage_model.decoder.mid.attn_1.q.weight"].shape == (64, 64, 1, 1)
    back: Any = AutoencoderKL.from_config(vae.config)
    back.load_state_dict(convert_ldm_vae_checkpoint(named, dict(vae.config)))
    picture = torch.randn(1, 3, 16, 16)
    assert torch.equal(vae(picture).sample, back(picture).sample)


def test_one_file_holds_everything_once(tmp_path) -> None:
    unet = new_unet(UNetConfig(channels=(32, 64), head=32, text_width=64))
    vae = new_autoencoder(AutoencoderConfig(channels=(32, 32)))
    write_tokenizer(tmp_path)
    text_encoder = new_text_encoder(open_tokenizer(tmp_path), 64, 1)
    whole = ldm_state_dict(unet, vae, text_encoder)
    count = sum(len(part.state_dict()) for part in (unet, vae, text_encoder))
    assert len(whole) == count
    assert "model.diffusion_model.middle_block.1.transformer_blocks.0.attn2.to_k.weight" in whole
    assert "cond_stage_model.transformer.text_model.embeddings.token_embedding.weight" in whole


def test_another_layout_is_refused() -> None:
    unet = new_unet(UNetConfig(channels=(32, 64), head=32, text_width=64))
    unet.extra = torch.nn.Linear(1, 1)
    with pytest.raises(ValueError, match=r"`unet` has 'extra\.weight'"):
        ldm_unet(unet)
