"""Captions say what is known and nothing else."""

import pytest

from auface.autext.caption import EXPRESSIVE_UNITS, STYLES, caption
from auface.autext.sampling import Sampler
from auface.autext.synth import SHOWN
from auface.facs import ActionUnit, Expression, read, resolve

DISFA = tuple(map(ActionUnit, (1, 2, 4, 5, 6, 9, 12, 15, 17, 20, 25, 26)))


@pytest.mark.parametrize("style", STYLES)
def test_captions_never_claim_what_is_not_coded(style: str) -> None:
    sampler = Sampler(3, SHOWN["gl"])
    for index in range(120):
        shown = resolve(sampler[index].expression)
        coded = tuple(unit for unit in SHOWN["gl"] if unit in shown or hash((index, unit)) % 2)
        for graded in (coded, ()):
            text = caption(shown, coded, graded, seed=index, style=style)  # pyright: ignore[reportArgumentType]
            claimed = set(read(text).expression.units)
            assert claimed <= set(coded), (str(shown), text)


def test_a_face_at_rest_is_called_neutral_only_if_everything_was_coded() -> None:
    everything = caption(Expression(), EXPRESSIVE_UNITS, EXPRESSIVE_UNITS, seed=0)
    assert "neutral" in everything or "relaxed" in everything or "at rest" in everything
    partly = caption(Expression(), DISFA, DISFA, seed=0)
    assert partly == "A face with relaxed brows, a smooth nose, level lip corners and closed lips."
    assert caption(Expression(), (ActionUnit.AU28,), (), seed=0) == "A portrait of a face."


def test_presence_alone_says_no_degree() -> None:
    face = Expression.parse("12")
    words = {caption(face, (ActionUnit.AU12,), (), seed=seed) for seed in range(20)}
    assert words == {"The lip corners are pulled up and back."}


def test_the_same_seed_gives_the_same_words_and_others_give_others() -> None:
    face = Expression.parse("1C+2C+12D")
    texts = [caption(face, EXPRESSIVE_UNITS, EXPRESSIVE_UNITS, seed, "mixed") for seed in range(30)]
    assert texts == [caption(face, EXPRESSIVE_UNITS, EXPRESSIVE_UNITS, seed, "mixed") for seed in range(30)]
    assert len(set(texts)) > 20


def test_an_unknown_style_is_refused() -> None:
    with pytest.raises(ValueError, match="poem"):
        caption(Expression(), (), (), 0, "poem")  # pyright: ignore[reportArgumentType]
