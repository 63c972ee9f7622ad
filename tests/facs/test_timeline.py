"""Expressions over time."""

import pytest
from hypothesis import given, strategies as st
from strategies import expressions

from auface.facs import NEUTRAL, Expression
from auface.facs.timeline import EASINGS, Easing, Keyframe, animate, parse_timeline

SMILE = Expression.parse("6C+12D")


def test_keyframes_are_read_in_any_form_of_expression() -> None:
    text = "# a smile\n\n0: neutral\n6 ease-out: 1C+2C\n 12 : closed eyes\n18 hold: A"
    keyframes = parse_timeline(text, {"a": SMILE})
    assert [keyframe.frame for keyframe in keyframes] == [0, 6, 12, 18]
    assert [keyframe.easing for keyframe in keyframes] == ["smooth", "ease-out", "smooth", "hold"]
    assert [keyframe.expression.notation() for keyframe in keyframes] == ["neutral", "1C+2C", "43E", "6C+12D"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("0: neutral\n0: 12", "line 2: frame 0 must come after frame 0"),
        ("0 slowly: 12", "line 1: 'slowly' is not an easing; accepted are linear"),
        ("0: 12Q", "line 1: FACS notation, character 3"),
        ("smile", "line 1: 'smile' is not a keyframe"),
        ("-3: 12", "line 1: '-3: 12' is not a keyframe"),
        ("100000: 12", "line 1: frame 100000 is too late"),
        ("# nothing", "no keyframe"),
        ("  ", "`keyframes` is empty"),
    ],
)
def test_what_is_no_timeline_is_refused_with_its_line(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        parse_timeline(text)


@given(expressions(), expressions(), st.sampled_from(EASINGS), st.integers(1, 12))
def test_every_easing_starts_and_ends_at_its_keyframes(
    first: Expression, last: Expression, easing: Easing, frames: int
) -> None:
    keyframes = [Keyframe(frame=0, expression=first), Keyframe(frame=frames, expression=last, easing=easing)]
    faces = animate(keyframes)
    assert len(faces) == frames + 1
    assert faces[0] == first
    assert faces[-1] == last


@pytest.mark.parametrize("easing", ["linear", "smooth", "ease-in", "ease-out"])
def test_a_rising_unit_never_falls_between_keyframes(easing: Easing) -> None:
    faces = animate([Keyframe(frame=0, expression=NEUTRAL), Keyframe(frame=20, expression=SMILE, easing=easing)])
    heights = [face.left(12) for face in faces]
    assert heights == sorted(heights)
    assert len(set(heights)) == 21


def test_easings_differ_in_the_middle() -> None:
    def middle(easing: Easing) -> float:
        return animate([Keyframe(frame=0, expression=NEUTRAL), Keyframe(frame=4, expression=SMILE, easing=easing)])[
            1
        ].left(12)

    assert middle("hold") == 0 < middle("ease-in") < middle("smooth") < middle("linear") < middle("ease-out")


def test_the_face_rests_before_the_first_and_after_the_last_keyframe() -> None:
    faces = animate([Keyframe(frame=2, expression=SMILE)], frames=5)
    assert faces == (SMILE,) * 5


@pytest.mark.parametrize("frames", [0, -1, 100_001])
def test_the_number_of_frames_has_limits(frames: int) -> None:
    with pytest.raises(ValueError, match="`frames`"):
        animate([Keyframe(frame=0, expression=SMILE)], frames=frames)


def test_keyframes_out_of_order_are_refused() -> None:
    keyframe = Keyframe(frame=3, expression=SMILE)
    with pytest.raises(ValueError, match="rising"):
        animate([keyframe, keyframe])
    with pytest.raises(ValueError, match="at least one"):
        animate([])
