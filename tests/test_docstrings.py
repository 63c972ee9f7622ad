"""Public things are documented, documented arguments are the real ones, and everything is annotated."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

Function = ast.FunctionDef | ast.AsyncFunctionDef
Definition = Function | ast.ClassDef


def definitions(parent: ast.AST, owner: str = "") -> Iterator[tuple[str, Definition]]:
    """Yield the functions, classes and methods that can be named from outside, each with its dotted name."""
    for node in ast.iter_child_nodes(parent):
        if isinstance(node, Definition):
            yield owner + node.name, node
            if isinstance(node, ast.ClassDef):
                yield from definitions(node, f"{owner}{node.name}.")
        elif isinstance(node, ast.If | ast.Try | ast.With):
            yield from definitions(node, owner)


def decorators(node: Definition) -> set[str]:
    """The last part of each decorator's name: `overload` for `@typing.overload`."""
    bare = [item.func if isinstance(item, ast.Call) else item for item in node.decorator_list]
    return {ast.unparse(item).split(".")[-1] for item in bare}


def needs_docstring(name: str, node: Definition) -> bool:
    """Whether the house style asks for a docstring: public, and not explained elsewhere."""
    if any(part.startswith("_") for part in name.split(".")):
        return False
    return not decorators(node) & {"overload", "override", "setter"}


def parameters(node: Function, *, method: bool) -> list[ast.arg]:
    """The arguments in the order of the signature, without `self` or `cls`; `*` and `**` are part of the names."""
    arguments = node.args
    positional = [*arguments.posonlyargs, *arguments.args]
    if method and "staticmethod" not in decorators(node):
        positional = positional[1:]
    starred = [ast.arg(f"*{arguments.vararg.arg}", arguments.vararg.annotation)] if arguments.vararg else []
    keywords = [ast.arg(f"**{arguments.kwarg.arg}", arguments.kwarg.annotation)] if arguments.kwarg else []
    return [*positional, *starred, *arguments.kwonlyargs, *keywords]


def constructor_arguments(node: ast.ClassDef) -> list[str]:
    """What the class is called with: the arguments of `__init__`, or else the fields of the dataclass."""
    for item in node.body:
        if isinstance(item, Function) and item.name == "__init__":
            return [argument.arg for argument in parameters(item, method=True)]
    fields = [item for item in node.body if isinstance(item, ast.AnnAssign)]
    return [
        ast.unparse(field.target)
        for field in fields
        if "ClassVar" not in ast.unparse(field.annotation) and "init=False" not in ast.unparse(field)
    ]


def documented_arguments(docstring: str) -> list[str] | None:
    """The names in the section `Args:`, or None without that section."""
    section = re.search(r"^Args:\n((?:(?: .*)?\n)*)", docstring + "\n", re.MULTILINE)
    return re.findall(r"^    (\*{0,2}\w+):", section[1], re.MULTILINE) if section else None


@pytest.fixture(scope="module")
def everything(checkout: Path, modules: list[Path]) -> list[tuple[str, str, Definition]]:
    """Every definition of the product as (place, dotted name, node)."""
    return [
        (f"{module}:{node.lineno}", name, node)
        for module in modules
        for name, node in definitions(ast.parse((checkout / module).read_text(encoding="utf-8")))
    ]


def test_public_things_have_a_docstring(everything: list[tuple[str, str, Definition]]) -> None:
    silent = [
        f"{place}: {name}"
        for place, name, node in everything
        if needs_docstring(name, node) and not ast.get_docstring(node)
    ]
    assert not silent, "no docstring:\n" + "\n".join(silent)


def test_documented_arguments_are_the_signature(everything: list[tuple[str, str, Definition]]) -> None:
    wrong: list[str] = []
    for place, name, node in everything:
        documented = documented_arguments(ast.get_docstring(node) or "")
        if documented is None:
            continue
        if isinstance(node, ast.ClassDef):
            real = constructor_arguments(node)
        else:
            real = [argument.arg for argument in parameters(node, method="." in name)]
        if documented != real:
            wrong.append(f"{place}: {name} documents {documented} but takes {real}")
    assert not wrong, "\n".join(wrong)


def test_everything_is_annotated(checkout: Path, modules: list[Path]) -> None:
    wrong: list[str] = []
    for module in modules:
        tree = ast.parse((checkout / module).read_text(encoding="utf-8"))
        methods = {item for node in ast.walk(tree) if isinstance(node, ast.ClassDef) for item in node.body}
        for node in ast.walk(tree):
            if not isinstance(node, Function):
                continue
            bare = [argument.arg for argument in parameters(node, method=node in methods) if not argument.annotation]
            bare += [] if node.returns else ["return"]
            if bare:
                wrong.append(f"{module}:{node.lineno}: {node.name} lacks annotations: {', '.join(bare)}")
    assert not wrong, "\n".join(wrong)


def test_the_reader_of_docstrings_reads_google_style() -> None:
    docstring = "Do.\n\nArgs:\n    one: First,\n        going on.\n\n    *more: Rest.\n\nReturns:\n    two: no."
    assert documented_arguments(docstring) == ["one", "*more"]
    assert documented_arguments("Do.") is None
