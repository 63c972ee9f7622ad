"""The wheel holds the product, all of it and nothing else."""

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import tomli


def run(*command: str) -> str:
    """Run a command and return what it printed; show all of it when it fails."""
    result = subprocess.run(command, capture_output=True, text=True)
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


@pytest.fixture(scope="module")
def wheel(checkout: Path, tracked: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from a copy, so that nothing is left in the checkout and nothing stale gets in."""
    copy = tmp_path_factory.mktemp("copy")
    for path in tracked:
        (copy / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(checkout / path, copy / path)
    built = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-I", "-m", "build", "--wheel", "--no-isolation", "--outdir", str(built), str(copy))
    [wheel] = built.glob("*.whl")
    return wheel


def test_every_folder_with_code_is_a_package(modules: list[Path]) -> None:
    folders = {path.parent for path in modules}
    without = sorted(str(folder) for folder in folders if folder / "__init__.py" not in modules)
    assert not without, f"no __init__.py in {without}"


def test_pyproject_lists_every_package(checkout: Path, modules: list[Path]) -> None:
    with (checkout / "pyproject.toml").open("rb") as file:
        listed = tomli.load(file)["tool"]["setuptools"]["packages"]
    folders = {".".join(["auface", *path.parent.parts]) for path in modules if path.name == "__init__.py"}
    assert listed == sorted(folders), "[tool.setuptools] packages is not what lies in the folders"


def test_torch_is_left_to_the_user(checkout: Path) -> None:
    lines = (checkout / "requirements.txt").read_text(encoding="utf-8").splitlines()
    assert not [line for line in lines if line.startswith("torch")], "installing a node pack must not replace torch"


def test_wheel_holds_the_product_and_nothing_else(wheel: Path, shipped: list[Path]) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if not name.endswith("/")}
    inside = {name for name in names if ".dist-info/" not in name}
    expected = {f"auface/{path.as_posix()}" for path in shipped}
    assert not inside - expected, f"should not be in the wheel: {sorted(inside - expected)}"
    assert not expected - inside, f"missing from the wheel: {sorted(expected - inside)}"
    licences = {name.rpartition("/")[2] for name in names if ".dist-info/licenses/" in name}
    assert licences == {"LICENSE", "NOTICE"}


def test_wheel_installs_and_imports(wheel: Path, tmp_path: Path) -> None:
    pip = [sys.executable, "-I", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    run(*pip, "--no-deps", "--no-index", "--target", str(tmp_path), str(wheel))
    code = "import sys; sys.path.insert(0, sys.argv[1]); import auface, auface.facs; print(auface.facs.__file__)"
    assert run(sys.executable, "-I", "-c", code, str(tmp_path)).startswith(str(tmp_path))
