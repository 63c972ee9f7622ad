"""`BaseModel`: the parts of a Stable Diffusion 1.x or SDXL pipeline that a LoRA is trained on, and how it predicts."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol

import torch
from torch import Tensor, nn

from auface.lora_training.lora.base_files import BaseFiles

Layout = Literal["sd", "sdxl"]
"""Layouts of a pipeline."""

Part = Literal["vae", "text"]
"""Parts that make what is cached."""

Prediction = Literal["epsilon", "v_prediction", "flow"]
"""What a network predicts: the noise, the velocity of arXiv 2202.00512, or noise minus picture (flow matching)."""


class Source(Protocol):
    """Reads the parts of a base that are not always needed."""

    def vae(self) -> Any:
        """Return the autoencoder."""
        ...

    def texts(self) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
        """Return the text encoders and their tokenizers."""
        ...

    def fingerprint(self, part: Part) -> str | None:
        """Return what tells apart the files of a part, or None where they cannot be looked at."""
        ...


@dataclass(slots=True, eq=False)
class BaseModel:
    """A base model in parts, all frozen.

    Autoencoder and text encoders are read when they are first asked for, and can be let go of: with full caches a
    training needs neither.

    Attributes:
        layout: Layout.
        name: Where it came from.
        unet: The network.
        vae_config: Configuration of the autoencoder.
        scheduler_config: Configuration of its scheduler, with the name of the class as `_class_name`.
        source: Reads the other parts.
    """

    layout: Layout
    name: str
    unet: Any
    vae_config: dict[str, Any]
    scheduler_config: dict[str, Any]
    source: Source
    _vae: Any = None
    _texts: tuple[tuple[Any, ...], tuple[Any, ...]] | None = None

    @property
    def vae(self) -> Any:
        """Pictures to latents and back."""
        if self._vae is None:
            self._vae = self.source.vae()
        return self._vae

    @property
    def text_encoders(self) -> tuple[Any, ...]:
        """One, or two for SDXL."""
        if self._texts is None:
            self._texts = self.source.texts()
        return self._texts[0]

    @property
    def tokenizers(self) -> tuple[Any, ...]:
        """One for each text encoder."""
        return self._texts[1] if self.text_encoders and self._texts else ()

    @property
    def loaded_text_encoders(self) -> tuple[Any, ...]:
        """The text encoders that are in memory."""
        return self._texts[0] if self._texts else ()

    def release(self) -> None:
        """Let go of autoencoder and text encoders; they are read again when they are asked for."""
        self._vae = self._texts = None

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
        """The networks in memory that a LoRA can be in, by kohya's prefix of their keys."""
        texts = ("lora_te",) if self.layout == "sd" else ("lora_te1", "lora_te2")
        return {"lora_unet": self.unet, **dict(zip(texts, self.loaded_text_encoders, strict=False))}

    @property
    def latent_scale(self) -> int:
        """Pixels of a picture along each side of a latent."""
        return 2 ** (len(self.vae_config["block_out_channels"]) - 1)

    @property
    def latent_channels(self) -> int:
        """Channels of latents."""
        return int(self.vae_config["latent_channels"])

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
        return (latents - (self.vae_config.get("shift_factor") or 0.0)) * self.vae_config["scaling_factor"]

    def decode(self, latents: Tensor) -> Tensor:
        """Return pictures, (batch, 3, height, width) from about -1 to 1; gradients pass.

        Args:
            latents: As the network sees them.
        """
        config = self.vae_config
        return self.vae.decode(latents / config["scaling_factor"] + (config.get("shift_factor") or 0.0)).sample

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

    def fingerprint(self, part: Part) -> str:
        """Return what tells apart the autoencoder or the text encoders of two bases.

        Args:
            part: Which.
        """
        if (found := self.source.fingerprint(part)) is not None:
            return found
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


_DEFAULTS = {"scaling_factor": 0.18215, "latent_channels": 4, "shift_factor": None}
"""Of autoencoders whose configuration does not say them."""


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
        from diffusers.models.unets.unet_2d_condition import UNet2DConditionModel
    except ImportError:
        raise ImportError("training needs diffusers, which auface[train] brings") from None

    if not name:
        raise ValueError("`base` is ''; accepted is a folder or a hub name in diffusers' layout, or 'mini'.")
    source = base_source(name)
    if not Path(source).is_dir() and not re.fullmatch(r"[\w.-]+(/[\w.-]+)?", source):
        raise ValueError(
            f"`base` is {name!r}, which is no folder; accepted is a folder or a hub name such as OWNER/NAME."
        )
    more: dict[str, Any] = {"torch_dtype": precision, "variant": variant or None}
    try:
        unet = UNet2DConditionModel.from_pretrained(source, subfolder="unet", **more)
        layout: Layout = "sdxl" if unet.config["addition_embed_type"] == "text_time" else "sd"
        # Reads the file of any network. The autoencoder's own class takes half a second to import, to no use here.
        vae_config: Any = UNet2DConditionModel.load_config(source, subfolder="vae")
        vae_config = {**_DEFAULTS, **vae_config}
        scheduler = _scheduler_config(source)
        files = BaseFiles(source, layout, variant, precision, torch.device(device))
        files.check()
    except (OSError, ValueError) as error:
        reason = str(error).strip().splitlines()[0]
        raise ValueError(
            f"`base` is {name!r}, which cannot be read ({reason}); accepted is a Stable Diffusion 1.x or SDXL model "
            "in diffusers' layout."
        ) from None
    unet.requires_grad_(False).train(False).to(device)  # pyright: ignore[reportArgumentType]
    return BaseModel(layout, name, unet, vae_config, scheduler, files)


def base_source(name: str) -> str:
    """Return the folder or hub name that a name stands for.

    Args:
        name: Folder or hub name, or "mini" for the embedded base.
    """
    return str(_mini()) if name == "mini" else name


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
