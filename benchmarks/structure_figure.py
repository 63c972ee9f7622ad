"""The figure: twelve conflicts as the composed truth, ours, and the linear yardstick show them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageDraw
from structure_truth import Faces, percent, truth

from auface.facs import Expression, resolve
from auface.structure.camera import portrait_camera
from auface.structure.landmark_drawing import landmark_map
from auface.structure.model import StructureModel
from auface.structure.surface import FacePart
from auface.structure.surface_map import surface_maps
from auface.structure.yardstick import LinearYardstick

CONFLICTS = (
    *("12E+15E", "1E+4E", "5E+43E", "24E+27E", "18E+20E", "25E+24E"),
    *("10E+15E+17E", "28E+26E", "22E+24E", "16E+17E", "12E+18E", "5E+7E"),
)
"""Requests that no face can do fully."""

_CELL = 200
_LIGHT = np.array([0.35, 0.45, 0.82], np.float32)


def draw_conflicts(
    model: StructureModel, yardstick: LinearYardstick, face: Faces, conflicts: tuple[str, ...], path: Path
) -> None:
    """Draw three faces for each request: truth, ours, linear; two requests a row.

    Args:
        model: Ours.
        yardstick: The linear way.
        face: One person.
        conflicts: FACS notation.
        path: Where to write the PNG.
    """
    rows: list[np.ndarray] = []
    blocks: list[np.ndarray] = []
    for notation in conflicts:
        asked = Expression.parse(notation)
        right = truth(face, [resolve(asked)])
        ours = model.structure(asked, neutral=face.neutral[0]).displacement[None]
        linear = yardstick.displacement([asked])
        names = (
            f"{notation}: truth",
            f"ours {percent(ours, right):.2f} %",
            f"linear {percent(linear, right):.2f} %",
        )
        cells = [
            _cell(face.neutral[0] + d[0], face.neutral[0], n) for d, n in zip((right, ours, linear), names, strict=True)
        ]
        blocks.append(np.concatenate(cells, 1))
        if len(blocks) == 2:
            rows.append(np.concatenate(blocks, 1))
            blocks = []
    Image.fromarray(np.concatenate(rows)).save(path, optimize=True)


def _cell(points: np.ndarray, neutral: np.ndarray, name: str) -> np.ndarray:
    camera = portrait_camera(neutral, _CELL, zoom=1.05)
    tensor = torch.from_numpy(points.astype(np.float32))[None]
    maps = surface_maps(tensor, torch.eye(3), camera, _CELL, _CELL)
    shade = 0.2 + 0.8 * np.clip(maps.normals[0].numpy() @ _LIGHT, 0, 1)
    clay = shade[..., None] * np.array([0.86, 0.80, 0.76]) * maps.coverage[0].numpy()[..., None]
    inside = maps.mask(FacePart.MOUTH)[0].numpy()[..., None]
    clay = clay * (1 - 0.75 * inside)
    lines = landmark_map(camera.project(tensor), _CELL, _CELL)[0].numpy()
    cover = lines.max(-1, keepdims=True)
    picture = Image.fromarray((255 * np.clip(clay * (1 - cover) + lines, 0, 1)).astype(np.uint8))
    ImageDraw.Draw(picture).text((4, 2), name, fill=(240, 240, 240))
    return np.asarray(picture)
