"""The model file of MediaPipe's Face Landmarker: from a path, or downloaded once and compared with its checksum."""

from __future__ import annotations

import hashlib
from pathlib import Path

URL = "https://storage.googleapis.com/mediapipe-models/face_landmarker/face_landmarker/float16/1/face_landmarker.task"
"""Where Google publishes the file (Apache-2.0, 3.8 MB)."""

SHA256 = "64184e229b263107bc2b804c6625db1341ff2bb731874b0bcc2fe6544e0bc9ff"
"""Its checksum; another file is refused."""


def cached_path() -> Path:
    """Return where the file is kept once it was downloaded: in the folder that torch keeps downloads in."""
    import torch

    return Path(torch.hub.get_dir()) / "auface" / "face_landmarker.task"


def model_file(path: Path | None = None, *, url: str = URL) -> Path:
    """Return the model file, downloaded if it is not there yet.

    Args:
        path: A file that is there already; by default the cached one, downloaded when it is missing.
        url: Where to download it from.

    Raises:
        ValueError: There is no such file, the download failed, or the file is not the one that is accepted.
    """
    if path is not None:
        if not path.is_file():
            raise ValueError(f"`model` is {str(path)!r}, which does not exist; accepted is face_landmarker.task.")
        return _checked(path)
    path = cached_path()
    if not path.is_file():
        _download(url, path)
    return _checked(path)


def _download(url: str, path: Path) -> None:
    import torch

    path.parent.mkdir(parents=True, exist_ok=True)
    try:  # writes beside the file first, and compares before it takes its place
        torch.hub.download_url_to_file(url, str(path), hash_prefix=SHA256, progress=False)
    except RuntimeError as error:
        raise ValueError(f"the file at {url} is not the accepted one ({error}).") from None
    except OSError as error:
        raise ValueError(
            f"MediaPipe's model cannot be downloaded from {url} ({error}); give a downloaded file as `model`, or use "
            "the faces that AUFace finds itself."
        ) from None


def _checked(path: Path) -> Path:
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found != SHA256:
        raise ValueError(f"`model` is {str(path)!r} with SHA-256 {found}; accepted is {SHA256}.")
    return path
