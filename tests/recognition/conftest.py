"""What tests of recognition share."""

from pathlib import Path

import numpy as np
import pytest
from sample_faces import small_networks

from auface.recognition.recognizer import Recognizer
from auface.recognition.weight_file import save_networks


@pytest.fixture(scope="session")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of networks that have learned nothing."""
    path = tmp_path_factory.mktemp("weights") / "small.safetensors"
    save_networks(small_networks(), path)
    return path


@pytest.fixture(scope="session")
def untrained(weights: Path) -> Recognizer:
    """A recognizer that has learned nothing: what it says is wrong, how it says it is right."""
    return Recognizer(weights=weights)


@pytest.fixture
def picture() -> np.ndarray:
    """A picture of 300 x 240 without a face."""
    return np.random.default_rng(0).integers(0, 256, (240, 300, 3), np.uint8)
