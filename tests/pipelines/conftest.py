"""What the tests of pipelines share."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from pipeline_cases import KINDS, pipeline


@pytest.fixture(scope="session", autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture(params=list(KINDS))
def kind(request: pytest.FixtureRequest) -> str:
    """Each base layout in turn."""
    return request.param


@pytest.fixture(scope="session")
def pipes() -> dict[str, Any]:
    """Both pipelines, for tests that leave them as they are."""
    return {kind: pipeline(kind) for kind in KINDS}


@pytest.fixture
def pipe(kind: str, pipes: dict[str, Any]) -> Any:
    """The pipeline of each base layout in turn; not to be changed."""
    return pipes[kind]
