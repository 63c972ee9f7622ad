"""Pictures of the head pack as OpenGL textures, loaded once, and their mean colors."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .pack import Floats, HeadPack

_MIPMAPPED = (0x2703, 0x2601)  # GL_LINEAR_MIPMAP_LINEAR, GL_LINEAR


class GLTextures:
    """Loads pictures.

    Args:
        context: moderngl's context.
        pack: Where they come from.
    """

    def __init__(self, context: Any, pack: HeadPack) -> None:
        self._gl = context
        self._pack = pack
        self._textures: dict[str, Any] = {}
        self._means: dict[str, Floats] = {}

    def picture(self, picture: str) -> Any:
        """Return the texture of a picture.

        Args:
            picture: Path in the pack.
        """
        if picture not in self._textures:
            pixels = self._pixels(picture)
            texture = self._gl.texture((pixels.shape[1], pixels.shape[0]), 4, pixels.tobytes())
            texture.build_mipmaps()
            texture.filter = _MIPMAPPED
            self._textures[picture] = texture
        return self._textures[picture]

    def panorama(self, name: str) -> Any:
        """Return the texture of the surroundings.

        Args:
            name: Name of a panorama.
        """
        if name not in self._textures:
            pixels = self._pack.lights[f"{name}_panorama"][::-1]
            texture = self._gl.texture(
                (pixels.shape[1], pixels.shape[0]), 3, np.ascontiguousarray(pixels).tobytes(), dtype="f2"
            )
            texture.build_mipmaps()
            texture.filter = _MIPMAPPED
            texture.repeat_y = False
            self._textures[name] = texture
        return self._textures[name]

    def mean(self, kind: str, picture: str) -> Floats:
        """Return the (3,) linear mean color of a picture; of a skin, that of the face.

        Args:
            kind: Kind of the mesh.
            picture: Path in the pack.
        """
        if picture not in self._means:
            pixels = self._pixels(picture)
            if kind == "skin":
                chosen = _face_pixels(self._pack, pixels)
                self._means[picture] = np.median(_linear(chosen), 0).astype(np.float32)
            else:
                small = pixels[::4, ::4].reshape(-1, 4)
                seen = small[small[:, 3] > 128]
                self._means[picture] = np.maximum(_linear(seen[:, :3]).mean(0), 1e-3).astype(np.float32)
        return self._means[picture]

    def _pixels(self, picture: str) -> NDArray[np.uint8]:
        from PIL import Image

        image = Image.open(io.BytesIO(self._pack.read(picture))).convert("RGBA")
        return np.asarray(image)[::-1]


def _linear(pixels: NDArray[np.uint8]) -> Floats:
    return (pixels.astype(np.float32) / 255) ** np.float32(2.2)


def _face_pixels(pack: HeadPack, pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    # Where landmarks are, seen through the texture coordinates of their nearest vertices.
    index = pack.landmark_points["skin_index"].astype(int)
    nearest = index[np.arange(len(index)), pack.landmark_points["skin_weight"].argmax(1)]
    quads, uv_quads = pack.skin_quads
    uv_of = np.zeros(len(pack.base), np.int32)
    uv_of[quads.ravel()] = uv_quads.ravel()
    uv = pack.geometry["uvs"][uv_of[nearest]]
    height, width = pixels.shape[:2]
    x, y = np.clip(uv[:, 0] * width, 0, width - 1).astype(int), np.clip(uv[:, 1] * height, 0, height - 1).astype(int)
    return pixels[y, x, :3]
