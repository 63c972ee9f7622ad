"""The shape of the house: imports point left, the host stays in one folder, files stay small."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

EVERYTHING_BUT_NODES = {"facs", "structure", "recognition", "pipelines", "autext", "lora_training"}
MAY_IMPORT = {
    "facs": set[str](),
    "structure": {"facs"},
    "recognition": {"facs", "structure"},
    "pipelines": {"facs", "structure", "recognition"},
    "autext": {"facs", "structure", "recognition"},
    "lora_training": EVERYTHING_BUT_NODES,
    "nodes": EVERYTHING_BUT_NODES,
    "garbage.py": set[str](),
    "cli.py": {*EVERYTHING_BUT_NODES, "garbage.py"},
    "__main__.py": {"cli.py"},
    "__init__.py": {"facs", "structure", "recognition", "pipelines", "nodes"},
}
COMFYUI = {"execution", "folder_paths", "nodes", "server"}  # and everything that starts with comfy
LONGEST_FILE = 400


def imports(checkout: Path, module: Path) -> Iterator[tuple[str, str]]:
    """Yield the place of each import and the dotted name that it imports, wherever in the file it stands."""
    package = ["auface", *module.parent.parts]
    for node in ast.walk(ast.parse((checkout / module).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            source = ".".join([*base, *([node.module] if node.module else [])])
            names = [f"{source}.{alias.name}" for alias in node.names]
        else:
            continue
        for name in names:
            yield f"{module}:{node.lineno}", name


def test_every_folder_has_its_place(modules: list[Path]) -> None:
    unknown = {path.parts[0] for path in modules} - set(MAY_IMPORT)
    assert not unknown, f"say in MAY_IMPORT what these may import: {sorted(unknown)}"


def test_imports_point_left(checkout: Path, modules: list[Path]) -> None:
    wrong: list[str] = []
    for module in modules:
        here = module.parts[0]
        for place, name in imports(checkout, module):
            if not name.startswith("auface.") or name == "auface.__version__":
                continue
            there = name.split(".")[1]
            there = f"{there}.py" if f"{there}.py" in MAY_IMPORT else there
            if there not in MAY_IMPORT:
                wrong.append(f"{place}: imports {name} through the root; import it from its home")
            elif there != here and there not in MAY_IMPORT.get(here, set()):
                wrong.append(f"{place}: {here} must not import {there}")
    assert not wrong, "\n".join(wrong)


def test_the_root_imports_nothing_relatively(checkout: Path) -> None:
    tree = ast.parse((checkout / "__init__.py").read_text(encoding="utf-8"))
    relative = [node.lineno for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.level]
    assert not relative, f"under ComfyUI these would get the name of a path: lines {relative}"


def test_only_nodes_know_comfyui(checkout: Path, modules: list[Path]) -> None:
    wrong = [
        f"{place}: {name}"
        for module in modules
        if module.parts[0] != "nodes"
        for place, name in imports(checkout, module)
        if name.startswith("comfy") or name.split(".")[0] in COMFYUI
    ]
    assert not wrong, "only nodes/ may import ComfyUI:\n" + "\n".join(wrong)


def test_facs_needs_numpy_at_most(checkout: Path, modules: list[Path]) -> None:
    allowed = {*sys.stdlib_module_names, "auface", "numpy"}
    wrong = [
        f"{place}: {name}"
        for module in modules
        if module.parts[0] == "facs"
        for place, name in imports(checkout, module)
        if name.split(".")[0] not in allowed
    ]
    assert not wrong, "facs/ is standard library and numpy:\n" + "\n".join(wrong)


def test_files_are_short(checkout: Path, tracked: list[Path]) -> None:
    lengths = {
        path: len((checkout / path).read_text(encoding="utf-8").splitlines())
        for path in tracked
        if path.suffix == ".py"
    }
    long = {str(path): length for path, length in lengths.items() if length > LONGEST_FILE}
    assert not long, f"more than {LONGEST_FILE} lines: {long}"


def test_every_module_says_what_it_is(checkout: Path, tracked: list[Path]) -> None:
    silent = [
        str(path)
        for path in tracked
        if path.suffix == ".py"
        if not ast.get_docstring(ast.parse((checkout / path).read_text(encoding="utf-8")))
    ]
    assert not silent, f"no module docstring: {silent}"
