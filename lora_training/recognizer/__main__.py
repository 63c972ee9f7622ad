r"""Train the recognizer: the crop network, the finder of faces, the reader of landmarks.

    auface train recognizer prepare --data SET [SET ...] --out CACHE
    auface train recognizer geometry --cache CACHE --out RUNS/geometry
    auface train recognizer face --cache CACHE --heads HEADS --geometry RUNS/geometry --out RUNS/face
    auface train recognizer finder --cache CACHE --heads HEADS --out RUNS/finder
    auface train recognizer export --cache CACHE --runs RUNS --out weights/recognition.safetensors

Then the cascade of the crop network can be made anew, step by step in closed form, which takes an hour and reads
landmarks far better than the gradient alone has learned to:

    auface train recognizer steps --cache CACHE --heads HEADS --weights WEIGHTS --steps 1700 --batch 512 \
        --learning-rate 1e-3 --out NEW/steps

Then the reader of landmarks can learn from landmarks as they are read in use, and all be exported again:

    auface train recognizer landmarks --cache CACHE --weights NEW/steps/recognition.safetensors --out NEW/own.npz
    auface train recognizer landmarks --cache CACHE --mediapipe MODEL --count 3000 \
        --out NEW/other.npz
    auface train recognizer geometry --cache CACHE --weights NEW/steps/recognition.safetensors \
        --read NEW/own.npz NEW/other.npz --out NEW/geometry
    auface train recognizer export --cache CACHE --runs NEW --weights NEW/steps/recognition.safetensors \
        --out weights/recognition.safetensors

NEW is another folder than RUNS, so that `export` finds no older run of the crop network there and takes that of
`--weights`. SET is a synthetic set with landmarks that `auface dataset synth` drew, each with a seed of its own; the
more people there are (`--per-person 2`), the better units are read. `--weights` of `face`, `geometry` and `export` is a
trained recognizer to go on from. Runs go on where they were when they are started again with the same arguments;
`log.jsonl` has the losses.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch

from auface.lora_training.arguments import Arguments, outcome
from auface.lora_training.loop import Loop, LoopConfig
from auface.recognition.face_reader import FaceReader
from auface.recognition.weight_file import load_networks

from .cache import FaceCache, manifest, prepare
from .export import export
from .read import read_by_crops, read_by_source, save_landmarks
from .shape import ReadLandmarks
from .training import train_face, train_finder, train_geometry, train_steps

SCENES = "scenes.npy"
"""In the cache: pictures without faces."""

NEEDED = {"prepare": ("data",), "export": ("cache", "runs")}
"""Options that a kind of work cannot do without; every other kind needs `cache`."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run from the command line.

    Args:
        arguments: Options; by default those of the process.
    """
    parser = Arguments("recognizer", "Train the recognizer.", "prepare --data heads --out cache")
    parser.add_argument("what", choices=("prepare", "face", "steps", "finder", "geometry", "landmarks", "export"))
    parser.add_argument("--data", type=Path, nargs="+", help="synthetic sets with landmarks")
    parser.add_argument("--cache", type=Path, help="folder that `prepare` wrote")
    parser.add_argument("--heads", type=Path, help="folder of the head pack, for scenes without faces")
    parser.add_argument("--weights", type=Path, help="trained recognizer to go on from, or to read landmarks with")
    parser.add_argument("--read", type=Path, nargs="*", default=[], help="files of `landmarks`, for `geometry`")
    parser.add_argument("--mediapipe", type=Path, help="model file, to read landmarks with MediaPipe instead")
    parser.add_argument("--count", type=int, help="read landmarks of so many faces; by default of all")
    parser.add_argument("--bfloat16", action="store_true", help="compute in bfloat16: faster on CPUs with AMX")
    parser.add_argument("--geometry", type=Path, help="run of the geometry network, for the crop network")
    parser.add_argument("--out", type=Path, required=True, help="folder, or for `export` file, to write")
    parser.add_argument("--runs", type=Path, help="folder of the runs face, finder and geometry, for `export`")
    parser.add_argument("--photographs", type=int, default=54000, help="faces for `steps`; 100 kB of disk for each")
    parser.add_argument("--ranks", type=int, nargs="+", default=[64, 96, 190], help="numbers that `steps` keep")
    parser.add_argument("--steps", type=int, default=5000)
    parser.add_argument("--batch", type=int, default=48)
    parser.add_argument("--learning-rate", type=float, default=2e-3)
    parser.add_argument("--threads", type=int, default=1, help="CPU threads")
    given = parser.parse_args(arguments)
    needed = NEEDED.get(given.what, ("cache",))
    if missing := [name for name in needed if getattr(given, name) is None]:
        options = " and ".join(f"--{name}" for name in needed)
        parser.error(f"`{missing[0]}` is missing; `{given.what}` needs {options}")
    torch.set_num_threads(given.threads)
    if given.what == "prepare":
        prepare(given.data, given.out)
        parser.tell(given, manifest(given.out))
        return
    cache = FaceCache.load(given.cache)
    if given.what == "export":
        parser.tell(given, export(cache, given.runs, given.out, given.weights))
    elif given.what == "landmarks":
        save_landmarks(_read(cache, given.weights, given.mediapipe, given.count), given.out)
        parser.tell(given, {"landmarks": str(given.out)})
    elif given.what == "steps":
        parser.tell(given, {"steps": _steps(given, cache)})
    else:
        parser.tell(given, outcome(_train(given, cache)))


def _read(cache: FaceCache, weights: Path | None, mediapipe: Path | None, count: int | None) -> ReadLandmarks:
    if mediapipe is None:
        return read_by_crops(FaceReader(load_networks(weights)), cache, count)
    from auface.recognition.mediapipe_faces import MediaPipeFaces

    return read_by_source(MediaPipeFaces(mediapipe), cache, count)


def _config(given: argparse.Namespace) -> LoopConfig:
    return LoopConfig(
        out=given.out,
        steps=given.steps,
        learning_rate=given.learning_rate,
        averaging=0.998,
        bfloat16=given.bfloat16,
    )


def _steps(given: argparse.Namespace, cache: FaceCache) -> list[dict[str, Any]]:
    return train_steps(
        cache,
        given.cache / SCENES,
        given.heads,
        _config(given),
        given.weights,
        photographs=given.photographs,
        ranks=given.ranks,
        batch=given.batch,
    )


def _train(given: argparse.Namespace, cache: FaceCache) -> Loop:
    config = _config(given)
    if given.what == "face":
        scenes = given.cache / SCENES
        return train_face(
            cache, scenes, given.heads, config, given.batch, geometry=given.geometry, weights=given.weights
        )
    if given.what == "geometry":
        return train_geometry(cache, config, given.batch, given.read, given.weights)
    return train_finder(cache, given.cache / SCENES, given.heads, config, given.batch)


if __name__ == "__main__":
    main()
