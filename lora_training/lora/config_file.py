"""The TOML file of a training: read with errors that name file and line, and written."""

from __future__ import annotations

import dataclasses
import difflib
import json
import re
import sys
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, get_args

from auface.lora_training.lora.config import LoraConfig
from auface.lora_training.lora.option import Value, checked, limits_of
from auface.lora_training.lora.preset import Preset


def read_config_file(path: Path) -> tuple[dict[str, Value], str]:
    """Return the options that a file sets, and the preset that it starts from.

    Args:
        path: TOML file with sections as `LoraConfig.sections` names them, and perhaps `preset` before them.

    Raises:
        ValueError: The file cannot be read, or an option is unknown, in the wrong section, or wrong. The message has
            the place as FILE:LINE and what is accepted.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(f"`config` is {str(path)!r}, which cannot be read: {error}.") from None
    tables = _parsed(path, text)
    fields = {field.name: field for field in dataclasses.fields(LoraConfig)}
    sections = {limits_of(field).section for field in fields.values()}
    values: dict[str, Value] = {}
    preset = tables.pop("preset", "")
    if preset and preset not in get_args(Preset):
        accepted = " or ".join(map(repr, get_args(Preset)))
        raise ValueError(f"{_place(path, text, '', 'preset')}: `preset` is {preset!r}; accepted is {accepted}.")
    for section, table in tables.items():
        if section not in sections or not isinstance(table, Mapping):
            place = _place(path, text, "" if not isinstance(table, Mapping) else section, section)
            raise ValueError(f"{place}: `{section}` is no section; accepted are {', '.join(sorted(sections))}.")
        for name, value in table.items():
            place = _place(path, text, section, name)
            if name not in fields:
                raise ValueError(f"{place}: `{name}` is no option{_hint(name, section, fields)}.")
            home = limits_of(fields[name]).section
            if home != section:
                raise ValueError(f"{place}: `{name}` is in [{section}]; accepted is [{home}].")
            try:
                values[name] = checked(fields[name], value)
            except ValueError as error:
                raise ValueError(f"{place}: {error}") from None
    return values, preset


def placed(error: ValueError, path: Path, names: Collection[str]) -> ValueError:
    """Return an error of options that do not go together, with the place of the first that stands in the file.

    Args:
        error: Names options in backquotes.
        path: The file.
        names: Options that the file decides.
    """
    found = next((name for name in re.findall(r"`(\w+)`", str(error)) if name in names), None)
    if found is None:
        return error
    home = next(limits_of(field).section for field in dataclasses.fields(LoraConfig) if field.name == found)
    return ValueError(f"{_place(path, path.read_text(encoding='utf-8'), home, found)}: {error}")


def read_options(text: str, name: str) -> dict[str, Any]:
    """Return the options that a few lines set, with sections or without; `LoraConfig.of` checks them.

    Args:
        text: TOML, such as "rank = 8".
        name: What the text is called, for errors.

    Raises:
        ValueError: It is no TOML.
    """
    sections = {limits_of(field).section for field in dataclasses.fields(LoraConfig)}
    values: dict[str, Any] = {}
    for key, value in _parsed(Path(name), text).items():
        values.update(value if key in sections and isinstance(value, Mapping) else {key: value})
    return values


def config_toml(config: LoraConfig) -> str:
    """Return a configuration as the text of a TOML file.

    Args:
        config: The configuration.
    """
    lines: list[str] = []
    for section, options in config.sections().items():
        lines += [f"[{section}]", *(f"{name} = {_written(value)}" for name, value in options.items()), ""]
    return "\n".join(lines)


def _parsed(path: Path, text: str) -> dict[str, Any]:
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        try:
            import tomli as tomllib
        except ImportError:
            raise ImportError("TOML needs tomli before Python 3.11, which auface[train] brings") from None
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"line (\d+)", str(error))
        line = found[1] if found else text.count("\n") + 1
        raise ValueError(f"{path.name}:{line}: this is not TOML: {error}.") from None


def _place(path: Path, text: str, section: str, name: str) -> str:
    """Return FILE:LINE of an option; TOML readers do not tell."""
    current = ""
    for number, line in enumerate(text.splitlines(), 1):
        if header := re.match(r"\s*\[\s*([\w.\"'-]+)\s*\]", line):
            current = header[1].strip("\"'")
            if current in (f"{section}.{name}", name if name == section else ""):
                return f"{path.name}:{number}"
        elif current == section and re.match(rf"\s*[\"']?{re.escape(name)}[\"']?\s*[=.]", line):
            return f"{path.name}:{number}"
    return path.name


def _hint(name: str, section: str, fields: Mapping[str, dataclasses.Field[Any]]) -> str:
    near = difflib.get_close_matches(name, fields, 1)
    own = ", ".join(key for key, field in fields.items() if limits_of(field).section == section)
    return f"; accepted in [{section}] are {own}" + (f"; did you mean `{near[0]}`?" if near else "")


def _written(value: Value) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key)} = {item}" for key, item in value.items()) + "}"
    if isinstance(value, tuple):
        return "[" + ", ".join(map(_written, value)) + "]"
    return json.dumps(value, ensure_ascii=False)
