"""Text encoders and tokenizers of Stable Diffusion 1.x."""

from typing import Any

from torch import nn

class SDTokenizer:
    def __init__(
        self,
        tokenizer_path: str | None = None,
        max_length: int = 77,
        *,
        embedding_directory: Any = None,
        embedding_size: int = 768,
        tokenizer_data: dict[str, Any] = ...,
    ) -> None: ...

class SD1Tokenizer:
    def __init__(
        self, embedding_directory: Any = None, tokenizer_data: dict[str, Any] = ..., *, tokenizer: Any = ...
    ) -> None: ...

class SDClipModel(nn.Module):
    def __init__(
        self,
        device: Any = "cpu",
        max_length: int = 77,
        *,
        textmodel_json_config: Any = None,
        dtype: Any = None,
        model_class: Any = ...,
        special_tokens: dict[str, int] = ...,
        return_projected_pooled: bool = True,
        model_options: dict[str, Any] = ...,
    ) -> None: ...

class SD1ClipModel(nn.Module):
    def __init__(
        self, device: Any = "cpu", dtype: Any = None, model_options: dict[str, Any] = ..., *, clip_model: Any = ...
    ) -> None: ...
