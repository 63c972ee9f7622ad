"""The recognizer's weights in one checked file: networks, and how they are fused; see `structure.checked_file`."""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

import torch

from auface.structure.checked_file import CheckedFile, read_checked, write_checked

from .face_network import FaceNetwork, FaceNetworkConfig
from .finder_network import FinderConfig, FinderNetwork
from .fusion import Fusion
from .geometry_network import GeometryConfig, GeometryNetwork

if TYPE_CHECKING:
    from torch import nn

FORMAT = "auface.recognition/1"
"""Name and version of the file's layout."""

SHIPPED = "recognition.safetensors"
"""Name of the shipped file in `weights/`."""

_KIND = CheckedFile(
    format=FORMAT, name="the recognizer", extra="recognition", training="auface.lora_training.recognizer"
)


@dataclass(frozen=True, slots=True, eq=False)
class Networks:
    """Everything that is learned.

    Attributes:
        face: Reads a crop.
        finder: Finds faces.
        geometry: Reads landmarks.
        fusion: Joins what the two say of units.
    """

    face: FaceNetwork
    finder: FinderNetwork
    geometry: GeometryNetwork
    fusion: Fusion

    def parts(self) -> dict[str, nn.Module]:
        """Return the networks by name."""
        return {"face": self.face, "finder": self.finder, "geometry": self.geometry, "fusion": self.fusion}

    def to(self, device: torch.device | str) -> Networks:
        """Move the networks to a device, ready to read.

        Args:
            device: Such as "cpu" or "cuda".
        """
        for part in self.parts().values():
            part.train(False).requires_grad_(False).to(device)
        self.face.to(memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue]
        self.finder.to(memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue]
        return self


def shipped_path() -> Path:
    """Return where the shipped weights are, or would be."""
    return Path(str(files("auface"))) / "weights" / SHIPPED


def save_networks(networks: Networks, path: Path, about: dict[str, str] | None = None) -> str:
    """Write networks as float16, and the file's SHA-256 into one of the same name with `.sha256` added.

    Args:
        networks: The networks.
        path: A .safetensors file.
        about: What else to say in the metadata.

    Returns:
        The checksum.
    """
    tensors = {
        f"{name}.{key}": value.half().contiguous() if value.is_floating_point() else value.contiguous()
        for name, part in networks.parts().items()
        for key, value in part.state_dict().items()
    }
    configs = {name: getattr(networks, name).config.to_data() for name in ("face", "finder", "geometry")}
    return write_checked(_KIND, path, tensors, {"config": json.dumps(configs), **(about or {})})


def load_networks(path: Path | None = None) -> Networks:
    """Read networks after comparing the file with its checksum.

    Args:
        path: A file that `save_networks` wrote; by default the shipped one.

    Raises:
        ValueError: The file or its checksum is missing, the file is damaged, or it is of another kind. The text names
            file and checksum.
        ImportError: safetensors is missing; the text names the extra to install.
    """
    tensors, metadata = read_checked(_KIND, path or shipped_path())
    configs = json.loads(metadata["config"])
    networks = Networks(
        FaceNetwork(FaceNetworkConfig.from_data(configs["face"])),
        FinderNetwork(FinderConfig.from_data(configs["finder"])),
        GeometryNetwork(GeometryConfig.from_data(configs["geometry"])),
        Fusion(),
    )
    for name, part in networks.parts().items():
        prefix = f"{name}."
        own = {key.removeprefix(prefix): value for key, value in tensors.items() if key.startswith(prefix)}
        if name == "fusion":  # older files do not draw intensities out
            own.setdefault("knots", networks.fusion.knots)
        part.load_state_dict({key: v.float() if v.is_floating_point() else v for key, v in own.items()})
    return networks.to("cpu")
