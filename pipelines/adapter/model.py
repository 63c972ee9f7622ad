"""`AUFaceAdapter`: lets a base model draw expressions: face maps and condition vectors -> what its UNet is told."""

from __future__ import annotations

from collections.abc import Sequence

from diffusers.configuration_utils import ConfigMixin, register_to_config
from diffusers.models.modeling_utils import ModelMixin
from torch import Tensor, nn

from auface.structure.action_vector import UNITS
from auface.structure.prior import PriorConfig

from .attention import decoupled_attention
from .layout import BASES, Base, BaseLayout
from .maps import FaceMap
from .output import AdapterOutput
from .spatial import SpatialEncoder
from .structure_version import structure_version
from .tokens import ExpressionLayer, TokenEncoder


class AUFaceAdapter(ModelMixin, ConfigMixin):
    """Spatial features and expression tokens for one base layout (design.md, 4.5).

    Untrained, it changes nothing: all outputs are 0.

    Args:
        base: Family of the base model, "sd1" or "sdxl".
        feature_channels: Channels of each down block.
        feature_factors: How many times smaller than the latents each down block's feature is.
        layer_channels: Channels of the queries of each cross-attention, in the order in which they run.
        layer_heads: Attention heads of each.
        latent_factor: Pixels of the picture along a side of a pixel of the latents.
        token_channels: Width of expression tokens.
        widths: Channels inside the spatial encoder, for each feature.
        maps: Number of face maps.
        condition_vectors: Condition vectors of each half of the face.
        condition_width: Their width.
        units: Numbers of the action units that it was made for, in the order of the structure model's vectors.
        structure: Version of the structure model whose condition vectors it reads.
    """

    _supports_gradient_checkpointing = False

    @register_to_config
    def __init__(
        self,
        base: Base,
        feature_channels: Sequence[int],
        feature_factors: Sequence[int],
        layer_channels: Sequence[int],
        layer_heads: Sequence[int],
        latent_factor: int = 8,
        token_channels: int = 256,
        widths: Sequence[int] | None = None,
        maps: int = len(FaceMap),
        condition_vectors: int = PriorConfig.condition_tokens,
        condition_width: int = PriorConfig.width,
        units: Sequence[int] = tuple(int(unit) for unit in UNITS),
        structure: str = "",
    ) -> None:
        super().__init__()
        if base not in BASES:
            raise ValueError(f"`base` is {base!r}; accepted are {', '.join(map(repr, BASES))}.")
        widths = widths or [default_width(channels) for channels in feature_channels]
        self.spatial = SpatialEncoder(maps, latent_factor, feature_channels, feature_factors, widths)
        self.encoder = TokenEncoder(condition_vectors, condition_width, token_channels)
        self.layers = nn.ModuleList(ExpressionLayer(token_channels, inner) for inner in layer_channels)

    @classmethod
    def for_unet(
        cls,
        unet: nn.Module,
        *,
        latent_factor: int = 8,
        token_channels: int = 256,
        widths: Sequence[int] | None = None,
    ) -> AUFaceAdapter:
        """Return an untrained adapter for a UNet and the shipped structure model.

        Args:
            unet: A `UNet2DConditionModel` of the layout of Stable Diffusion 1.x or XL, at any width.
            latent_factor: Pixels of the picture along a side of a pixel of the latents.
            token_channels: Width of expression tokens, a multiple of 4.
            widths: Channels inside the spatial encoder, for each down block; multiples of 8.

        Raises:
            ValueError: The UNet has another layout.
        """
        layout = BaseLayout.of(unet)
        return cls(
            base=layout.base,
            feature_channels=list(layout.feature_channels),
            feature_factors=list(layout.feature_factors),
            layer_channels=list(layout.layer_channels),
            layer_heads=list(layout.layer_heads),
            latent_factor=latent_factor,
            token_channels=token_channels,
            widths=None if widths is None else list(widths),
            structure=structure_version(),
        )

    @property
    def layout(self) -> BaseLayout:
        """The sizes of the UNet that it fits."""
        config = self.config
        return BaseLayout(
            base=config["base"],
            feature_channels=tuple(config["feature_channels"]),
            feature_factors=tuple(config["feature_factors"]),
            layer_channels=tuple(config["layer_channels"]),
            layer_heads=tuple(config["layer_heads"]),
        )

    def forward(self, maps: Tensor, condition: Tensor) -> AdapterOutput:
        """Return all that the UNet is told about some faces; the same in every step.

        Args:
            maps: (batch, maps, height, width) of `face_maps`, from 0 to 1.
            condition: (batch, 2, vectors, width) of `StructureModel.condition_of`.
        """
        tokens = self.tokens(condition)
        pairs = [layer(tokens) for layer in self.layers]
        return AdapterOutput(
            tuple(self.features(maps)),
            tuple(key for key, _ in pairs),
            tuple(value for _, value in pairs),
            tuple(self.config["layer_heads"]),
        )

    def features(self, maps: Tensor) -> list[Tensor]:
        """Return one feature for each down block, (batch, channels, height, width) each.

        Args:
            maps: (batch, maps, height, width) of `face_maps`, from 0 to 1.
        """
        return self.spatial(maps)

    def tokens(self, condition: Tensor) -> Tensor:
        """Return expression tokens, (batch, 2 vectors, token_channels).

        Args:
            condition: (batch, 2, vectors, width) of `StructureModel.condition_of`.
        """
        return self.encoder(condition)

    def attention(self, query: Tensor, tokens: Tensor, layer: int) -> Tensor:
        """Return what one layer adds before its output layer, (batch, length, channels).

        Args:
            query: (batch, length, channels) of the base's cross-attention.
            tokens: (batch, tokens, token_channels).
            layer: Number of the layer, in the order in which they run: down, middle, up.
        """
        key, value = self.layers[layer](tokens)
        return decoupled_attention(query, key, value, self.config["layer_heads"][layer])


def default_width(channels: int) -> int:
    """Return the channels inside the spatial encoder for a feature: half of its own, at least 64.

    Args:
        channels: Channels of the feature.
    """
    return max(64, channels // 2 // 8 * 8)
