"""`PhotoFace`: the face of a photo, cut out as pipelines draw faces, and put back where it changed."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from auface.structure.camera import WeakPerspective, portrait_camera
from auface.structure.model import shipped_model
from auface.structure.photo import PhotoFit, fit_photo
from auface.structure.retargeting import retarget

if TYPE_CHECKING:
    from PIL.Image import Image

Floats = NDArray[np.float32]

LARGEST = 8192
"""Height and width that a photo may have, in pixels."""


@dataclass(frozen=True, eq=False)
class PhotoFace:
    """A photo and the face in it that is drawn on.

    Attributes:
        image: The photo, RGB.
        landmarks: (468 or 478, 2 or 3) in pixels of the photo.
    """

    image: Image
    landmarks: Floats

    @cached_property
    def fit(self) -> PhotoFit:
        """Who it is and how the head is turned."""
        return fit_photo(self.landmarks)

    @cached_property
    def box(self) -> tuple[float, float, float]:
        """Left, top and side in pixels of the square round the face, which FFHQ's crop is; may reach over the edge."""
        camera = portrait_camera(self.fit.neutral, 1, focal_length=None)
        assert isinstance(camera, WeakPerspective)
        u, v = camera.center
        middle = np.array([(0.5 - u) / camera.scale, (v - 0.5) / camera.scale, 0], np.float32)
        seen = self.fit.camera.project((self.fit.pose.rotation @ middle)[None])[0]
        side = self.fit.camera.scale / camera.scale
        return float(seen[0]) - side / 2, float(seen[1]) - side / 2, side

    def crop(self, height: int, width: int) -> Image:
        """Return the face as a picture of a given size; over the photo's edge its border goes on.

        Args:
            height: Height in pixels.
            width: Width in pixels.
        """
        from PIL import Image

        left, top, wide, tall = self._window(height, width)
        margin = int(np.ceil(max(0, -left, -top, left + wide - self.image.width, top + tall - self.image.height)))
        padded = self.image
        if margin:
            pixels = np.pad(np.asarray(self.image), ((margin, margin), (margin, margin), (0, 0)), "edge")
            padded = Image.fromarray(pixels)
        box = (left + margin, top + margin, left + wide + margin, top + tall + margin)
        return padded.resize((width, height), Image.Resampling.LANCZOS, box)

    def crop_landmarks(self, height: int, width: int) -> Floats:
        """Return the landmarks in pixels of `crop`.

        Args:
            height: Height of the crop in pixels.
            width: Width of the crop in pixels.
        """
        left, top, wide, tall = self._window(height, width)
        points = np.array(self.landmarks, np.float32)
        points[:, 0] = (points[:, 0] - left) * (width / wide)
        points[:, 1] = (points[:, 1] - top) * (height / tall)
        return points

    def pasted(self, drawn: Image, expression: str) -> Image:
        """Return the photo with a drawn crop in it, where the expression moves the face.

        Args:
            drawn: What was drawn over `crop`.
            expression: What the face shows now, which says where it changed.
        """
        from PIL import Image

        width, height = drawn.size
        left, top, wide, tall = self._window(height, width)
        size = (max(1, round(wide)), max(1, round(tall)))
        whole = self.image.copy()
        whole.paste(
            drawn.resize(size, Image.Resampling.LANCZOS),
            (round(left), round(top)),
            self.mask(height, width, expression).resize(size, Image.Resampling.BILINEAR),
        )
        return whole

    def mask(self, height: int, width: int, expression: str) -> Image:
        """Return what of `crop` an expression changes: white, with a soft edge.

        Args:
            height: Height of the crop in pixels.
            width: Width of the crop in pixels.
            expression: What the face shows now.
        """
        from PIL import Image

        moved = retarget(self.crop_landmarks(height, width), expression, shipped_model())
        return Image.fromarray((255 * moved.mask(height, width).numpy()).astype(np.uint8))

    def _window(self, height: int, width: int) -> tuple[float, float, float, float]:
        """Left, top, width and height in pixels of the photo of a crop of another shape round the same middle."""
        left, top, side = self.box
        shorter = min(height, width)
        wide, tall = side * width / shorter, side * height / shorter
        return left - (wide - side) / 2, top - (tall - side) / 2, wide, tall


def read_photo(path: str, option: str = "--image") -> Image:
    """Read a photo, upright and as RGB.

    Args:
        path: A picture in any format that pillow reads.
        option: Name of the option that gave it, for errors.

    Raises:
        ValueError: There is no such file, it is no picture or damaged, or too large.
    """
    from PIL import Image, ImageOps, UnidentifiedImageError

    if not Path(path).is_file():
        raise ValueError(f"`{option}` is {path!r}, where no file is; accepted is a photo of a face.")
    try:
        with Image.open(path) as opened:
            if max(opened.size) > LARGEST:
                raise ValueError(f"`{option}` is {path!r} of {opened.size} pixels; accepted are {LARGEST} at most.")
            return ImageOps.exif_transpose(opened).convert("RGB")
    except (UnidentifiedImageError, OSError, SyntaxError, Image.DecompressionBombError) as error:
        raise ValueError(f"`{option}` is {path!r}, which is damaged or no picture: {error}.") from None


def found_landmarks(photo: Image, path: str, option: str = "--image") -> Floats:
    """Return the landmarks of the largest face in a photo.

    Args:
        photo: The photo.
        path: Its name, for the error.
        option: Name of the option that gave it, for the error.

    Raises:
        ValueError: There is no face in it.
    """
    from auface.recognition.verification import shipped_recognizer

    found = shipped_recognizer().read(photo)
    if not found.faces:
        raise ValueError(f"`{option}` is {path!r}, in which no face was found; accepted is a photo of a face.")
    return found.face("largest").face.landmarks


def picture_landmarks(path: Path, option: str) -> Floats:
    """Return the landmarks of the largest face in a picture; a `structure.landmark_file.PictureReader`.

    Args:
        path: A picture in any format that pillow reads.
        option: Name of the option that gave it, for errors.

    Raises:
        ValueError: It is no picture, or there is no face in it.
    """
    return found_landmarks(read_photo(str(path), option), str(path), option)


def file_print(path: str) -> str:
    """Return the sha256 of a file.

    Args:
        path: The file.
    """
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()
