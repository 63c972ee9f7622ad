"""Rows: what is not coded is unknown, and rows round-trip."""

import json

import pytest

from auface.autext.record import FIELDS, Pose, Record
from auface.facs import ActionUnit, Expression

AU = ActionUnit


def record(**changes: object) -> Record:
    values: dict[str, object] = {
        "file_name": "a.png",
        "text": "Brows.",
        "expression": Expression.parse("1C+L12D"),
        "coded": (AU.AU1, AU.AU2, AU.AU12),
        "graded": (AU.AU12,),
        "side_unknown": (AU.AU30,),
        "subject": "F001",
        "source": "bp4d",
        "split": "train",
        "frame": 7,
        "pose": Pose(yaw=1, pitch=-2, roll=3),
        "maps": {"depth": "maps/a_depth.png"},
        **changes,
    }
    return Record(**values)  # pyright: ignore[reportArgumentType]


def test_a_row_round_trips() -> None:
    row = record()
    assert Record.from_json(row.to_json((AU.AU1, AU.AU2, AU.AU4, AU.AU12))) == row


def test_every_row_has_the_same_fields_and_units() -> None:
    units = (AU.AU1, AU.AU2, AU.AU4, AU.AU12)
    row = json.loads(record().to_json(units))
    assert tuple(row) == FIELDS
    assert list(row["left"]) == [unit.name for unit in units]


def test_what_is_not_coded_is_null_and_what_is_absent_is_zero() -> None:
    row = json.loads(record().to_json((AU.AU1, AU.AU2, AU.AU4, AU.AU12)))
    assert row["left"] == {"AU1": 3.0, "AU2": 0.0, "AU4": None, "AU12": 4.0}
    assert row["right"]["AU12"] == 0.0


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"coded": (AU.AU1,)}, "AU12"),
        ({"graded": (AU.AU4,)}, "AU4"),
        ({"side_unknown": (AU.AU1,)}, "AU1"),
        ({"split": "dev"}, "dev"),
        ({"maps": {"masks": "x"}}, "masks"),
    ],
)
def test_contradictions_are_refused(changes: dict[str, object], named: str) -> None:
    with pytest.raises(ValueError, match=named):
        record(**changes)
