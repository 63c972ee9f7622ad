"""`Paint`: the colors of a plain head, by part and by place on the base mesh."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from auface.autext.head_description import HeadDescription, Light
from auface.autext.heads.renderer import Part

from .face_pack import FacePack

if TYPE_CHECKING:
    import torch

# Linear albedo.
_LIGHT_SKIN = (0.78, 0.53, 0.41)
_DARK_SKIN = (0.095, 0.05, 0.032)
_LIPS = (0.95, 0.55, 0.55)  # times the skin
_EYE_WHITE = (0.72, 0.70, 0.68)
_TEETH = (0.75, 0.72, 0.62)
_TONGUE = (0.26, 0.07, 0.065)
_MOUTH = (0.055, 0.016, 0.015)
_CLOTHES = (0.12, 0.14, 0.17)
_IRISES = {
    "blue": (0.12, 0.22, 0.38),
    "bluegreen": (0.10, 0.24, 0.26),
    "brown": (0.075, 0.032, 0.014),
    "brownlight": (0.17, 0.085, 0.035),
    "deepblue": (0.05, 0.11, 0.28),
    "green": (0.11, 0.18, 0.06),
    "grey": (0.22, 0.25, 0.27),
    "lightblue": (0.25, 0.38, 0.48),
}
_IRIS, _PUPIL = 0.062, 0.026  # radius on the base mesh, dm
_COLLAR = 5.72  # height at which clothes begin, dm
_OPEN = 0.16  # dm between the lips at which teeth are fully lit
_WRAP = 0.35  # how far soft skin carries light past the edge of a shadow


class Paint:
    """Colors the pixels of heads of one pack.

    Attributes:
        attributes: (vertices, 4) float32: place on the base mesh in dm, and the red of the lips.
    """

    def __init__(self, pack: FacePack, device: torch.device) -> None:
        """Put what does not change on the device.

        Args:
            pack: The arrays of the head.
            device: Torch device.
        """
        import torch

        self.attributes = torch.from_numpy(np.concatenate([pack.vertices, pack.lips[:, None]], 1)).to(device)
        self._parts = torch.from_numpy(pack.parts.astype(np.int64)).to(device)
        centers = (pack.eye_centers.astype(np.float64) @ pack.vertices)[:, :2]
        self._eyes = torch.from_numpy(centers).float().to(device)

    def labels(self, triangle: torch.Tensor, values: torch.Tensor) -> torch.Tensor:
        """Return the part that each pixel shows, (height, width) int64.

        Args:
            triangle: (height, width) number of the triangle, or -1.
            values: (height, width, 4 or more) interpolated `attributes`.
        """
        import torch

        label = torch.where(triangle >= 0, self._parts[triangle.clamp_min(0)], int(Part.BACKGROUND))
        skin = label == Part.SKIN
        x, y, z = values[..., 0].abs(), values[..., 1], values[..., 2]
        label = torch.where(skin & (values[..., 3] > 0.5), int(Part.LIPS), label)
        label = torch.where(skin & (_brow(x, y, z) > 0.5), int(Part.BROWS), label)
        label = torch.where(skin & (_hair(y, z) > 0.5), int(Part.HAIR), label)
        below = skin & (y < 6.2) & (z < 0.45 + (y - 5.6))
        label = torch.where(below, int(Part.NECK), label)
        return torch.where((triangle >= 0) & (y < _COLLAR), int(Part.CLOTHES), label)

    def colors(
        self, labels: torch.Tensor, values: torch.Tensor, description: HeadDescription, gap: float
    ) -> torch.Tensor:
        """Return linear light, (height, width, 3).

        Args:
            labels: (height, width), as `labels` returns.
            values: (height, width, 7) interpolated `attributes` and, in the last three places, normals.
            description: Colors and light.
            gap: How far the lips are apart, dm; little light falls between nearly closed lips.
        """
        import torch

        look, light = description.identity.look, description.view.light

        color = _palette(values)

        tone = look.tone**0.85
        skin = [a ** (1 - tone) * b**tone for a, b in zip(_LIGHT_SKIN, _DARK_SKIN, strict=True)]
        skin[0] *= 1 - 0.04 * look.undertone
        skin[2] *= 1 - 0.10 * look.undertone
        own = color(*skin).expand(*labels.shape, 3)
        x, y, z = values[..., 0], values[..., 1], values[..., 2]
        lips = values[..., 3:4].clamp(0, 1)
        albedo = own * (1 - lips) + own * color(*_LIPS) * lips
        hair = color(*look.hair_color)
        brow = _brow(x.abs(), y, z)[..., None] * 0.9
        albedo = albedo * (1 - brow) + 0.6 * hair * brow
        scalp = _hair(y, z)[..., None] * (labels != Part.EARS)[..., None]
        albedo = albedo * (1 - scalp) + hair * scalp
        albedo = torch.where(_is(labels, Part.EYES), self._eye(x, y, look.eyes), albedo)
        yellow = look.teeth_yellow
        teeth = color(*_TEETH) * color(1, 1 - 0.1 * yellow, 1 - 0.35 * yellow)
        albedo = torch.where(_is(labels, Part.TEETH), teeth, albedo)
        albedo = torch.where(_is(labels, Part.TONGUE), color(*_TONGUE), albedo)
        albedo = torch.where(_is(labels, Part.MOUTH), color(*_MOUTH), albedo)
        albedo = torch.where(_is(labels, Part.CLOTHES), color(*_CLOTHES), albedo)
        within = _is(labels, Part.TEETH) | _is(labels, Part.TONGUE)
        albedo = torch.where(within, albedo * min(1.0, 0.06 + gap / _OPEN), albedo)
        return albedo * _shade(torch.nn.functional.normalize(values[..., -3:], dim=-1), light)[..., None]

    def _eye(self, x: torch.Tensor, y: torch.Tensor, name: str) -> torch.Tensor:
        import torch

        centers = self._eyes
        center = torch.where((x > 0)[..., None], centers[0], centers[1])
        radius = ((x - center[..., 0]) ** 2 + (y - center[..., 1]) ** 2).sqrt()
        iris = _step(_IRIS + 0.008, _IRIS - 0.008, radius)[..., None]
        pupil = _step(_PUPIL + 0.006, _PUPIL - 0.006, radius)[..., None]
        white, tint = x.new_tensor(_EYE_WHITE), x.new_tensor(_IRISES.get(name, _IRISES["brown"]))
        rim = 0.45 + 0.55 * _step(_IRIS, _IRIS - 0.02, radius)[..., None]
        return (white * (1 - iris) + tint * rim * iris) * (1 - pupil) + 0.004 * pupil


def _palette(like: torch.Tensor) -> Callable[..., torch.Tensor]:
    return lambda *rgb: like.new_tensor(rgb)


def _is(labels: torch.Tensor, part: Part) -> torch.Tensor:
    return (labels == part)[..., None]


def _step(start: float, end: float, value: torch.Tensor) -> torch.Tensor:
    """Return 0 at `start` and beyond, 1 at `end` and beyond, smooth between."""
    share = ((value - start) / (end - start)).clamp(0, 1)
    return share * share * (3 - 2 * share)


def _brow(x: torch.Tensor, y: torch.Tensor, z: torch.Tensor) -> torch.Tensor:
    """Return how much of a pixel is brow, by place on the base mesh (x toward the outside), 0 to 1."""
    along = ((x - 0.11) / 0.43).clamp(0, 1)
    middle = 7.475 + 0.055 * along - 0.11 * (along - 0.62).clamp_min(0) * 2
    half = 0.034 * (1 - 0.65 * along) + 0.004
    inside = _step(0.10, 0.13, x) * _step(0.55, 0.50, x) * _step(0.9, 1.0, z)
    return inside * _step(1.3, 0.7, (y - middle).abs() / half)


def _hair(y: torch.Tensor, z: torch.Tensor) -> torch.Tensor:
    """Return how much of a pixel is hair, by place on the base mesh, 0 to 1."""
    line = 7.98 - 0.95 * (1.15 - z).clamp_min(0)
    return _step(-0.03, 0.05, y - line)


def _shade(normal: torch.Tensor, light: Light) -> torch.Tensor:
    """Return the light that falls on each pixel: a key light of the front half, and gray light from above."""
    turn, rise = math.radians(light.turn * 0.35), math.radians(35)
    key = normal.new_tensor((math.sin(turn) * math.cos(rise), math.sin(rise), math.cos(turn) * math.cos(rise)))
    facing = ((normal * key).sum(-1) + _WRAP) / (1 + _WRAP)
    above = 0.65 + 0.35 * normal[..., 1]
    return light.key * facing.clamp_min(0) + light.fill * above


def background(description: HeadDescription, size: int, device: torch.device) -> torch.Tensor:
    """Return what is behind the head as linear light, (size, size, 3): a color that falls off toward the corners.

    Args:
        description: Whose background.
        size: Height and width in pixels.
        device: Torch device.
    """
    import torch

    across = torch.linspace(-1, 1, size, device=device)
    falloff = 1 - 0.35 * (across[:, None, None] ** 2 + across[None, :, None] ** 2) / 2
    return torch.tensor([value**2.2 for value in description.view.background.color], device=device) * falloff
