"""The command `auface bench`: evaluations on what the user has."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from auface.recognition.emotion.opinion import Opinion
    from auface.recognition.evaluation.cexpr import Asked
    from auface.recognition.result import FaceReading

app = typer.Typer(
    name="bench",
    help="Evaluate on pictures that you have: C-EXPR-DB, or any folder with captions.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

Device = Annotated[str, typer.Option("--device", help="Where to compute: cpu, cuda, ...")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Quiet = Annotated[bool, typer.Option("--quiet", help="Print nothing but errors.")]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace files of an earlier run.")]


@app.command(epilog="Example: auface bench cexpr /data/C-EXPR-DB --every 10 --out predictions.csv")
def cexpr(
    folder: Annotated[Path, typer.Argument(help="Your copy: VIDEO/00001.jpg and so on, with a table of labels.")],
    labels: Annotated[Path | None, typer.Option("--labels", help="CSV table; by default the folder's own.")] = None,
    every: Annotated[int, typer.Option("--every", min=1, help="Every so many frames.")] = 1,
    fusion: Annotated[Path | None, typer.Option("--fusion", help="JSON file with weights of the sources.")] = None,
    vlm: Annotated[
        str, typer.Option("--vlm", help="Also ask a visual language model: a hub id, a local folder, or 'default'.")
    ] = "",
    out: Annotated[Path | None, typer.Option("--out", help="CSV file for the predictions.")] = None,
    device: Device = "cpu",
    overwrite: Overwrite = False,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Recognize the seven compound expressions of C-EXPR-DB, and say the macro F1."""
    from auface.recognition.emotion.fusion import COMPOUND_SHIPPED, Fusion
    from auface.recognition.evaluation.cexpr import evaluate_cexpr, labelled_frames
    from auface.recognition.progress import progress
    from auface.recognition.verification import shipped_recognizer

    if out is not None:
        _check_new(out, overwrite)
    frames = labelled_frames(folder, labels, every)
    weights = Fusion.from_json(fusion) if fusion else COMPOUND_SHIPPED
    asked = _asked(vlm, device) if vlm else None
    with progress("frames", len(frames), quiet or as_json) as told:
        report = evaluate_cexpr(shipped_recognizer(device), frames, weights, asked, told)
    if out is not None:
        out.parent.mkdir(parents=True, exist_ok=True)
        report.write_predictions(out)
    if as_json:
        typer.echo(json.dumps(report.to_dict()))
    elif not quiet:
        for source in report.sources:
            score = report.macro_f1(source)
            typer.echo(f"{source}: " + ("no labels" if score is None else f"macro F1 {score:.3f}"))
        typer.echo(f"{len(report.frames)} frames, {report.to_dict()['without face']} without a face")
    for problem in report.problems:
        typer.echo(f"not read: {problem.name}: {problem.reason}", err=True)


@app.command(epilog="Example: auface bench aaad generated --out report")
def aaad(
    folder: Annotated[Path, typer.Argument(help="Pictures with metadata.jsonl, metadata.csv, or .txt captions.")],
    out: Annotated[Path | None, typer.Option("--out", help="Folder for aaad.json, aaad.md and aaad.png.")] = None,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Which captions are exchanged.")] = 0,
    device: Device = "cpu",
    overwrite: Overwrite = False,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Measure how well pictures show their captions: AAAD, and the agreement of each unit."""
    from auface.recognition.evaluation.aaad import evaluate_captions
    from auface.recognition.evaluation.captions import captioned_pictures
    from auface.recognition.progress import progress
    from auface.recognition.verification import shipped_recognizer

    files = [] if out is None else [out / name for name in ("aaad.json", "aaad.md", "aaad.png")]
    for file in files:
        _check_new(file, overwrite)
    with progress("pictures", None, quiet or as_json) as told:
        report = evaluate_captions(shipped_recognizer(device), captioned_pictures(folder), seed, told)
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        files[0].write_text(json.dumps(report.to_dict(), indent=1), encoding="utf-8")
        files[1].write_text(report.to_markdown(), encoding="utf-8")
        report.plot().save(files[2])
    if as_json:
        typer.echo(json.dumps(report.to_dict()))
    elif not quiet:
        typer.echo(
            f"AAAD {report.aaad:.3f} over {report.count} pictures; {report.exchanged:.3f} with captions exchanged; "
            f"{100 * report.ranking:.1f} % agree better with their own caption"
        )
        if out is not None:
            typer.echo(f"{', '.join(file.name for file in files)} in {out}")
    for problem in report.problems:
        typer.echo(f"not read: {problem.name}: {problem.reason}", err=True)


def _asked(vlm: str, device: str) -> Asked:
    from PIL import Image

    from auface.recognition.canvas import close_up
    from auface.recognition.emotion.language_model import DEFAULT_MODEL, LanguageModel
    from auface.recognition.picture import open_picture

    model = LanguageModel.load(DEFAULT_MODEL if vlm == "default" else vlm, device)

    def ask(path: Path, face: FaceReading, classes: Sequence[str]) -> Opinion:
        cut, _ = close_up(Image.fromarray(open_picture(path).pixels), face.face, 384)
        return model.choose([cut], classes)[0]

    return ask


def _check_new(path: Path, overwrite: bool) -> None:
    if path.exists() and not overwrite:
        raise ValueError(f"`--out` is {str(path)!r}, which exists; add --overwrite to replace it.")
