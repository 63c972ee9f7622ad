"""Verdicts: what an animator would agree with, and what the formula promises."""

import json
import math
import random

import pytest
from made_reading import face_of

from auface.facs import ActionUnit, Expression
from auface.recognition.result import Unjudged
from auface.recognition.verdict import PASS, Verdict, judge
from auface.structure.pose import HeadPose


def score(shown: str, asked: str, error: float = 0.3) -> float:
    return judge(face_of(shown, error), asked).score


def row_of(verdict: Verdict, unit: int):
    return next(row for row in verdict.units if row.unit == unit)


def test_the_face_that_was_asked_for_passes() -> None:
    verdict = judge(face_of("1+2C+5D+26", error=0.3), "1+2C+5D+26")
    assert verdict.passed
    assert verdict.score > 0.9
    assert {row.remark for row in verdict.of_interest} == {"as asked"}


def test_a_missing_unit_fails_and_is_named() -> None:
    verdict = judge(face_of("1+2C+5D"), "1+2C+5D+26")
    assert verdict.outcome == "fail"
    assert row_of(verdict, 26).remark == "missing"
    assert "26  Jaw drop" in verdict.table()


def test_a_unit_that_nobody_asked_for_counts() -> None:
    verdict = judge(face_of("12D+4D"), "12D")
    assert row_of(verdict, 4).remark == "not asked for"
    assert not verdict.passed
    assert judge(face_of("4D"), "neutral").outcome == "fail"


def test_the_score_by_hand() -> None:
    verdict = judge(face_of("12B"), "12D")
    z = 2 / math.hypot(0.25, 1)
    smile, rest = 0.04 + 4 / 5, 0.04 * (len(verdict.units) - 1)
    assert verdict.score == pytest.approx(math.exp(-0.5 * smile * z**2 / (smile + rest)))
    assert row_of(verdict, 12).agreement == pytest.approx(math.exp(-0.5 * z**2))
    assert row_of(verdict, 12).remark == "too weak"


@pytest.mark.parametrize(("better", "worse"), [("12C", "12B"), ("12B", "12A"), ("12A", "neutral"), ("12A", "4D+15D")])
def test_nearer_faces_score_higher(better: str, worse: str) -> None:
    assert score(better, "12D") > score(worse, "12D")


def test_sides_are_judged_apart() -> None:
    assert score("L12D", "L12D") > 0.9
    assert score("R12D", "L12D") < 0.3
    verdict = judge(face_of("L12D"), "12D")
    assert row_of(verdict, 12).remark == "missing on the right"
    assert "R12" in verdict.table()
    assert "L12" in verdict.table()


def test_mirroring_both_changes_nothing() -> None:
    one = judge(face_of(Expression.parse("L1+L2C+R12D")), "L1C+L12B")
    other = judge(face_of(Expression.parse("L1+L2C+R12D").mirrored()), Expression.parse("L1C+L12B").mirrored())
    assert one.score == pytest.approx(other.score)


def test_a_request_is_resolved_before_anyone_is_blamed() -> None:
    verdict = judge(face_of("24D"), "24D+26C")
    assert verdict.asked.notation() == "24D+26C"
    assert verdict.request.notation() == "24D"
    assert verdict.passed


def test_parted_lips_follow_from_a_dropped_jaw() -> None:
    verdict = judge(face_of("25D+26D"), "26D")
    assert verdict.score > 0.99
    assert row_of(verdict, 25).remark == "follows from the dropped jaw"
    assert judge(face_of("27E"), "25C+27E").score > 0.99


def test_what_cannot_be_judged_is_named_and_does_not_count() -> None:
    hand = tuple(Unjudged(ActionUnit(unit), "both", "covered by a hand") for unit in (12, 25, 26, 27))
    verdict = judge(face_of("1+2D", unjudged=hand), "1+2D+12A")
    assert verdict.passed
    assert [row.unit for row in verdict.unjudged] == [12]
    assert row_of(verdict, 12).remark == "cannot be judged: covered by a hand"
    assert row_of(verdict, 12).agreement is None
    assert verdict.judged == pytest.approx((3 + 4) / (3 + 4 + 1))
    assert verdict.to_dict()["unjudged"] == [12]


def test_too_little_to_judge_is_neither_pass_nor_failure() -> None:
    hand = (Unjudged(ActionUnit.AU12, "both", "covered by a hand"),)
    assert judge(face_of("12D", unjudged=hand), "12D").outcome == "undecided"
    assert judge(face_of("neutral"), "34D").outcome == "undecided"
    half = (Unjudged(ActionUnit.AU12, "left", "turned away"),)
    verdict = judge(face_of("12D", unjudged=half), "12D")
    assert verdict.judged == 0.5
    assert verdict.passed


def test_no_face_is_said_and_scores_nothing() -> None:
    verdict = judge(None, "12D")
    assert (verdict.outcome, verdict.score, verdict.passed) == ("no face", 0.0, False)
    assert json.loads(json.dumps(verdict.to_dict()))["outcome"] == "no face"


def test_head_turns_are_judged_by_the_pose_only_when_asked() -> None:
    turned = face_of("12D", pose=HeadPose(yaw=-24))
    assert judge(turned, "12D").score > 0.99
    assert row_of(judge(turned, "12D+52D"), 52).remark == "as asked"
    assert row_of(judge(turned, "12D+51D"), 51).remark == "missing"


def test_a_wink_is_a_closed_lid() -> None:
    assert judge(face_of("L43E"), "L46").score > 0.99
    assert judge(face_of("R43E"), "L46").score < 0.2


def test_uncertainty_forgives() -> None:
    sure, unsure = score("12B", "12D", error=0.1), score("12B", "12D", error=1.5)
    assert sure < unsure


def test_right_requests_outrank_random_ones_under_noise() -> None:
    rng = random.Random(1)
    faces = [
        Expression.of(
            {unit: float(rng.randint(1, 5)) for unit in rng.sample((1, 2, 4, 5, 6, 9, 10, 12, 15, 17, 20), 4)}
        )
        for _ in range(60)
    ]
    better = [
        judge(face_of(shown, 0.6, seed=place), shown).score > judge(face_of(shown, 0.6, seed=place), other).score
        for place, shown in enumerate(faces)
        for other in rng.sample(faces, 5)
        if other != shown
    ]
    assert sum(better) / len(better) > 0.97


def test_the_table_of_json_has_every_unit_that_was_read() -> None:
    verdict = judge(face_of("12D", 0.2), "6+12D")
    data = json.loads(json.dumps(verdict.to_dict()))
    assert data["threshold"] == PASS
    assert len(data["units"]) == len(verdict.units)
    smile = next(row for row in data["units"] if row["unit"] == 12)
    assert smile["difference"]["left"] == pytest.approx(smile["detected"]["left"] - 4, abs=2e-3)
    assert data["request"] == "6C+12D"


def test_wrong_input_is_refused() -> None:
    with pytest.raises(ValueError, match=r"`threshold` is 1\.5"):
        judge(None, "12", threshold=1.5)
    with pytest.raises(ValueError, match="nothing about a face"):
        judge(None, "a red banana")
