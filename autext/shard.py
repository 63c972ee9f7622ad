"""`Shard`: a part of the work, so that several machines can make one data set."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Shard:
    """One of `count` parts; row i belongs to part i modulo `count`, plus one.

    Attributes:
        number: From 1 to `count`.
        count: Number of parts, at least 1.

    Raises:
        ValueError: The number does not lie within 1 to the count.
    """

    number: int = 1
    count: int = 1

    def __post_init__(self) -> None:
        if not 1 <= self.number <= self.count:
            raise ValueError(f"`shard` is {self.number}/{self.count}; accepted is i/n with i from 1 to n, such as 1/4.")

    @classmethod
    def parse(cls, text: str) -> Shard:
        """Read a shard such as "2/8".

        Args:
            text: Number, slash, count.

        Raises:
            ValueError: The text has another form, or the number does not lie within 1 to the count.
        """
        match = re.fullmatch(r"([0-9]{1,6})/([0-9]{1,6})", text.strip())
        if match is None:
            raise ValueError(f"`shard` is {text!r}; accepted is i/n with i from 1 to n, such as 1/4.")
        return cls(int(match[1]), int(match[2]))

    def __contains__(self, index: int) -> bool:
        return index % self.count == self.number - 1
