"""Prompts are made of words that are one token each; anything else is spelled, never an error."""

from pathlib import Path
from random import Random

import pytest
import torch

from auface.autext.head_caption import prompt_of
from auface.autext.head_description import HeadDescription
from auface.autext.heads.sample import sample_identity, sample_view
from auface.facs import NEUTRAL
from auface.lora_training.mini.text import LENGTH, new_text_encoder, open_tokenizer, words, write_tokenizer


@pytest.fixture(scope="module")
def tokenizer(tmp_path_factory: pytest.TempPathFactory):
    folder: Path = tmp_path_factory.mktemp("tokenizer")
    write_tokenizer(folder)
    return open_tokenizer(folder)


def test_each_known_word_is_one_token(tokenizer) -> None:
    assert [word for word in words() if len(tokenizer(word).input_ids) != 3] == []


def test_tokens_come_back_as_words(tokenizer) -> None:
    assert tokenizer.decode(tokenizer("An OLD man, gray hair").input_ids, skip_special_tokens=True).split() == (
        "an old man , gray hair".split()
    )


def test_unknown_text_is_spelled_and_cut(tokenizer) -> None:
    ids = tokenizer("zyx é 中 " * 30, truncation=True, padding="max_length").input_ids
    assert len(ids) == LENGTH
    assert max(ids) < len(tokenizer)


def test_prompts_fit(tokenizer) -> None:
    lengths = []
    for seed in range(200):
        head = HeadDescription.of(NEUTRAL, identity=sample_identity(seed), view=sample_view(seed))
        lengths.append(len(tokenizer(prompt_of(head, Random(seed))).input_ids))
    assert share_that_fits(lengths) > 0.97


def share_that_fits(lengths: list[int]) -> float:
    return sum(length <= LENGTH for length in lengths) / len(lengths)


def test_the_text_encoder_hears_the_words(tokenizer) -> None:
    torch.manual_seed(0)
    encoder = new_text_encoder(tokenizer, 64, 1)
    ids = [tokenizer(text, padding="max_length", return_tensors="pt").input_ids for text in ("a man", "a woman")]
    one, other = (encoder(value)[0] for value in ids)
    assert one.shape == (1, LENGTH, 64)
    assert not torch.equal(one, other)
