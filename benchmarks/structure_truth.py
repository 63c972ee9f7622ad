"""The truth that the structural prior is measured against: composed heads of people of the test split."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from auface.autext.heads.lip import are_shut
from auface.facs import Expression
from auface.lora_training.structure.faces import FIRST_PERSON, FaceFactory
from auface.structure.contact import gaps
from auface.structure.topology import topology

Floats = NDArray[np.float32]

CROSSING = 0.006
"""Margins that are farther than this past each other cross, in inter-ocular distances (0.4 mm)."""

APART = 0.04
"""Lips that ought to be shut and part by more than this beyond the neutral mouth are apart (2.5 mm)."""

MOVES = 0.012
"""A region moves if its landmarks move by more than this on average, in inter-ocular distances."""


class Faces:
    """People of the test split, and one of them for each request.

    Args:
        factory: What makes faces.
        people: Number of people.
    """

    def __init__(self, factory: FaceFactory, people: int) -> None:
        self.factory = factory
        self._people = [factory.person(FIRST_PERSON["test"] + number) for number in range(people)]
        self._neutral = np.stack([factory.neutral(person) for person in self._people])
        self.choose(people)

    def choose(self, count: int) -> None:
        """Take people in turn.

        Args:
            count: Number of requests.
        """
        rows = np.arange(count) % len(self._people)
        self.people = [self._people[row] for row in rows]
        self.neutral: Floats = self._neutral[rows]

    def default(self) -> Faces:
        """Return the first person alone."""
        return self.few(1)

    def few(self, people: int) -> Faces:
        """Return the first people alone.

        Args:
            people: Number of people.
        """
        return Faces(self.factory, people)


def truth(faces: Faces, shown: list[Expression]) -> Floats:
    """Return the (batch, 478, 3) displacement of composed heads.

    Args:
        faces: One person for each request, or one for all.
        shown: What the faces show, resolved.
    """
    people = faces.people if len(faces.people) == len(shown) else faces.people * len(shown)
    rest = faces.neutral if len(faces.neutral) == len(shown) else np.repeat(faces.neutral, len(shown), 0)
    posed = [faces.factory.points(person, face) for person, face in zip(people, shown, strict=True)]
    return np.stack(posed) - rest


def percent(one: Floats, other: Floats) -> float:
    """Return the mean distance of points in percent of the inter-ocular distance."""
    return 100 * float(np.linalg.norm(one - other, axis=-1).mean())


def artefacts(faces: Faces, displacement: Floats, shown: list[Expression]) -> dict[str, float]:
    """Return the share of faces with each artefact, and with any.

    Args:
        faces: The people.
        displacement: (batch, 478, 3).
        shown: What the faces show, resolved.
    """
    rest = torch.from_numpy(faces.neutral)
    lips, *lids = (gap.numpy() for gap in gaps(rest + torch.from_numpy(displacement)))
    neutral = gaps(rest)[0].numpy()
    shut = np.array([are_shut(face) for face in shown])
    found = {
        "lips cross": (lips < -CROSSING).any(1),
        "lids inverted": np.any([(gap < -CROSSING).any(1) for gap in lids], axis=0),
        "shut lips apart": shut & ((lips - neutral) > APART).any(1),
    }
    found["any"] = np.any(list(found.values()), axis=0)
    return {name: float(values.mean()) for name, values in found.items()}


def direction_is_right(got: Floats, wanted: Floats) -> bool:
    """Return whether each region of each half that is to move moves within 60 degrees of where it is to go.

    Args:
        got: (478, 3) displacement.
        wanted: (478, 3) displacement.
    """
    shared = topology()
    moves = False
    for share in (*shared.region, *shared.region[:, shared.mirror]):
        weight = share[:, None]
        if (np.linalg.norm(wanted, axis=1) * share).sum() / share.sum() < MOVES:
            continue
        moves = True
        product = float((weight * got * wanted).sum())
        lengths = np.sqrt((weight * got**2).sum() * (weight * wanted**2).sum())
        if product < 0.5 * lengths or lengths == 0:
            return False
    return moves or float(np.linalg.norm(got, axis=1).mean()) < MOVES
