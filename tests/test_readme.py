"""The examples in README.md and docs/ work: Python blocks are run, and `auface` commands too."""

import os
import re
import subprocess
import sys
import textwrap
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PAGES = [path for path in [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))] if path.is_file()]
OTHER_NAMES = {"py": "python", "python3": "python", "pycon": "python", "sh": "bash", "shell": "bash", "console": "bash"}
FENCE = re.compile(
    r"^(?P<indent>[ ]*)```(?P<info>[^\n`]*)\n(?P<code>.*?)^(?P=indent)```[ ]*$", re.MULTILINE | re.DOTALL
)

# Lines of bash blocks that a reader runs and a test does not.
NOT_RUN = [
    r"(python -m )?pip install [^;|&]+",
    r"git clone [^;|&]+",
    r"cd [^;|&]+",
    r"python3? -m venv \S+",
    r"(source|\.) \S+/bin/activate",
    r"\./check( --fix)?",
]


@dataclass(frozen=True)
class Block:
    """One fenced block of a page."""

    place: str
    line: int
    info: str
    code: str

    @property
    def language(self) -> str:
        """The first word after the fence."""
        return self.info.split()[0] if self.info else ""

    @property
    def runs(self) -> bool:
        """Whether the page asks for this block to be run."""
        return "no-run" not in self.info


def blocks_of(page: str, text: str) -> list[Block]:
    """Find the fenced blocks of a page."""
    found: list[Block] = []
    for match in FENCE.finditer(text):
        line = text.count("\n", 0, match.start()) + 1
        found.append(Block(f"{page}:{line}", line, match["info"].strip(), textwrap.dedent(match["code"])))
    return found


def commands_of(block: Block) -> list[str]:
    """The commands of a bash block: continued lines joined, lines split at &&, comments and empty lines left out."""
    lines = block.code.replace("\\\n", " ").splitlines()
    written = [line for line in lines if line.strip() and not line.strip().startswith("#")]
    return [command.strip() for line in written for command in line.split(" && ")]


BLOCKS = [block for page in PAGES for block in blocks_of(str(page.relative_to(ROOT)), page.read_text(encoding="utf-8"))]
PYTHON = [pytest.param(block, id=block.place) for block in BLOCKS if block.language == "python" and block.runs]
BASH = [pytest.param(block, id=block.place) for block in BLOCKS if block.language == "bash" and block.runs]


def test_there_is_a_readme_with_examples() -> None:
    assert (ROOT / "README.md").is_file(), "README.md is missing"
    languages = {block.language for block in BLOCKS if block.place.startswith("README.md:") and block.runs}
    assert {"python", "bash"} <= languages, "README.md must show the product in Python and on the command line"


def test_blocks_are_named_so_that_they_are_run() -> None:
    wrong = [
        f"{block.place}: write ```{OTHER_NAMES[block.language]} instead of ```{block.language}"
        for block in BLOCKS
        if block.language in OTHER_NAMES
    ]
    assert not wrong, "\n".join(wrong)


def test_a_block_that_is_not_run_says_why() -> None:
    wrong = [block.place for block in BLOCKS if not block.runs and not re.search(r"no-run: *\w+", block.info)]
    assert not wrong, f"write ```python no-run: <reason>: {wrong}"


@pytest.mark.parametrize("block", PYTHON)
def test_python_runs(block: Block, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    code = compile("\n" * block.line + block.code, block.place.split(":")[0], "exec")
    exec(code, {"__name__": "__main__"})


@pytest.mark.parametrize("block", BASH)
def test_commands_run(block: Block, tmp_path: Path) -> None:
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    for command in commands_of(block):
        if command.split()[0] != "auface":
            known = any(re.fullmatch(pattern, command) for pattern in NOT_RUN)
            assert known, f"{block.place}: neither an `auface` command nor in NOT_RUN: {command}"
            continue
        result = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", command], cwd=tmp_path, env=environment, capture_output=True, text=True
        )
        assert result.returncode == 0, f"{block.place}: {command}\n{result.stderr}"


def test_blocks_are_found() -> None:
    text = (
        "# A\n\n```python\nx = 1\n```\n\n- b\n  ```bash no-run: needs weights\n  # all\n  auface \\\n    units\n  ```\n"
    )
    python, bash = blocks_of("page.md", text)
    assert (python.place, python.language, python.code, python.runs) == ("page.md:3", "python", "x = 1\n", True)
    assert (bash.language, bash.runs) == ("bash", False)
    assert [command.split() for command in commands_of(bash)] == [["auface", "units"]]
