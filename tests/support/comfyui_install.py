"""Where the real ComfyUI for tests is; without it they are skipped, except in CI."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path

import pytest


def installed_host(checkout: Path) -> Path:
    """Return the folder of the installed host, or skip the test."""
    spec = importlib.util.spec_from_file_location("install_comfyui", checkout / "tests" / "comfyui" / "install.py")
    assert spec is not None
    assert spec.loader is not None
    install = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(install)
    if not install.is_installed():
        if os.environ.get("CI"):
            pytest.fail("CI must run tests/comfyui/install.py first")
        pytest.skip("no ComfyUI to test in; `python tests/comfyui/install.py` installs it")
    return install.host_folder()
