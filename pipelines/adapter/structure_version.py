"""`structure_version`: the structure model whose condition vectors an adapter reads; others' mean nothing."""

from __future__ import annotations

from functools import cache

from auface.structure.weight_file import FORMAT, shipped_path


@cache
def structure_version() -> str:
    """Return the version of the shipped structure model: its format and the start of the checksum of its weights.

    Raises:
        ValueError: The weights' checksum is missing.
    """
    path = shipped_path()
    sums = path.with_name(path.name + ".sha256")
    if not sums.is_file():
        raise ValueError(f"the checksum of the structural prior is missing: there is no {sums}. Install auface anew.")
    return f"{FORMAT} {sums.read_text(encoding='utf-8')[:16]}"
