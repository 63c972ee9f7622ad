"""`GLRenderer`: textured heads of the head pack, drawn off-screen with OpenGL through EGL.

It needs the packages moderngl, glcontext and pillow, and an EGL driver: Mesa on a CPU (Debian: libegl1 and
libgl1-mesa-dri), or that of an NVIDIA GPU.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import numpy as np

from auface.autext.head_description import HeadDescription

from .composition import Composer, Face, eye_directions, head_turn, rotation
from .gl_surface import GLContext, GLSurface
from .illumination import Illumination, illumination
from .material import CASTS_SHADOW, FITTED_AT_REST, MATERIALS, color_of
from .mesh import Mesh, MeshFactory
from .pack import Floats, HeadPack
from .portrait import CENTIMETERS, Landmarks, Projection, Turn, framing, projection
from .renderer import HeadImage, MapName, checked_maps
from .wrinkle import WrinkleMap

_SHADOW_BOX = 1.5  # dm, half the side of what the shadow map covers
_WRINKLE_SLOPE = 1.0
_CUTS = {"hair": 0.5, "clothes": 0.5, "eyes": 0.5, "brows": 0.3, "lashes": 0.5}  # opacity from which maps show it


class GLRenderer:
    """Draws heads of the head pack.

    Args:
        heads: Folder of the head pack.
        wrinkles: Strength of the folds of the skin; 0 leaves them out.

    Raises:
        ValueError: The pack is missing, incomplete or changed.
        ImportError: A package is missing.
        RuntimeError: There is no EGL driver.
    """

    def __init__(self, heads: Path | None, wrinkles: float = 1.0) -> None:
        self.pack = HeadPack(heads)
        self.gl = GLContext(self.pack)
        self.composer = Composer(self.pack)
        self._wrinkle_strength = wrinkles
        self._wrinkles = WrinkleMap(self.pack)
        self._factory = MeshFactory(self.pack)
        self._landmarks = Landmarks(self.pack)
        self._drawn_for: dict[str, Face] = {}
        self._light = lru_cache(maxsize=64)(partial(illumination, self.pack))
        self._framing = lru_cache(maxsize=16)(self._framed)

    def render(self, description: HeadDescription, size: int, maps: Iterable[MapName] = ("landmarks",)) -> HeadImage:
        """Draw one head; see `HeadRenderer.render`.

        Args:
            description: What to draw.
            size: Height and width in pixels, 16 to 2048.
            maps: What else to return.

        Raises:
            ValueError: The size, a map, or something that the description names is not one of those accepted.
        """
        with self.gl.current():
            return self._rendered(description, size, checked_maps(size, maps))

    def _rendered(self, description: HeadDescription, size: int, wanted: frozenset[str]) -> HeadImage:
        view, identity, shown = description.view, description.identity, description.shown
        face = self.composer.face(identity)
        posed = self.composer.composed(face, shown, view.gaze)
        turn = Turn(rotation(*head_turn(shown, view.pose)), self.pack.joint(face.neutral, "neck"))
        center, side = self._framing(face)
        camera = projection(turn.turned(center), side, view.camera)
        meshes = self._factory.meshes(identity.look)
        surfaces: list[tuple[Mesh, GLSurface]] = []
        eyes = np.zeros((0, 3), np.float32)
        for mesh in meshes:
            surface = self.gl.surface(mesh)
            surfaces.append((mesh, surface))
            if mesh.kind in FITTED_AT_REST and self._drawn_for.get(mesh.name) is face:
                continue
            vertices = MeshFactory.positions(mesh, face.neutral, posed)
            if mesh.kind == "eyes":
                vertices = eyes = self._looking(vertices, posed, eye_directions(shown, view.gaze))
            surface.write(vertices, mesh.surface.normals(vertices))
            self._drawn_for[mesh.name] = face
        light = self._light(view.light)
        image = self._picture(description, size, surfaces, turn, camera, light)
        result: dict[str, Any] = {"image": image}
        if wanted - {"landmarks"}:
            result |= {
                name: value for name, value in self._maps(size, surfaces, turn, camera).items() if name in wanted
            }
        if "landmarks" in wanted:
            points = self._landmarks.on(posed, eyes)
            origin = sum(self.pack.joint(face.neutral, name) for name in ("eye.L", "eye.R")) / 2
            result["landmarks"] = camera.pixels(self._turned_landmarks(posed, eyes, turn), size)
            result["landmarks_3d"] = ((points - origin) * CENTIMETERS).astype(np.float32)
        return HeadImage(**result)

    def _framed(self, face: Face) -> tuple[Floats, float]:
        eyes = self.pack.part("eyes", "high-poly").fitted(face.neutral)
        return framing(self._landmarks.on(face.neutral, eyes))

    def _looking(self, vertices: Floats, posed: Floats, looks: list[tuple[float, float]]) -> Floats:
        turned = vertices.copy()
        for name, look in zip(("eye.L", "eye.R"), looks, strict=True):
            center = self.pack.joint(posed, name)
            side = vertices[:, 0] > 0 if name == "eye.L" else vertices[:, 0] <= 0
            turned[side] = (vertices[side] - center) @ rotation(*look, 0).T + center
        return turned

    def _turned_landmarks(self, posed: Floats, eyes: Floats, turn: Turn) -> Floats:
        weight = self.pack.geometry["turn_weight"].astype(np.float32)
        share = np.clip(self.pack.part("eyes", "high-poly").carried(weight), 0, 1)
        return self._landmarks.on(turn.turned(posed, weight), turn.turned(eyes, share))

    def _picture(
        self,
        description: HeadDescription,
        size: int,
        surfaces: list[tuple[Mesh, GLSurface]],
        turn: Turn,
        camera: Projection,
        light: Illumination,
    ) -> np.ndarray:
        gl, look = self.gl, description.identity.look
        shadow = _shadow_matrix(turn.turned(self.composer.pack.base[0] * 0 + turn.pivot + [0, 1.1, 0.9]), light)
        gl.begin_shadow()
        for mesh, surface in surfaces:
            if mesh.kind in CASTS_SHADOW:
                gl.draw_shadow(surface, mesh.picture, turn, shadow, cut=MATERIALS[mesh.kind].alpha > 0)
        gl.begin_picture(size)
        gl.draw_background(description.view.background, description.view.light, description.view.camera)
        folds = self._wrinkles.drawn(description.shown, description.identity.age)
        gl.write_wrinkles(folds)
        gl.set_light(light, camera, shadow, turn)
        for mesh, surface in surfaces:
            material = MATERIALS[mesh.kind]
            color, mean, contrast = color_of(mesh.kind, look, gl.textures.mean(mesh.kind, mesh.picture))
            gl.set_material(material, color, mean, contrast)
            gl.set_value("wrinkled", self._wrinkle_strength * _WRINKLE_SLOPE if mesh.kind == "skin" else 0.0)
            gl.set_value("cut", 0.5 if mesh.kind in ("hair", "clothes") else 0.04)
            gl.draw_picture(surface, mesh.picture)
            if mesh.kind == "hair":  # once more for the soft fringe of the strands
                gl.set_value("cut", 0.08)
                gl.draw_picture(surface, mesh.picture, write_depth=False)
        return gl.read_picture()

    def _maps(
        self, size: int, surfaces: list[tuple[Mesh, GLSurface]], turn: Turn, camera: Projection
    ) -> dict[str, np.ndarray]:
        gl = self.gl
        gl.begin_maps(size, camera, turn)
        for mesh, surface in surfaces:
            gl.draw_maps(surface, mesh.picture, cut=_CUTS.get(mesh.kind, 0.0))
        values, labels = gl.read_maps()
        return {
            "normals": np.ascontiguousarray(values[..., :3]),
            "depth": np.ascontiguousarray(values[..., 3] * np.float32(CENTIMETERS)),
            "parts": labels,
        }


def _shadow_matrix(center: Floats, light: Illumination) -> Floats:
    forward = -light.key_direction
    right = np.cross(forward, (0, 1, 0))
    right /= np.linalg.norm(right)
    view = np.eye(4, dtype=np.float32)
    view[0, :3], view[1, :3], view[2, :3] = right, np.cross(right, forward), -forward
    view[:3, 3] = -view[:3, :3] @ (center + 10 * light.key_direction)
    box = np.diag([1 / _SHADOW_BOX, 1 / _SHADOW_BOX, -2 / 19, 1.0])
    box[2, 3] = -21 / 19
    return (box @ view).astype(np.float32)
