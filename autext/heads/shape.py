"""The neutral face of an `Identity`: sex, age, ancestry and build, then sculpted sliders, then statistical modes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from auface.autext.head_description import SLIDERS, Identity

from .pack import Floats, HeadPack

MODE_SPREAD = 0.45
"""Standard deviations of the statistical modes that one unit of `Identity.modes` stands for, on top of the sculpts."""

# The resting brow of the base mesh is low with a high outer end, which reads as a frown. Part of every neutral face.
_RESTING_BROW = {
    "browDown_L": -0.25,
    "browDown_R": -0.25,
    "browInnerUp_L": 0.25,
    "browInnerUp_R": 0.25,
    "browOuterUp_L": -0.15,
    "browOuterUp_R": -0.15,
}
# Heights between pairs of MediaPipe's landmarks, the modes that change them, and the share that is taken back.
_EXPRESSIVE = (
    (((61, 14), (291, 14)), ("mouthSmile_L", "mouthSmile_R"), 0.7),
    (((107, 133), (336, 362)), ("browInnerUp_L", "browInnerUp_R"), 0.6),
    (((70, 33), (300, 263)), ("browOuterUp_L", "browOuterUp_R"), 0.5),
)
_LARGEST = 0.6
_GROUPS = {"eye": "eyes", "ear": "ears"}
_ENDS = (
    ("decr", "incr"),
    ("down", "up"),
    ("in", "out"),
    ("concave", "convex"),
    ("compress", "uncompress"),
)


def neutral_face(pack: HeadPack, identity: Identity) -> Floats:
    """Return the (B, 3) base mesh of a person at rest, in dm.

    Shapes of people carry traces of expressions: corners of the mouth that hang, brows that frown. Most of what sets
    these apart from the same person without statistical modes at 30 years is taken back, so that neutral is neutral.

    Args:
        pack: The head pack.
        identity: The person.
    """
    vertices = _formed(pack, identity)
    plain = replace(identity, age=30.0, modes=(), sliders=())
    for measure, modes, share in _EXPRESSIVE:
        excess = _measured(vertices, pack, measure) - _measured(_formed(pack, plain), pack, measure)
        move = sum(pack.displacement(mode) for mode in modes)
        reach = _measured(pack.base + move, pack, measure) - _measured(pack.base, pack, measure)
        vertices += np.float32(np.clip(-share * excess / reach, -_LARGEST, _LARGEST)) * move
    return vertices


def _formed(pack: HeadPack, identity: Identity) -> Floats:
    vertices = pack.base.copy()
    old = float(np.clip((identity.age - 25) / 65, 0, 1))
    slight, heavy = max(-identity.build, 0.0), max(identity.build, 0.0)
    builds = {"minweight": slight, "averageweight": 1 - slight - heavy, "maxweight": heavy}
    for sex, sex_weight in (("female", 1 - identity.masculinity), ("male", identity.masculinity)):
        for stage, stage_weight in (("young", 1 - old), ("old", old)):
            weight = sex_weight * stage_weight
            for people, share in zip(("african", "asian", "caucasian"), identity.ancestry, strict=True):
                _add(pack, vertices, f"macro/{people}-{sex}-{stage}", weight * share)
            for build, share in builds.items():
                _add(pack, vertices, f"macro/universal-{sex}-{stage}-averagemuscle-{build}", weight * share)
    for slider, value in zip(SLIDERS, identity.sliders, strict=False):
        for target in _slider_targets(pack, slider, up=value > 0):
            _add(pack, vertices, target, abs(value))
    moved = np.zeros(pack.mode_index.size * 3, np.float32)
    if identity.modes:
        moved += MODE_SPREAD * np.asarray(identity.modes, np.float32) @ pack.identity_modes
    vertices[pack.mode_index] += moved.reshape(-1, 3)
    for mode, weight in _RESTING_BROW.items():
        vertices += np.float32(weight) * pack.displacement(mode)
    return vertices


def _measured(vertices: Floats, pack: HeadPack, pairs: tuple[tuple[int, int], ...]) -> float:
    index, weight = pack.landmark_points["skin_index"].astype(int), pack.landmark_points["skin_weight"]
    heights = [[vertices[index[point], 1] @ weight[point] for point in pair] for pair in pairs]
    return float(np.mean([upper - lower for upper, lower in heights]))


def _add(pack: HeadPack, vertices: Floats, target: str, weight: float) -> None:
    if weight > 1e-4:
        pack.add_target(vertices, target, weight)


def _slider_targets(pack: HeadPack, slider: str, *, up: bool) -> list[str]:
    # Names are group/slider-end, with l- and r- before the slider where both halves have their own.
    stem = slider.split("-")[0]
    group = _GROUPS.get(stem, stem)
    for prefixes in (("",), ("l-", "r-")):
        for ends in _ENDS:
            names = [f"{group}/{prefix}{slider}-{ends[up]}" for prefix in prefixes]
            if all(map(pack.has_target, names)):
                return names
        names = [f"{group}/{prefix}{slider}" for prefix in prefixes]  # has one end only
        if all(map(pack.has_target, names)):
            return names if up else []
    raise ValueError(f"the head pack has no slider {slider!r}.")
