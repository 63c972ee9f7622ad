"""`auface structure`: the geometry of a face as landmarks, mesh and maps, or a sheet of many faces.

The object of the command's context is a `landmark_file.PictureReader`, if there is one: pictures are read elsewhere.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from numpy.typing import NDArray

from auface.facs import ActionUnit, Expression, Sides, describe, resolve
from auface.facs.intensity import letter

from .landmark_file import PictureReader, read_landmarks

app = typer.Typer(context_settings={"help_option_names": ["-h", "--help"]})

_SHEET_COLUMNS = 5


@app.command()
def structure(
    context: typer.Context,
    request: Annotated[
        str, typer.Argument(metavar="EXPRESSION", help="FACS notation ('1+2C+L12D') or English ('a slight smile').")
    ],
    out: Annotated[Path, typer.Option("--out", help="Folder for the files.")],
    pose: Annotated[str, typer.Option("--pose", help="Head turn in degrees: yaw,pitch,roll.")] = "0,0,0",
    identity: Annotated[
        str, typer.Option("--identity", help="'default', a seed, a photo, or a JSON or .npy file with its landmarks.")
    ] = "default",
    size: Annotated[int, typer.Option("--size", min=64, max=4096, help="Height and width of maps.")] = 512,
    style: Annotated[str, typer.Option("--style", help="Landmark drawing: controlnet or comfyui.")] = "controlnet",
    temperature: Annotated[float, typer.Option("--temperature", help="0: the expected face; 1: natural variety.")] = 0,
    guidance: Annotated[float, typer.Option("--guidance", help="1, or more to insist on the request.")] = 1,
    seed: Annotated[int, typer.Option("--seed", help="Seed of a temperature above 0.")] = 0,
    sheet: Annotated[
        bool, typer.Option("--sheet", help="Also draw sheet.png: the request from A to E, and each of its units.")
    ] = False,
    weights: Annotated[Path | None, typer.Option("--weights", help="Weights file; by default the shipped one.")] = None,
    device: Annotated[str, typer.Option("--device", help="Where to compute: cpu, cuda, ...")] = "cpu",
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace files of an earlier run.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="Print nothing.")] = False,
) -> None:
    """Make the geometry of a face: landmarks.json, landmarks.npy, face.obj, face.glb and maps as PNG.

    Example: auface structure "1+2C+5D+26" --out surprise --pose 20,0,0 --identity 7 --sheet
    """
    from auface.structure.face_structure import FaceStructure
    from auface.structure.mesh_file import glb_bytes, obj_text
    from auface.structure.model import Sampling, StructureModel
    from auface.structure.pose import HeadPose

    if any(place.is_file() for place in (out, *out.parents)):
        raise ValueError(f"`--out` is {str(out)!r}, which is or lies in a file; accepted is a folder.")
    if (out / "landmarks.json").exists() and not overwrite:
        raise ValueError(f"`--out` is {str(out)!r}, which holds an earlier result; add --overwrite to replace it.")
    model = StructureModel.load(weights, device)
    neutral, note = _neutral(identity, context.obj)
    turn = HeadPose.parse(pose)
    sampling = Sampling(temperature=temperature, guidance=guidance, seed=seed)

    def made(asked: Expression | str) -> FaceStructure:
        return model.structure(asked, neutral=neutral, pose=turn, sampling=sampling)

    face = made(request)
    camera = face.camera(size)
    pictures = _pictures(face, size, style)
    out.mkdir(parents=True, exist_ok=True)
    landmarks = face.landmarks(camera)
    answer: dict[str, Any] = {
        "schema": "auface.structure/1",
        "expression": face.expression.notation(),
        "description": describe(face.expression),
        "pose": {"yaw": face.pose.yaw, "pitch": face.pose.pitch, "roll": face.pose.roll},
        "tokens": face.tokens.tolist(),
        "size": size,
        "identity": note,
    }
    values = {"landmarks_px": landmarks.round(3).tolist(), "points": face.points.round(5).tolist()}
    (out / "landmarks.json").write_text(json.dumps({**answer, **values}), encoding="utf-8")
    np.save(out / "landmarks.npy", landmarks)
    (out / "face.obj").write_text(obj_text(face.points), encoding="utf-8")
    (out / "face.glb").write_bytes(glb_bytes(face.neutral, face.displacement))
    files = ["landmarks.json", "landmarks.npy", "face.obj", "face.glb"]
    if sheet:
        pictures["sheet"] = draw_sheet(face.expression, made)
    for name, picture in pictures.items():
        _save(out / f"{name}.png", picture)
        files.append(f"{name}.png")
    answer["files"] = files
    if as_json:
        typer.echo(json.dumps(answer))
    elif not quiet:
        typer.echo(f"{answer['expression']}: {', '.join(files)} in {out}")


def draw_sheet(expression: Expression, made: Callable[[Expression], Any], cell: int = 256) -> NDArray[np.uint8]:
    """Return a sheet of a request: its first row from A to E, then each of its units alone from A to E.

    Args:
        expression: The request.
        made: What makes the geometry of an expression.
        cell: Height and width of each face in pixels.
    """
    strongest = max((activation.intensity for activation in expression), default=1.0)
    rows = [[resolve(expression.scaled(level / strongest)) for level in range(1, _SHEET_COLUMNS + 1)]]
    for unit, left, right in expression:
        if len(expression) > 1:
            rows.append([_single(unit, left, right, level) for level in range(1, _SHEET_COLUMNS + 1)])
    return np.concatenate([np.concatenate([_cell(made(face), cell) for face in row], 1) for row in rows])


def _single(unit: ActionUnit, left: float, right: float, level: int) -> Expression:
    if unit.sides is Sides.TOGETHER:
        return Expression.of({unit: float(level)})
    return Expression.of({unit: (level * (left > 0), level * (right > 0))})


def _cell(face: Any, size: int) -> NDArray[np.uint8]:
    """Shade a face as gray clay with its landmark lines, and name it."""
    from PIL import Image, ImageDraw

    from auface.structure.surface import FacePart

    camera = face.camera(size)
    maps = face.surface_maps(camera, size, size)
    facing = maps.normals[0].numpy()
    light = np.array([0.35, 0.45, 0.82], np.float32)
    shade = 0.25 + 0.75 * np.clip(facing @ light, 0, 1)
    clay = shade[..., None] * np.array([0.86, 0.80, 0.76], np.float32) * maps.coverage[0].numpy()[..., None]
    clay *= 1 - 0.75 * maps.mask(FacePart.MOUTH)[0].numpy()[..., None]
    lines = face.landmark_map(camera, size, size)
    cover = lines.max(-1, keepdims=True)
    picture = Image.fromarray((255 * np.clip(clay * (1 - 0.6 * cover) + 0.6 * lines, 0, 1)).astype(np.uint8))
    name = "+".join(_label(activation) for activation in face.expression) or "neutral"
    ImageDraw.Draw(picture).text((6, 4), name, fill=(235, 235, 235))
    return np.asarray(picture)


def _label(activation: Any) -> str:
    unit, left, right = activation
    one, two = (f"{int(unit)}{letter(value)}" if value else "" for value in (left, right))
    return one if one == two else "+".join(f"{side}{name}" for side, name in (("L", one), ("R", two)) if name)


def _pictures(face: Any, size: int, style: str) -> dict[str, NDArray[np.uint8]]:
    from auface.structure.surface import FacePart

    camera = face.camera(size)
    maps = face.surface_maps(camera, size, size)
    found = {
        "landmarks": face.landmark_map(camera, size, size, style),
        "depth": maps.depth[0].numpy(),
        "normal": maps.normal_picture()[0].numpy(),
        "face": maps.coverage[0].numpy(),
        "silhouette": face.silhouette(camera, size, size),
    }
    for part in FacePart:
        if part not in (FacePart.BACKGROUND, FacePart.SKIN):
            found[f"mask_{part.name.lower()}"] = maps.mask(part)[0].numpy()
    return {name: (255 * np.clip(picture, 0, 1)).round().astype(np.uint8) for name, picture in found.items()}


def _neutral(identity: str, read_picture: PictureReader | None) -> tuple[NDArray[np.float32], dict[str, Any]]:
    """Return a neutral face and what to say about it."""
    from auface.structure.identity import default_neutral, sampled_neutral
    from auface.structure.photo import fit_photo

    if identity == "default":
        return default_neutral(), {"kind": "default"}
    if identity.isdigit():
        return sampled_neutral(int(identity)), {"kind": "sampled", "seed": int(identity)}
    fit = fit_photo(read_landmarks(Path(identity), "--identity", read_picture, others="'default', a seed"))
    return fit.neutral, {"kind": "photo", "confidence": round(fit.confidence, 3), "shows": fit.expression.notation()}


def _save(path: Path, picture: NDArray[np.uint8]) -> None:
    try:
        from PIL import Image
    except ImportError:
        raise ImportError("maps as PNG need pillow, which auface[structure] brings") from None
    Image.fromarray(picture).save(path)
