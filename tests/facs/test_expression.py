"""`Expression` is a value: it compares, combines, mirrors, and goes through JSON unchanged."""

import json
from dataclasses import FrozenInstanceError

import pytest
from hypothesis import assume, given, strategies as st
from strategies import expressions

from auface.facs import NEUTRAL, ActionUnit, Activation, Expression, Sides


def test_expressions_compare_and_hash_by_value_whatever_the_order() -> None:
    assert Expression.of({12: 3, 1: 2}) == Expression.of({ActionUnit.AU1: 2.0, ActionUnit.AU12: (3, 3)})
    assert len({Expression.parse("1+2"), Expression.parse("2+1")}) == 1


def test_an_expression_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        NEUTRAL.activations = ()  # type: ignore[misc]


def test_absent_units_are_not_held() -> None:
    assert Expression.of({12: 0, 6: (0.0, 0.0)}) == NEUTRAL
    assert NEUTRAL.is_neutral
    assert NEUTRAL.notation() == "neutral"


def test_looking_into_an_expression() -> None:
    expression = Expression.parse("L12D+R12B+25")
    assert expression.units == (12, 25)
    assert (expression.left(12), expression.right(12), expression.intensity(12)) == (4, 2, 4)
    assert expression.intensity(1) == 0
    assert 25 in expression
    assert 26 not in expression
    assert list(expression) == [Activation(ActionUnit.AU12, 4, 2), Activation(ActionUnit.AU25, 3, 3)]


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({12: 5.5}, "AU12 .* 5.5; accepted is a number from 0 .* Divide a 0-100 scale by 20"),
        ({12: -0.1}, "AU12"),
        ({12: float("nan")}, "nan"),
        ({12: True}, "True"),
        ({12: "3"}, "'3'"),
        ({12: (1, 2, 3)}, "3 intensities"),
        ({25: (1, 2)}, "no sides"),
        ({30: 3}, "needs a side"),
        ({99: 1}, "99"),
        ({41: 1}, "43B"),
        ({True: 1}, "True"),
    ],
)
def test_wrong_values_are_refused(values: dict, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Expression.of(values)


def test_a_unit_given_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="AU12 twice"):
        Expression((Activation(ActionUnit.AU12, 1, 1), Activation(ActionUnit.AU12, 2, 2)))


@given(expressions())
def test_mirroring_twice_is_the_identity(expression: Expression) -> None:
    assert expression.mirrored().mirrored() == expression


def test_mirroring_turns_sides_and_turns_round() -> None:
    assert Expression.parse("L12C+51D+62+25").mirrored() == Expression.parse("R12C+52D+61+25")


@given(expressions(), st.floats(0, 1))
def test_blending_goes_from_one_to_the_other(expression: Expression, weight: float) -> None:
    other = Expression.parse("1B+L12D+25")
    assert expression.blended(other, 0) == expression
    assert expression.blended(other, 1) == other
    mixed = expression.blended(other, weight)
    assert mixed.blended(mixed, 0.5).distance(mixed) < 1e-3
    for unit in mixed.units:
        low, high = sorted((expression.left(unit), other.left(unit)))
        assert low - 1e-4 <= mixed.left(unit) <= high + 1e-4


def test_blending_full_strength_with_itself_stays_there() -> None:
    full = Expression.parse("24E+L12E")
    assert all(full.blended(full, step / 97) == full for step in range(98))


@given(expressions())
def test_scaling_to_nothing_is_neutral_and_beyond_the_maximum_stays_there(expression: Expression) -> None:
    assert expression.scaled(0) == NEUTRAL
    assert expression.scaled(1) == expression
    assert all(max(left, right) == 5 for _, left, right in expression.scaled(1000))


@pytest.mark.parametrize("factor", [-1, float("nan"), float("inf")])
def test_wrong_factors_are_refused(factor: float) -> None:
    with pytest.raises(ValueError, match="`factor`"):
        NEUTRAL.scaled(factor)


@pytest.mark.parametrize("weight", [-0.1, 1.1, float("nan")])
def test_wrong_weights_are_refused(weight: float) -> None:
    with pytest.raises(ValueError, match="`weight`"):
        NEUTRAL.blended(NEUTRAL, weight)


@given(expressions(), expressions())
def test_adding_takes_the_stronger_and_removing_takes_it_away(one: Expression, two: Expression) -> None:
    both = one.added(two)
    assert both == two.added(one)
    assert all(both.left(unit) == max(one.left(unit), two.left(unit)) for unit in both.units)
    assert not set(both.removed(two).units) & set(two.units)


@given(expressions(), expressions(), expressions())
def test_distance_is_a_metric(one: Expression, two: Expression, three: Expression) -> None:
    assert one.distance(one) == 0
    assert one.distance(two) == pytest.approx(two.distance(one))
    assert one.distance(three) <= one.distance(two) + two.distance(three) + 1e-9
    assume(one != two)
    assert one.distance(two) > 0


def test_distance_counts_each_side_half() -> None:
    assert Expression.parse("12C").distance(Expression.parse("12D")) == 1
    assert Expression.parse("12C").distance(Expression.parse("L12C+R12D")) == pytest.approx(0.5**0.5)


def test_replacing_one_side() -> None:
    expression = Expression.parse("12C").replaced(12, 5, "left").replaced(46, 4, "right").replaced(12, 0, "right")
    assert expression == Expression.parse("L12E+R46D")
    with pytest.raises(ValueError, match="needs 'left' or 'right'"):
        NEUTRAL.replaced(46, 3)
    with pytest.raises(ValueError, match="has no sides"):
        NEUTRAL.replaced(25, 3, "left")
    with pytest.raises(ValueError, match="`side` is 'up'"):
        NEUTRAL.replaced(12, 3, "up")  # type: ignore[arg-type]


@given(expressions())
def test_json_is_read_back_to_an_equal_expression(expression: Expression) -> None:
    assert Expression.from_json(expression.to_json()) == expression


def test_json_says_its_schema_and_reads_like_the_expression() -> None:
    data = json.loads(Expression.parse("L12D+25").to_json())
    assert data == {"schema": "auface.expression/1", "units": {"12": {"left": 4, "right": 0}, "25": 3}}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "12",
        '{"units": {}}',
        '{"schema": "auface.expression/2", "units": {}}',
        '{"schema": "auface.expression/1"}',
        '{"schema": "auface.expression/1", "units": []}',
        '{"schema": "auface.expression/1", "units": {}, "more": 1}',
        '{"schema": "auface.expression/1", "units": {"12": 1, "12": 2}}',
        '{"schema": "auface.expression/1", "units": {"012": 1}}',
        '{"schema": "auface.expression/1", "units": {"twelve": 1}}',
        '{"schema": "auface.expression/1", "units": {"12": {"left": 1}}}',
        '{"schema": "auface.expression/1", "units": {"12": {"left": 1, "right": 9}}}',
        '{"schema": "auface.expression/1", "units": {"12": NaN}}',
        '{"schema": "auface.expression/1", "units": {"12": "C"}}',
        '{"schema": "auface.expression/1", "units": {"12": null}}',
        "[" * 100_000,
    ],
)
def test_wrong_json_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"JSON|AU|accepted"):
        Expression.from_json(text)


def test_every_unit_knows_its_facts() -> None:
    for unit in ActionUnit:
        assert unit.name == f"AU{unit.value}"
        assert unit.label
        assert unit.mirrored.mirrored is unit
        assert 0 < unit.default_intensity <= 5
        assert unit.mirrored.sides is unit.sides
    assert {unit for unit in ActionUnit if unit.sides is Sides.ONE} == {30, 36, 46}
