"""Ratings are the published ones, lie where the words say, and are found again from their point."""

import math

import pytest
from hypothesis import given, strategies as st

from auface.facs.prototype import BASIC_EMOTIONS
from auface.facs.valence_arousal import (
    CIRCUMPLEX,
    RATINGS,
    affect,
    circumplex_angle,
    nearest_emotions,
    valence_arousal,
)

coordinates = st.floats(-1, 1)


def test_basic_emotions_as_published() -> None:
    published = {
        "happiness": (0.81, 0.51),
        "sadness": (-0.63, -0.27),
        "surprise": (0.40, 0.67),
        "fear": (-0.64, 0.60),
        "anger": (-0.51, 0.59),
        "disgust": (-0.60, 0.35),
        "contempt": (-0.24, 0.31),
    }
    assert {emotion: valence_arousal(emotion) for emotion in BASIC_EMOTIONS} == published
    assert all(affect(emotion).verified for emotion in BASIC_EMOTIONS)


def test_dominance_tells_fear_from_anger() -> None:
    assert affect("fear").dominance == -0.43
    assert affect("anger").dominance == 0.25


def test_neutral_is_the_origin() -> None:
    assert valence_arousal("neutral") == (0, 0)


def test_everything_lies_on_the_scales() -> None:
    for term, row in RATINGS.items():
        assert row.term == term
        assert all(-1 <= value <= 1 for value in row[1:4])


def test_what_is_not_verified_is_marked() -> None:
    assert {term for term, row in RATINGS.items() if not row.verified} == {
        "confused",
        "frustrated",
        "irritated",
        "proud",
    }


def test_names_are_read_in_any_case() -> None:
    assert valence_arousal(" Mildly_Annoyed ") == valence_arousal("mildly annoyed")
    assert valence_arousal("Fear") == valence_arousal("AFRAID") == valence_arousal("fearful")


@pytest.mark.parametrize("emotion", ["fearfully surprised", "", "12", 12, None])
def test_what_no_source_rates_is_refused(emotion: str) -> None:
    with pytest.raises(ValueError, match="accepted are neutral, happy, sad"):
        valence_arousal(emotion)


@pytest.mark.parametrize("term", list(RATINGS))
def test_a_rating_is_nearest_to_itself(term: str) -> None:
    found = nearest_emotions(*valence_arousal(term), count=len(RATINGS))
    assert [distance for _, distance in found[:1]] == [0]
    assert term in [name for name, distance in found if distance == 0]


@given(valence=coordinates, arousal=coordinates, count=st.integers(1, 100))
def test_nearest_are_ranked_and_none_left_out_is_nearer(valence: float, arousal: float, count: int) -> None:
    found = nearest_emotions(valence, arousal, count)
    assert len(found) == min(count, len(RATINGS))
    distances = [distance for _, distance in found]
    assert distances == sorted(distances)
    for term in RATINGS.keys() - {name for name, _ in found}:
        assert math.dist((valence, arousal), valence_arousal(term)) >= distances[-1]


def test_nearest_among_some() -> None:
    assert [term for term, _ in nearest_emotions(-0.5, 0.6, among=BASIC_EMOTIONS, count=2)] == ["angry", "fearful"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((1.5, 0), "`valence` is 1.5.*-1 to 1"),
        ((0, math.nan), "`arousal` is nan"),
        ((0, 0, 0), "`count` is 0"),
        ((0, 0, 1, ["joyous"]), "'joyous'"),
    ],
)
def test_wrong_points_are_refused(arguments: tuple[object, ...], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        nearest_emotions(*arguments)  # type: ignore[arg-type]


def test_angles_agree_with_ratings_in_direction() -> None:
    assert circumplex_angle("happiness") == 7.8
    assert circumplex_angle("sadness") == 207.5
    for term in CIRCUMPLEX.keys() & RATINGS.keys() - {"tense"}:  # tense lies at the top of the circle, 93 degrees
        angle, (valence, arousal) = math.radians(circumplex_angle(term)), valence_arousal(term)
        assert math.cos(angle) * valence + math.sin(angle) * arousal > 0, term


def test_angles_are_in_circular_order() -> None:
    assert list(CIRCUMPLEX.values()) == sorted(CIRCUMPLEX.values())
    with pytest.raises(ValueError, match=r"'anger'.*CIRCUMPLEX.*happy, delighted"):
        circumplex_angle("anger")
