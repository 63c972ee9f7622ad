"""Load LoRA files in ComfyUI on small bases: `lora.py COMFYUI FOLDER...`. Run with the interpreter of the host.

Each FOLDER has base.json (sizes), unet.safetensors and text.safetensors (weights of the base, diffusers' names),
inputs.safetensors, and lora.safetensors. Writes outputs.safetensors: what the network says without and with the LoRA,
and the text encoders' weights with it. Prints JSON: folder -> the keys that were
not loaded, and how many were.
"""

import json
import logging
import sys
from pathlib import Path

comfyui, folders = Path(sys.argv[1]), [Path(name) for name in sys.argv[2:]]
sys.argv = sys.argv[:1]
sys.path.insert(0, str(comfyui))

import comfy.options  # noqa: E402

comfy.options.enable_args_parsing(False)
from comfy.cli_args import args  # noqa: E402

args.cpu = True

import comfy.model_base  # noqa: E402
import comfy.model_patcher  # noqa: E402
import comfy.sd  # noqa: E402
import comfy.sd1_clip  # noqa: E402
import comfy.supported_models  # noqa: E402
import comfy.utils  # noqa: E402
import torch  # noqa: E402
from comfy.ldm.modules.diffusionmodules.openaimodel import Timestep  # noqa: E402
from safetensors.torch import load_file, save_file  # noqa: E402

torch.set_num_threads(1)
told: list[str] = []


class Listener(logging.Handler):
    """Keeps what ComfyUI says of keys."""

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a message."""
        text = record.getMessage()
        if "not loaded" in text.lower() or "error" in text.lower() or "shape mismatch" in text.lower():
            told.append(text)


class Texts(torch.nn.Module):
    """Text encoders by the names that ComfyUI gives them."""

    def __init__(self, sizes: dict) -> None:
        """Make them with the sizes of the base."""
        super().__init__()
        for name in ("clip_l", "clip_g")[: 1 + (sizes["layout"] == "sdxl")]:
            encoder = comfy.sd1_clip.SDClipModel(textmodel_json_config=dict(sizes["text"]), dtype=torch.float32)
            setattr(self, name, encoder)


class Clip:
    """As much of ComfyUI's CLIP as loading a LoRA needs."""

    def __init__(self, texts: Texts) -> None:
        """Wrap text encoders."""
        self.cond_stage_model = texts
        self.patcher = comfy.model_patcher.ModelPatcher(texts, torch.device("cpu"), torch.device("cpu"))

    def clone(self) -> "Clip":
        """Return itself with a patcher of its own."""
        other = Clip(self.cond_stage_model)
        other.patcher = self.patcher.clone()
        return other

    def add_patches(self, patches: dict, strength: float) -> list:
        """Add patches."""
        return self.patcher.add_patches(patches, strength)


def network(sizes: dict, weights: dict) -> torch.nn.Module:
    """Return ComfyUI's own model of a base."""
    large, depths, channels = sizes["layout"] == "sdxl", sizes["depths"], sizes["channels"]
    unet_config = {
        "image_size": 32,
        "in_channels": 4,
        "out_channels": 4,
        "model_channels": channels[0],
        "num_res_blocks": [1] * len(depths),
        "channel_mult": [width // channels[0] for width in channels],
        "num_heads": sizes["heads"],
        "use_spatial_transformer": True,
        "transformer_depth": list(depths),
        "transformer_depth_middle": depths[-1],
        "transformer_depth_output": [depth for depth in depths for _ in range(2)],
        "context_dim": sizes["context"],
        "use_linear_in_transformer": large,
        "legacy": False,
        "dtype": torch.float32,
        **({"num_classes": "sequential", "adm_in_channels": sizes["adm"]} if large else {}),
    }
    config = (comfy.supported_models.SDXL if large else comfy.supported_models.SD15)(dict(unet_config))
    config.unet_config = dict(unet_config)
    model = (comfy.model_base.SDXL if large else comfy.model_base.BaseModel)(config)
    names = comfy.utils.unet_to_diffusers(unet_config)
    model.diffusion_model.load_state_dict({names[name]: value for name, value in weights.items()})
    return model


def load(folder: Path) -> dict:
    """Load the file of a folder, write what comes out, and return what was said."""
    told.clear()
    sizes = json.loads((folder / "base.json").read_text())
    model = network(sizes, load_file(folder / "unet.safetensors"))
    texts, plain = Texts(sizes), load_file(folder / "text.safetensors")
    assert not texts.load_state_dict(plain, strict=False).unexpected_keys
    inputs = load_file(folder / "inputs.safetensors")
    more = {}
    if sizes["layout"] == "sdxl":
        ids = inputs["time_ids"]
        more["y"] = torch.cat([inputs["pooled"], Timestep(8)(ids.flatten()).reshape(len(ids), -1)], 1)

    def answers() -> torch.Tensor:
        with torch.no_grad():
            return model.diffusion_model(inputs["noisy"], inputs["timesteps"], context=inputs["context"], **more)

    outputs = {"plain": answers().clone()}
    patcher = comfy.model_patcher.ModelPatcher(model, torch.device("cpu"), torch.device("cpu"))
    lora = comfy.utils.load_torch_file(str(folder / "lora.safetensors"), safe_load=True)
    with_lora, with_texts = comfy.sd.load_lora_for_models(patcher, Clip(texts), lora, 1.0, 1.0)
    with_lora.patch_model(torch.device("cpu"))
    with_texts.patcher.patch_model(torch.device("cpu"))
    outputs["loaded"] = answers().clone()
    outputs |= {name: value.clone() for name, value in texts.state_dict().items() if name in plain}
    save_file({name: value.contiguous() for name, value in outputs.items()}, folder / "outputs.safetensors")
    return {"told": list(told), "patched": len(with_lora.patches) + len(with_texts.patcher.patches)}


logging.getLogger().addHandler(Listener())
sys.stdout.write(json.dumps({folder.name: load(folder) for folder in folders}) + "\n")
