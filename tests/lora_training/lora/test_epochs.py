"""What a picture is shown with from epoch to epoch: captions, dropout, the look that is to be preserved."""

import json
from pathlib import Path
from typing import Any

import pytest
from tiny_base import tiny_set
from tiny_task import config

from auface.autext.heads import HeadDescription, sample_identity, sample_view
from auface.lora_training.lora.base_model import BaseModel, load_base
from auface.lora_training.lora.objective import Objective
from auface.lora_training.lora.training_data import TrainingData
from auface.lora_training.lora.validation import held_out_data

EPOCHS = 3


@pytest.fixture(scope="module")
def heads(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A set that says of each picture what it was drawn from, as synthetic ones do."""
    folder = tiny_set(tmp_path_factory.mktemp("data") / "heads", 4)
    for table in folder.glob("*/metadata.jsonl"):
        rows = [json.loads(line) for line in table.read_text().splitlines()]
        for number, row in enumerate(rows):
            head = HeadDescription(identity=sample_identity(number), view=sample_view(number))
            row["description"] = head.to_json()
        table.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return folder


def data_of(base: Path, data: Path, out: Path, **more: Any) -> TrainingData:
    given = config(base, data, out, **{"steps": 2 * EPOCHS, "caption_variants": EPOCHS, "caption_dropout": 0.0, **more})
    model = load_base(given.base)
    found = TrainingData(given, model, Objective(model, given))
    found.prepare()
    model.release()
    return found


@pytest.mark.parametrize(("captions", "wordings"), [("sampled", EPOCHS), ("person", EPOCHS), ("text", 1)])
def test_words_are_new_in_each_epoch_and_ready_before_the_first_step(
    sd: Path, heads: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, captions: str, wordings: int
) -> None:
    data = data_of(sd, heads, tmp_path, captions=captions, flip=0.0, balance=0.0)

    def encode(base: BaseModel, texts: object) -> None:
        raise AssertionError(f"a step waited for the text encoders: {texts}")

    monkeypatch.setattr(BaseModel, "encode_text", encode)
    said: dict[str, set[str]] = {}
    for step in range(data.steps_per_epoch * EPOCHS):
        batch = data.batch(step, 0)
        data.embeddings(batch.texts)
        for expression, text in zip(batch.expressions, batch.texts, strict=True):
            said.setdefault(expression.notation(), set()).add(text)
    assert max(len(texts) for texts in said.values()) == wordings


def test_the_asked_share_of_captions_is_empty(sd: Path, heads: Path, tmp_path: Path) -> None:
    data = data_of(sd, heads, tmp_path, caption_dropout=0.25, steps=300, captions="text")
    texts = [text for step in range(300) for text in data.batch(step, 0).texts]
    assert texts.count("") / len(texts) == pytest.approx(0.25, abs=0.06)  # 3.4 standard deviations of 600


def test_the_look_is_preserved_by_pictures_without_the_trigger(sd: Path, heads: Path, tmp_path: Path) -> None:
    more = {"prior_data": str(heads), "prior_weight": 1.0, "trigger": "zxface"}
    data = data_of(sd, heads, tmp_path, **more)
    learned, prior = data.batch(0, 0), data.batch(0, 0, prior=True)
    assert all(text.startswith("zxface, ") for text in learned.texts)
    assert not any("zxface" in text for text in prior.texts)
    assert prior.prior
    assert not learned.prior
    held_out = held_out_data(data._config, data._base, data._objective)
    assert held_out is not None
    assert held_out._prior is None, "what is measured is what is learned"


@pytest.mark.parametrize("more", [{"background": 0.2}, {"parts": 2.0}, {"unit_weight": 1.0}])
def test_options_that_need_landmarks_are_refused_without_any(sd: Path, tmp_path: Path, more: dict[str, float]) -> None:
    faces = tiny_set(tmp_path / "faces", 2, landmarks=False)
    with pytest.raises(ValueError, match=f"`{next(iter(more))}` is .*no picture of `data` has the landmarks"):
        data_of(sd, faces, tmp_path / "run", **more)
