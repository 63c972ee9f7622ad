"""`open_picture`: any picture that people have, as upright 8-bit RGB, or one clear error.

Files of every mode that Pillow reads (gray, palette, alpha, 16 bits, CMYK), turned as their EXIF tag says; arrays and
tensors of numbers from 0 to 1 or 0 to 255. A cut-out is put on white.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from PIL.Image import Image
    from torch import Tensor

LARGEST = 80_000_000
"""Most pixels of a picture; more would need gigabytes of memory to decode."""

TOGETHER = 8
"""Pictures that are read together, at most: they take about two thirds of the time; more would gain little."""

TOGETHER_PIXELS = 16_000_000
"""Pixels of these, at most, unless it is one picture: memory stays flat."""

Bytes = NDArray[np.uint8]

PictureSource: TypeAlias = "str | Path | Image | NDArray[Any] | Tensor | Picture"
"""What can be read as a picture."""


class PictureError(ValueError):
    """A picture that cannot be read; the text says which and why."""


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """An upright picture.

    Attributes:
        pixels: (H, W, 3) RGB, uint8.
        name: Name, such as that of the file; may be empty.
    """

    pixels: Bytes
    name: str = ""

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        height, width = self.pixels.shape[:2]
        return width, height


def is_handful(pictures: Sequence[Picture]) -> bool:
    """Return whether pictures are enough to be read together.

    Args:
        pictures: Some.
    """
    return len(pictures) >= TOGETHER or sum(one.pixels.size // 3 for one in pictures) >= TOGETHER_PIXELS


def open_picture(source: PictureSource, name: str = "") -> Picture:
    """Return a picture as upright 8-bit RGB.

    Args:
        source: A file, a Pillow image, or an array or tensor (H, W), (H, W, 1), (H, W, 3), (H, W, 4), or the last three
            with a leading 1: uint8, uint16, or floats from 0 to 1.
        name: Name for results and errors; by default that of the file.

    Raises:
        PictureError: There is no such file, it is no picture or a damaged one, it has over 80 million pixels, or the
            array has another shape, type or range.
        ImportError: Pillow is missing; the text names the extra to install.
    """
    if isinstance(source, Picture):
        return source if not name else Picture(source.pixels, name)
    if isinstance(source, (str, Path)):
        return Picture(_from_file(Path(source)), name or Path(source).name)
    if hasattr(source, "getbands"):
        return Picture(_from_image(source, repr(name) if name else "the image"), name)  # pyright: ignore[reportArgumentType]
    return Picture(_from_array(source, repr(name) if name else "the array"), name)


def _from_file(path: Path) -> Bytes:
    try:
        from PIL import Image, UnidentifiedImageError
    except ImportError:
        raise ImportError("reading pictures needs Pillow, which auface[recognition] brings") from None
    shown = repr(str(path))
    if path.is_dir():
        raise PictureError(f"`source` is {shown}, a folder; accepted is a picture.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # the size is looked at below
            with Image.open(path) as image:
                return _from_image(image, shown)
    except FileNotFoundError:
        raise PictureError(f"`source` is {shown}, which does not exist; accepted is a picture.") from None
    except Image.DecompressionBombError:
        raise PictureError(f"`source` is {shown}, which has over {LARGEST:,} pixels; accepted are fewer.") from None
    except UnidentifiedImageError:
        raise PictureError(f"`source` is {shown}, which is no picture that Pillow knows; accepted is one.") from None
    except PictureError:
        raise
    except (OSError, SyntaxError, ValueError, EOFError, IndexError, KeyError, OverflowError) as error:
        # What decoders of Pillow raise for files that are cut short or damaged.
        raise PictureError(f"`source` is {shown}, which is damaged ({error}); accepted is a whole picture.") from None


def _from_image(image: Image, shown: str) -> Bytes:
    from PIL import Image as Pillow, ImageOps

    width, height = image.size
    if width * height > LARGEST:
        raise PictureError(f"`source` is {shown}, {width} x {height} pixels; accepted are up to {LARGEST:,} in all.")
    image = ImageOps.exif_transpose(image)
    if image.mode.startswith("I") or image.mode == "F":
        return _from_array(_in_range(np.asarray(image)), shown)
    if image.has_transparency_data:
        cut = image.convert("RGBA")
        image = Pillow.alpha_composite(Pillow.new("RGBA", cut.size, "white"), cut)
    return np.array(image.convert("RGB"))


def _in_range(values: NDArray[Any]) -> NDArray[Any]:
    """Return gray values of 16 or 32 bits as they are meant: 16 bits, or floats to 1."""
    if values.dtype.kind == "f":
        highest = float(np.nanmax(values, initial=0))
        return values if highest <= 1 else values / (255 if highest <= 255 else highest)
    highest = int(values.max(initial=0))
    return values.clip(0, 255).astype(np.uint8) if highest <= 255 else values.clip(0, 65535).astype(np.uint16)


def _from_array(source: object, shown: str) -> Bytes:
    detached = source.detach().cpu().numpy() if hasattr(source, "detach") else source  # pyright: ignore[reportAttributeAccessIssue]
    if not isinstance(detached, np.ndarray):
        raise PictureError(f"`source` is {type(source).__name__}; accepted are a file, an image, an array or a tensor.")
    values: NDArray[Any] = detached[0] if detached.ndim == 4 and len(detached) == 1 else detached
    if values.ndim == 2:
        values = values[..., None]
    if values.ndim != 3 or values.shape[-1] not in (1, 3, 4) or not values.size:
        raise PictureError(
            f"{shown} has shape {detached.shape}; accepted is (H, W), or (H, W, C) with 1, 3 or 4 channels."
        )
    if values.shape[0] * values.shape[1] > LARGEST:
        raise PictureError(f"{shown} has shape {detached.shape}; accepted are up to {LARGEST:,} pixels.")
    pixels = _as_bytes(values, shown)
    if pixels.shape[-1] == 4:
        alpha = pixels[..., 3:].astype(np.uint16)
        pixels = ((pixels[..., :3] * alpha + 255 * (255 - alpha)) // 255).astype(np.uint8)
    return np.ascontiguousarray(np.broadcast_to(pixels, (*pixels.shape[:2], 3)))


def _as_bytes(values: NDArray[Any], shown: str) -> Bytes:
    if values.dtype == np.uint8:
        return values
    if values.dtype == np.uint16:
        return (values >> 8).astype(np.uint8)
    if values.dtype.kind == "f":
        lowest, highest = float(values.min()), float(values.max())
        if not (lowest >= -1e-3 and highest <= 1 + 1e-3):  # also true for NaN
            raise PictureError(f"{shown} has values from {lowest:g} to {highest:g}; accepted are floats from 0 to 1.")
        return (values.clip(0, 1) * 255 + 0.5).astype(np.uint8)
    raise PictureError(f"{shown} has values of {values.dtype}; accepted are uint8, uint16, or floats from 0 to 1.")
