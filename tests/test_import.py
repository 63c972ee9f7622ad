"""Importing is light, and both ways of loading the folder give one package."""

import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

import auface

HEAVY = {"torch", "diffusers", "transformers", "typer", "rich"}

# What ComfyUI does with a folder in `custom_nodes`.
LOAD = """
import importlib.util, sys
name = sys.argv[1].replace(".", "_x_")
spec = importlib.util.spec_from_file_location(name, sys.argv[1] + "/__init__.py")
pack = importlib.util.module_from_spec(spec)
sys.modules[name] = pack
spec.loader.exec_module(pack)
"""

# With `-S` no .pth file is read, so an editable auface stays out of sight while numpy can be imported.
WITHOUT_AUFACE = """
import importlib.util, sys
sys.path.append(sys.argv[2])
assert importlib.util.find_spec("auface") is None, "auface is installed, so this would prove nothing"
"""


def run_python(*arguments: str) -> str:
    """Run a fresh interpreter and return what it printed."""
    result = subprocess.run([sys.executable, "-I", "-B", *arguments], capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    return result.stdout


@pytest.fixture(scope="module")
def custom_node(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """This checkout as a folder of ComfyUI's, with a space and dots in its path."""
    folder = tmp_path_factory.mktemp("My ComfyUI v0.3.") / "custom_nodes" / "ComfyUI-AUFace"
    folder.parent.mkdir()
    folder.symlink_to(checkout, target_is_directory=True)
    return str(folder)


@pytest.mark.parametrize("module", ["auface", "auface.facs"])
def test_importing_is_light(module: str) -> None:
    loaded = run_python("-c", f"import sys, {module}; print(*sys.modules)").split()
    assert not HEAVY & set(loaded)


def test_every_public_name_is_found() -> None:
    for name in auface.__all__:
        assert getattr(auface, name) is not None
    assert set(auface.__all__) <= set(dir(auface))


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        auface.__getattr__("nothing")


def test_comfyui_loads_the_folder_where_nothing_is_installed(custom_node: str) -> None:
    code = WITHOUT_AUFACE + LOAD + "print(pack.__version__)"
    assert run_python("-S", "-c", code, custom_node, sysconfig.get_path("purelib")).strip() == auface.__version__


def test_a_folder_loaded_by_path_is_the_package(custom_node: str) -> None:
    then = """
import auface, auface.facs
from auface import Expression
assert auface is pack
assert Expression is pack.Expression is auface.facs.Expression
print(Expression.__module__)
"""
    code = WITHOUT_AUFACE + LOAD + then
    assert run_python("-S", "-c", code, custom_node, sysconfig.get_path("purelib")).startswith("auface.facs")


def test_a_folder_loaded_beside_the_package_shares_its_classes(custom_node: str) -> None:
    run_python("-c", "from auface import Expression\n" + LOAD + "assert pack.Expression is Expression", custom_node)


def test_the_host_finds_only_what_exists(checkout: Path) -> None:
    assert hasattr(auface, "WEB_DIRECTORY") == (checkout / "web").is_dir()
    assert hasattr(auface, "comfy_entrypoint") == (checkout / "nodes").is_dir()
    assert not hasattr(auface, "NODE_CLASS_MAPPINGS"), "ComfyUI would then ignore comfy_entrypoint"
