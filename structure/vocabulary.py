"""`encoded`: text as numbers for the text encoder, seen from one half of the face.

Each word is the bag of itself and its letter trigrams, hashed into buckets (as fastText, arXiv 1607.04606), so that
no word is unknown and related words resemble each other. "left" and "right" become "own" and "other" when the text is
seen from the subject's left half, and the other way round from the right half.
"""

from __future__ import annotations

import re
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

BUCKETS = 4096
"""Number of buckets."""

LONGEST = 96
"""Words that are read; what follows is ignored."""

NGRAMS = 12
"""Numbers of each word."""

_WORD = re.compile(r"[a-z]+|\d+|[.,;:]")
_SEEN_FROM = ({"left": "<own>", "right": "<other>"}, {"left": "<other>", "right": "<own>"})


def words(text: str) -> list[str]:
    """Return the words and marks of a text, in lower case.

    Args:
        text: Any text.
    """
    return _WORD.findall(text.lower().replace("'", ""))[:LONGEST]


def encoded(text: str, half: int) -> NDArray[np.int64]:
    """Return the (words, NGRAMS) buckets of the words of a text; 0 fills up.

    Args:
        text: Any text.
        half: 0 to see it from the subject's left half, 1 from the right.
    """
    rows = [_buckets(_SEEN_FROM[half].get(word, word)) for word in words(text)] or [_buckets("")]
    return np.stack(rows)


def padded(rows: list[NDArray[np.int64]]) -> NDArray[np.int64]:
    """Return texts as one array, (texts, words, NGRAMS).

    Args:
        rows: What `encoded` returned.
    """
    array = np.zeros((len(rows), max(len(row) for row in rows), NGRAMS), np.int64)
    for place, row in zip(array, rows, strict=True):
        place[: len(row)] = row
    return array


_known: dict[str, NDArray[np.int64]] = {}


def _buckets(word: str) -> NDArray[np.int64]:
    if word not in _known:
        marked = f"^{word}$"
        grams = [word] if word.startswith("<") else [word, *(marked[k : k + 3] for k in range(len(marked) - 2))]
        row = np.zeros(NGRAMS, np.int64)
        numbers = [1 + crc32(gram.encode()) % BUCKETS for gram in grams[:NGRAMS]]
        row[: len(numbers)] = numbers
        if len(_known) > 20_000:
            _known.clear()
        _known[word] = row
    return _known[word]
