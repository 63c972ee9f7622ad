"""The real ComfyUI for these tests. Without it they are skipped, except in CI, which always installs it."""

import importlib.util
import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from comfyui_host import PACK, Host, environment

STAND_INS = {
    "checkpoints": ("v1-5-pruned-emaonly-fp16", "sd_xl_base_1.0"),
    "controlnet": ("control_v2p_sd15_mediapipe_face", "control_v11f1p_sd15_depth_fp16", "diffusers_xl_depth_full"),
}
"""Models that the shipped workflows name; random weights of the same layout stand in for them."""


def installer(checkout: Path) -> ModuleType:
    """Return tests/comfyui/install.py as a module."""
    spec = importlib.util.spec_from_file_location("install_comfyui", checkout / "tests" / "comfyui" / "install.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def installed(checkout: Path) -> Path:
    """The folder of the installed host."""
    install = installer(checkout)
    if not install.is_installed():
        if os.environ.get("CI"):
            pytest.fail("CI must run tests/comfyui/install.py first")
        pytest.skip("no ComfyUI to test in; `python tests/comfyui/install.py` installs it")
    return install.host_folder()


@pytest.fixture(scope="session")
def checkpoint(checkout: Path, installed: Path) -> Path:
    """A checkpoint with random weights in the Stable Diffusion 1.x layout, made once for each installed host."""
    file, control = installed / "random_sd15.safetensors", installed / "random_controlnet.safetensors"
    if not file.is_file() or not control.is_file():
        script = checkout / "tests" / "comfyui" / "checkpoint.py"
        unfinished = [file.with_suffix(".part"), control.with_suffix(".part")]
        command = [installed / "venv" / "bin" / "python", script, installed / "ComfyUI", *unfinished]
        subprocess.run(list(map(str, command)), check=True, env=environment(), cwd=installed)
        unfinished[0].rename(file)
        unfinished[1].rename(control)
    return file


@pytest.fixture(scope="session")
def tiny(installed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model in the layout of auface-mini, with random weights."""
    from tiny_mini import write_tiny_mini

    return write_tiny_mini(tmp_path_factory.mktemp("mini"))


@pytest.fixture(scope="session")
def host(
    checkout: Path, installed: Path, checkpoint: Path, tiny: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Host]:
    """A running ComfyUI with this checkout as its pack, and models by the names that workflows use."""
    running = Host(installed, tmp_path_factory.mktemp("comfyui"), checkout)
    (running.base / "models" / "auface").mkdir(parents=True)
    (running.base / "models" / "auface" / "tiny").symlink_to(tiny, target_is_directory=True)
    for folder, names in STAND_INS.items():
        models = running.base / "models" / folder
        models.mkdir(parents=True)
        for name in names:
            stand_in = checkpoint if folder == "checkpoints" else checkpoint.with_name("random_controlnet.safetensors")
            (models / f"{name}.safetensors").symlink_to(stand_in)
    try:
        running.start()
        yield running
    finally:
        running.stop()


@pytest.fixture(scope="session")
def inside(
    checkout: Path, installed: Path, checkpoint: Path, tiny: Path, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Any]:
    """What tests/comfyui/inside.py sees in ComfyUI's own process."""
    base = tmp_path_factory.mktemp("inside")
    for folder in ("input", "output", "models/auface", "custom_nodes", "user"):
        (base / folder).mkdir(parents=True)
    (base / "models" / "auface" / "tiny").symlink_to(tiny, target_is_directory=True)
    (base / "custom_nodes" / PACK).symlink_to(checkout, target_is_directory=True)
    tests = checkout / "tests" / "comfyui"
    command = [tests / "inside.py", installed / "ComfyUI", base, checkpoint, tests / "typeshed"]
    result = subprocess.run(
        [str(installed / "venv" / "bin" / "python"), *map(str, command)],
        capture_output=True,
        text=True,
        env=environment(),
        cwd=base,
    )
    assert result.returncode == 0, result.stderr[-4000:]
    return json.loads(result.stdout.strip().splitlines()[-1])
