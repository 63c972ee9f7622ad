"""`quick_norms`: group normalization that learns several times faster on a CPU, with the same results.

PyTorch's group normalization is slow for channels-last tensors with few channels in a group, the backward pass always,
the forward pass for small pictures: it takes half of an autoencoder's training step. This is a few passes over memory.
"""

from __future__ import annotations

from typing import Any, cast

import torch
from torch import Tensor, nn

_LARGE = 1024  # pixels, from which PyTorch's forward pass is quick too


def quick_norms(module: nn.Module) -> nn.Module:
    """Make all group normalizations of a module quick, in place.

    Args:
        module: Any module; its parameters keep their names.

    Returns:
        The same module.
    """
    for part in module.modules():
        if type(part) is nn.GroupNorm and part.affine:
            part.__class__ = _QuickGroupNorm
    return module


class _QuickGroupNorm(nn.GroupNorm):
    def forward(self, input: Tensor) -> Tensor:
        if input.device.type != "cpu" or input.ndim != 4:
            return super().forward(input)
        value = input.contiguous(memory_format=torch.channels_last)
        return cast(Tensor, _GroupNorm.apply(value, self.weight, self.bias, self.num_groups, self.eps))


class _GroupNorm(torch.autograd.Function):
    """The gradient of arXiv 1803.08494, eq. 1 and 7, in sums over the picture and products by channel."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, bias: Tensor, groups: int, eps: float) -> Tensor:
        batch, channels, height, width = x.shape
        if height * width < _LARGE:
            y, mean, rate = _normalized(x, weight, bias, groups, eps)
        else:
            y, mean, rate = torch.native_group_norm(x, weight, bias, batch, channels, height * width, groups, eps)
        ctx.save_for_backward(x, weight, mean.float(), rate.float())
        ctx.groups = groups
        return y

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, Tensor, Tensor, None, None]:
        x, weight, mean, rate = ctx.saved_tensors
        groups = ctx.groups
        batch, channels, height, width = x.shape
        count = height * width * (channels // groups)
        flat, wanted = _flat(x), _flat(gradients[0])
        total = wanted.sum(1).float().view(batch, groups, -1)
        along = (wanted * flat).sum(1).float().view(batch, groups, -1)
        along = (along - mean[:, :, None] * total) * rate[:, :, None]
        gain = weight.view(1, groups, -1)
        mean_total, mean_along = (total * gain).sum(2) / count, (along * gain).sum(2) / count
        slope = (-rate.square() * mean_along)[:, :, None].expand(-1, -1, channels // groups)
        level = (rate.square() * mean_along * mean - rate * mean_total)[:, :, None].expand(-1, -1, channels // groups)
        dx = torch.addcmul(_row(level, x), flat, _row(slope, x)).addcmul_(wanted, _row(rate[:, :, None] * gain, x))
        dx = dx.view(batch, height, width, channels).permute(0, 3, 1, 2)
        return dx, along.sum(0).flatten(), total.sum(0).flatten(), None, None


def _normalized(x: Tensor, weight: Tensor, bias: Tensor, groups: int, eps: float) -> tuple[Tensor, Tensor, Tensor]:
    batch, channels, height, width = x.shape
    count = height * width * (channels // groups)
    flat = _flat(x)
    mean = flat.sum(1, dtype=torch.float32).view(batch, groups, -1).sum(2) / count
    square = torch.linalg.vector_norm(flat, dim=1, dtype=torch.float32).square()
    variance = square.view(batch, groups, -1).sum(2) / count - mean.square()
    rate = variance.clamp_min(0).add(eps).rsqrt()
    scale = rate[:, :, None] * weight.view(groups, -1)
    shift = bias.view(groups, -1) - mean[:, :, None] * scale
    y = torch.addcmul(_row(shift, x), flat, _row(scale, x))
    return y.view(batch, height, width, channels).permute(0, 3, 1, 2), mean, rate


def _flat(x: Tensor) -> Tensor:
    return x.permute(0, 2, 3, 1).reshape(x.shape[0], -1, x.shape[1])


def _row(values: Tensor, like: Tensor) -> Tensor:
    return values.reshape(like.shape[0], 1, -1).to(like.dtype)
