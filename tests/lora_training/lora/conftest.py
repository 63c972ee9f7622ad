"""Tiny bases and data for the tests of LoRA training, made once."""

from pathlib import Path

import pytest
from tiny_base import tiny_base, tiny_set


@pytest.fixture(scope="session")
def sd(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny base in the Stable Diffusion 1.x layout."""
    return tiny_base(tmp_path_factory.mktemp("bases") / "sd")


@pytest.fixture(scope="session")
def sdxl(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny base in the SDXL layout."""
    return tiny_base(tmp_path_factory.mktemp("bases") / "sdxl", "sdxl", "v_prediction")


@pytest.fixture(scope="session")
def faces(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An AUText folder of twelve pictures and four in each other split."""
    return tiny_set(tmp_path_factory.mktemp("data") / "faces")
