"""Networks for use: batch normalization folded into the convolution before it, which says the same in less time."""

from __future__ import annotations

import copy
from typing import TypeVar

from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

Network = TypeVar("Network", bound=nn.Module)


def folded(network: Network) -> Network:
    """Return a copy that only reads: each convolution that is followed by batch normalization does both.

    Args:
        network: A trained network; it is not changed.
    """
    made = copy.deepcopy(network).train(False).requires_grad_(False)
    for part in made.modules():
        if isinstance(part, nn.Sequential):
            _fold(part)
    return made


def _fold(layers: nn.Sequential) -> None:
    for place in range(len(layers) - 1):
        convolution, normal = layers[place], layers[place + 1]
        if isinstance(convolution, nn.Conv2d) and isinstance(normal, nn.BatchNorm2d):
            layers[place] = fuse_conv_bn_eval(convolution, normal)
            layers[place + 1] = nn.Identity()
