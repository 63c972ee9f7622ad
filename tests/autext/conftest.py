"""What the tests of data sets share: heads drawn at test time, and data sets laid out as BP4D, BP4D+ and DISFA are."""

import io
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image

from auface.autext.heads import HeadDescription, sample_identity, sample_view
from auface.autext.importers import bp4d, bp4dplus, disfa
from auface.facs import Expression

Files = dict[str, bytes]


@pytest.fixture(scope="session")
def home_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty home for all tests of data sets."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module", autouse=True)
def home(home_folder: Path) -> Iterator[Path]:
    """A home of its own, so that no cache of the user is read or written; given back after each module."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME", str(home_folder))
        yield home_folder


@pytest.fixture(scope="session")
def heads(home_folder: Path) -> list[bytes]:
    """Eight pictures of synthetic heads as JPEG, all different."""
    from auface.autext.anny.torch_renderer import TorchRenderer

    pictures: list[bytes] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME", str(home_folder))
        renderer = TorchRenderer()
    for number in range(8):
        description = HeadDescription.of(
            Expression.parse("12C" if number % 2 else "neutral"),
            identity=sample_identity(number // 2),
            view=sample_view(number),
        )
        buffer = io.BytesIO()
        Image.fromarray(renderer.render(description, 48, ()).image).save(buffer, "JPEG")
        pictures.append(buffer.getvalue())
    return pictures


def bp4d_files(heads: list[bytes], subjects: tuple[str, ...] = ("F001", "F004", "M002"), frames: int = 6) -> Files:
    """BP4D with one task for each subject: unit 12 present in odd frames with intensity 2, unit 25 never coded."""
    files: Files = {}
    columns = [*bp4d.UNITS, 25, 41, 99]
    columns.sort()
    for subject in subjects:
        rows = [",".join(["0", *(str(int(unit)) for unit in columns)])]
        for frame in range(100, 100 + frames):
            cells = {int(unit): 9 if unit in (25, 41, 99, 38) else 0 for unit in columns}
            cells[12] = cells[6] = frame % 2
            cells[1] = int(frame % 3 == 0)
            rows.append(",".join([str(frame), *(str(cells[int(unit)]) for unit in columns)]))
            files[f"{subject}/T1/{frame:04d}.jpg"] = heads[frame % len(heads)]
        files[f"AUCoding/AU_OCC/{subject}_T1.csv"] = ("\n".join(rows) + "\n").encode()
        for unit in (6, 10, 12, 14, 17):
            lines = [f"{frame},{(frame % 2) * 2 if unit == 12 else 9}" for frame in range(100, 100 + frames)]
            name = f"AU{unit:02d}"
            files[f"AU-Intensity-Codes3.0/{name}/{subject}_T1_{name}.csv"] = "\n".join(lines).encode()
    return files


def bp4dplus_files(heads: list[bytes], frames: int = 4) -> Files:
    """BP4D+ with two subjects, one zipped and one unpacked; unit 30 present in frame 2, without a side."""
    files: Files = {}
    for subject in ("F040", "M040"):
        rows = [",".join(["frame", *(str(int(unit)) for unit in bp4dplus.UNITS)])]
        pictures: Files = {}
        for frame in range(1, frames + 1):
            cells = [str(int((unit == 12 and frame > 1) or (unit == 30 and frame == 2))) for unit in bp4dplus.UNITS]
            rows.append(",".join([str(frame), *cells]))
            pictures[f"{subject}/T1/{frame}.jpg"] = heads[frame]
        files[f"AUCoding/AU_OCC/{subject}_T1.csv"] = "\n".join(rows).encode()
        for unit in (6, 10, 12, 14, 17):
            lines = "\n".join(f"{frame},{3 if unit == 12 and frame > 1 else 0}" for frame in range(1, frames + 1))
            files[f"AUCoding/AU_INT/AU{unit:02d}/{subject}_T1_AU{unit:02d}.csv"] = lines.encode()
        if subject == "F040":
            buffer = io.BytesIO()
            with zipfile.ZipFile(buffer, "w") as archive:
                for name, content in pictures.items():
                    archive.writestr(name, content)
            files["2D+3D/F040.zip"] = buffer.getvalue()
        else:
            files |= {f"2D+3D/{name}": content for name, content in pictures.items()}
    return files


def disfa_files(heads: list[bytes], frames: int = 5) -> Files:
    """DISFA with two subjects; unit 4 rises from 0 to 4, all others stay at 0."""
    files: Files = {}
    for subject in ("SN001", "SN003"):
        for unit in disfa.UNITS:
            lines = [f"{frame},{frame - 1 if unit == 4 else 0}" for frame in range(1, frames + 1)]
            files[f"ActionUnit_Labels/{subject}/{subject}_au{int(unit)}.txt"] = ("\n".join(lines) + "\n").encode()
        for frame in range(1, frames + 1):
            files[f"Images/{subject}/{frame:05d}.jpg"] = heads[frame]
    return files


@pytest.fixture
def lay_out(tmp_path: Path, heads: list[bytes]) -> Callable[..., Path]:
    """Write a data set into a folder and return it: `lay_out("bp4d", {file: new content or None for none})`."""
    makers = {"bp4d": bp4d_files, "bp4dplus": bp4dplus_files, "disfa": disfa_files}

    def write(name: str, changes: dict[str, bytes | None] | None = None) -> Path:
        root = tmp_path / name
        for path, content in {**makers[name](heads), **(changes or {})}.items():
            if content is not None:
                (root / path).parent.mkdir(parents=True, exist_ok=True)
                (root / path).write_bytes(content)
        return root

    return write
