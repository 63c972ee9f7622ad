"""`auface generate`: pictures of faces that show an expression."""

from __future__ import annotations

import json
import os
import random
import time
from collections.abc import Callable
from contextlib import ExitStack
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

import typer

app = typer.Typer(context_settings={"help_option_names": ["-h", "--help"]})

# The same as in `generation`, which loads torch; a test compares them.
SheetChoice = Literal["intensities", "units", "seeds", "identities"]
PolicyChoice = Literal["natural", "strict", "keep"]
PrecisionChoice = Literal["float32", "bfloat16", "float16"]

_SEEDS = 2**31
_FILE = "face.png"
_EPILOG = """Example: auface generate "1+2C+5D+26" --prompt "an old man, studio light" --seed 7 --out face.png"""
_PACKAGES = ("torch", "diffusers", "transformers", "accelerate", "safetensors", "PIL")


@app.command(epilog=_EPILOG)
def generate(
    expression: Annotated[
        str | None,
        typer.Argument(metavar="[EXPRESSION]", help="FACS notation ('1+2C+5D+26') or English ('a slight smile')."),
    ] = None,
    prompt: Annotated[
        str | None, typer.Option("--prompt", help="Who and where, such as 'an old man, studio light'.")
    ] = None,
    negative_prompt: Annotated[str | None, typer.Option("--negative-prompt", help="What not to draw.")] = None,
    out: Annotated[
        str, typer.Option("--out", help="The .png file, or a folder (there, or with a / at its end).")
    ] = _FILE,
    seed: Annotated[int | None, typer.Option("--seed", min=0, help="Same seed, same picture; by default any.")] = None,
    count: Annotated[int | None, typer.Option("--count", min=1, max=1000, help="How many, seed by seed.")] = None,
    sheet: Annotated[
        SheetChoice | None, typer.Option("--sheet", help="One labeled grid: intensities, units, seeds or identities.")
    ] = None,
    steps: Annotated[int | None, typer.Option("--steps", min=1, max=1000, help="Denoising steps.")] = None,
    guidance: Annotated[float | None, typer.Option("--guidance", help="How much the prompt guides.")] = None,
    early_guidance: Annotated[
        float | None, typer.Option("--early-guidance", help="The same in the first 40 % of the steps.")
    ] = None,
    expression_scale: Annotated[
        float | None, typer.Option("--expression-scale", help="Strength of the adapter; 0 is the plain model.")
    ] = None,
    expression_guidance: Annotated[
        float | None, typer.Option("--expression-guidance", help="How much the expression guides on its own; 1 is not.")
    ] = None,
    size: Annotated[str | None, typer.Option("--size", help="256, or height x width such as 512x384.")] = None,
    identity: Annotated[
        str | None,
        typer.Option("--identity", help="'default', a seed, a photo, or a file with its landmarks."),
    ] = None,
    pose: Annotated[str | None, typer.Option("--pose", help="Head turn in degrees: yaw,pitch,roll.")] = None,
    policy: Annotated[
        PolicyChoice | None, typer.Option("--policy", help="Units that exclude each other: natural, strict or keep.")
    ] = None,
    image: Annotated[str | None, typer.Option("--image", help="A photo: draw the expression onto its face.")] = None,
    strength: Annotated[
        float | None, typer.Option("--strength", help="How much of the photo's face may change.")
    ] = None,
    landmarks: Annotated[str | None, typer.Option("--landmarks", help="File with the photo's landmarks.")] = None,
    base: Annotated[
        str | None, typer.Option("--base", help="auface-mini, a diffusers folder, a .safetensors file, or a hub id.")
    ] = None,
    adapter: Annotated[
        str | None, typer.Option("--adapter", help="Adapter for that base: a .safetensors file, a folder, or a hub id.")
    ] = None,
    lora: Annotated[list[str] | None, typer.Option("--lora", help="LoRA file, or FILE:SCALE; repeatable.")] = None,
    precision: Annotated[
        PrecisionChoice | None, typer.Option("--precision", help="float32, bfloat16 or float16; float32 by default.")
    ] = None,
    device: Annotated[str | None, typer.Option("--device", help="Where to compute: cpu, cuda, ...")] = None,
    source: Annotated[
        Path | None, typer.Option("--from", help="Repeat the request that a PNG carries; other options change it.")
    ] = None,
    attempts: Annotated[
        int, typer.Option("--attempts", min=1, max=100, help="With --verify: further seeds until one passes; the best.")
    ] = 1,
    verify: Annotated[bool, typer.Option("--verify", help="Read the picture, and say whether it shows it.")] = False,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace files of an earlier run.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="Print nothing.")] = False,
) -> None:
    """Draw a face that shows an expression, with the model that comes along or any other of its layout."""
    values: dict[str, Any] = {
        "expression": expression,
        "prompt": prompt,
        "negative_prompt": negative_prompt,
        "seed": seed,
        "steps": steps,
        "guidance": guidance,
        "early_guidance": early_guidance,
        "expression_scale": expression_scale,
        "expression_guidance": expression_guidance,
        "size": None if size is None else _size(size),
        "identity": identity,
        "pose": pose,
        "conflict_policy": policy,
        "image": image,
        "strength": strength,
        "landmarks": landmarks,
        "base": base,
        "adapter": adapter,
        "loras": None if not lora else tuple(map(_lora, lora)),
        "precision": precision,
        "device": device,
    }
    _check_packages()
    given = {name: value for name, value in values.items() if value is not None}
    request, kept = _request(given, source)
    if sheet is None and kept is not None and expression is None and count is None:
        name, _, number = kept.partition(":")
        sheet = name if name in get_args(SheetChoice) else None  # pyright: ignore[reportAssignmentType]
        count = int(number) if number.isdigit() else None
    files = _files(out, 1 if sheet else count or 1, overwrite)
    if verify and sheet:
        raise ValueError("`--verify` is given with `--sheet`; accepted is one of the two.")
    if attempts > 1 and not verify:
        raise ValueError(f"`--attempts` is {attempts} without `--verify`; accepted are both, or neither.")
    _draw(request, files, sheet, count, source, attempts if verify else 0, as_json=as_json, quiet=quiet)


def _draw(
    request: Any,
    files: list[Path],
    sheet: str | None,
    count: int | None,
    source: Path | None,
    attempts: int,
    *,
    as_json: bool,
    quiet: bool,
) -> None:
    from auface.pipelines.generation.picture_file import write_picture
    from auface.pipelines.generation.progress import progress
    from auface.pipelines.generation.request import MINI
    from auface.pipelines.generation.sheet import join_sheet, plan_sheet
    from auface.structure.one_thread import one_thread

    plan = None if sheet is None else plan_sheet(sheet, request, count)
    photo = _photo(request)
    judge = _judge() if attempts else None
    rows: list[dict[str, Any]] = []
    wanted = sum(map(len, plan.requests)) if plan else len(files)
    with progress(wanted, quiet or as_json) as told, ExitStack() as threads:
        from auface.pipelines.generation.artist import Artist

        if request.base == MINI:
            threads.enter_context(one_thread())
        artist = Artist(request)
        settled = artist.settled(request)
        notes = _notes(artist, request, settled, source)
        start = time.perf_counter()
        if plan is not None:
            plan = plan_sheet(str(sheet), settled, count)
            pictures: list[Any] = []
            for row in plan.requests:
                for one in row:
                    told.picture(len(pictures) + 1)
                    pictures.append(artist.draw(one, told.step, photo))
            kind = f"{sheet}:{count}" if count is not None else str(sheet)
            write_picture(join_sheet(plan, pictures), files[0], settled, kind)
            rows.append(_row(files[0], settled))
        else:
            for number, file in enumerate(files):
                told.picture(number + 1)
                picture, one, verdict = _best(
                    settled.changed(seed=settled.seed + number * max(1, attempts)),
                    max(1, attempts),
                    lambda one: artist.draw(one, told.step, photo),
                    judge,
                )
                write_picture(picture, file, one)
                rows.append(_row(file, one, verdict))
        seconds = time.perf_counter() - start
    answer = {"pictures": rows, "notes": notes, "seconds": round(seconds, 2)}
    if as_json:
        typer.echo(json.dumps(answer))
    elif not quiet:
        _print(rows, notes, seconds)


def _request(given: dict[str, Any], source: Path | None) -> tuple[Any, str | None]:
    """Return the request, and which sheet the picture is that it was taken from."""
    from auface.pipelines.generation.picture_file import read_request
    from auface.pipelines.generation.request import PictureRequest

    if source is not None:
        kept, sheet = read_request(source)
        if "base" in given or "precision" in given:  # what was settled for another base is not for this one
            given = {"base_print": None, **given}
        if "image" in given:
            given = {"image_print": None, "landmarks": None, **given}
        return kept.changed(**given), sheet
    if "expression" not in given:
        raise ValueError("`EXPRESSION` is missing; accepted are FACS notation such as '1+2C+5D+26', or English.")
    if "seed" not in given:
        given["seed"] = random.SystemRandom().randrange(_SEEDS)
    return PictureRequest(**given), None


def _files(out: str, count: int, overwrite: bool) -> list[Path]:
    """Return the files that are written, none of which is there unless it may be replaced; several get numbers."""
    path = Path(out)
    if path.is_dir() or out.endswith(("/", os.sep)):
        path = path / _FILE
    if path.suffix.lower() != ".png":
        raise ValueError(
            f"`--out` is {out!r}; accepted is a name that ends in .png, or a folder that is there or ends in a slash."
        )
    for folder in path.parents:
        if folder.exists() and not folder.is_dir():
            raise ValueError(f"`--out` is {out!r}, but {str(folder)!r} is a file; accepted is a place in a folder.")
    there = next(folder for folder in path.parents if folder.exists())
    if not os.access(there, os.W_OK):
        raise ValueError(f"`--out` is {out!r}, but {str(there)!r} cannot be written to; accepted is a place that can.")
    width = len(str(count))
    numbered = [path.with_name(f"{path.stem}-{number:0{width}}{path.suffix}") for number in range(1, count + 1)]
    files = [path] if count == 1 else numbered
    for file in files:
        if file.is_dir():
            raise ValueError(f"`--out` is {str(file)!r}, a folder; accepted is a file.")
        if file.exists() and not overwrite:
            raise ValueError(f"`--out` is {str(file)!r}, which is there already; add --overwrite to replace it.")
    return files


def _size(text: str) -> tuple[int, int]:
    parts = text.lower().split("x")
    if len(parts) > 2 or not all(part.isdigit() and 16 <= int(part) <= 4096 for part in parts):
        raise ValueError(f"`--size` is {text!r}; accepted are 16 to 4096, or height x width such as 512x384.")
    return int(parts[0]), int(parts[-1])


def _lora(text: str) -> tuple[str, float]:
    """Split a file from its scale; names may have colons too, as Windows drives have."""
    file, colon, scale = text.rpartition(":")
    if colon and not Path(text).exists():
        try:
            return file, float(scale)
        except ValueError:
            pass
    return text, 1.0


def _photo(request: Any) -> Any:
    if request.image is None:
        return None
    from auface.pipelines.generation.photo import PhotoFace, file_print, found_landmarks, read_photo
    from auface.structure.landmark_file import read_landmarks

    image = read_photo(request.image)
    if request.image_print is not None and file_print(request.image) != request.image_print:
        raise ValueError(
            f"`--image` is {request.image!r}, which has changed since the picture was made; give it again."
        )
    if request.landmarks is not None:
        found = read_landmarks(Path(request.landmarks), "--landmarks")
    else:
        found = found_landmarks(image, request.image)
    face = PhotoFace(image, found)
    _ = face.box  # landmarks that are no face are refused before the model is loaded
    return face


def _notes(artist: Any, request: Any, settled: Any, source: Path | None) -> list[str]:
    from auface.facs import as_expression, find_conflicts, resolve
    from auface.pipelines.generation.base import base_print

    notes: list[str] = []
    if not artist.shows_expressions:
        notes.append("this base has no adapter: the expression is in the prompt alone")
    asked = as_expression(request.expression)
    if request.conflict_policy == "natural" and find_conflicts(asked) and resolve(asked) != asked:
        notes.append(f"a face cannot do all of {asked.notation()}: drawn as {resolve(asked).notation()}")
    if source is not None and settled.base_print != base_print(settled.base):
        notes.append(f"the weights of {settled.base} are not those that drew {source}: the picture will differ")
    return notes


def _row(file: Path, request: Any, verdict: Any = None) -> dict[str, Any]:
    from auface.facs import as_expression

    row = {
        "file": str(file),
        "seed": request.seed,
        "expression": as_expression(request.expression).notation(),
        "request": json.loads(request.to_json()),
    }
    return row if verdict is None else {**row, "verdict": verdict.to_dict(), "table": verdict.table()}


def _check_packages() -> None:
    missing = [name for name in _PACKAGES if find_spec(name) is None]
    if missing:
        raise ImportError(f"drawing needs {', '.join(missing)}, which auface[pipelines] brings")


def _best(
    request: Any, attempts: int, draw: Callable[[Any], Any], judge: Callable[[Any, Any], Any] | None
) -> tuple[Any, Any, Any]:
    """Return the first picture that passes, or else the one with the highest score, with request and verdict."""
    found: list[tuple[Any, Any, Any]] = []
    for number in range(attempts):
        one = request.changed(seed=request.seed + number)
        picture = draw(one)
        verdict = None if judge is None else judge(picture, one)
        found.append((picture, one, verdict))
        if verdict is None or verdict.passed:
            return found[-1]
    return max(found, key=lambda entry: entry[2].score)


def _judge() -> Callable[[Any, Any], Any]:
    """Return what judges pictures; its weights are loaded before anything is drawn."""
    from auface.recognition.verification import shipped_recognizer, verify

    recognizer = shipped_recognizer()
    return lambda picture, request: verify(picture, request.expression, recognizer=recognizer)


def _print(rows: list[dict[str, Any]], notes: list[str], seconds: float) -> None:
    for note in notes:
        typer.echo(f"note: {note}", err=True)
    for row in rows:
        said = f"{row['file']}: {row['expression']}, seed {row['seed']}"
        if "verdict" in row:
            said += f"\n{row['verdict']['outcome']} {row['verdict']['score']:.2f}\n{row['table']}"
        typer.echo(said)
    typer.echo(f"{len(rows)} in {seconds:.1f} s", err=True)
