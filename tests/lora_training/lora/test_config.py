"""Options are checked wherever they come from; errors of a file name its line and what is accepted."""

import dataclasses
from pathlib import Path

import pytest
from command_line import auface

from auface.lora_training.lora.config import LoraConfig
from auface.lora_training.lora.config_file import config_toml, read_config_file
from auface.lora_training.lora.option import limits_of
from auface.lora_training.lora.preset import PRESETS


@pytest.mark.parametrize("preset", ["", *PRESETS])
def test_every_preset_is_written_and_read_again(preset: str, tmp_path: Path) -> None:
    config = LoraConfig.of({"block_rank": {"mid_block": 2}, "prompts": ['a "face"', "näive"]}, preset)
    path = tmp_path / "run.toml"
    path.write_text(config_toml(config), encoding="utf-8")
    values, named = read_config_file(path)
    assert named == ""
    assert LoraConfig.of(values) == config


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[network]\nrank = 8\nrnk = 4\n", r"run.toml:3: `rnk` is no option; accepted in \[network\] are .*`rank`\?"),
        ("[network]\nrank = 0\n", "run.toml:2: `rank` is 0; accepted is a whole number from 1 to 1024."),
        ("[network]\nrank = 4.5\n", "run.toml:2: `rank` is 4.5; accepted is a whole number"),
        ("[network]\nrank = true\n", "run.toml:2: `rank` is True; accepted is a whole number"),
        ("\n[data]\nrank = 4\n", r"run.toml:3: `rank` is in \[data\]; accepted is \[network\]"),
        ("[netwrok]\nrank = 4\n", "run.toml:1: `netwrok` is no section; accepted are base, data"),
        ("rank = 4\n", "run.toml:1: `rank` is no section"),
        ("[run]\nsteps = 10\nschedule = 'linear'\n", "run.toml:3: `schedule` is 'linear'; accepted is 'cosine' or"),
        ("[run]\nsteps = = 1\n", "run.toml:2: this is not TOML"),
        (
            "[network]\nblock_rank = {mid_block = -1}\n",
            "run.toml:2: `block_rank` is .*; accepted is a table",
        ),
        ("[network]\n[network.block_rank]\nmid_block = 'a'\n", "run.toml:2: `block_rank`"),
        ("[validation]\nprompts = [1]\n", "run.toml:2: `prompts` is .*; accepted is a list of texts"),
        ("preset = 3\n", "run.toml:1: `preset` is 3"),
        ("\npreset = 'sd3'\n", "run.toml:2: `preset` is 'sd3'; accepted is 'mini' or 'sd15' or 'sdxl'"),
    ],
)
def test_errors_of_a_file_name_line_and_what_is_accepted(text: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "run.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=message):
        read_config_file(path)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"template": "a face"}, "`template` is 'a face'"),
        ({"bucket_step": 12}, "`bucket_step` is 12"),
        ({"prior_weight": 1.0}, "`prior_data` is empty"),
        ({"prior_data": "faces"}, "`prior_weight` is 0; accepted is more than 0"),
        ({"slider_opposite": "15E"}, "`slider_opposite` is set"),
        ({"slider": "12E", "algorithm": "loha"}, "`algorithm` is 'loha'"),
        ({"slider": "12E", "emphasis": {"14": 1.0}}, "`slider` and `emphasis` are both set"),
        ({"emphasis": {"141": 1.0}}, "`emphasis` has '141C'"),
        ({"emphasis": {"14": 1.0}, "text_encoder": True}, "`text_encoder` is set"),
        ({"unit_steps": 0.4, "unit_steps_from": 0.4}, "`unit_steps_from` is 0.4; accepted is less than `unit_steps`"),
        ({"slider": "12E", "landmark_weight": 1.0}, "`landmark_weight` is 1.0 and `adapter` is ''"),
        ({"patience": 3}, "`patience` is 3"),
        ({"expressions": ["AU99"]}, "`expressions` has 'AU99'"),
        ({"shard": True, "adapter": "own"}, "`shard` is true; accepted is false"),
        ({"shard": True, "emphasis": {"14": 1.0}}, "`shard` is true; accepted is false"),
        ({"rnk": 3}, "`rnk` is no option"),
    ],
)
def test_options_that_do_not_go_together_are_refused(values: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        LoraConfig.of(values)


@pytest.mark.parametrize(
    ("text", "flags", "message"),
    [
        ("[data]\nflip = 0.0\nbucket_step = 12\n", (), "run.toml:3: `bucket_step` is 12; accepted are multiples of 8."),
        ("[validation]\npatience = 3\n", (), "run.toml:2: `patience` is 3 without validations"),
        ("[data]\nprior_weight = 1.0\n", (), "run.toml:2: `prior_weight` is 1.0, and `prior_data` is empty"),
        ("[slider]\nslider = '12E'\n[network]\nalgorithm = 'loha'\n", (), "run.toml:4: `algorithm` is 'loha'"),
        ("[slider]\n[slider.emphasis]\n141 = 1.0\n", (), "run.toml:2: `emphasis` has '141C'"),
        ("[validation]\npatience = 3\n", ("--patience=4",), "auface: `patience` is 4 without validations"),
    ],
)
def test_options_of_a_file_that_do_not_go_together_have_their_line(
    text: str, flags: tuple[str, ...], message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "run.toml"
    path.write_text(text, encoding="utf-8")
    assert auface("train", "lora", "--config", str(path), *flags, "--dry-run") == 2
    [line] = capsys.readouterr().err.splitlines()
    assert message in line


def test_a_preset_learns_faster_where_the_base_is_the_teacher() -> None:
    plain, slider = LoraConfig.of({}, "mini"), LoraConfig.of({"slider": "12E"}, "mini")
    assert slider.learning_rate > plain.learning_rate
    assert slider.teacher_scale > 1
    emphasis = LoraConfig.of({"emphasis": {"14": 0.5}, "steps": 9}, "mini")
    assert plain.learning_rate < emphasis.learning_rate < slider.learning_rate
    assert (emphasis.steps, emphasis.teacher_scale) == (9, 1)
    labelled = LoraConfig.of({"slider": "12E", "slider_from": "data"}, "mini")
    assert (labelled.steps, labelled.learning_rate) == (plain.steps, plain.learning_rate)


def test_unknown_presets_are_refused() -> None:
    with pytest.raises(ValueError, match="`preset` is 'sd3'; accepted are mini, sd15, sdxl"):
        LoraConfig.of({}, "sd3")


def test_every_option_has_help_and_a_section() -> None:
    sections = {"base", "data", "network", "objective", "slider", "run", "validation", "export"}
    for field in dataclasses.fields(LoraConfig):
        assert limits_of(field).help.endswith("."), field.name
        assert limits_of(field).section in sections


def test_unreadable_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="`config` is"):
        read_config_file(tmp_path / "none.toml")
