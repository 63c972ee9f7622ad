"""`landmark_map`: landmarks drawn as existing face ControlNets and ComfyUI draw them.

`controlnet` is the annotation of ControlNetMediaPipeFace (CrucibleAI; colors and sizes as in its public annotator):
oval, eyes, brows and lips in fixed colors, lines 2 pixels thick at 512 pixels, each pupil a square of 4 pixels, on
black. `comfyui` is what ComfyUI's node "Visualize Face Landmarks (MediaPipe)" draws by default: oval, eyes, brows,
lips, irises and nose as green lines of 1 pixel, and every landmark a dot of 2 pixels across. Both draw hard edges; here
edges are antialiased, and `controlnet` grows with the picture.
"""

from __future__ import annotations

from functools import cache
from typing import Literal, get_args

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from .drawing import disc_coverage, line_coverage, window
from .precision import full_precision
from .topology import LEFT_IRIS, RIGHT_IRIS, topology

LandmarkStyle = Literal["controlnet", "comfyui"]
"""Whose drawing."""

STYLES: tuple[LandmarkStyle, ...] = get_args(LandmarkStyle)
"""All styles."""

PART_COLORS: dict[str, tuple[int, int, int]] = {
    "face_oval": (10, 200, 10),
    "left_eye": (10, 200, 180),
    "left_eyebrow": (10, 220, 180),
    "right_eye": (180, 200, 10),
    "right_eyebrow": (180, 220, 10),
    "lips": (10, 180, 10),
}
"""Edge set -> RGB of the style `controlnet`, in the order of drawing; left and right are the subject's."""

PUPIL_COLORS: dict[int, tuple[int, int, int]] = {RIGHT_IRIS[0]: (250, 200, 10), LEFT_IRIS[0]: (10, 200, 250)}
"""Landmark -> RGB of the pupils of the style `controlnet`."""

_COMFYUI_PARTS = ("contours", "irises", "nose")
_GREEN = (0, 255, 0)


@full_precision
def landmark_map(pixels: Tensor, height: int, width: int, style: LandmarkStyle = "controlnet") -> Tensor:
    """Draw landmarks.

    Args:
        pixels: (batch, 478, 2 or more) x and y in pixels.
        height: Height of the picture in pixels.
        width: Width of the picture in pixels.
        style: `controlnet` or `comfyui`.

    Returns:
        (batch, height, width, 3) RGB from 0 to 1 on black.

    Raises:
        ValueError: Unknown style, or another shape.
    """
    if style not in STYLES:
        raise ValueError(f"`style` is {style!r}; accepted are {', '.join(map(repr, STYLES))}.")
    if pixels.ndim != 3 or pixels.shape[1] != 478 or pixels.shape[2] < 2:
        raise ValueError(f"`pixels` has shape {tuple(pixels.shape)}; accepted is (batch, 478, 2 or more).")
    points = pixels[..., :2].float()
    picture = torch.zeros(points.shape[0], height, width, 3, device=points.device)
    unit = min(height, width) / 512
    # Most of a picture is no face.
    top, bottom, left, right = window(points, height, width, margin=2 + 2 * unit)
    here, points = picture[:, top:bottom, left:right], points - points.new_tensor([left, top])
    (_draw_comfyui if style == "comfyui" else _draw_controlnet)(here, points, unit)
    return picture


def _draw_comfyui(picture: Tensor, points: Tensor, unit: float) -> None:
    """Draw the style `comfyui` over a picture, in place; its lines do not grow with the picture."""
    height, width = picture.shape[1:3]
    pairs = torch.cat([torch.from_numpy(topology().edges[name]) for name in _COMFYUI_PARTS]).to(points.device)
    lines = line_coverage(points[:, pairs[:, 0]], points[:, pairs[:, 1]], 1.0, height, width)
    dots = disc_coverage(points, torch.ones(points.shape[:2], device=points.device), height, width)
    picture[:] = _blended(picture, torch.maximum(lines, dots)[..., None], (_GREEN,))


@cache
def _part_lines() -> NDArray[np.int64]:
    """Return both ends of the lines of each part, (2, parts, lines); parts with fewer lines have some of them again."""
    edges = topology().edges
    longest = max(len(edges[name]) for name in PART_COLORS)
    return np.stack([np.resize(edges[name], (longest, 2)) for name in PART_COLORS]).transpose(2, 0, 1).copy()


def _draw_controlnet(picture: Tensor, points: Tensor, unit: float) -> None:
    """Draw the style `controlnet` over a picture, in place; `unit` is the width of a pixel at 512 pixels."""
    batch, height, width = picture.shape[:3]
    pairs = torch.from_numpy(_part_lines()).to(points.device)
    ends = points.index_select(1, pairs.view(-1)).view(batch, *pairs.shape, 2)
    start, end = ends.permute(1, 2, 0, 3, 4).flatten(1, 2)  # all parts of all pictures at once
    covered = line_coverage(start, end, 2 * unit, height, width).view(len(PART_COLORS), -1)
    touched = covered.amax(0).nonzero().squeeze(1)
    black = points.new_zeros(len(touched), 3)
    colors = _blended(black, covered.index_select(1, touched).T, tuple(PART_COLORS.values()))
    row = touched // width
    picture[row // height, row % height, touched % width] = colors
    for landmark, color in PUPIL_COLORS.items():
        top, bottom, left, right = window(points[:, landmark], height, width, margin=2 + 2 * unit)
        here = picture[:, top:bottom, left:right]
        center = points[:, landmark] - points.new_tensor([left, top])
        covered = _square(center, 2 * unit, bottom - top, right - left)
        here[:] = _blended(here, covered[..., None], (color,))


def _blended(below: Tensor, coverage: Tensor, colors: tuple[tuple[int, int, int], ...]) -> Tensor:
    """Return pixels, (..., 3), after colors were drawn over them, one after the other.

    Args:
        below: (..., 3) the pixels before.
        coverage: (..., colors) how much each color covers.
        colors: RGB from 0 to 255.
    """
    for place, color in enumerate(colors):
        share = coverage[..., place, None]
        below = below + share * (below.new_tensor(color) / 255 - below)
    return below


def _square(center: Tensor, half: float, height: int, width: int) -> Tensor:
    x = torch.arange(width, device=center.device) + 0.5
    y = torch.arange(height, device=center.device) + 0.5
    across = (half + 0.5 - (x - center[:, 0, None]).abs()).clamp(0, 1)
    down = (half + 0.5 - (y - center[:, 1, None]).abs()).clamp(0, 1)
    return down[:, :, None] * across[:, None, :]
