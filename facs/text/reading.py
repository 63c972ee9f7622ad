"""What the reader returns: the expression, what was understood word by word, and what was not."""

from __future__ import annotations

from dataclasses import dataclass

from auface.facs.expression import Activation, Expression


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of text that was understood.

    Attributes:
        start: Index of its first character.
        end: Index after its last character.
        text: The characters.
        activations: The units that it states, or denies.
        negated: Whether it denies them ("lips not parted").
        note: What had to be assumed, or "" ("one eyebrow" is taken as the left one).
    """

    start: int
    end: int
    text: str
    activations: tuple[Activation, ...]
    negated: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class Unread:
    """A piece of text that was not understood.

    Attributes:
        start: Index of its first character.
        end: Index after its last character.
        text: The characters.
    """

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Reading:
    """Result of `read`.

    Attributes:
        expression: The expression that the text asks for.
        spans: What was understood, in order.
        unread: What was not, in order. Words that say nothing about a face ("portrait", "the") are in neither.
    """

    expression: Expression
    spans: tuple[Span, ...]
    unread: tuple[Unread, ...]

    @property
    def negated(self) -> Expression:
        """The units that the text denies, at the intensity that it would have stated."""
        values: dict[int, tuple[float, float]] = {}
        for span in self.spans:
            if span.negated:
                for unit, left, right in span.activations:
                    before = values.get(unit, (0.0, 0.0))
                    values[unit] = (max(left, before[0]), max(right, before[1]))
        return Expression.of(values)  # type: ignore[arg-type]
