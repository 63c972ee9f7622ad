"""`Lesson`: what a base teaches itself: a slider, or units that it shows too weakly. No picture has to show them.

At the same noisy latents the frozen base is asked twice, for an expression and for one that differs in a unit. All else
is equal, so the difference of its answers is the unit's movement and nothing of the person (Concept Sliders, arXiv
2311.12092, equation 8, where words make the difference; here the expression adapter makes it, where there is one).
The LoRA learns to add that movement: a slider in proportion to its strength to whatever is asked, an emphasis where
the unit is asked for. Where nothing is asked, as the other half of guidance does, the base stays, so that guidance
strengthens the movement as it does that of a request; of two halves that moved alike it would strengthen the errors.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple, Protocol

import torch
from torch import Tensor

from auface.facs import ActionUnit, Expression, describe
from auface.lora_training.face_consistency import Shown
from auface.lora_training.lora.batch import Batch
from auface.lora_training.lora.config import LoraConfig
from auface.lora_training.lora.denoiser import Denoiser, Embed, Question
from auface.lora_training.lora.slider import Slider
from auface.recognition.unit_table import UNITS

if TYPE_CHECKING:  # a run without an adapter does not wait for these
    from auface.pipelines.adapter.condition import FaceCondition
    from auface.pipelines.adapter.output import AdapterOutput

_AT_REST = 0.5  # of a slider's contexts are the face at rest, the others what the pictures show
_UNHEARD = 0.15  # of the pictures are asked without expression, as guidance does; there the base is to stay
_OPPOSITE = 0.85  # of a negative side without a name is learned beyond rest, the others on the way back to it
_LEAST = 0.6  # strength that a slider is learned at; weaker ones follow
_EMPHASIZED = 0.7  # of the pictures are asked for such a unit; the others keep what they are
_LEVELS = (2.0, 5.0)  # intensities of a unit that is emphasized


@dataclass(frozen=True, slots=True)
class Exercise:
    """What is asked for one picture.

    Attributes:
        shown: What the network is asked for.
        other: What differs from it in the units that are learned.
        strength: How strongly the LoRA adds.
        factor: The network is to add this times the way from `shown` to `other`.
        heard: Whether the expression adapter is heard by the network that learns.
        opposite: Whether the way is instead the one of a face whose landmarks move to the other side.
        emphasizes: Whether the picture is to show `shown`, and not what it moves to.
    """

    shown: Expression
    other: Expression
    strength: float
    factor: float
    heard: bool
    opposite: bool = False
    emphasizes: bool = False


class Taught(NamedTuple):
    """What came of a batch.

    Attributes:
        error: (batch, channels, h, w) squared error of the network's answer; only the LoRA gets gradients.
        answer: The same shape, what the network answered.
        shown: What each picture that is on its way would show; no face where that is not said. Empty if none is read.
        start: The same shape as `error`, what the base answered.
        shown_there: What its pictures would show; no face where they are not what `shown` starts from. Empty likewise.
    """

    error: Tensor
    answer: Tensor
    shown: list[Shown]
    start: Tensor
    shown_there: list[Shown]


class Lesson(Protocol):
    """Makes exercises."""

    def exercise(self, expression: Expression, chances: list[float]) -> Exercise:
        """Return one for a picture.

        Args:
            expression: What the picture shows.
            chances: As in `Batch`.
        """
        ...


class SliderLesson:
    """A slider: at strength s the way to its positive end for s > 0, to its negative end for s < 0.

    Where no negative end is named it is the other side of the positive one. Some of it is learned where it can be seen,
    as the way back to rest on a face that shows the positive end. What lies beyond rest has no name, but a face: the
    landmarks of one that moves the other way, which an adapter that draws landmarks can be asked for. The
    reverse of the base's own movement would not do, as it teaches the errors of a movement that the base never drew.
    Where there is no adapter a face at rest moves to the other side by itself, as what a LoRA adds is nearly linear in
    its strength; other units then move along.

    Args:
        config: Names the ends.
        draws_landmarks: Whether the teacher has an adapter.
    """

    def __init__(self, config: LoraConfig, draws_landmarks: bool) -> None:
        self._slider, self._scale, self._draws_landmarks = Slider(config), config.teacher_scale, draws_landmarks

    def exercise(self, expression: Expression, chances: list[float]) -> Exercise:
        """Return an exercise for a picture.

        Args:
            expression: What the picture shows; instead of its units that the slider moves comes the slider's end.
            chances: Random numbers.
        """
        slider = self._slider
        without = expression.removed(slider.units) if chances[0] > _AT_REST else Expression()
        draw = 2 * chances[1] - 1
        strength = (_LEAST + (1 - _LEAST) * abs(draw)) * (1 if draw >= 0 else -1)
        end = slider.positive if strength >= 0 or slider.negative is None else slider.negative
        shown, other = without, without.added(end.scaled(abs(strength)))
        unnamed = strength < 0 and slider.negative is None
        opposite = unnamed and self._draws_landmarks and chances[3] < _OPPOSITE
        if unnamed and not opposite:
            shown, other = other, shown
        heard = chances[2] >= _UNHEARD
        return Exercise(shown, other, strength, self._scale if heard else 0.0, heard, opposite)


class EmphasisLesson:
    """Units that are shown too weakly: where one is asked for, its movement is added once more, times its number.

    What is asked for without them stays as it is.

    Args:
        config: Names the units.
    """

    def __init__(self, config: LoraConfig) -> None:
        self._more = sorted((ActionUnit(int(unit)), more) for unit, more in config.emphasis.items())

    def exercise(self, expression: Expression, chances: list[float]) -> Exercise:
        """Return an exercise for a picture.

        Args:
            expression: What the picture shows; units that are emphasized are left out.
            chances: Random numbers.
        """
        rest = expression.removed([unit for unit, _ in self._more])
        if chances[0] > _EMPHASIZED:
            return Exercise(rest, rest, 1.0, 0.0, chances[2] >= _UNHEARD, emphasizes=True)
        unit, more = self._more[int(chances[3] * len(self._more))]
        without = rest if chances[1] > _AT_REST else Expression()
        low, high = _LEVELS
        shown = without.added(Expression.of({unit: low + (high - low) * chances[4]}))
        return Exercise(shown, without, 1.0, -more, heard=True, emphasizes=True)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the faces of a batch are asked for: in words, or by an adapter that is told of faces."""

    expressions: list[Expression]
    texts: list[str]
    faces: list[FaceCondition] | None = None
    told: AdapterOutput | None = None

    def question(self, batch: Batch) -> Question:
        """Return it for the network."""
        heard = None if self.told is None else torch.ones(len(self.texts))
        return Question(self.texts, batch.time_ids, told=self.told, heard=heard)

    def shown(self, place: int, batch: Batch) -> Shown:
        """Return what a picture shows that is as asked; no face where none is known to be in it."""
        points = batch.landmarks[place]
        if points is not None and self.faces is not None:
            points = self.faces[place].landmarks[0, :, :2].cpu().numpy()
        return Shown.by_landmarks(points, self.expressions[place], UNITS)


class Teacher:
    """The frozen base, which says what a network with the LoRA should answer.

    Args:
        config: How to train.
        lesson: What is learned.
        ask: The network.
    """

    def __init__(self, config: LoraConfig, lesson: Lesson, ask: Denoiser) -> None:
        self._config, self._lesson, self._ask = config, lesson, ask

    def taught(self, batch: Batch, noisy: Tensor, timesteps: Tensor, embed: Embed) -> Taught:
        """Return how far the network's answer is from what the base says it should be.

        Args:
            batch: The pictures.
            noisy: (batch, channels, h, w).
            timesteps: (batch,).
            embed: Embeds prompts.
        """
        pairs = zip(batch.expressions, batch.chances.tolist(), strict=True)
        exercises = [self._lesson.exercise(expression, chances) for expression, chances in pairs]
        before, after = self._asked(batch, exercises)
        own = before.question(batch)
        heard = torch.tensor([float(one.heard) for one in exercises])
        factor = torch.tensor([one.factor for one in exercises]).to(noisy)[:, None, None, None]
        with torch.no_grad():
            here = self._ask(noisy, timesteps, own.with_strength(0), embed)
            target = here.clone()
            silent, moved = (value.nonzero()[:, 0] for value in (heard == 0, factor.flatten().cpu() != 0))
            if len(silent):
                question = _unheard(own, heard).rows(silent).with_strength(0)
                target[silent] = self._ask(noisy[silent], timesteps[silent], question, embed)
            if len(moved):
                other = after.question(batch).rows(moved).with_strength(0)
                move = self._ask(noisy[moved], timesteps[moved], other, embed) - here[moved]
                target[moved] = target[moved] + factor[moved] * move
        strengths = torch.tensor([one.strength for one in exercises])
        answer = self._ask(noisy, timesteps, replace(_unheard(own, heard), strengths=strengths), embed)
        shown, there = self._shown(batch, exercises, before, after) if self._config.reads_faces else ([], [])
        return Taught((answer - target).square(), answer, shown, here, there)

    def _asked(self, batch: Batch, exercises: list[Exercise]) -> tuple[_Asked, _Asked]:
        """Return what is asked, and what would be asked for what the network is to move to."""
        own = [one.shown for one in exercises]
        goal = [one.shown if one.opposite else one.other for one in exercises]
        guide = self._ask.guide
        if guide is None:
            mine, there = ([prompt(self._config, describe(one)) for one in part] for part in (own, goal))
            return _Asked(own, mine), _Asked(goal, there)
        away = [one.other if one.opposite else None for one in exercises]
        texts, faces = batch.texts, guide.faces(own, batch.landmarks, *batch.size)
        moved = guide.faces(goal, batch.landmarks, *batch.size, away)
        return _Asked(own, texts, faces, guide.said(faces)), _Asked(goal, texts, moved, guide.said(moved))

    def _shown(
        self, batch: Batch, exercises: list[Exercise], before: _Asked, after: _Asked
    ) -> tuple[list[Shown], list[Shown]]:
        """Return what pictures are to show, and what those would show that they start from."""
        goals, starts = list[Shown](), list[Shown]()
        nothing = Shown.by_landmarks(None)
        for place, one in enumerate(exercises):
            goal = (before if one.emphasizes else after).shown(place, batch) if one.heard else nothing
            starts_here = one.heard and not one.emphasizes  # what an emphasis starts from is too little
            goals.append(goal)
            starts.append(before.shown(place, batch)._replace(frame=goal.frame) if starts_here else nothing)
        return goals, starts


def prompt(config: LoraConfig, words: str) -> str:
    """Return a prompt: the trigger and the template around some words.

    Args:
        config: Has both.
        words: What is asked for.
    """
    text = config.template.replace("{caption}", words)
    return f"{config.trigger}, {text}" if config.trigger else text


def _unheard(question: Question, heard: Tensor) -> Question:
    """Return a question of which some pictures are asked without the expression: no adapter, or no words."""
    if question.told is not None:
        return replace(question, heard=heard)
    texts = [text if kept else "" for text, kept in zip(question.texts, heard.tolist(), strict=True)]
    return replace(question, texts=texts)
