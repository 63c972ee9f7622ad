"""Weights in one safetensors file, with what they are in its metadata, and a checksum beside it."""

from __future__ import annotations

import hashlib
import json
from importlib.resources import files
from pathlib import Path

import torch

from .network import NetworkConfig, StructureNetwork

FORMAT = "auface.structure/1"
"""Name and version of the file's layout."""

SHIPPED = "structure.safetensors"
"""Name of the shipped file in `weights/`."""


def shipped_path() -> Path:
    """Return where the shipped weights are, or would be."""
    return Path(str(files("auface"))) / "weights" / SHIPPED


def save_weights(network: StructureNetwork, path: Path, about: dict[str, str] | None = None) -> str:
    """Write weights as float16, and their SHA-256 into a file of the same name with `.sha256` added.

    Args:
        network: The network.
        path: A .safetensors file.
        about: What else to say in the metadata.

    Returns:
        The checksum.
    """
    from safetensors.torch import save

    tensors = {name: value.half().contiguous() for name, value in network.state_dict().items()}
    metadata = {"format": FORMAT, "config": json.dumps(network.config.to_data()), **(about or {})}
    content = save(tensors, metadata)
    digest = hashlib.sha256(content).hexdigest()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    _checksum_path(path).write_text(f"{digest}  {path.name}\n", encoding="utf-8")
    return digest


def load_weights(path: Path | None = None) -> StructureNetwork:
    """Read weights after comparing them with their checksum.

    Args:
        path: A file that `save_weights` wrote; by default the shipped one.

    Raises:
        ValueError: The file or its checksum is missing, the file is damaged, or it is of another kind. The text names
            file and checksum.
        ImportError: safetensors is missing; the text names the extra to install.
    """
    path = path or shipped_path()
    sums = _checksum_path(path)
    if not path.is_file() or not sums.is_file():
        missing = path if not path.is_file() else sums
        expected = sums.read_text(encoding="utf-8").split()[0] if sums.is_file() else "unknown"
        raise ValueError(
            f"the weights of the structural prior are missing: there is no {missing} (SHA-256 {expected}). Install "
            "auface anew, or train them: python -m auface.lora_training.structure --help."
        )
    content, expected = path.read_bytes(), sums.read_text(encoding="utf-8").split()[0]
    if (found := hashlib.sha256(content).hexdigest()) != expected:
        raise ValueError(
            f"the weights of the structural prior are damaged: {path} has SHA-256 {found}; accepted is {expected}."
        )
    try:
        from safetensors import safe_open
        from safetensors.torch import load
    except ImportError:
        raise ImportError("the structural prior needs safetensors, which auface[structure] brings") from None
    with safe_open(path, "pt") as file:
        metadata = file.metadata() or {}
    if metadata.get("format") != FORMAT:
        raise ValueError(f"{path} has format {metadata.get('format')!r}; accepted is {FORMAT!r}.")
    network = StructureNetwork(NetworkConfig.from_data(json.loads(metadata["config"])))
    network.load_state_dict({name: value.to(torch.float32) for name, value in load(content).items()})
    return network.train(False).requires_grad_(False)


def _checksum_path(path: Path) -> Path:
    return path.with_name(path.name + ".sha256")
