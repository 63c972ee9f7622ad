"""The commands `auface train structure | recognizer | mini`: the project's own models."""

from __future__ import annotations

import importlib
from collections.abc import Callable

import typer

FAILED = 1
"""Exit code of a run that cannot go on: a full disk, a loss that is no number."""

MODELS = {
    "structure": "Train the structural prior, VQ-AUFace, on synthetic heads.",
    "recognizer": "Train the recognizer: faces, landmarks, action units.",
    "mini": "Train auface-mini, the model that comes along.",
}
"""Names of the models that the project trains for itself, each a folder beside this module, and what is said of it."""


def mount(app: typer.Typer) -> None:
    """Add the commands; their options are those of each folder's `__main__`, which is read when it is asked for.

    Args:
        app: Where they belong.
    """
    settings = {"allow_extra_args": True, "ignore_unknown_options": True}
    for name, text in MODELS.items():
        app.command(name=name, help=text, context_settings=settings, add_help_option=False)(_forward(name))


def _forward(name: str) -> Callable[[typer.Context], None]:
    def command(context: typer.Context) -> None:
        try:
            importlib.import_module(f"auface.lora_training.{name}.__main__").main(context.args)
        except (FloatingPointError, OSError) as error:
            typer.echo(f"auface: {error}", err=True)
            raise typer.Exit(FAILED) from None

    return command
