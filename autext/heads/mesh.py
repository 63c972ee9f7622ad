"""The meshes of a head as a renderer wants them: positions that change, and everything that does not."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from auface.autext.head_description import Look

from .material import FITTED_AT_REST, KINDS
from .pack import FittedPart, Floats, HeadPack, Integers
from .portrait import Surface
from .renderer import Part
from .seam import ring_of
from .wrinkle import face_coordinates

_PARTS = {
    "teeth": Part.TEETH,
    "tongue": Part.TONGUE,
    "eyes": Part.EYES,
    "clothes": Part.CLOTHES,
    "brows": Part.BROWS,
    "lashes": Part.LASHES,
    "hair": Part.HAIR,
}
_LIP_ROW, _LIP_ROWS = (474, 7229), 4  # the row where the lips meet, and rows from there to the end of the red
_NECK = 6.12  # height of the base mesh, dm, below which skin is neck
_OUTSIDE = np.array([[-9.0, -9.0]], np.float32)  # where the map of wrinkles is empty


@dataclass(frozen=True, slots=True, eq=False)
class Mesh:
    """One surface with its topology.

    Attributes:
        name: Unique name; meshes of one name have the same topology.
        kind: One of `material.KINDS`.
        source: (V,) drawn vertex -> vertex of the posed surface; they differ where texture coordinates have a seam.
        triangles: (T, 3) into the drawn vertices.
        fixed: (V, 7) u, v (upward), openness, share of the head's turn, map of wrinkles across and up, label.
        surface: Computes normals of the posed surface.
        part: What the surface follows; None for the skin.
        picture: Path in the pack of its picture.
    """

    name: str
    kind: str
    source: Integers
    triangles: Integers
    fixed: Floats
    surface: Surface
    part: FittedPart | None
    picture: str


class MeshFactory:
    """Builds the meshes of people.

    Args:
        pack: The head pack.
    """

    def __init__(self, pack: HeadPack) -> None:
        self.pack = pack
        self._made: dict[str, Mesh] = {}
        self._turn = pack.geometry["turn_weight"].astype(np.float32)
        self._openness = pack.geometry["occlusion"].astype(np.float32) / 255
        self._labels = _skin_labels(pack)

    def meshes(self, look: Look) -> list[Mesh]:
        """Return the meshes that a person is made of, in the order of drawing.

        Args:
            look: The person's.

        Raises:
            ValueError: The pack lacks something that is named.
        """
        names = {
            "skin": look.skin,
            "teeth": look.teeth,
            "tongue": "tongue01",
            "eyes": "high-poly",
            "clothes": look.clothes,
            "brows": look.brows,
            "lashes": look.lashes,
            "hair": look.hair,
        }
        return [self._mesh(kind, names[kind], look) for kind in KINDS if names[kind]]

    def _mesh(self, kind: str, name: str, look: Look) -> Mesh:
        picture = self.pack.picture(kind, name, look.eyes) if kind == "skin" else None
        key = f"skin/{look.clothes}" if kind == "skin" else f"{kind}/{name}"
        if key not in self._made:
            self._made[key] = self._skin(key, look.clothes) if kind == "skin" else self._fitted(key, kind, name)
        if picture is None:
            picture = self.pack.picture(kind, name, look.eyes)
        made = self._made[key]
        return Mesh(made.name, kind, made.source, made.triangles, made.fixed, made.surface, made.part, picture)

    def _skin(self, key: str, clothes: str) -> Mesh:
        quads, uv_quads = self.pack.skin_quads
        triangles, uvs = (np.concatenate([q[:, [0, 1, 2]], q[:, [0, 2, 3]]]) for q in (quads, uv_quads))
        surface = Surface(triangles, len(self.pack.base))
        if clothes:
            hidden = np.zeros(len(self.pack.base), bool)
            hidden[self.pack.part("clothes", clothes).hidden] = True
            seen = ~hidden[triangles].all(1)
            triangles, uvs = triangles[seen], uvs[seen]
        source, drawn, uv = _joined(triangles, uvs, self.pack.geometry["uvs"])
        fixed = np.column_stack(
            [
                uv,
                self._openness[source],
                self._turn[source],
                face_coordinates(self.pack.base[source]),
                self._labels[source],
            ]
        )
        return Mesh(key, "skin", source, drawn, fixed.astype(np.float32), surface, None, "")

    def _fitted(self, key: str, kind: str, name: str) -> Mesh:
        part = self.pack.part(kind, name)
        source, drawn, uv = _joined(part.triangles, part.triangle_uvs, part.uvs)
        turn = np.clip(part.carried(self._turn), 0, 1)[source]
        nowhere = np.repeat(_OUTSIDE, len(source), 0)
        label = np.full(len(source), _PARTS[kind], np.float32)
        fixed = np.column_stack([uv, part.openness[source], turn, nowhere, label]).astype(np.float32)
        surface = Surface(part.triangles, len(part.reference))
        return Mesh(key, kind, source, drawn, fixed, surface, part, "")

    @staticmethod
    def positions(mesh: Mesh, neutral: Floats, posed: Floats) -> Floats:
        """Return the vertices of a posed surface before the head turns and the eyes look, dm.

        Args:
            mesh: The surface.
            neutral: (B, 3) the person's base mesh at rest.
            posed: (B, 3) the base mesh with the expression.
        """
        if mesh.part is None:
            return posed
        return mesh.part.fitted(neutral if mesh.kind in FITTED_AT_REST else posed)


def _joined(triangles: Integers, uv_triangles: Integers, uvs: Floats) -> tuple[Integers, Integers, Floats]:
    pairs = triangles.ravel().astype(np.int64) * 1_000_003 + uv_triangles.ravel()
    _, first, corner = np.unique(pairs, return_index=True, return_inverse=True)
    source = triangles.ravel()[first].astype(np.int32)
    return source, corner.reshape(-1, 3).astype(np.int32), uvs[uv_triangles.ravel()[first]]


def _skin_labels(pack: HeadPack) -> Floats:
    labels = np.full(len(pack.base), Part.SKIN, np.float32)
    labels[pack.base[:, 1] < _NECK] = Part.NECK
    ears = np.zeros_like(pack.base)
    for side in "lr":
        pack.add_target(ears, f"ears/{side}-ear-scale-incr", 1.0)
    labels[np.abs(ears).max(1) > 0.02] = Part.EARS
    quads = pack.skin_quads[0]
    cavity = np.zeros(len(pack.base), bool)
    cavity[pack.geometry["mouth_cavity"].astype(int)] = True
    lips = np.zeros(len(pack.base), bool)
    lips[ring_of(quads, *_LIP_ROW)] = True
    for _ in range(_LIP_ROWS):
        touched = lips[quads].any(1)
        lips[quads[touched].ravel()] = True
        lips &= ~cavity
    labels[lips] = Part.LIPS
    labels[cavity] = Part.MOUTH
    return labels
