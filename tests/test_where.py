"""The tests test this checkout, not an installed copy."""

from pathlib import Path

import auface


def test_the_package_is_this_checkout(checkout: Path) -> None:
    assert Path(str(auface.__file__)).resolve() == checkout / "__init__.py", (
        'another copy of auface is installed; run `pip install -e ".[test]"`'
    )
