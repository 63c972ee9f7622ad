"""Draw docs/faces.png, ten expressions with their notation and words: `python docs/faces.py --heads FOLDER`.

Needs the head pack (see docs/heads.md) and `pip install "auface[heads]"`.
"""

import argparse
import sys
import textwrap
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from auface.autext.head_description import View
from auface.autext.heads import HeadDescription, open_renderer, sample_identity
from auface.facs import Expression, describe

FACES = (
    ("6D+12D+25C", 7),
    ("1D+4C+15C+17B", 2),
    ("1C+2C+5C+26C", 12),
    ("4D+7C+24D", 20),
    ("9D+10C+17B", 16),
    ("1D+2C+4D+5D+20C+25C", 15),
    ("L12C+L14C", 10),
    ("12C+15C+17B", 6),
    ("R1D+R2E+L4C", 3),
    ("6B+12D+L46", 11),
)
"""Notation, and seed of the person."""

SIZE, COLUMNS, TEXT, LINE = 288, 5, 112, 17  # pixels of a picture, pictures in a row, pixels of text below, of a line


def main() -> None:
    """Draw the sheet."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--heads", type=Path, required=True, help="folder of the head pack")
    renderer = open_renderer("gl", parser.parse_args().heads)
    rows = -(-len(FACES) // COLUMNS)
    sheet = Image.new("RGB", (COLUMNS * (SIZE + 8) - 8, rows * (SIZE + TEXT)), "white")
    draw = ImageDraw.Draw(sheet)
    bold, plain = ImageFont.load_default(size=16), ImageFont.load_default(size=14)
    for number, (notation, person) in enumerate(FACES):
        expression = Expression.parse(notation)
        view = View()
        description = HeadDescription.of(expression, identity=sample_identity(person), view=view)
        x, y = number % COLUMNS * (SIZE + 8), number // COLUMNS * (SIZE + TEXT)
        sheet.paste(Image.fromarray(renderer.render(description, SIZE, ()).image), (x, y))
        draw.text((x + 2, y + SIZE + 4), notation, fill="black", font=bold)
        for place, line in enumerate(textwrap.wrap(describe(expression, length="tag"), 40)[:5]):
            draw.text((x + 2, y + SIZE + 24 + place * LINE), line, fill="#444444", font=plain)
    sheet.save(Path(__file__).with_name("faces.png"), optimize=True)
    sys.stdout.write("docs/faces.png written\n")


if __name__ == "__main__":
    main()
