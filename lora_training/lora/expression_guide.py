"""`ExpressionGuide`: the expression adapter of a base in training: what it says of the faces in a batch's pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from auface.facs import Expression
from auface.lora_training.lora.base_model import BaseModel, base_source

if TYPE_CHECKING:  # a run without an adapter does not wait for these
    from auface.pipelines.adapter.attention import ExpressionAttention
    from auface.pipelines.adapter.condition import FaceCondition
    from auface.pipelines.adapter.model import AUFaceAdapter
    from auface.pipelines.adapter.output import AdapterOutput
    from auface.structure.photo import PhotoFit

OTHER_SIDE = 0.6
"""How far faces go below rest, as a share of how far they go above: at 1 lips leave their corners behind."""

_FITS = 4096  # faces that are remembered, of 12 kB

OWN = "own"
"""The adapter that lies beside the base."""

Points = NDArray[np.float32] | None


class ExpressionGuide:
    """Tells a UNet expressions through a frozen adapter.

    What is heard stays in the UNet's attention until something else is, so that layers which are recomputed in the
    backward pass (gradient checkpointing) hear it again.

    Args:
        adapter: The adapter; it is frozen.
        unet: The UNet that hears it.
    """

    def __init__(self, adapter: AUFaceAdapter, unet: nn.Module) -> None:
        self.adapter: Any = adapter
        self._unet = unet
        self._heard: ExpressionAttention | None = None
        self._fits: dict[bytes | tuple[int, int], PhotoFit] = {}

    @torch.no_grad()
    def faces(
        self,
        expressions: Sequence[Expression],
        landmarks: Sequence[Points],
        width: int,
        height: int,
        away: Sequence[Expression | None] | None = None,
    ) -> list[FaceCondition]:
        """Return how the faces of pictures would be if their people showed these expressions: a batch of 1 for each.

        Args:
            expressions: One for each picture.
            landmarks: (478, 2) pixels of each picture as it is, whose person, pose and place are kept; None for the
                mean face in the middle.
            width: Of the pictures.
            height: Of the pictures.
            away: For each picture None, or an expression to whose other side the landmarks move, `OTHER_SIDE` times as
                far from those of `expressions` as its own would be; lips and lids meet at most. None is None for all.
        """
        from auface.pipelines.adapter.condition import face_condition

        found: list[FaceCondition] = []
        for one, far, points in zip(expressions, away or [None] * len(expressions), landmarks, strict=True):
            fit = self._fit(points, width, height)
            here = face_condition([one], height, width, landmarks=fit)
            if far is not None:
                there = face_condition([far], height, width, landmarks=fit)
                here = _other_side(here, there, width, height)
            found.append(here)
        return found

    @torch.no_grad()
    def portray(
        self, expressions: Sequence[Expression], people: Sequence[int], width: int, height: int
    ) -> AdapterOutput:
        """Return what the adapter says of people that are not of pictures.

        Args:
            expressions: One for each person.
            people: Their seeds, as `identity` of the pipelines.
            width: Of the pictures.
            height: Of the pictures.
        """
        from auface.pipelines.adapter.condition import face_condition

        return self.said([face_condition(list(expressions), height, width, identity=list(people))])

    @torch.no_grad()
    def said(self, faces: Sequence[FaceCondition]) -> AdapterOutput:
        """Return what the adapter says of faces, as one batch.

        Args:
            faces: The faces.
        """
        like = next(self.adapter.parameters())
        maps, vectors = (torch.cat([getattr(one, name) for one in faces]).to(like) for name in ("maps", "vectors"))
        return self.adapter(maps, vectors)

    def _fit(self, points: Points, width: int, height: int) -> PhotoFit:
        """Return whose face landmarks are. Fits are kept: to fit every picture anew takes a tenth of a step."""
        from auface.pipelines.adapter.condition import face_condition
        from auface.structure.photo import fit_photo

        key = (width, height) if points is None else points.tobytes()
        if key not in self._fits:
            if points is None:
                points = face_condition([Expression()], height, width).landmarks[0].cpu().numpy()
            if len(self._fits) >= _FITS:
                self._fits.pop(next(iter(self._fits)))
            self._fits[key] = fit_photo(points)
        return self._fits[key]

    def hear(self, told: AdapterOutput, scale: Tensor, maps_scale: Tensor | None = None) -> dict[str, Any]:
        """Let the UNet hear what was told, and return the arguments that it takes beside its own.

        Args:
            told: What the adapter said.
            scale: (batch,) how strongly; 0 is not at all.
            maps_scale: (batch,) how strongly its maps are; None is `scale`.
        """
        from auface.pipelines.adapter.attention import ExpressionAttention

        self.silence()
        self._heard = ExpressionAttention(self._unet, told, scale)
        self._heard.__enter__()
        kind = next(self._unet.parameters()).dtype  # a learning adapter is more precise than its base
        residuals = told.residuals(scale if maps_scale is None else maps_scale)
        return {"down_intrablock_additional_residuals": [feature.to(kind) for feature in residuals]}

    def silence(self) -> None:
        """Let the UNet hear nothing, as it was."""
        if self._heard is not None:
            self._heard.__exit__(None, None, None)
            self._heard = None


def _other_side(here: FaceCondition, there: FaceCondition, width: int, height: int) -> FaceCondition:
    """Return the condition of one face of a photo, moved from `here` the other way than `there` is."""
    from auface.pipelines.adapter.maps import face_maps
    from auface.structure.contact import without_crossing

    [mine], [other] = here.retargeted, there.retargeted
    fit = mine.fit
    moved = mine.displacement + OTHER_SIDE * (mine.displacement - other.displacement)
    face = torch.from_numpy(fit.neutral + moved)[None]
    seen = fit.camera.project(without_crossing(face)[0].numpy() @ fit.pose.rotation.T)
    points = torch.from_numpy(seen)[None].to(here.landmarks)
    return replace(here, landmarks=points, maps=face_maps(points, height, width))


def guide_of(base: BaseModel, name: str) -> ExpressionGuide | None:
    """Return the guide of a base, or None for the name "".

    Args:
        base: The base.
        name: "own", or an adapter's file or folder.

    Raises:
        ValueError: There is no such adapter, or it does not fit the base.
    """
    if not name:
        return None
    from auface.pipelines.adapter.file import check_fits, read_adapter
    from auface.pipelines.adapter.model import AUFaceAdapter

    place = Path(base_source(base.name)) / "adapter" if name == OWN else Path(name)
    try:
        if place.is_file():
            adapter = read_adapter(place, base.unet.dtype)
        elif place.is_dir():
            adapter = AUFaceAdapter.from_pretrained(str(place), torch_dtype=base.unet.dtype)
        else:
            raise ValueError("there is neither a file nor a folder")
        check_fits(adapter, base.unet, base.latent_scale)
    except (OSError, ValueError) as error:
        reason = str(error).strip().splitlines()[0]
        raise ValueError(
            f"`adapter` is {name!r}, which cannot be used ({reason}); accepted is 'own' where one lies beside the "
            "base, or an adapter's file or folder that fits it."
        ) from None
    adapter = adapter.to(base.unet.device)  # pyright: ignore - diffusers hides torch's signature
    adapter.requires_grad_(False).train(False)
    return ExpressionGuide(adapter, base.unet)
