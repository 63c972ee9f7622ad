"""Options with their section, range and help in one place; the TOML file and the command line are made from them."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from typing import Any, NamedTuple

Value = str | int | float | bool | tuple[str, ...] | dict[str, float]
"""What an option may hold."""


class Limits(NamedTuple):
    """What is accepted for an option beside its type.

    Attributes:
        section: Table of the TOML file.
        help: What it does, in one line.
        least: Smallest number.
        most: Largest number.
        choices: The only accepted words, if there are any.
    """

    section: str
    help: str
    least: float = -math.inf
    most: float = math.inf
    choices: tuple[str, ...] = ()


def option(default: Any, section: str, help: str, **limits: Any) -> Any:
    """Return a field of a dataclass of options.

    Args:
        default: Its default; the type of the option follows from it.
        section: Table of the TOML file.
        help: What it does, in one line.
        **limits: Further fields of `Limits`.
    """
    about = {"limits": Limits(section, help, **limits)}
    if isinstance(default, dict):
        return dataclasses.field(default_factory=lambda: dict(default), metadata=about)
    return dataclasses.field(default=default, metadata=about)


def limits_of(field: dataclasses.Field[Any]) -> Limits:
    """Return what is accepted for a field.

    Args:
        field: A field that `option` made.
    """
    return field.metadata["limits"]


def default_of(field: dataclasses.Field[Any]) -> Value:
    """Return the default of a field.

    Args:
        field: A field that `option` made.
    """
    found: Any = field.default if field.default_factory is dataclasses.MISSING else field.default_factory()
    return found


def checked(field: dataclasses.Field[Any], value: object) -> Value:
    """Return a value as the field holds it.

    Args:
        field: A field that `option` made.
        value: A value from TOML or from Python.

    Raises:
        ValueError: Wrong type or range. The message says what is accepted.
    """
    default, limits = default_of(field), limits_of(field)
    if isinstance(default, bool):
        fits = isinstance(value, bool)
    elif isinstance(default, int):
        fits = isinstance(value, int) and not isinstance(value, bool) and limits.least <= value <= limits.most
    elif isinstance(default, float):
        fits = isinstance(value, int | float) and not isinstance(value, bool) and limits.least <= value <= limits.most
        value = float(value) if fits else value  # pyright: ignore[reportArgumentType]
    elif isinstance(default, tuple):
        fits = isinstance(value, list | tuple) and all(isinstance(item, str) for item in value)
        value = tuple(value) if fits else value  # pyright: ignore[reportArgumentType]
    elif isinstance(default, dict):
        fits = isinstance(value, Mapping) and all(
            isinstance(key, str)
            and isinstance(item, int | float)
            and not isinstance(item, bool)
            and limits.least <= item <= limits.most
            for key, item in value.items()
        )
        value = dict(value) if fits else value  # pyright: ignore[reportArgumentType, reportCallIssue]
    else:
        fits = isinstance(value, str) and (not limits.choices or value in limits.choices)
    if not fits:
        raise ValueError(f"`{field.name}` is {value!r}; accepted is {accepted(field)}.")
    return value  # pyright: ignore[reportReturnType]


def accepted(field: dataclasses.Field[Any]) -> str:
    """Return in words what is accepted for a field.

    Args:
        field: A field that `option` made.
    """
    default, limits = default_of(field), limits_of(field)
    span = ""
    if limits.least > -math.inf:
        span = f" from {limits.least:g}"
    if limits.most < math.inf:
        span += f" to {limits.most:g}"
    if isinstance(default, bool):
        return "true or false"
    if isinstance(default, int):
        return f"a whole number{span}"
    if isinstance(default, float):
        return f"a number{span}"
    if isinstance(default, tuple):
        return "a list of texts"
    if isinstance(default, dict):
        return f"a table of numbers{span}"
    return " or ".join(map(repr, limits.choices)) if limits.choices else "a text"
