"""A synthetic head in words: they say what is seen, and a seed always says the same."""

from random import Random

from auface.autext.head_caption import prompt_of
from auface.autext.head_description import HeadDescription
from auface.autext.heads.sample import sample_identity, sample_view
from auface.facs import NEUTRAL


def test_prompts_say_what_is_seen() -> None:
    head = HeadDescription.of(NEUTRAL, identity=sample_identity(3), view=sample_view(3))
    said = " ".join(prompt_of(head, Random(seed)) for seed in range(60))
    assert ("woman" in said) == (head.identity.sex == "female")
    assert "hair" in said
    assert "background" in said


def test_prompts_of_a_seed_are_the_same() -> None:
    head = HeadDescription.of(NEUTRAL, identity=sample_identity(4), view=sample_view(4))
    assert prompt_of(head, Random(7)) == prompt_of(head, Random(7))
    assert len({prompt_of(head, Random(seed)) for seed in range(20)}) > 15
