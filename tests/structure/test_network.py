"""The untrained network at tiny size already has its symmetries, and its file round-trips."""

from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from strategies import expressions

from auface.facs import Expression
from auface.structure.action_vector import SIZE, UNITS, action_vector
from auface.structure.checked_file import CheckedFile, write_checked
from auface.structure.contact import gaps, sealed, without_crossing
from auface.structure.half_face import HalfFaces
from auface.structure.identity import default_neutral, sampled_neutral
from auface.structure.model import Sampling, StructureModel, expression_of
from auface.structure.network import NetworkConfig, StructureNetwork
from auface.structure.prior import PriorConfig
from auface.structure.quantizer import ScalarQuantizer
from auface.structure.tokenizer import TokenizerConfig
from auface.structure.topology import mirrored
from auface.structure.vocabulary import encoded
from auface.structure.weight_file import load_weights, save_weights

TINY = NetworkConfig(tokenizer=TokenizerConfig(hidden=16), prior=PriorConfig(width=16, layers=1, heads=2))


@pytest.fixture(scope="module")
def model() -> StructureModel:
    torch.manual_seed(0)
    network = StructureNetwork(TINY)
    torch.nn.init.normal_(network.prior.levels.weight)
    return StructureModel(network)


@given(expressions(max_units=6))
def test_the_action_vector_is_read_back(expression: Expression) -> None:
    kept = Expression(tuple(activation for activation in expression if activation.unit in UNITS))
    assert expression_of(action_vector(expression), 0.001).distance(kept) < 0.05


@given(expressions(max_units=6))
def test_the_mirror_image_has_its_halves_exchanged(expression: Expression) -> None:
    np.testing.assert_array_equal(action_vector(expression.mirrored()), action_vector(expression)[::-1])


@pytest.mark.parametrize("levels", [(5, 5, 5, 5), (8, 5, 5, 5), (8, 8, 8), (7, 4)])
def test_quantization_is_that_of_the_reference(levels: tuple[int, ...]) -> None:
    from vector_quantize_pytorch import FSQ

    reference, ours = FSQ(list(levels)), ScalarQuantizer(levels)
    z = torch.randn(200, len(levels)) * 3
    codes = ours(z)
    torch.testing.assert_close(codes, reference.quantize(z))
    assert torch.equal(ours.indices(ours.digits(codes)), reference.codes_to_indices(codes).long())
    torch.testing.assert_close(ours.codes(ours.digits(codes)), codes)


def test_quantized_codes_pass_gradients() -> None:
    z = torch.randn(4, 3, requires_grad=True)
    ScalarQuantizer((5, 5, 5))(z).sum().backward()
    assert z.grad is not None
    assert (z.grad > 0).all()


@settings(max_examples=10)
@given(expressions(max_units=4))
def test_the_mirrored_request_gives_exactly_the_mirrored_face(model: StructureModel, expression: Expression) -> None:
    person = sampled_neutral(3)
    one = model.structure(expression, neutral=person)
    two = model.structure(expression.mirrored(), neutral=mirrored(person))
    np.testing.assert_allclose(two.points, one.mirrored().points, atol=1e-4)
    np.testing.assert_array_equal(two.tokens, one.mirrored().tokens)


def test_the_mirrored_text_gives_exactly_the_mirrored_face(model: StructureModel) -> None:
    texts = (
        "the left brow lifts while the right lip corner drops",
        "the right brow lifts while the left lip corner drops",
    )
    conditions = [model.condition_of_text([text])[0] for text in texts]
    torch.testing.assert_close(conditions[0].flip(1), conditions[1])


def test_left_and_right_words_depend_on_the_half() -> None:
    np.testing.assert_array_equal(encoded("left brow up", 0), encoded("right brow up", 1))
    assert (encoded("left brow", 0) != encoded("right brow", 0)).any()
    np.testing.assert_array_equal(encoded("brows raised", 0), encoded("brows raised", 1))


@pytest.mark.parametrize("device", ["tpu", "cuda:99"])
def test_a_device_that_is_not_here_is_named(device: str) -> None:
    with pytest.raises(ValueError, match=f"`device` is '{device}'"):
        StructureModel(StructureNetwork(TINY), device)


def test_a_neutral_request_is_the_neutral_face(model: StructureModel) -> None:
    assert not model.structure("neutral").displacement.any()


def test_the_temperature_draws_and_the_seed_repeats(model: StructureModel) -> None:
    drawn = [model.structure("1+2C", sampling=Sampling(temperature=1, seed=seed)).tokens for seed in (1, 1, 2)]
    np.testing.assert_array_equal(drawn[0], drawn[1])
    assert (drawn[0] != drawn[2]).any()


def test_guidance_one_and_zero_are_with_and_without_the_request(model: StructureModel) -> None:
    prior = model.network.prior
    condition = model.condition_of([Expression.parse("12E")])
    plain = prior.sample(condition, guidance=1.0)
    ignored = prior.sample(condition, guidance=0.0)
    torch.testing.assert_close(ignored, prior.sample(prior.nothing.expand_as(condition), guidance=1.0))
    assert not torch.allclose(plain, ignored)


def test_margins_meet_and_do_not_cross() -> None:
    face = torch.from_numpy(default_neutral())[None].repeat(2, 1, 1)
    face[0, 13, 1], face[0, 159, 1] = -3.0, -1.0
    before, after = gaps(face), gaps(without_crossing(face))
    assert min(gap.min() for gap in before) < 0
    assert min(gap.min() for gap in after) > -1e-6
    torch.testing.assert_close(without_crossing(face)[1], face[1])


def test_upper_lids_go_most_of_the_way_and_sealed_lips_half_of_it_each() -> None:
    rest = torch.from_numpy(default_neutral())[None]
    crossed, parted = rest.clone(), rest.clone()
    crossed[0, 159, 1] = crossed[0, 145, 1] - 0.1
    moved = without_crossing(crossed) - crossed
    torch.testing.assert_close(moved[0, [159, 145], 1], torch.tensor([0.085, -0.015]))
    assert moved.count_nonzero() == 2
    parted[0, 13, 1] += 0.205
    moved = sealed(parted, rest, torch.ones(1)) - parted
    torch.testing.assert_close(moved[0, [13, 12, 11], 1], torch.tensor([-0.1, -0.07, -0.035]))
    torch.testing.assert_close(moved[0, [14, 15, 16], 1], torch.tensor([0.1, 0.07, 0.035]))
    assert (moved.abs() > 1e-6).sum() == 6


def test_regions_of_both_halves_put_together_are_the_face() -> None:
    halves, faces = HalfFaces(), torch.randn(2, 478, 3)
    torch.testing.assert_close(halves.together(halves.regions(halves.apart(faces))), faces)


def test_weights_come_back(model: StructureModel, tmp_path: Path) -> None:
    save_weights(model.network, tmp_path / "tiny.safetensors")
    again = StructureModel(load_weights(tmp_path / "tiny.safetensors"))
    one, two = (m.structure("1+2C+12D") for m in (model, again))
    np.testing.assert_allclose(one.points, two.points, atol=5e-3)  # float16


def test_damaged_or_missing_weights_are_named(model: StructureModel, tmp_path: Path) -> None:
    path = tmp_path / "tiny.safetensors"
    with pytest.raises(ValueError, match=r"missing.*tiny.safetensors.*SHA-256"):
        load_weights(path)
    digest = save_weights(model.network, path)
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    with pytest.raises(ValueError, match=f"damaged.*tiny.safetensors.*{digest}"):
        load_weights(path)


@pytest.mark.parametrize("request_", ["99", "1+2+", "12F"])
def test_what_is_no_request_is_refused(model: StructureModel, request_: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        model.structure(request_)


def test_a_neutral_face_of_another_shape_is_refused(model: StructureModel) -> None:
    with pytest.raises(ValueError, match=r"`neutral` has shape \(68, 3\)"):
        model.structure("12", neutral=np.zeros((68, 3), np.float32))
    assert SIZE == 2 * len(UNITS)


def test_weights_of_another_kind_and_an_empty_checksum_are_refused(model: StructureModel, tmp_path: Path) -> None:
    path = tmp_path / "tiny.safetensors"
    other = CheckedFile(format="auface.other/1", name="another", extra="structure", training="auface.other")
    write_checked(other, path, {"a": torch.zeros(1)}, {})
    with pytest.raises(ValueError, match=r"'auface.other/1'; accepted is 'auface.structure/1'"):
        load_weights(path)
    path.with_name(path.name + ".sha256").write_text("")
    with pytest.raises(ValueError, match=r"missing: there is no .*sha256"):
        load_weights(path)
