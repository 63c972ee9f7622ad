"""How much each latent counts for the loss: the face, its parts and the rest, from the landmarks of a picture."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from auface.structure.rasterizer import averaged, rasterize
from auface.structure.surface import FacePart, surface
from auface.structure.topology import topology

_FINER = 4  # pixels that are looked at along each side of a latent


def face_shares(landmarks: NDArray[np.float32], height: int, width: int) -> Tensor:
    """Return (2, height, width): the share of each cell that is face, and that which is brow, eye, nose or mouth.

    Args:
        landmarks: (478, 2) x, y in cells; cells that lie beyond the grid are left out.
        height: Height of the grid in cells.
        width: Width of the grid in cells.
    """
    shared = surface()
    depth = 10 - torch.from_numpy(topology().neutral[:, 2].astype(np.float32))
    vertices = torch.cat([torch.from_numpy(landmarks) * _FINER, depth[:, None]], 1)
    vertices = torch.cat([vertices, vertices[shared.ring] + torch.tensor([0.0, 0.0, 1.0])])
    fragments = rasterize(vertices[None], shared.triangles, height * _FINER, width * _FINER)
    part = torch.where(fragments.triangle >= 0, shared.parts[fragments.triangle.clamp_min(0)], 0)[0]
    face = part != FacePart.BACKGROUND
    feature = face & (part != FacePart.SKIN)
    return averaged(torch.stack([face, feature], -1).float()[None], _FINER)[0].permute(2, 0, 1)


def loss_weights(shares: Tensor, background: float, parts: float) -> Tensor:
    """Return the (batch, 1, height, width) weights of latents, 1 on average for each picture.

    Args:
        shares: (batch, 2, height, width) as `face_shares` makes them.
        background: Weight outside the face, 0 to 1.
        parts: Weight of brows, eyes, nose and mouth, 1 or more.
    """
    face, feature = shares[:, :1], shares[:, 1:]
    weights = background + (1 - background) * face + (parts - 1) * feature
    return weights / weights.mean((1, 2, 3), keepdim=True).clamp_min(1e-3)
