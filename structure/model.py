"""`StructureModel`: from a request, as an expression or as text, to the geometry of a face."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from auface.facs import Expression, read, resolve
from auface.facs.request import is_english

from .action_vector import action_vector
from .contact import seal, sealed, without_crossing
from .device import usable_device
from .face_structure import FaceStructure
from .identity import default_neutral
from .network import StructureNetwork
from .pose import HeadPose
from .precision import full_precision
from .topology import LANDMARKS
from .vocabulary import encoded, padded
from .weight_file import load_weights

Floats = NDArray[np.float32]

Reader = Literal["language", "encoder"]
"""What reads English: the rules of `auface.facs`, and the text encoder where they find nothing; or it alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampling:
    """How tokens are chosen.

    Attributes:
        temperature: 0 for the expected face, the same each time; 1 for natural variety.
        guidance: 1 for the prediction itself; more insists on the request.
        steps: Passes in which drawn tokens become known.
        seed: Seed of the draw.
    """

    temperature: float = 0.0
    guidance: float = 1.0
    steps: int = 4
    seed: int = 0


class StructureModel:
    """VQ-AUFace, our definition: request -> structure tokens -> face geometry.

    Args:
        network: Trained parts.
        device: Where to compute.

    Raises:
        ValueError: The device cannot be used here.
    """

    def __init__(self, network: StructureNetwork, device: torch.device | str = "cpu") -> None:
        self.device = usable_device(device)
        self.network = network.to(self.device).train(False).requires_grad_(False)

    @classmethod
    def load(cls, path: Path | None = None, device: torch.device | str = "cpu") -> StructureModel:
        """Load weights.

        Args:
            path: A weights file; by default the shipped one.
            device: Where to compute.

        Raises:
            ValueError: The file is missing or damaged, or the device cannot be used here.
            ImportError: safetensors is missing.
        """
        return cls(load_weights(path), device)

    @torch.inference_mode()
    def structure(
        self,
        request: Expression | str,
        *,
        neutral: Floats | None = None,
        pose: HeadPose | None = None,
        sampling: Sampling | None = None,
        reader: Reader = "language",
    ) -> FaceStructure:
        """Return the geometry of one face.

        Args:
            request: An expression, FACS notation, or English.
            neutral: (478, 3) the person at rest, in the frame of the face; by default the default head.
            pose: How the head is turned; units 51 to 56 of the request turn it further.
            sampling: How tokens are chosen; by default the expected face.
            reader: What reads English.

        Raises:
            ValueError: Unknown units, text that says nothing about a face, or a neutral face of another shape.
        """
        person = default_neutral() if neutral is None else np.asarray(neutral, np.float32)
        if person.shape != (LANDMARKS, 3) or not np.isfinite(person).all():
            raise ValueError(f"`neutral` has shape {person.shape}; accepted are ({LANDMARKS}, 3) finite numbers.")
        expression, condition = self.condition(request, reader)
        codes = self.codes(condition, sampling or Sampling())
        rest = torch.from_numpy(person)[None].to(self.device)
        displacement = self.displacement(codes, rest, firmness=self.firmness_of([expression]))[0].cpu().numpy()
        quantizer = self.network.tokenizer.quantizer
        if expression.is_neutral:
            displacement = np.zeros_like(displacement)
        return FaceStructure(
            expression=expression,
            neutral=person,
            displacement=displacement,
            tokens=quantizer.indices(quantizer.digits(codes))[0].cpu().numpy(),
            pose=(pose or HeadPose()).turned(expression),
        )

    def condition(self, request: Expression | str, reader: Reader = "language") -> tuple[Expression, Tensor]:
        """Return what is asked for, resolved as far as it is known, and its condition vectors, (1, 2, ., .).

        Args:
            request: An expression, FACS notation, or English.
            reader: What reads English.

        Raises:
            ValueError: Unknown units or reader, or text that says nothing about a face.
        """
        if reader not in ("language", "encoder"):
            raise ValueError(f"`reader` is {reader!r}; accepted are 'language' and 'encoder'.")
        if isinstance(request, str) and is_english(request):
            reading = read(request) if reader == "language" else None
            if reading is None or not reading.spans:
                return self._from_text(request)
            request = reading.expression  # pyright: ignore[reportAssignmentType]
        elif isinstance(request, str):
            request = Expression.parse(request)
        assert isinstance(request, Expression)
        shown = resolve(request)
        return shown, self.condition_of([shown])

    @full_precision
    @torch.no_grad()
    def condition_of(self, expressions: Sequence[Expression]) -> Tensor:
        """Return condition vectors of expressions, (batch, 2, condition_tokens, width).

        Args:
            expressions: What the faces show, as asked or resolved.
        """
        actions = np.stack([action_vector(expression) for expression in expressions])
        return self.network.expression_encoder(torch.from_numpy(actions).to(self.device))

    @full_precision
    @torch.no_grad()
    def condition_of_text(self, texts: Sequence[str]) -> tuple[Tensor, Tensor]:
        """Return condition vectors of texts, and the (batch, 2, SIZE) action units that the text encoder reads.

        Args:
            texts: English.
        """
        rows = [encoded(text, half) for text in texts for half in (0, 1)]
        words = torch.from_numpy(padded(rows)).unflatten(0, (-1, 2)).to(self.device)
        return self.network.condition_of_text(words)

    @full_precision
    def codes(self, condition: Tensor, sampling: Sampling) -> Tensor:
        """Return codes of structure tokens, (batch, 2, tokens, channels).

        Args:
            condition: (batch, 2, condition_tokens, width).
            sampling: How tokens are chosen.
        """
        generator = torch.Generator().manual_seed(sampling.seed)
        return self.network.prior.sample(
            condition,
            temperature=sampling.temperature,
            guidance=sampling.guidance,
            steps=sampling.steps,
            generator=generator,
        )

    @full_precision
    def firmness_of(self, expressions: Sequence[Expression]) -> Tensor:
        """Return how firmly expressions press the lips together, (batch,) from 0 to 1; see `contact.seal`.

        Args:
            expressions: What the faces show, resolved.
        """
        actions = np.stack([action_vector(expression) for expression in expressions])
        return seal(torch.from_numpy(actions).to(self.device))

    @full_precision
    @torch.no_grad()
    def displacement(
        self, codes: Tensor, neutral: Tensor, *, contact: bool = True, firmness: Tensor | None = None
    ) -> Tensor:
        """Return the (batch, 478, 3) displacement of tokens on people.

        Args:
            codes: (batch, 2, tokens, channels).
            neutral: (batch, 478, 3).
            contact: Whether lips and lids that would pass through each other meet instead.
            firmness: (batch,) of `firmness_of` or `contact.seal`: where lips are pressed together, they stay shut.
                None if it is not known what the tokens are to show.
        """
        points = neutral + self.network.tokenizer.decode(codes, neutral)
        if firmness is not None:
            points = sealed(points, neutral, firmness)
        return (without_crossing(points) if contact else points) - neutral

    def _from_text(self, text: str) -> tuple[Expression, Tensor]:
        condition, actions = self.condition_of_text([text])
        shown = expression_of(actions[0].cpu().numpy())
        if shown.is_neutral and "neutral" not in text.lower():
            raise ValueError(f"`request` is {text[:80]!r}, in which nothing about a face was understood.")
        return shown, condition


def expression_of(actions: Floats, least: float = 0.12) -> Expression:
    """Return the expression that the text encoder read, roughly; the inverse of `action_vector` up to rounding.

    Args:
        actions: (2, SIZE).
        least: Share of full intensity below which a unit is not called present.
    """
    from auface.facs import Sides

    from .action_vector import UNITS

    left, right = actions[0, : len(UNITS)], actions[1, : len(UNITS)]
    values: dict[int, tuple[float, float]] = {}
    for place, unit in enumerate(UNITS):
        other = UNITS.index(unit.mirrored)
        one, two = float(left[place]), float(right[other])
        if unit.sides is Sides.TOGETHER:
            one = two = (one + two) / 2
        one, two = (5 * min(1.0, value) if value >= least else 0.0 for value in (one, two))
        if unit.sides is Sides.ONE and one and two:
            one, two = (one, 0.0) if one >= two else (0.0, two)
        if one or two:
            values[int(unit)] = (round(one, 2), round(two, 2))
    return Expression.of(values)


@cache
def shipped_model() -> StructureModel:
    """Return the model with the shipped weights, loaded once, on the CPU."""
    return StructureModel.load()
