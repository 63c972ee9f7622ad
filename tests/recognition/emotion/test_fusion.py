"""Fusion of opinions: the documented formula, any subset, and a fit that finds what is known."""

import math
from pathlib import Path

import numpy as np
import pytest

from auface.recognition.emotion.fusion import SHIPPED, Fusion, fit_fusion
from auface.recognition.emotion.opinion import Opinion

CLASSES = ("a", "b", "c")


def opinion(source: str, *values: float) -> Opinion:
    return Opinion(source, dict(zip(CLASSES, values, strict=True)))


ONE, TWO = opinion("one", 0.6, 0.3, 0.1), opinion("two", 0.2, 0.7, 0.1)
EVEN = Fusion(weights={"one": 0.5, "two": 0.5}, temperature=0.5)


def test_exponents_of_one_are_the_product_of_experts() -> None:
    found = EVEN.fuse([ONE, TWO]).probabilities
    product = np.array([0.6 * 0.2, 0.3 * 0.7, 0.1 * 0.1])
    assert list(found.values()) == pytest.approx(list(product / product.sum()))


def test_temperature_flattens_and_keeps_the_order() -> None:
    hot = Fusion(weights=EVEN.weights, temperature=5).fuse([ONE, TWO])
    assert hot.best == EVEN.fuse([ONE, TWO]).best
    assert hot.margin < EVEN.fuse([ONE, TWO]).margin


def test_any_source_alone_answers_and_less_is_less_sure() -> None:
    agreeing = opinion("two", 0.6, 0.3, 0.1)
    assert EVEN.fuse([ONE]).best == ONE.best
    assert EVEN.fuse([ONE]).probabilities["a"] == pytest.approx(0.6)
    assert EVEN.fuse([ONE, agreeing]).probabilities["a"] > EVEN.fuse([ONE]).probabilities["a"]


def test_order_of_emotions_does_not_matter() -> None:
    turned = Opinion("two", dict(reversed(list(TWO.probabilities.items()))))
    assert EVEN.fuse([ONE, turned]).probabilities == pytest.approx(dict(EVEN.fuse([ONE, TWO]).probabilities))


def labelled(count: int, sharpness: dict[str, float], seed: int = 0) -> tuple[list[list[Opinion]], list[str]]:
    """Faces on which each source is right with its own sharpness, and says so with a sharpness of 1."""
    rng = np.random.default_rng(seed)
    faces, truth = [], []
    for _ in range(count):
        right = int(rng.integers(3))
        face = []
        for source, sharp in sharpness.items():
            scores = rng.normal(size=3) / max(sharp, 1e-3) * 0.7 + np.eye(3)[right]
            face.append(Opinion.of_scores(source, CLASSES, 3 * scores * (1 if sharp else 0.5)))
        faces.append(face)
        truth.append(CLASSES[right])
    return faces, truth


def loss(fusion: Fusion, faces: list[list[Opinion]], truth: list[str]) -> float:
    chances = [fusion.fuse(face).probabilities[name] for face, name in zip(faces, truth, strict=True)]
    return -float(np.mean(np.log(chances)))


def test_the_better_source_gets_the_larger_weight() -> None:
    faces, truth = labelled(400, {"good": 1.0, "poor": 0.3})
    fusion = fit_fusion(faces, truth, "made up")
    assert fusion.weights["good"] > 2 * fusion.weights["poor"]
    assert sum(fusion.weights.values()) == pytest.approx(1)
    assert fusion.origin == "made up"


def test_noise_gets_next_to_no_weight() -> None:
    faces, truth = labelled(600, {"good": 1.0})
    rng = np.random.default_rng(9)
    faces = [[*face, Opinion.of_scores("noise", CLASSES, rng.normal(size=3))] for face in faces]
    assert fit_fusion(faces, truth).weights["noise"] < 0.08


def test_a_fit_is_the_best_and_helps_on_new_faces() -> None:
    faces, truth = labelled(400, {"good": 1.0, "poor": 0.4})
    fusion = fit_fusion(faces, truth)
    for change in (0.8, 1.25):
        other = Fusion(weights=fusion.weights, temperature=fusion.temperature * change)
        assert loss(fusion, faces, truth) <= loss(other, faces, truth) + 1e-4
        tilted = Fusion(
            weights={**fusion.weights, "poor": fusion.weights["poor"] * change}, temperature=fusion.temperature
        )
        assert loss(fusion, faces, truth) <= loss(tilted, faces, truth) + 1e-4
    new = labelled(400, {"good": 1.0, "poor": 0.4}, seed=5)
    plain = Fusion(weights={"good": 1.0, "poor": 1.0})
    assert loss(fusion, *new) < loss(plain, *new)


def test_a_fit_calibrates() -> None:
    faces, truth = labelled(1500, {"good": 0.8, "poor": 0.4})
    fusion = fit_fusion(faces, truth)
    new, right = labelled(1500, {"good": 0.8, "poor": 0.4}, seed=3)
    fused = [fusion.fuse(face) for face in new]
    said = np.mean([one.probabilities[one.best] for one in fused])
    was = np.mean([one.best == name for one, name in zip(fused, right, strict=True)])
    assert said == pytest.approx(was, abs=0.04)


def test_json_round_trip(tmp_path: Path) -> None:
    fusion = Fusion(weights={"one": 0.25, "two": 0.75}, temperature=0.4, origin="made up")
    assert Fusion.from_json(fusion.to_json()) == fusion
    (tmp_path / "fusion.json").write_text(fusion.to_json(), encoding="utf-8")
    assert Fusion.from_json(tmp_path / "fusion.json") == fusion


def test_the_shipped_weights_know_every_source_and_say_where_they_come_from() -> None:
    assert set(SHIPPED.weights) == {"anatomy", "cnn", "classifier", "vlm", "vlm description"}
    assert SHIPPED.origin


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: Fusion(weights={}),
        lambda: Fusion(weights={"one": -1.0}),
        lambda: Fusion(weights={"one": 0.0}),
        lambda: Fusion(weights={"one": 1.0}, temperature=0),
        lambda: Fusion(weights={"one": math.inf}),
        lambda: EVEN.fuse([]),
        lambda: EVEN.fuse([ONE, ONE]),
        lambda: EVEN.fuse([opinion("three", 0.6, 0.3, 0.1)]),
        lambda: EVEN.fuse([ONE, Opinion("two", {"a": 0.5, "z": 0.5})]),
        lambda: fit_fusion([[ONE]] * 3, ["a"] * 3),
        lambda: fit_fusion([[ONE]] * 12, ["z"] * 12),
        lambda: fit_fusion([[ONE]] * 11 + [[TWO]], ["a"] * 12),
        lambda: Fusion.from_json("{}"),
    ],
)
def test_wrong_input_is_refused(wrong) -> None:
    with pytest.raises(ValueError, match=r"accepted (is|are)"):
        wrong()
