"""The items between two breaks of a text, and what the reader has seen of them so far."""

from __future__ import annotations

from .hit import meaning
from .neighbor import bind_degrees
from .scanner import Item


class Segment:
    """The items between two breaks, and what has been seen of them so far."""

    def __init__(self, items: list[Item], joined: bool, waited: int) -> None:
        self.items = items
        self.waited = waited  # how many movements waited for their part before it
        self.joined = joined  # whether it goes on with the phrase before it ("... and ...")
        self.degrees, self.words, self.tail = bind_degrees(items)
        self.side = ""  # a side that waits for its part
        self.named = False  # whether this phrase names the current part
        self.moved = False  # whether that part has its movement
        self.tilted = self.turned = self.looked = False

    @property
    def open(self) -> bool:
        """Whether a part was named that has no movement yet."""
        return self.named and not self.moved

    def concerns(self, index: int, part: str, current: str) -> bool:
        """Whether a part is the current one, or is named later.

        Args:
            index: Where the reader is.
            part: The part in question.
            current: The part that the reader is at.
        """
        if self.named:
            return current == part
        return any(item.roles.get("P", ("",))[0] == part for item in self.items[index + 1 :])

    def has_part_for(self, index: int, movements: tuple[str, ...], current: str) -> bool:
        """Whether a word that may be an idiom is a movement of the part before or after it.

        Args:
            index: Where the reader is.
            movements: What the word may be.
            current: The part that the reader is at.
        """
        if self.open and meaning(current, movements):
            return True
        for item in self.items[index + 1 :]:
            if "P" in item.roles:
                return bool(meaning(item.roles["P"][0], movements))
            if "S" not in item.roles:
                break
        return False
