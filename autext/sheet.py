"""`ContactSheet`: some pictures of a data set with their labels and captions, to be looked at."""

from __future__ import annotations

import io
import textwrap
from pathlib import Path
from typing import NamedTuple

from .record import Record

COLUMNS, ROWS = 8, 6
"""Pictures across and down."""

_TILE = 176  # pixels
_TEXT = 54  # pixels below a picture
_LINE = 11  # pixels from one line of text to the next
_LETTERS = 29  # letters that fit on a line


class _Tile(NamedTuple):
    path: Path
    heading: str
    text: str


class ContactSheet:
    """Chooses pictures evenly over a data set and draws them."""

    def __init__(self, folder: Path) -> None:
        """Start empty.

        Args:
            folder: The folder of the data set.
        """
        self._folder = folder
        self._tiles: list[_Tile] = []

    def offer(self, record: Record, number: int, total: int) -> None:
        """Take a picture, if it is one of those that are evenly spread.

        Args:
            record: The row.
            number: Its place, 0 to total - 1; pictures are offered in this order.
            total: How many will be offered.
        """
        heading = f"{record.expression.notation()}  ({record.subject})"
        self.add(self._folder / record.split / record.file_name, heading, record.text, number, total)

    def add(self, path: Path, heading: str, text: str, number: int, total: int) -> None:
        """Take any picture, if it is one of those that are evenly spread.

        Args:
            path: The picture.
            heading: First line below it.
            text: What is said below that.
            number: Its place, 0 to total - 1.
            total: How many will be offered.
        """
        wanted = min(total, COLUMNS * ROWS)
        if len(self._tiles) < wanted and number == len(self._tiles) * total // wanted:
            self._tiles.append(_Tile(path, heading, text))

    def png(self) -> bytes:
        """Return the sheet as PNG, RGB."""
        from PIL import Image, ImageDraw, ImageFont

        rows = -(-len(self._tiles) // COLUMNS)
        sheet = Image.new("RGB", (COLUMNS * _TILE, rows * (_TILE + _TEXT)), "white")
        draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(size=9)
        for number, tile in enumerate(self._tiles):
            x, y = number % COLUMNS * _TILE, number // COLUMNS * (_TILE + _TEXT)
            with Image.open(tile.path) as picture:
                small = picture.convert("RGB")
            small.thumbnail((_TILE - 4, _TILE - 4))
            sheet.paste(small, (x + (_TILE - small.width) // 2, y + 2))
            lines = [tile.heading[: _LETTERS + 2], *textwrap.wrap(tile.text, _LETTERS + 4)[:3]]
            for place, line in enumerate(lines):
                color = "black" if place == 0 else "#444444"
                draw.text((x + 3, y + _TILE + place * _LINE + 1), line, fill=color, font=font)
        buffer = io.BytesIO()
        sheet.save(buffer, "PNG", optimize=True)
        return buffer.getvalue()
