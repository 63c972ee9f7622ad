"""CLIP and VAE."""

from typing import Any

from torch import Tensor

class CLIP:
    cond_stage_model: Any
    def __init__(self, target: Any = None, *, model_options: dict[str, Any] = ...) -> None: ...

class VAE:
    first_stage_model: Any
    def __init__(self, sd: dict[str, Tensor] | None = None, device: Any = None, config: Any = None) -> None: ...
