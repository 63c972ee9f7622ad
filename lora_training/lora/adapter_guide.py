"""`AdapterGuide`: an expression adapter that learns: it is told what pictures show, exactly as they show it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn

from auface.facs import Expression
from auface.lora_training.lora.base_model import BaseModel
from auface.lora_training.lora.config import LoraConfig
from auface.lora_training.lora.expression_guide import ExpressionGuide, Points, guide_of
from auface.lora_training.lora.network import Learned
from auface.pipelines.adapter.maps import face_maps
from auface.pipelines.adapter.model import AUFaceAdapter
from auface.pipelines.adapter.output import AdapterOutput
from auface.structure.model import shipped_model


class AdapterGuide(ExpressionGuide):
    """An `ExpressionGuide` whose adapter gets gradients.

    Attributes:
        learned: The adapter's parameters.
    """

    learned: Learned

    @classmethod
    def begin(cls, base: BaseModel, config: LoraConfig) -> AdapterGuide:
        """Return a guide with a new adapter for a base, or with the one that the configuration names, to go on with.

        Args:
            base: The base.
            config: Names the adapter; the seed decides the start values of a new one.

        Raises:
            ValueError: The named adapter does not fit, or the base has a layout that no adapter is for.
        """
        start = guide_of(base, config.adapter)
        torch.manual_seed(config.seed)
        made = start.adapter if start else AUFaceAdapter.for_unet(base.unet, latent_factor=base.latent_scale)
        nn.Module.to(made, base.unet.device, torch.float32)  # in place; not diffusers' own, which warns of types
        guide = cls(made, base.unet)
        made.requires_grad_(True)
        guide.learned = Learned(dict(guide.adapter.named_parameters()))
        return guide

    def show(
        self, expressions: Sequence[Expression], landmarks: Sequence[Points], size: tuple[int, int]
    ) -> AdapterOutput:
        """Return what the adapter says of pictures, with gradients.

        Args:
            expressions: What each picture shows.
            landmarks: (478, 2) pixels of each; None where they are not known: its maps are then empty, and are not to
                be heard.
            size: Width and height of the pictures.
        """
        like = next(self.adapter.parameters())
        width, height = size
        nowhere = np.full((478, 2), -4.0 * max(size), np.float32)
        points = np.stack([nowhere if one is None else one for one in landmarks])
        with torch.no_grad():
            maps = face_maps(torch.from_numpy(points).to(like.device), height, width).to(like)
            vectors = shipped_model().condition_of(list(expressions)).to(like)
        return self.adapter(maps, vectors)


def chosen_parts(chances: Tensor, known: Tensor, dropout: float) -> tuple[Tensor, Tensor]:
    """Return how strongly the maps and the tokens of each picture are heard, (batch,) of 0 and 1 each.

    A share of `dropout` hears neither, for guidance (arXiv 2207.12598); half as many hear the maps alone, and as many
    again the tokens alone, so that each works without the other.

    Args:
        chances: (batch,) from 0 to 1.
        known: (batch,) whether there are landmarks; without them there are no maps.
        dropout: Share of pictures.
    """
    maps = (chances >= dropout) & ~((chances >= 1.5 * dropout) & (chances < 2 * dropout)) & known
    tokens = chances >= 1.5 * dropout
    return maps.float(), tokens.float()
