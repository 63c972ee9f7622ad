"""The head pack: one folder of meshes, shapes, pictures and lights, read from where the user keeps it.

Nothing of it is shipped. Units are decimeters, x toward the subject's left, y up, z forward. Every file is compared
with its SHA-256 in `pack_manifest` before it is read, so that the same description means the same picture everywhere.
"""

from __future__ import annotations

import hashlib
import io
import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .pack_manifest import FILES, VERSION

Floats = NDArray[np.floating[Any]]
"""Real numbers; what is stored or drawn is float32."""

Integers = NDArray[np.integer[Any]]
"""Numbers of vertices and the like."""

WHERE_FROM = (
    "The head pack is a folder with geometry.npz, landmarks478.npz and the folders proxies, skins and hdri, made from "
    "MakeHuman (CC0), ICT-FaceKit (MIT), Poly Haven (CC0) and MediaPipe (Apache-2.0); docs/heads.md says how to get "
    "it. Heads without it: --renderer torch, after pip install 'auface[heads]'"
)
"""What an error says when the pack is missing."""

LOWEST_SKIN = 4.2
"""Skin below this height of the base mesh, in dm, is never in a portrait."""


@dataclass(frozen=True, slots=True, eq=False)
class FittedPart:
    """Eyes, teeth, hair and so on: a mesh whose vertices follow three vertices each of the base mesh.

    Attributes:
        name: `kind/name`, such as "hair/long01".
        reference: (N, 3) vertices of the base mesh.
        weight: (N, 3) their weights.
        offset: (N, 3) what is added, in units of the local scale of the head.
        scale_reference: (3, 2) pairs of base vertices whose distance along x, y and z is the local scale.
        scale_divisor: (3,) their distances in the base mesh, dm.
        triangles: (T, 3) into the vertices.
        uvs: (U, 2), v upward.
        triangle_uvs: (T, 3) into `uvs`.
        hidden: Vertices of the base mesh that this part covers.
        openness: (N,) baked ambient occlusion, 0 (dark) to 1 (open).
    """

    name: str
    reference: Integers
    weight: Floats
    offset: Floats
    scale_reference: Integers
    scale_divisor: Floats
    triangles: Integers
    uvs: Floats
    triangle_uvs: Integers
    hidden: Integers
    openness: Floats

    def fitted(self, vertices: Floats) -> Floats:
        """Return (N, 3) vertices on a head, in dm.

        Args:
            vertices: (B, 3) the base mesh of that head.
        """
        low, high = vertices[self.scale_reference[:, 0]], vertices[self.scale_reference[:, 1]]
        scale = np.abs(np.diagonal(low) - np.diagonal(high)) / self.scale_divisor
        return self.carried(vertices) + self.offset * scale.astype(np.float32)

    def carried(self, values: Floats) -> Floats:
        """Return what the vertices of this part take over from the base mesh.

        Args:
            values: (B, ...) values of the vertices of the base mesh.
        """
        weight = self.weight if values.ndim == 1 else self.weight[..., None]
        return sum(values[self.reference[:, k]] * weight[:, k] for k in range(3))  # pyright: ignore[reportReturnType]


class HeadPack:
    """The head pack in a folder. Files are read when they are first needed.

    Args:
        root: Its folder.

    Raises:
        ValueError: The folder is not there, files are missing, or (when they are read) differ from the manifest.
    """

    def __init__(self, root: Path | None) -> None:
        if root is None:
            raise ValueError(f"`heads` is not given; accepted is the folder of the head pack. {WHERE_FROM}.")
        if missing := [name for name in FILES if not (root / name).is_file()]:
            first = f"{missing[0]} and {len(missing) - 1} more files are" if missing[1:] else f"{missing[0]} is"
            raise ValueError(f"`heads` is {str(root)!r}, but {first} not there. {WHERE_FROM}.")
        self.root = root
        self._parts: dict[tuple[str, str], FittedPart] = {}

    def read(self, name: str) -> bytes:
        """Return the content of a file after comparing it with the manifest.

        Args:
            name: Path inside the pack.

        Raises:
            ValueError: The pack has no such file, or it is not the one that AUFace was made for.
        """
        if name not in FILES:
            raise ValueError(f"the head pack has no file {name!r}.")
        content = (self.root / name).read_bytes()
        if hashlib.sha256(content).hexdigest() != FILES[name]:
            raise ValueError(
                f"{self.root / name} is not the file of head pack version {VERSION}: its SHA-256 differs. {WHERE_FROM}."
            )
        return content

    def arrays(self, name: str) -> dict[str, NDArray[Any]]:
        """Return the arrays of an .npz file.

        Args:
            name: Path inside the pack.
        """
        with np.load(io.BytesIO(self.read(name))) as file:
            return {key: file[key] for key in file.files}

    @cached_property
    def geometry(self) -> dict[str, NDArray[Any]]:
        """The base mesh with its sparse targets and modes, as stored."""
        return self.arrays("geometry.npz")

    @cached_property
    def base(self) -> Floats:
        """(B, 3) vertices of the base mesh, dm."""
        return self.geometry["vertices"]

    @cached_property
    def index(self) -> dict[tuple[str, str], dict[str, Any]]:
        """(kind, name) -> what the pack says of a fitted part."""
        entries = json.loads(self.read("proxies/index.json"))
        return {(entry["kind"], entry["name"]): entry for entry in entries}

    @cached_property
    def skins(self) -> dict[str, dict[str, Any]]:
        """Name -> what the pack says of a skin picture."""
        return json.loads(self.read("skins/skins.json"))

    @cached_property
    def _targets(self) -> dict[str, slice]:
        start = self.geometry["target_start"]
        names = map(str, self.geometry["target_names"])
        return {name: slice(a, b) for name, a, b in zip(names, start[:-1], start[1:], strict=True)}

    @cached_property
    def _modes(self) -> dict[str, int]:
        return {str(name): number for number, name in enumerate(self.geometry["ict_expression_names"])}

    @cached_property
    def mode_index(self) -> Integers:
        """(K,) vertices of the base mesh that the statistical modes move."""
        return self.geometry["ict_index"].astype(np.int32)

    @cached_property
    def identity_modes(self) -> Floats:
        """(100, K * 3) displacements of the identity modes at one standard deviation, dm."""
        return self.geometry["ict_identity"].astype(np.float32).reshape(100, -1)

    def has_target(self, name: str) -> bool:
        """Return whether there is a sparse target of that name.

        Args:
            name: `group/name`.
        """
        return name in self._targets

    def add_target(self, vertices: Floats, name: str, weight: float) -> None:
        """Add a sparse target to vertices, in place.

        Args:
            vertices: (B, 3), dm.
            name: `group/name`, such as "nose/nose-hump-incr".
            weight: 1 is the whole target.
        """
        part = self._targets[name]
        index, delta = self.geometry["target_index"][part], self.geometry["target_delta"][part]
        vertices[index] += np.float32(weight * 0.001) * delta

    def displacement(self, name: str) -> Floats:
        """Return the (B, 3) displacement, in dm, of an expression mode or a sparse target.

        Args:
            name: A mode such as "mouthSmile_L", or a target such as "arkit/tongueOut".
        """
        vertices = np.zeros_like(self.base)
        if name in self._modes:
            vertices[self.mode_index] = self.geometry["ict_expression"][self._modes[name]]
        elif name in self._targets:
            self.add_target(vertices, name, 1.0)
        else:
            raise ValueError(f"the head pack has no shape {name!r}.")
        return vertices

    @cached_property
    def mirror(self) -> Integers:
        """(B,) for each vertex of the base mesh the one in its mirror image; itself where there is none."""
        places = {tuple(place): number for number, place in enumerate(np.round(self.base * 2000).astype(int).tolist())}
        flipped = np.round(self.base * [-2000, 2000, 2000]).astype(int).tolist()
        return np.array([places.get(tuple(place), number) for number, place in enumerate(flipped)], np.int32)

    def joint(self, vertices: Floats, name: str) -> Floats:
        """Return the (3,) position of a joint.

        Args:
            vertices: (B, 3).
            name: eye.L, eye.R, jaw, head, head_top or neck.
        """
        number = list(map(str, self.geometry["joint_names"])).index(name)
        return vertices[self.geometry["joint_vertices"][number]].mean(0)

    @cached_property
    def skin_quads(self) -> tuple[Integers, Integers]:
        """(F, 4) vertices and (F, 4) texture coordinates of the skin of head and shoulders."""
        geometry = self.geometry
        body = geometry["face_group"] == list(geometry["group_names"]).index("body")
        faces = geometry["faces"].astype(np.int32)
        keep = body & (self.base[faces, 1].max(1) > LOWEST_SKIN)
        return faces[keep], geometry["face_uvs"][keep].astype(np.int32)

    def part(self, kind: str, name: str) -> FittedPart:
        """Return a fitted part.

        Args:
            kind: eyes, teeth, tongue, brows, lashes, hair or clothes.
            name: Its name.

        Raises:
            ValueError: There is no such part, or it has no picture.
        """
        if (kind, name) not in self._parts:
            entry = self.index.get((kind, name))
            if entry is None or not (entry.get("texture") or entry.get("textures")):
                names = sorted(n for k, n in self.index if k == kind)
                raise ValueError(f"`{kind}` is {name!r}, which the head pack does not have; accepted are {names}.")
            data = self.arrays(entry["geometry"])
            self._parts[kind, name] = FittedPart(
                name=f"{kind}/{name}",
                reference=data["ref_index"].astype(np.int32),
                weight=data["ref_weight"],
                offset=data["offset"],
                scale_reference=data["scale_ref"].astype(np.int32),
                scale_divisor=data["scale_div"],
                triangles=data["triangles"].astype(np.int32),
                uvs=data["uvs"],
                triangle_uvs=data["triangle_uvs"].astype(np.int32),
                hidden=data["hidden_vertices"].astype(np.int32),
                openness=data["occlusion"].astype(np.float32) / 255,
            )
        return self._parts[kind, name]

    def picture(self, kind: str, name: str, variant: str = "") -> str:
        """Return the path inside the pack of a picture.

        Args:
            kind: skin, or the kind of a fitted part.
            name: Its name.
            variant: Name of the iris picture, for eyes.

        Raises:
            ValueError: There is no such picture.
        """
        if kind == "skin":
            if name not in self.skins:
                raise ValueError(f"`skin` is {name!r}; accepted are {sorted(self.skins)}.")
            return self.skins[name]["file"]
        entry = self.index[kind, name]
        if kind != "eyes":
            return entry["texture"]
        if variant not in entry["textures"]:
            raise ValueError(f"`eyes` is {variant!r}; accepted are {sorted(entry['textures'])}.")
        return entry["textures"][variant]

    @cached_property
    def landmark_points(self) -> dict[str, NDArray[Any]]:
        """Barycentric positions of MediaPipe's landmarks on the skin (468) and on the eyes (10)."""
        return self.arrays("landmarks478.npz")

    @cached_property
    def lights(self) -> dict[str, NDArray[Any]]:
        """Panoramas with their irradiance and key light, as stored."""
        return self.arrays("hdri/lights.npz")
