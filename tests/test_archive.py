"""What ComfyUI's registry gets: everything that the pack needs, and nothing that its scanner flags."""

import ast
import re
import subprocess
from pathlib import Path

import pytest

# What the registry's scanner has refused packs for: see docs.comfy.org, registry/standards.
FORBIDDEN_MODULES = {
    *("subprocess", "socket", "socketserver", "http", "urllib", "requests", "httpx", "aiohttp", "ftplib", "telnetlib"),
    *("ctypes", "pickle", "marshal", "dill", "shelve", "multiprocessing", "pty", "webbrowser", "pip", "ensurepip"),
}
FORBIDDEN_CALLS = {"eval", "exec", "compile", "__import__"}
FORBIDDEN_ATTRIBUTES = {
    *("os.environ", "os.getenv", "os.putenv", "os.system", "os.popen", "os.execv", "os.spawnv", "os.fork"),
    *("torch.load", "sys.path", "importlib.reload"),
}
# Words that its text rules look for in any file.
FORBIDDEN_TEXT = re.compile(
    r"\beval\s*\(|\bexec\s*\(|new Function|\.connect\(|\.bind\(|rm -rf|pip install|os\.environ|"
    r"document\.write|innerHTML|XMLHttpRequest|WebSocket|atob\(|importScripts|localStorage"
)
CODE = {".py", ".js", ".json", ".css"}
LARGEST = 3_000_000  # bytes of code, page and workflows
LARGEST_WEIGHTS = 72_000_000  # bytes of all that the pack ships for its models


@pytest.fixture(scope="module")
def archive(checkout: Path, tracked: list[Path]) -> list[Path]:
    """The files that the registry distributes."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--ignored", "--exclude-from=.comfyignore"]
    listing = subprocess.run(command, cwd=checkout, check=True, capture_output=True, text=True).stdout
    left_out = {Path(name) for name in listing.split("\0") if name}
    return [path for path in tracked if path not in left_out]


def test_the_archive_holds_the_pack(archive: list[Path], shipped: list[Path]) -> None:
    extra = {path.as_posix() for path in set(archive) - set(shipped)}
    assert extra == {"LICENSE", "NOTICE", "README.md", "pyproject.toml", "requirements.txt"}
    left_out = {path.parts[0] for path in set(shipped) - set(archive)}
    assert left_out <= {
        "__main__.py",
        "autext",
        "lora_training",
        "cli.py",
        "garbage.py",
        "pipelines",
        "recognition",
        "structure",
        "facs",
    }
    commands = {path for path in shipped if path.name in ("cli.py", "command.py")}
    assert not commands & set(archive), "the command line is of the Python package alone"


def test_the_nodes_need_nothing_that_is_left_out(archive: list[Path], checkout: Path) -> None:
    there, missing, seen = set(archive), list[str](), set[Path]()
    todo = [path for path in archive if path.parts[0] == "nodes" or path == Path("__init__.py")]
    while todo:
        path = todo.pop()
        if path in seen or path.suffix != ".py":
            continue
        seen.add(path)
        for module in imported(path, (checkout / path).read_text(encoding="utf-8")):
            wanted = [Path(*module[:-1], f"{module[-1]}.py"), Path(*module, "__init__.py")] if module else []
            wanted += [Path(*module[:end], "__init__.py") for end in range(1, len(module))]
            todo += [file for file in wanted if file in there]
            lacking = [file for file in wanted if file not in there and (checkout / file).is_file()]
            missing += [f"{path} imports {file}" for file in lacking]
    assert not missing, "\n".join(missing)
    assert Path("lora_training/lora/run.py") in seen, "the training node is followed"


def imported(path: Path, code: str) -> list[tuple[str, ...]]:
    """The modules of the package that a file may import, wherever in it that stands, as parts of their paths."""
    found: list[tuple[str, ...]] = []
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Import):
            names = [alias.name.split(".") for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = ["auface", *path.parent.parts][: len(path.parent.parts) + 2 - node.level] if node.level else []
            source = [*base, *(node.module.split(".") if node.module else [])]
            names = [source, *([*source, alias.name] for alias in node.names)]
        else:
            continue
        found += [tuple(name[1:]) for name in names if name[0] == "auface" and len(name) > 1]
    return found


def test_the_archive_is_small(archive: list[Path], checkout: Path) -> None:
    weights = [path for path in archive if path.parts[0] == "weights"]
    assert sum((checkout / path).stat().st_size for path in archive if path not in weights) < LARGEST
    assert sum((checkout / path).stat().st_size for path in weights) < LARGEST_WEIGHTS


def test_no_code_does_what_a_pack_must_not(archive: list[Path], checkout: Path) -> None:
    wrong: list[str] = []
    for path in archive:
        if path.suffix != ".py":
            continue
        for node in ast.walk(ast.parse((checkout / path).read_text(encoding="utf-8"))):
            found: set[str] = set()
            if isinstance(node, ast.Import):
                found = {alias.name.split(".")[0] for alias in node.names} & FORBIDDEN_MODULES
            elif isinstance(node, ast.ImportFrom) and not node.level:
                found = {(node.module or "").split(".")[0]} & FORBIDDEN_MODULES
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                found = {node.func.id} & FORBIDDEN_CALLS
            elif isinstance(node, ast.Attribute):
                found = {ast.unparse(node)} & FORBIDDEN_ATTRIBUTES
            wrong += [f"{path}:{getattr(node, 'lineno', 0)}: {name}" for name in found]
    assert not wrong, "\n".join(wrong)


def test_no_text_looks_like_what_a_pack_must_not_do(archive: list[Path], checkout: Path) -> None:
    wrong = [
        f"{path}: {match.group()}"
        for path in archive
        if path.suffix in CODE
        for match in FORBIDDEN_TEXT.finditer((checkout / path).read_text(encoding="utf-8"))
    ]
    assert not wrong, "\n".join(wrong)


def test_code_on_the_page_is_plain(archive: list[Path], checkout: Path) -> None:
    for path in archive:
        if path.suffix == ".js":
            text = (checkout / path).read_text(encoding="utf-8")
            assert len(text.splitlines()) <= 400, f"{path} is too long"
            assert max(map(len, text.splitlines())) <= 140, f"{path} has lines as minified code has them"
            assert text.startswith("//"), f"{path} does not say what it is"
            sources = re.findall(r"""from ["']([^"']+)["']""", text)
            assert all(source.startswith(("./", "../../scripts/")) for source in sources), f"{path} imports {sources}"


def test_every_node_has_a_help_page_with_a_picture(checkout: Path) -> None:
    ids = re.findall(
        r'node_id="(\w+)"',
        "".join(path.read_text(encoding="utf-8") for path in (checkout / "nodes").glob("*.py")),
    )
    pages = {path.stem: path.read_text(encoding="utf-8") for path in (checkout / "web" / "docs").glob("*.md")}
    assert sorted(pages) == sorted(ids)
    for name, page in pages.items():
        pictures = re.findall(r"!\[[^]]+\]\(([^)]+)\)", page)
        assert pictures, f"{name} has no picture"
        for picture in pictures:
            assert (checkout / "web" / "docs" / picture).is_file()


def test_ids_begin_with_the_name_of_the_pack(checkout: Path) -> None:
    for path in (checkout / "nodes").glob("*.py"):
        for name in re.findall(r'node_id="(\w+)"', path.read_text(encoding="utf-8")):
            assert name.startswith("AUFace")
