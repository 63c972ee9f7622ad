"""`Recognition`: what was read in one picture. Faces, and for each its units with intensity, presence and uncertainty.

Plain frozen values: they hold no network and no picture, and go to JSON and back. Left and right are the subject's own.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from auface.facs import ActionUnit, Expression, Sides
from auface.facs.action_unit import checked_unit
from auface.facs.expression import Side
from auface.facs.intensity import MAXIMUM, checked_intensity
from auface.structure.pose import HeadPose
from auface.structure.topology import LANDMARKS

from .face_choice import FaceChoice, chosen

Floats = NDArray[np.float32]

SCHEMA = "auface.recognition/1"
"""Name and version of the JSON form."""

PRESENT = 1.0
"""A unit is present where its intensity is at least this, FACS A; presence is never anything else."""

Source: TypeAlias = Literal["caller", "mediapipe", "auface"]
"""Where landmarks come from: given by the caller, MediaPipe's Face Landmarker, or the network that AUFace ships."""


@dataclass(frozen=True, slots=True, eq=False)
class Face:
    """A face in a picture.

    Attributes:
        box: x0, y0, x1, y1 in pixels of the picture, round the landmarks; may reach over the picture's edge.
        landmarks: (478, 3) in MediaPipe's order: x, y in pixels of the picture, y down, and depth in the same unit,
            smaller toward the camera, 0 midway between the eyes.
        score: How sure it is that this is a face, 0 to 1.
        pose: How the head is turned.
        source: Where the landmarks come from.
    """

    box: tuple[float, float, float, float]
    landmarks: Floats
    score: float
    pose: HeadPose
    source: Source = "auface"

    def __post_init__(self) -> None:
        if self.landmarks.shape != (LANDMARKS, 3) or not np.isfinite(self.landmarks).all():
            raise ValueError(
                f"`landmarks` has shape {self.landmarks.shape}; accepted are ({LANDMARKS}, 3) finite numbers."
            )
        if not 0 <= self.score <= 1:
            raise ValueError(f"`score` is {self.score!r}; accepted is a number from 0 to 1.")

    @property
    def size(self) -> float:
        """The longer side of the box in pixels."""
        x0, y0, x1, y1 = self.box
        return max(x1 - x0, y1 - y0)

    @property
    def center(self) -> tuple[float, float]:
        """Middle of the box: x, y in pixels."""
        x0, y0, x1, y1 = self.box
        return (x0 + x1) / 2, (y0 + y1) / 2


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitValue:
    """What was read of one unit.

    Attributes:
        left: Intensity on the subject's left, 0 to 5.
        right: The same on the right; equal for units that have no sides.
        left_uncertainty: Expected absolute error of `left`, in the same unit.
        right_uncertainty: The same of `right`.
    """

    left: float
    right: float
    left_uncertainty: float
    right_uncertainty: float

    def __post_init__(self) -> None:
        for name in ("left", "right"):
            checked_intensity(getattr(self, name), f"`{name}`")
        for name in ("left_uncertainty", "right_uncertainty"):
            if not 0 <= getattr(self, name) < float("inf"):
                raise ValueError(f"`{name}` is {getattr(self, name)!r}; accepted is a finite number from 0.")

    @property
    def intensity(self) -> float:
        """The stronger side, 0 to 5."""
        return max(self.left, self.right)

    @property
    def uncertainty(self) -> float:
        """The uncertainty of the stronger side."""
        return self.left_uncertainty if self.left >= self.right else self.right_uncertainty


@dataclass(frozen=True, slots=True)
class Unjudged:
    """A unit that could not be judged.

    Attributes:
        unit: The unit.
        side: Where it could not be judged.
        reason: Why, as a phrase such as "turned away".
    """

    unit: ActionUnit
    side: Side
    reason: str


@dataclass(frozen=True, slots=True)
class UnitReading:
    """The units of one face.

    A unit in `unjudged` may have a value, which is then a guess: `expression` leaves it out, and a verdict does not
    count it. A unit that is in neither was not looked for.

    Attributes:
        values: Unit -> what was read, by number of the unit.
        unjudged: What could not be judged, and why.

    Raises:
        ValueError: A unit without sides has two different intensities.
    """

    values: Mapping[ActionUnit, UnitValue]
    unjudged: tuple[Unjudged, ...] = ()

    def __post_init__(self) -> None:
        ordered = {checked_unit(unit): self.values[unit] for unit in sorted(self.values)}
        for unit, value in ordered.items():
            if unit.sides is Sides.TOGETHER and value.left != value.right:
                raise ValueError(
                    f"`values` has {unit.name} ({unit.label}) at {value.left:g} left and {value.right:g} right; "
                    "accepted is one intensity for both, as it has no sides."
                )
        object.__setattr__(self, "values", ordered)

    @property
    def units(self) -> tuple[ActionUnit, ...]:
        """The units that were looked for and read, by number."""
        return tuple(self.values)

    def left(self, unit: int | ActionUnit) -> float:
        """Return the intensity on the subject's left, 0 to 5.

        Args:
            unit: FACS number.

        Raises:
            ValueError: The unit is not among those that were read.
        """
        return self._value(unit).left

    def right(self, unit: int | ActionUnit) -> float:
        """Return the intensity on the subject's right, 0 to 5.

        Args:
            unit: FACS number.

        Raises:
            ValueError: The unit is not among those that were read.
        """
        return self._value(unit).right

    def intensity(self, unit: int | ActionUnit) -> float:
        """Return the intensity of the stronger side, 0 to 5.

        Args:
            unit: FACS number.

        Raises:
            ValueError: The unit is not among those that were read.
        """
        return self._value(unit).intensity

    def uncertainty(self, unit: int | ActionUnit) -> float:
        """Return the expected absolute error of the stronger side.

        Args:
            unit: FACS number.

        Raises:
            ValueError: The unit is not among those that were read.
        """
        return self._value(unit).uncertainty

    def is_present(self, unit: int | ActionUnit, threshold: float = PRESENT) -> bool:
        """Return whether a unit is present on either side: whether its intensity is at least the threshold.

        Args:
            unit: FACS number.
            threshold: Intensity, above 0 to 5.

        Raises:
            ValueError: The unit is not among those that were read.
        """
        return self._value(unit).intensity >= threshold

    def is_judged(self, unit: int | ActionUnit, side: Side = "both") -> bool:
        """Return whether a unit was read and could be judged.

        Args:
            unit: FACS number.
            side: Where; "both" asks for both.
        """
        wanted = checked_unit(unit)
        return wanted in self.values and not any(
            item.unit is wanted and (side == "both" or item.side in (side, "both")) for item in self.unjudged
        )

    def expression(self, threshold: float = PRESENT) -> Expression:
        """Return the units that are present as an expression; units and sides that cannot be judged are left out.

        Of a unit that only one side can show at once (30, 46) the stronger side is kept.

        Args:
            threshold: Weaker sides are left out; above 0 to 5.

        Raises:
            ValueError: The threshold lies outside.
        """
        if not 0 < threshold <= MAXIMUM:
            raise ValueError(f"`threshold` is {threshold!r}; accepted is an intensity above 0, to 5.")
        found: dict[ActionUnit, tuple[float, float]] = {}
        for unit, value in self.values.items():
            left = value.left if value.left >= threshold and self.is_judged(unit, "left") else 0.0
            right = value.right if value.right >= threshold and self.is_judged(unit, "right") else 0.0
            if unit.sides is Sides.TOGETHER and not (left and right):
                continue
            if unit.sides is Sides.ONE and left and right:
                left, right = (left, 0.0) if left >= right else (0.0, right)
            found[unit] = (left, right)
        return Expression.of(found)

    def _value(self, unit: int | ActionUnit) -> UnitValue:
        wanted = checked_unit(unit)
        if wanted not in self.values:
            read = ", ".join(str(int(one)) for one in self.values)
            raise ValueError(f"`unit` is {wanted.name}, which was not read; accepted are {read}.")
        return self.values[wanted]


@dataclass(frozen=True, slots=True)
class FaceReading:
    """One face with what it shows.

    Attributes:
        face: Where it is.
        units: Its action units.
        emotions: Basic emotion or "neutral" -> probability, as the crop network sees it; they sum to 1. Empty where no
            picture was looked at, for example when only landmarks were given.
    """

    face: Face
    units: UnitReading
    emotions: Mapping[str, float] = field(default_factory=dict[str, float])

    def expression(self, threshold: float = PRESENT) -> Expression:
        """Return the units that are present; see `UnitReading.expression`.

        Args:
            threshold: Weaker sides are left out; above 0 to 5.
        """
        return self.units.expression(threshold)


@dataclass(frozen=True, slots=True)
class Recognition:
    """What was read in one picture.

    Attributes:
        source: Name of the picture, such as its file name; may be empty.
        size: Width and height in pixels, as looked at (after rotation by EXIF).
        faces: The faces, the largest first; empty when there is no face.
    """

    source: str
    size: tuple[int, int]
    faces: tuple[FaceReading, ...]

    def __post_init__(self) -> None:
        ordered = sorted(self.faces, key=lambda reading: -reading.face.size)
        object.__setattr__(self, "faces", tuple(ordered))

    def __str__(self) -> str:
        name = self.source or "picture"
        if not self.faces:
            return f"{name}: no face found"
        return f"{name}: " + "; ".join(reading.expression().notation() for reading in self.faces)

    def face(self, choice: FaceChoice = "largest") -> FaceReading:
        """Return one of the faces.

        Args:
            choice: A number (0 is the largest), "largest", "center", "left", "right" (sides of the picture), or x, y in
                pixels: the face there, or else the nearest.

        Raises:
            NoFaceError: There is no face, or not so many.
            ValueError: Another choice.
        """
        return self.faces[chosen([one.face.box for one in self.faces], self.size, choice, self.source)]

    def to_json(self) -> str:
        """Return the recognition as JSON text with a schema version, which `from_json` reads back."""
        return json.dumps({"schema": SCHEMA, **_recognition_data(self)})

    @classmethod
    def from_json(cls, text: str) -> Recognition:
        """Read the JSON text that `to_json` writes.

        Args:
            text: JSON.

        Raises:
            ValueError: The text is not JSON, or of another schema, or a field is missing or wrong.
        """
        try:
            data: Any = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise ValueError(f"recognition JSON cannot be read: {error}") from None
        schema = data.get("schema") if isinstance(data, dict) else None
        if schema != SCHEMA:
            raise ValueError(f"recognition JSON has schema {schema!r}; accepted is {SCHEMA!r}.")
        try:
            faces = tuple(_reading(face) for face in data["faces"])
            width, height = data["size"]
            return cls(data["source"], (width, height), faces)
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"recognition JSON has a field that is missing or wrong: {error}.") from None


def _recognition_data(recognition: Recognition) -> dict[str, Any]:
    return {
        "source": recognition.source,
        "size": list(recognition.size),
        "faces": [
            {
                "box": [round(value, 2) for value in reading.face.box],
                "score": round(reading.face.score, 4),
                "pose": [round(value, 2) for value in _angles(reading.face.pose)],
                "landmarks_from": reading.face.source,
                "expression": reading.expression().notation(),
                "units": {str(int(unit)): _value_data(value) for unit, value in reading.units.values.items()},
                "unjudged": [[int(item.unit), item.side, item.reason] for item in reading.units.unjudged],
                "emotions": {name: round(value, 4) for name, value in reading.emotions.items()},
                "landmarks": np.round(reading.face.landmarks.astype(np.float64), 2).tolist(),
            }
            for reading in recognition.faces
        ],
    }


def _angles(pose: HeadPose) -> tuple[float, float, float]:
    return pose.yaw, pose.pitch, pose.roll


def _value_data(value: UnitValue) -> dict[str, list[float]]:
    return {
        "intensity": [round(value.left, 3), round(value.right, 3)],
        "uncertainty": [round(value.left_uncertainty, 3), round(value.right_uncertainty, 3)],
    }


def _reading(data: Mapping[str, Any]) -> FaceReading:
    yaw, pitch, roll = data["pose"]
    x0, y0, x1, y1 = data["box"]
    face = Face(
        (x0, y0, x1, y1),
        np.array(data["landmarks"], np.float32),
        data["score"],
        HeadPose(yaw=yaw, pitch=pitch, roll=roll),
        data["landmarks_from"],
    )
    return FaceReading(face, UnitReading(_values(data["units"]), _unjudged(data["unjudged"])), dict(data["emotions"]))


def _values(data: Mapping[str, Any]) -> dict[ActionUnit, UnitValue]:
    found: dict[ActionUnit, UnitValue] = {}
    for name, entry in data.items():
        (left, right), (left_error, right_error) = entry["intensity"], entry["uncertainty"]
        found[checked_unit(int(name))] = UnitValue(
            left=left, right=right, left_uncertainty=left_error, right_uncertainty=right_error
        )
    return found


def _unjudged(rows: Iterable[tuple[int, Side, str]]) -> tuple[Unjudged, ...]:
    return tuple(Unjudged(checked_unit(number), side, reason) for number, side, reason in rows)
