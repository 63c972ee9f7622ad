"""Importers: labels as they were coded, problems told together, nothing claimed that is not known."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from auface.autext.importers.bp4d import index_bp4d
from auface.autext.importers.bp4dplus import index_bp4dplus
from auface.autext.importers.disfa import index_disfa
from auface.autext.importers.index import (
    KNOWN_BAD,
    NO_LABEL,
    SAME_FRAME,
    SAME_PICTURE,
    THINNED,
    WEAK,
    FrameSequence,
    Index,
    Selection,
)
from auface.autext.importers.problem import DatasetError
from auface.autext.importers.rows import ImportRows, known
from auface.autext.importers.split import FOLDS, splits_of
from auface.autext.writer import FilePlacer
from auface.facs import ActionUnit

LayOut = Callable[..., Path]


def sequence(index: Index, name: str) -> FrameSequence:
    return next(found for found in index.sequences if found.name == name)


def test_bp4d_labels_are_read_by_the_header(lay_out: LayOut) -> None:
    index = index_bp4d(lay_out("bp4d"))
    assert len(index) == 18
    found = sequence(index, "F001_T1")
    assert found.frames.tolist() == list(range(100, 106))
    expression, coded, graded, side_unknown = known(found, 1, index.units)
    assert expression.notation() == "6C+12B"
    assert ActionUnit.AU38 not in coded  # value 9
    assert ActionUnit.AU30 in coded  # absent, so it has no side that would be missing
    assert graded == (ActionUnit.AU12,)
    assert side_unknown == ()


def test_bp4d_pictures_may_be_padded_or_not(lay_out: LayOut) -> None:
    root = lay_out("bp4d")
    for path in sorted((root / "F001/T1").iterdir()):
        path.rename(path.with_name(f"{int(path.stem)}.jpg"))
    (root / "M002").rename(root / "elsewhere")
    (root / "BP4D-training").mkdir()
    (root / "elsewhere").rename(root / "BP4D-training/M002")
    assert len(index_bp4d(root)) == 18


def test_bp4dplus_reads_zipped_and_unpacked_pictures(lay_out: LayOut, tmp_path: Path) -> None:
    index = index_bp4dplus(lay_out("bp4dplus"))
    assert len(index) == 8
    maker = ImportRows(index, "sentence", 0, 0)
    (tmp_path / "drafts").mkdir()
    placer = FilePlacer(tmp_path / "out", tmp_path / "drafts")
    for row in range(8):
        record = maker.make(row, placer)
        assert record is not None
        assert (tmp_path / "out" / record.split / record.file_name).stat().st_size > 500


def test_a_unit_without_its_side_is_kept_apart(lay_out: LayOut) -> None:
    index = index_bp4dplus(lay_out("bp4dplus"))
    found = sequence(index, "M040_T1")
    expression, coded, _, side_unknown = known(found, 1, index.units)
    assert side_unknown == (ActionUnit.AU30,)
    assert ActionUnit.AU30 not in coded
    assert ActionUnit.AU30 not in expression
    assert ActionUnit.AU30 in known(found, 0, index.units)[1]


def test_disfa_intensities_are_graded(lay_out: LayOut) -> None:
    index = index_disfa(lay_out("disfa"))
    found = sequence(index, "SN001")
    assert [known(found, row, index.units)[0].intensity(4) for row in range(5)] == [0, 1, 2, 3, 4]
    assert known(found, 0, index.units)[2] == index.units


def test_no_subject_is_in_two_splits() -> None:
    for protocol, parts in FOLDS.items():
        everyone = [name for part in parts for name in part]
        assert len(everyone) == len(set(everyone))
        folds = range(1, 2 if protocol == "bp4d-fera2015" else len(parts) + 1)
        for fold in folds:
            assert len(set(splits_of(protocol, fold).values())) == 2
    assert [len({name for part in FOLDS[name] for name in part}) for name in FOLDS] == [41, 41, 140, 27]
    assert splits_of("bp4d-3fold", 1)["F004"] == "test"  # the first fold of ME-GraphAU tests on its part 3


def test_splits_follow_the_protocol(lay_out: LayOut) -> None:
    root = lay_out("bp4d")
    assert {found.subject: found.split for found in index_bp4d(root).sequences} == {
        "F001": "train",
        "F004": "test",
        "M002": "train",
    }
    assert sequence(index_bp4d(root, protocol="bp4d-fera2015"), "M002_T1").split == "validation"


def test_frames_are_chosen_and_counted(lay_out: LayOut) -> None:
    root = lay_out("bp4d")
    chosen = Selection(subjects=("F001",), units=(ActionUnit.AU12,), min_intensity=2, every_nth=3)
    index = index_bp4d(root, chosen)
    assert index.units == (ActionUnit.AU12,)
    assert sequence(index, "F001_T1").frames.tolist() == [103]
    assert index.dropped == {THINNED: 4, WEAK: 1}


def test_frames_that_say_nothing_are_left_out_and_counted(lay_out: LayOut, heads: list[bytes]) -> None:
    table = "AUCoding/AU_OCC/F001_T1.csv"
    root = lay_out("bp4d", {"F001/T1/0103.jpg": heads[102 % 8]})
    lines = (root / table).read_text().splitlines()
    lines[1] = ",".join(["100", *["9"] * (len(lines[1].split(",")) - 1)])
    (root / table).write_text("\n".join([*lines, lines[6]]))
    for name in ("AU12",):
        path = root / f"AU-Intensity-Codes3.0/{name}/F001_T1_{name}.csv"
        path.write_text(path.read_text().replace("100,0", "100,9"))
    index = index_bp4d(root)
    assert sequence(index, "F001_T1").frames.tolist() == [101, 102, 104, 105]
    assert index.dropped == {NO_LABEL: 1, SAME_FRAME: 1, SAME_PICTURE: 1}


def test_broken_sequences_of_bp4dplus_are_left_out(lay_out: LayOut) -> None:
    root = lay_out("bp4dplus")
    content = (root / "AUCoding/AU_OCC/F040_T1.csv").read_bytes()
    (root / "AUCoding/AU_OCC/F041_T7.csv").write_bytes(content)
    assert index_bp4dplus(root).dropped == {KNOWN_BAD: 4}


def test_presence_and_intensity_that_disagree_are_counted(lay_out: LayOut) -> None:
    path = "AU-Intensity-Codes3.0/AU06/F001_T1_AU06.csv"
    root = lay_out("bp4d", {path: b"\n".join(b"%d,0" % frame for frame in range(100, 106))})
    index = index_bp4d(root)
    assert index.disagreements == 3
    assert known(sequence(index, "F001_T1"), 1, index.units)[0].notation() == "12B"


def test_all_problems_are_told_together(lay_out: LayOut) -> None:
    root = lay_out("bp4d", {"F004/T1/0102.jpg": None, "M002/T1/0105.jpg": None})
    first = root / "AUCoding/AU_OCC/F001_T1.csv"
    lines = first.read_text().splitlines()
    lines[2] = "101,1,1"
    lines[4] = lines[4].replace(",0", ",x", 1)
    first.write_text("\n".join(lines))
    (root / "AUCoding/AU_OCC/F099_T1.csv").write_text(lines[0] + "\n")
    (root / "AU-Intensity-Codes3.0/AU12/F004_T1_AU12.csv").write_text("100,7\n101,0\n")
    (root / "AU-Intensity-Codes3.0/AU06/M002_T1_AU06.csv").unlink()
    with pytest.raises(DatasetError) as caught:
        index_bp4d(root)
    told = "\n".join(caught.value.problems)
    for part in (
        f"{first}:3: the row has 3 cells",
        f"{first}:5: a cell is 'x'",
        "F099_T1.csv: subject F099",
        "F004_T1_AU12.csv:1: an intensity is 7",
        "F004_T1.csv:4: frame 102 has no picture",
        "M002_T1.csv:7: frame 105 has no picture",
        "M002_T1_AU06.csv: cannot be read",
    ):
        assert part in told
    assert len(caught.value.problems) == 7


@pytest.mark.parametrize(
    ("first", "said"),
    [
        ("frame,1,2", "the first column is named 'frame'"),
        ("0,1,AU2", "a column is named 'AU2'"),
        ("0,1,1", "is there twice"),
        ("0,1,100", "a column is named '100'"),
    ],
)
def test_headers_are_checked(lay_out: LayOut, first: str, said: str) -> None:
    root = lay_out("bp4d", {"AUCoding/AU_OCC/F001_T1.csv": f"{first}\n100,0,0\n".encode()})
    with pytest.raises(DatasetError, match=f"F001_T1.csv:1: .*{said}"):
        index_bp4d(root)


def test_the_header_of_bp4dplus_has_the_known_order(lay_out: LayOut) -> None:
    path = "AUCoding/AU_OCC/F040_T1.csv"
    root = lay_out("bp4dplus")
    (root / path).write_text((root / path).read_text().replace(",6,7,", ",7,6,", 1))
    with pytest.raises(DatasetError, match="'7' where 6 is expected"):
        index_bp4dplus(root)


def test_files_of_disfa_have_to_agree(lay_out: LayOut) -> None:
    label = "ActionUnit_Labels/SN001/SN001_au"
    changes = {f"{label}2.txt": b"1,0\n2,0\n", f"{label}5.txt": b"1,0\n2,0\n4,0\n4,0\n5,0\n", f"{label}9.txt": None}
    with pytest.raises(DatasetError) as caught:
        index_disfa(lay_out("disfa", changes))
    told = "\n".join(caught.value.problems)
    assert "SN001_au2.txt:3: has 2 rows, but SN001_au1.txt has 5" in told
    assert "SN001_au5.txt:3: the frame is 4, but 3 in SN001_au1.txt" in told
    assert "SN001_au9.txt: cannot be read" in told


def test_a_blank_picture_shows_no_face(lay_out: LayOut, tmp_path: Path) -> None:
    import io

    from PIL import Image

    buffer = io.BytesIO()
    Image.new("RGB", (48, 48), "gray").save(buffer, "JPEG")
    index = index_disfa(lay_out("disfa", {"Images/SN001/00002.jpg": buffer.getvalue()}))
    (tmp_path / "drafts").mkdir()
    maker = ImportRows(index, "sentence", 0, 0)
    made = [maker.make(row, FilePlacer(tmp_path / "out", tmp_path / "drafts")) for row in range(3)]
    assert [record is None for record in made] == [False, True, False]


def test_an_index_is_determined_by_its_labels(lay_out: LayOut) -> None:
    root = lay_out("disfa")
    before = index_disfa(root).settings()
    assert index_disfa(root).settings() == before
    path = root / "ActionUnit_Labels/SN001/SN001_au12.txt"
    path.write_text(path.read_text().replace("3,0", "3,1"))
    assert index_disfa(root).settings()["labels_sha256"] != before["labels_sha256"]


@pytest.mark.parametrize("values", [{"min_intensity": 6}, {"every_nth": 0}])
def test_selections_are_checked(values: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=next(iter(values))):
        Selection(**values)  # pyright: ignore[reportArgumentType]


def test_units_that_are_not_coded_cannot_be_asked_for(lay_out: LayOut) -> None:
    with pytest.raises(ValueError, match="AU25"):
        index_bp4d(lay_out("bp4d"), Selection(units=(ActionUnit.AU25,)))


def test_traces_are_left_behind(lay_out: LayOut) -> None:
    index = index_bp4d(lay_out("bp4d"))
    assert all(found.pictures.trace(int(found.frames[0])) is None for found in index.sequences)
    assert all(found.presence.dtype == np.int8 for found in index.sequences)
