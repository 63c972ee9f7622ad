"""`ExpressionAttention`: expression tokens beside text in the cross-attentions of a UNet, for as long as it is entered.

Decoupled cross-attention as in IP-Adapter (arXiv 2308.06721, section 3.2.2), with the base's own queries and output
layers. The processors that are there, those of IP-Adapter or xformers too, do their work as before: they see the
attention through a window that remembers the query and adds to what goes into the output layer.
"""

from __future__ import annotations

from types import TracebackType
from typing import Any

import torch
from diffusers.models.attention_processor import Attention
from torch import Tensor, nn

from .layout import attention_layers
from .output import AdapterOutput, Scale, per_row


def decoupled_attention(query: Tensor, key: Tensor, value: Tensor, heads: int) -> Tensor:
    """Return what queries find in expression tokens, (batch, length, channels); to be added before the output layer.

    Args:
        query: (batch, length, channels) of the base's cross-attention.
        key: (batch, tokens, channels).
        value: (batch, tokens, channels).
        heads: Attention heads.
    """
    q, k, v = (part.to(query.dtype).unflatten(-1, (heads, -1)).transpose(1, 2) for part in (query, key, value))
    return torch.nn.functional.scaled_dot_product_attention(q, k, v).transpose(1, 2).flatten(2)


class ExpressionAttention:
    """Lets a UNet see expression tokens: `with ExpressionAttention(unet, output): unet(...)`.

    On leaving, also through an exception, every processor is what it was. A UNet that recomputes its layers in the
    backward pass (gradient checkpointing) must do so inside.

    Args:
        unet: The base's UNet.
        output: What its adapter says.
        scale: How strongly; one number, or one for each row.

    Raises:
        ValueError: The UNet has another number of layers than the adapter.
    """

    def __init__(self, unet: nn.Module, output: AdapterOutput, scale: Scale = 1.0) -> None:
        self.layers = [layer for _, layer in attention_layers(unet)]
        if len(self.layers) != len(output.keys):
            raise ValueError(
                f"`output` is for {len(output.keys)} layers of cross-attention; accepted are {len(self.layers)}, "
                "those of the UNet."
            )
        self.output, self.scale = output, scale
        self._before: list[Any] = []

    def __enter__(self) -> ExpressionAttention:
        assert not self._before, "entered twice"
        self._before = [layer.processor for layer in self.layers]
        output = self.output
        for layer, processor, key, value, heads in zip(
            self.layers, self._before, output.keys, output.values, output.heads, strict=True
        ):
            layer.set_processor(ExpressionAttnProcessor(processor, key, value, heads, self.scale))  # pyright: ignore
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for layer, processor in zip(self.layers, self._before, strict=True):
            layer.set_processor(processor)
        self._before = []


class ExpressionAttnProcessor(nn.Module):
    """An attention processor that adds expression tokens to what another processor does.

    It is a module, so that weights of the inner one, as an IP-Adapter has, stay among those of the UNet: offloading
    moves what it finds there.

    Args:
        inner: The processor that does the base's own work.
        key: (batch, tokens, channels) of expression tokens.
        value: (batch, tokens, channels).
        heads: Attention heads.
        scale: How strongly.
    """

    def __init__(self, inner: Any, key: Tensor, value: Tensor, heads: int, scale: Scale) -> None:
        super().__init__()
        self.inner, self.key, self.value, self.heads, self.scale = inner, key, value, heads, scale

    def __call__(
        self,
        attn: Attention,
        hidden_states: Tensor,
        encoder_hidden_states: Tensor | None = None,
        attention_mask: Tensor | None = None,
        temb: Tensor | None = None,
        ip_adapter_masks: list[Tensor] | None = None,
    ) -> Tensor:
        """Attend; the arguments are those of every processor of diffusers.

        Args:
            attn: The attention.
            hidden_states: (batch, length, channels).
            encoder_hidden_states: (batch, tokens, channels) of the text; a tuple where an IP-Adapter is loaded.
            attention_mask: Of the text's tokens.
            temb: Time embedding.
            ip_adapter_masks: Masks of an IP-Adapter.
        """
        others = {"temb": temb, "ip_adapter_masks": ip_adapter_masks}
        return self.inner(
            _Window(attn, self),
            hidden_states,
            encoder_hidden_states=encoder_hidden_states,
            attention_mask=attention_mask,
            **{name: value for name, value in others.items() if value is not None},  # not every processor takes them
        )

    def added(self, query: Tensor, hidden_states: Tensor) -> Tensor:
        """Return what goes into the output layer: that of the inner processor, and what the expression adds.

        Args:
            query: (batch, length, channels).
            hidden_states: (batch, length, channels).
        """
        found = decoupled_attention(query, self.key, self.value, self.heads)
        return hidden_states + (found * per_row(self.scale, found)).to(hidden_states.dtype)


class _Window:
    """An attention as an inner processor sees it."""

    def __init__(self, attn: Attention, processor: ExpressionAttnProcessor) -> None:
        self._attn: Any = attn
        self._processor = processor
        self._query: Tensor | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._attn, name)

    def to_q(self, hidden_states: Tensor) -> Tensor:
        query = self._attn.to_q(hidden_states)
        self._query = query
        return query

    @property
    def to_out(self) -> list[Any]:
        return [self._out, *list(self._attn.to_out)[1:]]

    def _out(self, hidden_states: Tensor) -> Tensor:
        if self._query is None:
            raise RuntimeError(f"{type(self._processor.inner).__name__} attends without a query of its own.")
        return self._attn.to_out[0](self._processor.added(self._query, hidden_states))
