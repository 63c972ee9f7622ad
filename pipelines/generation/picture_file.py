"""PNG files that carry their request, written whole or not at all."""

from __future__ import annotations

from contextlib import suppress
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import auface
from auface.pipelines.generation.request import PictureRequest

if TYPE_CHECKING:
    from PIL.Image import Image

KEY = "auface"
"""Name of the PNG text chunk that holds the request as JSON."""

SHEET_KEY = "auface-sheet"
"""Name of the PNG text chunk that says which sheet the picture is."""


def write_picture(picture: Image, path: Path, request: PictureRequest, sheet: str | None = None) -> None:
    """Write a picture with its request; an interrupted write leaves nothing behind.

    Args:
        picture: What was drawn.
        path: A name that ends in .png.
        request: What it was made from.
        sheet: For a sheet, its kind and count, such as "seeds:9".

    Raises:
        OSError: The file cannot be written.
    """
    from PIL.PngImagePlugin import PngInfo

    told = PngInfo()
    told.add_text("parameters", request.parameters(auface.__version__))
    told.add_text(KEY, request.to_json())
    if sheet is not None:
        told.add_text(SHEET_KEY, sheet)
    packed = BytesIO()
    picture.save(packed, format="PNG", pnginfo=told)
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_bytes(packed.getvalue())
        part.replace(path)
    finally:
        with suppress(FileNotFoundError):
            part.unlink()


def read_request(path: Path) -> tuple[PictureRequest, str | None]:
    """Read the request that a picture carries, and which sheet it is.

    Args:
        path: A PNG that `write_picture` wrote.

    Raises:
        ValueError: There is no such file, it is no PNG, or it carries no request.
    """
    from PIL import Image, UnidentifiedImageError

    if not path.is_file():
        raise ValueError(f"`--from` is {str(path)!r}, where no file is; accepted is a PNG that AUFace made.")
    try:
        with Image.open(path, formats=["PNG"]) as picture:
            picture.load()
            told = dict(picture.info)
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError):
        raise ValueError(f"`--from` is {str(path)!r}, which is damaged or no PNG.") from None
    if KEY not in told:
        raise ValueError(f"`--from` is {str(path)!r}, which carries no request; accepted is a PNG that AUFace made.")
    try:
        return PictureRequest.from_json(told[KEY]), told.get(SHEET_KEY)
    except ValueError as error:
        raise ValueError(f"`--from` is {str(path)!r}: {error}") from None
