"""Load a LoRA file in ComfyUI on a small base: `lora.py COMFYUI FOLDER`. Run with the interpreter of the host.

FOLDER has base.json (sizes), unet.safetensors and text.safetensors (weights of the base, diffusers' names),
inputs.safetensors, and lora.safetensors. Writes outputs.safetensors: what the network says without and with the LoRA,
and the text encoders' weights with it. Prints JSON: the keys that were not loaded.
"""

import json
import logging
import sys
from pathlib import Path

comfyui, folder = Path(sys.argv[1]), Path(sys.argv[2])
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


logging.getLogger().addHandler(Listener())
sizes = json.loads((folder / "base.json").read_text())
large = sizes["layout"] == "sdxl"
depths = sizes["depths"]
unet_config = {
    "image_size": 32,
    "in_channels": 4,
    "out_channels": 4,
    "model_channels": sizes["channels"][0],
    "num_res_blocks": [1] * len(depths),
    "channel_mult": [channels // sizes["channels"][0] for channels in sizes["channels"]],
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
kind = comfy.supported_models.SDXL if large else comfy.supported_models.SD15
config = kind(dict(unet_config))
config.unet_config = dict(unet_config)
model = (comfy.model_base.SDXL if large else comfy.model_base.BaseModel)(config)
names = comfy.utils.unet_to_diffusers(unet_config)
weights = load_file(folder / "unet.safetensors")
missing, unexpected = model.diffusion_model.load_state_dict(
    {names[name]: value for name, value in weights.items()}, strict=False
)
assert not missing, missing
assert not unexpected, unexpected


class Texts(torch.nn.Module):
    """Text encoders by the names that ComfyUI gives them."""

    def __init__(self) -> None:
        """Make them with the sizes of the base."""
        super().__init__()
        for name in ("clip_l", "clip_g")[: 1 + large]:
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


texts = Texts()
plain = load_file(folder / "text.safetensors")
texts.load_state_dict({name: value for name, value in plain.items() if name in texts.state_dict()}, strict=False)
assert set(plain) <= set(texts.state_dict()), sorted(set(plain) - set(texts.state_dict()))[:3]
inputs = load_file(folder / "inputs.safetensors")
more = {}
if large:
    embed = Timestep(8)
    ids = inputs["time_ids"]
    more["y"] = torch.cat([inputs["pooled"], embed(ids.flatten()).reshape(len(ids), -1)], 1)


def answers() -> torch.Tensor:
    """Return what the network says."""
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
patched = len(with_lora.patches) + len(with_texts.patcher.patches)
sys.stdout.write(json.dumps({"told": told, "patched": patched}) + "\n")
