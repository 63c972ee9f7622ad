"""Figures of agreement: against textbook numbers, and where they are not defined."""

import math

import numpy as np
import pytest

from auface.recognition.agreement import (
    agreement,
    confusion,
    correlation,
    f1_score,
    icc31,
    macro_f1,
    mean_agreement,
)

# Shrout & Fleiss 1979, table 2: six targets; the four judges' ICC(3,1) is .71.
JUDGES = np.array([[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]], float)


def icc31_of_many(ratings: np.ndarray) -> float:
    """ICC(3,1) for any number of raters, written from the definition."""
    faces, raters = ratings.shape
    between = raters * ratings.mean(1).var(ddof=1)
    residual = ratings - ratings.mean(1, keepdims=True) - ratings.mean(0) + ratings.mean()
    error = (residual**2).sum() / ((faces - 1) * (raters - 1))
    return (between - error) / (between + (raters - 1) * error)


def test_icc_agrees_with_the_textbook() -> None:
    assert icc31_of_many(JUDGES) == pytest.approx(0.71, abs=0.005)
    for one, two in ((0, 1), (0, 3), (1, 2)):
        assert icc31(JUDGES[:, one], JUDGES[:, two]) == pytest.approx(icc31_of_many(JUDGES[:, [one, two]]))


def test_icc_forgives_an_offset_but_not_a_scale() -> None:
    truth = np.array([0, 1, 2, 3, 4.0])
    assert icc31(truth, truth + 1) == pytest.approx(1)
    assert icc31(truth, truth / 2) < 0.9
    assert correlation(truth, truth / 2) == pytest.approx(1)
    assert icc31(truth, truth[::-1]) == pytest.approx(-1)


def test_f1_by_hand() -> None:
    assert f1_score([1, 1, 0, 0], [1, 0, 1, 0]) == pytest.approx(0.5)
    assert f1_score([1, 0], [0, 0]) == 0
    assert math.isnan(f1_score([0, 0], [0, 0]))


def test_unknown_intensities_stay_out() -> None:
    found = agreement([0, 3, math.nan, 5], [0, 2, 5, math.nan])
    assert (found.count, found.mae, found.f1, found.present) == (2, 0.5, 1.0, 0.5)
    nothing = agreement([math.nan], [1.0])
    assert nothing.count == 0
    assert nothing.to_dict()["icc"] is None


def test_a_figure_that_is_not_defined_stays_out_of_the_mean() -> None:
    never, always = agreement([0, 0, 0], [0, 0, 0]), agreement([0, 5, 0], [0, 5, 0])
    mean = mean_agreement([never, always])
    assert (mean.f1, mean.icc, mean.mae, mean.count) == (1.0, 1.0, 0.0, 3)
    assert math.isnan(mean_agreement([never]).icc)


def test_macro_f1_counts_classes_alike_and_silence_as_wrong() -> None:
    classes = ("a", "b", "c")
    assert macro_f1(["a", "a", "b", "c"], ["a", "a", "b", "c"], classes) == 1
    assert macro_f1(["a", "a"], ["a", "a"], classes) == pytest.approx(1 / 3)
    assert macro_f1(["a", "b", "c"], ["a", None, "c"], classes) == pytest.approx(2 / 3)
    assert confusion(["a", "b"], ["a", None], classes)["b"]["none"] == 1


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: icc31([1, 2], [1, 2, 3]),
        lambda: agreement([[1.0]], [[1.0]]),
        lambda: macro_f1(["z"], ["a"], ("a",)),
        lambda: macro_f1([], [], ("a",)),
        lambda: macro_f1(["a"], [], ("a",)),
    ],
)
def test_wrong_input_is_refused(wrong) -> None:
    with pytest.raises(ValueError, match="accepted are"):
        wrong()
