"""Command line: the language, `structure`, `generate`, `recognize`, `verify`, `dataset`, `train` and `bench`.

Every command takes `--json`. Bad input ends with one line on stderr and exit code 2.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Any, Literal, NoReturn

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

import auface
from auface.autext import command as dataset
from auface.facs import (
    ActionUnit,
    Conflict,
    Expression,
    Sides,
    as_expression,
    describe,
    find_conflicts,
    read,
    resolve,
    sample_descriptions,
)
from auface.facs.intensity import format_number, letter
from auface.facs.request import is_english
from auface.garbage import seek_rarely
from auface.lora_training import command as train
from auface.pipelines.command import app as generate_app
from auface.recognition.command import app as recognition_app
from auface.recognition.evaluation import command as bench
from auface.structure.command import app as structure_app

app = typer.Typer(
    name="auface",
    help="Direct a face with the anatomy of expression: FACS action units in words, notation or numbers.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

app.add_typer(structure_app)
app.add_typer(generate_app)
app.add_typer(recognition_app)
app.add_typer(dataset.app, name="dataset")
app.add_typer(train.app, name="train")
app.add_typer(bench.app, name="bench")

ExpressionArgument = Annotated[
    str,
    typer.Argument(
        metavar="EXPRESSION", help="FACS notation ('1+2C+L12D'), English ('a slight smile'), or - for stdin."
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]


_INTERRUPTED = 130
"""Exit code after Ctrl-C."""

_EXTRAS = {
    "torch": "structure",
    "safetensors": "structure",
    "PIL": "structure",
    "pandas": "recognition",
    "diffusers": "pipelines",
}
"""Package that may be missing -> the extra that brings it."""


def main() -> None:
    """Run the command line; bad input ends with one line on stderr and exit code 2."""
    seek_rarely()
    try:
        code = app(standalone_mode=False)
        if code == _INTERRUPTED:
            _fail("interrupted", _INTERRUPTED)
        sys.exit(code)
    except typer.Abort:
        _fail("interrupted", _INTERRUPTED)
    except ModuleNotFoundError as error:
        if error.name not in _EXTRAS:
            raise
        _fail(f"this command needs {error.name}: pip install 'auface[{_EXTRAS[error.name]}]'", 2)
    except (ValueError, ImportError, OSError) as error:  # files that cannot be read or written, a full disk
        _fail(str(error), 2)
    except Exception as error:
        # Typer carries its own copy of click, so the base class of usage errors has no public name.
        if not hasattr(error, "format_message"):
            raise
        _fail(error.format_message().replace("Value error, ", ""), 2)  # type: ignore[attr-defined]


def _fail(message: str, code: int) -> NoReturn:
    if message:
        sys.stderr.write(f"auface: {' '.join(message.split())}\n")
    sys.exit(code)


@app.callback(invoke_without_command=True)
def _root(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    context.obj = _picture_landmarks
    if version:
        typer.echo(auface.__version__)
        raise typer.Exit


def _picture_landmarks(path: Path, option: str) -> Any:
    """Find a face for commands of folders that may not import recognition."""
    from auface.pipelines.generation.photo import picture_landmarks

    return picture_landmarks(path, option)


@app.command()
def parse(expression: ExpressionArgument, as_json: JsonOption = False) -> None:
    """Read an expression and show its action units.

    English shows also what was understood, and what was not.

    Example: auface parse "1+2C+L12D+26"
    """
    text = _input(expression)
    parsed = as_expression(text)
    reading = read(text) if is_english(text) else None
    if as_json:
        answer: dict[str, Any] = {"notation": parsed.notation(), **json.loads(parsed.to_json())}
        if reading is not None:
            answer["understood"] = [
                {
                    "start": span.start,
                    "end": span.end,
                    "text": span.text,
                    "units": Expression(span.activations).notation(),
                    "negated": span.negated,
                    "note": span.note,
                }
                for span in reading.spans
            ]
            answer["not_understood"] = [
                {"start": piece.start, "end": piece.end, "text": piece.text} for piece in reading.unread
            ]
        typer.echo(json.dumps(answer))
        return
    console = Console(soft_wrap=True)
    console.print(f"[bold]{parsed.notation()}[/bold]")
    if not parsed.is_neutral:
        console.print(_activation_table(parsed))
    if reading is not None:
        for span in reading.spans:
            units = Expression(span.activations).notation()
            note = f" ({span.note})" if span.note else ""
            console.print(
                f"  {escape(repr(span.text))}: {'not ' if span.negated else ''}{units}{note}", highlight=False
            )
        if reading.unread:
            pieces = ", ".join(repr(piece.text) for piece in reading.unread)
            console.print(f"  not understood: {escape(pieces)}", highlight=False)


@app.command(name="describe")
def describe_command(
    expression: ExpressionArgument,
    length: Annotated[
        Literal["tag", "sentence", "detailed"], typer.Option(help="Prompt tags, one sentence, or several.")
    ] = "sentence",
    seed: Annotated[
        int | None, typer.Option(help="Sample the wording; without a seed it is the canonical one.")
    ] = None,
    count: Annotated[int, typer.Option(min=1, help="How many different descriptions; more than one are sampled.")] = 1,
    policy: Annotated[
        Literal["natural", "strict", "keep"],
        typer.Option(help="Units that a face cannot combine: resolve them, refuse, or say them as asked."),
    ] = "natural",
    as_json: JsonOption = False,
) -> None:
    """Say in English what the face does.

    Example: auface describe "1+4+15B" --length detailed
    """
    request = as_expression(_input(expression))
    if count > 1:
        texts = sample_descriptions(request, count, length=length, seed=seed or 0, conflict_policy=policy)
    else:
        texts = [describe(request, length=length, seed=seed, conflict_policy=policy)]
    if as_json:
        typer.echo(json.dumps({"notation": request.notation(), "descriptions": texts}))
    else:
        typer.echo("\n".join(texts))


@app.command()
def units(
    query: Annotated[str, typer.Argument(help="Number, or words in name, muscles, region or description.")] = "",
    as_json: JsonOption = False,
) -> None:
    """List the action units, or search them.

    Example: auface units "lip corner"
    """
    found = [unit for unit in ActionUnit if _matches(unit, query)]
    if not found:
        raise ValueError(f"no action unit matches {query!r}; `auface units` lists all.")
    if as_json:
        typer.echo(json.dumps([_unit_row(unit) for unit in found]))
        return
    table = Table(box=None, pad_edge=False)
    for heading in ("AU", "name", "sides", "words", "muscles"):
        table.add_column(heading, overflow="fold")
    for unit in found:
        row = _unit_row(unit)
        table.add_row(str(row["unit"]), row["name"], row["sides"], row["words"], row["muscles"])
    Console().print(table)


@app.command()
def conflicts(
    expression: ExpressionArgument,
    policy: Annotated[
        Literal["natural", "strict", "keep"],
        typer.Option(help="How to resolve them; strict refuses what is impossible."),
    ] = "natural",
    as_json: JsonOption = False,
) -> None:
    """Explain which units do not go together, and what a face can do instead.

    Example: auface conflicts "12E+15E+24+26"
    """
    request = as_expression(_input(expression))
    found = find_conflicts(request)
    resolved = resolve(request, policy)
    if as_json:
        answer = {
            "notation": request.notation(),
            "resolved": resolved.notation(),
            "conflicts": [_conflict_row(conflict) for conflict in found],
        }
        typer.echo(json.dumps(answer))
        return
    for conflict in found:
        typer.echo(f"{'-' if conflict.possible else '!'} {conflict.explanation}")
    if not found:
        typer.echo("No two of these units get in each other's way.")
    if resolved != request:
        typer.echo(f"resolved: {resolved.notation()}")


def _input(expression: str) -> str:
    return sys.stdin.read() if expression == "-" else expression


def _activation_table(expression: Expression) -> Table:
    table = Table(box=None, pad_edge=False)
    for heading in ("AU", "name", "left", "right"):
        table.add_column(heading)
    for unit, left, right in expression:
        table.add_row(str(unit.value), unit.label, _intensity(left), _intensity(right))
    return table


def _intensity(value: float) -> str:
    return f"{letter(value)} {format_number(value)}" if value else "-"


def _unit_row(unit: ActionUnit) -> dict[str, Any]:
    alone = (
        Expression.of({unit: (unit.default_intensity, 0.0)}) if unit.sides is Sides.ONE else Expression.of({unit: 3.0})
    )
    return {
        "unit": unit.value,
        "name": unit.label,
        "kind": unit.facts.kind.value,
        "region": unit.facts.region.value,
        "muscles": unit.facts.muscles,
        "sides": {Sides.TOGETHER: "both at once", Sides.EACH: "left, right or both", Sides.ONE: "left or right"}[
            unit.sides
        ],
        "default_intensity": unit.default_intensity,
        "words": describe(alone, length="tag"),
    }


def _matches(unit: ActionUnit, query: str) -> bool:
    row = _unit_row(unit)
    if query.strip().upper().removeprefix("AU").isdigit():
        return unit.value == int(query.strip().upper().removeprefix("AU"))
    text = " ".join(str(row[key]) for key in ("name", "kind", "region", "muscles", "words")).lower()
    return all(word in text for word in query.lower().split())


def _conflict_row(conflict: Conflict) -> dict[str, Any]:
    return {
        "first": conflict.first.value,
        "second": conflict.second.value,
        "side": conflict.side,
        "kind": conflict.kind.value,
        "possible": conflict.possible,
        "explanation": conflict.explanation,
    }
