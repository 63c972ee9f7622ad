"""`EmotionClassifier`: any pretrained picture classifier of emotions of the ecosystem, with its labels understood.

Models of the Hugging Face hub name their classes in many ways ("happy", "Happiness", "joy", "LABEL_3"). A label is
understood through the words for feelings of AUFace's reader; several labels of one emotion are added up, and labels of
no basic emotion ("other", "pain") are left out. A model whose labels say nothing is refused rather than guessed at;
`labels` says what they mean.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from auface.facs.text.lexicon.emotion import EMOTION_WORDS, NEUTRAL_WORDS

from .opinion import BASIC, Opinion

if TYPE_CHECKING:
    from PIL.Image import Image

LEAST_LABELS = 3
"""A classifier has to tell at least this many of neutral and the basic emotions apart."""

_UNKNOWN = 1e-4  # what an emotion gets that the classifier does not know, before the rest is scaled


@dataclass(frozen=True, slots=True, eq=False)
class EmotionClassifier:
    """A classifier of pictures, ready to be asked.

    Attributes:
        model: An image-classification model of transformers.
        processor: Its picture processor.
        emotions: Number of a class -> the basic emotion (or neutral) that it means.
        name: What it was loaded from.
    """

    model: Any
    processor: Any
    emotions: Mapping[int, str]
    name: str = ""

    @classmethod
    def load(cls, model: str | Path, device: str = "cpu", labels: Mapping[str, str] | None = None) -> EmotionClassifier:
        """Load a classifier. Code that a model brings along is never run.

        Args:
            model: Id of the Hugging Face hub, which is downloaded once, or a local folder.
            device: Where to compute: cpu, cuda, ...
            labels: The model's label -> neutral, a basic emotion, or "" to leave it out; for labels that cannot be
                understood.

        Raises:
            ImportError: transformers is missing.
            ValueError: There is no such model, its labels are not understood, or `labels` names what it has not.
        """
        try:
            import torch
            from transformers import AutoImageProcessor, AutoModelForImageClassification
        except ImportError:
            raise ImportError('emotion classifiers need transformers: pip install "auface[pipelines]"') from None
        place = str(model)
        try:
            processor = AutoImageProcessor.from_pretrained(place)
            loaded = AutoModelForImageClassification.from_pretrained(place)
        except (OSError, ValueError, KeyError, TypeError) as error:
            first = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
            raise ValueError(
                f"`model` is {place!r}, which cannot be loaded ({first}); accepted is a hub id or a local folder of an "
                "image-classification model."
            ) from None
        emotions = understood_labels(loaded.config.id2label, labels)
        return cls(loaded.to(torch.device(device)).eval(), processor, emotions, place)

    def opinions(self, pictures: Sequence[Image], batch_size: int = 16) -> list[Opinion]:
        """Return how probable neutral and the basic emotions are.

        Args:
            pictures: RGB, each of one face.
            batch_size: Pictures that are looked at together.

        Raises:
            ValueError: `batch_size` is less than 1.
        """
        import torch

        if batch_size < 1:
            raise ValueError(f"`batch_size` is {batch_size!r}; accepted is a whole number from 1.")
        found: list[Opinion] = []
        for start in range(0, len(pictures), batch_size):
            part = [picture.convert("RGB") for picture in pictures[start : start + batch_size]]
            inputs = self.processor(images=part, return_tensors="pt").to(self.model.device)
            with torch.inference_mode():
                chances = torch.softmax(self.model(**inputs).logits.double(), -1).cpu().numpy()
            found += [self._opinion(row) for row in chances]
        return found

    def _opinion(self, chances: Any) -> Opinion:
        values = dict.fromkeys(BASIC, 0.0)
        for number, emotion in self.emotions.items():
            values[emotion] += float(chances[number])
        known = set(self.emotions.values())
        scores = [np.log(max(values[name], 1e-9)) if name in known else np.log(_UNKNOWN) for name in BASIC]
        return Opinion.of_scores("classifier", BASIC, scores)


def understood_labels(labels: Mapping[int, str], said: Mapping[str, str] | None = None) -> dict[int, str]:
    """Return which emotion each class of a classifier means; classes that mean none are left out.

    Args:
        labels: Number -> label.
        said: Label -> emotion, or "" for none, where the label does not say it.

    Raises:
        ValueError: Fewer than `LEAST_LABELS` emotions are understood, or `said` names an unknown label or emotion.
    """
    said = dict(said or {})
    if strange := sorted(set(said) - set(labels.values())):
        raise ValueError(f"`labels` has {', '.join(strange)}; accepted are {', '.join(map(str, labels.values()))}.")
    if strange := sorted({emotion for emotion in said.values() if emotion} - set(BASIC)):
        raise ValueError(f"`labels` means {', '.join(strange)}; accepted are {', '.join(BASIC)}, and ''.")
    found: dict[int, str] = {}
    for number, label in labels.items():
        emotion = said[label] if label in said else _words().get(_plain(str(label)), "")
        if emotion:
            found[int(number)] = emotion
    if len(set(found.values())) < LEAST_LABELS:
        raise ValueError(
            f"`model` has the labels {', '.join(map(str, labels.values()))}, of which {len(set(found.values()))} are "
            f"understood as emotions; accepted are {LEAST_LABELS} or more. Say with `labels` what they mean."
        )
    return found


@cache
def _words() -> dict[str, str]:
    table = {name: name for name in BASIC}
    for emotion, words in {"neutral": NEUTRAL_WORDS, **EMOTION_WORDS}.items():
        if emotion in BASIC:
            table |= {_plain(word): emotion for word in words.split(",")}
    return table


def _plain(text: str) -> str:
    return " ".join(text.lower().replace("_", " ").replace("-", " ").split())
