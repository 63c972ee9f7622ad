"""The reader is the inverse of the text processor."""

from itertools import product

import pytest
from hypothesis import given, settings, strategies as st
from strategies import expressions

from auface.facs import ActionUnit, Expression, Sides, describe, read, resolve
from auface.facs.conflict import Policy
from auface.facs.intensity import level
from auface.facs.text.blend import BLENDS
from auface.facs.text.clip_length import MAX_CLIP_TOKENS, clip_length
from auface.facs.text.phrase import blend_phrases, can_be_one_sided, unit_phrases
from auface.facs.text.wording import WORDINGS
from auface.facs.text.writer import Length

FORMS = ("tag", "clause", "part")


def rounded(expression: Expression) -> Expression:
    """The expression that whole letters can say."""
    return Expression.of({unit: (level(left), level(right)) for unit, left, right in expression})


@settings(max_examples=1000)
@given(
    expressions(max_units=8),
    st.sampled_from(["tag", "sentence", "detailed"]),
    st.integers(0, 10**9) | st.none(),
    st.sampled_from(["natural", "keep"]),
)
def test_every_description_is_read_back(
    expression: Expression, length: Length, seed: int | None, policy: Policy
) -> None:
    text = describe(expression, length=length, seed=seed, conflict_policy=policy)
    reading = read(text)
    said = rounded(resolve(expression, policy))
    # Many units with uneven sides can exceed CLIP's window; a tag or sentence then leaves out what has no room in it.
    left_out = set(said.units) - set(reading.expression.units)
    if left_out:
        assert length != "detailed"
        assert clip_length(text) + sum(_shortest(said, unit) + 1 for unit in left_out) > MAX_CLIP_TOKENS
    assert reading.expression == said.removed(left_out)
    assert reading.unread == ()


def _shortest(expression: Expression, unit: ActionUnit) -> int:
    """The length of the shortest way to say one unit."""
    levels = (int(expression.left(unit)), int(expression.right(unit)))
    return min(tokens for _, tokens in unit_phrases((int(unit),), levels, "tag"))


def _levels(units: tuple[int, ...]) -> list[tuple[int, int]]:
    """Every pair of levels for which there is a wording."""
    sides = ActionUnit(units[0]).sides
    pairs = [(left, right) for left, right in product(range(6), repeat=2) if left or right]
    if sides is Sides.TOGETHER or not can_be_one_sided(units):
        pairs = [(left, right) for left, right in pairs if left == right]
    if sides is Sides.ONE:
        pairs = [pair for pair in pairs if not all(pair)]
    if len(units) > 1:
        pairs = [(left, right) for left, right in pairs if left == right or not (left and right)]
    return pairs


@pytest.mark.parametrize("units", sorted({row.units for row in WORDINGS}), ids=str)
def test_every_phrase_for_units_is_read_back(units: tuple[int, ...]) -> None:
    for levels, form in product(_levels(units), FORMS):
        phrases = unit_phrases(units, levels, form)
        assert phrases
        for text, _ in phrases:
            reading = read(text)
            assert reading.expression == Expression.of(dict.fromkeys(units, levels)), text
            assert reading.unread == (), text


@pytest.mark.parametrize("blend", BLENDS, ids=lambda blend: str(blend.units))
def test_every_phrase_for_interacting_units_is_read_back(blend) -> None:
    free = [unit for unit in blend.units if any(f"{mark}{unit}}}" in blend.patterns[0] for mark in ("{", "{=", "{a"))]
    for said, side, form in product(product(range(1, 6), repeat=len(free)), ("", "left", "right"), FORMS):
        if side and not blend.one:
            continue
        levels = dict.fromkeys(blend.units, said[0]) | dict(zip(free, said, strict=True))
        wanted = Expression.of(
            {unit: (0 if side == "right" else value, 0 if side == "left" else value) for unit, value in levels.items()}
        )
        for text, _ in blend_phrases(blend, tuple(levels[unit] for unit in blend.units), side, form):
            reading = read(text)
            assert reading.expression == wanted, text
            assert reading.unread == (), text


def test_every_unit_has_words() -> None:
    assert {unit for row in WORDINGS if len(row.units) == 1 for unit in row.units} == {int(unit) for unit in ActionUnit}
