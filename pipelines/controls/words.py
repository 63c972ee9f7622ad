"""Words of an expression in a prompt, within the length that CLIP reads."""

from __future__ import annotations

from typing import Any

from auface.facs import Expression, describe
from auface.facs.prompt import PLACEHOLDER, insert_words
from auface.facs.text import MAX_CLIP_TOKENS, clip_length


def prompt_within(
    expression: Expression, prompt: str, limit: int | None = MAX_CLIP_TOKENS, tokenizer: Any = None
) -> tuple[str, Expression]:
    """Return the prompt with the words of an expression in it, and the units that did not fit into the limit.

    Where the words are too long, those of the weakest units are left out, one after the other.

    Args:
        expression: What the face shows, without units that a face cannot combine.
        prompt: The prompt; the words take the place of `{expression}`, or go to the end.
        limit: CLIP tokens that the prompt may have, without the start and end marks; None for any number.
        tokenizer: CLIP's tokenizer, for an exact count; without one, the words of the user's prompt are estimated.

    Raises:
        ValueError: The prompt leaves no room for the words of even one unit.
    """
    said = expression
    while True:
        text = insert_words(prompt, describe(said, length="tag", conflict_policy="keep"))
        if limit is None or _count(text, tokenizer) <= limit:
            return text, expression.removed(said)
        weakest = min(said, key=lambda activation: activation.intensity, default=None)
        if weakest is None or len(said) == 1:
            used = _count(insert_words(prompt, ""), tokenizer)
            raise ValueError(
                f"`prompt` has about {used} CLIP tokens, which leaves no room for the words of the expression; "
                f"accepted are {limit} tokens in all. Shorten it."
            )
        said = said.removed([weakest.unit])


def long_prompt(expression: Expression, prompt: str) -> str:
    """Return the prompt with a full description in it, for text encoders that read hundreds of tokens.

    Args:
        expression: What the face shows.
        prompt: The prompt; the words take the place of `{expression}`, or go to the end.
    """
    words = describe(expression, length="detailed", conflict_policy="keep")
    before = prompt.rstrip().rstrip(",.")
    if PLACEHOLDER in prompt:
        return insert_words(prompt, words.rstrip("."))
    return f"{before}. {words}" if before else words


def _count(text: str, tokenizer: Any) -> int:
    if tokenizer is None:
        return clip_length(text)
    return len(tokenizer(text, truncation=False, add_special_tokens=False).input_ids)
