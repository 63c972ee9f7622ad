"""A visual language model's opinion: token scores against a plain computation, batches, determinism, descriptions."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from tiny_language_model import save_idefics3, save_llava

from auface.facs.prototype_table import C_EXPR_DB
from auface.recognition.emotion.language_model import LanguageModel
from auface.recognition.emotion.opinion import BASIC, COMPOUND
from auface.recognition.emotion.question import answer_text, choice_question, description_opinion

SAVERS = {"idefics3": save_idefics3, "llava": save_llava}
PICTURES = [
    Image.fromarray(np.random.default_rng(seed).integers(0, 255, (40, 48, 3), np.uint8).astype(np.uint8))
    for seed in range(3)
]


@pytest.fixture(scope="module", params=list(SAVERS))
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return SAVERS[request.param](tmp_path_factory.mktemp(request.param))


@pytest.fixture(scope="module")
def model(folder: Path) -> LanguageModel:
    return LanguageModel.load(folder)


def plain_score(model: LanguageModel, picture: Image.Image, answer: str) -> float:
    """The mean log-probability of an answer's tokens, one pass over question and answer, nothing cached."""
    prompt = model._prompt(choice_question(C_EXPR_DB))
    inputs = model.processor(images=[[picture]], text=[f"{prompt} {answer}."], return_tensors="pt")
    tokens = inputs["input_ids"][0]
    length = len(model.processor.tokenizer(f" {answer}.", add_special_tokens=False)["input_ids"])
    with torch.no_grad():
        likely = torch.log_softmax(model.model(**inputs).logits[0].double(), -1)
    return float(likely[-length - 1 : -1].gather(1, tokens[-length:, None]).mean())


def test_scores_are_mean_log_probabilities_of_the_answers_tokens(model: LanguageModel) -> None:
    scores = model.scores(PICTURES[:1], C_EXPR_DB)[0]
    for place, name in enumerate(C_EXPR_DB):
        assert scores[place] == pytest.approx(plain_score(model, PICTURES[0], answer_text(name)), abs=1e-5)


def test_pictures_together_score_as_alone(model: LanguageModel) -> None:
    together = model.scores(PICTURES, C_EXPR_DB)
    alone = np.concatenate([model.scores([picture], C_EXPR_DB) for picture in PICTURES])
    assert np.allclose(together, alone, atol=1e-5)
    assert np.abs(together[0] - together[1]).max() > 1e-4  # the picture matters


def test_opinions_are_deterministic_and_do_not_depend_on_the_batch(model: LanguageModel) -> None:
    one = model.choose(PICTURES, COMPOUND, batch_size=1)
    two = model.choose(PICTURES, COMPOUND, batch_size=2)
    for first, second in zip(one, two, strict=True):
        assert first.classes == COMPOUND
        assert list(first.probabilities.values()) == pytest.approx(list(second.probabilities.values()), abs=1e-5)
    assert model.choose(PICTURES, COMPOUND, batch_size=1) == one


def test_calibration_takes_off_what_a_gray_picture_gets(model: LanguageModel) -> None:
    gray = Image.new("RGB", (384, 384), (127, 127, 127))
    [even] = model.choose([gray], C_EXPR_DB)
    assert list(even.probabilities.values()) == pytest.approx([1 / 7] * 7, abs=1e-6)
    [raw] = model.choose([gray], C_EXPR_DB, calibrated=False)
    assert max(raw.probabilities.values()) > 1 / 7 + 1e-4


def test_descriptions_are_deterministic(model: LanguageModel) -> None:
    said = model.describe(PICTURES[:2], longest=8)
    assert said == model.describe(PICTURES[:2], longest=8, batch_size=1)
    assert len(model.described(PICTURES[:1], C_EXPR_DB)) == 1


def test_no_pictures_no_opinions(model: LanguageModel) -> None:
    assert model.choose([]) == []
    with pytest.raises(ValueError, match="`batch_size` is 0"):
        model.choose(PICTURES, batch_size=0)


def test_a_wrong_model_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="accepted is a hub id or a local folder"):
        LanguageModel.load(tmp_path)


def test_answers_are_plain_english() -> None:
    assert [answer_text(name) for name in ("neutral", "happiness", "sadly_angry")] == [
        "neutral",
        "happy",
        "sadly angry",
    ]
    assert "disgustedly surprised" in choice_question(C_EXPR_DB)
    with pytest.raises(ValueError, match="`name` is 'cheerful'"):
        answer_text("cheerful")


@pytest.mark.parametrize(
    ("text", "emotion"),
    [
        ("The person looks happily surprised, with raised eyebrows and parted lips.", "happily_surprised"),
        ("She is angry and sad.", "sadly_angry"),
        ("His brows are lowered and the corners of his mouth are pulled down.", "sadly_angry"),
        (
            "Fearful and surprised: the brows are raised, the eyes wide open and the lips stretched.",
            "fearfully_surprised",
        ),
    ],
)
def test_a_description_is_read_into_classes(text: str, emotion: str) -> None:
    opinion = description_opinion(text, C_EXPR_DB)
    assert opinion is not None
    assert opinion.best == emotion


def test_a_description_of_basic_emotions_and_of_none() -> None:
    happy, calm = description_opinion("A broad smile.", BASIC), description_opinion("A neutral expression.", BASIC)
    assert happy is not None
    assert happy.best == "happiness"
    assert calm is not None
    assert calm.best == "neutral"
    smirk = description_opinion("A lopsided smirk.", BASIC)
    assert smirk is not None
    assert smirk.best == "contempt"
    assert description_opinion("A red car.", BASIC) is None
    assert description_opinion("  ", BASIC) is None


def test_what_goes_unsaid_is_not_denied() -> None:
    little = description_opinion("The eyebrows are raised.", C_EXPR_DB)
    denied = description_opinion("The eyebrows are raised, the lips are not stretched.", C_EXPR_DB)
    assert little is not None
    assert denied is not None
    assert denied.probabilities["fearfully_surprised"] < little.probabilities["fearfully_surprised"]
