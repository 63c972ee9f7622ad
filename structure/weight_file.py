"""The structural prior's weights in one checked file; see `checked_file`."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path

import torch

from .checked_file import CheckedFile, read_checked, write_checked
from .network import NetworkConfig, StructureNetwork

FORMAT = "auface.structure/1"
"""Name and version of the file's layout."""

SHIPPED = "structure.safetensors"
"""Name of the shipped file in `weights/`."""

_KIND = CheckedFile(
    format=FORMAT, name="the structural prior", extra="structure", training="auface.lora_training.structure"
)


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
    tensors = {name: value.half().contiguous() for name, value in network.state_dict().items()}
    return write_checked(_KIND, path, tensors, {"config": json.dumps(network.config.to_data()), **(about or {})})


def load_weights(path: Path | None = None) -> StructureNetwork:
    """Read weights after comparing them with their checksum.

    Args:
        path: A file that `save_weights` wrote; by default the shipped one.

    Raises:
        ValueError: The file or its checksum is missing, the file is damaged, or it is of another kind. The text names
            file and checksum.
        ImportError: safetensors is missing; the text names the extra to install.
    """
    tensors, metadata = read_checked(_KIND, path or shipped_path())
    network = StructureNetwork(NetworkConfig.from_data(json.loads(metadata["config"])))
    network.load_state_dict({name: value.to(torch.float32) for name, value in tensors.items()})
    return network.train(False).requires_grad_(False)
