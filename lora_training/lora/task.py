"""`LoraTask`: what the loop trains: the adapter inside a frozen base."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import torch
from torch import Tensor, nn

from auface.lora_training.face_consistency import FaceLoss, Shown
from auface.lora_training.lora.base_model import BaseModel
from auface.lora_training.lora.batch import Batch
from auface.lora_training.lora.config import LoraConfig
from auface.lora_training.lora.denoiser import Denoiser, Question
from auface.lora_training.lora.expression_guide import ExpressionGuide
from auface.lora_training.lora.face_mask import loss_weights
from auface.lora_training.lora.lesson import EmphasisLesson, SliderLesson, Teacher
from auface.lora_training.lora.network import Learned, learned_of
from auface.lora_training.lora.objective import Objective
from auface.lora_training.lora.slider import Strengths
from auface.lora_training.lora.training_data import TrainingData
from auface.lora_training.sight import Sight


class LoraTask:
    """Denoising with an adapter.

    Attributes:
        data: Batches.
        learned: The parameters of the adapter.

    Args:
        config: How to train.
        base: The base; it gets the adapter.
        data: Batches.
        objective: Noise and targets.
        device: Where the base is.
        face_loss: The recognizer's errors, if `unit_weight` or `landmark_weight` ask for them.
        guide: The expression adapter that is heard beside the LoRA, if there is one.
    """

    def __init__(
        self,
        config: LoraConfig,
        base: BaseModel,
        data: TrainingData,
        objective: Objective,
        device: torch.device | str = "cpu",
        face_loss: FaceLoss | None = None,
        guide: ExpressionGuide | None = None,
    ) -> None:
        if (name := config.reads_faces) and face_loss is None:
            raise ValueError(f"`{name}` is {getattr(config, name)} without a recognizer; accepted is 0.")
        self._config, self._base, self.data, self._objective = config, base, data, objective
        self._device, self._guide = torch.device(device), guide
        self._sight = None if face_loss is None else Sight(self._decoded, face_loss, base.latent_scale)
        self.learned: Learned = self._learn()
        strengths = Strengths(base.unet) if config.slider or config.emphasis else None
        self._masked = config.background != 1 or config.parts != 1
        base.unet.train()
        if config.text_encoder:
            for encoder in base.text_encoders:
                encoder.train()
        if config.gradient_checkpointing:
            base.unet.enable_gradient_checkpointing()
            for encoder in base.text_encoders if config.text_encoder else ():
                encoder.gradient_checkpointing_enable({"use_reentrant": False})
        unet: Any = torch.compile(base.unet) if config.compile else base.unet
        self.ask = Denoiser(base, unet, strengths, guide, self._device)
        self._teacher = None
        if config.learns_from_base:
            lesson = SliderLesson(config, guide is not None) if config.slider else EmphasisLesson(config)
            self._teacher = Teacher(config, lesson, self.ask)
        self._turn = (-1, 0)

    def parts(self) -> dict[str, nn.Module]:
        """Return the adapter's parameters."""
        return {"adapter": self.learned}

    def losses(self, step: int) -> dict[str, Tensor]:
        """Return the losses of one go.

        Args:
            step: Steps done before.
        """
        goes = self._config.accumulation
        self._turn = (step, (self._turn[1] + 1) % goes if self._turn[0] == step else 0)
        found = self.batch_losses(self.data.batch(*self._turn))
        if self._config.prior_weight:
            prior = self.batch_losses(self.data.batch(*self._turn, prior=True))
            found["prior"] = self._config.prior_weight * prior["denoising"]
        return found

    def batch_losses(self, batch: Batch, data: TrainingData | None = None) -> dict[str, Tensor]:
        """Return the losses of a batch.

        Args:
            batch: The batch.
            data: Where it is from, if not from the data that are learned.
        """
        objective = self._objective
        clean, noise, timesteps = (value.to(self._device) for value in (batch.clean, batch.noise, batch.timesteps))
        noisy = objective.noisy(clean, noise, timesteps)
        source = data or self.data
        if self._teacher is not None:
            taught = self._teacher.taught(batch, noisy, timesteps, source.embeddings)
            losses = {"teaching": self._masked_mean(taught.error, batch).mean()}
            if self._config.reads_faces:
                start = taught.start, taught.shown_there
                losses |= self._read(noisy, taught.answer, timesteps, taught.shown, start)
            return losses
        answer = self.ask(noisy, timesteps, self._question(batch), source.embeddings)
        error = (answer - objective.target(clean, noise, timesteps)).square()
        losses = {"denoising": (objective.weights(timesteps) * self._masked_mean(error, batch)).mean()}
        if self._config.reads_faces and not batch.prior:
            pictures = zip(batch.landmarks, batch.expressions, batch.coded, strict=True)
            losses |= self._read(noisy, answer, timesteps, [Shown.by_landmarks(*one) for one in pictures])
        return losses

    def state(self) -> dict[str, Any]:
        """Return which data are learned; the step alone decides the place in them."""
        return {"data": self.data.fingerprint()}

    def restore(self, state: dict[str, Any]) -> None:
        """Check that a checkpoint is of the same data.

        Args:
            state: What `state` returned.

        Raises:
            ValueError: The data have changed.
        """
        if state["data"] != self.data.fingerprint():
            raise ValueError("`data` has changed since the checkpoint; accepted are the same pictures, or a new `out`.")

    def _learn(self) -> Learned:
        """Put what learns into the base and return its parameters."""
        return learned_of(self._base, self._config)

    def _decoded(self, latents: Tensor) -> Tensor:
        return self._base.decode(latents.to(self._base.vae.dtype))

    def _masked_mean(self, error: Tensor, batch: Batch) -> Tensor:
        """Return the (batch,) means of an error, weighted by the parts of the face."""
        if self._masked and not batch.prior:
            error = error * loss_weights(batch.shares.to(self._device), self._config.background, self._config.parts)
        return error.mean((1, 2, 3))

    def _question(self, batch: Batch) -> Question:
        """Return what pictures are: with an adapter their expression is told, unless it is dropped by chance."""
        strengths = batch.strengths
        if strengths is None and self._config.slider:  # what preserves the look is seen by the base alone
            strengths = torch.zeros(len(batch.texts))
        question = Question(batch.texts, batch.time_ids, strengths)
        if self.ask.guide is None or batch.prior:
            return question
        told = self.ask.guide.said(self.ask.guide.faces(batch.expressions, batch.landmarks, *batch.size))
        known = [points is not None for points in batch.landmarks]
        heard = torch.tensor(known) & (batch.chances[:, 0] >= self._config.caption_dropout)
        return replace(question, told=told, heard=heard.float())

    def _read(
        self,
        noisy: Tensor,
        answer: Tensor,
        timesteps: Tensor,
        shown: list[Shown],
        start: tuple[Tensor, list[Shown]] | None = None,
    ) -> dict[str, Tensor]:
        """Return the recognizer's errors of predicted clean pictures that can be read and are not yet settled.

        Where pictures start from the base's answers, landmarks are held to the movement from there, so that what the
        recognizer misplaces in both is not learned.
        """
        assert self._sight is not None
        units = landmarks = answer.sum() * 0
        noisiness = timesteps / self._objective.timesteps
        legible = (noisiness >= self._config.unit_steps_from) & (noisiness < self._config.unit_steps)
        if legible.any():
            kept = [number for number, chosen in enumerate(legible.tolist()) if chosen]
            seen = [shown[number] for number in kept]
            if start is not None and self._config.landmark_weight:
                before = self._objective.clean(noisy, start[0], timesteps)[legible]
                off = self._sight.misplaced(before, [start[1][number] for number in kept])
                seen = [one.shifted(by) for one, by in zip(seen, off, strict=True)]
            clean = self._objective.clean(noisy, answer, timesteps)[legible]
            units, landmarks = (error.sum() / len(noisy) for error in self._sight.errors(clean, seen))
        weighted = {
            "units": (self._config.unit_weight, units),
            "landmarks": (self._config.landmark_weight, landmarks),
        }
        return {name: weight * error for name, (weight, error) in weighted.items() if weight}
