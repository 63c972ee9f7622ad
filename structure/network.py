"""`StructureNetwork`: the trained parts of VQ-AUFace in one module, as they are saved in one file."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field

from torch import Tensor, nn

from .condition import ExpressionEncoder, TextEncoder
from .prior import PriorConfig, StructurePrior
from .tokenizer import ExpressionTokenizer, TokenizerConfig


@dataclass(frozen=True, kw_only=True)
class NetworkConfig:
    """Sizes of all parts.

    Attributes:
        tokenizer: Sizes of the tokenizer.
        prior: Sizes of the prior and of the encoders.
    """

    tokenizer: TokenizerConfig = field(default_factory=TokenizerConfig)
    prior: PriorConfig = field(default_factory=PriorConfig)

    def to_data(self) -> dict[str, dict[str, object]]:
        """Return the sizes as plain data, which `from_data` reads back."""
        tokenizer = {**asdict(self.tokenizer), "tokens": dict(self.tokenizer.tokens)}
        return {"tokenizer": tokenizer, "prior": asdict(self.prior)}

    @classmethod
    def from_data(cls, data: dict[str, dict[str, object]]) -> NetworkConfig:
        """Read sizes.

        Args:
            data: What `to_data` returned.

        Raises:
            ValueError: A field is unknown or missing.
        """
        try:
            return cls(
                tokenizer=TokenizerConfig(**data["tokenizer"]),  # pyright: ignore[reportArgumentType]
                prior=PriorConfig(**data["prior"]),  # pyright: ignore[reportArgumentType]
            )
        except (TypeError, KeyError, AttributeError) as error:
            raise ValueError(f"`data` is not the sizes of a structure network: {error}.") from None


class StructureNetwork(nn.Module):
    """Tokenizer, prior and encoders.

    Args:
        config: Sizes.
    """

    def __init__(self, config: NetworkConfig | None = None) -> None:
        super().__init__()
        self.config = config or NetworkConfig()
        self.tokenizer = ExpressionTokenizer(self.config.tokenizer)
        tokens = len(self.config.tokenizer.sequence)
        self.prior = StructurePrior(self.config.prior, tokens, self.tokenizer.quantizer)
        self.expression_encoder = ExpressionEncoder(self.config.prior)
        self.text_encoder = TextEncoder(self.config.prior)

    def condition_of_text(self, words: Tensor) -> tuple[Tensor, Tensor]:
        """Return condition vectors, (batch, 2, condition_tokens, width), and action units, (batch, 2, SIZE), of texts.

        Args:
            words: (batch, 2, words, ngrams) int64: each text as seen from both halves, see `vocabulary`.
        """
        actions, beyond = self.text_encoder(words.flatten(0, 1))
        actions = actions.unflatten(0, (-1, 2))
        return self.expression_encoder(actions) + beyond.unflatten(0, (-1, 2)), actions
