"""`photo_list`: photos in every form that diffusers takes, one by one; what is no photo is refused with its reason."""

from __future__ import annotations

from typing import Any

import numpy as np
from torch import Tensor


def photo_list(image: Any) -> list[Any]:
    """Return photos one by one, all of one size.

    Args:
        image: A Pillow image in RGB, an array (height, width, 3) or a tensor (3, height, width) of floats from 0 to 1;
            a list of them, or an array or tensor with a batch in front.

    Raises:
        ValueError: There is none, or something that is no photo, or sizes differ.
    """
    several = isinstance(image, list) or getattr(image, "ndim", 0) == 4
    photos: list[Any] = [*image] if several else [image]
    if not photos:
        raise ValueError("`image` is empty; accepted are one photo or more.")
    for photo in photos:
        if fault := _fault(photo):
            raise ValueError(
                f"`image` is {fault}; accepted are Pillow images in RGB, and arrays (height, width, 3) or tensors (3, "
                "height, width) of floats from 0 to 1."
            )
    if len(sizes := {photo_size(photo) for photo in photos}) > 1:
        raise ValueError(f"`image` has photos of the sizes {sorted(sizes)}; accepted are photos of one size.")
    return photos


def photo_size(photo: Any) -> tuple[int, int]:
    """Return height and width in pixels.

    Args:
        photo: One photo of `photo_list`.
    """
    if isinstance(photo, Tensor):
        return photo.shape[1], photo.shape[2]
    if isinstance(photo, np.ndarray):
        return photo.shape[0], photo.shape[1]
    return photo.height, photo.width


def _fault(photo: Any) -> str:
    """Return why something is no photo, or ""."""
    from PIL.Image import Image

    if isinstance(photo, Image):
        return "" if photo.mode == "RGB" else f"a picture of the mode {photo.mode!r}"
    if not isinstance(photo, (np.ndarray, Tensor)):
        return f"{photo!r}" if isinstance(photo, str) else f"a {type(photo).__name__}"
    array = isinstance(photo, np.ndarray)
    shape = tuple(photo.shape)
    if len(shape) != 3 or shape[-1 if array else 0] != 3:
        return f"{'an array' if array else 'a tensor'} of the shape {shape}"
    floats = np.issubdtype(photo.dtype, np.floating) if array else photo.dtype.is_floating_point
    if not floats:
        return f"{'an array' if array else 'a tensor'} of {photo.dtype}"
    low, high = float(photo.min()), float(photo.max())
    return (
        "" if 0 <= low and high <= 1 else f"{'an array' if array else 'a tensor'} with values from {low:g} to {high:g}"
    )
