"""Folders with a table of OpenFace or py-feat."""

from pathlib import Path

import pytest

from auface.autext.importers.folder import MANY_FACES, index_folder
from auface.autext.importers.index import NO_FACE, Selection
from auface.autext.importers.problem import DatasetError
from auface.autext.importers.rows import known
from auface.facs import ActionUnit

OPENFACE = "frame, face_id, confidence, success, AU01_r, AU12_r, AU01_c, AU12_c, AU28_c"


@pytest.fixture
def images(tmp_path: Path, heads: list[bytes]) -> Path:
    folder = tmp_path / "images"
    for number in range(4):
        path = folder / ("ann" if number < 2 else "bob") / f"{number}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(heads[number])
    return folder


def table(tmp_path: Path, *lines: str) -> Path:
    path = tmp_path / "labels.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


def test_openface_rows_are_read(images: Path, tmp_path: Path) -> None:
    labels = table(
        tmp_path,
        OPENFACE,
        "1, 0, 0.98, 1, 0.30, 2.40, 0, 1, 0",
        "2, 0, 0.98, 1, 1.00, 2.00, 0, 1, 1",
        "3, 0, 0.98, 0, 0.00, 0.00, 0, 0, 0",
        "4, 0, 0.50, 1, 3.00, 0.00, 1, 0, 0",
    )
    index = index_folder(images, labels)
    assert index.dropped == {NO_FACE: 2}
    assert [found.subject for found in index.sequences] == ["ann"]
    first, second = (known(index.sequences[0], row, index.units) for row in range(2))
    assert first[0].notation() == "12=2.4"
    assert second[0].notation() == "12B+28C"
    assert ActionUnit.AU28 not in first[2]  # presence alone is no intensity
    assert ActionUnit.AU12 in first[2]


def test_pyfeat_rows_have_presence_alone(images: Path, tmp_path: Path) -> None:
    labels = table(
        tmp_path,
        "FaceScore,AU01,AU12,input",
        "0.99,0.2,0.9,/elsewhere/0.jpg",
        "nan,nan,nan,bob/2.jpg",
        "0.95,0.7,0.1,bob/3.jpg",
        "0.95,0.7,0.1,ann/1.jpg",
        "0.95,0.1,0.9,ann/1.jpg",
    )
    index = index_folder(images, labels)
    assert index.dropped == {NO_FACE: 1, MANY_FACES: 2}
    found = {sequence.subject: known(sequence, 0, index.units)[0].notation() for sequence in index.sequences}
    assert found == {"ann": "12C", "bob": "1C"}
    assert all(known(sequence, 0, index.units)[2] == () for sequence in index.sequences)


def test_people_stay_together(images: Path, tmp_path: Path) -> None:
    rows = [f"{name},1.0,0.0" for name in ("ann/0.jpg", "ann/1.jpg", "bob/2.jpg", "bob/3.jpg")]
    labels = table(tmp_path, "file_name,AU01,AU12", *rows)
    for seed in range(20):
        index = index_folder(images, labels, seed=seed)
        assert [len(sequence.frames) for sequence in index.sequences] == [2, 2]
    splits = {index_folder(images, labels, seed=seed).sequences[0].split for seed in range(60)}
    assert splits == {"train", "validation", "test"}
    named = table(tmp_path, "subject,file_name,AU01,AU12", *(f"cat,{row}" for row in rows))
    index = index_folder(images, named, Selection(subjects=("cat",)))
    assert [(sequence.subject, len(sequence.frames)) for sequence in index.sequences] == [("cat", 4)]


def test_all_problems_are_told_together(images: Path, tmp_path: Path) -> None:
    labels = table(
        tmp_path,
        "file_name,AU01,AU12",
        "ann/0.jpg,0.1",
        "ann/9.jpg,0.1,0.2",
        "ann/1.jpg,0.1,2.0",
        "bob/2.jpg,0.1,0.2",
    )
    with pytest.raises(DatasetError) as caught:
        index_folder(images, labels)
    assert [problem.split("labels.csv")[1][:3] for problem in caught.value.problems] == [":2:", ":3:", ":4:"]


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ("file_name,AU01,AU77", "77"),
        ("file_name,smile", "no known column"),
        ("AU01,AU12", "no column names the picture"),
    ],
)
def test_headers_are_checked(images: Path, tmp_path: Path, header: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        index_folder(images, table(tmp_path, header))
