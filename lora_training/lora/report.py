"""The final report of a run: Markdown with its pictures, losses and scores, and which checkpoint was best."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from auface.lora_training.lora.config import LoraConfig
from auface.lora_training.lora.config_file import config_toml
from auface.lora_training.lora.metadata import unit_table
from auface.lora_training.lora.training_data import TrainingData
from auface.lora_training.lora.validation import Validation

_SHEETS = 6  # that are shown


def report(
    config: LoraConfig,
    data: TrainingData,
    rows: Sequence[Mapping[str, float]],
    validation: Validation,
    files: Sequence[Path],
) -> str:
    """Return the report as Markdown.

    Args:
        config: The configuration.
        data: What was learned.
        rows: The lines of `metrics.jsonl`.
        validation: What was seen while training.
        files: The files that were written, relative to the report's folder.
    """
    main = "loss/teaching" if config.learns_from_base else "loss/denoising"
    losses = [(row["step"], row[main]) for row in rows if main in row]
    steps = int(losses[-1][0]) if losses else 0
    cropped, padded = data.cropped()
    buckets = ", ".join(f"{name} ({count})" for name, count in sorted(data.bucket_counts().items()))
    lines = [
        f"# {config.title or config.name or Path(config.out).name}",
        "",
        f"{steps} of {config.steps} steps on {len(data.examples)} pictures, "
        f"{steps / data.steps_per_epoch:.1f} epochs. Largest share cropped from a picture: {cropped:.0%}; "
        f"padded to keep a face whole: {padded}. Buckets: {buckets}.",
        "",
        _best(validation),
        "",
        "## Files",
        "",
        *[f"- `{file}`" for file in files],
        "",
        *_validations(validation),
        *_losses(main.removeprefix("loss/"), losses),
        *_sheets(config),
        "## Action units in the data",
        "",
        "| unit | pictures | least | most |",
        "| --- | ---: | ---: | ---: |",
        *[
            f"| {name} | {row['pictures']:.0f} | {row['least']:g} | {row['most']:g} |"
            for name, row in unit_table(data.examples).items()
        ],
        "",
        "## Configuration",
        "",
        "```toml",
        config_toml(config).strip(),
        "```",
        "",
    ]
    return "\n".join(lines)


def _best(validation: Validation) -> str:
    early = " The run was ended early: later validations were not better." if validation.stopped else ""
    if validation.best is None:
        return "No validation scored this run: the file is of the last step." + early
    name = Validation.decisive(dict(validation.rows[-1]))
    return f"**Best checkpoint: step {validation.best[0]}**, by `{name}` {validation.best[1]:.4g}.{early}"


def _validations(validation: Validation) -> list[str]:
    names = sorted({name for row in validation.rows for name in row} - {"step"})
    if not names:
        return []
    lines = ["## Validations", "", f"| step | {' | '.join(names)} |", "| ---: |" + " ---: |" * len(names)]
    for row in validation.rows:
        cells = " | ".join(f"{row[name]:.4g}" if name in row else "" for name in names)
        lines.append(f"| {row['step']:.0f} | {cells} |")
    return [*lines, ""]


def _losses(name: str, losses: Sequence[tuple[float, float]]) -> list[str]:
    if not losses:
        return []
    chosen = losses[:: max(1, len(losses) // 10)]
    table = [f"| {step:.0f} | {value:.4f} |" for step, value in chosen]
    return ["## Losses", "", f"| step | {name} |", "| ---: | ---: |", *table, ""]


def _sheets(config: LoraConfig) -> list[str]:
    found = sorted((Path(config.out) / "samples").glob("step-*.png"))
    if not found:
        return []
    chosen = found[:: max(1, -(-len(found) // _SHEETS))]
    if found[-1] not in chosen:
        chosen.append(found[-1])
    lines = ["## Pictures", "", "Each row is one request, each column one seed."]
    for path in chosen:
        lines += ["", f"Step {int(path.stem.split('-')[1])}:", "", f"![{path.stem}](samples/{path.name})"]
    return [*lines, ""]
