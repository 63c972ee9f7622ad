"""What is computed once: latents of pictures and embeddings of captions, each in a file named by what made it.

The name is a fingerprint of the model's weights, the picture's name, size and date, its window and the precision: what
has changed is made anew, nothing else is, and a killed run goes on where it was.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from auface.lora_training.lora.base_model import BaseModel
from auface.lora_training.lora.bucket import Placement
from auface.lora_training.lora.example import Example
from auface.lora_training.lora.face_mask import face_shares
from auface.lora_training.whole_file import write_whole

Advance = Callable[[int], None]
"""Called with how many more are done."""

_BATCH_PIXELS = 8 * 512 * 512  # that go through the autoencoder at a time
_TEXTS = 32  # captions that go through the text encoders at a time
_TOLD = 10  # broken pictures that a message lists


class Latents(NamedTuple):
    """A picture as it is kept.

    Attributes:
        parameters: (2 * channels, h, w) mean and logarithm of the variance.
        shares: (2, h, w) of `face_shares`; ones where the data set has no landmarks.
    """

    parameters: Tensor
    shares: Tensor


class LatentCache:
    """Latents of pictures, plain and mirrored.

    Args:
        folder: Where they are kept.
        base: Whose autoencoder makes them.
        precision: Of the numbers that are kept.
    """

    def __init__(self, folder: Path, base: BaseModel, precision: torch.dtype) -> None:
        self._folder, self._base, self._precision = folder, base, precision
        self._key = base.fingerprint("vae")

    def fill(self, wanted: Sequence[tuple[Example, Placement, bool]], advance: Advance = lambda count: None) -> None:
        """Make what is missing.

        Args:
            wanted: Pictures, how they are seen, and whether mirrored.
            advance: Told of progress.

        Raises:
            ValueError: Pictures cannot be read; all are listed.
            OSError: The disk is full.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        there = {path.name for path in self._folder.iterdir()}
        missing = [item for item in wanted if self._path(*item).name not in there]
        advance(len(wanted) - len(missing))
        missing.sort(key=lambda item: (item[1].width, item[1].height))
        problems: list[str] = []
        while missing:
            placement = missing[0][1]
            most = max(1, _BATCH_PIXELS // (placement.width * placement.height))
            batch: list[tuple[Example, Placement, bool]] = []
            while missing and len(batch) < most and _size(missing[0][1]) == _size(placement):
                batch.append(missing.pop(0))
            self._make(batch, problems)
            advance(len(batch))
        if problems:
            more = f" and {len(problems) - _TOLD} more" if len(problems) > _TOLD else ""
            raise ValueError(f"`data` has pictures that cannot be read: {'; '.join(problems[:_TOLD])}{more}.")

    def __call__(self, example: Example, placement: Placement, mirrored: bool) -> Latents:
        """Return the latents of a picture.

        Args:
            example: The picture.
            placement: How it is seen.
            mirrored: Whether it is mirrored.
        """
        found = _load(self._path(example, placement, mirrored))
        return Latents(found["parameters"].float(), found["shares"].float() / 255)

    def _path(self, example: Example, placement: Placement, mirrored: bool) -> Path:
        try:
            about = example.picture.stat()
            seen = (about.st_size, about.st_mtime_ns)
        except OSError:
            seen = (0, 0)  # told with the other broken pictures when it is opened
        window = [round(edge, 3) for edge in placement.window]
        known = example.landmarks is not None
        name = (self._key, example.picture.name, seen, *_size(placement), window, mirrored, str(self._precision), known)
        return self._folder / f"{_digest(name)}.safetensors"

    def _make(self, batch: Sequence[tuple[Example, Placement, bool]], problems: list[str]) -> None:
        pictures: list[Tensor] = []
        made: list[tuple[Example, Placement, bool]] = []
        for example, placement, mirrored in batch:
            try:
                with Image.open(example.picture) as file:
                    picture = placement.apply(file.convert("RGB"))
            except (OSError, ValueError, SyntaxError) as error:
                problem = f"{example.picture.parent.name}/{example.picture.name} ({error})"
                if problem not in problems:
                    problems.append(problem)
                continue
            values = torch.from_numpy(np.asarray(picture, np.float32) / 127.5 - 1).permute(2, 0, 1)
            pictures.append(values.flip(-1) if mirrored else values)
            made.append((example, placement, mirrored))
        if not pictures:
            return
        device = next(self._base.vae.parameters()).device
        latents = self._base.encode_pictures(torch.stack(pictures).to(device)).to("cpu", self._precision)
        for (example, placement, mirrored), parameters in zip(made, latents, strict=True):
            shares = self._shares(example, placement, mirrored, *parameters.shape[-2:])
            _save(
                self._path(example, placement, mirrored),
                {"parameters": parameters.contiguous(), "shares": (255 * shares).round().to(torch.uint8).contiguous()},
            )

    def _shares(self, example: Example, placement: Placement, mirrored: bool, height: int, width: int) -> Tensor:
        if example.landmarks is None:
            return torch.ones(2, height, width)
        x0, y0, _, _ = placement.window
        scale = placement.scale * width / placement.width
        shares = face_shares((example.landmarks - np.array([x0, y0], np.float32)) * np.float32(scale), height, width)
        return shares.flip(-1) if mirrored else shares


class TextCache:
    """Embeddings of captions.

    Args:
        folder: Where they are kept; None keeps them in memory.
        base: Whose text encoders make them.
        precision: Of the numbers that are kept.
    """

    def __init__(self, folder: Path | None, base: BaseModel, precision: torch.dtype) -> None:
        self._folder, self._base, self._precision = folder, base, precision
        self._key = base.fingerprint("text")
        self._kept: dict[str, dict[str, Tensor]] = {}

    def fill(self, texts: Iterable[str], advance: Advance = lambda count: None) -> None:
        """Make what is missing.

        Args:
            texts: Captions.
            advance: Told of progress.
        """
        wanted = list(dict.fromkeys(texts))
        there: set[str] = set(self._kept)
        if self._folder is not None:
            self._folder.mkdir(parents=True, exist_ok=True)
            names = {path.stem for path in self._folder.iterdir()}
            there |= {text for text in wanted if self._name(text) in names}
        missing = [text for text in wanted if text not in there]
        advance(len(wanted) - len(missing))
        for start in range(0, len(missing), _TEXTS):
            part = missing[start : start + _TEXTS]
            if self._folder is None:
                self.keep(part)
            else:
                for text, found in self._embedded(part):
                    _save(self._path(text), found)
            advance(len(part))

    def keep(self, texts: Sequence[str]) -> None:
        """Make embeddings and keep them in memory alone.

        Args:
            texts: Captions.
        """
        self._kept.update(self._embedded(texts))

    @torch.no_grad()
    def _embedded(self, texts: Sequence[str]) -> Iterator[tuple[str, dict[str, Tensor]]]:
        embedded, pooled = self._base.encode_text(texts)
        for number, text in enumerate(texts):
            found = {"embedding": embedded[number].to("cpu", self._precision).contiguous()}
            if pooled is not None:
                found["pooled"] = pooled[number].to("cpu", self._precision).contiguous()
            yield text, found

    def __call__(self, texts: Sequence[str]) -> tuple[Tensor, Tensor | None]:
        """Return (batch, tokens, width) embeddings, and for SDXL the pooled ones, float32 on the CPU.

        Args:
            texts: Captions; those that `fill` did not have are embedded now, and kept.
        """
        if missing := [text for text in texts if not self._is_there(text)]:
            self.fill(missing)
        rows = [self._row(text) for text in texts]
        pooled = torch.stack([row["pooled"] for row in rows]).float() if "pooled" in rows[0] else None
        return torch.stack([row["embedding"] for row in rows]).float(), pooled

    def _is_there(self, text: str) -> bool:
        return text in self._kept or (self._folder is not None and self._path(text).is_file())

    def _row(self, text: str) -> dict[str, Tensor]:
        if text in self._kept or self._folder is None:
            return self._kept[text]
        return _load(self._path(text))

    def _path(self, text: str) -> Path:
        assert self._folder is not None
        return self._folder / f"{self._name(text)}.safetensors"

    def _name(self, text: str) -> str:
        return _digest((self._key, text, str(self._precision)))


def _size(placement: Placement) -> tuple[int, int]:
    return placement.width, placement.height


def _digest(parts: object) -> str:
    return hashlib.blake2b(repr(parts).encode(), digest_size=16).hexdigest()


def _save(path: Path, tensors: dict[str, Tensor]) -> None:
    from safetensors.torch import save

    content = save(tensors)
    write_whole(path, lambda file: file.write(content), sync=False)


def _load(path: Path) -> dict[str, Tensor]:
    from safetensors import SafetensorError
    from safetensors.torch import load

    try:
        return load(path.read_bytes())
    except (OSError, SafetensorError) as error:
        raise OSError(f"the cache file {path} cannot be read ({error}); remove it, and it is made anew.") from None
