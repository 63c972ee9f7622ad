"""The head pack for tests. It is not part of the checkout: `AUFACE_HEADS=FOLDER pytest` says where it is."""

import os
from pathlib import Path

import pytest

from auface.autext.heads import HeadRenderer, Identity
from auface.autext.heads.composition import Composer, Face
from auface.autext.heads.pack import HeadPack


@pytest.fixture(scope="session")
def heads() -> Path:
    """The folder of the head pack."""
    folder = os.environ.get("AUFACE_HEADS")
    if not folder:
        pytest.skip("needs the head pack: set AUFACE_HEADS to its folder")
    return Path(folder)


@pytest.fixture(scope="session")
def pack(heads: Path) -> HeadPack:
    return HeadPack(heads)


@pytest.fixture(scope="session")
def composer(pack: HeadPack) -> Composer:
    return Composer(pack)


@pytest.fixture(scope="session")
def plain(composer: Composer) -> Face:
    """A face that is its own mirror image."""
    return composer.face(Identity())


@pytest.fixture(scope="session")
def renderer(heads: Path) -> HeadRenderer:
    """The OpenGL renderer, where there is a driver."""
    from auface.autext.heads.gl_renderer import GLRenderer

    try:
        return GLRenderer(heads)
    except RuntimeError as error:
        if os.environ.get("CI"):
            raise  # .ci/run installs a driver
        pytest.skip(str(error))
