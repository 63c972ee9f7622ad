"""`ExpressionMixin`: what pipelines of all base layouts do with expressions, each step a method of its own."""

from __future__ import annotations

import math
from collections.abc import Sequence
from numbers import Real
from typing import Any, TypeVar, cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from auface.facs import Expression
from auface.facs.conflict import Policy
from auface.pipelines.adapter.condition import FaceCondition, Identity, Pose, face_condition
from auface.pipelines.adapter.file import check_fits
from auface.structure.model import StructureModel, shipped_model

from .adapter_loader import AUFaceAdapterLoaderMixin
from .expression_signal import ExpressionSignal
from .guidance import Guidance

Floats = NDArray[np.float32]
Value = TypeVar("Value")

Request = Expression | str
"""An expression, FACS notation, or English."""


class ExpressionMixin(AUFaceAdapterLoaderMixin):
    """Encodes expressions, and predicts noise with them."""

    _structure_model: StructureModel | None = None
    _expression_guidance_scale: float = 1.0

    @property
    def structure_model(self) -> StructureModel:
        """What knows how faces move: the shipped model, unless another was set."""
        return self._structure_model or shipped_model()

    @structure_model.setter
    def structure_model(self, model: StructureModel | None) -> None:
        self._structure_model = model

    @property
    def expression_guidance_scale(self) -> float:
        """How much the expression guides apart from the prompt in the call that runs, or ran last."""
        return self._expression_guidance_scale

    def check_expression_inputs(
        self: Any,
        expression: Request | Sequence[Request | None] | None,
        batch_size: int = 1,
        num_images_per_prompt: int = 1,
        *,
        expression_scale: float = 1.0,
        expression_guidance_scale: float = 1.0,
        structure_scale: float = 1.0,
        structure_start: float = 0.0,
        structure_end: float = 1.0,
        conflict_policy: Policy = "natural",
        guidance_scale: float = 1.0,
        guidance_rescale: float = 0.0,
        **person: Any,
    ) -> None:
        """Refuse what `__call__` cannot do with expressions, before any work.

        Args:
            expression: What the faces show: one for all, or a list with one for each prompt or each picture.
            batch_size: Number of prompts.
            num_images_per_prompt: Pictures for each prompt.
            expression_scale: From 0.
            expression_guidance_scale: From 0.
            structure_scale: From 0.
            structure_start: From 0 to 1.
            structure_end: From `structure_start` to 1.
            conflict_policy: "natural", "strict" or "keep".
            guidance_scale: Any number.
            guidance_rescale: Any number.
            **person: `identity`, `pose` and `landmarks`, which say something of an expression only.

        Raises:
            ValueError: A value is out of range, a list has another length, or the pipeline has no adapter, or one for
                another base.
        """
        for name, value in (("guidance_scale", guidance_scale), ("guidance_rescale", guidance_rescale)):
            if not isinstance(value, Real) or not math.isfinite(value):
                raise ValueError(f"`{name}` is {value!r}; accepted is a finite number.")
        scales = {
            "expression_scale": expression_scale,
            "expression_guidance_scale": expression_guidance_scale,
            "structure_scale": structure_scale,
        }
        for name, value in scales.items():
            if not isinstance(value, Real) or not 0 <= value < math.inf:  # also true for NaN
                raise ValueError(f"`{name}` is {value!r}; accepted is a finite number from 0.")
        shares = (structure_start, structure_end)
        if not all(isinstance(share, Real) for share in shares) or not 0 <= structure_start <= structure_end <= 1:
            raise ValueError(
                f"`structure_start` and `structure_end` are {structure_start!r} and {structure_end!r}; accepted are "
                "shares of the steps from 0 to 1, the start first."
            )
        if conflict_policy not in ("natural", "strict", "keep"):
            raise ValueError(f"`conflict_policy` is {conflict_policy!r}; accepted are 'natural', 'strict' and 'keep'.")
        if expression is None:
            if given := [name for name, value in person.items() if value is not None]:
                raise ValueError(
                    f"`{given[0]}` is given without `expression`; accepted are both, or neither. The face at rest is "
                    "the expression 'neutral'."
                )
            return
        places = {"batch_size": batch_size, "num_images_per_prompt": num_images_per_prompt}
        for name, value in person.items():
            for_each_picture(name, value, **places)
        for entry in for_each_picture("expression", expression, **places):
            if entry is not None and not isinstance(entry, (Expression, str)):
                raise ValueError(
                    f"`expression` has a {type(entry).__name__}; accepted are Expression, FACS notation and English."
                )
        if self.adapter is None:
            raise ValueError(
                "`expression` is given, but the pipeline has no adapter; load one with `load_adapter`, or draw with "
                "ControlNets through `auface.pipelines.expression_to_controls`."
            )
        check_fits(self.adapter, self.unet, self.vae_scale_factor)

    def encode_expression(
        self,
        expression: Request | Sequence[Request | None] | None,
        height: int,
        width: int,
        batch_size: int = 1,
        num_images_per_prompt: int = 1,
        *,
        identity: Identity | Sequence[Identity] = None,
        pose: Pose | Sequence[Pose] = None,
        landmarks: Floats | Sequence[Floats] | None = None,
        conflict_policy: Policy = "natural",
    ) -> FaceCondition | None:
        """Return what the adapter is told: geometry, maps and condition vectors of each picture, on the CPU.

        Without an expression there is nothing to tell, and None is returned.

        Args:
            expression: One for all, or a list with one for each prompt or each picture; None in it is a plain picture.
            height: Height of the pictures in pixels.
            width: Width of the pictures in pixels.
            batch_size: Number of prompts.
            num_images_per_prompt: Pictures for each prompt.
            identity: A seed or a (478, 3) neutral face; one for all, or a list.
            pose: How the head is turned; one for all, or a list.
            landmarks: (478, 2 or 3) landmarks in pixels of the picture that give person, pose and place; one for all,
                or a list. Instead of identity and pose.
            conflict_policy: What becomes of units that exclude each other.

        Raises:
            ValueError: A request is not understood or refused, or a list has another length.
        """
        if expression is None:
            return None
        places = {"batch_size": batch_size, "num_images_per_prompt": num_images_per_prompt}
        requests = for_each_picture("expression", expression, **places)
        given: Any = None if landmarks is None else for_each_picture("landmarks", landmarks, **places)
        people: Any = None if identity is None else for_each_picture("identity", identity, **places)
        poses: Any = None if pose is None else for_each_picture("pose", pose, **places)
        return face_condition(
            requests,
            height,
            width,
            identity=people,
            pose=poses,
            landmarks=given,
            conflict_policy=conflict_policy,
            model=self.structure_model,
        )

    def prepare_structure(
        self: Any,
        condition: FaceCondition | None,
        device: torch.device,
        dtype: torch.dtype,
        *,
        expression_scale: float = 1.0,
        structure_scale: float = 1.0,
        structure_start: float = 0.0,
        structure_end: float = 1.0,
    ) -> ExpressionSignal | None:
        """Run the adapter, once for all steps; None if nothing of it would be heard.

        Args:
            condition: What `encode_expression` returned.
            device: Where the UNet computes.
            dtype: Type in which it computes.
            expression_scale: How strongly expression tokens are heard.
            structure_scale: How strongly spatial features are heard.
            structure_start: Share of the steps after which features begin.
            structure_end: Share of the steps after which features end.
        """
        if condition is None or not (expression_scale or structure_scale):
            return None
        output = self.adapter(condition.maps.to(device, dtype), condition.vectors.to(device, dtype))
        return ExpressionSignal(
            output=output,
            shown=torch.tensor([float(value) for value in condition.shown], device=device),
            expression_scale=expression_scale,
            structure_scale=structure_scale,
            start=structure_start,
            end=structure_end,
        )

    def embedded_guidance(self: Any, images: int, latents: Tensor) -> Tensor | None:
        """Return the guidance scale as distilled models take it, (images, channels); None for others.

        Args:
            images: Number of pictures.
            latents: Gives device and type.
        """
        channels = self.unet.config.time_cond_proj_dim
        if channels is None:
            return None
        scale = torch.tensor(self.guidance_scale - 1).repeat(images)
        return self.get_guidance_scale_embedding(scale, embedding_dim=channels).to(latents)

    def guidance(self: Any, signal: ExpressionSignal | None) -> Guidance:
        """Return how the step that comes is guided; callbacks may have changed the scales.

        Args:
            signal: What the UNet is told about expressions, or None.
        """
        return Guidance(
            by_prompt=self.do_classifier_free_guidance,
            by_expression=signal is not None and self._expression_guidance_scale != 1,
            prompt_scale=self.guidance_scale,
            expression_scale=self._expression_guidance_scale,
            rescale=self.guidance_rescale,
        )

    def predict_noise(
        self: Any,
        latents: Tensor,
        timestep: Tensor,
        prompt_embeds: Tensor,
        *,
        signal: ExpressionSignal | None = None,
        step: int = 0,
        steps: int = 1,
        timestep_cond: Tensor | None = None,
        added_cond_kwargs: dict[str, Any] | None = None,
    ) -> Tensor:
        """Return the guided noise of one step, as `latents`.

        Args:
            latents: (batch, channels, height, width).
            timestep: Time of the step.
            prompt_embeds: (batch, tokens, channels), with negative rows first if the prompt guides.
            signal: What the UNet is told about expressions; None for the plain pipeline's noise, bit for bit.
            step: Number of the step, from 0.
            steps: Number of steps.
            timestep_cond: (batch, channels) embedded guidance scale of distilled models.
            added_cond_kwargs: Further conditions of the UNet, with rows as those of `prompt_embeds`.
        """
        guidance = self.guidance(signal)
        model_input = guidance.latents(latents)
        if hasattr(self.scheduler, "scale_model_input"):
            model_input = self.scheduler.scale_model_input(model_input, timestep)
        if timestep_cond is not None and guidance.by_expression:
            timestep_cond = torch.cat([timestep_cond] * len(guidance.branches))
        arguments = {
            "encoder_hidden_states": guidance.rows(prompt_embeds),
            "timestep_cond": timestep_cond,
            "cross_attention_kwargs": self.cross_attention_kwargs,
            "added_cond_kwargs": guidance.rows(added_cond_kwargs),
            "return_dict": False,
        }
        if signal is None:
            return guidance.combined(self.unet(model_input, timestep, **arguments)[0])
        with signal.heard(self.unet, guidance.branches, step, steps) as features:
            return guidance.combined(self.unet(model_input, timestep, **arguments, **features)[0])


def for_each_picture(
    name: str, value: Value | Sequence[Value], *, batch_size: int, num_images_per_prompt: int
) -> list[Value]:
    """Return one value for each picture.

    Args:
        name: Of the argument, for the error.
        value: One for all, or a list with one for each prompt or each picture.
        batch_size: Number of prompts.
        num_images_per_prompt: Pictures for each prompt.

    Raises:
        ValueError: The list has another length.
    """
    images = batch_size * num_images_per_prompt
    if not isinstance(value, list):
        return [cast(Value, value)] * images
    if len(value) == images:
        return value
    if len(value) == batch_size:
        return [entry for entry in value for _ in range(num_images_per_prompt)]
    accepted = f"{batch_size}" if images == batch_size else f"{batch_size} or {images}"
    raise ValueError(f"`{name}` has {len(value)} entries; accepted are one without a list, or {accepted}.")
