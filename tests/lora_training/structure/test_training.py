"""Training of the structural prior: it learns, stops and goes on; requests are what they are called."""

import json
from dataclasses import replace
from pathlib import Path
from random import Random

import numpy as np
import pytest
import torch
from command_line import auface

from auface.facs import Expression, resolve
from auface.lora_training.structure.batch import FaceBatches
from auface.lora_training.structure.faces import FaceSet
from auface.lora_training.structure.request import conflicting_request, natural_request, random_request
from auface.lora_training.structure.training import StructureTraining, train, train_stage
from auface.lora_training.structure.weights import export
from auface.structure.action_vector import UNITS
from auface.structure.identity import sampled_neutral
from auface.structure.network import NetworkConfig, StructureNetwork
from auface.structure.prior import PriorConfig
from auface.structure.tokenizer import TokenizerConfig
from auface.structure.topology import topology
from auface.structure.weight_file import load_weights

TINY = NetworkConfig(tokenizer=TokenizerConfig(hidden=16), prior=PriorConfig(width=16, layers=1, heads=2))


@pytest.fixture(scope="module")
def faces() -> FaceSet:
    """Faces that move by the plain sum of single units: no head pack is needed."""
    rng = Random(0)
    asked = [random_request(rng) for _ in range(60)]
    shapes = topology().unit
    moved = [
        sum(
            (shapes[UNITS.index(unit)] * max(left, right) / 5 for unit, left, right in face if unit in UNITS),
            0 * shapes[0],
        )
        for face in asked
    ]
    neutral = np.stack([sampled_neutral(seed) for seed in range(3)])
    return FaceSet(
        neutral,
        np.arange(60, dtype=np.int32) % 3,
        np.array([face.notation() for face in asked]),
        np.stack(moved).astype(np.float16),
    )


def training(out: Path, *steps: int) -> StructureTraining:
    first, second, third, fourth = steps
    return StructureTraining(data=out, out=out, batch=4, steps=(first, second, third, fourth), network=TINY)


def test_face_sets_are_joined_with_their_people(faces: FaceSet, tmp_path: Path) -> None:
    faces.save(tmp_path / "one.npz")
    both = FaceSet.load(tmp_path / "one.npz", tmp_path / "one.npz")
    assert len(both.neutral) == 6
    np.testing.assert_array_equal(both.person[60:], faces.person + 3)
    np.testing.assert_array_equal(both.asked[60:], faces.asked)


def test_all_stages_run_and_a_run_goes_on_where_it_was(faces: FaceSet, tmp_path: Path) -> None:
    whole = train(training(tmp_path / "a", 2, 2, 2, 2), FaceBatches(faces))
    batches = FaceBatches(faces)
    torch.manual_seed(0)
    stopped = StructureNetwork(TINY)
    train_stage(training(tmp_path / "b", 2, 2, 2, 2), 0, stopped, batches)
    train_stage(training(tmp_path / "b", 2, 2, 2, 2), 1, stopped, batches)
    again = train(training(tmp_path / "b", 2, 2, 2, 2), FaceBatches(faces))
    for one, two in zip(whole.parameters(), again.parameters(), strict=True):
        assert torch.equal(one, two)


def test_a_folder_with_other_sizes_is_refused(faces: FaceSet, tmp_path: Path) -> None:
    train(training(tmp_path, 1, 0, 0, 0), FaceBatches(faces))
    other = NetworkConfig(tokenizer=TINY.tokenizer, prior=PriorConfig(width=32, layers=1, heads=2))
    with pytest.raises(ValueError, match="other sizes"):
        train(replace(training(tmp_path, 1, 0, 0, 0), network=other), FaceBatches(faces))


def test_the_tokenizer_learns(faces: FaceSet, tmp_path: Path) -> None:
    train(training(tmp_path, 0, 200, 0, 0), FaceBatches(faces))
    lines = (tmp_path / "2-tokenizer" / "log.jsonl").read_text(encoding="utf-8").splitlines()
    first, last = (json.loads(line)["reconstruction"] for line in lines)
    assert last < 0.9 * first


def test_exported_weights_load(faces: FaceSet, tmp_path: Path) -> None:
    train(training(tmp_path, 1, 1, 1, 1), FaceBatches(faces))
    digest = export(tmp_path, tmp_path / "w" / "structure.safetensors", text=tmp_path)
    assert digest in (tmp_path / "w" / "structure.safetensors.sha256").read_text(encoding="utf-8")
    assert load_weights(tmp_path / "w" / "structure.safetensors").config == TINY


def test_requests_are_what_they_are_called() -> None:
    rng = Random(3)
    for _ in range(50):
        natural, conflicting = natural_request(rng), conflicting_request(rng)
        assert resolve(natural) == natural
        assert resolve(conflicting) != conflicting
        assert isinstance(random_request(rng), Expression)


def test_steps_of_every_stage_are_wanted(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="`steps`"):
        StructureTraining(data=tmp_path, out=tmp_path, steps=(1, 2))  # pyright: ignore[reportArgumentType]


def test_the_command_tells_a_program_what_it_did(
    faces: FaceSet, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    faces.save(tmp_path / "faces" / "train-000.npz")
    own = ["train", "structure", "--data", str(tmp_path / "faces"), "--out", str(tmp_path / "run"), "--people", "3"]
    assert auface(*own, "--batch", "2", "--steps", "1", "1", "0", "0", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert list(told) == ["text", "tokenizer"]
    assert all(Path(checkpoint).is_file() for checkpoint in told.values())
