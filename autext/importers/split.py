"""Which subjects are trained on and which are tested on, as published. No subject is in two splits.

Sources, all public code: BP4D and DISFA in three folds as in ME-GraphAU (CVI-SZU/ME-GraphAU,
tool/*_image_label_process.py) and JAA-Net; BP4D by odd and even numbers as in FERA 2015 (TadasBaltrusaitis/FERA-2015,
find_BP4D.m); BP4D+ in four folds as in FMAE-IAT (forever208/FMAE-IAT, README). Where a source has no validation set,
there is none here.
"""

from __future__ import annotations

from typing import Literal

from auface.autext.record import Split

Protocol = Literal["bp4d-3fold", "bp4d-fera2015", "bp4dplus-4fold", "disfa-3fold"]
"""Name of a published division of subjects."""


def _subjects(letter: str, numbers: str) -> tuple[str, ...]:
    return tuple(f"{letter}{int(number):03d}" for number in numbers.split())


FOLDS: dict[Protocol, tuple[tuple[str, ...], ...]] = {
    "bp4d-3fold": (
        _subjects("F", "4 6 7 12 14 15 17 19 21") + _subjects("M", "3 6 9 15"),
        _subjects("F", "3 5 11 13 20 22") + _subjects("M", "2 5 10 11 13 16 17 18"),
        _subjects("F", "1 2 8 9 10 16 18 23") + _subjects("M", "1 4 7 8 12 14"),
    ),
    "bp4d-fera2015": (
        tuple(f"F{n:03d}" for n in range(2, 23, 2)) + tuple(f"M{n:03d}" for n in range(2, 19, 2)),
        tuple(f"F{n:03d}" for n in range(1, 24, 2)) + tuple(f"M{n:03d}" for n in range(1, 18, 2)),
    ),
    "bp4dplus-4fold": (
        _subjects("F", "4 13 14 19 20 26 33 38 39 44 46 47 53 57 61 66 71 72 76 79")
        + _subjects("M", "3 4 15 17 20 25 26 29 33 36 40 42 48 50 51"),
        _subjects("F", "12 16 22 24 28 30 31 32 34 56 60 65 74 75 77")
        + _subjects("M", "1 5 9 11 16 18 19 22 23 28 34 37 38 43 44 45 46 47 52 55"),
        _subjects("F", "1 2 8 9 17 21 27 29 35 40 42 43 45 50 52 54 58 62 63 64 68 69 78 80")
        + _subjects("M", "8 10 24 27 30 31 35 41 54 56 57"),
        _subjects("F", "3 5 6 7 10 11 15 18 23 25 36 37 41 48 49 51 55 59 67 70 73 81 82")
        + _subjects("M", "2 6 7 12 13 14 21 32 39 49 53 58"),
    ),
    "disfa-3fold": (
        _subjects("SN", "1 2 9 10 16 26 27 30 32"),
        _subjects("SN", "6 11 12 13 18 21 24 28 31"),
        _subjects("SN", "3 4 5 7 8 17 23 25 29"),
    ),
}
"""Name -> its parts, in the order of the folds that test on them: for BP4D that of ME-GraphAU, whose first fold tests
on its part 3; for DISFA, where no order was found, that of the parts. FERA 2015 trains on the odd subjects and develops
on the even ones, which come first here."""


def splits_of(protocol: Protocol, fold: int) -> dict[str, Split]:
    """Return subject -> split: the part numbered `fold` is tested on, the others are trained on.

    Args:
        protocol: A name of `FOLDS`.
        fold: From 1. FERA 2015 knows 1 only, whose even subjects are its development set: "validation".

    Raises:
        ValueError: The name is unknown or there is no such fold.
    """
    if protocol not in FOLDS:
        raise ValueError(f"`protocol` is {protocol!r}; accepted are {', '.join(FOLDS)}.")
    parts = FOLDS[protocol]
    count = 1 if protocol == "bp4d-fera2015" else len(parts)
    if not 1 <= fold <= count:
        raise ValueError(f"`fold` is {fold}; {protocol} has the folds 1 to {count}.")
    held: Split = "validation" if protocol == "bp4d-fera2015" else "test"
    return {name: held if number == fold else "train" for number, part in enumerate(parts, 1) for name in part}
