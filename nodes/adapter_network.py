"""`AdapterNetwork`: the adapter of `auface.pipelines` without diffusers, which ComfyUI does not bring."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from torch import Tensor, nn

from auface.pipelines.adapter.output import AdapterOutput
from auface.pipelines.adapter.spatial import SpatialEncoder
from auface.pipelines.adapter.structure_version import structure_version
from auface.pipelines.adapter.tokens import ExpressionLayer, TokenEncoder

from .native import read_part

FORMAT = "auface.adapter/1"
"""Name and version of adapters in one file; that of `auface.pipelines.adapter.file`."""


class AdapterNetwork(nn.Module):
    """Face maps and condition vectors -> what a UNet is told. Weights have the names of `AUFaceAdapter`.

    Args:
        config: The content of its config.json.
    """

    def __init__(self, config: dict[str, Any]) -> None:
        super().__init__()
        self.config = config
        channels, factors = config["feature_channels"], config["feature_factors"]
        widths = config.get("widths") or [max(64, value // 2 // 8 * 8) for value in channels]
        self.spatial = SpatialEncoder(config["maps"], config["latent_factor"], channels, factors, widths)
        self.encoder = TokenEncoder(config["condition_vectors"], config["condition_width"], config["token_channels"])
        self.layers = nn.ModuleList(
            ExpressionLayer(config["token_channels"], inner) for inner in config["layer_channels"]
        )

    def forward(self, maps: Tensor, condition: Tensor) -> AdapterOutput:
        """Return all that the UNet is told about some faces; the same in every step.

        Args:
            maps: (batch, maps, height, width) of `face_maps`, from 0 to 1.
            condition: (batch, 2, vectors, width) of `StructureModel.condition_of`.
        """
        tokens = self.encoder(condition)
        pairs = [layer(tokens) for layer in self.layers]
        return AdapterOutput(
            tuple(self.spatial(maps)),
            tuple(key for key, _ in pairs),
            tuple(value for _, value in pairs),
            tuple(self.config["layer_heads"]),
        )


def read_network(path: Path) -> AdapterNetwork:
    """Return an adapter.

    Args:
        path: A .safetensors file of `write_adapter`, or a folder with config.json and weights in diffusers' layout.

    Raises:
        ValueError: The file is missing, damaged, of another kind, or for another structure model.
    """
    config, weights = read_part(path.parent, path.name) if path.is_dir() else _read_file(path)
    if config.get("structure") != structure_version():
        raise ValueError(
            f"{path.name} was made for the structure model {config.get('structure')!r}; accepted is "
            f"{structure_version()!r}, the installed one."
        )
    try:
        network = AdapterNetwork(config)
        network.load_state_dict(weights)
    except (KeyError, TypeError, RuntimeError) as error:
        said = str(error).splitlines()[0]
        raise ValueError(f"{path.name} has other weights than its sizes say: {said}") from None
    return network.requires_grad_(False).train(False)


def _read_file(path: Path) -> tuple[dict[str, Any], dict[str, Tensor]]:
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, "pt") as file:
            metadata: dict[str, str] = file.metadata() or {}
            weights: dict[str, Tensor] = {name: file.get_tensor(name).float() for name in file.keys()}
    except (SafetensorError, OSError) as error:
        raise ValueError(f"{path.name} is damaged: {error}.") from None
    if metadata.get("format") != FORMAT:
        raise ValueError(f"{path.name} is of the format {metadata.get('format')!r}; accepted is {FORMAT!r}.")
    return json.loads(metadata["config"]), weights
