"""Putting the words of an expression into a prompt."""

from __future__ import annotations

import math

PLACEHOLDER = "{expression}"
"""What the words take the place of in a prompt."""


def insert_words(prompt: str, words: str, weight: float = 1.0) -> str:
    """Return the prompt with the words in it: in place of every `{expression}`, or at the end where there is none.

    Args:
        prompt: The prompt, which may be empty.
        words: What is said of the face.
        weight: Emphasis as ComfyUI and others write it, `(words:1.20)`; 1 writes the words as they are.

    Raises:
        ValueError: `weight` is not a number from 0.
    """
    if not 0 <= weight < math.inf:
        raise ValueError(f"`weight` is {weight!r}; accepted is a finite number from 0.")
    said = words if weight == 1 else f"({words}:{weight:.2f})"
    if PLACEHOLDER in prompt:
        return prompt.replace(PLACEHOLDER, said)
    before = prompt.rstrip().rstrip(",")
    return f"{before}, {said}" if before else said
