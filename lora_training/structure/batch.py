"""`FaceBatches`: random batches of faces with their requests and captions, from the cached face sets."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import torch
from torch import Tensor

from auface.facs import Expression, describe, resolve
from auface.lora_training.random_state import random_state, set_random_state
from auface.structure.action_vector import action_vector
from auface.structure.vocabulary import encoded, padded

from .faces import FaceFactory, FaceSet

PEOPLE_PER_FILE = 100
FACES_PER_PERSON = 50

_LENGTHS = ("tag", "sentence", "sentence", "detailed")
_BEFORE = ("", "", "", "portrait of a woman, ", "photo of a man. ", "a person, ", "close-up portrait: ", "she has ")
_AFTER = ("", "", "", ", studio light", ", 35mm photograph", " soft light, bokeh", ", highly detailed")


@dataclass(frozen=True, slots=True, eq=False)
class FaceBatch:
    """Some faces.

    Attributes:
        displacement: (batch, 478, 3) in inter-ocular distances.
        neutral: (batch, 478, 3).
        actions: (batch, 2, SIZE) the request, as asked or as resolved, by chance.
        resolved: (batch, 2, SIZE) what a face can do of the request.
        asked: The requests.
    """

    displacement: Tensor
    neutral: Tensor
    actions: Tensor
    resolved: Tensor
    asked: list[Expression]


class FaceBatches:
    """Draws batches.

    Args:
        faces: The faces.
        seed: Seed of the order and of captions.
    """

    def __init__(self, faces: FaceSet, seed: int = 0) -> None:
        self._neutral = torch.from_numpy(faces.neutral)
        self._displacement = torch.from_numpy(faces.displacement)
        self._person = torch.from_numpy(faces.person).long()
        self._asked = [Expression.parse(str(notation)) for notation in faces.asked]
        both = [(action_vector(asked), action_vector(resolve(asked))) for asked in self._asked]
        self._actions = torch.from_numpy(np.array(both, np.float16))
        self._rng = Random(seed)

    @classmethod
    def open(cls, folder: Path, heads: Path | None, people: int, seed: int) -> FaceBatches:
        """Read the training split, and first make what is missing of it.

        Args:
            folder: Folder of face sets.
            heads: Folder of the head pack; needed if something is missing.
            people: How many people.
            seed: Seed of the order and of captions.

        Raises:
            ValueError: Faces are missing, and so is the head pack.
        """
        paths = [folder / f"train-{number:03d}.npz" for number in range(-(-people // PEOPLE_PER_FILE))]
        missing = [path for path in paths if not path.exists()]
        factory = FaceFactory(heads) if missing else None
        for path in missing:
            assert factory is not None
            first = PEOPLE_PER_FILE * int(path.stem.split("-")[1])
            factory.faces("train", first, PEOPLE_PER_FILE, FACES_PER_PERSON).save(path)
        return cls(FaceSet.load(*paths), seed)

    def state(self) -> Any:
        """Return the state of the random source, for a checkpoint."""
        return random_state(self._rng)

    def restore(self, state: Any) -> None:
        """Go on from a checkpoint.

        Args:
            state: What `state` returned.
        """
        set_random_state(self._rng, state)

    def batch(self, size: int) -> FaceBatch:
        """Return random faces.

        Args:
            size: How many.
        """
        rows = [self._rng.randrange(len(self._asked)) for _ in range(size)]
        index = torch.tensor(rows)
        kind = torch.tensor([self._rng.randrange(2) for _ in rows])
        return FaceBatch(
            self._displacement[index].float(),
            self._neutral[self._person[index]],
            self._actions[index, kind].float(),
            self._actions[index, 1].float(),
            [self._asked[row] for row in rows],
        )

    def captions(self, asked: list[Expression], half: list[int]) -> Tensor:
        """Return sampled captions of requests as seen from one half, (batch, words, NGRAMS) int64.

        Args:
            asked: The requests.
            half: 0 (left) or 1 (right) for each.
        """
        rows = [encoded(self._caption(expression), side) for expression, side in zip(asked, half, strict=True)]
        return torch.from_numpy(padded(rows))

    def _caption(self, asked: Expression) -> str:
        rng = self._rng
        keep = rng.random() < 0.5
        text = describe(
            asked,
            length=rng.choice(_LENGTHS),  # pyright: ignore[reportArgumentType]
            seed=rng.getrandbits(30),
            conflict_policy="keep" if keep else "natural",
        )
        return f"{rng.choice(_BEFORE)}{text}{rng.choice(_AFTER)}" if rng.random() < 0.3 else text
