"""`BaseModel`: the parts of a Stable Diffusion 1.x or SDXL pipeline that a LoRA is trained on, and how it predicts."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import torch
from torch import Tensor, nn

Layout = Literal["sd", "sdxl"]
"""Layouts of a pipeline."""

Prediction = Literal["epsilon", "v_prediction", "flow"]
"""What a network predicts: the noise, the velocity of arXiv 2202.00512, or noise minus picture (flow matching)."""


@dataclass(slots=True, eq=False)
class BaseModel:
    """A base model in parts, all frozen.

    Attributes:
        layout: Layout.
        name: Where it came from.
        unet: The network.
        vae: Pictures to latents and back.
        text_encoders: One, or two for SDXL.
        tokenizers: One for each text encoder.
        scheduler_config: Configuration of its scheduler, with the name of the class as `_class_name`.
    """

    layout: Layout
    name: str
    unet: Any
    vae: Any
    text_encoders: tuple[Any, ...]
    tokenizers: tuple[Any, ...]
    scheduler_config: dict[str, Any]

    @property
    def prediction(self) -> Prediction:
        """What the network predicts, by the scheduler's configuration."""
        if "Flow" in self.scheduler_config.get("_class_name", ""):
            return "flow"
        kind = self.scheduler_config.get("prediction_type", "epsilon")
        if kind not in ("epsilon", "v_prediction"):
            raise ValueError(f"`base` predicts {kind!r}; accepted are 'epsilon', 'v_prediction' and flow matching.")
        return kind

    @property
    def prefixes(self) -> dict[str, nn.Module]:
        """The networks that a LoRA can be in, by kohya's prefix of their keys."""
        texts = ("lora_te",) if self.layout == "sd" else ("lora_te1", "lora_te2")
        return {"lora_unet": self.unet, **dict(zip(texts, self.text_encoders, strict=True))}

    @property
    def latent_scale(self) -> int:
        """Pixels of a picture along each side of a latent."""
        return 2 ** (len(self.vae.config.block_out_channels) - 1)

    @torch.no_grad()
    def encode_pictures(self, pictures: Tensor) -> Tensor:
        """Return mean and logarithm of the variance of latents, (batch, 2 * channels, h, w), not yet scaled.

        Args:
            pictures: (batch, 3, height, width) from -1 to 1.
        """
        parameters = self.vae.encode(pictures.to(self.vae.dtype)).latent_dist.parameters
        if not torch.isfinite(parameters).all():
            raise FloatingPointError(f"the autoencoder of `base` {self.name!r} gives no numbers in {self.vae.dtype}")
        return parameters

    def scaled(self, latents: Tensor) -> Tensor:
        """Return latents as the network sees them.

        Args:
            latents: As the autoencoder gives them.
        """
        config = self.vae.config
        return (latents - (getattr(config, "shift_factor", None) or 0.0)) * config.scaling_factor

    def decode(self, latents: Tensor) -> Tensor:
        """Return pictures, (batch, 3, height, width) from about -1 to 1; gradients pass.

        Args:
            latents: As the network sees them.
        """
        config = self.vae.config
        return self.vae.decode(latents / config.scaling_factor + (getattr(config, "shift_factor", None) or 0.0)).sample

    def encode_text(self, texts: Sequence[str]) -> tuple[Tensor, Tensor | None]:
        """Return (batch, tokens, width) embeddings, and for SDXL (batch, width) pooled ones.

        Args:
            texts: Prompts; what is beyond the tokenizer's length is cut off.
        """
        hidden: list[Tensor] = []
        pooled: Tensor | None = None
        for tokenizer, encoder in zip(self.tokenizers, self.text_encoders, strict=True):
            length = tokenizer.model_max_length
            found = tokenizer(
                list(texts), padding="max_length", max_length=length, truncation=True, return_tensors="pt"
            )
            given = {"attention_mask": found.attention_mask.to(encoder.device)} if self._masks(encoder) else {}
            answer = encoder(found.input_ids.to(encoder.device), output_hidden_states=self.layout == "sdxl", **given)
            if self.layout == "sd":
                return answer[0], None
            hidden.append(answer.hidden_states[-2])
            pooled = answer[0]
        return torch.cat(hidden, -1), pooled

    def fingerprint(self, part: Literal["vae", "text"]) -> str:
        """Return what tells apart the autoencoder or the text encoders of two bases.

        Args:
            part: Which.
        """
        modules = (self.vae,) if part == "vae" else self.text_encoders
        digest = hashlib.blake2b(digest_size=12)
        for module in modules:
            for name, value in module.state_dict().items():
                # A few hundred values of each weight: all of them would take seconds for SDXL.
                flat = value.detach().flatten()
                sample = flat[:: max(1, flat.numel() // 256)].to("cpu", torch.float32)
                digest.update(f"{name}{tuple(value.shape)}{value.dtype}".encode() + sample.numpy().tobytes())
        return digest.hexdigest()

    @staticmethod
    def _masks(encoder: Any) -> bool:
        return bool(getattr(encoder.config, "use_attention_mask", False))


def load_base(
    name: str, *, variant: str = "", precision: torch.dtype = torch.float32, device: torch.device | str = "cpu"
) -> BaseModel:
    """Read a base model.

    Args:
        name: Folder or hub name in diffusers' layout, or "mini" for the embedded one.
        variant: Variant of the files, such as "fp16".
        precision: Of the frozen weights; the autoencoder of SDXL stays float32, because it overflows in float16.
        device: Where they are kept.

    Raises:
        ValueError: There is no such model, or it has another layout.
        ImportError: diffusers is missing.
    """
    try:
        from diffusers import AutoencoderKL, UNet2DConditionModel
    except ImportError:
        raise ImportError("training needs diffusers, which auface[train] brings") from None
    from transformers import CLIPTextModel, CLIPTextModelWithProjection, CLIPTokenizer

    if not name:
        raise ValueError("`base` is ''; accepted is a folder or a hub name in diffusers' layout, or 'mini'.")
    source = str(_mini()) if name == "mini" else name
    if not Path(source).is_dir() and not re.fullmatch(r"[\w.-]+(/[\w.-]+)?", source):
        raise ValueError(
            f"`base` is {name!r}, which is no folder; accepted is a folder or a hub name such as OWNER/NAME."
        )
    more: dict[str, Any] = {"torch_dtype": precision, "variant": variant or None}
    try:
        unet = UNet2DConditionModel.from_pretrained(source, subfolder="unet", **more)
        layout: Layout = "sdxl" if unet.config["addition_embed_type"] == "text_time" else "sd"
        wide = precision if layout == "sd" or precision != torch.float16 else torch.float32
        vae = AutoencoderKL.from_pretrained(source, subfolder="vae", **{**more, "torch_dtype": wide})
        kinds = [CLIPTextModel] if layout == "sd" else [CLIPTextModel, CLIPTextModelWithProjection]
        places = ["", "_2"][: len(kinds)]
        encoders = [
            kind.from_pretrained(source, subfolder=f"text_encoder{place}", dtype=precision, variant=variant or None)
            for kind, place in zip(kinds, places, strict=True)
        ]
        tokenizers = [CLIPTokenizer.from_pretrained(source, subfolder=f"tokenizer{place}") for place in places]
        scheduler = _scheduler_config(source)
    except (OSError, ValueError) as error:
        reason = str(error).strip().splitlines()[0]
        raise ValueError(
            f"`base` is {name!r}, which cannot be read ({reason}); accepted is a Stable Diffusion 1.x or SDXL model "
            "in diffusers' layout."
        ) from None
    for module in (unet, vae, *encoders):
        module.requires_grad_(False).train(False).to(device)  # pyright: ignore[reportArgumentType]
    return BaseModel(layout, name, unet, vae, tuple(encoders), tuple(tokenizers), scheduler)


def _scheduler_config(source: str) -> dict[str, Any]:
    from diffusers import DDPMScheduler

    found: Any = DDPMScheduler.load_config(source, subfolder="scheduler")  # reads the file of any scheduler
    return dict(found)


def _mini() -> Path:
    try:
        from auface.pipelines.mini import mini_folder  # pyright: ignore[reportMissingImports]
    except ImportError:
        raise ValueError(
            "`base` is 'mini', and the embedded model is not in this version; accepted is a folder."
        ) from None
    return mini_folder()
