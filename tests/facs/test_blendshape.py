"""Blendshapes hold what they can, say what they cannot, and are read back as they were written."""

import math

import pytest
from hypothesis import given, strategies as st

from auface.facs.action_unit import ActionUnit, Sides
from auface.facs.blendshape import (
    ARKIT_SHAPES,
    LINKS,
    SHAPES_WITHOUT_UNIT,
    UNITS_WITHOUT_SHAPE,
    arkit_residual,
    from_arkit,
    to_arkit,
    without_arkit,
)
from auface.facs.expression import NEUTRAL, Expression
from auface.facs.prototype import compound_emotions, prototypes

parse = Expression.parse

# Units whose shapes no other unit of this list writes: read back exactly, in any combination and on each side.
ONE_TO_ONE = (2, 4, 5, 6, 7, 9, 10, 12, 14, 15, 17, 18, 19, 20, 22, 29, 30, 34, 43)

intensities = st.integers(0, 50_000).map(lambda number: number / 10_000)
sides = st.tuples(intensities, intensities)


@st.composite
def expressions(draw: st.DrawFn, units: tuple[int, ...] = tuple(ActionUnit)) -> Expression:
    values: dict[int, float | tuple[float, float]] = {}
    for unit in draw(st.lists(st.sampled_from(units), unique=True, max_size=12)):
        values[unit] = draw(intensities) if ActionUnit(unit).sides is Sides.TOGETHER else draw(sides)
    return Expression.of(values)


coefficients = st.dictionaries(st.sampled_from(ARKIT_SHAPES), st.floats(0, 1))


def shapes(notation: str) -> dict[str, float]:
    return {shape: value for shape, value in to_arkit(parse(notation)).items() if value}


# The table


def test_the_names_are_arkits() -> None:
    assert len(ARKIT_SHAPES) == len(set(ARKIT_SHAPES)) == 52
    for shape in ARKIT_SHAPES:
        if shape.endswith("Left"):
            assert f"{shape.removesuffix('Left')}Right" in ARKIT_SHAPES
    assert {link.shape for link in LINKS} | SHAPES_WITHOUT_UNIT == set(ARKIT_SHAPES)
    assert SHAPES_WITHOUT_UNIT == {"mouthLeft", "mouthRight", "mouthShrugUpper", "mouthClose"}
    assert UNITS_WITHOUT_SHAPE == {8, 21, 31, 32, 35, 36, 37, 38, 39, 40, *range(51, 59)}


# Round trips


@given(expressions(ONE_TO_ONE))
def test_one_to_one_units_are_read_back_exactly(expression: Expression) -> None:
    assert from_arkit(to_arkit(expression)) == expression
    assert without_arkit(expression) == {}


@pytest.mark.parametrize("unit", [1, 16, 23, 24, 25, 28, *range(61, 67)])
@given(intensity=intensities)
def test_units_with_rules_of_their_own_are_read_back_alone(unit: int, intensity: float) -> None:
    expression = Expression.of({unit: intensity})
    assert from_arkit(to_arkit(expression)) == expression


@given(intensities, st.sampled_from([61, 62, 65, 66]), intensities, st.sampled_from([63, 64]))
def test_gaze_is_read_back(across: float, sideways: int, along: float, vertical: int) -> None:
    expression = Expression.of({sideways: across, vertical: along})
    assert from_arkit(to_arkit(expression)) == expression


@given(expressions())
def test_nothing_is_lost_silently(expression: Expression) -> None:
    coefficients = to_arkit(expression)
    assert list(coefficients) == list(ARKIT_SHAPES)
    assert all(0 <= value <= 1 for value in coefficients.values())
    without = without_arkit(expression)
    assert without.keys() <= set(expression.units)
    back = from_arkit(coefficients)
    if not without:
        assert back == expression
    for unit, left, right in expression:
        if unit not in without:
            assert (back.left(unit), back.right(unit)) == (left, right)
    if set(back.units) - set(expression.units):
        assert without


@given(coefficients)
def test_the_residual_is_what_is_missing(coefficients: dict[str, float]) -> None:
    held = to_arkit(from_arkit(coefficients))
    residual = arkit_residual(coefficients)
    for shape in ARKIT_SHAPES:
        assert held[shape] + residual.get(shape, 0) == pytest.approx(coefficients.get(shape, 0), abs=1.1e-4)


@given(expressions())
def test_mirroring_commutes(expression: Expression) -> None:
    def mirrored(coefficients: dict[str, float]) -> dict[str, float]:
        other = {"Left": "Right", "Right": "Left"}
        return {
            next((f"{name.removesuffix(end)}{other[end]}" for end in other if name.endswith(end)), name): value
            for name, value in coefficients.items()
        }

    assert to_arkit(expression.mirrored()) == pytest.approx(mirrored(to_arkit(expression)))
    there_and_back = from_arkit(to_arkit(expression))
    assert from_arkit(mirrored(to_arkit(expression))).distance(there_and_back.mirrored()) < 1e-3


def test_prototypes_show_their_units() -> None:
    """Bare 26 and 27 open the mouth, so 25 may come with them; nothing else is added or lost."""
    expressions = [each for variants in prototypes().values() for each in variants]
    expressions += [emotion.expression for emotion in compound_emotions().values()]
    for expression in expressions:
        units = set(from_arkit(to_arkit(expression)).units) - {25}
        if 11 not in expression:
            assert units == set(expression.units) - {25}, expression


# What single shapes mean


def test_writing() -> None:
    assert shapes("L12D") == {"mouthSmileLeft": 0.8}
    assert shapes("1C") == {"browInnerUp": 0.6}
    assert shapes("R1C") == {"browInnerUp": 0.6}
    assert shapes("L30E") == {"jawLeft": 1}
    assert shapes("26E") == {"jawOpen": 0.5}
    assert shapes("27E") == {"jawOpen": 1}
    assert shapes("28E") == {"mouthRollLower": 1, "mouthRollUpper": 1}
    assert shapes("neutral") == {}


def test_the_eyes_turn_together() -> None:
    assert shapes("61E") == {"eyeLookOutLeft": 1, "eyeLookInRight": 1}
    assert shapes("62E") == {"eyeLookInLeft": 1, "eyeLookOutRight": 1}
    assert shapes("65E") == {"eyeLookOutLeft": 1, "eyeLookOutRight": 1}
    assert shapes("66E") == {"eyeLookInLeft": 1, "eyeLookInRight": 1}


def test_looking_aside_at_something_near_is_no_cross_eye() -> None:
    read = from_arkit({"eyeLookOutLeft": 0.4, "eyeLookInRight": 0.6})
    assert read == Expression.of({61: 2.5})
    assert from_arkit({"eyeLookInLeft": 0.5, "eyeLookInRight": 0.3}) == Expression.of({66: 2})


def test_closing_both_eyes_is_43() -> None:
    assert shapes("43E") == shapes("45E") == {"eyeBlinkLeft": 1, "eyeBlinkRight": 1}
    assert from_arkit({"eyeBlinkLeft": 1, "eyeBlinkRight": 1}) == parse("43E")
    assert from_arkit({"eyeBlinkRight": 0.8}) == parse("R43D")
    assert shapes("43C+45E")["eyeBlinkLeft"] == 1


def test_an_open_jaw_parts_the_lips_unless_they_are_closed() -> None:
    assert from_arkit({"jawOpen": 0.4}) == Expression.of({25: 2, 26: 4})
    assert from_arkit({"jawOpen": 0.4, "mouthClose": 0.4}) == Expression.of({26: 4})
    assert from_arkit({"jawOpen": 0.4, "mouthClose": 0.2}) == Expression.of({25: 1, 26: 4})
    assert 27 in from_arkit({"jawOpen": 0.51})
    assert shapes("26C+28C")["mouthClose"] == shapes("26C")["jawOpen"]
    assert "mouthClose" not in shapes("26C")
    assert without_arkit(parse("25+26")) == {}
    assert set(without_arkit(parse("26"))) == {26}


def test_the_chin_is_read_from_both_lips() -> None:
    assert from_arkit({"mouthShrugLower": 0.4}) == from_arkit({"mouthShrugUpper": 0.4}) == parse("17B")


def test_one_rolled_lip_is_no_unit() -> None:
    assert from_arkit({"mouthRollLower": 0.6}) == NEUTRAL
    assert arkit_residual({"mouthRollLower": 0.6, "mouthLeft": 0.2}) == {"mouthRollLower": 0.6, "mouthLeft": 0.2}


def test_reasons() -> None:
    reasons = without_arkit(parse("L1+2+21+23+26+L46+51"))
    assert reasons.keys() == {1, 21, 26, 46, 51}
    assert "one shape for both sides" in reasons[ActionUnit.AU1]
    assert "no shape" in reasons[ActionUnit.AU21]
    assert "AU25" in reasons[ActionUnit.AU26]
    assert "approximated" in reasons[ActionUnit.AU46]


# The border


def test_threshold_drops_what_is_weaker() -> None:
    seen = {"mouthSmileLeft": 0.2, "mouthSmileRight": 0.05, "browInnerUp": 0.04}
    assert from_arkit(seen, threshold=0.1) == parse("L12A")
    assert arkit_residual(seen, threshold=0.1) == {"mouthSmileRight": 0.05, "browInnerUp": 0.04}


def test_mediapipes_neutral_is_ignored() -> None:
    assert from_arkit({"_neutral": 0.9, "mouthPucker": 0.6}) == parse("18C")


@pytest.mark.parametrize("value", [-0.01, 1.01, math.nan, math.inf, "0.5", None, True])
def test_wrong_coefficients_are_refused(value: float) -> None:
    with pytest.raises(ValueError, match=r"for jawOpen; accepted is a number from 0 to 1"):
        from_arkit({"jawOpen": value})


@pytest.mark.parametrize("name", ["JawOpen", "jaw_open", "mouthSmile", "mouthSmile_L"])
def test_unknown_names_are_refused(name: str) -> None:
    with pytest.raises(ValueError, match=rf"'{name}'.*52 names"):
        from_arkit({name: 0.5})


@pytest.mark.parametrize("threshold", [-0.1, 1.1, math.nan])
def test_wrong_thresholds_are_refused(threshold: float) -> None:
    with pytest.raises(ValueError, match="`threshold`"):
        from_arkit({}, threshold)
