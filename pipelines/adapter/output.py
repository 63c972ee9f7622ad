"""`AdapterOutput`: what an adapter says to a UNet about some faces; computed once, used in every step."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

Scale = float | Tensor
"""How strongly: one number, or a (batch,) tensor with one for each row; 0 is off."""


@dataclass(frozen=True, slots=True, eq=False)
class AdapterOutput:
    """Features and attention of a batch of faces.

    Attributes:
        features: For each down block, (batch, channels, height, width).
        keys: For each layer of cross-attention, (batch, tokens, channels).
        values: The same for values.
        heads: Attention heads of each layer.
    """

    features: tuple[Tensor, ...]
    keys: tuple[Tensor, ...]
    values: tuple[Tensor, ...]
    heads: tuple[int, ...]

    def residuals(self, scale: Scale = 1.0) -> list[Tensor]:
        """Return what a UNet takes as `down_intrablock_additional_residuals`: a new list, which the UNet empties.

        Args:
            scale: How strongly.
        """
        return [feature * per_row(scale, feature) for feature in self.features]

    def rows(self, index: Tensor) -> AdapterOutput:
        """Return the output for some rows of the batch, in any order and number.

        Args:
            index: (rows,) int64.
        """
        features, keys, values = (
            tuple(value.index_select(0, index.to(value.device)) for value in group)
            for group in (self.features, self.keys, self.values)
        )
        return AdapterOutput(features, keys, values, self.heads)


def per_row(scale: Scale, like: Tensor) -> float | Tensor:
    """Return a scale that multiplies the rows of a tensor, in its type.

    Args:
        scale: One number, or (batch,).
        like: (batch, ...).
    """
    if not isinstance(scale, Tensor):
        return scale
    return scale.to(like).reshape(-1, *[1] * (like.ndim - 1))
