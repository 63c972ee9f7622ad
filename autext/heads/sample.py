"""Random people and views. A seed alone decides, so that the work can be split in any way and still give the same."""

from __future__ import annotations

from typing import Literal

import numpy as np

from auface.autext.head_description import (
    MODES,
    SLIDERS,
    Background,
    Camera,
    Gaze,
    HeadPose,
    Identity,
    Light,
    Look,
    View,
)

SURROUNDINGS = ("city", "courtyard", "forest", "interior", "night", "studio", "sunrise", "sunset")
"""The panoramas of the head pack."""

_SKINS = {
    ("female", "young"): ("young_lightskinned_female_diffuse2", "young_lightskinned_female_diffuse3"),
    ("female", "middleage"): ("middleage_lightskinned_female_diffuse2",),
    ("male", "young"): (
        "young_lightskinned_male_diffuse",
        "young_lightskinned_male_diffuse2",
        "young_lightskinned_male_diffuse3",
    ),
    ("male", "middleage"): ("middleage_lightskinned_male_diffuse", "middleage_lightskinned_male_diffuse2"),
    ("dark male", "young"): ("young_darkskinned_male_diffuse",),
    ("dark male", "middleage"): ("middleage_darkskinned_male_diffuse", "old_darkskinned_male_diffuse"),
}
# Others of the pack are drawn at a slant and make a neutral face look angry.
_BROWS = {
    "female": ("eyebrow001", "eyebrow001", "eyebrow006", "eyebrow009", "eyebrow010", "eyebrow010"),
    "male": ("eyebrow001", "eyebrow009", "eyebrow009", "eyebrow010", "eyebrow012"),
}
# Others of the pack cover an eye or have no picture.
_HAIR = {
    "female": ("long01", "long01", "ponytail01", "ponytail01", "short02", "short01"),
    "male": ("short01", "short02", "short04"),
}
_CLOTHES = {
    "female": ("female_casualsuit01", "female_elegantsuit01", "female_sportsuit01"),
    "male": (
        *(f"male_casualsuit0{number}" for number in range(2, 7)),
        "male_elegantsuit01",
        "male_worksuit01",
    ),
}
_LIGHT_EYES = ("blue", "bluegreen", "brownlight", "brown", "green", "grey", "deepblue", "lightblue")
_DARK_EYES = ("brown", "brown", "brownlight")
_TEETH = ("teeth_base", *(f"teeth_shape0{number}" for number in range(1, 6)))
# Linear albedo: black, dark brown, brown, light brown, blond, red.
_HAIR_COLORS = (
    (0.012, 0.010, 0.009),
    (0.030, 0.019, 0.012),
    (0.075, 0.043, 0.024),
    (0.150, 0.090, 0.048),
    (0.330, 0.225, 0.115),
    (0.190, 0.062, 0.022),
)
_GRAY = (0.42, 0.43, 0.45)


def sample_identity(seed: int) -> Identity:
    """Return a random adult. Sex, age and skin tone are independent and uniform, whichever seeds are used.

    The shares are a choice that gives each group the same weight, not those of any population.

    Args:
        seed: 0 or more; another seed is another person.
    """
    rng = _generator(seed, 1)
    sex: Literal["female", "male"] = "female" if rng.random() < 0.5 else "male"
    age, tone = 18 + 62 * rng.random(), rng.random()
    ancestry = rng.dirichlet([0.15 + 2.5 * tone**2, 0.9 * (1 - tone) + 0.1, 0.15 + 2.0 * (1 - tone) ** 1.5])
    shares = [_rounded(share) for share in ancestry[:2]]
    return Identity(
        sex=sex,
        age=_rounded(age, 1),
        masculinity=_rounded(0.04 + 0.14 * rng.random() if sex == "female" else 0.86 + 0.14 * rng.random()),
        ancestry=(shares[0], shares[1], _rounded(1 - shares[0] - shares[1])),
        build=_rounded(np.clip(rng.normal() * 0.35, -0.8, 0.8)),
        modes=tuple(_rounded(value) for value in np.clip(rng.normal(size=MODES), -2.5, 2.5)),
        sliders=tuple(_rounded(value) for value in np.clip(rng.normal(size=len(SLIDERS)) * 0.2, -0.6, 0.6)),
        look=_sample_look(rng, sex, age, tone, ancestry),
        seed=seed,
    )


def sample_view(seed: int) -> View:
    """Return a random view: head and eyes mostly toward the camera, framing as in portraits, natural light.

    Args:
        seed: 0 or more.
    """
    rng = _generator(seed, 2)
    surroundings = SURROUNDINGS[rng.integers(len(SURROUNDINGS))]
    value = 0.15 + 0.7 * rng.random()
    backdrop = [_rounded(np.clip(value + shift, 0, 1)) for shift in (rng.random(3) - 0.5) * 0.22]
    return View(
        pose=HeadPose(
            yaw=_rounded(np.clip(rng.normal() * 13, -38, 38), 2),
            pitch=_rounded(np.clip(rng.normal() * 6, -18, 18), 2),
            roll=_rounded(np.clip(rng.normal() * 3.5, -12, 12), 2),
        ),
        gaze=Gaze(
            yaw=_rounded(np.clip(rng.normal() * 6, -18, 18), 2),
            pitch=_rounded(np.clip(rng.normal() * 3, -8, 8), 2),
        ),
        camera=Camera(
            focal_length=_rounded(np.exp(rng.uniform(np.log(45), np.log(135))), 1),
            zoom=_rounded(np.clip(1 + rng.normal() * 0.05, 0.85, 1.12)),
            shift_x=_rounded(np.clip(rng.normal() * 0.015, -0.04, 0.04)),
            shift_y=_rounded(np.clip(rng.normal() * 0.015, -0.04, 0.04)),
        ),
        light=Light(
            surroundings=surroundings,
            turn=_rounded(rng.uniform(-180, 180), 1),
            key=_rounded(rng.uniform(0.4, 1.0)),
            fill=_rounded(rng.uniform(0.45, 0.75)),
        ),
        background=Background(
            panorama=bool(rng.random() < 0.6),
            color=(backdrop[0], backdrop[1], backdrop[2]),
        ),
        seed=seed,
    )


def _sample_look(
    rng: np.random.Generator, sex: Literal["female", "male"], age: float, tone: float, ancestry: np.ndarray
) -> Look:
    dark = tone > 0.62 or ancestry[1] > 0.5
    skins = _SKINS["dark male" if sex == "male" and tone > 0.6 else sex, "young" if age < 38 else "middleage"]
    if dark:
        color = np.array(_HAIR_COLORS[int(rng.random() < 0.25)])
    else:
        color = np.array(_HAIR_COLORS[rng.choice(6, p=(0.12, 0.26, 0.26, 0.16, 0.13, 0.07))])
    gray = float(np.clip((age - 42) / 30, 0, 1)) * rng.random() ** (0.5 if sex == "male" else 1.2)
    color = (1 - gray) * color + gray * np.array(_GRAY)
    red, green, blue = (_rounded(value) for value in color)
    return Look(
        tone=_rounded(tone),
        undertone=_rounded(rng.uniform(-1, 1)),
        skin=_choice(rng, skins),
        eyes=_choice(rng, _DARK_EYES if dark else _LIGHT_EYES),
        brows=_choice(rng, _BROWS[sex]),
        lashes=_choice(rng, ("eyelashes01", "eyelashes02", "eyelashes03")) if sex == "female" else "",
        hair=_choice(rng, _HAIR[sex]),
        hair_color=(red, green, blue),
        clothes=_choice(rng, _CLOTHES[sex]),
        teeth=_choice(rng, _TEETH),
        teeth_yellow=_rounded(np.clip(0.2 + (age - 18) / 120 + 0.15 * rng.normal(), 0, 1)),
    )


def _generator(seed: int, stream: int) -> np.random.Generator:
    if isinstance(seed, bool) or not isinstance(seed, int) or seed < 0:
        raise ValueError(f"`seed` is {seed!r}; accepted is a whole number from 0.")
    return np.random.default_rng([stream, seed])


def _choice(rng: np.random.Generator, names: tuple[str, ...]) -> str:
    return names[rng.integers(len(names))]


def _rounded(value: float, decimals: int = 4) -> float:
    return round(float(value), decimals)
