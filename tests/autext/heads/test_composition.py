"""Posed heads do what their expression says, each unit where it belongs, and obey geometry."""

import numpy as np
import pytest

from auface.autext.heads import Gaze, Identity, sample_identity
from auface.autext.heads.artefact import ArtefactFinder
from auface.autext.heads.composition import Composer, Face
from auface.autext.heads.lip import are_shut
from auface.autext.heads.pack import HeadPack
from auface.autext.heads.unit_shape import UNIT_SHAPES
from auface.facs import NEUTRAL, ActionUnit, Expression, Sides, find_conflicts, resolve

MILLIMETER = 0.01  # dm

BROWS, EYES, NOSE, MOUTH = (7.36, 7.8), (7.1, 7.36), (6.85, 7.3), (6.25, 6.85)  # heights in the base mesh, dm


@pytest.fixture(scope="module")
def finder(composer: Composer) -> ArtefactFinder:
    return ArtefactFinder.of(composer)


def moved(composer: Composer, face: Face, notation: str) -> np.ndarray:
    """(B, 3) how far an expression moves each vertex, dm."""
    return composer.composed(face, Expression.parse(notation)) - face.neutral


def single(unit: int, side: str = "") -> str:
    """One unit at full strength, such as "12E"; on a side where it needs one."""
    return f"{'L' if ActionUnit(unit).sides is Sides.ONE else side}{unit}E"


def test_the_neutral_expression_is_the_neutral_face(composer: Composer) -> None:
    for seed in range(4):
        face = composer.face(sample_identity(seed))
        assert np.abs(composer.composed(face, NEUTRAL) - face.neutral).max() < 0.05 * MILLIMETER


def test_the_same_person_and_expression_give_the_same_mesh(composer: Composer, pack: HeadPack) -> None:
    expression = Expression.parse("L1D+6+12D+17")
    one = composer.composed(composer.face(sample_identity(5)), expression)
    other = Composer(pack)
    assert np.array_equal(one, other.composed(other.face(sample_identity(5)), expression))


@pytest.mark.parametrize("notation", ["L1D+R4", "L12E+R15C", "L43E+6", "R10D+L14", "L20D+R5", "L30D+9"])
def test_mirroring_an_expression_mirrors_the_mesh(
    composer: Composer, plain: Face, pack: HeadPack, notation: str
) -> None:
    expression = Expression.parse(notation)
    one = composer.composed(plain, expression)
    other = composer.composed(plain, expression.mirrored())
    difference = np.linalg.norm(other[pack.mirror] * np.array([-1, 1, 1], np.float32) - one, axis=1)
    paired = (pack.mirror != np.arange(len(pack.base))) | (np.abs(pack.base[:, 0]) < 0.01)
    front = paired & (pack.base[:, 2] > 1.0) & (pack.base[:, 1] > 6.1)
    assert np.percentile(difference[front], 99) < 0.1 * MILLIMETER
    assert difference[front].max() < 0.7 * MILLIMETER


@pytest.mark.parametrize(
    ("unit", "band"), [(1, BROWS), (2, BROWS), (4, BROWS), (5, EYES), (7, EYES), (43, EYES), (9, NOSE), (12, MOUTH),
                       (15, MOUTH), (17, MOUTH), (18, MOUTH), (20, MOUTH), (25, MOUTH), (28, MOUTH)],
)  # fmt: skip
def test_a_unit_moves_the_face_where_it_belongs(
    composer: Composer, plain: Face, pack: HeadPack, unit: int, band: tuple[float, float]
) -> None:
    energy = (moved(composer, plain, single(unit)) ** 2).sum(1)
    height = pack.base[:, 1]
    assert band[0] < height[energy.argmax()] < band[1]
    assert np.sqrt(energy.max()) > 2 * MILLIMETER
    near = (height > band[0] - 0.25) & (height < band[1] + 0.25)
    assert energy[near].sum() > 0.85 * energy.sum()


@pytest.mark.parametrize("unit", [u for u in UNIT_SHAPES if ActionUnit(u).sides is Sides.EACH and u not in (21, 32)])
def test_a_one_sided_unit_leaves_the_other_side(composer: Composer, plain: Face, pack: HeadPack, unit: int) -> None:
    energy = (moved(composer, plain, f"L{unit}E") ** 2).sum(1)
    left, right = (energy[pack.base[:, 0] * sign > 0.03].sum() for sign in (1, -1))
    assert right < 0.15 * left


@pytest.mark.parametrize("unit", UNIT_SHAPES)
def test_more_intensity_moves_farther(composer: Composer, plain: Face, unit: int) -> None:
    side = "L" if ActionUnit(unit).sides is Sides.ONE else ""
    steps = [np.abs(moved(composer, plain, f"{side}{unit}{letter}")).sum() for letter in "ACE"]
    assert steps[0] < steps[1] < steps[2]


@pytest.mark.parametrize("more", ["", "+7E", "+6E+9E", "+12E", "+1E+2E", "+4E+64E"])
def test_a_closed_eye_is_closed(composer: Composer, more: str) -> None:
    for seed in range(6):
        face = composer.face(sample_identity(seed))
        vertices = composer.composed(face, Expression.parse("43E" + more))
        for lids in composer.lids:
            assert np.abs(lids.seam.gap(vertices)).max() < 0.2 * MILLIMETER


def test_half_closed_is_between(composer: Composer, plain: Face) -> None:
    gap = [composer.lids[0].seam.gap(composer.composed(plain, Expression.parse(text))).max()
           for text in ("neutral", "43A", "43C", "43E")]  # fmt: skip
    assert gap[0] > gap[1] > gap[2] > gap[3]
    assert gap[2] == pytest.approx(0.4 * gap[0], rel=0.35)


@pytest.mark.parametrize("notation", ["24E", "17E+24E", "10C+24D", "12D+24C", "12E", "15E", "18E", "34E", "28E", "8D"])
def test_shut_lips_are_in_contact(composer: Composer, notation: str) -> None:
    expression = resolve(Expression.parse(notation))
    assert are_shut(expression)
    for seed in range(6):
        face = composer.face(sample_identity(seed))
        gap = composer.lips.seam.gap(composer.composed(face, expression))
        assert gap.min() > -0.2 * MILLIMETER
        assert gap.max() < 0.4 * MILLIMETER


@pytest.mark.parametrize("notation", ["25A", "25E", "26C", "27E", "12D+25C", "22D+25"])
def test_parted_lips_are_apart(composer: Composer, plain: Face, notation: str) -> None:
    gap = composer.lips.seam.gap(composer.composed(plain, Expression.parse(notation)))
    assert gap[len(gap) // 2] > 0.5 * MILLIMETER


def test_a_single_unit_of_soft_tissue_is_not_weakened(composer: Composer, plain: Face) -> None:
    expression = Expression.parse("4E")
    both = composer.composed(plain, expression), composer.plain_sum(plain, expression)
    front = composer.pack.base[:, 1] > 7.45  # the brows, away from what the lids put right
    assert np.allclose(both[0][front], both[1][front], atol=1e-5)


def test_units_together_stay_within_reach(composer: Composer, plain: Face) -> None:
    everything = resolve(Expression.parse("6E+9E+10E+11E+12E+14E+20E+25E"))
    farthest = np.linalg.norm(moved(composer, plain, everything.notation()), axis=1).max()
    summed = np.linalg.norm(composer.plain_sum(plain, everything) - plain.neutral, axis=1).max()
    assert farthest < 1.3 * composer.table.reach.max() < summed


def test_lids_follow_the_gaze(composer: Composer, plain: Face) -> None:
    up, down = (composer.composed(plain, NEUTRAL, Gaze(pitch=pitch)) for pitch in (18, -18))
    upper = composer.lids[0].seam.margins
    assert upper(up)[0][..., 1].mean() > upper(down)[0][..., 1].mean() + 2 * MILLIMETER


def test_conflicts_give_fewer_artefacts_than_the_plain_sum(composer: Composer, finder: ArtefactFinder) -> None:
    rng = np.random.default_rng(3)
    units = [ActionUnit(unit) for unit in UNIT_SHAPES if ActionUnit(unit).sides is not Sides.ONE]
    bad = {"plain": 0, "composed": 0}
    count = 0
    while count < 150:
        asked = Expression.of({unit: int(rng.integers(1, 6)) for unit in rng.choice(units, 4, replace=False).tolist()})
        if all(conflict.possible for conflict in find_conflicts(asked)):
            continue
        count += 1
        face, shown = composer.face(sample_identity(count % 20)), resolve(asked)
        bad["plain"] += bool(finder.found(face, composer.plain_sum(face, asked), asked))
        bad["composed"] += bool(finder.found(face, composer.composed(face, shown), shown))
    assert bad["plain"] > 40
    assert bad["composed"] <= 3


def test_people_differ_and_age_shows(composer: Composer) -> None:
    shapes = [composer.face(sample_identity(seed)).neutral for seed in range(3)]
    assert np.abs(shapes[0] - shapes[1]).max() > MILLIMETER
    young, old = (composer.face(Identity(age=age)).neutral for age in (20, 80))
    assert np.abs(young - old).max() > MILLIMETER
