"""Words of an expression in a prompt."""

import pytest

from auface.facs.prompt import insert_words


@pytest.mark.parametrize(
    ("prompt", "weight", "expected"),
    [
        ("photo, {expression}, rain", 1.0, "photo, big smile, rain"),
        ("{expression}, {expression}", 1.0, "big smile, big smile"),
        ("photo", 1.0, "photo, big smile"),
        ("photo, ", 1.0, "photo, big smile"),
        ("", 1.0, "big smile"),
        ("photo, {expression}", 1.25, "photo, (big smile:1.25)"),
        ("a {red|blue} hat", 0.5, "a {red|blue} hat, (big smile:0.50)"),
    ],
)
def test_words_take_their_place(prompt: str, weight: float, expected: str) -> None:
    assert insert_words(prompt, "big smile", weight) == expected


@pytest.mark.parametrize("weight", [-1.0, float("nan"), float("inf")])
def test_a_weight_is_a_number_from_0(weight: float) -> None:
    with pytest.raises(ValueError, match="`weight`"):
        insert_words("photo", "smile", weight)
