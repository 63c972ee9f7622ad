"""Which shape a step of the cascade should come to: the one of its components that lies nearest to landmarks."""

from __future__ import annotations

import torch
from torch import Tensor

from auface.recognition.face_network import FaceNetwork

_ROUNDS = 6
_DEPTH = 0.4  # a depth that is off counts as in the losses
_AT_ONCE = 2000


def target_shapes(network: FaceNetwork, shapes: Tensor, points: Tensor, weights: Tensor) -> Tensor:
    """Return (N, components + 5) shapes that show landmarks; their score stays.

    Weights of components and the similarity are fitted in turn.

    Args:
        network: Has the components.
        shapes: (N, components + 5) to begin with.
        points: (N, 478, 3) landmarks in sides of the crop, from its middle.
        weights: (478,) how much each landmark counts.
    """
    count, basis = network.config.components, network.basis.flatten(1)
    each = (weights[:, None] * torch.tensor([1.0, 1.0, _DEPTH**2])).flatten()
    normal = torch.linalg.inv((basis * each) @ basis.T + 1e-6 * torch.eye(count))
    found = list[Tensor]()
    for shape, seen in zip(shapes.split(_AT_ONCE), points.split(_AT_ONCE), strict=True):
        fitted = shape.clone()
        for _ in range(_ROUNDS):
            back = _straightened(seen, fitted[:, count:]) - network.mean
            fitted[:, :count] = ((back.flatten(1) * each) @ basis.T) @ normal
            straight = network.mean + torch.einsum("bk,kpc->bpc", fitted[:, :count], network.basis)
            fitted[:, count : count + 4] = _similarity(straight[..., :2], seen[..., :2], weights)
        found.append(fitted)
    return torch.cat(found)


def shape_metric(network: FaceNetwork, shapes: Tensor, weights: Tensor) -> Tensor:
    """Return (components + 4, components + 4) a factor that makes differences of shapes as long as those of landmarks.

    Args:
        network: Has the components.
        shapes: (N, components + 5); lengths are those near their mean.
        weights: (478,) how much each landmark counts.
    """
    score = shapes[:1, -1:]

    def shown(shape: Tensor) -> Tensor:
        return network.points(torch.cat([shape[None], score], 1))[0].flatten()

    turned = torch.autograd.functional.jacobian(shown, shapes[:, :-1].mean(0))
    each = (weights.sqrt()[:, None] * torch.tensor([1.0, 1.0, _DEPTH])).flatten() / weights.sum().sqrt()
    turned = turned * each[:, None] * network.config.crop
    return torch.linalg.cholesky(turned.T @ turned + 1e-8 * torch.eye(turned.shape[1]))


def _straightened(points: Tensor, moved: Tensor) -> Tensor:
    """Return landmarks as they are before `FaceNetwork.points` turns, scales and shifts them."""
    real, imaginary, x, y = (moved[:, at, None] for at in range(4))
    square = (1 + real) ** 2 + imaginary**2
    a, b = (1 + real) / square, -imaginary / square
    left, top = points[..., 0] - x, points[..., 1] - y
    return torch.stack([a * left - b * top, b * left + a * top, points[..., 2] / square.sqrt()], -1)


def _similarity(straight: Tensor, seen: Tensor, weights: Tensor) -> Tensor:
    """Return (B, 4) the similarity that takes (B, 478, 2) points to others: real part less 1, imaginary part, shift."""
    share = (weights / weights.sum())[:, None]
    middle, other = (straight * share).sum(1), (seen * share).sum(1)
    near, far = straight - middle[:, None], seen - other[:, None]
    square = (near.square() * share).sum((1, 2))
    real = (near * far * share).sum((1, 2)) / square
    imaginary = ((near[..., 0] * far[..., 1] - near[..., 1] * far[..., 0]) * share[:, 0]).sum(1) / square
    x = other[:, 0] - (real * middle[:, 0] - imaginary * middle[:, 1])
    y = other[:, 1] - (imaginary * middle[:, 0] + real * middle[:, 1])
    return torch.stack([real - 1, imaginary, x, y], 1)
