"""Fitting points to points: similarity transforms, and the scaled orthographic camera that sees landmarks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .topology import LANDMARKS, SKIN_LANDMARKS

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Similarity:
    """A rotation with scale and shift: p goes to scale * R p + shift.

    Attributes:
        rotation: (3, 3).
        scale: Above 0.
        shift: (3,).
    """

    rotation: Floats
    scale: float
    shift: Floats

    def apply(self, points: Floats) -> Floats:
        """Return moved points.

        Args:
            points: (..., 3).
        """
        return (self.scale * points @ self.rotation.T + self.shift).astype(np.float32)

    def undo(self, points: Floats) -> Floats:
        """Return points before they were moved.

        Args:
            points: (..., 3).
        """
        return ((points - self.shift) / self.scale @ self.rotation).astype(np.float32)


def fit_similarity(source: Floats, target: Floats) -> Similarity:
    """Return the similarity that takes points to others with the least squared error (Umeyama 1991, equations 34-43).

    Args:
        source: (N, 3).
        target: (N, 3).

    Raises:
        ValueError: The shapes differ, or the source is one point.
    """
    if source.shape != target.shape or source.ndim != 2 or source.shape[1] != 3:
        raise ValueError(f"`source` is {source.shape} and `target` {target.shape}; accepted are equal (N, 3).")
    from_mean, to_mean = source.mean(0, dtype=np.float64), target.mean(0, dtype=np.float64)
    centered, wanted = source - from_mean, target - to_mean
    u, values, v = np.linalg.svd(wanted.T @ centered / len(source))
    sign = np.array([1, 1, np.sign(np.linalg.det(u @ v))])
    variance = (centered**2).sum() / len(source)
    if not variance > 0:
        raise ValueError("`source` is one point; accepted are points that span space.")
    rotation, scale = (u * sign) @ v, float((values * sign).sum() / variance)
    return Similarity(rotation.astype(np.float32), scale, (to_mean - scale * rotation @ from_mean).astype(np.float32))


def fit_orthographic(shape: Doubles, seen: Doubles) -> tuple[Doubles, float, Doubles]:
    """Return rotation, scale and shift so that scale * (R p)[:2] + shift is nearest to where points are seen.

    The affine camera of least squares, then the nearest rotation (as in POS, DeMenthon & Davis 1995).

    Args:
        shape: (N, 3), not flat.
        seen: (N, 2), y up.
    """
    middle, center = shape.mean(0), seen.mean(0)
    solid = shape - middle
    rows = np.linalg.solve(solid.T @ solid, solid.T @ (seen - center)).T  # 3 unknowns: no need of an SVD of all points
    u, values, v = np.linalg.svd(rows, full_matrices=False)
    scale, across = float(values.mean()), u @ v
    rotation = np.stack([across[0], across[1], np.cross(across[0], across[1])])
    return rotation, scale, center - scale * rotation[:2] @ middle


def checked_landmarks(landmarks: Floats) -> Doubles:
    """Return the first two columns of landmarks, (468 or 478, 2), after checking them.

    Args:
        landmarks: (468 or 478, 2 or 3) in pixels.

    Raises:
        ValueError: Another shape, NaN, or all landmarks on a point or line.
    """
    points = np.asarray(landmarks, np.float64)
    if points.ndim != 2 or points.shape[0] not in (SKIN_LANDMARKS, LANDMARKS) or points.shape[1] not in (2, 3):
        raise ValueError(f"`landmarks` has shape {points.shape}; accepted are 468 or 478 points with 2 or 3 columns.")
    if not np.isfinite(points).all():
        raise ValueError("`landmarks` has values that are not finite; accepted are pixels.")
    off = points[:, :2] - points[:, :2].mean(0)
    narrow, wide = np.linalg.eigvalsh(off.T @ off).tolist()
    if not narrow > 1e-6 * max(wide, 1e-18):  # widths of a thousandth, squared
        raise ValueError("`landmarks` lie on a point or a line; accepted is a face.")
    return points[:, :2]
