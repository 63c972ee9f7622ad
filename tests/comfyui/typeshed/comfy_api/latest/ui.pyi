"""What nodes show on the page."""

from torch import Tensor

class PreviewText:
    def __init__(self, value: str) -> None: ...

class PreviewImage:
    def __init__(self, image: Tensor, *, cls: type | None = None) -> None: ...
