"""Folds appear with the units that make them, on their side, deeper with intensity and with age."""

import numpy as np
import pytest

from auface.autext.heads.pack import HeadPack
from auface.autext.heads.wrinkle import DRIVERS, LOWEST, SIZE, SPAN, WrinkleMap
from auface.facs import NEUTRAL, Expression


@pytest.fixture(scope="module")
def wrinkles(pack: HeadPack) -> WrinkleMap:
    return WrinkleMap(pack)


def relief(wrinkles: WrinkleMap, notation: str, age: float = 30) -> np.ndarray:
    """(SIZE, SIZE) how much an expression adds to the folds of the neutral face."""
    added = wrinkles.drawn(Expression.parse(notation), age) - wrinkles.drawn(NEUTRAL, age)
    return np.abs(added).sum(-1)


def test_a_young_neutral_face_is_smooth(wrinkles: WrinkleMap) -> None:
    assert not wrinkles.drawn(NEUTRAL, 25).any()


def test_an_old_face_has_folds_at_rest(wrinkles: WrinkleMap) -> None:
    assert wrinkles.drawn(NEUTRAL, 75).any()


@pytest.mark.parametrize(
    ("notation", "low", "high"),
    [("1E+2E", 7.4, 7.9), ("4E", 7.25, 7.6), ("6E", 6.5, 7.5), ("9E", 6.6, 7.6), ("12E", 6.5, 7.4), ("17E", 6.1, 6.55)],
)
def test_folds_lie_where_the_unit_acts(wrinkles: WrinkleMap, notation: str, low: float, high: float) -> None:
    rows = relief(wrinkles, notation).sum(1)
    heights = LOWEST + SPAN * np.arange(SIZE) / SIZE
    assert rows[(heights > low) & (heights < high)].sum() > 0.95 * rows.sum()


@pytest.mark.parametrize(
    "unit", sorted({unit for drivers in DRIVERS.values() for unit in drivers} & {1, 2, 4, 6, 9, 12})
)
def test_one_side_stays_smooth(wrinkles: WrinkleMap, unit: int) -> None:
    drawn = relief(wrinkles, f"L{unit}E")
    right, left = drawn[:, : SIZE // 2 - 8].sum(), drawn[:, SIZE // 2 + 8 :].sum()
    assert left > 20 * right


def test_mirroring_mirrors_the_folds(wrinkles: WrinkleMap) -> None:
    expression = Expression.parse("L1E+R12D+6B")
    one, other = wrinkles.drawn(expression, 40), wrinkles.drawn(expression.mirrored(), 40)
    assert np.allclose(one[..., 1], other[:, ::-1, 1], atol=1e-4)
    assert np.allclose(one[..., 0], -other[:, ::-1, 0], atol=1e-4)


def test_folds_deepen_with_intensity_and_age(wrinkles: WrinkleMap) -> None:
    depths = [relief(wrinkles, f"4{letter}").sum() for letter in "ABCDE"]
    assert depths == sorted(depths)
    assert relief(wrinkles, "4C", age=70).sum() > relief(wrinkles, "4C", age=25).sum()


def test_what_adds_up_stays_a_fold(wrinkles: WrinkleMap) -> None:
    assert wrinkles.depths(Expression.parse("6E+9E+10E+11E+12E+13E"), 80).max() < 2
