"""The shipped weights are whole, small, and move faces the way they say."""

from typing import Any

import numpy as np
import pytest
from torch.utils._python_dispatch import TorchDispatchMode

from auface.facs import ActionUnit, Expression, Sides
from auface.structure.action_vector import UNITS
from auface.structure.contact import gaps
from auface.structure.identity import sampled_neutral
from auface.structure.model import Sampling, StructureModel, shipped_model
from auface.structure.topology import mirrored, topology
from auface.structure.weight_file import shipped_path


@pytest.fixture(scope="module")
def model() -> StructureModel:
    return shipped_model()


def height(model: StructureModel, request: str, landmark: int) -> float:
    return float(model.structure(request).displacement[landmark, 1])


def test_the_file_is_small_and_has_a_card() -> None:
    assert shipped_path().stat().st_size < 12e6
    assert shipped_path().with_suffix(".md").is_file()


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_every_unit_moves_as_on_the_heads(model: StructureModel, unit: ActionUnit) -> None:
    face = model.structure(Expression.of({unit: (5.0, 5.0) if unit.sides is Sides.TOGETHER else (5.0, 0.0)}))
    wanted = topology().unit[UNITS.index(unit)]
    cosine = (face.displacement * wanted).sum() / np.linalg.norm(face.displacement) / np.linalg.norm(wanted)
    assert cosine > 0.8


def test_brows_rise_corners_rise_and_the_jaw_drops(model: StructureModel) -> None:
    assert height(model, "1+2D", 105) > 0.03
    assert height(model, "a broad smile", 61) > 0.03
    assert height(model, "the jaw is dropped", 152) < -0.05
    assert height(model, "left brow raised", 334) > 0.03 > 0.01 > abs(height(model, "left brow raised", 105))


def test_a_face_takes_few_operations(model: StructureModel) -> None:
    """Networks this small cost less than calling torch, so that each needless call is felt; timings would flicker."""

    class Count(TorchDispatchMode):
        total = 0

        def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
            self.total += 1
            return func(*args, **(kwargs or {}))

    with Count() as count:
        model.structure("1+2C+5D+26")
    assert count.total < 450


def test_more_is_more(model: StructureModel) -> None:
    drops = [height(model, f"27{letter}", 152) for letter in "ABCDE"]
    assert drops == sorted(drops, reverse=True)


def test_closed_eyes_close_and_pressed_lips_stay_shut_on_anyone(model: StructureModel) -> None:
    import torch

    for seed in range(5):
        face = model.structure("43E+5E+24E+26D", neutral=sampled_neutral(seed))
        lips, right, left = gaps(torch.from_numpy(face.points)[None])
        assert max(right.max(), left.max()) < 0.05
        assert lips.max() < 0.12
        assert min(lips.min(), right.min(), left.min()) > -1e-4


def test_lips_that_are_pressed_stay_shut_against_what_pulls_them_apart(model: StructureModel) -> None:
    import torch

    for notation in ("10E+24B", "16E+24B", "L10E+16D+24C", "9E+34C"):
        neutral = sampled_neutral(3)
        face = model.structure(notation, neutral=neutral)
        assert face.expression.intensity(24) or face.expression.intensity(34)
        wider = gaps(torch.from_numpy(face.points)[None])[0] - gaps(torch.from_numpy(neutral)[None])[0]
        assert wider.max() < 0.012, notation


def test_a_seal_sets_in_and_breaks_without_a_jump(model: StructureModel) -> None:
    asked = [Expression.of({24: (level, level), 10: (4.0, 4.0)}) for level in np.arange(0, 1.01, 0.05)]
    rising = model.firmness_of(asked)
    assert rising[0] == 0
    assert rising[-1] == 1
    assert rising.diff().max() < 0.11
    opened = [Expression.of({24: (3.0, 3.0), 25: (level, level)}) for level in np.arange(0, 1.01, 0.05)]
    falling = model.firmness_of(opened)
    assert (falling[0], falling[-1]) == (1, 0)
    assert falling.diff().min() > -0.11


def test_mirrored_words_mirror_the_face(model: StructureModel) -> None:
    one = model.structure("the left lip corner is up and the right brow is lowered")
    two = model.structure("the right lip corner is up and the left brow is lowered")
    np.testing.assert_allclose(two.points, mirrored(one.points), atol=1e-4)


def test_drawn_faces_differ_and_still_show_the_request(model: StructureModel) -> None:
    expected = model.structure("1+2C+26C").displacement
    drawn = [model.structure("1+2C+26C", sampling=Sampling(temperature=1, seed=seed)).displacement for seed in range(4)]
    assert np.abs(drawn[0] - drawn[1]).mean() > 1e-4
    for face in drawn:
        assert (face * expected).sum() > 0.7 * np.linalg.norm(face) * np.linalg.norm(expected)


def test_text_that_says_nothing_about_a_face_is_refused(model: StructureModel) -> None:
    with pytest.raises(ValueError, match="nothing about a face"):
        model.structure("quarterly tax report for shareholders")
