"""The command `auface train`: LoRAs and expression adapters from AUText folders; the project's own models."""

from __future__ import annotations

import dataclasses
import inspect
import json
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from auface.lora_training import model_command
from auface.lora_training.lora.config import OF_A_LORA, LoraConfig
from auface.lora_training.lora.config_file import placed, read_config_file
from auface.lora_training.lora.option import Value, accepted, default_of, limits_of
from auface.lora_training.lora.preset import ADAPTER_DEFAULTS, PRESETS

if TYPE_CHECKING:
    from auface.lora_training.loop import Loop
    from auface.lora_training.lora.run import LoraRun, Outcome

app = typer.Typer(name="train", help="Train LoRAs and adapters.", no_args_is_help=True, rich_markup_mode=None)
"""The sub-commands; the root command mounts this as `train`."""

INTERRUPTED = 130
"""Exit code of a run that was stopped before its end."""

_EPILOG = "Example: auface train lora --preset mini --data faces --out grin --trigger grinface"
_ADAPTER_EPILOG = "Example: auface train adapter --preset sd15 --data heads --out sd15-faces --device cuda"


@app.callback()
def _root() -> None:
    """Train LoRAs and adapters. A run can be killed at any time; the same command goes on with it."""


def lora(
    config: Path | None, preset: str, dry_run: bool, overwrite: bool, as_json: bool, quiet: bool, **given: Any
) -> None:
    """Train a LoRA on an AUText folder.

    Options come from the preset, then the TOML file, then the flags. What lies in --out is gone on with.
    """
    _run(config, preset, {}, given, dry_run=dry_run, overwrite=overwrite, as_json=as_json, quiet=quiet)


def adapter(
    config: Path | None, preset: str, dry_run: bool, overwrite: bool, as_json: bool, quiet: bool, **given: Any
) -> None:
    """Train an expression adapter for a base that has none, on an AUText folder with landmarks.

    The base stays as it is. Options come from the preset, then the TOML file, then the flags. What lies in --out is
    gone on with; --adapter names one to begin with.
    """
    _run(config, preset, ADAPTER_DEFAULTS, given, dry_run=dry_run, overwrite=overwrite, as_json=as_json, quiet=quiet)


def _run(
    config: Path | None,
    preset: str,
    defaults: Mapping[str, Value],
    given: Mapping[str, Any],
    *,
    dry_run: bool,
    overwrite: bool,
    as_json: bool,
    quiet: bool,
) -> None:
    values, named = read_config_file(config) if config is not None else ({}, "")
    flags = {name: _value(name, value) for name, value in given.items() if value not in (None, [])}
    chosen = preset or named
    start = {**PRESETS.get(chosen, {}), **defaults} if defaults else {}  # pyright: ignore - unknown ones are refused below
    try:
        wanted = LoraConfig.of({**start, **values, **flags}, chosen)
    except ValueError as error:
        raise (placed(error, config, set(values) - set(flags)) if config is not None else error) from None
    if dry_run:
        from auface.lora_training.lora.estimate import estimate
        from auface.pipelines.generation.base import quiet_libraries

        quiet_libraries()
        for name in ("base", "data"):
            if not getattr(wanted, name):
                raise ValueError(f"`--{name}` is missing; accepted is a folder.")
        found = estimate(wanted)
        typer.echo(json.dumps(dataclasses.asdict(found)) if as_json else found.text())
        return
    try:
        finished = _train(wanted, overwrite=overwrite, as_json=as_json, quiet=quiet)
    except (FloatingPointError, OSError) as error:
        typer.echo(f"auface: {error}", err=True)
        raise typer.Exit(model_command.FAILED) from None
    if not finished:
        raise typer.Exit(INTERRUPTED)


def _tell(outcome: Outcome, *, as_json: bool, quiet: bool) -> None:
    answer = {
        "step": outcome.step,
        "finished": outcome.finished,
        "files": [str(file) for file in outcome.files],
        "report": str(outcome.report) if outcome.report else None,
        "best": outcome.best,
    }
    if as_json:
        typer.echo(json.dumps(answer))
    elif not quiet and outcome.finished:
        best = f"; the best validation was at step {outcome.best}" if outcome.best is not None else ""
        typer.echo(f"{outcome.step} steps: {', '.join(answer['files'])}{best}. Look at {answer['report']}.")
    if not outcome.finished:
        typer.echo(f"auface: stopped after step {outcome.step}; the same command goes on from there.", err=True)


def _train(config: LoraConfig, *, overwrite: bool, as_json: bool, quiet: bool) -> bool:
    from auface.lora_training.face_consistency import FaceConsistency
    from auface.lora_training.lora.run import LoraRun, device_of
    from auface.lora_training.lora.unit_reader import UnitJudge, recognizer_or_none
    from auface.pipelines.generation.base import quiet_libraries

    quiet_libraries()
    recognizer = recognizer_or_none()
    judge = face_loss = None
    if recognizer is not None:
        judge = UnitJudge(recognizer)
        if config.reads_faces:
            face_loss = FaceConsistency.of(recognizer, device_of(config.device), asked_weight=config.asked_weight)
    elif name := config.reads_faces:
        value = getattr(config, name)
        raise ValueError(f"`{name}` is {value}, and the recognizer is not installed; accepted is 0.")
    elif not quiet and not as_json:
        typer.echo("auface: the recognizer is not installed: validations have the held-out loss alone.", err=True)
    run = LoraRun(config, overwrite=overwrite, judge=judge, face_loss=face_loss)
    with _stopped_by_signals(run), _bars(quiet or as_json) as bar:
        with bar("caches", run.work()) as advance:
            run.prepare(advance)
        with bar("training", config.steps) as advance:
            outcome = run.train([_Progress(advance)])
    if outcome.first:
        _tell(outcome, as_json=as_json, quiet=quiet)
    run.together()  # a launcher ends all processes as soon as one has ended as interrupted
    return outcome.finished


class _Progress:
    """Moves a progress bar."""

    def __init__(self, advance: Callable[[int], None]) -> None:
        self._advance, self._told = advance, 0

    def after(self, loop: Loop, losses: dict[str, float]) -> None:
        self._advance(loop.step - self._told)
        self._told = loop.step

    def state(self) -> dict[str, Any]:
        return {}

    def restore(self, state: dict[str, Any]) -> None:
        pass


@contextmanager
def _stopped_by_signals(run: LoraRun) -> Iterator[None]:
    """End at a step, with a checkpoint, when the user or the system asks to; a second time ends at once."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(number: int, frame: object) -> None:
        for kind, handler in before.items():
            signal.signal(kind, handler)
        run.stop()

    before = {kind: signal.signal(kind, stop) for kind in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for kind, handler in before.items():
            signal.signal(kind, handler)


@contextmanager
def _bars(quiet: bool) -> Iterator[Callable[[str, int], Any]]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    progress = Progress(*columns, console=Console(stderr=True), disable=quiet, transient=True)
    started = time.monotonic()

    @contextmanager
    def bar(name: str, total: int) -> Iterator[Callable[[int], None]]:
        task = progress.add_task(name, total=total, visible=False)

        def advance(count: int) -> None:
            progress.update(task, advance=count, visible=time.monotonic() - started > 2)

        yield advance
        progress.remove_task(task)

    with progress:
        yield bar


def _value(name: str, value: Any) -> Value:
    """Return the value of a flag as the configuration wants it."""
    default = default_of({field.name: field for field in dataclasses.fields(LoraConfig)}[name])
    if not isinstance(default, dict):
        return tuple(value) if isinstance(default, tuple) else value
    found: dict[str, float] = {}
    for piece in str(value).split(","):
        key, equals, number = piece.partition("=")
        try:
            found[key.strip()] = float(number)
        except ValueError:
            equals = ""
        if not equals:
            raise ValueError(f"`{name}` is {value!r}; accepted is such as down_blocks.0=4,mid_block=0.")
    return found


def _flag(field: dataclasses.Field[Any], defaults: Mapping[str, Value]) -> inspect.Parameter:
    default, limits = defaults.get(field.name, default_of(field)), limits_of(field)
    flag = "--" + field.name.replace("_", "-")
    kind: Any = type(default)
    if isinstance(default, bool):
        kind, flag = bool, f"{flag}/--no-{flag[2:]}"
    elif isinstance(default, tuple):
        kind = list[str]
    elif isinstance(default, dict):
        kind = str
    shown = f" ({accepted(field)}; default {default!r})"
    option = typer.Option(flag, help=limits.help + shown, show_default=False, rich_help_panel=limits.section)
    annotation = Annotated[kind | None, option]
    return inspect.Parameter(field.name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=annotation)


def _own_flags() -> list[inspect.Parameter]:
    presets = ", ".join(PRESETS)
    own: list[tuple[str, Any, Any, Any]] = [
        ("config", Path | None, None, typer.Option("--config", help="TOML file of options.")),
        ("preset", str, "", typer.Option("--preset", help=f"Options to start from: {presets}.")),
        ("dry_run", bool, False, typer.Option("--dry-run", help="Only tell what, memory and time.")),
        (
            "overwrite",
            bool,
            False,
            typer.Option("--overwrite", help="Throw away what is in --out, but not caches."),
        ),
        ("as_json", bool, False, typer.Option("--json", help="Print JSON.")),
        ("quiet", bool, False, typer.Option("--quiet", help="No progress bar and no summary.")),
    ]
    kind = inspect.Parameter.KEYWORD_ONLY
    return [inspect.Parameter(name, kind, default=value, annotation=Annotated[of, how]) for name, of, value, how in own]


def _mount(command: Any, epilog: str, without: set[str], defaults: Mapping[str, Value]) -> None:
    """Add a sub-command that has the options of the configuration as flags, but for some, and its own defaults."""
    fields = [field for field in dataclasses.fields(LoraConfig) if field.name not in without]
    parameters = [*_own_flags(), *(_flag(field, defaults) for field in fields)]
    command.__signature__ = inspect.Signature(parameters)
    command.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    app.command(name=command.__name__, epilog=epilog)(command)


_mount(lora, _EPILOG, {"expression_dropout"}, {})
_mount(adapter, _ADAPTER_EPILOG, {*OF_A_LORA, "algorithm"}, ADAPTER_DEFAULTS)
model_command.mount(app)
