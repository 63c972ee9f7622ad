r"""Train the recognizer: the crop network, the finder of faces, the reader of landmarks.

    python -m auface.lora_training.recognizer prepare --data SET --out CACHE
    python -m auface.lora_training.recognizer geometry --cache CACHE --out RUNS/geometry
    python -m auface.lora_training.recognizer face --cache CACHE --heads HEADS --geometry RUNS/geometry --out RUNS/face
    python -m auface.lora_training.recognizer cascade --cache CACHE --face RUNS/face --geometry RUNS/geometry \
        --out RUNS/cascade
    python -m auface.lora_training.recognizer finder --cache CACHE --heads HEADS --out RUNS/finder
    python -m auface.lora_training.recognizer export --cache CACHE --runs RUNS --out weights/recognition.safetensors

SET is a synthetic set with landmarks that `auface dataset synth` drew. Runs go on where they were when they are
started again with the same arguments; `log.jsonl` has the losses, `validation.jsonl` how well people are read that
training does not see.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

import torch

from auface.lora_training.checkpoint import NAME, read_checkpoint, write_checkpoint
from auface.recognition.face_network import FaceNetwork, FaceNetworkConfig
from auface.recognition.finder_network import FinderNetwork
from auface.recognition.geometry_network import GeometryNetwork

from .loop import Loop, LoopConfig
from .recognizer_cache import FaceCache, manifest, prepare
from .recognizer_cascade import CascadeTask, Recorded, record
from .recognizer_export import export
from .recognizer_face import FaceBatches, FaceTask, scene_bank, shape_basis
from .recognizer_finder import FinderBatches, FinderTask
from .recognizer_geometry import GeometryTask
from .recognizer_shape import ShapeTable, ShownUnits


def train_face(
    cache: FaceCache, scenes: Path, heads: Path | None, geometry: Path, config: LoopConfig, batch: int
) -> Loop:
    """Train the crop network.

    Args:
        cache: The faces.
        scenes: File of scenes without faces; made if it is missing.
        heads: Folder of the head pack, for scenes.
        geometry: Run of the geometry network, which is trained first.
        config: How to train.
        batch: Crops of a step.
    """
    torch.manual_seed(config.seed)
    network = FaceNetwork(FaceNetworkConfig(ranks=()))
    mean, basis = shape_basis(cache, network.config.components)
    network.mean.copy_(mean)
    network.basis.copy_(basis)
    network.to(memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue]
    bank = scene_bank(scenes, heads, cache, 3000)
    faces = FaceBatches(cache, "train", bank, network.config.crop, config.seed)
    reader = GeometryNetwork()
    reader.load_state_dict(averaged_weights(geometry)["geometry"])
    shown = ShownUnits(reader, cache, ShapeTable(cache, "train"))
    loop = Loop(config, FaceTask(network, faces, batch, shown))
    loop.train()
    return loop


def train_finder(cache: FaceCache, scenes: Path, heads: Path | None, config: LoopConfig, batch: int) -> Loop:
    """Train the finder of faces.

    Args:
        cache: The faces.
        scenes: File of scenes without faces; made if it is missing.
        heads: Folder of the head pack, for scenes.
        config: How to train.
        batch: Pictures of a step.
    """
    torch.manual_seed(config.seed)
    network = FinderNetwork()
    network.to(memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue]
    bank = scene_bank(scenes, heads, cache, 3000)
    loop = Loop(config, FinderTask(network, FinderBatches(cache, "train", bank, config.seed), batch))
    loop.train()
    return loop


def train_geometry(cache: FaceCache, config: LoopConfig, batch: int) -> Loop:
    """Train the reader of landmarks.

    Args:
        cache: The faces.
        config: How to train.
        batch: Faces of a step.
    """
    torch.manual_seed(config.seed)
    loop = Loop(config, GeometryTask(GeometryNetwork(), ShapeTable(cache, "train"), batch, config.seed))
    loop.train()
    return loop


def train_cascade(
    cache: FaceCache, scenes: Path, face: Path, geometry: Path, config: LoopConfig, faces: int, batch: int
) -> None:
    """Train the cascade of a crop network whose trunk is trained, and write a checkpoint with the whole network.

    Args:
        cache: The faces.
        scenes: File of scenes without faces.
        face: Run of the crop network.
        geometry: Run of the geometry network.
        config: How to train each step of the cascade.
        faces: How many photographed faces to learn from.
        batch: Faces of a step.
    """
    torch.manual_seed(config.seed)
    network = FaceNetwork()
    state = averaged_weights(face)["face"]
    own = network.state_dict()
    network.load_state_dict({key: state.get(key, value) for key, value in own.items()})
    network.to(memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue]
    if not any(config.out.glob("record*/labels.npz")):
        bank = scene_bank(scenes, None, cache, 3000)
        made = FaceBatches(cache, "train", bank, network.config.crop, config.seed + 1)
        record(network, made, faces, config.out / "record")
    reader = GeometryNetwork()
    reader.load_state_dict(averaged_weights(geometry)["geometry"])
    shown = ShownUnits(reader, cache, ShapeTable(cache, "train"))
    folders = sorted(path.parent for path in config.out.glob("record*/labels.npz"))
    for number in range(len(network.steps)):
        recorded = Recorded(folders, network, number)
        loop = Loop(
            replace(config, out=config.out / f"step{number}"), CascadeTask(network, number, recorded, shown, batch)
        )
        loop.train()
        network.steps[number].load_state_dict(loop.averaged()["step"])
    averages = {"face": {key: value.detach().clone() for key, value in network.state_dict().items()}}
    write_checkpoint(config.out / NAME, {"step": config.steps, "averages": averages})


def averaged_weights(run: Path) -> dict[str, dict[str, torch.Tensor]]:
    """Return the weights to use of a run, by part.

    Args:
        run: Its folder.

    Raises:
        ValueError: It has no checkpoint.
    """
    return read_checkpoint(run / NAME)["averages"]


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description="Train the recognizer.")
    parser.add_argument("what", choices=("prepare", "face", "finder", "geometry", "cascade", "export"))
    parser.add_argument("--data", type=Path, help="synthetic set with landmarks")
    parser.add_argument("--cache", type=Path, help="folder that `prepare` wrote")
    parser.add_argument("--heads", type=Path, help="folder of the head pack, for scenes without faces")
    parser.add_argument("--face", type=Path, help="run of the crop network, for the cascade")
    parser.add_argument("--faces", type=int, default=28_800, help="photographed faces that the cascade learns from")
    parser.add_argument("--geometry", type=Path, help="run of the geometry network, for the crop network")
    parser.add_argument("--out", type=Path, required=True, help="folder, or for `export` file, to write")
    parser.add_argument("--runs", type=Path, help="folder of the runs cascade, finder and geometry, for `export`")
    parser.add_argument("--steps", type=int, default=5000)
    parser.add_argument("--batch", type=int, default=48)
    parser.add_argument("--learning-rate", type=float, default=2e-3)
    parser.add_argument("--threads", type=int, default=1, help="CPU threads")
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    if given.what == "prepare":
        prepare(given.data, given.out)
        print(manifest(given.out))  # noqa: T201
        return
    if given.what == "export":
        runs = {"face": given.runs / "cascade", "finder": given.runs / "finder", "geometry": given.runs / "geometry"}
        print(export(FaceCache.load(given.cache), runs, given.out))  # noqa: T201
        return
    config = LoopConfig(out=given.out, steps=given.steps, learning_rate=given.learning_rate, averaging=0.998)
    cache = FaceCache.load(given.cache)
    if given.what == "face":
        train_face(cache, given.cache / "scenes.npy", given.heads, given.geometry, config, given.batch)
    elif given.what == "geometry":
        train_geometry(cache, config, given.batch)
    elif given.what == "cascade":
        train_cascade(cache, given.cache / "scenes.npy", given.face, given.geometry, config, given.faces, given.batch)
    elif given.what == "finder":
        train_finder(cache, given.cache / "scenes.npy", given.heads, config, given.batch)


if __name__ == "__main__":
    main()
