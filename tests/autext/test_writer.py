"""Data sets: one format, and the same bytes however the work was done, split, killed and begun again."""

import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from auface.autext.production import produce
from auface.autext.record import FIELDS, SPLITS, Record
from auface.autext.shard import Shard
from auface.autext.synth import SynthPlan, SynthWorkshop
from auface.autext.writer import DatasetWriter

PLAN = SynthPlan(count=36, seed=4, size=24, renderer="torch", maps=("landmarks", "depth"))
COMMAND = (
    *("synth", "--count", "36", "--seed", "4", "--size", "24", "--renderer", "torch"),
    *("--maps", "landmarks,depth", "--sidecars", "--quiet"),
)


def make(
    folder: Path, *, workers: int = 1, shard: Shard | None = None, plan: SynthPlan = PLAN, overwrite: bool = False
) -> bool:
    writer = DatasetWriter(
        folder,
        plan.settings(),
        plan.count,
        plan.coded,
        shard=shard,
        overwrite=overwrite,
        sidecars=True,
        licence="CC0",
    )
    return produce(writer, SynthWorkshop(plan), workers=workers, quiet=True)


def contents(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != "README.md"
    } | {"README.md": "there"}


def records(folder: Path) -> list[Record]:
    lines = [line for table in sorted(folder.glob("*/metadata.jsonl")) for line in table.read_text().splitlines()]
    return sorted((Record.from_json(line) for line in lines), key=lambda record: record.frame)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, home: Path) -> Path:
    folder = tmp_path_factory.mktemp("made") / "set"
    assert make(folder)
    return folder


def test_every_row_has_its_files(made: Path) -> None:
    rows = records(made)
    assert [row.frame for row in rows] == list(range(36))
    for row in rows:
        picture = made / row.split / row.file_name
        assert picture.exists()
        assert picture.with_suffix(".txt").read_text() == f"{row.text}\n"
        assert (made / row.landmarks).exists()
        assert (made / row.maps["depth"]).exists()
    listed = {row.file_name for row in rows}
    assert {path.name for path in made.glob("*/*.png") if path.parent.name != "maps"} == listed


def test_the_label_is_what_the_face_shows(made: Path) -> None:
    for row in records(made):
        description = json.loads(row.description)
        assert json.loads(row.expression.to_json()) == description["shown"]


def test_the_imagefolder_loader_reads_it(made: Path, tmp_path: Path) -> None:
    import datasets

    loaded = datasets.load_dataset("imagefolder", data_dir=str(made), cache_dir=str(tmp_path))
    assert sum(len(rows) for rows in loaded.values()) == 36
    assert set(loaded) == {"train", "validation", "test"}
    first = loaded["validation"][0]
    assert first["image"].size == (24, 24)
    assert set(first) == {"image", *FIELDS} - {"file_name"}
    expected = records(made)[first["frame"]]
    assert (first["text"], first["expression"]) == (expected.text, expected.expression.notation())


def test_a_parquet_table_holds_the_same_rows(made: Path, tmp_path: Path) -> None:
    from pyarrow import parquet

    writer = DatasetWriter(tmp_path / "set", PLAN.settings(), PLAN.count, PLAN.coded, table="parquet")
    assert produce(writer, SynthWorkshop(PLAN), quiet=True)
    for split in ("train", "validation", "test"):
        rows = parquet.read_table(tmp_path / "set" / split / "metadata.parquet").to_pylist()
        assert rows == [json.loads(line) for line in (made / split / "metadata.jsonl").read_text().splitlines()]


def test_the_number_of_workers_does_not_matter(made: Path, tmp_path: Path) -> None:
    assert make(tmp_path / "set", workers=2)
    assert contents(tmp_path / "set") == contents(made)
    assert (tmp_path / "set" / "README.md").read_text() == (made / "README.md").read_text()


def test_shards_make_the_same_set(made: Path, tmp_path: Path) -> None:
    done = [make(tmp_path / "set", shard=Shard(number, 3)) for number in (2, 1, 3)]
    assert done == [False, False, True]
    assert contents(tmp_path / "set") == contents(made)


def test_killed_at_any_moment_it_ends_with_the_same_bytes(made: Path, tmp_path: Path) -> None:
    folder, moments = tmp_path / "set", random.Random(1)
    code = "from auface.autext.command import app; app()"
    # Its own session, so that workers that outlive the main process would be seen, and the kill hits it alone.
    command = [sys.executable, "-c", code, *COMMAND, "--out", str(folder), "--workers", "2"]
    kills = 0
    for _ in range(30):
        with subprocess.Popen(command, start_new_session=True) as process:
            limit = time.monotonic() + 120
            wanted = pictures(folder) + moments.randrange(3, 16)
            while process.poll() is None and time.monotonic() < limit:
                if pictures(folder) >= wanted:
                    time.sleep(moments.random() * 0.05)
                    process.send_signal(signal.SIGKILL)
                    kills += 1
                    break
                time.sleep(0.002)
        if process.returncode == 0:
            break
        leaves_nobody(process.pid)
    assert kills >= 2
    assert {**contents(folder), "dataset.json": ""} == {**contents(made), "dataset.json": ""}
    assert json.loads((folder / "dataset.json").read_bytes()) == json.loads((made / "dataset.json").read_bytes())


def pictures(folder: Path) -> int:
    """Return how many pictures a set has that is being made, maps among them; other folders may come and go."""
    return sum(len(list((folder / name).glob("*.png"))) for name in (*SPLITS, "maps") if (folder / name).is_dir())


def leaves_nobody(session: int) -> None:
    """Wait until no process of the session is left."""
    for _ in range(200):
        try:
            os.killpg(session, 0)
        except ProcessLookupError:
            return
        time.sleep(0.05)
    raise AssertionError("workers outlive the main process")


def test_a_half_written_row_is_made_again(made: Path, tmp_path: Path) -> None:
    folder = tmp_path / "set"
    writer = DatasetWriter(folder, PLAN.settings(), PLAN.count, PLAN.coded, sidecars=True, licence="CC0")
    maker = SynthWorkshop(PLAN)()
    for index in range(5):
        writer.add(index, maker.make(index, writer.placer))
    writer.close()
    journal = folder / ".autext" / "rows-1-of-1.jsonl"
    journal.write_bytes(journal.read_bytes()[:-40])
    again = DatasetWriter(folder, PLAN.settings(), PLAN.count, PLAN.coded, sidecars=True, licence="CC0")
    assert again.pending() == list(range(4, 36))
    assert produce(again, SynthWorkshop(PLAN), quiet=True)
    assert contents(folder) == contents(made)


def test_a_complete_set_is_left_alone(made: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in made.rglob("*")}
    assert make(made)
    assert {path: path.stat().st_mtime_ns for path in made.rglob("*")} == before


def test_other_settings_need_overwrite(tmp_path: Path, home: Path) -> None:
    small = SynthPlan(count=3, size=16, renderer="torch", maps=())
    other = SynthPlan(count=2, size=16, seed=9, renderer="torch", maps=())
    folder = tmp_path / "set"
    assert make(folder, plan=small)
    before = contents(folder)
    with pytest.raises(ValueError, match=r"other settings \(count, seed\).*--overwrite"):
        make(folder, plan=other)
    assert contents(folder) == before
    assert make(folder, plan=other, overwrite=True)
    assert len(records(folder)) == 2
    assert len(list(folder.glob("*/*.png"))) == 2


def test_foreign_files_are_never_touched(tmp_path: Path) -> None:
    (tmp_path / "holiday.jpg").write_bytes(b"picture")
    for overwrite in (False, True):
        with pytest.raises(ValueError, match="other files"):
            make(tmp_path, overwrite=overwrite)
    assert [path.name for path in tmp_path.iterdir()] == ["holiday.jpg"]


def test_the_card_counts_what_is_there(made: Path) -> None:
    rows, card = records(made), (made / "README.md").read_text()
    smiles = [row for row in rows if 12 in row.expression]
    line = next(line for line in card.splitlines() if line.startswith("| 12 |"))
    cells = [cell.strip() for cell in line.strip("|").split("|")]
    assert (cells[2], cells[3]) == ("36", str(len(smiles)))
    assert sum(map(int, cells[4:10])) == len(smiles)
    assert "CC0" in card


def test_the_sheet_is_a_picture(made: Path) -> None:
    from PIL import Image

    with Image.open(made / "sheet.png") as sheet:
        assert sheet.width > 1000


@pytest.mark.parametrize("text", ["0/2", "3/2", "1", "a/b", "1/0", ""])
def test_shards_are_checked(text: str) -> None:
    with pytest.raises(ValueError, match="accepted is i/n"):
        Shard.parse(text)
