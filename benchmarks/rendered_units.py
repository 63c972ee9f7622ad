"""What the measure of units gives on rendered heads, which show them exactly: the most that a model can reach."""

from __future__ import annotations

from pathlib import Path

from picture_landmarks import PictureReader
from PIL import Image
from unit_measure import UnitShown, measure

from auface.autext.heads import HeadDescription, sample_identity, sample_view
from auface.autext.heads.gl_renderer import GLRenderer
from auface.facs import Expression


def rendered_rows(
    heads: Path, reader: PictureReader, seeds: list[int], requests: list[Expression], size: int
) -> list[UnitShown]:
    """Return how renders of single units show them, against the neutral render of the same person and view.

    Args:
        heads: The head pack.
        reader: Reads landmarks.
        seeds: Of people and views.
        requests: Single units.
        size: Height and width in pixels.
    """
    renderer = GLRenderer(heads)
    rows: list[UnitShown] = []
    for seed in seeds:
        person, view = sample_identity(seed), sample_view(seed)
        pictures = {
            request: renderer.render(HeadDescription.of(request, identity=person, view=view), size)
            for request in (Expression(), *requests)
        }
        seen = {request: reader.read(Image.fromarray(picture.image)) for request, picture in pictures.items()}
        exact = {request: picture.landmarks for request, picture in pictures.items() if picture.landmarks is not None}
        rest = seen[Expression()]
        for request in requests:
            direction = exact[request] - exact[Expression()]
            there = seen[request]
            moved = None if rest is None or there is None else there - rest
            rows.append(UnitShown(request.units[0], request, 1.0, measure(moved, direction)))
    return rows
