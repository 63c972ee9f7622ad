"""verify, compare and best_of, on pictures whose expression is known."""

import pytest
from painted_reader import PaintedReader, painted

from auface.recognition.face_choice import NoFaceError
from auface.recognition.verification import best_of, compare, verify

READER = PaintedReader()


def test_verify_says_whether_the_picture_shows_it() -> None:
    assert verify(painted("1+2C+5D+26"), "1+2C+5D+26", recognizer=READER).passed
    assert not verify(painted("4D+15D"), "a broad smile", recognizer=READER).passed


def test_no_face_is_a_verdict_and_no_error() -> None:
    verdict = verify(painted(), "12D", recognizer=READER)
    assert (verdict.outcome, verdict.score) == ("no face", 0.0)


def test_the_face_is_chosen() -> None:
    two = painted("12D", "4D+15D")
    assert verify(two, "12D", recognizer=READER).passed
    assert verify(two, "4D+15D", face="right", recognizer=READER).passed
    assert verify(two, "4D+15D", face=1, recognizer=READER).passed
    with pytest.raises(NoFaceError, match="`choice` is 5"):
        verify(two, "12D", face=5, recognizer=READER)


def test_the_neutral_picture_reaches_the_recognizer() -> None:
    reader, rest = PaintedReader(), painted("neutral")
    verify(painted("12D"), "12D", neutral=rest, recognizer=reader)
    assert reader.neutrals == [rest]


def test_compare_names_clear_changes_only() -> None:
    change = compare(painted("12B+L2C"), painted("12E+L2C"), "12E", recognizer=READER)
    assert {(int(one.unit), one.side) for one in change.clear} == {(12, "left"), (12, "right")}
    assert change.clear[0].change == pytest.approx(3, abs=1)
    assert change.gain is not None
    assert change.gain > 0.2
    assert "L12" in str(change)
    assert str(compare(painted("12C"), painted("12C"), recognizer=READER)) == "no clear change"


def test_compare_backwards_is_the_opposite() -> None:
    one, two = painted("1C+R12D"), painted("4D")
    there, back = compare(one, two, recognizer=READER), compare(two, one, recognizer=READER)
    assert [one.change for one in there.changes] == pytest.approx([-one.change for one in back.changes])
    assert there.gain is None
    assert there.to_dict()["gain"] is None


def test_compare_needs_both_faces() -> None:
    with pytest.raises(NoFaceError, match="`after`"):
        compare(painted("12"), painted(), recognizer=READER)


def test_best_of_takes_the_nearest_and_prefers_what_can_be_judged() -> None:
    pictures = [painted(), painted("4D"), painted("12C"), painted("12D"), painted("neutral")]
    choice = best_of(pictures, "12D", recognizer=READER)
    assert choice.best == 3
    assert choice.verdict.passed
    assert choice.verdicts[0].outcome == "no face"
    assert best_of([painted(), painted("15E")], "12D", recognizer=READER).best == 1
    assert best_of([painted("12D"), painted("12D")], "12D", recognizer=READER).best == 0


def test_wrong_input_is_refused_before_anything_is_read() -> None:
    reader = PaintedReader()
    with pytest.raises(ValueError, match="accepted is at least one picture"):
        best_of([], "12D", recognizer=reader)
    with pytest.raises(ValueError, match="nothing about a face"):
        verify(painted("12D"), "a red banana", recognizer=reader)
    assert not reader.neutrals
    with pytest.raises(ValueError, match="does not exist"):
        verify("nowhere.png", "12D", recognizer=reader)
