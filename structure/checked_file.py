"""Weights in one safetensors file, with what they are in its metadata, and a checksum beside it.

The checksum is in a file of the same name with `.sha256` added, as `sha256sum` writes it.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from torch import Tensor


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedFile:
    """A kind of weights.

    Attributes:
        format: Name and version of the layout, in the metadata.
        name: Whose weights, for errors.
        extra: Extra of the package that brings what reading needs.
        training: Module that makes such weights.
    """

    format: str
    name: str
    extra: str
    training: str


def write_checked(kind: CheckedFile, path: Path, tensors: dict[str, Tensor], about: dict[str, str]) -> str:
    """Write weights and their checksum.

    Args:
        kind: What kind they are.
        path: A .safetensors file.
        tensors: The weights, contiguous.
        about: What else to say in the metadata.

    Returns:
        The SHA-256 of the file.
    """
    from safetensors.torch import save

    content = save(tensors, {"format": kind.format, **about})
    digest = hashlib.sha256(content).hexdigest()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    _sum_of(path).write_text(f"{digest}  {path.name}\n", encoding="utf-8")
    return digest


def read_checked(kind: CheckedFile, path: Path) -> tuple[dict[str, Tensor], dict[str, str]]:
    """Read weights after comparing them with their checksum.

    Args:
        kind: What kind they are to be.
        path: A file that `write_checked` wrote.

    Returns:
        The weights by name, and the metadata.

    Raises:
        ValueError: The file or its checksum is missing, the file is damaged, or it is of another kind. The text names
            file and checksum.
        ImportError: safetensors is missing; the text names the extra to install.
    """
    sums = _sum_of(path)
    expected = sums.read_text(encoding="utf-8").split()[:1] if sums.is_file() else []
    if not path.is_file() or not expected:
        raise ValueError(
            f"the weights of {kind.name} are missing: there is no {sums if path.is_file() else path} "
            f"(SHA-256 {expected[0] if expected else 'unknown'}). Install auface anew, or train them: "
            f"python -m {kind.training} --help."
        )
    content = path.read_bytes()
    if (found := hashlib.sha256(content).hexdigest()) != expected[0]:
        raise ValueError(
            f"the weights of {kind.name} are damaged: {path} has SHA-256 {found}; accepted is {expected[0]}."
        )
    try:
        from safetensors import safe_open
        from safetensors.torch import load
    except ImportError:
        raise ImportError(f"{kind.name} needs safetensors, which auface[{kind.extra}] brings") from None
    with safe_open(path, "pt") as file:
        metadata = file.metadata() or {}
    if metadata.get("format") != kind.format:
        raise ValueError(f"{path} has format {metadata.get('format')!r}; accepted is {kind.format!r}.")
    return load(content), metadata


def _sum_of(path: Path) -> Path:
    return path.with_name(path.name + ".sha256")
