"""What the tests of pipelines share."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
import tiny_diffusion
import torch
from pipeline_cases import KINDS, pipeline

from auface.cli import main
from auface.pipelines import AUFacePipeline
from auface.pipelines.generation import base as base_models


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


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A base model in a folder, with an adapter."""
    made = tmp_path_factory.mktemp("base") / "tiny"
    AUFacePipeline(**tiny_diffusion.sd_components()).save_pretrained(made)
    return made


@pytest.fixture(scope="session")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same base model without an adapter."""
    made = tmp_path_factory.mktemp("base") / "plain"
    AUFacePipeline(**tiny_diffusion.sd_components(with_adapter=False)).save_pretrained(made)
    return made


@pytest.fixture
def place(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run in an empty folder, with the tiny model as the embedded default."""
    monkeypatch.setattr(base_models, "mini_place", lambda: folder)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def auface(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """Run the command line; returns exit code, stdout and stderr."""

    def run(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["auface", "generate", *map(str, arguments)])
        with pytest.raises(SystemExit) as stopped:
            main()
        said = capsys.readouterr()
        code = stopped.value.code
        return (code if isinstance(code, int) else 0), said.out, said.err

    return run
