"""Twins learn the same faces and are told of them in two ways: by the structural prior, and by sums of units."""

import os
from pathlib import Path

import numpy as np
import pytest
import torch

from auface.facs import Expression, resolve
from auface.lora_training.mini.twin import LinearConditioning, trained_adapter, twin_condition, twin_displacement
from auface.lora_training.structure.faces import FIRST_PERSON, FaceFactory
from auface.structure.model import shipped_model

CONFLICT = Expression.parse("12E+15E+24E+27E")


@pytest.fixture(scope="module")
def factory() -> FaceFactory:
    folder = os.environ.get("AUFACE_HEADS")
    if not folder:
        pytest.skip("needs the head pack: set AUFACE_HEADS to its folder")
    return FaceFactory(Path(folder))


@pytest.fixture(scope="module")
def linear(factory: FaceFactory) -> LinearConditioning:
    return LinearConditioning.fit(factory, shipped_model(), 300)


def test_the_linear_twin_is_told_sums(linear: LinearConditioning) -> None:
    smile, brows = Expression.parse("12C"), Expression.parse("1C+2C")
    rest = np.zeros((1, 478, 3), np.float32)
    apart = [twin_displacement("linear", linear, [one], rest) for one in (smile, brows)]
    both = twin_displacement("linear", linear, [smile.added(brows)], rest)
    assert np.allclose(both, sum(apart), atol=1e-5)
    none, one, other, joined = twin_condition("linear", linear, [Expression(), smile, brows, smile.added(brows)])
    assert torch.allclose(joined, one + other - none, atol=1e-4)


def test_the_twin_of_the_prior_is_told_what_a_face_can_do(factory: FaceFactory, linear: LinearConditioning) -> None:
    person = factory.person(FIRST_PERSON["test"])
    rest = factory.neutral(person)
    true = factory.points(person, resolve(CONFLICT)) - rest
    errors = {
        twin: float(np.linalg.norm(twin_displacement(twin, linear, [CONFLICT], rest[None])[0] - true, axis=1).mean())
        for twin in ("prior", "linear")
    }
    assert errors["prior"] < 0.6 * errors["linear"]
    told = twin_condition("prior", linear, [CONFLICT])
    assert torch.equal(told, twin_condition("prior", linear, [resolve(CONFLICT)]))
    assert told.shape == twin_condition("linear", linear, [CONFLICT]).shape


def test_a_twin_that_was_not_trained_is_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"adapter-prior/checkpoint\.safetensors is missing"):
        trained_adapter(tmp_path, "prior")
