"""`BaseFiles`: where the parts of a base lie, and how those are read that are not always needed."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import torch

_SAMPLED = 1 << 16  # bytes at each end of a weights file that tell it from others


@dataclass(frozen=True, slots=True, eq=False)
class BaseFiles:
    """The files of a base in diffusers' layout.

    Attributes:
        source: Folder or hub name.
        layout: Layout.
        variant: Variant of the weight files, or "".
        precision: Of the weights; the autoencoder of SDXL stays float32, because it overflows in float16.
        device: Where parts are put.
    """

    source: str
    layout: Literal["sd", "sdxl"]
    variant: str
    precision: torch.dtype
    device: torch.device

    @property
    def places(self) -> list[str]:
        """What the names of the folders of text encoders and tokenizers end with."""
        return [""] if self.layout == "sd" else ["", "_2"]

    def check(self) -> None:
        """Refuse a folder that lacks a part; what lies on the hub is seen when it is read.

        Raises:
            OSError: A part is missing.
        """
        home = Path(self.source)
        texts = [f"{kind}{place}" for kind in ("text_encoder", "tokenizer") for place in self.places]
        for part in ("vae", *texts) if home.is_dir() else ():
            if not (home / part).is_dir():
                raise OSError(f"it has no folder {part}")

    def vae(self) -> Any:
        """Return the autoencoder."""
        from diffusers.models.autoencoders.autoencoder_kl import AutoencoderKL

        wide = self.layout == "sdxl" and self.precision == torch.float16
        precision = torch.float32 if wide else self.precision
        found = AutoencoderKL.from_pretrained(
            self.source, subfolder="vae", torch_dtype=precision, variant=self.variant or None
        )
        return self._put(found)

    def texts(self) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
        """Return the text encoders and their tokenizers."""
        from transformers import CLIPTextModel, CLIPTextModelWithProjection, CLIPTokenizer

        more: dict[str, Any] = {"dtype": self.precision, "variant": self.variant or None}
        kinds = (CLIPTextModel, CLIPTextModelWithProjection)
        encoders = [
            self._put(kind.from_pretrained(self.source, subfolder=f"text_encoder{place}", **more))
            for kind, place in zip(kinds, self.places, strict=False)
        ]
        words = [CLIPTokenizer.from_pretrained(self.source, subfolder=f"tokenizer{place}") for place in self.places]
        return tuple(encoders), tuple(words)

    def fingerprint(self, part: Literal["vae", "text"]) -> str | None:
        """Return what tells apart the files of a part; None where the base is no folder.

        Names, sizes and both ends of each weights file, and the other files whole, tell it.

        Args:
            part: Autoencoder or text encoders with their tokenizers.
        """
        home = Path(self.source)
        if not home.is_dir():
            return None
        texts = [f"{kind}{place}" for kind in ("text_encoder", "tokenizer") for place in self.places]
        digest = hashlib.blake2b(f"{self.variant} {self.precision}".encode(), digest_size=12)
        for folder in ["vae"] if part == "vae" else texts:
            for file in sorted(path for path in (home / folder).iterdir() if path.is_file()):
                size = file.stat().st_size
                digest.update(f"{folder}/{file.name} {size}\n".encode())
                with file.open("rb") as opened:
                    if size <= 2 * _SAMPLED:
                        digest.update(opened.read())
                        continue
                    digest.update(opened.read(_SAMPLED))
                    opened.seek(size - _SAMPLED)
                    digest.update(opened.read(_SAMPLED))
        return digest.hexdigest()

    def _put(self, module: Any) -> Any:
        return module.requires_grad_(False).train(False).to(self.device)
