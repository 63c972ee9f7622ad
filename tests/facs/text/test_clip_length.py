"""The count without CLIP's vocabulary against CLIP's own tokenizer."""

import sys

import pytest

from auface.facs.text import phrase, writer
from auface.facs.text.clip_length import PIECES, clip_length
from auface.facs.text.phrase import unit_phrases
from auface.facs.text.wording import WORDINGS


@pytest.mark.skipif(sys.version_info >= (3, 13), reason="the tokenizer's package has no wheel for Python 3.13")
def test_the_count_is_that_of_clip() -> None:
    from instant_clip_tokenizer import Tokenizer  # type: ignore[attr-defined]

    tokenizer = Tokenizer()
    texts = [*writer._OPENINGS, *(text for texts in writer._NEUTRAL.values() for text in texts)]
    texts += [text for row in WORDINGS for text in row.shows]
    for units in sorted({row.units for row in WORDINGS}):
        for levels in ((1, 1), (2, 2), (3, 3), (4, 4), (5, 5), (2, 4), (0, 3), (5, 0)):
            both = levels[0] == levels[1]
            if not both and (not phrase.can_be_one_sided(units) or (all(levels) and len(units) > 1)):
                continue
            if both and all(not (row.both or row.noun_phrases) for row in WORDINGS if row.units == units):
                continue
            if all(levels) and any(phrase.needs_side(unit) for unit in units):
                continue
            texts += [text for form in ("tag", "clause", "part") for text, _ in unit_phrases(units, levels, form)]
    wrong = {text: len(tokenizer.encode(text)) for text in texts if clip_length(text) != len(tokenizer.encode(text))}
    assert not wrong
    for word, pieces in PIECES.items():
        assert len(tokenizer.encode(word)) == pieces, word


def test_punctuation_counts() -> None:
    pieces = ["a", "crow", "'s", "nest", ",", "mid", "-", "blink", "."]
    assert clip_length("A crow's nest, mid-blink.") == len(pieces)
