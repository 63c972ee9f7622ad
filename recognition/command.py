"""The commands `auface recognize` and `auface verify`: what faces show, and whether it is what was asked for."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from auface.recognition.face_choice import FaceChoice
from auface.recognition.frames import Problem, files_of, frames_of

if TYPE_CHECKING:
    from auface.recognition.batch import FrameReading
    from auface.recognition.emotion.face_emotions import FaceEmotions

app = typer.Typer(context_settings={"help_option_names": ["-h", "--help"]})

FAILED = 1
"""Exit code of `auface verify` when the picture does not show what was asked for."""

Neutral = Annotated[Path | None, typer.Option("--neutral", help="A picture of the same person at rest.")]
Device = Annotated[str, typer.Option("--device", help="Where to compute: cpu, cuda, ...")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Quiet = Annotated[bool, typer.Option("--quiet", help="Print nothing but errors.")]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace files of an earlier run.")]
Vlm = Annotated[
    str, typer.Option("--vlm", help="Also ask a visual language model: a hub id, a local folder, or 'default'.")
]


@app.command(epilog="Example: auface recognize photos video.mp4 --out faces.csv --columns openface")
def recognize(
    paths: Annotated[list[Path], typer.Argument(metavar="PATH...", help="Pictures, videos, folders.")],
    out: Annotated[Path | None, typer.Option("--out", help="Table (.csv) or .json file to write.")] = None,
    columns: Annotated[str, typer.Option("--columns", help="Of the table: auface, openface or pyfeat.")] = "auface",
    neutral: Neutral = None,
    faces: Annotated[
        str, typer.Option("--faces", help="all, largest, center, left, right, or a number; 0 is the largest.")
    ] = "all",
    draw: Annotated[
        Path | None, typer.Option("--draw", help="Folder for pictures with heat maps of the units.")
    ] = None,
    vlm: Vlm = "",
    classifier: Annotated[
        str, typer.Option("--classifier", help="Also ask an emotion classifier: a hub id or a local folder.")
    ] = "",
    every: Annotated[int, typer.Option("--every", min=1, help="Of videos, every so many frames.")] = 1,
    device: Device = "cpu",
    overwrite: Overwrite = False,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Say what the faces in pictures and videos show: action units left and right, and emotions.

    A file that cannot be read is listed at the end, and the rest goes on.
    """
    from auface.recognition.batch import FrameReading, read_frames
    from auface.recognition.output import HeatMaps, JsonRows, opened_table
    from auface.recognition.progress import progress
    from auface.recognition.verification import shipped_recognizer

    choice = face_choice(faces)
    files = files_of(paths)
    problems: list[Problem] = []
    done = 0
    with ExitStack() as stack:
        table = stack.enter_context(opened_table(out, columns, overwrite)) if out else None
        maps = HeatMaps(draw, overwrite) if draw else None
        printed = stack.enter_context(JsonRows(None)) if as_json else None
        asked = _Asked(vlm, classifier, device)
        told = stack.enter_context(progress("pictures", None if _has_video(files) else len(files), quiet or as_json))
        for reading in read_frames(shipped_recognizer(device), frames_of(files, every), neutral):
            done += 1
            told(done)
            if isinstance(reading, Problem):
                problems.append(reading)
                continue
            assert isinstance(reading, FrameReading)
            reading = _chosen(reading, choice)
            emotions = asked.emotions(reading)
            if table is not None:
                table.write(reading, emotions)
            if maps is not None:
                maps.draw(reading)
            if printed is not None:
                printed.write(reading, emotions)
            elif not quiet and out is None:
                typer.echo(_said(reading, emotions))
        if printed is not None:
            printed.problems(problems)
        if isinstance(table, JsonRows):
            table.problems(problems)
    _list(problems)
    if done == len(problems):
        raise ValueError(f"nothing could be read of {len(problems)} given; see above.")
    if out is not None and not quiet and not as_json:
        typer.echo(f"{done - len(problems)} read, {len(problems)} not; {out}")


@app.command(epilog='Example: auface verify face.png "1+2C+5D+26" --out verdict.png')
def verify(
    picture: Annotated[Path, typer.Argument(help="The picture.")],
    request: Annotated[
        str, typer.Argument(metavar="EXPRESSION", help="FACS notation ('1+2C+L12D') or English ('a slight smile').")
    ],
    neutral: Neutral = None,
    face: Annotated[str, typer.Option("--face", help="largest, center, left, right, or a number.")] = "largest",
    threshold: Annotated[
        float | None, typer.Option("--threshold", min=0, max=1, help="Score from which it passes.")
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", help="Picture of the verdict to write.")] = None,
    device: Device = "cpu",
    overwrite: Overwrite = False,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Say whether a picture shows what was asked for, unit by unit.

    Exit code 0: it does; 1: it does not, or cannot be judged, or shows no face; 2: wrong input.
    """
    from auface.recognition.picture import open_picture
    from auface.recognition.verdict import PASS
    from auface.recognition.verdict_picture import draw_verdict
    from auface.recognition.verification import shipped_recognizer, verify as verified

    choice = face_choice(face)
    if choice is None:
        raise ValueError("`--face` is 'all'; accepted are largest, center, left, right, or a number.")
    if out is not None:
        _check_new(out, overwrite)
    image = open_picture(picture)
    verdict = verified(
        image,
        request,
        neutral=None if neutral is None else open_picture(neutral),
        face=choice,
        threshold=PASS if threshold is None else threshold,
        recognizer=shipped_recognizer(device),
    )
    if out is not None:
        from PIL import Image

        out.parent.mkdir(parents=True, exist_ok=True)
        draw_verdict(verdict, Image.fromarray(image.pixels)).save(out)
    if as_json:
        typer.echo(json.dumps({"file": str(picture), **verdict.to_dict()}))
    elif not quiet:
        typer.echo(f"{picture}: {verdict}")
        if verdict.request != verdict.asked:
            typer.echo(f"a face can do {verdict.request.notation()} of it")
        if verdict.of_interest:
            typer.echo(verdict.table())
    if not verdict.passed:
        raise typer.Exit(FAILED)


def face_choice(text: str) -> FaceChoice | None:
    """Return which face is meant; None for all of them.

    Args:
        text: "all", "largest", "center", "left", "right", or a number from 0.

    Raises:
        ValueError: Another text.
    """
    if text == "all":
        return None
    if text.isdecimal():
        return int(text)
    if text in ("largest", "center", "left", "right"):
        return text  # pyright: ignore[reportReturnType] - one of the four
    raise ValueError(f"`--faces` is {text!r}; accepted are all, largest, center, left, right, or a number from 0.")


class _Asked:
    """The models beside the recognizer, loaded when they are first needed."""

    def __init__(self, vlm: str, classifier: str, device: str) -> None:
        from auface.recognition.emotion.classifier import EmotionClassifier
        from auface.recognition.emotion.language_model import DEFAULT_MODEL, LanguageModel

        name = DEFAULT_MODEL if vlm == "default" else vlm
        self._model = LanguageModel.load(name, device) if name else None
        self._classifier = EmotionClassifier.load(classifier, device) if classifier else None

    def emotions(self, reading: FrameReading) -> list[FaceEmotions]:
        """Return the emotions of every face of a frame."""
        from auface.recognition.emotion.face_emotions import face_emotions
        from auface.recognition.emotion.opinion import BASIC, COMPOUND

        found = reading.recognition.faces
        others: list[list[Any]] = [[] for _ in found]
        if found and (self._model is not None or self._classifier is not None):
            cuts = _cuts(reading)
            if self._classifier is not None:
                for place, opinion in enumerate(self._classifier.opinions(cuts)):
                    others[place].append(opinion)
            if self._model is not None:
                for classes in (BASIC, COMPOUND):
                    for place, opinion in enumerate(self._model.choose(cuts, classes)):
                        others[place].append(opinion)
        return [face_emotions(face, more) for face, more in zip(found, others, strict=True)]


def _cuts(reading: FrameReading) -> list[Any]:
    from auface.recognition.canvas import close_up
    from auface.recognition.output import frame_picture

    picture = frame_picture(reading)
    return [close_up(picture, face.face, 384)[0] for face in reading.recognition.faces]


def _chosen(reading: FrameReading, choice: FaceChoice | None) -> FrameReading:
    """Keep one face; a frame without it has none."""
    from dataclasses import replace

    found = reading.recognition
    if choice is None or not found.faces:
        return reading
    faces = (found.face(choice),) if not isinstance(choice, int) or choice < len(found.faces) else ()
    return replace(reading, recognition=replace(found, faces=faces))


def _said(reading: FrameReading, emotions: Sequence[FaceEmotions]) -> str:
    name = reading.name if not reading.seconds and not reading.number else f"{reading.name} frame {reading.number}"
    if not reading.recognition.faces:
        return f"{name}: no face found"
    return "\n".join(_face_lines(name, reading, emotions))


def _face_lines(name: str, reading: FrameReading, emotions: Sequence[FaceEmotions]) -> Iterator[str]:
    from auface.facs import describe

    for face, felt in zip(reading.recognition.faces, emotions, strict=True):
        shown = face.expression()
        compound, basic = felt.compound, felt.basic
        yield f"{name}: {shown.notation()}"
        if not shown.is_neutral:
            yield f"  {describe(shown, conflict_policy='keep')}"
        best = ", ".join(f"{key} {value:.2f}" for key, value in islice(_ranked(basic.probabilities), 3))
        answer = compound.answer()
        said = f"{answer} {compound.probabilities[answer]:.2f}" if answer else "no answer"
        yield f"  {best}; compound: {said.replace('_', ' ')}"
        if face.units.unjudged:
            parts = sorted({f"AU{int(one.unit)} ({one.side}, {one.reason})" for one in face.units.unjudged})
            yield f"  cannot be judged: {', '.join(parts[:6])}{' ...' if len(parts) > 6 else ''}"


def _ranked(chances: Any) -> list[tuple[str, float]]:
    return sorted(chances.items(), key=lambda item: -item[1])


def _has_video(files: Sequence[Path]) -> bool:
    from auface.recognition.frames import VIDEOS

    return any(file.suffix.lower() in VIDEOS for file in files)


def _list(problems: Sequence[Problem]) -> None:
    for problem in problems:
        typer.echo(f"not read: {problem.name}: {problem.reason}", err=True)


def _check_new(path: Path, overwrite: bool) -> None:
    if path.exists() and not overwrite:
        raise ValueError(f"`--out` is {str(path)!r}, which exists; add --overwrite to replace it.")
