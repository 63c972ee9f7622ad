"""The head pack is read from where it is, checked, and missed in words that help."""

from pathlib import Path

import numpy as np
import pytest

from auface.autext.heads import open_renderer
from auface.autext.heads.pack import HeadPack
from auface.autext.heads.pack_manifest import FILES


@pytest.fixture
def linked(heads: Path, tmp_path: Path) -> Path:
    """A copy of the pack, made of links."""
    for name in FILES:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).symlink_to(heads / name)
    return tmp_path


def test_without_a_pack_the_error_says_where_heads_come_from(tmp_path: Path) -> None:
    for folder in (None, tmp_path):
        with pytest.raises(ValueError, match="`heads`") as caught:
            HeadPack(folder)
        for word in ("geometry.npz", "MakeHuman", "docs/heads.md", "--renderer torch", "auface[heads]"):
            assert word in str(caught.value)


def test_an_unknown_backend_is_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"'vulkan'.*'gl' and 'torch'"):
        open_renderer("vulkan", tmp_path)  # pyright: ignore[reportArgumentType]


def test_an_incomplete_pack_names_what_is_missing(linked: Path) -> None:
    (linked / "hdri/lights.npz").unlink()
    with pytest.raises(ValueError, match=r"hdri/lights\.npz is not there"):
        HeadPack(linked)


def test_a_changed_file_is_refused_when_it_is_read(linked: Path) -> None:
    (linked / "landmarks478.npz").unlink()
    (linked / "landmarks478.npz").write_bytes(b"something else")
    pack = HeadPack(linked)
    assert pack.base.shape[1] == 3
    with pytest.raises(ValueError, match=r"landmarks478\.npz.*SHA-256 differs"):
        _ = pack.landmark_points


def test_unknown_names_are_refused_with_those_that_exist(pack: HeadPack) -> None:
    with pytest.raises(ValueError, match=r"`hair` is 'punk'.*short01"):
        pack.part("hair", "punk")
    with pytest.raises(ValueError, match=r"`skin` is 'green'"):
        pack.picture("skin", "green")


def test_fitted_parts_stay_on_the_base_head(pack: HeadPack) -> None:
    eyes = pack.part("eyes", "high-poly").fitted(pack.base)
    assert np.allclose(np.abs(eyes[:, 0]).mean(), pack.joint(pack.base, "eye.L")[0], atol=0.02)


def test_the_mirror_of_the_mirror_is_the_vertex(pack: HeadPack) -> None:
    assert (pack.mirror[pack.mirror] == np.arange(len(pack.base))).all()
