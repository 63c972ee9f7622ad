"""docs/language.md is made from the data, and cannot drift from it."""

import importlib.util
from pathlib import Path


def test_the_page_is_what_the_data_say(checkout: Path) -> None:
    spec = importlib.util.spec_from_file_location("language_page", checkout / "docs" / "language.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    written = (checkout / "docs" / "language.md").read_text(encoding="utf-8")
    assert written == module.page(), "run `python docs/language.py`"
