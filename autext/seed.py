"""Seeds: one independent number for each purpose and index, so that work can be split in any way."""

from __future__ import annotations

import hashlib


def derived_seed(seed: int, purpose: str, index: int = 0) -> int:
    """Return a number from 0 to 2**63 - 1 that depends on all arguments and nothing else.

    Args:
        seed: The seed of the whole set.
        purpose: What it is for, such as "caption".
        index: Which one.
    """
    digest = hashlib.blake2b(f"{seed}/{purpose}/{index}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") >> 1
