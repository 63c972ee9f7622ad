"""Conflicts between action units: finding them, explaining them, and resolving them to what a face can do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from .action_unit import ActionUnit, Sides
from .conflict_table import RULES, ConflictKind, Rule
from .expression import Activation, Expression, Side
from .intensity import letter

Policy = Literal["natural", "strict", "keep"]
"""What to do with conflicts: resolve them as a face would, refuse them, or leave them as they are."""

_Atom = tuple[int, str]  # unit, and "L", "R", or "C", which acts on both sides
_Atoms = dict[_Atom, float]  # -> intensity
_Meeting = tuple[_Atom, _Atom, Side]


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two units of an expression that do not go together freely.

    Attributes:
        first: One unit.
        second: The other; the same unit where its two sides exclude each other.
        side: On which side of the face they meet.
        kind: Why they do not go together.
        possible: Whether a face can hold both as strongly as asked.
        explanation: One sentence that says why, and what the natural face does.
    """

    first: ActionUnit
    second: ActionUnit
    side: Side
    kind: ConflictKind
    possible: bool
    explanation: str


class ConflictError(ValueError):
    """An expression that no face can hold, where that was required.

    Attributes:
        conflicts: The impossible pairs.
    """

    def __init__(self, conflicts: tuple[Conflict, ...]) -> None:
        super().__init__(" ".join(conflict.explanation for conflict in conflicts))
        self.conflicts = conflicts


def find_conflicts(expression: Expression) -> tuple[Conflict, ...]:
    """Return the pairs of units that do not go together freely, in the order of the conflict table.

    Left and right units never conflict with each other, except where one unit can only act on one side at a time.
    Pairs that a face can hold (`possible`) are listed too, because one of them may hide or shape the other.

    Args:
        expression: The expression to look at.
    """
    atoms = _atoms(expression)
    resolved = _atoms(resolve(expression))
    conflicts: list[Conflict] = []
    for rule in RULES:
        meetings = _meetings(rule, atoms)
        sides = {side for _, _, side in meetings}
        levels = {(atoms[first], atoms[second]) for first, second, _ in meetings}
        if sides == {"left", "right"} and len(levels) == 1 and rule.first != rule.second:
            meetings = _on_both_sides(meetings[0])
        for first, second, side in meetings:
            conflicts.append(_conflict(rule, first, second, side, atoms, resolved))
    return tuple(conflicts)


def resolve(expression: Expression, policy: Policy = "natural") -> Expression:
    """Return what a face can do of what was asked.

    `natural`: of units that exclude each other the strongest stays; opposing pulls whose intensities sum to more than
    the pair's limit are weakened until they meet it, the weaker one more. With intensities a, b and limit s, and the
    excess e = a + b - s, they become a - e b / (a + b) and b - e a / (a + b). Resolving twice changes nothing more, no
    intensity ever rises, mirroring before or after is the same, and an expression without impossible pairs stays as
    it is.

    Args:
        expression: The expression asked for.
        policy: `natural`; `strict` raises where `natural` would change something; `keep` returns it as asked.

    Raises:
        ConflictError: A `ValueError`; policy `strict` and a pair that no face can hold.
        ValueError: Unknown policy.
    """
    if policy not in ("natural", "strict", "keep"):
        raise ValueError(f"`policy` is {policy!r}; accepted are 'natural', 'strict' and 'keep'.")
    if policy == "keep":
        return expression
    units = {int(activation.unit) for activation in expression.activations}
    if all(_RIVALS[unit].isdisjoint(units) for unit in units if unit in _RIVALS):
        return expression  # the common case, and the fast one
    atoms = _atoms(expression)
    natural = _weaken(_exclude(atoms))
    if natural == atoms:
        return expression
    if policy == "strict":
        raise ConflictError(tuple(conflict for conflict in find_conflicts(expression) if not conflict.possible))
    return _expression(natural)


_SIDES: dict[str, Side] = {"L": "left", "R": "right", "C": "both"}
_EXCLUSIVE: dict[int, set[int]] = {}  # unit -> units that cannot stay beside it
_RANK: dict[tuple[int, int], int] = {}  # exclusive pair -> the one that stays when both are equally strong
_ANTAGONISTS: list[Rule] = []
for _rule in RULES:
    if _rule.kind in (ConflictKind.EXCLUSIVE, ConflictKind.DEGREES):
        _EXCLUSIVE.setdefault(_rule.first, set()).add(_rule.second)
        _EXCLUSIVE.setdefault(_rule.second, set()).add(_rule.first)
        _RANK[min(_rule.first, _rule.second), max(_rule.first, _rule.second)] = _rule.first
    elif _rule.kind is ConflictKind.ANTAGONISTS:
        _ANTAGONISTS.append(_rule)


_RIVALS = {unit: set(others) for unit, others in _EXCLUSIVE.items()}  # unit -> units that may change beside it
for _rule in _ANTAGONISTS:
    _RIVALS.setdefault(_rule.first, set()).add(_rule.second)
    _RIVALS.setdefault(_rule.second, set()).add(_rule.first)


def _atoms(expression: Expression) -> _Atoms:
    atoms: _Atoms = {}
    for unit, left, right in expression.activations:
        if unit.sides is Sides.TOGETHER:
            atoms[int(unit), "C"] = left
            continue
        if left:
            atoms[int(unit), "L"] = left
        if right:
            atoms[int(unit), "R"] = right
    return atoms


def _expression(atoms: _Atoms) -> Expression:
    values: dict[int, tuple[float, float]] = {}
    for (unit, side), value in atoms.items():
        left, right = values.get(unit, (0.0, 0.0))
        values[unit] = (left if side == "R" else value, right if side == "L" else value)
    return Expression(tuple(Activation(ActionUnit(unit), *sides) for unit, sides in values.items()))


def _meet(first: _Atom, second: _Atom) -> bool:
    """Whether two atoms exclude each other: on the same side, or being the two sides of a unit that has only one."""
    if second[0] not in _EXCLUSIVE.get(first[0], ()):
        return False
    if first[0] == second[0]:
        return first[1] != second[1]
    return first[1] == second[1] or "C" in (first[1], second[1])


def _exclude(atoms: _Atoms) -> _Atoms:
    """Keep the stronger of every excluding pair: an atom stays if nothing that stays excludes it."""
    rivals = {
        atom: [other for other in atoms if other != atom and _meet(atom, other)]
        for atom in atoms
        if atom[0] in _EXCLUSIVE
    }
    if not any(rivals.values()):
        return atoms
    rivals = {atom: rivals.get(atom, []) for atom in atoms}
    kept: _Atoms = {}
    undecided = dict(atoms)
    while undecided:
        # An atom stays once it wins against each undecided rival. Equal left and right have no winner: both go.
        winners = [
            atom
            for atom in undecided
            if all(_stays(atom, other, atoms) for other in rivals[atom] if other in undecided)
        ]
        if not winners:
            top = max(undecided.values())
            for atom in [atom for atom, value in undecided.items() if value == top]:
                del undecided[atom]
            continue
        for atom in winners:
            kept[atom] = undecided.pop(atom)
        for atom in winners:
            for other in rivals[atom]:
                undecided.pop(other, None)
    return {atom: value for atom, value in atoms.items() if atom in kept}


def _stays(atom: _Atom, other: _Atom, atoms: _Atoms) -> bool:
    if atoms[atom] != atoms[other]:
        return atoms[atom] > atoms[other]
    if atom[0] == other[0] or ActionUnit(atom[0]).mirrored == other[0]:
        return False  # left against right, equally strong: neither wins
    return _RANK[min(atom[0], other[0]), max(atom[0], other[0])] == atom[0]


def _weaken(atoms: _Atoms) -> _Atoms:
    """Lower antagonists until each pair meets its limit.

    Lowering one pair never breaks the limit of another, so one pass in table order is enough. Both sides of a pair
    are judged on the same values, so that mirroring commutes.
    """
    atoms = dict(atoms)
    units = {unit for unit, _ in atoms}
    for rule in _ANTAGONISTS:
        if rule.first not in units or rule.second not in units:
            continue
        lowered: list[tuple[_Atom, float]] = []
        for first, second, _ in _meetings(rule, atoms):
            one, two = atoms[first], atoms[second]
            excess = one + two - rule.limit
            if excess > 1e-3:  # less is only the rounding of intensities
                lowered.append((first, one - excess * two / (one + two)))
                lowered.append((second, two - excess * one / (one + two)))
        for atom, value in lowered:
            # Rounded down, so that the rounded pair meets the limit as well.
            atoms[atom] = min(atoms[atom], int(value * 1e4) / 1e4)
    return atoms


def _meetings(rule: Rule, atoms: _Atoms) -> list[_Meeting]:
    """Return the pairs of atoms that a rule is about, and the side on which they meet."""
    if rule.first == rule.second:
        left, right = (rule.first, "L"), (rule.first, "R")
        return [(left, right, "both")] if left in atoms and right in atoms else []
    meetings: list[_Meeting] = []
    for one in ("L", "R", "C"):
        first = (rule.first, one)
        if first not in atoms:
            continue
        for two in ("L", "R", "C") if one == "C" else (one, "C"):
            second = (rule.second, two)
            if second in atoms:
                meetings.append((first, second, _SIDES[one if one != "C" else two]))
    return meetings


def _on_both_sides(meeting: _Meeting) -> list[_Meeting]:
    return [(meeting[0], meeting[1], "both")]


def _conflict(rule: Rule, first: _Atom, second: _Atom, side: Side, asked: _Atoms, natural: _Atoms) -> Conflict:
    one, two = ActionUnit(first[0]), ActionUnit(second[0])
    if rule.kind is ConflictKind.ANTAGONISTS:
        possible = asked[first] + asked[second] - rule.limit <= 1e-3
    else:
        possible = rule.kind is ConflictKind.HIDES
    where = "" if side == "both" else f" on the {side}"
    names = f"{_name(first, asked)} and {_name(second, asked)}{where}"
    if rule.kind is ConflictKind.HIDES:
        text = f"{names} can be held together, but one hides the other: {rule.because}."
    elif possible:
        text = f"{names} pull against each other, and a face can hold both: {rule.because}."
    else:
        verb = (
            "cannot be held this strongly together"
            if rule.kind is ConflictKind.ANTAGONISTS
            else "cannot be held together"
        )
        text = f"{names} {verb}: {rule.because}. {_outcome(first, second, natural)}"
    return Conflict(one, two, side, rule.kind, possible, text)


def _name(atom: _Atom, atoms: _Atoms) -> str:
    unit = ActionUnit(atom[0])
    return f"{unit.name} ({unit.label.lower()}, {letter(atoms[atom])})"


def _outcome(first: _Atom, second: _Atom, natural: _Atoms) -> str:
    stays = [
        f"AU{atom[0]}{'' if atom[1] == 'C' or first[0] != second[0] else f' ({atom[1]})'} at {natural[atom]:.3g}"
        for atom in (first, second)
        if atom in natural
    ]
    return f"A natural face keeps {' and '.join(stays)}." if stays else "A natural face keeps neither."
