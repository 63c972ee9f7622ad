"""The text encoder of auface-mini and its tokenizer: CLIP's layout (arXiv 2103.00020) with a small vocabulary.

`vocab.json` and `merges.txt` are byte-pair encoding that was learned from the words of `head_caption`, so that each of
them is one token. Any other text is spelled in smaller pieces, which training has taught to mean nothing.
"""

from __future__ import annotations

import json
from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from auface.autext.head_caption import COLORS, FILLER, WORDS

if TYPE_CHECKING:
    from transformers import CLIPTextModel, CLIPTokenizer

LENGTH = 40
"""Tokens of a prompt, with start and end."""

START, END = "<|startoftext|>", "<|endoftext|>"
"""CLIP's names of the first and the last token."""


def words() -> list[str]:
    """Return the words that are one token each, sorted."""
    said = [phrase for kinds in WORDS.values() for phrases in kinds.values() for phrase in phrases]
    parts = [part for phrase in (*said, *COLORS, *FILLER) for part in phrase.replace("-", " ").split()]
    return sorted({part for part in parts if part.isalpha()} | {"old", "back", "focus", "out"})


def write_tokenizer(folder: Path) -> None:
    """Write `vocab.json`, `merges.txt` and the settings of a CLIP tokenizer.

    Args:
        folder: Folder, which is made.
    """
    folder.mkdir(parents=True, exist_ok=True)
    merges = _merges(words())
    symbols = [symbol for end in ("", "</w>") for symbol in (letter + end for letter in _bytes())]
    names = list(dict.fromkeys([*symbols, *("".join(pair) for pair in merges), START, END]))
    vocabulary = {name: number for number, name in enumerate(names)}
    (folder / "vocab.json").write_text(json.dumps(vocabulary, ensure_ascii=False) + "\n", encoding="utf-8")
    lines = ["#version: 0.2", *(" ".join(pair) for pair in merges)]
    (folder / "merges.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    settings = {
        "tokenizer_class": "CLIPTokenizer",
        "model_max_length": LENGTH,
        "bos_token": START,
        "eos_token": END,
        "unk_token": END,
        "pad_token": END,
        "do_lower_case": True,
    }
    (folder / "tokenizer_config.json").write_text(json.dumps(settings, indent=2) + "\n", encoding="utf-8")


def open_tokenizer(folder: Path) -> CLIPTokenizer:
    """Return the tokenizer that `write_tokenizer` wrote.

    Args:
        folder: Its folder.
    """
    from transformers import CLIPTokenizer

    return CLIPTokenizer.from_pretrained(folder)


def new_text_encoder(tokenizer: CLIPTokenizer, width: int = 192, layers: int = 3) -> CLIPTextModel:
    """Return a text encoder with random weights.

    Args:
        tokenizer: Its tokenizer.
        width: Channels of the text's vectors, a multiple of 64.
        layers: Number of layers.
    """
    from transformers import CLIPTextConfig, CLIPTextModel

    ids: Any = tokenizer
    config = CLIPTextConfig(
        vocab_size=len(tokenizer),
        hidden_size=width,
        intermediate_size=3 * width,
        projection_dim=width,
        num_hidden_layers=layers,
        num_attention_heads=width // 64,
        max_position_embeddings=LENGTH,
        bos_token_id=ids.bos_token_id,
        eos_token_id=ids.eos_token_id,
        pad_token_id=ids.pad_token_id,
    )
    return CLIPTextModel(config)


def _merges(vocabulary: list[str]) -> list[tuple[str, str]]:
    """Learn byte-pair encoding until each word is one symbol; ties in alphabetical order."""
    spelled = [[*word[:-1], word[-1] + "</w>"] for word in vocabulary]
    merges: list[tuple[str, str]] = []
    while pairs := Counter(pair for word in spelled for pair in pairwise(word)):
        best = min(pairs, key=lambda pair: (-pairs[pair], pair))
        merges.append(best)
        spelled = [_merged(word, best) for word in spelled]
    return merges


def _merged(word: list[str], pair: tuple[str, str]) -> list[str]:
    done: list[str] = []
    for symbol in word:
        if done and (done[-1], symbol) == pair:
            done[-1] += symbol
        else:
            done.append(symbol)
    return done


def _bytes() -> list[str]:
    """Return the 256 letters that byte-level encoding writes bytes with (GPT-2's table)."""
    plain = [*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), ord("ÿ") + 1)]
    others = [byte for byte in range(256) if byte not in plain]
    return [chr(byte) for byte in plain] + [chr(256 + place) for place in range(len(others))]
