"""Landmarks of training faces as detectors read them, so that the geometry network learns to read such landmarks.

Exact landmarks are never what it gets in use. The crop network is off where little is seen, and other detectors, such
as MediaPipe, mean slightly other places of the skin: a constant offset that looks like an expression.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from auface.recognition.crop_frame import CROP, CropFrame
from auface.recognition.face_reader import FaceReader
from auface.recognition.face_source import FaceSource
from auface.recognition.picture import Picture

from .cache import CACHED, MARGIN, FaceCache
from .export import looked
from .shape import ReadLandmarks


def read_by_crops(reader: FaceReader, cache: FaceCache, count: int | None = None) -> ReadLandmarks:
    """Return what the crop network reads of training faces.

    Args:
        reader: The networks.
        cache: The faces.
        count: Of how many, from all over the split; by default of all.
    """
    rows = _spread(cache, count)
    return ReadLandmarks(rows, np.stack([look.landmarks for look in looked(reader, cache, rows)]))


def read_by_source(source: FaceSource, cache: FaceCache, count: int | None = None) -> ReadLandmarks:
    """Return what another source reads of training faces; faces that it does not find are left out.

    Args:
        source: The source.
        cache: The faces.
        count: Of how many, from all over the split; by default of all.
    """
    rows: list[int] = []
    found: list[np.ndarray] = []
    frame = CropFrame(CACHED / 2, CACHED / 2, CACHED / MARGIN)
    for row in _spread(cache, count).tolist():
        faces = source.faces(Picture(np.asarray(cache.crops[row])))
        exact = frame.to_picture(cache.landmarks[row].astype(np.float32) * CROP + [CROP / 2, CROP / 2, 0], CROP)
        off = [float(np.linalg.norm(face.landmarks[:468, :2] - exact[:468, :2], axis=1).mean()) for face in faces]
        if off and min(off) < 0.1 * CACHED:
            rows.append(row)
            found.append(faces[int(np.argmin(off))].landmarks)
    return ReadLandmarks(np.array(rows), np.stack(found).astype(np.float32))


def _spread(cache: FaceCache, count: int | None) -> NDArray[np.int64]:
    rows = cache.rows("train")
    return rows if count is None else rows[np.linspace(0, len(rows) - 1, min(count, len(rows))).astype(np.int64)]


def save_landmarks(read: ReadLandmarks, path: Path) -> None:
    """Write landmarks, to be opened by `ReadLandmarks.load`.

    Args:
        read: The landmarks.
        path: A .npz file.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez(path, rows=read.rows, landmarks=read.landmarks.astype(np.float32))
