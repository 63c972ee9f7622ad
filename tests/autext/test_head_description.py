"""A description says everything about a picture, and survives being stored; people are balanced whatever the seeds."""

import json
import statistics

import pytest
from hypothesis import given, strategies as st

from auface.autext.heads import HeadDescription, HeadPose, Identity, Look, sample_identity, sample_view
from auface.facs import Expression, resolve

SEEDS = st.integers(0, 2**40)


@given(SEEDS, SEEDS)
def test_json_and_back_is_the_same_description(person: int, view: int) -> None:
    description = HeadDescription.of(
        Expression.parse("1+2C+L12D+15E"), identity=sample_identity(person), view=sample_view(view)
    )
    assert HeadDescription.from_json(description.to_json()) == description


@given(SEEDS)
def test_a_seed_is_always_the_same_person_and_view(seed: int) -> None:
    assert sample_identity(seed) == sample_identity(seed)
    assert sample_view(seed) == sample_view(seed)
    assert sample_identity(seed) != sample_identity(seed + 1)


def test_what_is_shown_is_what_a_face_can_do_of_what_was_asked() -> None:
    asked = Expression.parse("12E+15D")
    description = HeadDescription.of(asked)
    assert description.asked == asked
    assert description.shown == resolve(asked) != asked


@pytest.mark.parametrize("seeds", [range(1500), range(0, 15000, 10), range(7, 150007, 100)])
def test_people_are_balanced_over_sex_age_and_skin(seeds: range) -> None:
    people = [sample_identity(seed) for seed in seeds]
    assert 0.46 < sum(person.sex == "female" for person in people) / len(people) < 0.54
    for tones in ((0, 0.25), (0.25, 0.5), (0.5, 0.75), (0.75, 1)):
        group = [person for person in people if tones[0] <= person.look.tone < tones[1]]
        assert 0.21 < len(group) / len(people) < 0.29
        assert 0.42 < sum(person.sex == "female" for person in group) / len(group) < 0.58
        assert 46 < statistics.mean(person.age for person in group) < 52


def test_views_look_at_the_camera_on_average() -> None:
    views = [sample_view(seed) for seed in range(1500)]
    for angle in ("yaw", "pitch", "roll"):
        assert abs(statistics.mean(getattr(view.pose, angle) for view in views)) < 1.5


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Identity(age=12), ["`age`", "12", "18 to 90"]),
        (lambda: Identity(modes=(0.0,)), ["`modes`", "1 numbers", "100"]),
        (lambda: Identity(ancestry=(1.0, 1.0, 1.0)), ["`ancestry`", "sum to 1"]),
        (lambda: HeadPose(yaw=float("nan")), ["`yaw`", "nan"]),
        (lambda: Look(tone=2), ["`tone`", "0 to 1"]),
        (lambda: sample_identity(-1), ["`seed`", "-1"]),
    ],
)
def test_wrong_values_are_named(make: object, words: list[str]) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011  (the words are checked below)
        make()  # pyright: ignore[reportCallIssue]
    assert all(word in str(caught.value) for word in words), caught.value


def test_unknown_and_missing_fields_are_refused() -> None:
    data = json.loads(HeadDescription().to_json())
    data["view"]["camera"]["lens"] = 1
    with pytest.raises(ValueError, match=r"description\.view\.camera.*lens"):
        HeadDescription.from_json(json.dumps(data))
    with pytest.raises(ValueError, match="schema"):
        HeadDescription.from_json("{}")
    with pytest.raises(ValueError, match="cannot be read"):
        HeadDescription.from_json("{")
