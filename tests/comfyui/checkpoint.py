"""Write a small checkpoint and ControlNet with random weights in the Stable Diffusion 1.x layout.

`checkpoint.py COMFYUI FILE CONTROLNET`, run with the interpreter of the host. Both load by stock nodes as real ones do,
and draw noise.
"""

import sys
from pathlib import Path

comfyui, file, control_file = map(Path, sys.argv[1:4])
sys.argv = sys.argv[:1]
sys.path.insert(0, str(comfyui))

import comfy.options  # noqa: E402

comfy.options.enable_args_parsing(False)
from comfy.cli_args import args  # noqa: E402

args.cpu = True

import comfy.ops  # noqa: E402
import torch  # noqa: E402
from comfy.cldm.cldm import ControlNet  # noqa: E402
from comfy.ldm.modules.diffusionmodules.openaimodel import UNetModel  # noqa: E402
from comfy.sd1_clip import SD1ClipModel  # noqa: E402
from comfy.taesd.taesd import TAESD  # noqa: E402
from safetensors.torch import save_file  # noqa: E402

torch.manual_seed(0)
operations = comfy.ops.disable_weight_init
layout = {
    "image_size": 32,
    "in_channels": 4,
    "model_channels": 320,
    "num_res_blocks": [1],
    "channel_mult": [1],
    "num_heads": 8,
    "use_spatial_transformer": True,
    "transformer_depth": [1],
    "transformer_depth_middle": -2,
    "context_dim": 768,
    "use_linear_in_transformer": False,
    "legacy": False,
    "dtype": torch.float32,
    "operations": operations,
}
unet = UNetModel(out_channels=4, transformer_depth_output=[1, 1], **layout)
control = ControlNet(hint_channels=3, **layout)
clip = SD1ClipModel(dtype=torch.float32)
vae = TAESD()
parts = {
    "model.diffusion_model.": unet.state_dict(),
    "cond_stage_model.transformer.": clip.clip_l.transformer.state_dict(),
    "first_stage_model.": vae.state_dict(),
}


def random(parts: dict[str, dict[str, torch.Tensor]]) -> dict[str, torch.Tensor]:
    """Return random weights of the shapes of state dicts, by prefix."""
    weights: dict[str, torch.Tensor] = {}
    for prefix, state in parts.items():
        for name, weight in state.items():
            if not weight.is_floating_point():
                continue
            if name.endswith(("vae_scale", "vae_shift")):
                weights[prefix + name] = weight.clone().float()
            elif weight.ndim < 2:
                weights[prefix + name] = (torch.ones if "norm" in name and "weight" in name else torch.zeros)(
                    weight.shape, dtype=torch.float16
                )
            else:
                fan_in = weight[0].numel()
                weights[prefix + name] = (torch.randn(weight.shape) * fan_in**-0.5).half()
    return weights


save_file(random(parts), str(file))
save_file(random({"control_model.": control.state_dict()}), str(control_file))
