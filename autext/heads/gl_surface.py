"""The OpenGL side of rendering: a context with its programs, textures, frame buffers and vertex buffers."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any

import numpy as np
from numpy.typing import NDArray

from auface.autext.head_description import Background, Camera, Light

from . import gl_shader as shader
from .gl_texture import GLTextures
from .illumination import Illumination
from .material import BLEND, CUT, Material
from .mesh import Mesh
from .pack import Floats, HeadPack
from .portrait import Projection, Turn
from .wrinkle import SIZE as WRINKLES

FINER = 2
"""Pictures are drawn this many times finer and averaged."""

SHADOW = 384
"""Height and width of the shadow map."""

_PICTURE, _SHADOW, _WRINKLES = 0, 1, 2  # texture units
_FIXED = ("uv", "openness", "turn", "face", "label")
_SIZES = {"uv": "2f", "openness": "1f", "turn": "1f", "face": "2f", "label": "1f"}
_SKIPPED = {"uv": "8x", "openness": "4x", "turn": "4x", "face": "8x", "label": "4x"}


class GLSurface:
    """The buffers of one mesh.

    Args:
        context: moderngl's context.
        programs: Programs that draw it, by name.
        mesh: The mesh.
    """

    def __init__(self, context: Any, programs: dict[str, Any], mesh: Mesh) -> None:
        self._source = mesh.source
        self._moving = context.buffer(reserve=len(mesh.source) * 24, dynamic=True)
        fixed = context.buffer(mesh.fixed.tobytes())
        index = context.buffer(mesh.triangles.tobytes())
        self.arrays = {
            name: context.vertex_array(program, [_layout(program, self._moving), _fixed_layout(program, fixed)], index)
            for name, program in programs.items()
        }

    def write(self, vertices: Floats, normals: Floats) -> None:
        """Set where the vertices are.

        Args:
            vertices: (N, 3) positions of the posed surface, dm.
            normals: (N, 3) unit vectors.
        """
        self._moving.write(np.concatenate([vertices, normals], 1, dtype=np.float32)[self._source].tobytes())


class GLContext:
    """Draws surfaces into pictures, shadows and maps.

    Args:
        pack: Where pictures come from.

    Attributes:
        textures: The pictures.

    Raises:
        ImportError: A package is missing.
        RuntimeError: There is no EGL driver.
    """

    def __init__(self, pack: HeadPack) -> None:
        try:
            import moderngl
            import PIL.Image  # noqa: F401
        except ImportError as error:
            raise ImportError(f"{error.name} is missing; pip install 'auface[heads]' brings it.") from error
        create: Any = moderngl.create_context  # its annotations are wrong
        try:
            self._gl: Any = create(standalone=True, backend="egl")
        except Exception as error:
            raise RuntimeError(
                f"OpenGL cannot be started through EGL ({error}). On Debian: apt install libegl1 libgl1-mesa-dri. "
                "Without it, use the renderer 'torch'."
            ) from error
        self._moderngl = moderngl
        self._programs = {
            "opaque": self._gl.program(shader.PICTURE_VERTEX, shader.OPAQUE_FRAGMENT),
            "see-through": self._gl.program(shader.PICTURE_VERTEX, shader.SEE_THROUGH_FRAGMENT),
            "shadow": self._gl.program(shader.SHADOW_VERTEX, shader.SHADOW_FRAGMENT),
            "maps": self._gl.program(shader.MAPS_VERTEX, shader.MAPS_FRAGMENT),
        }
        self._background = self._gl.program(shader.BACKGROUND_VERTEX, shader.BACKGROUND_FRAGMENT)
        corners = self._gl.buffer(np.array([-1, -1, 3, -1, -1, 3], np.float32).tobytes())
        self._background_array = self._gl.vertex_array(self._background, [(corners, "2f", "corner")])
        self._shadow_map = self._gl.depth_texture((SHADOW, SHADOW))
        self._shadow_map.compare_func = ""
        self._shadow_map.filter = (moderngl.NEAREST, moderngl.NEAREST)
        self._shadow_map.repeat_x = self._shadow_map.repeat_y = False
        self._shadow_target = self._gl.framebuffer(depth_attachment=self._shadow_map)
        self._wrinkle_map = self._gl.texture((WRINKLES, WRINKLES), 3, alignment=1)
        self._wrinkle_map.repeat_x = self._wrinkle_map.repeat_y = False
        self._gl.blend_func = (
            moderngl.SRC_ALPHA,
            moderngl.ONE_MINUS_SRC_ALPHA,
            moderngl.ONE,
            moderngl.ONE_MINUS_SRC_ALPHA,
        )
        self._surfaces: dict[str, GLSurface] = {}
        self.textures = GLTextures(self._gl, pack)
        self._targets: dict[tuple[str, int], Any] = {}
        self._target: Any = None
        self._drawing = "opaque"

    def current(self) -> AbstractContextManager[object]:
        """Return what makes this context the one that is drawn with; a process can have several."""
        return self._gl

    @property
    def device(self) -> str:
        """What draws, in the words of its driver."""
        with self._gl:
            return str(self._gl.info["GL_RENDERER"])

    def surface(self, mesh: Mesh) -> GLSurface:
        """Return the buffers of a mesh, made once per name.

        Args:
            mesh: The mesh.
        """
        if mesh.name not in self._surfaces:
            self._surfaces[mesh.name] = GLSurface(self._gl, self._programs, mesh)
        return self._surfaces[mesh.name]

    def begin_shadow(self) -> None:
        """Start drawing into the shadow map."""
        self._shadow_target.use()
        self._shadow_target.clear(depth=1.0)
        self._gl.enable_only(self._moderngl.DEPTH_TEST)

    def draw_shadow(self, surface: GLSurface, picture: str, turn: Turn, matrix: Floats, *, cut: bool) -> None:
        """Draw what throws a shadow.

        Args:
            surface: The surface.
            picture: Path in the pack of its picture.
            turn: Turn of the head.
            matrix: (4, 4) from world to the light's clip coordinates.
            cut: Whether transparent places let light through.
        """
        program = self._programs["shadow"]
        self._pose(program, turn, matrix)
        self._set(program, "alpha_mode", int(cut))
        self.textures.picture(picture).use(_PICTURE)
        surface.arrays["shadow"].render()

    def begin_picture(self, size: int) -> None:
        """Start a picture.

        Args:
            size: Height and width in pixels.
        """
        self._target = self._target_of("picture", size * FINER)
        self._target.use()
        self._target.clear(0, 0, 0, 0)
        self._gl.enable_only(self._moderngl.DEPTH_TEST | self._moderngl.BLEND)
        self._gl.cull_face = "back"

    def draw_background(self, background: Background, light: Light, camera: Camera) -> None:
        """Draw what is behind the head.

        Args:
            background: Color, or the surroundings.
            light: The surroundings and how they are turned.
            camera: The lens.
        """
        program = self._background
        panorama = background.panorama and light.surroundings != "room"
        if panorama:
            self.textures.panorama(light.surroundings).use(_PICTURE)
        self._set(program, "color", background.color)
        self._set(program, "share", float(panorama))
        self._set(program, "width", 12 / camera.focal_length * 1.6)
        self._set(program, "turn", 0.5 - light.turn / 360)
        self._set(program, "gain", 0.9 * light.fill)
        self._target.depth_mask = False
        self._background_array.render()
        self._target.depth_mask = True

    def write_wrinkles(self, slopes: Floats) -> None:
        """Set the map of the folds of the skin.

        Args:
            slopes: (SIZE, SIZE, 3) as from `WrinkleMap.drawn`.
        """
        packed = slopes * np.array([127.5, 127.5, 255], np.float32) + np.array([128, 128, 0.5], np.float32)
        self._wrinkle_map.write(np.clip(packed, 0, 255).astype(np.uint8).tobytes(), alignment=1)

    def set_light(self, light: Illumination, camera: Projection, shadow: Floats, turn: Turn) -> None:
        """Set everything that is the same for all surfaces of a picture.

        Args:
            light: The light.
            camera: The camera.
            shadow: (4, 4) from world to the light's clip coordinates.
            turn: Turn of the head.
        """
        for program in (self._programs["opaque"], self._programs["see-through"]):
            self._set_light(program, light, camera, shadow, turn)
        self._shadow_map.use(_SHADOW)
        self._wrinkle_map.use(_WRINKLES)

    def _set_light(self, program: Any, light: Illumination, camera: Projection, shadow: Floats, turn: Turn) -> None:
        self._pose(program, turn, camera.matrix)
        program["light_projection"].write(np.ascontiguousarray(shadow.T).tobytes())
        program["sh"].write(np.ascontiguousarray(light.harmonics, np.float32).tobytes())
        for name, value in (
            ("eye", camera.eye),
            ("key_direction", light.key_direction),
            ("key_color", light.key_color),
            ("rim_direction", light.rim_direction),
            ("rim_color", light.rim_color),
        ):
            self._set(program, name, tuple(map(float, value)))
        for name, unit in (("albedo", _PICTURE), ("shadow_map", _SHADOW), ("wrinkles", _WRINKLES)):
            self._set(program, name, unit)

    def set_material(self, material: Material, color: Floats, mean: Floats, contrast: float) -> None:
        """Set how the next surface reflects light.

        Args:
            material: Its material.
            color: (3,) linear albedo where the picture has its mean color.
            mean: (3,) that mean.
            contrast: Share of the picture's contrast that is kept.
        """
        self._drawing = "see-through" if material.alpha else "opaque"
        if material.alpha in (CUT, BLEND):
            self._gl.disable(self._moderngl.CULL_FACE)
        else:
            self._gl.enable(self._moderngl.CULL_FACE)
        program = self._programs[self._drawing]
        self._set(program, "color", tuple(float(material.gain * value) for value in color))
        self._set(program, "mean_texel", tuple(map(float, mean)))
        self._set(program, "contrast", contrast)
        for name in ("roughness", "specular", "scatter", "least", "catchlight", "hue"):
            self._set(program, name, getattr(material, name))
        self._set(program, "alpha_mode", material.alpha)

    def set_value(self, name: str, value: float) -> None:
        """Set a number of the program that draws the material set last.

        Args:
            name: Its name.
            value: The number.
        """
        self._set(self._programs[self._drawing], name, value)

    def draw_picture(self, surface: GLSurface, picture: str, *, write_depth: bool = True) -> None:
        """Draw a surface into the picture.

        Args:
            surface: The surface.
            picture: Path in the pack of its picture.
            write_depth: Whether it hides what is drawn later behind it.
        """
        self.textures.picture(picture).use(_PICTURE)
        self._target.depth_mask = write_depth
        surface.arrays[self._drawing].render()
        self._target.depth_mask = True

    def read_picture(self) -> NDArray[np.uint8]:
        """Return the (H, W, 3) picture, top row first."""
        size = self._target.width
        fine = _rows(self._target.read(components=4), size, 4, np.uint8)[..., :3]
        return _smaller(fine, size // FINER)

    def begin_maps(self, size: int, camera: Projection, turn: Turn) -> None:
        """Start drawing maps.

        Args:
            size: Height and width in pixels.
            camera: The camera of the picture.
            turn: Turn of the head.
        """
        self._target = self._target_of("maps", size)
        self._target.use()
        self._target.clear(0, 0, 0, 0)
        self._gl.enable_only(self._moderngl.DEPTH_TEST)
        program = self._programs["maps"]
        self._pose(program, turn, camera.matrix)
        self._set(program, "eye", tuple(map(float, camera.eye)))

    def draw_maps(self, surface: GLSurface, picture: str, *, cut: float) -> None:
        """Draw a surface into the maps.

        Args:
            surface: The surface.
            picture: Path in the pack of its picture.
            cut: Places less opaque than this are left out, 0 to 1.
        """
        program = self._programs["maps"]
        self._set(program, "alpha_mode", int(cut > 0))
        self._set(program, "cut", cut)
        self.textures.picture(picture).use(_PICTURE)
        surface.arrays["maps"].render()

    def read_maps(self) -> tuple[Floats, NDArray[np.uint8]]:
        """Return (H, W, 4) normal and distance in dm, and (H, W) labels, top row first."""
        size = self._target.width
        values = _rows(self._target.read(components=4, attachment=0, dtype="f4"), size, 4, np.float32)
        labels = _rows(self._target.read(components=1, attachment=1, dtype="f4"), size, 1, np.float32)
        return values, np.round(labels[..., 0]).astype(np.uint8)

    def _pose(self, program: Any, turn: Turn, matrix: Floats) -> None:
        program["spin"].write(np.ascontiguousarray(turn.spin.T, np.float32).tobytes())
        self._set(program, "pivot", tuple(map(float, turn.pivot)))
        program["view_projection"].write(np.ascontiguousarray(matrix.T, np.float32).tobytes())

    def _set(self, program: Any, name: str, value: object) -> None:
        if name in program:  # a driver drops what a shader does not use
            program[name].value = value

    def _target_of(self, use: str, size: int) -> Any:
        gl, key = self._gl, (use, size)
        if key not in self._targets:
            shape = (size, size)
            if use == "picture":
                self._targets[key] = gl.framebuffer(gl.renderbuffer(shape, 4), gl.depth_renderbuffer(shape))
            else:
                colors = [gl.texture(shape, 4, dtype="f4"), gl.texture(shape, 1, dtype="f4")]
                self._targets[key] = gl.framebuffer(colors, gl.depth_renderbuffer(shape))
        return self._targets[key]


def _layout(program: Any, buffer: Any) -> tuple[Any, ...]:
    names = [name for name in ("position", "normal") if name in program]
    return (buffer, " ".join("3f" if name in program else "12x" for name in ("position", "normal")), *names)


def _fixed_layout(program: Any, buffer: Any) -> tuple[Any, ...]:
    layout = " ".join(_SIZES[name] if name in program else _SKIPPED[name] for name in _FIXED)
    return (buffer, layout, *(name for name in _FIXED if name in program))


def _rows(data: bytes, size: int, channels: int, kind: type) -> NDArray[Any]:
    return np.ascontiguousarray(np.frombuffer(data, kind).reshape(size, size, channels)[::-1])


def _smaller(pixels: NDArray[np.uint8], size: int) -> NDArray[np.uint8]:
    wide = pixels.astype(np.uint16)
    wide = wide[0::2] + wide[1::2]
    return ((wide[:, 0::2] + wide[:, 1::2] + 2) >> 2).astype(np.uint8)
