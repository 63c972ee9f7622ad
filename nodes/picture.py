"""Pictures between ComfyUI, where channels come last, and the package; the only place that knows ComfyUI's layout."""

from __future__ import annotations

import comfy.model_management
from torch import Tensor


def outgoing(picture: Tensor) -> Tensor:
    """Return pictures or masks where ComfyUI keeps what goes from node to node.

    Args:
        picture: (batch, height, width, 3) RGB or (batch, height, width) masks, 0 to 1.
    """
    return picture.detach().float().clamp(0, 1).to(comfy.model_management.intermediate_device())


def gray(map_: Tensor) -> Tensor:
    """Return maps as RGB, (batch, height, width, 3).

    Args:
        map_: (batch, height, width) from 0 to 1.
    """
    return map_[..., None].expand(*map_.shape, 3)
