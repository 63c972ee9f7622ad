"""A base teaches itself: sliders and emphases follow from its own answers, and what is not asked for stays."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from tiny_base import tiny_set
from tiny_mini import write_tiny_mini
from tiny_task import config, task_of

from auface.facs import ActionUnit, Expression
from auface.lora_training.face_consistency import FaceLoss, Shown
from auface.lora_training.loop import Loop, LoopConfig
from auface.lora_training.lora.base_model import load_base
from auface.lora_training.lora.config import LoraConfig
from auface.lora_training.lora.expression_guide import OTHER_SIDE, guide_of
from auface.lora_training.lora.lesson import EmphasisLesson, SliderLesson
from auface.lora_training.lora.optimizer import lora_optimizer
from auface.lora_training.lora.task import LoraTask
from auface.pipelines.adapter.condition import face_condition
from auface.pipelines.adapter.maps import face_maps
from auface.recognition.unit_table import UNITS
from auface.structure import photo
from auface.structure.photo import fit_photo
from auface.structure.topology import INNER_LIPS

SMILE = Expression.parse("12E")
REST, OTHERS = 0.0, 0.9  # a slider's context: the face at rest, or what the picture shows
BEYOND, BACK = 0.0, 0.99  # a slider's negative side: beyond rest, or back to it


@pytest.fixture(scope="module")
def mini(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny base with an expression adapter."""
    return write_tiny_mini(tmp_path_factory.mktemp("mini"))


@pytest.fixture(scope="module")
def portraits(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A set of pictures that are as large as that base draws."""
    return tiny_set(tmp_path_factory.mktemp("data") / "portraits", 6, (64, 64))


def options(**more: Any) -> dict[str, Any]:
    return {"adapter": "own", "resolution": 64, "bucket_step": 64, "captions": "person", "targets": "all", **more}


def trained(wanted: LoraConfig, out: Path) -> tuple[LoraTask, list[float]]:
    task = task_of(wanted)
    settings = LoopConfig(out=out, steps=wanted.steps, averaging=0, learning_rate=wanted.learning_rate, warmup=0)
    loop = Loop(settings, task, optimizer=lambda: lora_optimizer(task.learned, wanted))
    return task, [sum(loop._advance().values()) for _ in range(wanted.steps)]


@pytest.mark.parametrize("draws_landmarks", [True, False])
def test_a_slider_goes_the_way_of_its_ends_from_what_is_asked(draws_landmarks: bool) -> None:
    lesson = SliderLesson(LoraConfig.of({"slider": "12E", "teacher_scale": 2.0}), draws_landmarks)
    context = Expression.parse("1C+12B")
    up = lesson.exercise(context, [OTHERS, 1.0, 1.0, 0.0, 0.0])
    assert (up.shown.notation(), up.other.notation()) == ("1C", "1C+12E")
    assert (up.strength, up.factor) == (1.0, 2.0)
    assert not up.opposite
    down = lesson.exercise(context, [REST, 0.0, 1.0, BACK, 0.0])  # back, on a face that smiles
    assert (down.shown, down.other.is_neutral) == (SMILE, True)
    assert (down.strength, down.factor, down.opposite) == (-1.0, 2.0, False)
    beyond = lesson.exercise(context, [OTHERS, 0.0, 1.0, BEYOND, 0.0])
    assert beyond.opposite == draws_landmarks, "words have no name for what lies beyond rest"
    ways = (beyond.shown.notation(), beyond.other.notation())
    assert ways == (("1C", "1C+12E") if draws_landmarks else ("1C+12E", "1C"))
    assert (beyond.strength, beyond.factor) == (-1.0, 2.0)
    half = lesson.exercise(context, [REST, 0.75, 0.0, 0.0, 0.0])
    assert half.strength == pytest.approx(0.8)
    assert half.other.intensity(12) == pytest.approx(0.8 * 5)
    assert (half.heard, half.factor) == (False, 0.0)  # where nothing is asked the base stays


def test_a_named_negative_end_is_gone_to() -> None:
    lesson = SliderLesson(LoraConfig.of({"slider": "12E", "slider_opposite": "15D"}), draws_landmarks=True)
    down = lesson.exercise(Expression.parse("12B+15A+4C"), [OTHERS, 0.0, 1.0, BEYOND, 0.0])
    assert not down.opposite
    assert (down.shown.notation(), down.other.notation()) == ("4C", "4C+15D")
    assert down.factor > 0


def test_an_emphasis_adds_to_its_units_and_keeps_the_rest() -> None:
    lesson = EmphasisLesson(LoraConfig.of({"emphasis": {"14": 0.5, "23": 1.0}}))
    kept = lesson.exercise(Expression.parse("1C+14B"), [0.95, 0.0, 1.0, 0.0, 0.0])
    assert (kept.shown.notation(), kept.factor) == ("1C", 0.0)
    more = lesson.exercise(Expression.parse("1C+14B"), [0.1, 0.9, 1.0, 0.6, 1.0])
    assert more.shown == Expression.parse("1C+23E")
    assert more.other == Expression.parse("1C")
    assert more.factor == -1.0
    assert ActionUnit(14) not in more.shown


def learn(task: LoraTask, steps: int = 15) -> list[float]:
    """Learn one batch by heart and return the losses."""
    batch, losses = task.data.batch(0, 0), list[float]()
    batch.chances[:, 0] = 0.4  # a face at rest for sliders, an emphasized unit for emphases
    batch.chances[:, 2] = 1.0  # the adapter is heard
    optimizer = torch.optim.Adam(task.learned.parameters(), 3e-3)
    for _ in range(steps):
        optimizer.zero_grad()
        loss = task.batch_losses(batch)["teaching"]
        loss.backward()
        optimizer.step()
        losses.append(float(loss.detach()))
    return losses


@pytest.mark.parametrize("more", [{"slider": "12E"}, {"emphasis": {"12": 1.0}}])
def test_a_base_with_an_adapter_teaches(mini: Path, portraits: Path, tmp_path: Path, more: dict[str, Any]) -> None:
    losses = learn(task_of(config(mini, portraits, tmp_path, **options(**more))))
    assert losses[0] > 0
    assert losses[-1] < 0.7 * losses[0]


def test_a_base_without_an_adapter_teaches_by_words(sd: Path, faces: Path, tmp_path: Path) -> None:
    task = task_of(config(sd, faces, tmp_path, slider="12E", targets="all"))
    assert task.ask.guide is None
    losses = learn(task, 30)
    assert losses[0] > 0
    assert losses[-1] < 0.7 * losses[0]


def test_what_is_kept_costs_nothing_before_training(mini: Path, portraits: Path, tmp_path: Path) -> None:
    task = task_of(config(mini, portraits, tmp_path, **options(emphasis={"12": 1.0})))
    batch = task.data.batch(0, 0)
    batch.chances[:, 0] = 0.95
    assert float(task.batch_losses(batch)["teaching"].detach()) < 1e-10


class Reads(FaceLoss):
    """A recognizer that notes what it is told, and sees all landmarks 3 pixels too far to the right."""

    def __init__(self) -> None:
        self.told, self.before = list[Shown](), list[Shown]()

    def __call__(self, pictures: torch.Tensor, shown: Sequence[Shown]) -> tuple[torch.Tensor, torch.Tensor]:
        self.told.extend(shown)
        return pictures.mean((1, 2, 3)), pictures.square().mean((1, 2, 3))

    def landmarks(self, pictures: torch.Tensor, shown: Sequence[Shown]) -> np.ndarray:
        self.before.extend(shown)
        assert not pictures.requires_grad
        return np.stack([one.landmarks + np.array([3, 0], np.float32) for one in shown if one.landmarks is not None])


def looked_at(mini: Path, portraits: Path, out: Path, chances: dict[int, float], **more: Any) -> Any:
    """Return the recognizer to which a teaching task shows a batch, the adapter's guide and the batch."""
    reading = {"landmark_weight": 2.0, "unit_weight": 1.0, "unit_steps": 1.0, **more}
    wanted = config(mini, portraits, out, **options(**reading))
    reads = Reads()
    task = task_of(wanted, face_loss=reads)
    batch = task.data.batch(0, 0)
    for place, chance in chances.items():
        batch.chances[:, place] = chance
    batch.timesteps[:] = torch.tensor([350.0, 150.0])
    losses = task.batch_losses(batch)
    assert set(losses) == {"teaching", "units", "landmarks"}
    losses["landmarks"].backward()
    moved = any(value.grad is not None and value.grad.any() for value in task.learned.parameters())
    assert moved == bool(reads.told)
    return reads, task.ask.guide, batch


UP, DOWN, HEARD, UNHEARD = 1.0, 0.0, 1.0, 0.0


@pytest.mark.parametrize(
    ("chances", "start", "goal"),
    [
        ({0: REST, 1: UP, 2: HEARD}, Expression(), (SMILE, None)),
        ({0: REST, 1: DOWN, 2: HEARD, 3: BACK}, SMILE, (Expression(), None)),
        ({0: REST, 1: DOWN, 2: HEARD, 3: BEYOND}, Expression(), (Expression(), SMILE)),
    ],
)
def test_a_slider_is_read_where_it_goes(
    mini: Path, portraits: Path, tmp_path: Path, chances: dict[int, float], start: Expression, goal: Any
) -> None:
    eyes, guide, batch = looked_at(mini, portraits, tmp_path, chances, slider="12E")
    asked, away = goal
    assert len(eyes.told) == len(eyes.before) == len(batch.texts)
    for shown, before, points in zip(eyes.told, eyes.before, batch.landmarks, strict=True):
        places = [guide.faces([one], [points], *batch.size, [far])[0] for one, far in ((start, None), (asked, away))]
        here, there = (face.landmarks[0, :, :2].numpy() for face in places)
        # Both are told in pixels of the part that is decoded; what is seen amiss is no movement.
        assert before.landmarks is not None
        assert shown.landmarks is not None
        np.testing.assert_allclose(shown.landmarks - before.landmarks, there - here + [3, 0], atol=1e-3)
        assert torch.equal(shown.frame, before.frame)
        assert shown.expression == asked
        assert set(shown.coded) == set(UNITS)


def test_a_slider_is_not_read_where_it_is_not_asked(mini: Path, portraits: Path, tmp_path: Path) -> None:
    eyes, _, _ = looked_at(mini, portraits, tmp_path, {0: REST, 1: UP, 2: UNHEARD}, slider="12E")
    assert not eyes.told
    assert not eyes.before


@pytest.mark.parametrize(
    ("first", "last", "read"), [(0.0, 0.3, [1]), (0.2, 0.4, [0]), (0.15, 0.351, [0, 1]), (0.351, 1.0, [])]
)
def test_what_is_settled_or_too_noisy_is_not_read(
    mini: Path, portraits: Path, tmp_path: Path, first: float, last: float, read: list[int]
) -> None:
    chances, steps = {0: REST, 1: UP, 2: HEARD}, {"unit_steps_from": first, "unit_steps": last}
    eyes, guide, batch = looked_at(mini, portraits, tmp_path, chances, slider="12E", **steps)
    assert len(eyes.told) == len(eyes.before) == len(read)
    for number, shown in zip(read, eyes.before, strict=True):
        [face] = guide.faces([Expression()], [batch.landmarks[number]], *batch.size)
        assert shown.landmarks is not None
        off = shown.landmarks - face.landmarks[0, :, :2].numpy()
        assert np.abs(off - off[0]).max() < 1e-3


def test_an_emphasis_is_read_as_what_is_asked_for(mini: Path, portraits: Path, tmp_path: Path) -> None:
    chances = {0: 0.1, 1: 0.0, 2: HEARD, 4: 1.0}
    eyes, guide, batch = looked_at(mini, portraits, tmp_path, chances, emphasis={"12": 1.0})
    assert [one.expression for one in eyes.told] == [SMILE] * len(batch.texts)
    assert not eyes.before, "what the base shows of it is too little"
    [face] = guide.faces([SMILE], batch.landmarks[:1], *batch.size)
    assert eyes.told[0].landmarks is not None
    off = eyes.told[0].landmarks - face.landmarks[0, :, :2].numpy()
    assert np.abs(off - off[0]).max() < 1e-3


def test_words_alone_are_read_too(sd: Path, faces: Path, tmp_path: Path) -> None:
    eyes = Reads()
    task = task_of(config(sd, faces, tmp_path, slider="12E", unit_weight=1.0, unit_steps=1.0), face_loss=eyes)
    batch = task.data.batch(0, 0)
    batch.chances[:, :3] = torch.tensor([REST, UP, HEARD])
    assert set(task.batch_losses(batch)) == {"teaching", "units"}
    assert [one.expression for one in eyes.told] == [SMILE] * len(batch.texts)


def test_strength_0_is_the_base(mini: Path, portraits: Path, tmp_path: Path) -> None:
    wanted = config(mini, portraits, tmp_path, **options(slider="12E", steps=4))
    task, _ = trained(wanted, tmp_path)
    base = load_base(str(mini))
    batch = task.data.batch(0, 0)
    question = replace(task._question(batch), told=None, heard=None).with_strength(0)
    text, _ = task.data.embeddings(batch.texts)
    task._base.unet.eval()
    run = list[str]()
    for name, module in task._base.unet.named_modules():
        if name.endswith("lora_A.auface"):
            module.register_forward_hook(lambda *_, name=name: run.append(name))
    with torch.no_grad():
        own = task.ask(batch.clean, batch.timesteps, question, task.data.embeddings)
        assert not run, "the base alone does without the layers"
        plain = base.unet(batch.clean, batch.timesteps, text, return_dict=False)[0]
        learned = task.ask(batch.clean, batch.timesteps, question.with_strength(1), task.data.embeddings)
    torch.testing.assert_close(own, plain)
    assert run
    assert all(value.requires_grad for value in task.learned.parameters())
    assert (learned - plain).abs().max() > 1e-4


def test_an_adapter_is_heard_and_leaves_no_trace(mini: Path) -> None:
    base = load_base(str(mini))
    guide = guide_of(base, "own")
    assert guide is not None
    before = dict(base.unet.attn_processors)
    told = guide.portray([SMILE, Expression()], [1, 2], 64, 64)
    features = guide.hear(told, torch.tensor([1.0, 0.0]))["down_intrablock_additional_residuals"]
    assert all(feature[0].any() and not feature[1].any() for feature in features)
    assert base.unet.attn_processors != before
    guide.silence()
    assert base.unet.attn_processors == before


def test_the_other_side_is_a_share_as_far_away(mini: Path) -> None:
    guide = guide_of(load_base(str(mini)), "own")
    assert guide is not None
    photo = face_condition([Expression.parse("1C+25C")], 64, 64, identity=3, pose=(15.0, 5.0, 20.0)).landmarks[0, :, :2]
    for points in (None, photo.numpy()):
        asked = [Expression(), SMILE, Expression()]
        rest, smile, other = guide.faces(asked, [points] * 3, 64, 64, [None, None, SMILE])
        assert other.expressions == rest.expressions
        assert torch.equal(other.vectors, rest.vectors), "only the landmarks go to the other side"
        far = (smile.landmarks - rest.landmarks).norm(dim=-1).max()
        off = (other.landmarks - rest.landmarks + OTHER_SIDE * (smile.landmarks - rest.landmarks)).norm(dim=-1)
        assert far > 2
        assert float(off.max()) < 0.1 * far, "where lips do not meet it is the same way back"
        assert torch.equal(other.maps, face_maps(other.landmarks, 64, 64))


def test_lips_meet_on_the_other_side_of_an_open_mouth(mini: Path) -> None:
    guide = guide_of(load_base(str(mini)), "own")
    assert guide is not None
    rest, other = guide.faces([Expression()] * 2, [None] * 2, 64, 64, [None, Expression.parse("25E+27E")])
    upper, lower = (list(margin[1:-1]) for margin in INNER_LIPS)
    gap = other.landmarks[0, lower, 1] - other.landmarks[0, upper, 1]  # y down
    assert float(gap.min()) > -1e-3
    assert float((other.landmarks - rest.landmarks).norm(dim=-1).max()) > 1, "the rest of the face does move"


def test_a_picture_is_fitted_once(mini: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    guide = guide_of(load_base(str(mini)), "own")
    assert guide is not None
    fitted = list[int]()
    monkeypatch.setattr(photo, "fit_photo", lambda points: fitted.append(1) or fit_photo(points))
    one, two = (
        face_condition([Expression()], 64, 64, identity=seed).landmarks[0, :, :2].numpy().copy() for seed in (1, 2)
    )
    asked = ([SMILE, SMILE, Expression()], [one, two, one], 64, 64)
    first = guide.faces(*asked)
    again = guide.faces(*asked)
    assert len(fitted) == 2
    exact = face_condition([SMILE], 64, 64, landmarks=two)
    for found in (first, again):
        assert torch.equal(found[1].maps, exact.maps)


def test_gradient_checkpointing_hears_the_same(mini: Path, portraits: Path, tmp_path: Path) -> None:
    grads: list[torch.Tensor] = []
    for recompute in (False, True):
        wanted = config(mini, portraits, tmp_path, **options(slider="12E", gradient_checkpointing=recompute))
        task = task_of(wanted)
        for name, value in task.learned.named_parameters():
            if "lora_B" in name:
                torch.nn.init.constant_(value, 0.01)
        task.losses(0)["teaching"].backward()
        grads.append(torch.cat([value.grad.flatten() for value in task.learned.parameters() if value.grad is not None]))
    torch.testing.assert_close(*grads)


def test_a_missing_adapter_is_told(sd: Path, tmp_path: Path) -> None:
    base = load_base(str(sd))
    for name in ("own", str(tmp_path / "none.safetensors")):
        with pytest.raises(ValueError, match="`adapter` is"):
            guide_of(base, name)
