"""The adapter inside a base model: which layers, with which rank and alpha, and its parameters as one module."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from auface.lora_training.lora.base_model import BaseModel
from auface.lora_training.lora.config import LoraConfig

ADAPTER = "auface"
"""Name of the adapter inside peft."""

_ATTENTION = ("to_q", "to_k", "to_v", "to_out.0", "q_proj", "k_proj", "v_proj", "out_proj")
_TRANSFORMER = (*_ATTENTION, "ff.net.0.proj", "ff.net.2", "proj_in", "proj_out", "mlp.fc1", "mlp.fc2")
_ALL = (*_TRANSFORMER, "conv1", "conv2", "conv_shortcut", "time_emb_proj", "downsamplers.0.conv", "upsamplers.0.conv")
_TARGETS = {"attention": _ATTENTION, "transformer": _TRANSFORMER, "all": _ALL}


class Learned(nn.Module):
    """The parameters of adapters as a module of their own, so that nothing of the base gets into a checkpoint.

    Args:
        parameters: Parameters by dotted name; they stay where they are.
    """

    def __init__(self, parameters: Mapping[str, nn.Parameter]) -> None:
        super().__init__()
        for name, value in parameters.items():
            self.register_parameter(name.replace(".", "/"), value)

    def load(self, values: Mapping[str, Tensor]) -> None:
        """Take other values, such as averaged ones.

        Args:
            values: By the names of `state_dict`.
        """
        self.load_state_dict(dict(values))


@dataclass(frozen=True, slots=True)
class Layer:
    """A layer with an adapter.

    Attributes:
        name: Dotted name inside its network.
        rank: Rank.
        alpha: Alpha; the strength is alpha / rank.
    """

    name: str
    rank: int
    alpha: float


def layers_of(network: nn.Module, config: LoraConfig) -> list[Layer]:
    """Return the layers of a network that get an adapter.

    Args:
        network: A UNet or a text encoder.
        config: Says which, and rank and alpha by block; the longest block name that a layer starts with counts.

    Raises:
        ValueError: No layer is left.
    """
    names = _targets_of(network, config)
    found = [Layer(name, int(_by_block(name, config.block_rank, config.rank)), _alpha(name, config)) for name in names]
    found = [layer for layer in found if layer.rank]
    if not found:
        raise ValueError(f"`targets` is {config.targets!r}, and with `block_rank` no layer of the base is left.")
    return found


def add_adapter(network: nn.Module, layers: list[Layer], config: LoraConfig) -> dict[str, nn.Parameter]:
    """Put adapters into a network and return their parameters, in float32.

    Args:
        network: A UNet or a text encoder; frozen.
        layers: The layers.
        config: The kind of adapter.

    Raises:
        ImportError: peft is missing.
    """
    try:
        from peft import inject_adapter_in_model
    except ImportError:
        raise ImportError("training needs peft, which auface[train] brings") from None
    settings: Any = peft_config(layers, config)
    inject_adapter_in_model(settings, network, ADAPTER)
    found = {name: value for name, value in network.named_parameters() if f".{ADAPTER}" in name}
    for name, value in network.named_parameters():
        value.requires_grad_(name in found)
    for value in found.values():
        value.data = value.data.float()
    return found


def peft_config(layers: list[Layer], config: LoraConfig) -> Any:
    """Return peft's configuration of the adapter.

    Args:
        layers: The layers.
        config: The kind of adapter.
    """
    from peft import LoHaConfig, LoKrConfig, LoraConfig as PeftLoraConfig

    rank = _commonest([layer.rank for layer in layers])
    alpha = _commonest([layer.alpha for layer in layers])
    # Patterns are regular expressions that peft matches with the end of a name.
    common: dict[str, Any] = {
        "r": rank,
        "target_modules": [layer.name for layer in layers],
        "rank_pattern": {f"^{layer.name}": layer.rank for layer in layers if layer.rank != rank},
        "alpha_pattern": {f"^{layer.name}": layer.alpha for layer in layers if layer.alpha != alpha},
    }
    if config.algorithm == "loha":
        return LoHaConfig(**common, alpha=alpha, module_dropout=config.dropout)  # pyright: ignore[reportArgumentType]
    if config.algorithm == "lokr":
        return LoKrConfig(**common, alpha=alpha, module_dropout=config.dropout)  # pyright: ignore[reportArgumentType]
    return PeftLoraConfig(
        **common,
        lora_alpha=alpha,  # pyright: ignore[reportArgumentType]
        lora_dropout=config.dropout,
        use_dora=config.algorithm == "dora",
        init_lora_weights=True,
    )


def learned_of(base: BaseModel, config: LoraConfig) -> Learned:
    """Put adapters into a base and return all of their parameters; names start with kohya's prefix.

    The start values depend on the seed alone.

    Args:
        base: The base.
        config: Which layers and which kind.

    Raises:
        ValueError: A block does not exist, or no layer is left.
    """
    found: dict[str, nn.Parameter] = {}
    torch.manual_seed(config.seed)
    if config.text_encoder:
        _ = base.text_encoders  # which are read now
    chosen = [(key, part) for key, part in base.prefixes.items() if key == "lora_unet" or config.text_encoder]
    _check_blocks([name for _, network in chosen for name in _targets_of(network, config)], config)
    for prefix, network in chosen:
        for name, value in add_adapter(network, layers_of(network, config), config).items():
            found[f"{prefix}.{name}"] = value
    return Learned(found)


def _targets_of(network: nn.Module, config: LoraConfig) -> list[str]:
    ends = _TARGETS[config.targets]
    return [
        name
        for name, module in network.named_modules()
        if isinstance(module, nn.Linear | nn.Conv2d) and any(name == end or name.endswith(f".{end}") for end in ends)
    ]


def _check_blocks(names: list[str], config: LoraConfig) -> None:
    for option in ("block_rank", "block_alpha"):
        for block in getattr(config, option):
            if not any(_is_in(name, block) for name in names):
                blocks = sorted({re.match(r"[^.]+(\.\d+)?", name)[0] for name in names})  # pyright: ignore - always matches
                accepted = f"{', '.join(blocks)} and parts of these"
                raise ValueError(f"`{option}` has {block!r}, where no layer learns; accepted are {accepted}.")


def _is_in(name: str, block: str) -> bool:
    return name == block or name.startswith(f"{block}.")


def _commonest(values: list[Any]) -> Any:
    return max(dict.fromkeys(values), key=values.count)


def _by_block(name: str, blocks: Mapping[str, float], otherwise: float) -> float:
    fitting = [block for block in blocks if _is_in(name, block)]
    return blocks[max(fitting, key=len)] if fitting else otherwise


def _alpha(name: str, config: LoraConfig) -> float:
    rank = _by_block(name, config.block_rank, config.rank)
    # A block with another rank keeps the strength of the rest unless its alpha is said.
    return _by_block(name, config.block_alpha, config.alpha * rank / config.rank)
