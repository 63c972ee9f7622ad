"""`HeadDescription`: everything about one synthetic picture of a head, as one frozen value that is stored with it.

The same description gives the same picture, whichever process draws it. Directions are the subject's own: positive
yaw is toward the subject's left, positive pitch is up, positive roll tips toward the left shoulder.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, Literal, TypeVar, get_args, get_type_hints

from auface.facs import NEUTRAL, Expression, resolve

SCHEMA = "auface.head/1"
"""Name and version of the JSON form."""

MODES = 100
"""Number of identity modes of the face shape."""

SLIDERS = (
    "head-oval", "head-round", "head-square", "head-triangular", "head-scale-horiz", "forehead-scale-vert",
    "eye-epicanthus", "eye-corner2", "eye-height2", "eye-bag", "nose-base", "nose-curve", "nose-hump", "nose-point",
    "nose-point-width", "nose-scale-depth", "nose-scale-horiz", "nose-scale-vert", "nose-nostrils-width",
    "nose-width1", "nose-width2", "nose-volume", "mouth-cupidsbow", "mouth-lowerlip-volume", "mouth-upperlip-volume",
    "mouth-scale-horiz", "mouth-philtrum-volume", "chin-height", "chin-prominent", "chin-width", "chin-cleft",
    "cheek-bones", "cheek-inner", "cheek-volume", "ear-scale", "ear-wing",
)  # fmt: skip
"""Sculpted face sliders, each from -1 to 1, by the names of the MakeHuman base mesh."""

_T = TypeVar("_T")


def _check(name: str, value: float, low: float, high: float) -> None:
    if not low <= value <= high:  # also true for NaN
        raise ValueError(f"`{name}` is {value!r}; accepted is a number from {low:g} to {high:g}.")


def _check_all(name: str, values: tuple[float, ...], count: int, low: float, high: float) -> None:
    if len(values) != count or not all(low <= value <= high for value in values):
        raise ValueError(f"`{name}` holds {len(values)} numbers; accepted are {count} from {low:g} to {high:g}.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """Colors and things that a head wears. Names are those of the head pack; another source of heads may ignore them.

    Attributes:
        tone: Skin from 0 (lightest) to 1 (darkest).
        undertone: Hue of the skin, -1 (cool, rosy) to 1 (warm, golden).
        skin: Name of the skin picture.
        eyes: Name of the iris picture.
        brows: Name of the brows.
        lashes: Name of the lashes, or "" for none.
        hair: Name of the haircut, or "" for none.
        hair_color: Linear RGB albedo of hair and brows, each 0 to 1.
        clothes: Name of the clothes, or "" for none.
        teeth: Name of the teeth.
        teeth_yellow: 0 (white) to 1 (yellow).
    """

    tone: float = 0.2
    undertone: float = 0.0
    skin: str = "young_lightskinned_male_diffuse"
    eyes: str = "brown"
    brows: str = "eyebrow001"
    lashes: str = ""
    hair: str = "short04"
    hair_color: tuple[float, float, float] = (0.05, 0.035, 0.025)
    clothes: str = "male_casualsuit02"
    teeth: str = "teeth_base"
    teeth_yellow: float = 0.3

    def __post_init__(self) -> None:
        _check("tone", self.tone, 0, 1)
        _check("undertone", self.undertone, -1, 1)
        _check("teeth_yellow", self.teeth_yellow, 0, 1)
        _check_all("hair_color", self.hair_color, 3, 0, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """A person: the neutral face and its look.

    Attributes:
        sex: The sex that the shape is nearer to; `masculinity` says how near.
        age: Years, 18 to 90.
        masculinity: 0 (the mean woman) to 1 (the mean man).
        ancestry: Shares of African, Asian and European face shape; they sum to 1.
        build: -1 (slight) to 1 (heavy).
        modes: Coefficients of the statistical face shape, standard normal; 100 of them, or none for the mean face.
        sliders: Values from -1 to 1 in the order of `SLIDERS`, or none.
        look: Colors, hair, brows, lashes, eyes, clothes.
        seed: The seed that the person was drawn with.
    """

    sex: Literal["female", "male"] = "male"
    age: float = 30.0
    masculinity: float = 0.95
    ancestry: tuple[float, float, float] = (0.0, 0.0, 1.0)
    build: float = 0.0
    modes: tuple[float, ...] = ()
    sliders: tuple[float, ...] = ()
    look: Look = Look()
    seed: int = 0

    def __post_init__(self) -> None:
        if self.sex not in ("female", "male"):
            raise ValueError(f"`sex` is {self.sex!r}; accepted are 'female' and 'male'.")
        _check("age", self.age, 18, 90)
        _check("masculinity", self.masculinity, 0, 1)
        _check("build", self.build, -1, 1)
        _check_all("ancestry", self.ancestry, 3, 0, 1)
        if abs(sum(self.ancestry) - 1) > 1e-3:
            raise ValueError(f"`ancestry` is {self.ancestry}; accepted are three shares that sum to 1.")
        if self.modes:
            _check_all("modes", self.modes, MODES, -6, 6)
        if self.sliders:
            _check_all("sliders", self.sliders, len(SLIDERS), -1, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadPose:
    """How the head is turned; units 51 to 56 of the expression turn it further.

    Attributes:
        yaw: Degrees toward the subject's left, -90 to 90.
        pitch: Degrees up, -90 to 90.
        roll: Degrees toward the left shoulder, -90 to 90.
    """

    yaw: float = 0.0
    pitch: float = 0.0
    roll: float = 0.0

    def __post_init__(self) -> None:
        for name in ("yaw", "pitch", "roll"):
            _check(name, getattr(self, name), -90, 90)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gaze:
    """Where the eyes look, relative to the head; units 61 to 66 of the expression turn them further.

    Attributes:
        yaw: Degrees toward the subject's left, -40 to 40.
        pitch: Degrees up, -40 to 40.
    """

    yaw: float = 0.0
    pitch: float = 0.0

    def __post_init__(self) -> None:
        _check("yaw", self.yaw, -40, 40)
        _check("pitch", self.pitch, -40, 40)


@dataclass(frozen=True, slots=True, kw_only=True)
class Camera:
    """Camera in front of the neutral face, framed as the portraits of FFHQ (arXiv 1812.04948) are.

    Attributes:
        focal_length: Of a lens on a square sensor of 24 mm, in mm, 24 to 300. The distance follows from it.
        zoom: Size of the face; 1 is FFHQ's crop. 0.5 to 2.
        shift_x: Shift of the face to the right of the picture, in picture widths, -0.3 to 0.3.
        shift_y: Shift of the face down the picture, in picture heights, -0.3 to 0.3.
    """

    focal_length: float = 85.0
    zoom: float = 1.0
    shift_x: float = 0.0
    shift_y: float = 0.0

    def __post_init__(self) -> None:
        _check("focal_length", self.focal_length, 24, 300)
        _check("zoom", self.zoom, 0.5, 2)
        _check("shift_x", self.shift_x, -0.3, 0.3)
        _check("shift_y", self.shift_y, -0.3, 0.3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Light:
    """Surroundings, and a key light that casts shadows.

    Attributes:
        surroundings: Name of a panorama of the head pack, or "room" for plain gray light from above.
        turn: Turn of the surroundings about the vertical, in degrees, -180 to 180.
        key: Strength of the key light, 0 to 3.
        fill: Strength of the light from all sides, 0 to 3.
    """

    surroundings: str = "room"
    turn: float = 0.0
    key: float = 0.9
    fill: float = 0.6

    def __post_init__(self) -> None:
        _check("turn", self.turn, -180, 180)
        _check("key", self.key, 0, 3)
        _check("fill", self.fill, 0, 3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Background:
    """What is behind the head.

    Attributes:
        panorama: Whether the surroundings are seen, out of focus; if not, a color that falls off toward the corners.
        color: sRGB, each 0 to 1.
    """

    panorama: bool = False
    color: tuple[float, float, float] = (0.45, 0.5, 0.55)

    def __post_init__(self) -> None:
        _check_all("color", self.color, 3, 0, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """Everything about a picture that is neither the person nor the expression.

    Attributes:
        pose: Turn of the head.
        gaze: Turn of the eyes in the head.
        camera: Lens and framing.
        light: Light.
        background: Background.
        seed: The seed that the view was drawn with.
    """

    pose: HeadPose = HeadPose()
    gaze: Gaze = Gaze()
    camera: Camera = Camera()
    light: Light = Light()
    background: Background = Background()
    seed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadDescription:
    """One synthetic picture of a head.

    Attributes:
        identity: Who.
        asked: The expression that was asked for, conflicts included.
        shown: The expression that the face has, and the label of the picture. `HeadDescription.of` resolves it.
        view: How it is seen.
    """

    identity: Identity = Identity()
    asked: Expression = NEUTRAL
    shown: Expression = NEUTRAL
    view: View = View()

    @classmethod
    def of(
        cls, expression: Expression, *, identity: Identity | None = None, view: View | None = None
    ) -> HeadDescription:
        """Describe a face that does what it can of an expression.

        Args:
            expression: The expression asked for; `shown` is what `auface.facs.resolve` leaves of it.
            identity: Who; by default a plain man.
            view: How it is seen; by default from the front.
        """
        return cls(
            identity=identity or Identity(),
            asked=expression,
            shown=resolve(expression, "natural"),
            view=view or View(),
        )

    def to_json(self) -> str:
        """Return the description as JSON text with a schema version, which `from_json` reads back."""
        return json.dumps({"schema": SCHEMA, **_to_data(self)})

    @classmethod
    def from_json(cls, text: str) -> HeadDescription:
        """Read the JSON text that `to_json` writes.

        Args:
            text: JSON object.

        Raises:
            ValueError: The text is not JSON, the schema is another one, or a field is unknown, missing or out of range.
        """
        try:
            data = json.loads(text)
        except ValueError as error:
            raise ValueError(f"head description cannot be read: {error}") from None
        if not isinstance(data, dict) or data.pop("schema", None) != SCHEMA:
            raise ValueError(f"head description has another schema; accepted is {SCHEMA!r}.")
        return _from_data(cls, data, "description")


def _to_data(value: Any) -> Any:
    if isinstance(value, Expression):
        return json.loads(value.to_json())
    if is_dataclass(value):
        return {field.name: _to_data(getattr(value, field.name)) for field in fields(value)}
    return list(value) if isinstance(value, tuple) else value


def _from_data(kind: type[_T], data: Any, where: str) -> _T:
    if not isinstance(data, dict):
        raise ValueError(f"`{where}` is {type(data).__name__}; accepted is a JSON object.")
    hints = get_type_hints(kind)
    if data.keys() != hints.keys():
        wrong = sorted(data.keys() ^ hints.keys())
        raise ValueError(f"`{where}` has unknown or missing fields {wrong}; accepted are exactly {sorted(hints)}.")
    return kind(**{name: _field(hint, data[name], f"{where}.{name}") for name, hint in hints.items()})


def _field(hint: Any, value: Any, where: str) -> Any:
    if hint is Expression:
        return Expression.from_json(json.dumps(value))
    if is_dataclass(hint):
        return _from_data(hint, value, where)  # pyright: ignore[reportArgumentType]
    if get_args(hint) and isinstance(value, list):
        return tuple(_number(item, where) for item in value)
    if hint is float:
        return _number(value, where)
    if hint in (int, str, bool) and type(value) is not hint:
        raise ValueError(f"`{where}` is {value!r}; accepted is {hint.__name__}.")
    return value


def _number(value: Any, where: str) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ValueError(f"`{where}` holds {value!r}; accepted is a number.")
    return float(value)
