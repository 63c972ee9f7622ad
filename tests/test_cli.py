"""The command line, run as a user runs it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from auface.facs import ActionUnit


def auface(*arguments: str, text: str | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from auface.cli import main; main()", *arguments]
    return subprocess.run(command, input=text, capture_output=True, text=True, timeout=60)


def test_the_package_is_the_command() -> None:
    done = subprocess.run([sys.executable, "-m", "auface", "parse", "1+2"], capture_output=True, text=True)
    assert (done.returncode, done.stdout.splitlines()[0]) == (0, "1C+2C")
    wrong = subprocess.run([sys.executable, "-m", "auface", "parse", "1+x"], capture_output=True, text=True)
    assert wrong.returncode == 2


def test_the_command_seeks_garbage_rarely() -> None:
    code = "import atexit, gc; atexit.register(lambda: print(gc.isenabled(), gc.get_threshold()[0]))"
    done = subprocess.run(
        [sys.executable, "-c", f"{code}; from auface.cli import main; main()", "--version"],
        capture_output=True,
        text=True,
    )
    assert done.stdout.splitlines()[-1] == "True 50000", "imports make a million objects that stay"


def test_parse_shows_units_with_names_and_letters() -> None:
    run = auface("parse", "L12D+25")
    assert run.returncode == 0
    assert run.stdout.splitlines()[0] == "L12D+25C"
    assert "Lip corner puller" in run.stdout


def test_parse_tells_what_it_understood_and_what_not() -> None:
    run = auface("parse", "one eye closed, a slight smile, red hat, no frown", "--json")
    answer = json.loads(run.stdout)
    assert answer["notation"] == "12B+L43E"
    assert [piece["text"] for piece in answer["not_understood"]] == ["red hat"]
    assert [(piece["text"], piece["units"], piece["negated"]) for piece in answer["understood"]] == [
        ("eye closed", "L43E", False),
        ("slight smile", "12B", False),
        ("frown", "4C", True),
    ]
    assert "left" in answer["understood"][0]["note"]


def test_an_expression_may_come_from_standard_input() -> None:
    assert json.loads(auface("parse", "-", "--json", text="12B\n").stdout)["notation"] == "12B"


def test_describe_is_canonical_without_a_seed_and_sampled_with_one() -> None:
    assert auface("describe", "6+12").stdout == "There is a smile that reaches the eyes.\n"
    one, two = auface("describe", "1+4+15", "--seed", "1"), auface("describe", "1+4+15", "--seed", "1")
    assert one.stdout == two.stdout
    many = json.loads(auface("describe", "1+4+15", "--count", "20", "--json").stdout)["descriptions"]
    assert len(set(many)) == 20


def test_units_are_searchable() -> None:
    rows = json.loads(auface("units", "zygomaticus", "--json").stdout)
    assert [row["unit"] for row in rows] == [11, 12]
    assert [row["unit"] for row in json.loads(auface("units", "AU12", "--json").stdout)] == [12]
    assert [row["unit"] for row in json.loads(auface("units", "--json").stdout)] == list(ActionUnit)


def test_conflicts_are_explained_and_resolved() -> None:
    answer = json.loads(auface("conflicts", "24D+26C", "--json").stdout)
    assert answer["resolved"] == "24D"
    assert [(row["first"], row["second"], row["possible"]) for row in answer["conflicts"]] == [(24, 26, False)]
    assert "pressed lips keep the mouth closed" in auface("conflicts", "24D+26C").stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ("parse", "99"),
        ("parse", ""),
        ("parse", "a red banana"),
        ("describe", "12", "--length", "long"),
        ("describe", "12", "--count", "0"),
        ("describe", "12", "--count", "5000"),
        ("describe", "24+26", "--policy", "strict"),
        ("units", "banana"),
        ("conflicts", "24+26", "--policy", "strict"),
        ("parse",),
        ("frobnicate",),
    ],
)
def test_bad_input_is_one_line_on_stderr_and_exit_code_2(arguments: tuple[str, ...]) -> None:
    run = auface(*arguments)
    assert run.returncode == 2
    assert run.stdout == ""
    assert run.stderr.startswith("auface: ")
    assert run.stderr.count("\n") == 1


@pytest.mark.parametrize("command", ["parse", "describe", "units", "conflicts", "generate"])
def test_every_command_has_help_with_an_example(command: str) -> None:
    run = auface(command, "--help")
    assert run.returncode == 0
    assert "Example: auface" in run.stdout


def test_shell_completion_can_be_shown() -> None:
    assert "--install-completion" in auface("--help").stdout


@pytest.mark.parametrize("module", ["torch", "safetensors"])
def test_a_command_whose_extra_is_missing_names_it(module: str, tmp_path: Path) -> None:
    code = f"import sys; sys.modules[{module!r}] = None; from auface.cli import main; main()"
    command = [sys.executable, "-c", code, "structure", "a smile", "--out", str(tmp_path / "out")]
    run = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert run.returncode == 2
    assert run.stderr.count("\n") == 1
    assert "auface[structure]" in run.stderr
    assert not (tmp_path / "out").exists()
