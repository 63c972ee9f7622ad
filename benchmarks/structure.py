"""What the structural prior shows on people that it was never trained on.

    python benchmarks/structure.py --heads HEADS --data FACES [--weights FILE] [--only ROW ...]

HEADS is the head pack, FACES the folder of face sets of the training (`auface.lora_training.structure`), made where
they are missing; the linear yardstick is fitted to 20,000 faces of its training split. The truth is the composed head
of `auface.autext.heads` as it is now. Errors are the mean distance of the 478 points in percent of the inter-ocular
distance. Writes `benchmarks/results/structure.json`, row by row, and `benchmarks/results/structure_conflicts.png`.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import torch
from machine import birth_certificate
from structure_figure import CONFLICTS, draw_conflicts
from structure_truth import Faces, artefacts, direction_is_right, percent, truth

from auface.facs import Expression, Sides, describe, resolve
from auface.lora_training.structure.batch import FACES_PER_PERSON, PEOPLE_PER_FILE
from auface.lora_training.structure.faces import FaceFactory, FaceSet, Split
from auface.lora_training.structure.request import conflicting_request, emotions, natural_request, varied
from auface.structure.action_vector import UNITS
from auface.structure.contact import seal
from auface.structure.model import Sampling, StructureModel
from auface.structure.surface import FacePart
from auface.structure.topology import mirrored
from auface.structure.weight_file import shipped_path
from auface.structure.yardstick import LinearYardstick

RESULTS = Path(__file__).parent / "results"
PEOPLE = 40
EACH = 400
ARTEFACTS = 5000
LEVELS = np.arange(0.5, 5.01, 0.5)


def moved(model: StructureModel, asked: list[Expression], neutral: np.ndarray, *, contact: bool = True) -> np.ndarray:
    """Return the displacement of requests on people by the prior, in parts that fit into memory."""
    found: list[np.ndarray] = []
    for start in range(0, len(asked), 250):
        part = slice(start, start + 250)
        codes, rest = model.codes(model.condition_of(asked[part]), Sampling()), torch.from_numpy(neutral[part])
        firmness = model.firmness_of(asked[part]) if contact else None
        found.append(model.displacement(codes, rest, contact=contact, firmness=firmness).numpy())
    return np.concatenate(found)


def requests() -> dict[str, list[Expression]]:
    """Return the requests of each category."""
    rng = random.Random("structure benchmark")
    single: list[Expression] = []
    for _ in range(EACH):
        unit, level = rng.choice(UNITS), float(rng.randint(1, 5))
        one = unit.sides is Sides.ONE or (unit.sides is Sides.EACH and rng.random() < 0.3)
        single.append(Expression.of({unit: (level, 0.0) if one else (level, level)}))
    return {
        "single units": single,
        "natural combinations": [natural_request(rng) for _ in range(EACH)],
        "emotions": [varied(rng.choice(emotions()), rng) for _ in range(EACH)],
        "conflicts": [conflicting_request(rng) for _ in range(EACH)],
    }


def geometry_errors(model: StructureModel, yardstick: LinearYardstick, faces: Faces) -> dict[str, dict[str, float]]:
    """Return the error of each way of asking in each category."""
    result: dict[str, dict[str, float]] = {}
    for category, asked in requests().items():
        faces.choose(len(asked))
        right = truth(faces, [resolve(request) for request in asked])
        shown = [resolve(request) for request in asked]
        texts = [describe(request, seed=number) for number, request in enumerate(asked)]
        read = [model.condition(text)[0] for text in texts]
        with torch.no_grad():
            heard = [model.condition_of_text([text]) for text in texts]
            told, units = (torch.cat([pair[place] for pair in heard]) for place in (0, 1))
        neutral = torch.from_numpy(faces.neutral)
        ways = {
            "ours, expression": moved(model, shown, faces.neutral),
            "ours, expression as asked": moved(model, asked, faces.neutral),
            "ours, text": moved(model, read, faces.neutral),
            "ours, text, encoder alone": model.displacement(
                model.codes(told, Sampling()), neutral, firmness=seal(units)
            ).numpy(),
            "linear, as asked": yardstick.displacement(asked),
            "linear, after resolving": yardstick.displacement(shown),
        }
        result[category] = {name: percent(way, right) for name, way in ways.items()}
        result[category]["no movement"] = percent(np.zeros_like(right), right)
    return result


def artefact_shares(model: StructureModel, yardstick: LinearYardstick, faces: Faces) -> dict[str, dict[str, float]]:
    """Return the share of random conflicting requests with each artefact."""
    rng = random.Random("structure artefacts")
    asked = [conflicting_request(rng) for _ in range(ARTEFACTS)]
    shown = [resolve(request) for request in asked]
    faces.choose(ARTEFACTS)
    ways = {
        "ours": moved(model, shown, faces.neutral),
        "ours, as asked": moved(model, asked, faces.neutral),
        "ours, without contact": moved(model, shown, faces.neutral, contact=False),
        "linear, as asked": yardstick.displacement(asked),
        "linear, after resolving": yardstick.displacement(shown),
    }
    result = {name: artefacts(faces, way, shown) for name, way in ways.items()}
    few = 600
    faces.choose(few)
    result["truth (600)"] = artefacts(faces, truth(faces, shown[:few]), shown[:few])
    return result


def phrasing_score(model: StructureModel, faces: Faces) -> dict[str, float]:
    """Return the share of hand-written phrasings of which every region moves the right way."""
    path = Path(__file__).parent / "phrasings" / "test.jsonl"
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    right = {"language": 0, "encoder": 0}
    face = faces.default()
    for row in rows:
        asked = resolve(Expression.parse(row["units"] or "neutral"))
        wanted = truth(face, [asked])[0]
        for reader in ("language", "encoder"):
            try:
                got = model.structure(row["text"], neutral=face.neutral[0], reader=reader).displacement
            except ValueError:
                got = np.zeros_like(wanted)
            right[reader] += direction_is_right(got, wanted)
    return {"rows": len(rows), **{reader: count / len(rows) for reader, count in right.items()}}


def mirror_difference(model: StructureModel) -> dict[str, float]:
    """Return how far the face of a mirrored request is from the mirrored face, in percent."""
    differences: dict[str, list[float]] = {"expression": [], "text": [], "text, encoder alone": []}
    for asked in requests()["natural combinations"][:100]:
        one, other = resolve(asked), resolve(asked).mirrored()
        pairs = {
            "expression": (model.structure(one), model.structure(other)),
            "text": (model.structure(describe(one)), model.structure(describe(other))),
            "text, encoder alone": (
                model.structure(describe(one), reader="encoder"),
                model.structure(describe(other), reader="encoder"),
            ),
        }
        for name, (first, second) in pairs.items():
            differences[name].append(percent(mirrored(first.displacement)[None], second.displacement[None]))
    return {name: float(np.mean(values)) for name, values in differences.items()}


def monotone_share(model: StructureModel, faces: Faces) -> dict[str, object]:
    """Return the share of half-letter steps in which the face moves on toward the unit's face at E."""
    rising, steps, wrong = 0, 0, []
    face = faces.default()
    for unit in UNITS:
        side = (1.0, 0.0) if unit.sides is Sides.ONE else (1.0, 1.0)
        ramp = [Expression.of({unit: (side[0] * level, side[1] * level)}) for level in LEVELS]
        goal = truth(face, [ramp[-1]])[0].ravel()
        got = moved(model, ramp, np.repeat(face.neutral, len(ramp), 0)).reshape(len(ramp), -1)
        along = np.diff(got @ goal)
        rising, steps = rising + int((along > 0).sum()), steps + len(along)
        if (along <= 0).any():
            wrong.append(unit.name)
    return {"share": rising / steps, "steps": steps, "units with a wrong step": wrong}


def variety(model: StructureModel, faces: Faces) -> dict[str, float]:
    """Return how much ten draws at temperature 1 differ, and how many of them still show the request."""
    apart: list[float] = []
    showing: list[bool] = []
    face = faces.default()
    for asked in (resolve(request) for request in requests()["natural combinations"][:40]):
        wanted = truth(face, [asked])[0]
        draws = [
            model.structure(asked, neutral=face.neutral[0], sampling=Sampling(temperature=1, seed=seed)).displacement
            for seed in range(10)
        ]
        mean = np.mean(draws, axis=0)
        apart += [percent(draw[None], mean[None]) for draw in draws]
        showing += [direction_is_right(draw, wanted) for draw in draws]
    return {
        "mean distance to the mean draw, percent": float(np.mean(apart)),
        "showing the request": float(np.mean(showing)),
    }


def speed(model: StructureModel) -> dict[str, float]:
    """Return milliseconds of CPU time, one thread, warm, of geometry alone, of all maps at 512 pixels, and silhouette.

    All maps are the landmark drawing, depth, the picture of normals, and a mask of each part and of the face.
    """
    text = "Inner and outer brows raised, upper lids wide, and the jaw dropped."
    geometry: list[float] = []
    everything: list[float] = []
    outline: list[float] = []
    for _ in range(30):
        start = time.process_time()
        face = model.structure(text)
        geometry.append(time.process_time() - start)
        camera = face.camera(512)
        face.landmark_map(camera, 512, 512)
        maps = face.surface_maps(camera, 512, 512)
        maps.normal_picture()
        for part in FacePart:
            maps.mask(part)
        everything.append(time.process_time() - start)
        start = time.process_time()
        face.silhouette(camera, 512, 512)
        outline.append(time.process_time() - start)
    rows = {"geometry": geometry, "text to all maps": everything, "silhouette besides": outline}
    return {f"{name}, ms": 1000 * median(values[5:]) for name, values in rows.items()}


def unit_errors(model: StructureModel, faces: Faces, level: float = 4.0) -> dict[str, dict[str, float]]:
    """Return how far each unit alone is from the heads as they are now.

    Returns:
        For each unit the error, what the unit moves, both in percent, and the first as a share of the second.
    """
    result: dict[str, dict[str, float]] = {}
    people = faces.few(10)
    for unit in UNITS:
        asked = Expression.of({unit: (level, 0.0 if unit.sides is Sides.ONE else level)})
        shown = [asked] * len(people.people)
        right = truth(people, shown)
        error = percent(moved(model, shown, people.neutral), right)
        moves = percent(np.zeros_like(right), right)
        result[unit.name] = {"error": error, "moves": moves, "share": error / moves}
    return result


def tokens(model: StructureModel, test: FaceSet) -> dict[str, object]:
    """Return how well tokens hold faces, and how much of the codebook they use."""
    tokenizer, displacement = model.network.tokenizer, test.displacement.astype(np.float32)
    neutral = torch.from_numpy(test.neutral[test.person])
    with torch.no_grad():
        codes = tokenizer.encode(torch.from_numpy(displacement), neutral)
        decoded = tokenizer.decode(codes, neutral).numpy()
    indices = tokenizer.quantizer.indices(tokenizer.quantizer.digits(codes))
    return {
        "reconstruction": percent(decoded, displacement),
        "codes used of each": {place: len(indices[:, :, place].unique()) for place in range(indices.shape[2])},
        "codebook size": tokenizer.quantizer.codebook_size,
    }


def face_set(factory: FaceFactory, folder: Path, split: Split, number: int) -> FaceSet:
    """Read a set of faces, after making it if it is not there; it is the one of the training."""
    path = folder / f"{split}-{number:03d}.npz"
    if not path.exists():
        factory.faces(split, number * PEOPLE_PER_FILE, PEOPLE_PER_FILE, FACES_PER_PERSON).save(path)
    return FaceSet.load(path)


def fitted_yardstick(factory: FaceFactory, folder: Path) -> LinearYardstick:
    """Return the linear yardstick, fitted to 20,000 faces of the training split."""
    sets = [face_set(factory, folder, "train", number) for number in range(4)]
    asked = [Expression.parse(str(notation)) for part in sets for notation in part.asked]
    return LinearYardstick.fit(asked, np.concatenate([part.displacement for part in sets]).astype(np.float32))


def main() -> None:
    """Measure and write the result."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--heads", type=Path, required=True)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--weights", type=Path, default=shipped_path())
    parser.add_argument("--only", nargs="+", default=[], metavar="ROW", help="measure these rows, keep the others")
    given = parser.parse_args()
    torch.set_num_threads(1)
    model = StructureModel.load(given.weights)
    factory = cache(lambda: FaceFactory(given.heads))
    faces = cache(lambda: Faces(factory(), PEOPLE))
    yardstick = cache(lambda: fitted_yardstick(factory(), given.data))
    rows: dict[str, Callable[[], object]] = {
        "tokens": lambda: tokens(model, face_set(factory(), given.data, "test", 0)),
        "geometry error": lambda: geometry_errors(model, yardstick(), faces()),
        "artefacts": lambda: artefact_shares(model, yardstick(), faces()),
        "free phrasings": lambda: phrasing_score(model, faces()),
        "mirror difference": lambda: mirror_difference(model),
        "monotone": lambda: monotone_share(model, faces()),
        "variety at temperature 1": lambda: variety(model, faces()),
        "units at D": lambda: unit_errors(model, faces()),
        "CPU time": lambda: speed(model),
    }
    if unknown := set(given.only) - set(rows):
        parser.error(f"--only has {sorted(unknown)}; accepted are {list(rows)}.")
    path = RESULTS / "structure.json"
    kept = json.loads(path.read_text(encoding="utf-8")) if given.only else {}
    result: dict[str, Any] = {**kept, **birth_certificate(), "weights, MB": given.weights.stat().st_size / 1e6}
    result["command"] = "python benchmarks/structure.py --heads HEADS --data FACES"
    for name, measure in rows.items():
        if not given.only or name in given.only:
            result[name] = measure()
            result["measured"] = {**result.get("measured", {}), name: result["date"]}
            path.write_text(json.dumps(result, indent=1, default=float) + "\n", encoding="utf-8")
    if not given.only:
        draw_conflicts(model, yardstick(), faces().default(), CONFLICTS, RESULTS / "structure_conflicts.png")


if __name__ == "__main__":
    main()
