"""`Expression`: what a face does, as one frozen value. Everything in AUFace that takes a request takes this."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, TypeAlias, TypeVar, cast

from .action_unit import ActionUnit, Sides, checked_unit
from .intensity import MAXIMUM, checked_intensity
from .notation import parse_notation, write_notation

SCHEMA = "auface.expression/1"
"""Name and version of the JSON form."""

Side = Literal["left", "right", "both"]
"""The subject's own left or right, or both."""

_Number = TypeVar("_Number", bound=int)  # a mapping with ActionUnit keys is no mapping with int keys

Value: TypeAlias = "float | tuple[float, float]"
"""An intensity for both sides, or (left, right)."""


class Activation(NamedTuple):
    """One unit of an expression: its intensity on the subject's left and right, 0 to 5 (equal for midline units)."""

    unit: ActionUnit
    left: float
    right: float

    @property
    def intensity(self) -> float:
        """The stronger side, 0 to 5."""
        return max(self.left, self.right)


@dataclass(frozen=True, slots=True)
class Expression:
    """Facial expression: action units with an intensity (0 to 5, FACS A to E) for the left and the right half.

    Expressions compare and hash by value, and hold only units that are present, ordered by number. Intensities are
    kept to four decimals. The empty expression is the neutral face.

    Attributes:
        activations: The units that are present.

    Raises:
        ValueError: A unit is unknown or given twice, an intensity lies outside 0 to 5, or a unit cannot be one-sided.
    """

    activations: tuple[Activation, ...] = ()

    def __post_init__(self) -> None:
        checked = [_checked(*activation) for activation in self.activations]
        units = [activation.unit for activation in checked]
        if len(set(units)) != len(units):
            twice = next(unit for unit in units if units.count(unit) > 1)
            raise ValueError(f"`activations` give {twice.name} twice; give each unit once, with left and right.")
        present = sorted(activation for activation in checked if activation.intensity > 0)
        object.__setattr__(self, "activations", tuple(present))

    @classmethod
    def of(cls, values: Mapping[_Number, Value]) -> Expression:
        """Make an expression from numbers.

        Args:
            values: FACS number -> intensity (0 to 5), or -> (left, right) intensities.

        Raises:
            ValueError: As for the class; also for a bare intensity of a unit that needs a side (30, 36, 46).
        """
        activations: list[Activation] = []
        for key, value in values.items():
            unit = checked_unit(key, "unit")
            if isinstance(value, (tuple, list)):
                if len(value) != 2:
                    raise ValueError(f"{unit.name} has {len(value)} intensities; accepted are one, or (left, right).")
                left, right = value
            else:
                left = right = value
                if unit.sides is Sides.ONE and value:
                    raise ValueError(f"{unit.name} ({unit.label}) needs a side; give (left, right), such as (3, 0).")
            activations.append(Activation(unit, left, right))
        return cls(tuple(activations))

    @classmethod
    def parse(cls, notation: str) -> Expression:
        """Read FACS notation such as `1+2C+L12D+26`; see `auface.facs.notation` for the grammar.

        Args:
            notation: FACS notation; `neutral` is the neutral face.

        Raises:
            NotationError: A `ValueError` that says at which character the text stops being FACS notation, and why.
        """
        return cls(tuple(Activation(unit, *sides) for unit, sides in parse_notation(notation).items()))

    def notation(self) -> str:
        """Return canonical FACS notation, which `parse` reads back to an equal expression."""
        return write_notation(self.activations)

    def describe(self, length: Literal["tag", "sentence", "detailed"] = "sentence") -> str:
        """Return the canonical English description; `auface.facs.describe` has more options.

        Args:
            length: `tag` (prompt tags), `sentence` or `detailed`.
        """
        from auface.facs.text import describe

        return describe(self, length=length)  # pyright: ignore[reportArgumentType] - the link gives it two names

    # Looking into it

    @property
    def units(self) -> tuple[ActionUnit, ...]:
        """The units that are present, by number."""
        return tuple(activation.unit for activation in self.activations)

    @property
    def is_neutral(self) -> bool:
        """Whether no unit is present."""
        return not self.activations

    def left(self, unit: int | ActionUnit) -> float:
        """Return the intensity on the subject's left, 0 to 5.

        Args:
            unit: FACS number.
        """
        return self._sides(unit)[0]

    def right(self, unit: int | ActionUnit) -> float:
        """Return the intensity on the subject's right, 0 to 5.

        Args:
            unit: FACS number.
        """
        return self._sides(unit)[1]

    def intensity(self, unit: int | ActionUnit) -> float:
        """Return the intensity of the stronger side, 0 to 5.

        Args:
            unit: FACS number.
        """
        return max(self._sides(unit))

    def values(self) -> dict[ActionUnit, tuple[float, float]]:
        """Return unit -> (left, right), the form that `of` takes."""
        return {unit: (left, right) for unit, left, right in self.activations}

    def __contains__(self, unit: object) -> bool:
        return any(activation.unit == unit for activation in self.activations)

    def __iter__(self) -> Iterator[Activation]:
        return iter(self.activations)

    def __len__(self) -> int:
        return len(self.activations)

    def __str__(self) -> str:
        return self.notation()

    def __repr__(self) -> str:
        return f"Expression.parse({self.notation()!r})"

    # Making another one

    def scaled(self, factor: float) -> Expression:
        """Return every intensity times `factor`; what would exceed 5 stays at 5, as a face does.

        Args:
            factor: 0 (neutral) or more.

        Raises:
            ValueError: `factor` is negative or not finite.
        """
        if not 0 <= factor < float("inf"):
            raise ValueError(f"`factor` is {factor!r}; accepted is a finite number from 0.")
        return Expression(
            tuple(Activation(u, min(MAXIMUM, lt * factor), min(MAXIMUM, rt * factor)) for u, lt, rt in self)
        )

    def blended(self, other: Expression, weight: float = 0.5) -> Expression:
        """Return the mix (1 - weight) * self + weight * other, unit by unit.

        Args:
            other: The expression at weight 1.
            weight: 0 to 1.

        Raises:
            ValueError: `weight` lies outside 0 to 1.
        """
        if not 0 <= weight <= 1:
            raise ValueError(f"`weight` is {weight!r}; accepted is a number from 0 (this) to 1 (the other).")
        mix = 1.0 - weight

        def mixed(mine: float, theirs: float) -> float:
            return min(MAXIMUM, mix * mine + weight * theirs)  # the sum may be a last digit above 5

        return self._combined(other, mixed)

    def added(self, other: Expression) -> Expression:
        """Return the stronger of both, unit by unit and side by side.

        Args:
            other: What the face is to do as well.
        """
        return self._combined(other, max)

    def removed(self, units: Iterable[int | ActionUnit] | Expression) -> Expression:
        """Return the expression without some units.

        Args:
            units: FACS numbers, or an expression whose units are meant.
        """
        names = units.units if isinstance(units, Expression) else {checked_unit(unit) for unit in units}
        return Expression(tuple(activation for activation in self if activation.unit not in names))

    def replaced(self, unit: int | ActionUnit, intensity: float, side: Side = "both") -> Expression:
        """Return the expression with one unit set on one or both sides.

        Args:
            unit: FACS number.
            intensity: 0 (removes it) to 5.
            side: The subject's own side. A unit that needs a side (30, 36, 46) refuses "both".

        Raises:
            ValueError: The side does not exist for the unit, or the intensity lies outside 0 to 5.
        """
        unit = checked_unit(unit)
        if side not in ("left", "right", "both"):
            raise ValueError(f"`side` is {side!r}; accepted are 'left', 'right' and 'both'.")
        if side == "both" and unit.sides is Sides.ONE and intensity:
            raise ValueError(f"`side` is 'both', but {unit.name} ({unit.label}) needs 'left' or 'right'.")
        if side != "both" and unit.sides is Sides.TOGETHER:
            raise ValueError(f"`side` is {side!r}, but {unit.name} ({unit.label}) has no sides; accepted is 'both'.")
        left, right = self._sides(unit)
        values = self.values()
        values[unit] = (left if side == "right" else intensity, right if side == "left" else intensity)
        return Expression(tuple(Activation(key, *sides) for key, sides in values.items()))

    def mirrored(self) -> Expression:
        """Return the mirror image: left and right change places, also in head turns and gaze."""
        return Expression(tuple(Activation(unit.mirrored, right, left) for unit, left, right in self))

    def distance(self, other: Expression) -> float:
        """Return the Euclidean distance of the intensities, where left and right count half each.

        A unit that differs by one letter on both sides is at distance 1, on one side at distance 0.71.

        Args:
            other: The expression to compare with.
        """
        mine, theirs = self.values(), other.values()
        total = 0.0
        for unit in mine.keys() | theirs.keys():
            (left, right), (other_left, other_right) = mine.get(unit, (0.0, 0.0)), theirs.get(unit, (0.0, 0.0))
            total += ((left - other_left) ** 2 + (right - other_right) ** 2) / 2
        return total**0.5

    # Files

    def to_json(self) -> str:
        """Return the expression as JSON text with a schema version, which `from_json` reads back."""
        units: dict[str, Any] = {}
        for unit, left, right in self:
            units[str(unit.value)] = left if left == right else {"left": left, "right": right}
        return json.dumps({"schema": SCHEMA, "units": units})

    @classmethod
    def from_json(cls, text: str) -> Expression:
        """Read the JSON text that `to_json` writes.

        Args:
            text: JSON object with `schema` and `units`: FACS number -> intensity, or -> {"left": .., "right": ..}.

        Raises:
            ValueError: The text is not JSON, the schema is another one, or a field, unit or intensity is wrong.
        """
        try:
            data: Any = json.loads(text, object_pairs_hook=_json_object)
        except (ValueError, TypeError, RecursionError) as error:
            raise ValueError(f"expression JSON cannot be read: {error}") from None
        fields = _json_fields(data, "expression JSON")
        if fields.get("schema") != SCHEMA:
            raise ValueError(f"expression JSON has schema {fields.get('schema')!r}; accepted is {SCHEMA!r}.")
        if fields.keys() != {"schema", "units"}:
            raise ValueError(f"expression JSON has fields {sorted(fields)}; accepted are 'schema' and 'units'.")
        units = _json_fields(fields["units"], "`units`")
        return cls.of({_json_unit(key): _json_value(key, value) for key, value in units.items()})

    def _sides(self, unit: int | ActionUnit) -> tuple[float, float]:
        wanted = checked_unit(unit)
        for activation in self.activations:
            if activation.unit is wanted:
                return activation.left, activation.right
        return 0.0, 0.0

    def _combined(self, other: Expression, combine: Callable[[float, float], float]) -> Expression:
        mine, theirs = self.values(), other.values()
        activations: list[Activation] = []
        for unit in mine.keys() | theirs.keys():
            (left, right), (other_left, other_right) = mine.get(unit, (0.0, 0.0)), theirs.get(unit, (0.0, 0.0))
            activations.append(Activation(unit, combine(left, other_left), combine(right, other_right)))
        return Expression(tuple(activations))


NEUTRAL = Expression()
"""The neutral face."""


def _checked(unit: object, left: object, right: object) -> Activation:
    known = checked_unit(unit)
    checked = Activation(
        known, checked_intensity(left, f"{known.name} (left)"), checked_intensity(right, f"{known.name} (right)")
    )
    if known.sides is Sides.TOGETHER and checked.left != checked.right:
        raise ValueError(
            f"{known.name} ({known.label}) has no sides, but left is {checked.left:g} and right is {checked.right:g}; "
            "accepted is one intensity for both."
        )
    return checked


def _json_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Refuse a name given twice, of which `json` would silently keep the last."""
    if len({key for key, _ in pairs}) != len(pairs):
        raise ValueError(f"a name is given twice among {sorted(key for key, _ in pairs)}")
    return dict(pairs)


def _json_unit(key: str) -> int:
    if not (key.isascii() and key.isdigit() and key[0] != "0" and len(key) <= 3):
        raise ValueError(f"unit is {key!r}; accepted are FACS numbers, such as '12'.")
    return int(key)


def _json_fields(value: Any, what: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ValueError(f"{what} is {type(value).__name__}; accepted is an object with names.")
    return cast("dict[str, Any]", value)


def _json_value(key: str, value: Any) -> Value:
    if isinstance(value, (int, float)):
        return value
    sides = _json_fields(value, f"AU{key}")
    if sides.keys() != {"left", "right"}:
        raise ValueError(f"AU{key} has fields {sorted(sides)}; accepted are 'left' and 'right'.")
    return (sides["left"], sides["right"])
