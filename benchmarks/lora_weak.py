"""What auface-mini shows badly by the recognizer, and how much better it is with a LoRA that emphasizes it.

It is trained with the command's own options, and used through the pipeline with its default settings, on people and
noise that training has not seen. What is shown badly is what the network loses: how much farther the recognizer reads
units from what was asked for than in renders of the same requests that were seen through the pipeline's autoencoder.
As the LoRA learns from the recognizer, MediaPipe's landmarks say too how units move (`unit_shares`).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from statistics import fmean
from typing import Any

import numpy as np
from generate import natural_requests, single_requests
from lora_faces import FRESH, SIZE, Booth, chosen, train
from picture_landmarks import PictureReader
from PIL import Image
from unit_shares import Trial
from verdict_mini import through_autoencoder

from auface.autext.heads import HeadDescription, sample_identity, sample_view
from auface.autext.heads.gl_renderer import GLRenderer
from auface.facs import ActionUnit, Expression, resolve
from auface.recognition.recognizer import Recognizer
from auface.recognition.unit_table import COUNTED

SURVEYED = [1, 2, 3, 4, 5, 6]
"""People on whom it is found which units are shown badly; they are not `FRESH`."""
WEAK = 4
"""Units that are learned."""
MORE = 0.5
"""How much further each of these units is to move."""
_RARE = tuple(map(Expression.parse, ("34D", "L30D", "R30D")))  # beside units that landmarks tell
_RENDERED = 9000  # added to the number of a person for one that is rendered

Asked = list[tuple[int, Expression]]


def requests(people: Sequence[int], combinations: int) -> Asked:
    """Return what people are asked for: units alone at 4, and natural combinations.

    Args:
        people: Their numbers.
        combinations: How many requests of several units.
    """
    alone = [(person, request) for person in people for request in (*single_requests(), *_RARE)]
    together = [(people[place % len(people)], one) for place, one in enumerate(natural_requests(combinations))]
    return [*alone, *together]


class Errors:
    """How far the recognizer reads pictures from what was asked for.

    Args:
        pictures: RGB; one without a face counts as a face at rest.
        asked: What each was to show.
    """

    def __init__(self, pictures: Sequence[Any], asked: Sequence[Expression]) -> None:
        recognizer = Recognizer()
        self.asked: dict[ActionUnit, list[float]] = {}
        self.unasked: list[float] = []
        for picture, request in zip(pictures, asked, strict=True):
            faces, wanted = recognizer.read(np.asarray(picture)).faces, resolve(request)
            told = faces[0].units if faces else Expression()
            for unit in COUNTED:
                left, right = (told.left(unit), told.right(unit)) if unit in told.units else (0.0, 0.0)
                error = (abs(left - wanted.left(unit)) + abs(right - wanted.right(unit))) / 2
                (self.asked.setdefault(unit, []) if unit in wanted else self.unasked).append(error)

    def of(self, units: Sequence[ActionUnit]) -> float:
        """Return the mean error of units where they are asked for, in levels.

        Args:
            units: The units.
        """
        return fmean(error for unit in units for error in self.asked.get(unit, []))


def weak_part(data: Path, home: Path, reader: PictureReader, given: Any) -> tuple[dict[str, Any], Image.Image]:
    """Return which units auface-mini shows worst, and how much better they are with a LoRA for them.

    Args:
        data: Pictures that give people and noise.
        home: An empty folder.
        reader: Reads landmarks.
        given: Of the command line, with `base` and `heads`.
    """
    trial = Trial.of(reader, given)
    surveyed = requests(SURVEYED[:1], 2) if given.quick else requests(SURVEYED, 36)
    drawn, possible = drawn_errors(trial.base, surveyed), rendered_errors(Path(given.heads), Path(given.base), surveyed)
    lost = {unit: drawn.of([unit]) - possible.of([unit]) for unit in drawn.asked}
    weak = sorted(lost, key=lambda unit: -lost[unit])[:WEAK]
    options = {"emphasis": {str(int(unit)): MORE for unit in weak}, **({"steps": 4} if given.quick else {})}
    took = train({**options, "data": str(data)}, home / "weak")
    booths = {"base": trial.base, "LoRA": Booth(home / "weak" / "weak.safetensors", reader)}
    fresh = requests(FRESH[:1], 2) if given.quick else requests(FRESH[:3], 36)
    errors = {name: drawn_errors(booth, fresh) for name, booth in booths.items()}
    by_landmarks, picture = trial.compared(booths["LoRA"], weak)
    others = [unit for unit in errors["base"].asked if unit not in weak]
    groups = {
        "weak": [errors[name].of(weak) for name in booths],
        "others": [errors[name].of(others) for name in booths],
        "seen without being asked for": [fmean(errors[name].unasked) for name in booths],
    }
    return {
        "options": chosen(options),
        "training": took,
        "surveyed: error drawn, and in renders through the autoencoder, levels": {
            unit.name: [round(each.of([unit]), 2) for each in (drawn, possible)] for unit in sorted(lost)
        },
        "error by the recognizer, levels: base, LoRA": {
            name: [round(value, 3) for value in values] for name, values in groups.items()
        },
        "change of the error, percent": {name: round(100 * (b / a - 1), 1) for name, (a, b) in groups.items()},
        "units: error of base, LoRA": {
            f"{unit.name}{' (weak)' if unit in weak else ''}": [round(each.of([unit]), 2) for each in errors.values()]
            for unit in sorted(errors["base"].asked)
        },
        "by landmarks": by_landmarks,
    }, picture


def drawn_errors(booth: Booth, asked: Asked) -> Errors:
    """Return the errors of pictures that are drawn.

    Args:
        booth: Draws.
        asked: People and requests.
    """
    return Errors([one.picture for one in booth.studio().draw(asked)], [request for _, request in asked])


def rendered_errors(heads: Path, base: Path, asked: Asked) -> Errors:
    """Return the errors of renders, of other people, that were seen through an autoencoder.

    Args:
        heads: The head pack.
        base: The pipeline whose autoencoder it is.
        asked: People and requests.
    """
    renderer = GLRenderer(heads)
    pictures = [
        renderer.render(
            HeadDescription.of(
                request, identity=sample_identity(_RENDERED + person), view=sample_view(_RENDERED + person)
            ),
            SIZE,
        ).image
        for person, request in asked
    ]
    return Errors(through_autoencoder(base, pictures), [request for _, request in asked])
