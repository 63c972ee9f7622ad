"""Length of a text in CLIP tokens, counted without CLIP's vocabulary.

CLIP's byte-pair encoding gives common words one token. The words that the text processor uses and that take more are
listed here, so the count is exact for its own texts; a test compares it with CLIP's tokenizer.
"""

from __future__ import annotations

import re

MAX_CLIP_TOKENS = 75
"""What fits into CLIP's 77 positions beside the start and end marks."""

_TWO = """
    arched bared bitten bulged bumpy bunched cheekbones clenched creases curving deepened dilated dimpled dimples
    downturned eyelid flared furrowed hollowed hollows intensely inward knotted markedly maximal maximally narrowed
    oblique outward parted pinched pouches powerfully pucker puffed puffing pursed retracted scowl slanted sniffing
    squinted squinting straightened subtly sucked suppressed tensed tightened tilted upturned visibly widened wrinkled
"""
_THREE = """
    crinkled eyelids faintly funneled nostril nostrils noticeably puckered scrunched
"""
PIECES: dict[str, int] = {"nasolabial": 4, **dict.fromkeys(_TWO.split(), 2), **dict.fromkeys(_THREE.split(), 3)}
"""Words of the text processor that take more than one token."""

_WORDS = re.compile(r"[a-z]+|'s|[^\sa-z]+")


def clip_length(text: str) -> int:
    """Return the number of CLIP tokens, without the start and end marks.

    Args:
        text: English text; exact for texts of `describe`, an estimate (words and punctuation marks) for others.
    """
    return sum(PIECES.get(word, 1) for word in _WORDS.findall(text.lower()))
