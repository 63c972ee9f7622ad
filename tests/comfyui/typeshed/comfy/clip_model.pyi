"""CLIP's text model."""

from typing import Any

from torch import nn

class CLIPEmbeddings(nn.Module):
    def __init__(
        self,
        embed_dim: int,
        vocab_size: int = 49408,
        num_positions: int = 77,
        dtype: Any = None,
        device: Any = None,
        operations: Any = None,
    ) -> None: ...

class CLIPTextModel(nn.Module):
    text_model: Any
    def __init__(self, config_dict: dict[str, Any], dtype: Any, device: Any, operations: Any) -> None: ...
