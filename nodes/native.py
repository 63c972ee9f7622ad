"""`native_model`, `native_clip`, `native_vae`: a small model in diffusers' files as ComfyUI's own MODEL, CLIP and VAE.

ComfyUI recognizes Stable Diffusion 1.x only at its full width. Here its classes are given the widths that the model's
config.json says; weights get the names of the original layout, which LoRAs and samplers expect.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import comfy.clip_model
import comfy.model_base
import comfy.model_management
import comfy.model_patcher
import comfy.sd
import comfy.sd1_clip
import comfy.supported_models
import comfy.supported_models_base
import comfy.utils
import torch
from torch import Tensor, nn

from .one_thread import use_one_thread

Config = dict[str, Any]


class SmallStableDiffusion(comfy.supported_models.SD15):
    """Stable Diffusion 1.x at any width."""

    unet_extra_config: dict[str, Any] = {}  # noqa: RUF012 - as in the base class

    def __init__(self, unet_config: Config, prediction: str) -> None:
        super().__init__(unet_config)
        self.prediction = prediction

    def model_type(self, state_dict: dict[str, Tensor], prefix: str = "") -> Any:
        """Return what the UNet predicts.

        Args:
            state_dict: Not looked at.
            prefix: Not looked at.
        """
        kinds = comfy.model_base.ModelType
        return kinds.V_PREDICTION if self.prediction == "v_prediction" else kinds.EPS


def native_model(folder: Path) -> Any:
    """Return ComfyUI's MODEL.

    Args:
        folder: With `unet/` and `scheduler/`, in diffusers' layout.

    Raises:
        ValueError: A file is missing, damaged, or of another layout.
    """
    config, weights = read_part(folder, "unet")
    prediction = read_json(folder / "scheduler" / "scheduler_config.json").get("prediction_type", "epsilon")
    sizes = _unet_sizes(config)
    names = comfy.utils.unet_to_diffusers(sizes)
    renamed = {names.get(name, name): weight for name, weight in weights.items()}
    device, offload = comfy.model_management.get_torch_device(), comfy.model_management.unet_offload_device()
    parameters = sum(weight.numel() for weight in weights.values())
    dtype = comfy.model_management.unet_dtype(device, parameters)
    made = SmallStableDiffusion({**sizes, "num_heads": -1, "num_head_channels": _head_channels(config)}, prediction)
    made.set_inference_dtype(dtype, comfy.model_management.unet_manual_cast(dtype, device))
    model = made.get_model({}, "", device=offload)
    _check_names(folder / "unet", model.diffusion_model, renamed)
    model.load_model_weights(renamed, "")
    use_one_thread(model.diffusion_model)
    return comfy.model_patcher.ModelPatcher(model, load_device=device, offload_device=offload)


def native_clip(folder: Path) -> Any:
    """Return ComfyUI's CLIP.

    Args:
        folder: With `text_encoder/` and `tokenizer/`, in diffusers' layout.

    Raises:
        ValueError: A file is missing, damaged, or of another layout.
    """
    config, weights = read_part(folder, "text_encoder", "model.safetensors")
    if not any(name.startswith("text_model.") for name in weights):
        weights = {f"text_model.{name}": weight for name, weight in weights.items()}
    tokenizer_folder = folder / "tokenizer"
    if not tokenizer_folder.is_dir():
        raise ValueError(f"`model` is {folder.name!r}, in which {tokenizer_folder} is missing.")
    length, end = int(config["max_position_embeddings"]), int(config["eos_token_id"])
    special = {"start": int(config["bos_token_id"]), "end": end, "pad": int(config["pad_token_id"])}

    class Tokenizer(comfy.sd1_clip.SDTokenizer):
        def __init__(self, embedding_directory: str | None = None, tokenizer_data: Any = None) -> None:
            super().__init__(
                str(tokenizer_folder),
                max_length=length,
                embedding_directory=embedding_directory,
                embedding_size=int(config["hidden_size"]),
                tokenizer_data=tokenizer_data or {},
            )

    class TextModel(comfy.clip_model.CLIPTextModel):
        def __init__(self, config_dict: Config, dtype: Any, device: Any, operations: Any) -> None:
            super().__init__(config_dict, dtype, device, operations)
            # ComfyUI's class has CLIP's own vocabulary.
            self.text_model.embeddings = comfy.clip_model.CLIPEmbeddings(
                config_dict["hidden_size"],
                vocab_size=config_dict["vocab_size"],
                num_positions=length,
                dtype=dtype,
                device=device,
                operations=operations,
            )

    class Encoder(comfy.sd1_clip.SDClipModel):
        def __init__(self, device: Any = "cpu", dtype: Any = None, model_options: Any = None) -> None:
            super().__init__(
                device=device,
                max_length=length,
                textmodel_json_config=config,
                dtype=dtype,
                model_class=TextModel,
                special_tokens=special,
                return_projected_pooled=False,
                model_options=model_options or {},
            )

    class Tokenizers(comfy.sd1_clip.SD1Tokenizer):
        def __init__(self, embedding_directory: str | None = None, tokenizer_data: Any = None) -> None:
            super().__init__(embedding_directory, tokenizer_data or {}, tokenizer=Tokenizer)

    class Encoders(comfy.sd1_clip.SD1ClipModel):
        def __init__(self, device: Any = "cpu", dtype: Any = None, model_options: Any = None) -> None:
            super().__init__(device, dtype, model_options or {}, clip_model=Encoder)

    target = comfy.supported_models_base.ClipTarget(Tokenizers, Encoders)
    clip = comfy.sd.CLIP(target, model_options={"dtype": torch.float32})  # too small to save memory with
    inner = clip.cond_stage_model.clip_l.transformer
    weights["text_projection.weight"] = torch.eye(int(config["hidden_size"]))  # of pooled text, which has no use here
    _check_names(folder / "text_encoder", inner, weights)
    inner.load_state_dict(weights)
    use_one_thread(inner)
    return clip


def native_vae(folder: Path) -> Any:
    """Return ComfyUI's VAE.

    Args:
        folder: With `vae/`, in diffusers' layout.

    Raises:
        ValueError: A file is missing, damaged, or of another layout.
    """
    config, weights = read_part(folder, "vae")
    channels = config["block_out_channels"]
    sizes = {
        "double_z": True,
        "z_channels": config["latent_channels"],
        "resolution": 256,
        "in_channels": 3,
        "out_ch": 3,
        "ch": channels[0],
        "ch_mult": [value // channels[0] for value in channels],
        "num_res_blocks": config["layers_per_block"],
        "attn_resolutions": [],
        "dropout": 0.0,
    }
    made = comfy.sd.VAE(weights, config={"params": {"ddconfig": sizes, "embed_dim": config["latent_channels"]}})
    if len(weights) != len(made.first_stage_model.state_dict()):
        raise ValueError(
            f"{folder / 'vae'} has other weights than its config.json says; accepted is Stable Diffusion's."
        )
    for part in (made.first_stage_model.encoder, made.first_stage_model.decoder):
        use_one_thread(part)
    return made


def read_part(
    folder: Path, part: str, file: str = "diffusion_pytorch_model.safetensors"
) -> tuple[Config, dict[str, Tensor]]:
    """Return config and weights of one part of a model.

    Args:
        folder: The model.
        part: Its sub-folder.
        file: Name of the weights.

    Raises:
        ValueError: A file is missing or damaged.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    config, path = read_json(folder / part / "config.json"), folder / part / file
    if not path.is_file():
        raise ValueError(f"{path} is missing; accepted is a folder in which `AUFacePipeline.save_pretrained` wrote it.")
    try:
        return config, {name: weight.float() for name, weight in load_file(path).items()}
    except (SafetensorError, OSError) as error:
        raise ValueError(f"{path} is damaged: {error}.") from None


def read_json(path: Path) -> Config:
    """Return the content of a config file.

    Args:
        path: The file.

    Raises:
        ValueError: It is missing or damaged.
    """
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ValueError(f"{path} cannot be read: {error}") from None


def _unet_sizes(config: Config) -> Config:
    """Return the sizes of a UNet in the words of ComfyUI's class."""
    blocks, layers = config["down_block_types"], config["layers_per_block"]
    if not set(blocks) <= {"CrossAttnDownBlock2D", "DownBlock2D"} or config.get("addition_embed_type"):
        raise ValueError(f"the UNet has the blocks {blocks}; accepted is the layout of Stable Diffusion 1.x.")
    channels = config["block_out_channels"]
    depth = [int(kind.startswith("CrossAttn")) for kind in blocks]
    return {
        "image_size": 32,
        "in_channels": config["in_channels"],
        "out_channels": config["out_channels"],
        "model_channels": channels[0],
        "num_res_blocks": [layers] * len(channels),
        "channel_mult": [value // channels[0] for value in channels],
        "transformer_depth": [value for value in depth for _ in range(layers)],
        "transformer_depth_output": [value for value in depth for _ in range(layers + 1)],
        "transformer_depth_middle": 1,
        "use_spatial_transformer": True,
        "use_linear_in_transformer": config["use_linear_projection"],
        "context_dim": config["cross_attention_dim"],
        "adm_in_channels": None,
        "legacy": False,
    }


def _head_channels(config: Config) -> int:
    """Return the channels of an attention head; diffusers' `attention_head_dim` is the number of heads."""
    heads = config.get("num_attention_heads") or config["attention_head_dim"]
    channels = config["block_out_channels"]
    counts = heads if isinstance(heads, list) else [heads] * len(channels)
    widths = {value // count for value, count in zip(channels, counts, strict=True)}
    if len(widths) != 1:
        raise ValueError(f"`attention_head_dim` is {heads}; accepted is the same number of channels for all heads.")
    return widths.pop()


def _check_names(path: Path, module: nn.Module, weights: dict[str, Tensor]) -> None:
    shapes = {name: weight.shape for name, weight in module.state_dict().items()}
    given = {name: weight.shape for name, weight in weights.items()}
    if shapes != given:
        wrong = sorted(name for name in shapes.keys() | given.keys() if shapes.get(name) != given.get(name))
        raise ValueError(f"{path} has other weights than its config.json says: {', '.join(wrong[:3])}.")
