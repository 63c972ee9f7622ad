"""What each stage of training the structural prior learns, and its loss."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from auface.structure.network import StructureNetwork
from auface.structure.tokenizer import SCALE

from .batch import FaceBatch, FaceBatches

STAGES = ("text", "tokenizer", "prior", "joint")
"""The stages in order."""

_NO_CONDITION = 0.1  # share of faces that are learned without condition, for guidance
_ALL_UNKNOWN = 0.5  # share of faces of which no token is known
_GEOMETRY_WEIGHT = 4.0


def trained_parts(network: StructureNetwork, stage: str) -> list[nn.Module]:
    """Return the parts of the network that a stage changes.

    Args:
        network: The network.
        stage: One of `STAGES`.
    """
    if stage == "tokenizer":
        return [network.tokenizer]
    if stage == "prior":
        return [network.prior, network.expression_encoder]
    if stage == "text":
        return [network.text_encoder]
    return [network.prior, network.expression_encoder, network.text_encoder]


def training_loss(network: StructureNetwork, stage: str, faces: FaceBatches, size: int) -> dict[str, Tensor]:
    """Return the losses of one step, which are summed.

    Args:
        network: The network.
        stage: One of `STAGES`.
        faces: Where to draw from.
        size: Faces of the step.
    """
    batch = faces.batch(size)
    if stage == "tokenizer":
        return {"reconstruction": _reconstruction(network, batch)}
    if stage == "text":
        return _reading(network, faces, batch)
    if stage == "prior":
        return _modelling(network, batch, network.expression_encoder(batch.actions))
    # Half of the faces are asked for in text, seen from both halves.
    cut = size // 2
    seen = [faces.captions(batch.asked[:cut], [half] * cut) for half in (0, 1)]
    condition, actions = network.condition_of_text(_stacked(seen))
    condition = torch.cat([condition, network.expression_encoder(batch.actions[cut:])])
    return _modelling(network, batch, condition) | {"actions": _misread(actions, batch.resolved[:cut])}


def _stacked(seen: list[Tensor]) -> Tensor:
    longest = max(words.shape[1] for words in seen)
    return torch.stack([nn.functional.pad(words, (0, 0, 0, longest - words.shape[1])) for words in seen], 1)


def _misread(told: Tensor, actions: Tensor) -> Tensor:
    return 40 * nn.functional.smooth_l1_loss(told, actions, beta=0.2)


def _reading(network: StructureNetwork, faces: FaceBatches, batch: FaceBatch) -> dict[str, Tensor]:
    """Text, seen from a random half, against the action units that it describes."""
    half = torch.randint(2, (len(batch.asked),))
    told, _ = network.text_encoder(faces.captions(batch.asked, half.tolist()))
    return {"actions": _misread(told, batch.resolved[torch.arange(len(half)), half])}


def _reconstruction(network: StructureNetwork, batch: FaceBatch) -> Tensor:
    tokenizer = network.tokenizer
    decoded = tokenizer.decode(tokenizer.encode(batch.displacement, batch.neutral), batch.neutral)
    return _distance(decoded, batch.displacement)


def _distance(one: Tensor, other: Tensor) -> Tensor:
    return ((one - other) / SCALE).norm(dim=-1).mean()


def _modelling(network: StructureNetwork, batch: FaceBatch, condition: Tensor) -> dict[str, Tensor]:
    tokenizer, prior = network.tokenizer, network.prior
    with torch.no_grad():
        codes = tokenizer.encode(batch.displacement, batch.neutral)
    size, tokens = codes.shape[0], codes.shape[2]
    without = torch.rand(size) < _NO_CONDITION
    condition = torch.where(without[:, None, None, None], prior.nothing, condition)
    share = torch.where(torch.rand(size) < _ALL_UNKNOWN, 1.0, (torch.rand(size) * math.pi / 2).cos())
    known = torch.rand(size, 2, tokens) >= share[:, None, None]
    logits = prior(codes, known, condition)
    digits = tokenizer.quantizer.digits(codes)
    wrong = torch.stack(
        [
            nn.functional.cross_entropy(channel.flatten(0, 2), digits[..., place].flatten(), reduction="none")
            for place, channel in enumerate(logits)
        ]
    ).mean(0)
    unknown = ~known.flatten()
    losses = {"tokens": wrong[unknown].mean()}
    certain = (share == 1.0) & ~without
    if certain.any():
        expected = prior.expected(tuple(channel[certain] for channel in logits))
        decoded = tokenizer.decode(expected, batch.neutral[certain])
        losses["geometry"] = _GEOMETRY_WEIGHT * _distance(decoded, batch.displacement[certain])
    return losses
