"""`Canvas`: text, bars and faces on a picture, in the few colors and sizes that all pictures of recognition share."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Literal

from .result import Face

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageFont import FreeTypeFont, ImageFont

Color = tuple[int, int, int]

PAPER: Color = (251, 250, 247)
INK: Color = (33, 34, 40)
GRAY: Color = (122, 124, 132)
PALE: Color = (228, 227, 222)
GREEN: Color = (46, 139, 87)
RED: Color = (205, 62, 40)
BLUE: Color = (52, 112, 214)
AMBER: Color = (200, 138, 20)

Anchor = Literal["la", "ra", "ma", "lm", "rm", "mm"]
"""Which point of a text lies at its place, as Pillow names it."""


class Canvas:
    """A picture to be drawn on; sizes are in pixels.

    Attributes:
        image: The picture, RGB.
    """

    def __init__(self, width: int, height: int) -> None:
        """Start with empty paper.

        Args:
            width: Pixels.
            height: Pixels.
        """
        from PIL import Image, ImageDraw

        self.image = Image.new("RGB", (width, height), PAPER)
        self._draw = ImageDraw.Draw(self.image)

    def text(
        self, place: tuple[float, float], text: str, size: int = 15, color: Color = INK, anchor: Anchor = "la"
    ) -> None:
        """Write one line.

        Args:
            place: x, y.
            text: The line.
            size: Height of letters.
            color: RGB.
            anchor: Which point of the line lies at `place`.
        """
        self._draw.text(place, text, fill=color, font=font(size), anchor=anchor)

    def bar(self, box: tuple[float, float, float, float], color: Color, hollow: bool = False) -> None:
        """Draw a bar with rounded ends.

        Args:
            box: x0, y0, x1, y1.
            color: RGB.
            hollow: Whether only its edge is drawn.
        """
        x0, y0, x1, y1 = box
        radius = min(4.0, (x1 - x0) / 2, (y1 - y0) / 2)
        if hollow:
            self._draw.rounded_rectangle(box, radius, outline=color, width=2)
        else:
            self._draw.rounded_rectangle(box, radius, fill=color)

    def line(self, start: tuple[float, float], end: tuple[float, float], color: Color = PALE, width: int = 1) -> None:
        """Draw a straight line.

        Args:
            start: x, y.
            end: x, y.
            color: RGB.
            width: Pixels.
        """
        self._draw.line([start, end], fill=color, width=width)

    def dot(self, center: tuple[float, float], radius: float, color: Color) -> None:
        """Draw a filled circle.

        Args:
            center: x, y.
            radius: Pixels.
            color: RGB.
        """
        x, y = center
        self._draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=color)

    def paste(self, picture: Image, place: tuple[int, int]) -> None:
        """Lay a picture on the canvas.

        Args:
            picture: RGB.
            place: x, y of its upper left corner.
        """
        self.image.paste(picture, place)


@cache
def font(size: int) -> FreeTypeFont | ImageFont:
    """Return the typeface that comes with Pillow.

    Args:
        size: Height of letters in pixels.
    """
    from PIL import ImageFont

    return ImageFont.load_default(size)


def text_width(text: str, size: int) -> float:
    """Return how wide a line is, in pixels.

    Args:
        text: The line.
        size: Height of letters in pixels.
    """
    return font(size).getlength(text)


def wrapped(text: str, size: int, width: float, lines: int) -> list[str]:
    """Return a text in lines that are not wider than `width`; what exceeds `lines` of them ends in an ellipsis.

    Args:
        text: Words.
        size: Height of letters in pixels.
        width: Widest line in pixels.
        lines: Most lines.
    """
    found: list[str] = []
    for word in text.split():
        if found and text_width(f"{found[-1]} {word}", size) <= width:
            found[-1] = f"{found[-1]} {word}"
        else:
            found.append(word)
    if len(found) > lines:
        found = [*found[: lines - 1], f"{found[lines - 1]} …"]
    return found


def close_up(picture: Image, face: Face, size: int, margin: float = 0.25) -> tuple[Image, Face]:
    """Cut a square round a face and scale it.

    Args:
        picture: RGB; the picture that the face was found in.
        face: The face.
        size: Height and width of the result in pixels.
        margin: Room on each side, in sizes of the face. What lies outside the picture is pale.

    Returns:
        The cut, and the face in its pixels.
    """
    from PIL import Image

    half = face.size * (0.5 + margin)
    x, y = face.center
    scale = size / (2 * half)
    cut = Image.new("RGB", (size, size), PALE)
    # Cut first and scale then: a face may be small in a large picture.
    x0, y0 = max(0, int(x - half)), max(0, int(y - half))
    x1, y1 = min(picture.width, int(x + half) + 1), min(picture.height, int(y + half) + 1)
    if x1 > x0 and y1 > y0:
        part = picture.convert("RGB").crop((x0, y0, x1, y1))
        part = part.resize(
            (max(1, round(part.width * scale)), max(1, round(part.height * scale))), Image.Resampling.LANCZOS
        )
        cut.paste(part, (round((x0 - x + half) * scale), round((y0 - y + half) * scale)))
    landmarks = face.landmarks.copy()
    landmarks[:, 0] = (landmarks[:, 0] - (x - half)) * scale
    landmarks[:, 1] = (landmarks[:, 1] - (y - half)) * scale
    landmarks[:, 2] *= scale
    x0, y0, x1, y1 = face.box
    box = ((x0 - x + half) * scale, (y0 - y + half) * scale, (x1 - x + half) * scale, (y1 - y + half) * scale)
    return cut, Face(box, landmarks, face.score, face.pose, face.source)
