"""Picture classifiers of emotions: labels understood in many spellings, probabilities added up."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from transformers import ViTConfig, ViTForImageClassification
from transformers.models.vit.image_processing_pil_vit import ViTImageProcessorPil

from auface.recognition.emotion.classifier import EmotionClassifier, understood_labels
from auface.recognition.emotion.opinion import BASIC

LABELS = ["Angry", "disgust", "FEAR", "joyful", "Happy", "sad", "Surprise", "Neutral", "other"]
PICTURES = [
    Image.fromarray(np.random.default_rng(seed).integers(0, 255, (40, 48, 3)).astype(np.uint8)) for seed in range(3)
]


def save(folder: Path, labels: list[str]) -> Path:
    torch.manual_seed(0)
    config = ViTConfig(
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=32,
        image_size=32,
        patch_size=16,
        initializer_range=0.5,
        id2label=dict(enumerate(labels)),
        label2id={label: number for number, label in enumerate(labels)},
    )
    ViTForImageClassification(config).save_pretrained(folder)
    ViTImageProcessorPil(size={"height": 32, "width": 32}).save_pretrained(folder)
    return folder


def test_labels_are_understood_in_many_spellings() -> None:
    found = understood_labels(dict(enumerate([*LABELS, "contemptuous", "anger_"])))
    assert [found.get(number, "") for number in range(11)] == [
        *(
            "anger",
            "disgust",
            "fear",
            "happiness",
            "happiness",
            "sadness",
            "surprise",
            "neutral",
            "",
            "contempt",
            "anger",
        )
    ]


def test_labels_that_say_nothing_are_refused_until_they_are_said() -> None:
    numbered = {0: "LABEL_0", 1: "LABEL_1", 2: "LABEL_2"}
    with pytest.raises(ValueError, match="Say with `labels`"):
        understood_labels(numbered)
    said = {"LABEL_0": "anger", "LABEL_1": "neutral", "LABEL_2": "fear"}
    assert understood_labels(numbered, said) == {0: "anger", 1: "neutral", 2: "fear"}
    with pytest.raises(ValueError, match="`labels` has LABEL_9"):
        understood_labels(numbered, {"LABEL_9": "anger"})
    with pytest.raises(ValueError, match="`labels` means rage"):
        understood_labels(numbered, {"LABEL_0": "rage"})


def test_probabilities_of_labels_are_added_up(tmp_path: Path) -> None:
    classifier = EmotionClassifier.load(save(tmp_path, LABELS))
    [found] = classifier.opinions(PICTURES[:1])
    with torch.no_grad():
        logits = classifier.model(**classifier.processor(images=PICTURES[:1], return_tensors="pt")).logits[0]
    chances = torch.softmax(logits, -1).tolist()
    assert found.classes == BASIC
    assert found.probabilities["happiness"] / found.probabilities["anger"] == pytest.approx(
        (chances[3] + chances[4]) / chances[0], rel=1e-3
    )
    assert found.probabilities["contempt"] < 0.01  # the model does not know it


def test_batches_do_not_matter(tmp_path: Path) -> None:
    classifier = EmotionClassifier.load(save(tmp_path, LABELS))
    one, all_at_once = classifier.opinions(PICTURES, batch_size=1), classifier.opinions(PICTURES)
    for first, second in zip(one, all_at_once, strict=True):
        assert list(first.probabilities.values()) == pytest.approx(list(second.probabilities.values()), abs=1e-5)
    assert one[0] != one[1]
    with pytest.raises(ValueError, match="`batch_size` is 0"):
        classifier.opinions(PICTURES, batch_size=0)


def test_a_wrong_model_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="accepted is a hub id or a local folder"):
        EmotionClassifier.load(tmp_path)
