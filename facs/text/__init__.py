"""Words for faces: `describe` turns an expression into English (Dynamic AU Text Processor), `read` turns it back.

The name Dynamic AU Text Processor is that of arXiv 2603.18588, whose abstract alone is known here; the rules and words
are definitions of this project. Data flow, out: `degree`, `wording`, `blend` (what is said of units) -> `phrase` (every
way to say one thing) -> `writer`. In: `lexicon/` (what words mean) -> `scanner` (text to items) -> `clause` (items to
hits, with `segment`, `neighbor` and `hit`) -> `reader` (hits to an expression).
"""

from __future__ import annotations

from .clip_length import MAX_CLIP_TOKENS, clip_length
from .reader import read
from .reading import Reading, Span, Unread
from .writer import describe, sample_descriptions

__all__ = [
    "MAX_CLIP_TOKENS",
    "Reading",
    "Span",
    "Unread",
    "clip_length",
    "describe",
    "read",
    "sample_descriptions",
]
