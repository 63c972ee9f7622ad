"""MediaPipe's model comes from a path or a download whose checksum is right; nothing else is used."""

import hashlib
from pathlib import Path

import numpy as np
import pytest
import torch

from auface.recognition import mediapipe_model
from auface.recognition.mediapipe_model import SHA256, cached_path, model_file


@pytest.fixture
def published(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file as if published, with its checksum pinned, and a cache of its own."""
    path = tmp_path / "published.task"
    path.write_bytes(b"the model")
    monkeypatch.setattr(mediapipe_model, "SHA256", hashlib.sha256(b"the model").hexdigest())
    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path / "cache"))
    return path


def test_the_model_is_downloaded_once(published: Path) -> None:
    found = model_file(url=published.as_uri())
    assert found == cached_path()
    assert found.read_bytes() == b"the model"
    published.unlink()
    assert model_file(url=published.as_uri()) == found


def test_another_file_is_refused(published: Path, tmp_path: Path) -> None:
    published.write_bytes(b"something else")
    with pytest.raises(ValueError, match="is not the accepted one"):
        model_file(url=published.as_uri())
    assert not cached_path().exists()
    with pytest.raises(ValueError, match="with SHA-256"):
        model_file(published)


def test_a_download_that_fails_says_what_to_do(published: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"cannot be downloaded from .*none.task .*give a downloaded file as `model`"):
        model_file(url=(tmp_path / "none.task").as_uri())
    with pytest.raises(ValueError, match=r"does not exist; accepted is face_landmarker\.task"):
        model_file(tmp_path / "none.task")


def test_the_pinned_checksum_is_the_published_one() -> None:
    assert SHA256 == "64184e229b263107bc2b804c6625db1341ff2bb731874b0bcc2fe6544e0bc9ff"


def test_a_picture_without_a_face_has_none() -> None:
    pytest.importorskip("mediapipe", reason="mediapipe is not installed")
    if not cached_path().is_file():
        pytest.skip("MediaPipe's model was never downloaded here")
    from auface.recognition.mediapipe_faces import MediaPipeFaces
    from auface.recognition.picture import Picture

    source = MediaPipeFaces()
    assert source.faces(Picture(np.zeros((64, 64, 3), np.uint8))) == ()
    source.close()
