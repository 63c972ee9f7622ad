"""What can be wrong with a posed head, and how to find it: lids and lips that cross, eyes and mouths left open.

The same measures serve any way of posing the mesh. They look at three times as many places as `Composer` does.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from auface.autext.head_description import Gaze
from auface.facs import Expression

from .composition import Composer, Face, direction, eye_directions
from .lid import Lids
from .lip import Lips, are_shut
from .pack import Floats, Integers

SAMPLES = 99
"""Places along lids and lips that are looked at."""

TOLERANCES = {
    "lids cross": 0.003,
    "lid inside of the eyeball": 0.004,
    "closed eye open": 0.005,
    "lips cross": 0.004,
    "lip behind the front of the teeth": 0.005,
    "shut lips open": 0.006,
    "skin turned inside out": 0.02,
}
"""Measure -> what is still right; dm, and for the last the share of the skin round eyes and mouth."""

_CLOSING = (43, 45, 46)


@dataclass(frozen=True, slots=True, eq=False)
class ArtefactFinder:
    """Measures posed heads.

    Attributes:
        composer: Whose faces are measured.
        lids: Of the left and the right eye, finely sampled.
        lips: Finely sampled.
        triangles: (T, 3) the skin round eyes and mouth.
    """

    composer: Composer
    lids: tuple[Lids, Lids]
    lips: Lips
    triangles: Integers

    @classmethod
    def of(cls, composer: Composer) -> ArtefactFinder:
        """Return a finder for the heads of a composer.

        Args:
            composer: What poses the heads.
        """
        pack = composer.pack
        lids, lips = (Lids(pack, 0, SAMPLES), Lids(pack, 1, SAMPLES)), Lips(pack, SAMPLES)
        near = np.zeros(len(pack.base), bool)
        for seam in (lids[0].seam, lids[1].seam, lips.seam):
            near[seam.moved] = True
        near[pack.geometry["mouth_cavity"].astype(int)] = False
        quads = pack.skin_quads[0]
        quads = quads[near[quads].all(1)]
        return cls(composer, lids, lips, np.concatenate([quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]]))

    def measured(self, face: Face, vertices: Floats, expression: Expression) -> dict[str, float]:
        """Return each measure of `TOLERANCES`, 0 where nothing is wrong.

        Args:
            face: The person.
            vertices: (B, 3) the posed mesh, dm.
            expression: What the picture would be labelled with.
        """
        looks = eye_directions(expression, Gaze())
        crossing = inside = opened = 0.0
        for side, lids in enumerate(self.lids):
            gap = lids.seam.gap(vertices)
            crossing = max(crossing, -float(gap.min()))
            inside = max(inside, lids.depth_in_eye(vertices, face.profiles[side], direction(*looks[side])))
            if max((expression.left, expression.right)[side](unit) for unit in _CLOSING) == 5:
                opened = max(opened, float(gap.max()))
        mouth = self.lips.seam.gap(vertices)
        teeth = self.composer.pack.part("teeth", face.identity.look.teeth).fitted(vertices)
        behind = max(float(depth.max()) for depth in self.lips.depth_in_teeth(vertices, teeth))
        return {
            "lids cross": max(crossing, 0.0),
            "lid inside of the eyeball": inside,
            "closed eye open": opened,
            "lips cross": max(-float(mouth.min()), 0.0),
            "lip behind the front of the teeth": behind,
            "shut lips open": max(float(mouth.max()), 0.0) if are_shut(expression) else 0.0,
            "skin turned inside out": self._turned_over(face.neutral, vertices),
        }

    def found(self, face: Face, vertices: Floats, expression: Expression) -> set[str]:
        """Return the names of what is wrong beyond `TOLERANCES`.

        Args:
            face: The person.
            vertices: (B, 3) the posed mesh, dm.
            expression: What the picture would be labelled with.
        """
        measured = self.measured(face, vertices, expression)
        return {name for name, value in measured.items() if value > TOLERANCES[name]}

    def _turned_over(self, neutral: Floats, vertices: Floats) -> float:
        one, other = (_areas(vertices_, self.triangles) for vertices_ in (neutral, vertices))
        size = np.linalg.norm(one, axis=1)
        cosine = (one * other).sum(1) / np.maximum(size * np.linalg.norm(other, axis=1), 1e-12)
        return float(size[cosine < -0.5].sum() / size.sum())


def _areas(vertices: Floats, triangles: Integers) -> Floats:
    a, b, c = (vertices[triangles[:, k]] for k in range(3))
    return np.cross(b - a, c - a)
