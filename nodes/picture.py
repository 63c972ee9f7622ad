"""Pictures between ComfyUI, where channels come last, and the package; the only place that knows ComfyUI's layout."""

from __future__ import annotations

from typing import TYPE_CHECKING

import comfy.model_management
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

if TYPE_CHECKING:
    from PIL.Image import Image


def outgoing(picture: Tensor) -> Tensor:
    """Return pictures or masks where ComfyUI keeps what goes from node to node.

    Args:
        picture: (batch, height, width, 3) RGB or (batch, height, width) masks, 0 to 1.
    """
    return picture.detach().float().clamp(0, 1).to(comfy.model_management.intermediate_device())


def pixels(picture: Tensor) -> NDArray[np.uint8]:
    """Return one picture of ComfyUI as bytes, (height, width, 3) RGB.

    Args:
        picture: (height, width, 3 or more) from 0 to 1.
    """
    return (picture[..., :3].detach().cpu().float().clamp(0, 1).numpy() * 255 + 0.5).astype(np.uint8)


def pillow(picture: NDArray[np.uint8]) -> Image:
    """Return bytes as Pillow has them.

    Args:
        picture: (height, width, 3) RGB.
    """
    from PIL import Image

    return Image.fromarray(picture)


def tensor(picture: Image) -> Tensor:
    """Return a Pillow image as ComfyUI's batch of one, (1, height, width, 3).

    Args:
        picture: Of any mode.
    """
    return outgoing(torch.from_numpy(np.asarray(picture.convert("RGB"), np.float32) / 255)[None])


def gray(map_: Tensor) -> Tensor:
    """Return maps as RGB, (batch, height, width, 3).

    Args:
        map_: (batch, height, width) from 0 to 1.
    """
    return map_[..., None].expand(*map_.shape, 3)
